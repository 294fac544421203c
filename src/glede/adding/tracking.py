"""Follows an `add` as a job: what was asked, what became of each item, and how it ended.

The catalogue is told when a job begins and when it ends, and in between only of items that fail. A process
that is killed leaves its job as running; the next one that opens the folder calls it interrupted, since the
lock says that nobody else can be at it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from glede.adding.runs import failure_of
from glede.completing import completed
from glede.errors import GledeError, InterruptedRunError, NotFoundError, UsageError
from glede.events import Numbered
from glede.jobs import TRIES, Asked, Changed, Counts, Job, JobItem, JobKeeping, JobState
from glede.ports import Progress
from glede.results import Added, Failure, Report
from glede.types import content_hash

FLUSH = 1.0
"""Seconds after which a failed item is in the catalogue, at the latest."""
_OWN = 1
"""The exit code of what is wrong with an item itself, and not with a model, a setting or the budget."""
_NOT_REACHED = (3, 5)
"""Exit codes of what stops a job before it has tried an item."""


class Work(Protocol):
    """What a job does, telling `tracked` how far it is."""

    def __call__(self, tracked: Tracked, /) -> Awaitable[Report]:
        """The outcome."""
        ...


@dataclass(frozen=True, slots=True)
class Way:
    """How items are tried: other settings may fare better, so they count as another try."""

    settings: str = ""
    password: bool = False

    def stamp(self, source: str, parser: str | None) -> str:
        """What tells one try of a file from another; empty where it is no file that can be looked at."""
        try:
            status = os.stat(source)  # noqa: PTH116 - no Path is needed
        except (OSError, ValueError):
            return ""
        how = content_hash(self.settings, parser or "", str(self.password), length=8)
        return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{how}"


class Tracked:
    """A running job, told about its items as they end; `aside` are those that are not to be tried."""

    def __init__(
        self, job: Job, known: Sequence[JobItem], way: Way, keeping: JobKeeping, progress: Progress | None
    ) -> None:
        self.job = job
        self.outcomes: list[Added] = []
        self.removed = 0
        self.cancelled = False
        named = frozenset(job.asked.things)
        self._known = {item.source: item for item in known}
        self._aside = {
            item.source: item for item in known if item.state == "set_aside" and item.source not in named
        }
        self._way = way
        self._keeping = keeping
        self._progress = progress
        self._total = 0
        self._counted: Counter[str] = Counter()
        self._begun: dict[str, None] = {}
        self._items: dict[str, JobItem] = {}
        self._cleared: dict[str, None] = {}
        self._flushing: asyncio.Task[None] | None = None

        if isinstance(progress, Numbered):
            progress.begin(job.id)

    def aside(self, source: str) -> Failure | None:
        """Why a source is not tried: it has failed often enough, and nothing has changed since."""
        item = self._aside.get(source)
        if item is None or not item.stamp or item.stamp != self._stamp(source):
            return None
        return replace(
            item.error,
            hint=f"It is set aside after {item.tries} tries. Name it to try it again: glede add {source}",
        )

    def start(self, total: int) -> None:
        """See `glede.ports.Progress`; so for the others."""
        self._total += total
        if self._progress is not None:
            self._progress.start(total)

    def stage(self, name: str, source: str) -> None:
        """Work on an item has reached a stage: until it ends it is in doubt."""
        self._begun[source] = None
        if self._progress is not None:
            self._progress.stage(name, source)

    def done(self, item: Added) -> None:
        """One item has ended; the catalogue is told soon where it has failed."""
        self._counted[item.status] += 1
        if self.job.asked.kind != "stream":  # which may have no end
            self.outcomes.append(item)
        self._begun.pop(item.source, None)
        if item.error is None:
            if item.source in self._known:
                self._cleared[item.source] = None
                self._items.pop(item.source, None)
        elif item.error.exit_code not in _NOT_REACHED and self.aside(item.source) is None:
            self._items[item.source] = self._failed(item.source, item.error)
            if self._flushing is None or self._flushing.done():
                self._flushing = asyncio.create_task(self._flush())
        if self._progress is not None:
            self._progress.done(item)

    def counts(self) -> Counts:
        """How many items there were, and what became of them."""
        return Counts(
            total=max(self._total, self._counted.total()),
            searchable=self._counted["searchable"],
            unchanged=self._counted["unchanged"],
            failed=self._counted["failed"],
            removed=self.removed,
        )

    async def ended(self, state: JobState, error: Failure | None, now: float) -> Job:
        """Note how the job has ended; items that were being worked on are in doubt then."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.gather(self._flushing, return_exceptions=True)
        if state in ("interrupted", "cancelled"):
            why = failure_of(InterruptedRunError("its job was stopped while it was worked on"))
            self._items |= {source: self._doubtful(source, why) for source in self._begun}
        job = replace(self.job, state=state, ended=now, counts=self.counts(), error=error)
        await completed(self._keeping.end, job, self._changed())
        return job

    async def _flush(self) -> None:
        await asyncio.sleep(FLUSH)
        changed = self._changed()
        with suppress(GledeError):  # they are written once more with the end, which tells of it
            await completed(self._keeping.note, self.job.id, changed)

    def _changed(self) -> Changed:
        return Changed(list(self._items.values()), list(self._cleared))

    def _stamp(self, source: str) -> str:
        return self._way.stamp(source, self.job.asked.parser)

    def _failed(self, source: str, error: Failure) -> JobItem:
        stamp, before = self._stamp(source), self._known.get(source)
        tries = before.tries + 1 if before is not None and before.stamp == stamp else 1
        own = error.exit_code == _OWN and not error.retryable
        now = time.time()
        return JobItem(
            collection=self.job.asked.collection,
            source=source,
            job=self.job.id,
            state="set_aside" if own and tries >= TRIES else "failed",
            tries=tries,
            error=error,
            first=now if before is None else before.first,
            last=now,
            stamp=stamp,
        )

    def _doubtful(self, source: str, why: Failure) -> JobItem:
        tries = self._known[source].tries if source in self._known else 0
        return replace(self._failed(source, why), state="in_doubt", tries=tries)


