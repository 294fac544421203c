"""`glede history` and `glede purge`."""

from __future__ import annotations

import asyncio

import click

from glede.cli.app import Shared, run, shared
from glede.cli.counting import counted


@click.command()
@click.argument("source", metavar="SOURCE")
@shared
def history(options: Shared, source: str) -> None:
    """List what a source was, named by its path or the end of it, and since when: the oldest version first.

    With GLEDE_HISTORY=true what is replaced or removed is kept, and `glede ask --as-of DATE` reads it.
    """
    from glede.cli.writing import write_json
    from glede.doors.library import Library
    from glede.shapes import results as shapes

    with Library.look(options.resolved().settings) as library:
        found = asyncio.run(library.past.versions(source))
    if options.as_json:
        write_json({"versions": [shapes.version(one) for one in found]})
        return
    for one in found:
        click.echo(f"{one.since} to {one.until or 'now':20} {one.document_id[:8]} {one.source}")


@click.command()
@click.option(
    "--before", required=True, metavar="DATE", help="Versions that had ended by the beginning of it."
)
@shared
def purge(options: Shared, before: str) -> None:
    """Forget versions that ended before a date, in every store; what is live stays.

    `glede rm --all-versions` forgets all of one source.
    """
    from glede.cli.opening import opened
    from glede.cli.writing import write_json

    async def forget() -> int:
        async with opened(options.resolved().settings) as engine:
            return await engine.past.purge(before)

    forgotten = run(forget())
    if options.as_json:
        write_json({"documents": forgotten})
    elif not options.quiet:
        click.echo(f"forgot {counted(forgotten, 'document')}")
