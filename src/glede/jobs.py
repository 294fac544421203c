"""Jobs: what each `add` was asked, how far it came, and the items of it that are in doubt.

An item that has ended well has no row of its own: the document is there. One that has failed has a row until
it ends well, and is set aside after `TRIES` tries, so that it is tried again only where it is named, or has
changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol, runtime_checkable

from glede.results import Failure
from glede.types import MetadataValue

TRIES = 3
"""How often an item may fail of itself before it is set aside."""

JobState = Literal["running", "pausing", "cancelling", "done", "failed", "paused", "cancelled", "interrupted"]
"""`failed` has ended, and some items have failed; `interrupted` has not reached all of them. `pausing` and
`cancelling` run still, and were asked to stop; what is `paused` goes on by `resume` only."""
STOPPING: Mapping[JobState, JobState] = {
    "running": "interrupted",
    "pausing": "paused",
    "cancelling": "cancelled",
}
"""States of a job that runs, and what becomes of it where its process has ended."""
JobKind = Literal["add", "sync", "stream", "retry"]
ItemState = Literal["failed", "set_aside", "in_doubt"]
"""`in_doubt` was being worked on when its job was stopped."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a job was asked, so that it can be asked again; passwords are not kept.

    `things` are paths and addresses; `contents` names what was in hand, and is gone with it, but for the
    `uploads` that keep it, by their ids.
    """

    collection: str
    things: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    parser: str | None = None
    kind: JobKind = "add"
    uploads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items a job has found and what became of them; `removed` counts what a sync took out.

    `chunks` are those of the documents that have become searchable, which the pace of a job is told by. The
    first of them came after `lead` seconds, and had so many chunks.
    """

    total: int = 0
    searchable: int = 0
    unchanged: int = 0
    failed: int = 0
    removed: int = 0
    chunks: int = field(default=0, compare=False)
    lead: float = field(default=0.0, compare=False)
    lead_chunks: int = field(default=0, compare=False)

    @property
    def ended(self) -> int:
        """Those that have ended, well or badly."""
        return self.searchable + self.unchanged + self.failed


@dataclass(frozen=True, slots=True)
class Spent:
    """What models have cost a job in all its runs together, and the most that they may; `None` is any."""

    money: Decimal = Decimal(0)
    calls: int = 0
    most_money: Decimal | None = None
    most_calls: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One `add` or `sync`. Times are seconds since 1970; `error` is why it was stopped, if something did."""

    id: int
    asked: Asked
    state: JobState
    started: float
    ended: float | None = None
    counts: Counts = Counts()
    error: Failure | None = None
    spent: Spent = Spent()

    @property
    def runs(self) -> bool:
        """Whether it is at work, by what is written of it."""
        return self.state in STOPPING

    @property
    def resumable(self) -> bool:
        """Whether there may be items that it has not reached."""
        stopped = self.state in ("interrupted", "cancelled", "paused") or self.error is not None
        kept = bool(self.asked.things or self.asked.uploads) or self.asked.kind == "retry"
        return stopped and not self.runs and kept


@dataclass(frozen=True, slots=True)
class JobItem:
    """A source that has failed, or is in doubt; `job` is the one that tried it last.

    `stamp` tells what was tried: another size or time of the file, other settings, and it counts as new.
    """

    collection: str
    source: str
    job: int
    state: ItemState
    tries: int
    error: Failure
    first: float
    last: float
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a job has to write down: its items in doubt, the sources that have ended well, what is spent."""

    items: Sequence[JobItem] = ()
    cleared: Sequence[str] = ()
    spent: Spent | None = None


class JobKeeping(Protocol):
    """Keeps jobs and the items in doubt; every write is durable when it returns."""

    def begin(self, asked: Asked, started: float) -> int:
        """Note a job that runs from now on; returns its number, higher than all before."""
        ...

    def go_on(self, job_id: int, started: float) -> None:
        """Note that a job that had stopped runs again; what it has spent stays."""
        ...

    def note(self, job_id: int, changed: Changed) -> None:
        """Note what became of items of a running job."""
        ...

    def mark(self, job_id: int, state: JobState, among: Sequence[JobState]) -> bool:
        """Put a job into a state, where it is in one of those; whether it was."""
        ...

    def state(self, job_id: int) -> JobState | None:
        """The state of a job."""
        ...

    def end(self, job: Job, changed: Changed) -> None:
        """Note how a job has ended, and what became of the last of its items, in one transaction."""
        ...

    def watched(self) -> bool | None:
        """Whether an engine is at work on them; `None` where only the data folder tells."""
        ...

    def interrupt(self, ended: float) -> int:
        """Of jobs that run note that they have stopped, where nothing can run; how many there were.

        They were interrupted, or are paused or cancelled where they had been asked to be.
        """
        ...

    def job(self, job_id: int) -> Job | None:
        """The job of that number."""
        ...

    def jobs(self, limit: int = 100) -> list[Job]:
        """The latest jobs, the last one first."""
        ...

    def resumable(self) -> list[Job]:
        """Jobs that may have items which they have not reached, the first one first; not those paused."""
        ...

    def unfinished(self, since: float) -> list[Job]:
        """Jobs that have not ended well, the first one first: all that go on, the others from a time on."""
        ...

    def items(self, collection: str | None = None, job_id: int | None = None) -> list[JobItem]:
        """Items in doubt, of a collection, a job or all, in the order of their sources."""
        ...

    def known(self, collection: str, things: Sequence[str]) -> list[JobItem]:
        """Of these sources, and what lies below them, the items in doubt; others are not looked at."""
        ...


@runtime_checkable
class Employing(Protocol):
    """A store that also keeps jobs, as the SQL catalogue does."""

    @property
    def jobs(self) -> JobKeeping:
        """The jobs."""
        ...
