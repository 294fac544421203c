"""What a client of the Model Context Protocol says, and is told."""

from __future__ import annotations

from typing import Any

from mcp import Client

OPENING = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
"""The first call of a session, for those who speak plain HTTP."""


async def told(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    """What a tool answers."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return dict(result.structured_content)


async def refusal(client: Client, tool: str, **arguments: object) -> str:
    """Why a tool refuses."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result
    return "".join(getattr(part, "text", "") for part in result.content)
