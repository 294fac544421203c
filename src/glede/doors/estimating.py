"""What an `add` is likely to cost: a dry run of the same line, in which models are only counted.

Pages, pictures, chunks, texts and calls are those of the real run, since the same code makes them; what was
answered or embedded before is left out. Answers are guessed to be as long as those of the same role so far.
The time is that of as many chunks in the latest jobs of the collection; where there was none, it is a guess.
What a process does once (it loads models and rules, and starts that of the parsers) comes before the first
document of a job: it is told apart, and counted again only where this process has done no job yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glede.adding.rehearsal import Calls, Rehearsal, rehearsing
from glede.adding.runs import Request
from glede.endpoints import Spending
from glede.jobs import Job
from glede.knowledge import Continuing, DocumentGraph
from glede.models.prices import prices_of
from glede.ports import Progress
from glede.results import Estimate, Expected, Report
from glede.sources.items import Thing
from glede.types import Chunk, Parsed

if TYPE_CHECKING:
    from glede.adding.enriching import Wait
    from glede.engine import Engine

ANSWERS: Mapping[str, int] = {"vision": 150, "extract": 400, "chat": 300}
"""Tokens of an answer in a role that has never been asked."""
CALL_SECONDS: Mapping[str, float] = {"vision": 4.0, "extract": 4.0, "chat": 3.0, "embed": 0.4}
"""Seconds of a call, as hosted models take them."""
PACED_BY = 20
"""The latest jobs, whose pace is that of the next one."""
LEAST_PACED = 50
"""Chunks of a job that tells a pace: one of less mostly loads what it needs."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds before the first document of a job, and of each chunk from then on."""

    lead: float
    chunk: float


class Estimating:
    """Dry runs of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def add(
        self, things: Sequence[Thing], request: Request, wait: Wait, progress: Progress | None
    ) -> Report:
        """Read and count, change nothing."""
        enriching = self._engine.lines.enriching
        if enriching is not None and enriching.follows and wait == "enriched":
            extractor = enriching.extractor

            async def follow(parsed: Parsed, chunks: Sequence[Chunk], known: DocumentGraph | None) -> None:
                same = known is not None and known.extractor == extractor.fingerprint
                if known is not None and same and isinstance(extractor, Continuing):
                    await extractor.go_on(parsed, chunks, known)
                else:
                    await extractor.extract(parsed, chunks)

            request = replace(request, follow=follow)
        with rehearsing() as counted:
            report = await self._engine.adding(things, request, wait, progress)
        spent = await self._engine.usage("role")
        latest = await self._engine.jobs.latest(PACED_BY)
        pace = pace_of(latest, request.collection, self._engine.lines.tracking.opened)
        estimate = await asyncio.to_thread(self._estimate, report, counted, spent, pace)
        return replace(report, estimate=estimate)

    def _estimate(
        self, report: Report, counted: Rehearsal, spent: Sequence[Spending], pace: Pace | None
    ) -> Estimate:
        planned = [one for one in report.documents if one.status == "planned"]
        answers = {one.name: one.completion_tokens / one.calls for one in spent if one.calls}
        models = tuple(
            self._expected(role, model, calls, answers) for (role, model), calls in counted.asked.items()
        )
        chunks = sum(one.chunks for one in planned)
        waits = sum(CALL_SECONDS.get(one.role, 1.0) * one.calls for one in models)
        guessed = report.seconds + waits / max(1, self._engine.settings.model_concurrency)
        return Estimate(
            files=len(planned),
            pages=sum(one.pages for one in planned),
            pictures=sum(calls.pictures for calls in counted.asked.values()),
            chunks=chunks,
            embedded_texts=len(counted.texts),
            models=models,
            seconds=guessed if pace is None else pace.lead + pace.chunk * chunks,
            paced=pace is not None,
        )

    def _expected(self, role: str, model: str, calls: Calls, answers: Mapping[str, float]) -> Expected:
        each = answers.get(role, 0 if role == "embed" else ANSWERS.get(role, 0))
        completion = round(each * calls.calls)
        price = prices_of(self._engine.settings.prices).of(model)
        cost = price.cost(calls.prompt_tokens, completion) if price.known else None
        return Expected(role, model, calls.calls, calls.prompt_tokens, completion, cost)


def pace_of(jobs: Sequence[Job], collection: str, opened: float) -> Pace | None:
    """How long the latest jobs of a collection took, the latest first; `None` where none tells.

    The last one counts as much as all before it together. Before the first document the longest of them
    waited as long as a process that is new; one `opened` at a time when no job had begun is.
    """
    chunk: float | None = None
    leads: list[float] = []
    for job in reversed(jobs):
        whole = job.state in ("done", "failed") and job.asked.kind in ("add", "sync")
        if job.asked.collection != collection or not whole or job.ended is None:
            continue
        counts = job.counts
        if counts.chunks >= LEAST_PACED and job.ended > job.started:
            after = max(1, counts.chunks - counts.lead_chunks)
            took = max(0.0, job.ended - job.started - counts.lead) / after
            chunk = took if chunk is None else (chunk + took) / 2
            leads.append(counts.lead)
    if chunk is None:
        return None
    return Pace(0.0 if any(job.started >= opened for job in jobs) else max(leads), chunk)
