"""The door for assistants: tools by the Model Context Protocol (modelcontextprotocol.io)."""
