"""Progress on long work: a bar where there is a terminal, plain lines where there is none, or JSON lines.

All are drawn from one stream of events, see `glede.events`.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import click

from glede.events import Event, Telling

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

Function = TypeVar("Function", bound=Callable[..., object])
HEARTBEAT = 10.0
"""The longest silence, in seconds, while plain lines are written."""
_KEY = "glede.progress"


class PlainProgress(Telling):
    """A line every so often, also where one document takes minutes, and one at the end.

    What failed is listed with the outcome.
    """

    def __init__(self) -> None:
        super().__init__(self._draw)
        self._last: Event | None = None
        self._ended = threading.Event()
        self._beating = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> PlainProgress:
        self._beating.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._beating.join()
        if self._last is not None and self._last.total:
            self._line(f"{self._last.done} of {self._last.total} done")

    def _draw(self, event: Event) -> None:
        self._last = event

    def _beat(self) -> None:
        while not self._ended.wait(HEARTBEAT):
            if (event := self._last) is None:
                self._line("waiting for other work to end")
            else:
                now = "" if event.stage in ("done", "start") else f"now: {event.stage} {event.item}"
                told = (f"{event.done} of {event.total} done", left(event), now)
                self._line(", ".join(part for part in told if part))

    @staticmethod
    def _line(line: str) -> None:
        print(line, file=sys.stderr, flush=True)


def left(event: Event) -> str:
    """The time left, as "0:01:20 left"; nothing where nobody can tell."""
    return f"{timedelta(seconds=round(event.eta))} left" if event.eta else ""


class BarProgress(Telling):
    """A bar with the number of items, the time left, and the item at work."""

    def __init__(self) -> None:
        from rich.console import Console  # rich loads where it is used
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        super().__init__(self._draw)
        self._bar: Bar = Progress(
            TextColumn("adding"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("[cyan]{task.fields[left]}"),
            TextColumn("[dim]{task.fields[item]}", markup=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> BarProgress:
        self._task = self._bar.add_task("adding", total=None, item="", left="")
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _draw(self, event: Event) -> None:
        from rich.markup import escape

        if self._task is None:
            return
        self._bar.update(self._task, total=event.total, completed=event.done, left=left(event))
        if event.stage not in ("done", "start"):
            self._bar.update(self._task, item=escape(f"{event.stage} {event.item[-60:]}"))


class JsonProgress(Telling):
    """Each event as a line of JSON on standard error."""

    def __init__(self) -> None:
        super().__init__(self._draw)

    def __enter__(self) -> JsonProgress:
        return self

    def __exit__(self, *_: object) -> None:
        sys.stderr.flush()

    @staticmethod
    def _draw(event: Event) -> None:
        shape = asdict(event)
        shape["rate"] = round(event.rate, 3)
        shape["eta"] = None if event.eta is None else round(event.eta, 1)
        sys.stderr.write(json.dumps(shape) + "\n")
        sys.stderr.flush()


def progress() -> PlainProgress | BarProgress | JsonProgress:
    """What was asked for with `--progress`, else what suits the place where messages go."""
    context = click.get_current_context(silent=True)
    if context is not None and context.meta.get(_KEY) == "json":
        return JsonProgress()
    return BarProgress() if sys.stderr.isatty() else PlainProgress()


def _keep(context: click.Context, _: click.Parameter, value: str) -> None:
    context.meta[_KEY] = value


def watched(function: Function) -> Function:
    """Give a command `--progress`."""
    option = click.option(
        "--progress",
        type=click.Choice(["auto", "json"]),
        default="auto",
        expose_value=False,
        callback=_keep,
        help="How to tell on standard error how far it is; json: each event as a line.",
    )
    return option(function)
