"""`glede mcp`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from glede.cli.app import Shared, run, shared
from glede.errors import UsageError
from glede.mcp import missing

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.option("--allow-write", is_flag=True, help="Offer tools that add and remove documents.")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="With --allow-write: only files under DIR may be added. Default: this folder.",
)
@click.option("--http", is_flag=True, help="Serve over streamable HTTP instead of standard input and output.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --http: the address to listen on.")
@click.option("--port", default=8788, show_default=True, help="With --http: the port.")
@shared
def mcp(options: Shared, allow_write: bool, root: Path | None, http: bool, host: str, port: int) -> None:
    """Offer search, open, ask, list and status to assistants, by the Model Context Protocol.

    The data folder is held only while there is something to do: other commands can be used meanwhile.
    """
    if http and host not in LOOPBACK:
        raise UsageError(
            f"--host {host} would let anybody in who reaches this machine",
            hint="`glede serve` asks for keys, and serves assistants under /mcp.",
        )
    settings = options.resolved().settings
    try:
        from glede.mcp.serving import serve  # the protocol's packages load with it
    except ModuleNotFoundError as error:
        raise missing() from error
    with suppress(KeyboardInterrupt):
        run(serve(settings, writes=allow_write, root=root, address=(host, port) if http else None))
