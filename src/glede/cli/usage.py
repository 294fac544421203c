"""`glede usage`: what calls of models have used and cost."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from glede.cli.app import Shared, shared

if TYPE_CHECKING:
    from glede.doors.library import Library
    from glede.endpoints import Account, Spending

COLUMNS = ("calls", "prompt tokens", "completion tokens", "cost")


@click.command()
@click.option(
    "--by",
    type=click.Choice(["role", "model", "document", "day"]),
    default="role",
    help="What to sum by; role is the default.",
)
@shared
def usage(options: Shared, by: Account) -> None:
    """Show the calls of models, their tokens, and what they cost."""
    from glede.cli.writing import write_json
    from glede.doors.library import Library
    from glede.shapes.usage import total
    from glede.shapes.usage import usage as shape

    settings = options.resolved().settings
    with Library.look(settings) as library:
        found, sources = asyncio.run(_looked(library, by))
    if options.as_json:
        write_json(shape(by, found, sources, settings.budget))
    elif not found:
        click.echo("No model has been called yet.", err=True)
    else:
        _print(by, [*found, total(found)], sources)


async def _looked(library: Library, by: Account) -> tuple[list[Spending], dict[str, str]]:
    """The sums, and the sources of documents that are still there."""
    documents = await library.documents() if by == "document" else []
    return await library.usage(by), {document.id: document.source for document in documents}


def _print(by: str, found: Sequence[Spending], sources: Mapping[str, str]) -> None:
    """A table for a terminal, and columns apart by tabs for another program."""
    rows = [_row(one, sources) for one in found]
    if not sys.stdout.isatty():
        for row in ((by, *COLUMNS), *rows):
            click.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(by, overflow="fold")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console(highlight=False).print(table)


def _row(one: Spending, sources: Mapping[str, str]) -> tuple[str, ...]:
    name = sources.get(one.name, one.name) or "-"
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    unknown = f" + {one.unpriced} without a price" if one.unpriced else ""
    tokens = (one.prompt_tokens, one.completion_tokens)
    return (shown, str(one.calls), *(str(count) for count in tokens), f"{one.cost:.4f}{unknown}")
