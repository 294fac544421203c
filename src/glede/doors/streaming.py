"""Documents that come one after another, without an end in sight: added together as they are there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.adding.runs import Request
from glede.adding.tracked import Tracked
from glede.jobs import Asked
from glede.results import Added, Report
from glede.sources.items import Content

if TYPE_CHECKING:
    from glede.adding.enriching import Wait
    from glede.engine import Engine

AT_ONCE = 128
"""Documents that are added together, where so many wait already; none waits for others to come."""


class _Acknowledging:
    """Acknowledges items as they end, and tells the job."""

    def __init__(self, tracked: Tracked, acknowledge: Callable[[Added], None]) -> None:
        self._tracked = tracked
        self._acknowledge = acknowledge

    def start(self, total: int) -> None:
        """See `glede.ports.Progress`; so for the others."""
        self._tracked.start(total)

    def stage(self, name: str, source: str) -> None:
        """Work on an item has reached a stage."""
        self._tracked.stage(name, source)

    def done(self, item: Added) -> None:
        """An item is searchable, or has failed."""
        self._tracked.done(item)
        self._acknowledge(item)


class Streaming:
    """Adds streams to an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def add(
        self,
        contents: AsyncIterable[Content],
        acknowledge: Callable[[Added], None],
        request: Request,
        wait: Wait,
    ) -> Report:
        """See `Engine.add_stream`."""

        async def work(tracked: Tracked) -> Report:
            watching = _Acknowledging(tracked, acknowledge)
            total = Report(())
            async for batch in batches(contents):
                await tracked.expect([content.source for content in batch])
                report = await self._engine.adding(batch, tracked.bind(request), wait, watching)
                total = replace(
                    total, usage=total.usage + report.usage, seconds=total.seconds + report.seconds
                )
                if report.stopped is not None:
                    return replace(total, stopped=report.stopped)
            return total

        asked = Asked(request.collection, (), ("-",), request.metadata, request.parser, "stream")
        return await self._engine.jobs.run(asked, work, request, None, None)


async def batches(contents: AsyncIterable[Content]) -> AsyncIterator[list[Content]]:
    """What is there, at most `AT_ONCE` together; one that names a source again begins the next."""
    queue: asyncio.Queue[Content | None] = asyncio.Queue(maxsize=AT_ONCE)

    async def read() -> None:
        try:
            async for content in contents:
                await queue.put(content)
        finally:
            await queue.put(None)

    reading = asyncio.create_task(read())
    try:
        following = await queue.get()
        while following is not None:
            batch, named = [following], {following.source}
            following = await queue.get() if not queue.empty() else _LATER
            while following is not None and following is not _LATER and len(batch) < AT_ONCE:
                if following.source in named:
                    break
                batch.append(following)
                named.add(following.source)
                following = await queue.get() if not queue.empty() else _LATER
            yield batch
            if following is _LATER:
                following = await queue.get()
        await reading  # raises what the stream has raised
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


_LATER = Content(b"", "")
