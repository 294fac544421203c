"""Completes, as a job, documents of which a model has failed a part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.adding.runs import Request
from glede.adding.tracked import Tracked
from glede.jobs import Asked
from glede.ports import Progress
from glede.results import Report

if TYPE_CHECKING:
    from glede.engine import Engine


class Retrying:
    """Takes up again what is unfinished in documents of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def retry(
        self,
        names: Sequence[str],
        collection: str,
        progress: Progress | None = None,
        job_id: int | None = None,
    ) -> Report:
        """See `Engine.retry`; a name that is none is told before there is a job."""
        for name in names:
            await self._engine.document(name, collection)
        request = Request(collection)

        async def work(tracked: Tracked) -> Report:
            bound = tracked.bind(request)
            report, only = await self._engine.completing(names, bound, tracked)
            enriching = self._engine.lines.enriching
            if enriching is None or report.stopped is not None:
                return report
            return await enriching.again(collection, only, report, bound.stop)

        before = self._engine.lines.usage()
        asked = Asked(collection, tuple(names), kind="retry")
        report = await self._engine.jobs.run(asked, work, request, progress, job_id)
        used = self._engine.lines.usage() - before
        return replace(report, usage=replace(used, embedded_texts=report.usage.embedded_texts))
