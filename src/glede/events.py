"""One stream of events about long work, from which every display is drawn: bars, lines, JSON.

engine.add("docs/", progress=Telling(lambda event: print(event.done, event.total)))
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from glede.results import Added

RECENT = 30
"""Items from which the rate is taken, so that it follows what is going on."""


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


class Telling:
    """Progress that is told as events; see `glede.ports.Progress`."""

    def __init__(self, tell: Callable[[Event], None], *, now: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._now = now
        self._job: int | None = None
        self._total = 0
        self._done = 0
        self._failed = 0
        self._times: deque[float] = deque([now()], maxlen=RECENT)

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
        self._times.append(self._now())
        why = () if item.error is None else (f"{item.error.code}: {item.error.message}",)
        self._say("done", item.source, item.status, (*item.warnings, *item.partial, *why))

    def _say(self, stage: str, item: str, status: str = "", warnings: tuple[str, ...] = ()) -> None:
        total = max(self._total, self._done)
        took = self._now() - self._times[0]
        rate = (len(self._times) - 1) / took if took > 0 else 0.0
        eta = (total - self._done) / rate if rate else None
        event = Event(self._job, stage, item, self._done, total, self._failed, rate, eta, status, warnings)
        self._tell(event)
