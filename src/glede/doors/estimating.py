"""What an `add` is likely to cost: a dry run of the same line, in which models are only counted.

Pages, pictures, chunks, texts and calls are those of the real run, since the same code makes them; what was
answered or embedded before is left out. Answers are guessed to be as long as those of the same role so far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from glede.adding.rehearsal import Calls, Rehearsal, rehearsing
from glede.adding.runs import Request
from glede.endpoints import Spending
from glede.knowledge import Continuing, DocumentGraph
from glede.models.prices import prices_of
from glede.ports import Progress
from glede.results import Estimate, Expected, Report
from glede.sources.items import Content
from glede.types import Chunk, Parsed

if TYPE_CHECKING:
    from glede.adding.enriching import Wait
    from glede.engine import Engine

ANSWERS: Mapping[str, int] = {"vision": 150, "extract": 400, "chat": 300}
"""Tokens of an answer in a role that has never been asked."""
CALL_SECONDS: Mapping[str, float] = {"vision": 4.0, "extract": 4.0, "chat": 3.0, "embed": 0.4}
"""Seconds of a call, as hosted models take them."""


class Estimating:
    """Dry runs of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def add(
        self, things: Sequence[str | Path | Content], request: Request, wait: Wait, progress: Progress | None
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
        estimate = await asyncio.to_thread(self._estimate, report, counted, spent)
        return replace(report, estimate=estimate)

    def _estimate(self, report: Report, counted: Rehearsal, spent: Sequence[Spending]) -> Estimate:
        planned = [one for one in report.documents if one.status == "planned"]
        answers = {one.name: one.completion_tokens / one.calls for one in spent if one.calls}
        models = tuple(
            self._expected(role, model, calls, answers) for (role, model), calls in counted.asked.items()
        )
        waits = sum(CALL_SECONDS.get(one.role, 1.0) * one.calls for one in models)
        return Estimate(
            files=len(planned),
            pages=sum(one.pages for one in planned),
            pictures=sum(calls.pictures for calls in counted.asked.values()),
            chunks=sum(one.chunks for one in planned),
            embedded_texts=len(counted.texts),
            models=models,
            seconds=report.seconds + waits / max(1, self._engine.settings.model_concurrency),
        )

    def _expected(self, role: str, model: str, calls: Calls, answers: Mapping[str, float]) -> Expected:
        each = answers.get(role, 0 if role == "embed" else ANSWERS.get(role, 0))
        completion = round(each * calls.calls)
        price = prices_of(self._engine.settings.prices).of(model)
        cost = price.cost(calls.prompt_tokens, completion) if price.known else None
        return Expected(role, model, calls.calls, calls.prompt_tokens, completion, cost)
