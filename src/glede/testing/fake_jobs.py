"""Jobs in dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from glede.jobs import STOPPING, Asked, Changed, Job, JobItem, JobState


class MemoryJobs:
    """Jobs and items in doubt, for as long as the process lives."""

    def __init__(self) -> None:
        self._jobs: dict[int, Job] = {}
        self._items: dict[tuple[str, str], JobItem] = {}

    def begin(self, asked: Asked, started: float) -> int:
        """Note a job that runs from now on."""
        number = max(self._jobs, default=0) + 1
        self._jobs[number] = Job(number, asked, "running", started)
        return number

    def go_on(self, job_id: int, started: float) -> None:
        """Note that a job that had stopped runs again."""
        before = self._jobs[job_id]
        self._jobs[job_id] = Job(job_id, before.asked, "running", started, spent=before.spent)

    def note(self, job_id: int, changed: Changed) -> None:
        """Note what became of items of a running job."""
        collection = self._jobs[job_id].asked.collection
        self._items |= {(item.collection, item.source): item for item in changed.items}
        for source in changed.cleared:
            self._items.pop((collection, source), None)
        if changed.spent is not None:
            self._jobs[job_id] = replace(self._jobs[job_id], spent=changed.spent)

    def mark(self, job_id: int, state: JobState, among: Sequence[JobState]) -> bool:
        """Put a job into a state, where it is in one of those; whether it was."""
        job = self._jobs.get(job_id)
        if job is None or job.state not in among:
            return False
        self._jobs[job_id] = replace(job, state=state)
        return True

    def state(self, job_id: int) -> JobState | None:
        """The state of a job."""
        job = self._jobs.get(job_id)
        return None if job is None else job.state

    def end(self, job: Job, changed: Changed) -> None:
        """Note how a job has ended, and what became of the last of its items."""
        self.note(job.id, changed)
        self._jobs[job.id] = replace(job, asked=self._jobs[job.id].asked)

    def watched(self) -> bool | None:
        """Whether an engine is at work on them; nothing here can tell."""
        return None

    def interrupt(self, ended: float) -> int:
        """Of jobs that run note that they have stopped; how many there were."""
        running = [job for job in self._jobs.values() if job.runs]
        self._jobs |= {job.id: replace(job, state=STOPPING[job.state], ended=ended) for job in running}
        return len(running)

    def job(self, job_id: int) -> Job | None:
        """The job of that number."""
        return self._jobs.get(job_id)

    def jobs(self, limit: int = 100) -> list[Job]:
        """The latest jobs, the last one first."""
        return sorted(self._jobs.values(), key=lambda job: -job.id)[:limit]

    def resumable(self) -> list[Job]:
        """Jobs that may have items which they have not reached, the first one first."""
        return [job for _, job in sorted(self._jobs.items()) if job.state != "paused" and job.resumable]

    def unfinished(self, since: float) -> list[Job]:
        """Jobs that have not ended well, the first one first: all that go on, the others from a time on."""
        over = {
            number
            for number, job in self._jobs.items()
            if job.state in ("cancelled", "failed") and (job.ended or 0) < since
        }
        return [job for _, job in sorted(self._jobs.items()) if job.state != "done" and job.id not in over]

    def items(self, collection: str | None = None, job_id: int | None = None) -> list[JobItem]:
        """Items in doubt, in the order of their sources."""
        return [
            item
            for _, item in sorted(self._items.items())
            if collection in (None, item.collection) and job_id in (None, item.job)
        ]

    def known(self, collection: str, things: Sequence[str]) -> list[JobItem]:
        """Of these sources, and what lies below them, the items in doubt."""
        below = tuple(f"{thing.rstrip('/')}/" for thing in things)
        return [
            item
            for item in self.items(collection)
            if item.source in things or (below and item.source.startswith(below))
        ]
