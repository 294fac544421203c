"""Serves the tools: over standard input and output, or over streamable HTTP on loopback."""

from __future__ import annotations

from pathlib import Path

from glede.engine import Engine
from glede.mcp.holding import Held
from glede.mcp.tools import server
from glede.settings import Settings


async def serve(
    settings: Settings,
    *,
    writes: bool = False,
    root: Path | None = None,
    address: tuple[str, int] | None = None,
) -> None:
    """Serve one data folder until the assistant leaves, or for good at an `address` of host and port.

    Host and Origin are held to loopback by the protocol's own guard, so that no web page reaches it.
    """
    held = Held(lambda: Engine.open(settings))
    tools = server(held.engine, writes=writes, root=root)
    try:
        if address is None:
            await tools.run_stdio_async()
        else:
            host, port = address
            await tools.run_streamable_http_async(host=host, port=port, stateless_http=True)
    finally:
        await held.close()
