"""Jobs that the server runs: begun by a call, followed by others, ended in order with the server."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from glede.errors import GledeError
from glede.events import Event, Telling
from glede.results import Report
from glede.server.problems import ours
from glede.server.refusals import OverloadedError

KEPT_EVENTS = 1000
"""Events of a job that one who has lost the connection can still be told."""
KEPT_JOBS = 200
"""Jobs whose events are kept after their end."""
HEARTBEAT = 5.0
HELD_BYTES = 512 * 2**20
"""What uploads that wait may hold in memory together; one alone is bound by the largest upload."""

Begin: TypeAlias = Callable[[Telling], Awaitable[Report]]


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a job; `number` counts from 1, and `None` is the heartbeat."""

    number: int
    event: Event | None


class Following(Telling):
    """Keeps the events of a job for those who follow it; `begun` is its number, once it has one."""

    def __init__(self) -> None:
        super().__init__(self._keep)
        self.begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.ended = False
        self.report: Report | None = None
        self.error: GledeError | None = None
        self._events: deque[Told] = deque(maxlen=KEPT_EVENTS)
        self._changed = asyncio.Event()
        self._count = 0

    def begin(self, job_id: int) -> None:
        """The job has begun."""
        super().begin(job_id)
        if not self.begun.done():
            self.begun.set_result(job_id)

    def _keep(self, event: Event) -> None:
        self._count += 1
        self._events.append(Told(self._count, event))
        self._wake()

    def end(self, report: Report | None, error: GledeError | None) -> None:
        """Tell all who follow that it is over."""
        self.ended, self.report, self.error = True, report, error
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def events(self, after: int = 0) -> AsyncIterator[Told]:
        """The events after that number, until the job ends; a heartbeat where nothing happens for long."""
        while True:
            changed = self._changed
            waiting = [told for told in self._events if told.number > after]
            for told in waiting:
                yield told
                after = told.number
            if waiting:
                continue
            if self.ended:
                return
            try:
                await asyncio.wait_for(changed.wait(), HEARTBEAT)
            except TimeoutError:
                yield Told(after, None)


class Work:
    """The jobs that run here."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()
        self._jobs: dict[int, Following] = {}
        self._held = 0

    def check(self, size: int = 0) -> None:
        """Raises `OverloadedError` where one more job, with so many bytes in hand, is too much."""
        if self.running >= self._most:
            raise OverloadedError(f"{self._most} jobs are waiting")
        if self._held and self._held + size > HELD_BYTES:
            raise OverloadedError("the uploads that wait fill the room there is for them")

    @property
    def running(self) -> int:
        """How many jobs run or wait."""
        return len(self._tasks)

    async def begin(self, work: Begin, size: int = 0) -> tuple[int | None, Following]:
        """Begin a job and return its number as soon as it has one; `None` where there was nothing to do.

        Raises `OverloadedError` where too many wait, and what ends the work before it has a number.
        """
        self.check(size)
        following = Following()
        task = asyncio.create_task(self._run(work, following, size))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        waited: list[asyncio.Future[None] | asyncio.Future[int]] = [task, following.begun]
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if not following.begun.done():
            if following.error is not None:
                raise following.error
            return None, following
        number = following.begun.result()
        self._jobs[number] = following
        while len(self._jobs) > KEPT_JOBS and next(iter(self._jobs.values())).ended:
            del self._jobs[next(iter(self._jobs))]
        return number, following

    def following(self, job_id: int) -> Following | None:
        """The events of a job that runs here, or ran here not long ago."""
        return self._jobs.get(job_id)

    async def close(self) -> None:
        """Stop all jobs in order: they are noted as interrupted, and can be resumed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, work: Begin, following: Following, size: int) -> None:
        report, error = None, None
        self._held += size
        try:
            report = await work(following)
        except (GledeError, ExceptionGroup, OSError) as problem:
            error = ours(problem)
        finally:
            self._held -= size
            following.end(report, error)
