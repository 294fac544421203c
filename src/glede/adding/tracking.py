"""Follows an `add` as a job: what was asked, what became of each item, and how it ended.

The catalogue is told when a job begins and when it ends, and in between only of items that fail. A process
that is killed leaves its job as running; the next one that opens the folder calls it interrupted, since the
lock says that nobody else can be at it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from glede.adding.runs import failure_of
from glede.adding.tracked import Tracked, Way
from glede.allowances import allowance
from glede.completing import completed
from glede.errors import GledeError, NotFoundError, PausedError, UnavailableError, UsageError
from glede.jobs import Asked, Job, JobItem, JobKeeping, JobState, Spent
from glede.ports import Progress
from glede.results import Failure, Report
from glede.sources.uploads import Uploads

KEPT_SECONDS = 7 * 24 * 3600
"""How long uploads are kept of which some have failed, or whose job was cancelled."""
ATTEND = 1.0
"""Seconds after which a job does what another process asks of it, and notes what it has spent."""


class Work(Protocol):
    """What a job does, telling `tracked` how far it is."""

    def __call__(self, tracked: Tracked, /) -> Awaitable[Report]:
        """The outcome."""
        ...


class Tracking:
    """Runs work as jobs, and cancels it."""

    def __init__(
        self, keeping: JobKeeping, uploads: Uploads, *, now: Callable[[], float] = time.time
    ) -> None:
        self.keeping = keeping
        self.uploads = uploads
        self._now = now
        self.opened = now()
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
        try:
            report = await self._done(asked, work, progress, way, job_id)
        finally:
            self.uploads.release(asked.uploads)
        if asked.uploads and report.stopped is None:
            with suppress(UnavailableError):  # what was asked is done; the next one or an opening drops them
                await asyncio.to_thread(self.tidy)
        return report

    def tidy(self) -> None:
        """Drop uploads that no job needs: it has ended well, or a week ago."""
        self.uploads.sweep(
            lambda: {
                name
                for job in self.keeping.unfinished(self._now() - KEPT_SECONDS)
                for name in job.asked.uploads
            }
        )

    async def _done(
        self, asked: Asked, work: Work, progress: Progress | None, way: Way | None, job_id: int | None
    ) -> Report:
        began = time.perf_counter()
        sources = () if asked.kind in ("stream", "retry") else (*asked.things, *asked.contents)
        known = await asyncio.to_thread(self.keeping.known, asked.collection, sources)
        job = await self._begun(asked, job_id)
        number = job.id
        tracked = Tracked(job, known, way or Way(), self.keeping, progress)
        report = await self._worked(tracked, work)
        if report is None:
            why = Failure("cancelled", "the job was cancelled", f"Go on: glede jobs resume {number}", True, 5)
            seconds = time.perf_counter() - began
            report = Report(tuple(tracked.outcomes), seconds=seconds, stopped=why)
        state: JobState = "failed" if tracked.counts().failed else "done"
        if report.stopped is not None:
            state = "cancelled" if tracked.cancelled else "interrupted"
            state = "paused" if report.stopped.code == PausedError.code else state
        await tracked.ended(state, report.stopped, self._now())
        return replace(report, job=number)

    async def _begun(self, asked: Asked, job_id: int | None) -> Job:
        """The job, noted as running; one that goes on has spent already what it has."""
        started = self._now()
        if job_id is None:
            number = await completed(self.keeping.begin, asked, started)
            return Job(number, asked, "running", started)
        before = await asyncio.to_thread(self.keeping.job, job_id)
        await completed(self.keeping.go_on, job_id, started)
        return Job(job_id, asked, "running", started, spent=before.spent if before else Spent())

    async def _worked(self, tracked: Tracked, work: Work) -> Report | None:
        """What came of it; `None` where the job was cancelled."""
        token = allowance.set(tracked.allowance)
        try:
            running = asyncio.ensure_future(work(tracked))
        finally:
            allowance.reset(token)
        try:
            return await self._attended(tracked, running)
        except asyncio.CancelledError:
            own = asyncio.current_task()
            if tracked.cancelled and not (own is not None and own.cancelling()):
                return None
            await tracked.ended("interrupted", None, self._now())
            raise
        except (GledeError, BaseExceptionGroup) as error:
            await tracked.ended("interrupted", failure_of(_first(error)), self._now())
            raise

    async def _attended(self, tracked: Tracked, running: asyncio.Future[Report]) -> Report:
        """What comes of it, while it listens to what is asked of it; that ends before its end is noted."""
        self._running[tracked.job.id] = (tracked, running)
        attending = asyncio.create_task(self._attend(tracked, running))
        try:
            return await running
        finally:
            del self._running[tracked.job.id]
            attending.cancel()
            await asyncio.gather(attending, return_exceptions=True)

    async def _attend(self, tracked: Tracked, running: asyncio.Future[Report]) -> None:
        """Do what other processes ask of the job, through the catalogue."""
        while True:
            await asyncio.sleep(ATTEND)
            state: JobState | None = None
            with suppress(GledeError):  # the job itself will tell what is wrong with the catalogue
                state = await completed(tracked.attend)
            tracked.pausing = tracked.pausing or state == "pausing"
            if state == "cancelling":
                tracked.cancelled = True
                running.cancel()

    def pause(self, job_id: int) -> None:
        """Let a running job begin nothing more; `running` tells whether it is here."""
        self._running[job_id][0].pausing = True

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