class Tracking:
    """Runs work as jobs, and cancels it."""

    def __init__(self, keeping: JobKeeping, *, now: Callable[[], float] = time.time) -> None:
        self.keeping = keeping
        self._now = now
        self._running: dict[int, tuple[Tracked, asyncio.Future[Report]]] = {}

    async def run(
        self,
        asked: Asked,
        work: Work,
        *,
        progress: Progress | None = None,
        way: Way | None = None,
        job_id: int | None = None,
    ) -> Report:
        """Do it as a job, or go on with one that was stopped; one that is cancelled reports what is done."""
        began = time.perf_counter()
        known = await asyncio.to_thread(self.keeping.items, asked.collection)
        started = self._now()
        if job_id is None:
            number = await completed(self.keeping.begin, asked, started)
        else:
            number = job_id
            await completed(self.keeping.go_on, number, started)
        job = Job(number, asked, "running", started)
        tracked = Tracked(job, known, way or Way(), self.keeping, progress)
        report = await self._worked(tracked, work)
        if report is None:
            why = Failure("cancelled", "the job was cancelled", f"Go on: glede jobs resume {number}", True, 5)
            seconds = time.perf_counter() - began
            report = Report(tuple(tracked.outcomes), seconds=seconds, stopped=why)
        state: JobState = "failed" if tracked.counts().failed else "done"
        if report.stopped is not None:
            state = "cancelled" if tracked.cancelled else "interrupted"
        await tracked.ended(state, report.stopped, self._now())
        return replace(report, job=number)

    async def _worked(self, tracked: Tracked, work: Work) -> Report | None:
        """What came of it; `None` where the job was cancelled."""
        running = asyncio.ensure_future(work(tracked))
        self._running[tracked.job.id] = (tracked, running)
        try:
            return await running
        except asyncio.CancelledError:
            own = asyncio.current_task()
            if tracked.cancelled and not (own is not None and own.cancelling()):
                return None
            await tracked.ended("interrupted", None, self._now())
            raise
        except (GledeError, BaseExceptionGroup) as error:
            await tracked.ended("interrupted", failure_of(_first(error)), self._now())
            raise
        finally:
            del self._running[tracked.job.id]

    def cancel(self, job_id: int) -> None:
        """Stop a running job in order: what is acknowledged is kept, and the rest can be resumed."""
        if job_id not in self._running:
            if self.keeping.job(job_id) is None:
                raise NotFoundError(f"there is no job {job_id}", hint="`glede jobs` lists them.")
            raise UsageError(f"job {job_id} does not run here", hint="`glede jobs` tells how it ended.")
        tracked, running = self._running[job_id]
        tracked.cancelled = True
        running.cancel()

    @property
    def running(self) -> list[Job]:
        """The jobs that this process is at, with what has become of their items so far."""
        return [replace(one.job, counts=one.counts()) for one, _ in self._running.values()]


def _first(error: BaseException) -> GledeError:
    """The first error of ours, among those that ended work side by side."""
    if isinstance(error, GledeError):
        return error
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    found = [_first(one) for one in inner if isinstance(one, GledeError | BaseExceptionGroup)]
    return found[0] if found else GledeError("the job broke off")


def thing_to_add(item: JobItem, jobs: Mapping[int, Job]) -> str | None:
    """What is to be added to try an item again: its file or address, or the archive that it lies in.

    `None` of what was only ever in hand.
    """
    if "://" in item.source:
        job = jobs.get(item.job)
        within = [one for one in (job.asked.things if job else ()) if item.source.startswith(f"{one}/")]
        return within[0] if within else item.source
    path = Path(item.source)
    if not path.is_absolute():
        return None
    return str(next((one for one in (path, *path.parents) if one.is_file()), path))
