"""`glede search` and `glede ask`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast, get_args

import click

from glede.cli.adding import key_values
from glede.cli.app import Shared, run, shared
from glede.results import Answer, Hit
from glede.types import Mode

if TYPE_CHECKING:
    from glede.answering.questions import Extras

Function = TypeVar("Function", bound=Callable[..., object])
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TYPES = click.Choice(["text", "table", "image", "equation"])


def _searching(function: Function) -> Function:
    """The options that searching and asking share."""
    options = (
        click.option("-k", "--limit", type=int, metavar="N", help="How many passages to use."),
        click.option(
            "--mode",
            type=click.Choice(get_args(Mode)),
            default="mix",
            show_default=True,
            help="What ranks: words and meaning, the graph, or both.",
        ),
        click.option("--type", "types", type=_TYPES, multiple=True, help="Only this kind; may be repeated."),
        click.option(
            "--filter", "filters", multiple=True, metavar="KEY=VALUE", help="Only where metadata equals."
        ),
        click.option("--image", type=_FILE, metavar="FILE", help="A picture that is part of the question."),
        click.option("--table", type=_FILE, metavar="FILE", help="A table that is part of the question."),
        click.option("--equation", default="", metavar="LATEX", help="An equation that is part of it."),
        click.option("--as-of", metavar="DATE", help="Only what was live then, where a history is kept."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def extras_of(image: Path | None, table: Path | None, equation: str, words: str, most_mb: float) -> Extras:
    """What comes with the words; raises `UsageError` where there are neither."""
    from glede.answering.questions import Extras
    from glede.errors import UnreadableError, UsageError

    if not (words.strip() or image or table or equation.strip()):
        raise UsageError("the question is empty", hint="Give words, or --image, --table or --equation.")
    try:
        picture = _bytes_of(image, most_mb) if image else None
        rows = _bytes_of(table, most_mb) if table else None
    except OSError as error:
        raise UnreadableError(f"{error.filename} cannot be read: {error.strerror}") from error
    return Extras(picture, rows, str(table) if table else "", equation)


def _bytes_of(path: Path, most_mb: float) -> bytes:
    from glede.errors import LimitError

    if path.stat().st_size > most_mb * 2**20:
        raise LimitError(f"{path} holds more than {most_mb:g} MiB", hint="Raise it with GLEDE_MAX_FILE_MB.")
    return path.read_bytes()


@click.command()
@click.argument("query", nargs=-1)
@_searching
@shared
def search(
    options: Shared,
    query: tuple[str, ...],
    filters: tuple[str, ...],
    image: Path | None,
    table: Path | None,
    equation: str,
    **asked: object,
) -> None:
    """Find the passages, tables and pictures that fit.

    Filters name metadata given with `add --metadata`, and `source`, `document` and `media_type`.
    """
    import time

    from glede.cli.opening import opened

    text = " ".join(query)
    settings = options.resolved().settings
    extras = extras_of(image, table, equation, text, settings.max_file_mb)
    seconds = 0.0

    async def work() -> list[Hit]:
        nonlocal seconds
        async with opened(settings) as engine:
            began = time.perf_counter()
            hits = await engine.search(
                text,
                filter=key_values(filters, "--filter"),
                extras=extras,
                **asked,  # type: ignore[arg-type]
            )
            seconds = time.perf_counter() - began
            return hits

    hits = run(work())
    if options.as_json:
        from glede.cli.writing import write_json
        from glede.shapes import results as shapes

        shown = [shapes.hit(hit) for hit in hits]
        write_json({"query": text, "mode": str(asked["mode"]), "hits": shown, "seconds": round(seconds, 3)})
    else:
        from glede.cli.pages import print_hits

        print_hits(hits)


@click.command()
@click.argument("question", nargs=-1)
@_searching
@click.option("--model", metavar="PROVIDER:MODEL", help="The model that writes; `none` for quotes only.")
@click.option(
    "--history",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A conversation: its turns are read from FILE, and this one is added.",
)
@click.option("--no-stream", is_flag=True, help="Print the answer at its end.")
@shared
def ask(
    options: Shared,
    question: tuple[str, ...],
    model: str | None,
    history: Path | None,
    no_stream: bool,
    image: Path | None,
    table: Path | None,
    equation: str,
    **asked: object,
) -> None:
    """Answer a question from the documents, with citations.

    Without a language model the answer is made of sentences of the documents themselves.
    """
    from glede.cli import pages
    from glede.cli.conversations import added, turns_of
    from glede.cli.opening import opened

    text = " ".join(question)
    settings = options.resolved(chat=None if model is None else model.removeprefix("none")).settings
    asked["extras"] = extras_of(image, table, equation, text, settings.max_file_mb)
    turns = turns_of(history)
    live = not (no_stream or options.as_json)
    streamed = False

    async def work() -> Answer:
        nonlocal streamed
        filters = key_values(cast("tuple[str, ...]", asked.pop("filters")), "--filter")
        async with opened(settings, own="" if model is None else "--model") as engine:
            if not live:
                return await engine.ask(text, history=turns, filter=filters, **asked)  # type: ignore[arg-type]
            pieces = engine.stream(text, history=turns, filter=filters, **asked)  # type: ignore[arg-type]
            async with aclosing(pieces):
                async for piece in pieces:
                    if isinstance(piece, Answer):
                        return piece
                    streamed = True
                    pages.print_piece(piece)
        raise AssertionError("a stream ends in an answer")

    answer = run(work())
    if history is not None:
        added(history, text, answer)
    if options.as_json:
        from glede.cli.writing import write_json
        from glede.shapes import results as shapes

        write_json(shapes.answer(answer))
    else:
        pages.print_answer(answer, streamed=streamed)
    if not answer.complete:
        click.get_current_context().exit(1)
