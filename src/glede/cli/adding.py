"""`glede add` and `glede rm`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glede.cli.app import Shared, run, shared
from glede.cli.counting import counted
from glede.cli.limits import limited
from glede.cli.progress import progress, watched
from glede.errors import UsageError
from glede.results import Report
from glede.sources.items import Content
from glede.types import Document, MetadataValue

if TYPE_CHECKING:
    from glede.adding.enriching import Wait


METADATA = click.option(
    "--metadata", multiple=True, metavar="KEY=VALUE", help="Kept with the documents; search filters by it."
)
PARSER = click.option(
    "--parser", metavar="NAME", help="Use this parser instead of the one that fits the content."
)


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="PATH|ADDRESS|- ...")
@METADATA
@PARSER
@click.option("--password", metavar="TEXT", help="Opens encrypted documents. Prompted for when given as '-'.")
@click.option(
    "--name", default="stdin", show_default=True, metavar="NAME", help="Names what comes from standard input."
)
@click.option(
    "--lines", is_flag=True, help="Standard input is JSON lines, each a document: source, text, metadata."
)
@click.option("--dry-run", is_flag=True, help="Read and count, change nothing.")
@click.option(
    "--wait",
    type=click.Choice(["searchable", "enriched"]),
    default="enriched",
    show_default=True,
    help="What to wait for: that documents are found, or also that a model has read them for the graph.",
)
@limited
@watched
@shared
def add(
    options: Shared,
    sources: tuple[str, ...],
    metadata: tuple[str, ...],
    parser: str | None,
    password: str | None,
    name: str,
    lines: bool,
    dry_run: bool,
    wait: Wait,
) -> None:
    """Add files, folders, addresses (https://...), or standard input (-).

    Types are found by content; `glede doctor` lists those that can be read. What is there already is skipped;
    a changed file replaces its old version.
    """
    if password == "-":  # noqa: S105 - the request to be asked
        password = click.prompt("Password", hide_input=True, err=True)
    pairs = key_values(metadata, "--metadata")
    if lines:
        from glede.cli import streaming

        if sources != ("-",) or dry_run or password is not None:
            raise UsageError("--lines goes with `-` alone, and without --dry-run and --password")
        streaming.add_lines(options, pairs, parser, wait)
        return
    end(options, run(_add(options, sources, pairs, parser, password, name, dry_run, wait)))


def end(options: Shared, report: Report) -> None:
    """Tell what became of each document, and end with the exit code that says whether all went well."""
    if options.as_json:
        from glede.cli.writing import write_json
        from glede.shapes import results as shapes

        write_json(shapes.report(report))
    else:
        from glede.cli.pages import print_report

        print_report(report, quiet=options.quiet)
    if report.stopped is not None:
        click.get_current_context().exit(report.stopped.exit_code)
    if report.failed:
        click.get_current_context().exit(1)


async def _add(
    options: Shared,
    sources: tuple[str, ...],
    metadata: dict[str, MetadataValue],
    parser: str | None,
    password: str | None,
    name: str,
    dry_run: bool,
    wait: Wait,
) -> Report:
    from glede.cli.opening import opened

    things = [_thing(source, name) for source in sources]
    with ExitStack() as stack:
        async with opened(options.resolved().settings) as engine:
            shown = None if options.quiet else progress()
            if shown is not None:
                stack.enter_context(shown)
            return await engine.add(
                *things,
                metadata=metadata,
                parser=parser,
                password=password,
                dry_run=dry_run,
                wait=wait,
                progress=shown,
            )


def _thing(source: str, name: str) -> str | Path | Content:
    if source != "-":
        return Path(source) if "://" not in source else source
    return Content(sys.stdin.buffer.read(), name)


def key_values(pairs: tuple[str, ...], option: str) -> dict[str, MetadataValue]:
    """`("k=v", ...)` as a mapping."""
    found: dict[str, MetadataValue] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise UsageError(f"{option} {pair!r} is not of the form KEY=VALUE")
        found[key] = value
    return found


@click.command()
@click.argument("documents", nargs=-1, required=True, metavar="DOC ...")
@click.option("--all-versions", is_flag=True, help="Also all that their sources ever were.")
@shared
def rm(options: Shared, documents: tuple[str, ...], all_versions: bool) -> None:
    """Remove documents, named by id, path, or the end of a path, from every store and every answer.

    Where a history is kept, they stay in answers as of a date, until --all-versions or `glede purge`.
    """
    from glede.cli.opening import opened
    from glede.cli.writing import write_json
    from glede.shapes import results as shapes

    async def remove() -> list[Document]:
        async with opened(options.resolved().settings) as engine:
            return await engine.delete(*documents, all_versions=all_versions)

    removed = run(remove())
    if options.as_json:
        write_json({"documents": [shapes.document(document) for document in removed]})
    elif not options.quiet:
        for document in removed:
            click.echo(f"removed {document.source} ({counted(document.chunks, 'chunk')})")
