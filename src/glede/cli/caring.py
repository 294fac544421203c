"""`glede rebuild`, `disable`, `enable`, `export` and `import`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glede.cli.app import Shared, run, shared
from glede.cli.counting import counted

if TYPE_CHECKING:
    from glede.care.exporting import Exported
    from glede.care.rebuilding import Rebuilt
    from glede.types import Document


@click.command()
@click.option("--embed", is_flag=True, help="Embed with the model of the settings what another has embedded.")
@shared
def rebuild(options: Shared, embed: bool) -> None:
    """Make the index again from catalogue and blobs, and what is damaged in them from what is whole.

    No model is asked and nothing is parsed but for what is damaged. With --embed nothing is made again but
    vectors, beside the old ones, which are removed when all is there. It may be stopped: the same command
    goes on. What cannot be made again is named, with exit code 1.
    """
    from glede.cli.writing import write_json

    rebuilt = run(_rebuild(options, embed))
    if options.as_json:
        write_json(
            {
                "documents": rebuilt.documents,
                "rows": rebuilt.rows,
                "made": list(rebuilt.made),
                "lost": [
                    {"name": one.place, "code": one.code, "detail": one.detail, "hint": one.hint}
                    for one in rebuilt.lost
                ],
            }
        )
    else:
        for made in rebuilt.made:
            click.echo(f"made again: {made}")
        for one in rebuilt.lost:
            click.echo(f"BAD  {one.place}: {one.detail}\n     hint: {one.hint}")
        click.echo(f"{counted(rebuilt.documents, 'document')}, {counted(rebuilt.rows, 'row')} written")
    if rebuilt.lost:
        click.get_current_context().exit(1)


async def _rebuild(options: Shared, embed: bool) -> Rebuilt:
    from glede.engine import Engine
    from glede.errors import DamagedError

    settings = options.resolved().settings
    if embed:
        with suppress(DamagedError):  # then there is nothing beside which it could be made
            async with Engine.open(settings) as engine:
                return await engine.care.embed_again()
    async with Engine.open(settings, afresh=True) as engine:
        return await engine.care.rebuild(embed=embed)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@shared
def export(options: Shared, file: Path) -> None:
    """Write a collection into one file: documents, parses, pictures, vectors and graph.

    `glede import FILE` takes it in elsewhere and parses and embeds nothing. Disabled documents stay.
    """
    from glede.cli.writing import write_json
    from glede.engine import Engine

    async def write() -> Exported:
        async with Engine.open(options.resolved().settings) as engine:
            return await engine.care.export(file)

    made = run(write())
    if options.as_json:
        write_json(
            {"file": str(made.file), "documents": made.documents, "chunks": made.chunks, "size": made.size}
        )
    elif not options.quiet:
        click.echo(
            f"{made.file}: {counted(made.documents, 'document')}, {counted(made.chunks, 'chunk')}, "
            f"{counted(made.size, 'byte')}"
        )


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@shared
def take_in(options: Shared, file: Path) -> None:
    """Take a collection in from a file of `glede export`; nothing is parsed or embedded.

    It is called as it was, or as --collection says. What is there already stays as it is.
    """
    from glede.cli.adding import end
    from glede.engine import Engine
    from glede.results import Report

    async def read() -> Report:
        async with Engine.open(options.resolved().settings) as engine:
            return Report(await engine.care.take_in(file, options.collection))

    end(options, run(read()))


@click.command()
@click.argument("documents", nargs=-1, required=True, metavar="DOC ...")
@shared
def disable(options: Shared, documents: tuple[str, ...]) -> None:
    """Take documents, named by id, path, or the end of a path, out of every answer; nothing is forgotten.

    `glede docs` shows them as disabled, and `glede enable` lets them be found again.
    """
    from glede.cli.opening import opened

    async def aside() -> list[Document]:
        async with opened(options.resolved().settings) as engine:
            return await engine.care.disable(*documents)

    _tell(options, run(aside()), "disabled")


@click.command()
@click.argument("documents", nargs=-1, required=True, metavar="DOC ...")
@shared
def enable(options: Shared, documents: tuple[str, ...]) -> None:
    """Let disabled documents be found again, at once: nothing is read or embedded again."""
    from glede.cli.opening import opened

    async def back() -> list[Document]:
        async with opened(options.resolved().settings) as engine:
            return await engine.care.enable(*documents)

    _tell(options, run(back()), "searchable")


def _tell(options: Shared, documents: list[Document], status: str) -> None:
    from glede.cli.writing import write_json
    from glede.shapes import results as shapes

    if options.as_json:
        write_json({"documents": [shapes.document(one, status) for one in documents]})
    elif not options.quiet:
        for one in documents:
            click.echo(f"{status} {one.source} ({counted(one.chunks, 'chunk')})")
