"""Progress on long work: a bar where there is a terminal, plain lines where there is none."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from glede.results import Added

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

HEARTBEAT = 10.0
"""The longest silence, in seconds, while plain lines are written."""


class PlainProgress:
    """A line now and then, and one at the end; what failed is listed with the outcome."""

    def __init__(self) -> None:
        self._total = 0
        self._ended = 0
        self._told = time.monotonic()

    def __enter__(self) -> PlainProgress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._total:
            self._say(f"{self._ended} of {self._total} done")

    def start(self, total: int) -> None:
        self._total += total

    def stage(self, name: str, source: str) -> None:
        if time.monotonic() - self._told >= HEARTBEAT:
            self._say(f"{self._ended} of {self._total} done, now: {name} {source}")

    def done(self, item: Added) -> None:
        self._ended += 1
        if time.monotonic() - self._told >= HEARTBEAT:
            self._say(f"{self._ended} of {self._total} done")

    def _say(self, line: str) -> None:
        self._told = time.monotonic()
        print(line, file=sys.stderr, flush=True)


class BarProgress:
    """A bar with the number of items, the time left, and the item at work."""

    def __init__(self) -> None:
        from rich.console import Console  # rich loads where it is used
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar: Bar = Progress(
            TextColumn("adding"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("[dim]{task.fields[item]}", markup=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: TaskID | None = None
        self._total = 0

    def __enter__(self) -> BarProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def start(self, total: int) -> None:
        self._total += total
        if self._task is None:
            self._task = self._bar.add_task("adding", total=self._total, item="")
        else:
            self._bar.update(self._task, total=self._total)

    def stage(self, name: str, source: str) -> None:
        if self._task is not None:
            from rich.markup import escape

            self._bar.update(self._task, item=escape(f"{name} {source[-60:]}"))

    def done(self, item: Added) -> None:
        if self._task is not None:
            self._bar.advance(self._task)


def progress() -> PlainProgress | BarProgress:
    """What suits the place where messages go."""
    return BarProgress() if sys.stderr.isatty() else PlainProgress()
