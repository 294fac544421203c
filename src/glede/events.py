"""One stream of events about long work, from which every display is drawn: bars, lines, JSON.

engine.add("docs/", progress=Telling(lambda event: print(event.done, event.total)))
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from glede.results import Added


@dataclass(frozen=True, slots=True)
class Event:
    """What has happened: an item has reached a stage, or has ended (`stage` is `done`, `status` how).

    `rate` is items a second of late, `eta` the seconds left at that rate, `None` where nobody can tell.
    """

    job: int | None
    stage: str
    item: str
    done: int
    total: int
    failed: int
    rate: float
    eta: float | None
    status: str = ""
    warnings: tuple[str, ...] = ()


@runtime_checkable
class Numbered(Protocol):
    """Who watches work, and wants to know which job it is."""

    def begin(self, job_id: int) -> None:
        """The job has begun."""
        ...


class _Pace:
    """Items a second; what was before counts the less, the longer ago it was of all the time so far.

    Items end in bursts, as their batch is stored: the seconds before a burst count like its items.
    """

    def __init__(self, now: float) -> None:
        self._begun = self._last = now
        self._seconds = self._items = 0.0

    def count(self, now: float) -> None:
        """One more item has ended."""
        kept = (self._last - self._begun) / (now - self._begun) if now > self._begun else 1.0
        self._seconds = self._seconds * kept + now - self._last
        self._items = self._items * kept + 1
        self._last = now

    def rate(self, now: float) -> float:
        """Items a second until now, 0 where none has ended."""
        seconds = self._seconds + now - self._last
        return self._items / seconds if seconds > 0 else 0.0


class Telling:
    """Progress that is told as events; see `glede.ports.Progress`."""

    def __init__(self, tell: Callable[[Event], None], *, now: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._now = now
        self._job: int | None = None
        self._total = 0
        self._done = 0
        self._failed = 0
        self._pace = _Pace(now())

    def begin(self, job_id: int) -> None:
        """The job has begun."""
        self._job = job_id

    def start(self, total: int) -> None:
        """So many more items are to be done."""
        self._total += total
        self._say("start", "")

    def stage(self, name: str, source: str) -> None:
        """Work on an item has reached a stage."""
        self._say(name, source)

    def done(self, item: Added) -> None:
        """One item has ended, well or badly."""
        self._done += 1
        self._failed += item.status == "failed"
        self._pace.count(self._now())
        why = () if item.error is None else (f"{item.error.code}: {item.error.message}",)
        self._say("done", item.source, item.status, (*item.warnings, *item.partial, *why))

    def _say(self, stage: str, item: str, status: str = "", warnings: tuple[str, ...] = ()) -> None:
        total = max(self._total, self._done)
        rate = self._pace.rate(self._now())
        eta = (total - self._done) / rate if rate else None
        event = Event(self._job, stage, item, self._done, total, self._failed, rate, eta, status, warnings)
        self._tell(event)
