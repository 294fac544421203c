"""`glede serve` and `glede keys`."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import click

from glede.cli.app import Shared, run, shared

if TYPE_CHECKING:
    from glede.server.keys import Key
    from glede.server.logs import LogFormat
    from glede.shapes.results import Json


@click.command()
@click.option("--host", metavar="ADDRESS", help="Where to listen; 127.0.0.1 by default.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="8787 by default; 0 is any.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Log each call, as text or JSON lines; -v logs as well, -vv all there is.",
)
@shared
def serve(options: Shared, host: str | None, port: int | None, log_format: LogFormat | None) -> None:
    """Serve the data folder over HTTP: our own API, OpenAI's and Ollama's (docs/server.md).

    Only this machine is served, unless an --host is given; others need a key then (`glede keys`).
    """
    from glede.processes import share_heap
    from glede.server.logs import write_logs
    from glede.server.running import serve as serving

    share_heap()
    resolved = options.resolved(server_host=host, server_port=port)
    write_logs(resolved.settings, _level(told=log_format is not None), log_format or "text")

    def ready(address: str) -> None:
        if not options.quiet:
            click.echo(f"Glede answers on {address} (Ctrl-C ends it)", err=True)

    run(serving(resolved, ready))


def _level(*, told: bool) -> int:
    """What of the log is written: errors, calls too, or all."""
    loudness = sum(one.count("v") if one[1] != "-" else 1 for one in sys.argv if one in _LOUDER)
    if loudness > 1:
        return logging.DEBUG
    return logging.INFO if loudness or told else logging.ERROR


_LOUDER = ("-v", "-vv", "--verbose")


@click.group()
def keys() -> None:
    """Make, list and revoke the keys of the server.

    \b
    glede keys create alice --scope read:papers --scope write:notes
    glede keys list
    glede keys revoke alice
    """


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    metavar="LEVEL:COLLECTION",
    help="read, write or admin, of a collection or of all (*); may be repeated.",
)
@shared
def create(options: Shared, name: str, scopes: tuple[str, ...]) -> None:
    """Make a key. It is shown once, and kept as a hash only.

    From the first key on, nobody is let in without one, on this machine neither.
    """
    from glede.cli.writing import write_json
    from glede.server.keys import Keys, scope_of

    home = options.resolved().settings.home
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    key, secret = Keys(home).create(name, [scope_of(one) for one in scopes])
    if options.as_json:
        write_json({"key": _shape(key), "secret": secret})
    else:
        click.echo(secret)
        click.echo(f"{key.id} {name}: {' '.join(map(str, key.scopes))}. Shown once: keep it now.", err=True)


@keys.command(name="list")
@shared
def listed(options: Shared) -> None:
    """List the keys, the revoked ones too."""
    from glede.cli.writing import write_json
    from glede.server.keys import Keys

    found = Keys(options.resolved().settings.home).all()
    if options.as_json:
        write_json({"keys": [_shape(key) for key in found]})
    for key in () if options.as_json else found:
        state = "good" if key.revoked is None else "revoked"
        click.echo(f"{key.id}  {state}  {key.name!a}  {' '.join(map(str, key.scopes))}")


@keys.command()
@click.argument("name", metavar="ID|NAME")
@shared
def revoke(options: Shared, name: str) -> None:
    """Let a key open nothing from now on, named by its id or name; a running server heeds it at once."""
    from glede.cli.writing import write_json
    from glede.server.keys import Keys

    key = Keys(options.resolved().settings.home).revoke(name)
    if options.as_json:
        write_json({"key": _shape(key)})
    elif not options.quiet:
        click.echo(f"revoked {key.id} {key.name!a}")


def _shape(key: Key) -> Json:
    from glede.shapes.jobs import time

    return {
        "id": key.id,
        "name": key.name,
        "scopes": [str(scope) for scope in key.scopes],
        "created": time(key.created),
        "revoked": None if key.revoked is None else time(key.revoked),
    }
