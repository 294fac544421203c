"""`engine.jobs` and `engine.watch` without `async`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing
from queue import SimpleQueue
from typing import TypeVar

from glede.adding.enriching import Wait
from glede.completing import Run
from glede.doors import jobs as job_view
from glede.jobs import Job, JobItem
from glede.ports import Progress
from glede.results import Report

T = TypeVar("T")


class JobWork:
    """What was asked of an engine and how far it came; see `glede.doors.jobs`."""

    def __init__(self, jobs: job_view.JobWork, run: Run) -> None:
        self._jobs = jobs
        self._run = run

    def latest(self, limit: int = 20) -> list[Job]:
        """See `glede.doors.jobs.JobWork.latest`."""
        return self._run(self._jobs.latest(limit))

    def show(self, job_id: int) -> Job:
        """See `glede.doors.jobs.JobView.show`."""
        return self._run(self._jobs.show(job_id))

    def items(self, job_id: int | None = None, collection: str | None = None) -> Sequence[JobItem]:
        """See `glede.doors.jobs.JobView.items`."""
        return self._run(self._jobs.items(job_id, collection))

    def cancel(self, job_id: int) -> None:
        """Stop a job that another thread has begun; see `glede.doors.jobs.JobWork.cancel`."""

        async def cancelled() -> None:
            self._jobs.cancel(job_id)

        self._run(cancelled())

    def pause(self, job_id: int) -> Job:
        """See `glede.doors.jobs.JobWork.pause`."""
        return self._run(self._jobs.pause(job_id))

    def stop(self, job_id: int) -> Job:
        """See `glede.doors.jobs.JobView.stop`."""
        return self._run(self._jobs.stop(job_id))

    def resume(
        self,
        job_id: int,
        *,
        password: str | None = None,
        wait: Wait = "enriched",
        progress: Progress | None = None,
    ) -> Report:
        """See `glede.doors.jobs.JobWork.resume`."""
        return self._run(self._jobs.resume(job_id, password=password, wait=wait, progress=progress))

    def retry_failed(
        self,
        *names: str,
        collection: str | None = None,
        password: str | None = None,
        wait: Wait = "enriched",
        progress: Progress | None = None,
    ) -> Report:
        """See `glede.doors.jobs.JobWork.retry_failed`."""
        work = self._jobs.retry_failed(
            *names, collection=collection, password=password, wait=wait, progress=progress
        )
        return self._run(work)


def told_of(happening: AsyncGenerator[T, None], loop: asyncio.AbstractEventLoop) -> Generator[T, None, None]:
    """What an asynchronous generator gives, which runs in a loop of another thread until this is closed."""
    told: SimpleQueue[T | None] = SimpleQueue()

    async def tell() -> None:
        try:
            async with aclosing(happening):
                async for one in happening:
                    told.put(one)
        finally:
            told.put(None)

    telling = asyncio.run_coroutine_threadsafe(tell(), loop)
    ended = False
    try:
        while (one := told.get()) is not None:
            yield one
        ended = True
        telling.result()  # raises what has ended it
    finally:
        telling.cancel()
        while not ended:
            ended = told.get() is None
