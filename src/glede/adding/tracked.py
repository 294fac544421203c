"""A job that runs: what becomes of its items, what is asked of it, and what it may spend and has spent."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from glede.adding.runs import Request, failure_of
from glede.allowances import Allowance, allowance
from glede.completing import completed
from glede.errors import GledeError, InterruptedRunError, PausedError
from glede.events import Numbered
from glede.jobs import TRIES, Changed, Counts, Job, JobItem, JobKeeping, JobState, Spent
from glede.ports import Progress
from glede.results import Added, Failure
from glede.types import content_hash

FLUSH = 1.0
"""Seconds after which a failed item is in the catalogue, at the latest."""
_OWN = 1
"""The exit code of what is wrong with an item itself, and not with a model, a setting or the budget."""
_NOT_REACHED = (3, 5)
"""Exit codes of what stops a job before it has tried an item."""


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
        self.pausing = False
        self.allowance = allowance_of(job.spent)
        self._known: dict[str, JobItem] = {}
        self._aside: dict[str, JobItem] = {}
        self._learn(known)
        self._noted = job.spent
        self._way = way
        self._keeping = keeping
        self._progress = progress
        self._total = 0
        self._chunks = 0
        self._began = time.perf_counter()
        self._lead = (0.0, 0)
        self._counted: Counter[str] = Counter()
        self._begun: dict[str, None] = {}
        self._items: dict[str, JobItem] = {}
        self._cleared: dict[str, None] = {}
        self._written: set[str] = set()
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

    def _learn(self, known: Sequence[JobItem]) -> None:
        named = frozenset(self.job.asked.things)
        self._known |= {item.source: item for item in known}
        self._aside |= {
            item.source: item for item in known if item.state == "set_aside" and item.source not in named
        }

    async def expect(self, sources: Sequence[str]) -> None:
        """Look up what is known of sources that nobody had heard of when the job began."""
        self._learn(await asyncio.to_thread(self._keeping.known, self.job.asked.collection, sources))

    def bind(self, request: Request) -> Request:
        """The request, which asks the job what is not to be tried, and whether to go on."""
        return replace(request, aside=self.aside, stop=self.stop)

    def stop(self) -> GledeError | None:
        """Why nothing more is to be begun, if so."""
        if not self.pausing:
            return None
        return PausedError("the job was paused", hint=f"Go on: glede jobs resume {self.job.id}")

    def spent(self) -> Spent:
        """What models have cost it so far, in this run and before."""
        granted = self.allowance
        return Spent(granted.spent, granted.made, granted.money, granted.calls)

    def attend(self) -> JobState | None:
        """Note what is spent, so that a kill forgets little of it; returns what is asked of the job."""
        if (spent := self.spent()) != self._noted:
            self._keeping.note(self.job.id, Changed(spent=spent))
            self._noted = spent
        return self._keeping.state(self.job.id)

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
        if item.status == "searchable":
            if not self._counted["searchable"]:
                self._lead = (time.perf_counter() - self._began, item.chunks)
            self._chunks += item.chunks
        self._counted[item.status] += 1
        if self.job.asked.kind != "stream":  # which may have no end
            self.outcomes.append(item)
        self._begun.pop(item.source, None)
        self._judge(item)
        if self._progress is not None:
            self._progress.done(item)

    def _judge(self, item: Added) -> None:
        """Note an item where it is in doubt; documents that are completed only are there all the same."""
        if self.job.asked.kind == "retry":
            return
        if item.error is None:
            if item.source in self._known or item.source in self._written:
                self._cleared[item.source] = None
                self._items.pop(item.source, None)
        elif item.error.exit_code not in _NOT_REACHED and self.aside(item.source) is None:
            self._items[item.source] = self._failed(item.source, item.error)
            if self._flushing is None or self._flushing.done():
                self._flushing = asyncio.create_task(self._flush())

    def counts(self) -> Counts:
        """How many items there were, and what became of them."""
        return Counts(
            total=max(self._total, self._counted.total()),
            searchable=self._counted["searchable"],
            unchanged=self._counted["unchanged"],
            failed=self._counted["failed"],
            removed=self.removed,
            chunks=self._chunks,
            lead=self._lead[0],
            lead_chunks=self._lead[1],
        )

    async def ended(self, state: JobState, error: Failure | None, now: float) -> Job:
        """Note how the job has ended; items that were being worked on are in doubt then."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.gather(self._flushing, return_exceptions=True)
        if state in ("interrupted", "cancelled") and self.job.asked.kind != "retry":
            why = failure_of(InterruptedRunError("its job was stopped while it was worked on"))
            self._items |= {source: self._doubtful(source, why) for source in self._begun}
        job = replace(self.job, state=state, ended=now, counts=self.counts(), error=error, spent=self.spent())
        await completed(self._keeping.end, job, self._changed())
        return job

    async def _flush(self) -> None:
        await asyncio.sleep(FLUSH)
        changed = self._changed()
        self._written.update(item.source for item in changed.items)
        with suppress(GledeError):  # they are written with the end then, which tells of it
            await completed(self._keeping.note, self.job.id, changed)
            self._forget(changed)

    def _forget(self, changed: Changed) -> None:
        """What is written is not written again with what follows, unless it has changed since."""
        for item in changed.items:
            if self._items.get(item.source) is item:
                del self._items[item.source]
        for source in changed.cleared:
            self._cleared.pop(source, None)

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


def allowance_of(spent: Spent) -> Allowance:
    """What a job may spend: as it is said now, else as it was said before, less what it has spent already."""
    outer = allowance.get()
    said = outer is not None and (outer.money is not None or outer.calls is not None)
    money, calls = (outer.money, outer.calls) if outer and said else (spent.most_money, spent.most_calls)
    return Allowance(money, calls, spent.money, made=spent.calls, outer=outer)
