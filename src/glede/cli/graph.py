"""`glede graph`: look at the knowledge graph, mend it, add to it, and take it elsewhere.

What only looks needs no lock; what changes something goes through a server that holds the data folder, or is
refused where it cannot, or another process does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from glede.cli.adding import key_values
from glede.cli.app import Shared, before_commands, run, shared
from glede.errors import UsageError

if TYPE_CHECKING:
    from glede.doors.graph import GraphView, GraphWork
    from glede.doors.library import Library
    from glede.graph.views import Identity, View
    from glede.results import Report
    from glede.server.client_work import RemoteGraph

T = TypeVar("T")
_FILTER = click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="KEY=VALUE",
    help="Only what documents with this metadata say.",
)


@click.group()
@before_commands
def graph(**_: object) -> None:
    """Look at the knowledge graph, mend it, add to it, and take it elsewhere.

    \b
    glede graph show "Red kite"          who it is, and what is said of it where
    glede graph path "Red kite" Aller    how two things hang together
    glede graph merge WHO "World Health Organization"
    glede graph export graph.graphml
    """


@graph.command()
@click.option("-n", "most", type=click.IntRange(0, 100), default=10, show_default=True, metavar="N",
              help="So many of the entities that most documents name.")  # fmt: skip
@shared
def stats(options: Shared, most: int) -> None:
    """Show how much the graph holds, and what most documents name."""
    from glede.cli import graph_pages
    from glede.cli.writing import write_json
    from glede.shapes import graph as graph_shapes

    found = _look(options, lambda view: view.stats(most))
    if options.as_json:
        write_json(graph_shapes.stats(found))
    else:
        graph_pages.print_stats(found)


@graph.command()
@click.argument("name")
@click.option("--depth", type=int, default=1, show_default=True, metavar="N", help="Steps away, 1 to 4.")
@click.option(
    "-n",
    "limit",
    type=int,
    default=30,
    show_default=True,
    metavar="N",
    help="So many other entities at most.",
)
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Also draw them into this file.",
)
@_FILTER
@shared
def show(
    options: Shared, name: str, depth: int, limit: int, svg: Path | None, filters: tuple[str, ...]
) -> None:
    """Show the entity NAME: what it is called, what is said of it, and where."""
    from glede.cli import graph_pages

    where = key_values(filters, "--filter")
    view = _look(options, lambda graph_view: graph_view.show(name, depth=depth, limit=limit, filter=where))
    if svg is not None:
        graph_pages.write_drawing(svg, view)
    _print(options, view, svg)


@graph.command()
@click.argument("start", metavar="A")
@click.argument("goal", metavar="B")
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Also draw the chains into this file.",
)
@_FILTER
@shared
def path(options: Shared, start: str, goal: str, svg: Path | None, filters: tuple[str, ...]) -> None:
    """Show the shortest chains from A to B: facts, and passages that name both."""
    from glede.cli import graph_pages

    where = key_values(filters, "--filter")
    view = _look(options, lambda graph_view: graph_view.path(start, goal, filter=where))
    if svg is not None:
        graph_pages.write_drawing(svg, view)
    _print(options, view, svg)


@graph.command()
@click.option("-n", "limit", type=click.IntRange(1, 100), default=10, show_default=True, metavar="N",
              help="So many, the largest first.")  # fmt: skip
@click.option("--summaries", is_flag=True, help="Have the chat model say what each is about; kept.")
@_FILTER
@shared
def themes(options: Shared, limit: int, summaries: bool, filters: tuple[str, ...]) -> None:
    """Show what the collection is about: entities that belong together, and where to read of them."""
    from glede.cli import graph_pages
    from glede.cli.writing import write_json
    from glede.shapes import graph as graph_shapes

    where = key_values(filters, "--filter")
    if summaries:
        found = _mend(options, lambda work: work.summarised_themes(limit, filter=where))
    else:
        found = _look(options, lambda view: view.themes(limit, filter=where))
    if options.as_json:
        write_json({"themes": [graph_shapes.theme(one) for one in found]})
    else:
        graph_pages.print_themes(found)


@graph.command()
@click.argument("names", nargs=-1, required=True, metavar="A B ...")
@shared
def merge(options: Shared, names: tuple[str, ...]) -> None:
    """Let B and all that follow mean A from now on; `undo` takes it back."""
    if len(names) < 2:
        raise UsageError("there is nothing to merge", hint="Name two entities: glede graph merge A B")
    _print_edit(options, _mend(options, lambda work: work.merge(*names)))


@graph.command()
@click.argument("name")
@click.argument("documents", nargs=-1, required=True, metavar="DOC ...")
@shared
def split(options: Shared, name: str, documents: tuple[str, ...]) -> None:
    """Let the documents mean another entity by NAME than all others; `undo` takes it back."""
    _print_edit(options, _mend(options, lambda work: work.split(name, *documents)))


@graph.command()
@click.option("--dry-run", is_flag=True, help="Tell what would be joined, and join nothing.")
@shared
def resolve(options: Shared, dry_run: bool) -> None:
    """Join entities that are one: written differently, or one by the verdict of the extracting model.

    Twenty pairs are judged in a call; without a model only slips of the pen are joined. `undo` takes a join
    back, and it is not made again.
    """
    from glede.cli import graph_pages
    from glede.cli.writing import write_json
    from glede.shapes import graph as graph_shapes

    found = _mend(options, lambda work: work.resolve(dry_run=dry_run))
    if options.as_json:
        write_json(graph_shapes.resolution(found))
    elif not options.quiet:
        graph_pages.print_resolution(found, dry_run=dry_run)


@graph.command()
@click.argument("edit", type=int, required=False)
@shared
def undo(options: Shared, edit: int | None) -> None:
    """Take back the merge or split of that number, the last one where none is given."""
    _print_edit(options, _mend(options, lambda work: work.undo(edit)))


@graph.command()
@shared
def edits(options: Shared) -> None:
    """List merges and splits, with the numbers by which they are undone."""
    from glede.cli import graph_pages
    from glede.cli.writing import write_json
    from glede.shapes import graph as graph_shapes

    found = _look(options, lambda view: view.edits())
    if options.as_json:
        write_json({"edits": [graph_shapes.edit(one) for one in found]})
    else:
        graph_pages.print_edits(found)


@graph.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@shared
def export(options: Shared, file: Path) -> None:
    """Write the graph to FILE: .graphml, .json, .csv (two files), .zip (both CSV files), or .cypher."""
    from glede.cli.writing import write_json

    written = _look(options, lambda view: view.export(file))
    if options.as_json:
        write_json({"files": [str(one) for one in written]})
    elif not options.quiet:
        for one in written:
            click.echo(f"wrote {one}")


@graph.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--metadata", multiple=True, metavar="KEY=VALUE", help="Kept with what is added.")
@shared
def add(options: Shared, file: Path, metadata: tuple[str, ...]) -> None:
    """Add the entities and relations of FILE, JSON or CSV, as a document that is searched and cited.

    \b
    {"entities": [{"name": "Aller", "type": "place", "description": "A river."}],
     "relations": [{"source": "Red kite", "label": "nests near", "target": "Aller"}]}

    CSV begins with a line `name,type,description` or `source,label,target,description`.
    """
    from glede.cli import pages
    from glede.cli.writing import write_json
    from glede.shapes import results as shapes

    pairs = key_values(metadata, "--metadata")
    report: Report = _mend(options, lambda work: work.add_file(file, metadata=pairs))
    if options.as_json:
        write_json(shapes.report(report))
    else:
        pages.print_report(report, quiet=options.quiet)
    if report.failed:
        click.get_current_context().exit(1)


def _look(options: Shared, work: Callable[[GraphView], Awaitable[T]]) -> T:
    from glede.doors.library import Library

    async def looking(library: Library) -> T:
        return await work(library.graph)

    with Library.look(options.resolved().settings) as library:
        return asyncio.run(looking(library))


def _mend(options: Shared, work: Callable[[GraphWork | RemoteGraph], Awaitable[T]]) -> T:
    """In the data folder, or through the server that holds it."""
    from glede.cli.opening import opened

    async def mending() -> T:
        async with opened(options.resolved().settings) as engine:
            return await work(engine.graph)

    return run(mending())


def _print(options: Shared, view: View, svg: Path | None) -> None:
    from glede.cli import graph_pages
    from glede.cli.writing import write_json
    from glede.shapes import graph as graph_shapes

    if options.as_json:
        write_json(graph_shapes.view(view, svg))
    else:
        graph_pages.print_view(view)
        if svg is not None and not options.quiet:
            click.echo(f"drew {svg}", err=True)


def _print_edit(options: Shared, edit: Identity) -> None:
    from glede.cli import graph_pages
    from glede.cli.writing import write_json
    from glede.shapes import graph as graph_shapes

    if options.as_json:
        write_json({"edit": graph_shapes.edit(edit)})
    elif not options.quiet:
        graph_pages.print_edits([edit])
