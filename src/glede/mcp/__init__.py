"""The door for assistants: tools by the Model Context Protocol (modelcontextprotocol.io)."""

from __future__ import annotations

from glede.errors import ConfigurationError


def missing() -> ConfigurationError:
    """What is told where the package of the protocol is not there."""
    return ConfigurationError(
        "assistants are served by the package `mcp`, which is not installed",
        hint="pip install 'glede[mcp]'",
    )
