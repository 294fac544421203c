"""The door for other programs and machines: HTTP."""
