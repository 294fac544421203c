"""`glede search` and `glede ask`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from glede.cli.adding import key_values
from glede.cli.app import Shared, run, shared
from glede.types import Answer, Hit

Function = TypeVar("Function", bound=Callable[..., object])
_TYPES = click.Choice(["text", "table", "image", "equation"])


def _searching(function: Function) -> Function:
    """The options that searching and asking share."""
    options = (
        click.option("-k", "--limit", type=int, metavar="N", help="How many passages to use."),
        click.option(
            "--mode",
            type=click.Choice(["naive", "mix"]),
            default="mix",
            show_default=True,
            help="How to rank.",
        ),
        click.option("--type", "types", type=_TYPES, multiple=True, help="Only this kind; may be repeated."),
        click.option(
            "--filter", "filters", multiple=True, metavar="KEY=VALUE", help="Only where metadata equals."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.command()
@click.argument("query", nargs=-1, required=True)
@_searching
@shared
def search(
    options: Shared,
    query: tuple[str, ...],
    limit: int | None,
    mode: str,
    types: tuple[str, ...],
    filters: tuple[str, ...],
) -> None:
    """Find the passages, tables and pictures that fit.

    Filters name metadata given with `add --metadata`, and `source`, `document` and `media_type`.
    """
    import time

    from glede.engine import Engine

    text = " ".join(query)
    seconds = 0.0

    async def work() -> list[Hit]:
        nonlocal seconds
        async with Engine.open(options.resolved().settings) as engine:
            began = time.perf_counter()
            hits = await engine.search(
                text,
                limit=limit,
                mode=mode,  # type: ignore[arg-type]
                types=types,  # type: ignore[arg-type]
                filter=key_values(filters, "--filter"),
            )
            seconds = time.perf_counter() - began
            return hits

    hits = run(work())
    if options.as_json:
        from glede.cli import shapes

        shown = [shapes.hit(hit) for hit in hits]
        shapes.write_json({"query": text, "mode": mode, "hits": shown, "seconds": round(seconds, 3)})
    else:
        from glede.cli.pages import print_hits

        print_hits(hits)


@click.command()
@click.argument("question", nargs=-1, required=True)
@_searching
@click.option("--no-stream", is_flag=True, help="Print the answer at its end; extractive answers always are.")
@shared
def ask(
    options: Shared,
    question: tuple[str, ...],
    limit: int | None,
    mode: str,
    types: tuple[str, ...],
    filters: tuple[str, ...],
    no_stream: bool,
) -> None:
    """Answer a question from the documents, with citations.

    Without a language model the answer is made of sentences of the documents themselves.
    """
    from glede.engine import Engine

    async def work() -> Answer:
        async with Engine.open(options.resolved().settings) as engine:
            return await engine.ask(
                " ".join(question),
                limit=limit,
                mode=mode,  # type: ignore[arg-type]
                types=types,  # type: ignore[arg-type]
                filter=key_values(filters, "--filter"),
            )

    answer = run(work())
    if options.as_json:
        from glede.cli import shapes

        shapes.write_json(shapes.answer(answer))
    else:
        from glede.cli.pages import print_answer

        print_answer(answer)
