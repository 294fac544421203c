"""Documents stored together: embedded in batches across documents, each batch kept by one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from glede.adding.ready import Foreseeing, Prepared
from glede.adding.rehearsal import rehearsal
from glede.adding.runs import Run, failed, outcome_of
from glede.adding.storing import Embedded, Store
from glede.adding.trouble import ITS_OWN
from glede.errors import BudgetError, ConfigurationError, ModelError
from glede.precedence import QUESTIONS

BATCH_CHUNKS = 1024
"""Chunks stored together: enough to embed well and to share a transaction, few enough to stay small."""
FIRST_CHUNKS = 16
"""Chunks of the first batch of an `add`: the sooner stored, the sooner somebody can search."""
GROWTH = 4
"""So many times as many are in the next one."""
ASKED_CHUNKS = 32
"""Of a batch while questions are asked, which a transaction of more would hold up."""
BATCH_DOCUMENTS = 512
"""The rows of many touch the same pages of the catalogue; of more, writing would hold up the end of a job."""
BATCH_BYTES = 32 * 2**20
"""Of the files and pictures of a batch, which stay in memory until they are written."""
WAITING_CHUNKS, WAITING_BYTES = 2 * BATCH_CHUNKS, 2 * BATCH_BYTES
"""Of documents that are read and not embedded yet, from which on no other joins them: each chunk takes 7 KB
with what is known of it."""
LINGER = 0.5
"""Seconds that a batch waits for another document that is being read; longer than a busy machine needs for
most, since each batch is a transaction."""


class Waiting(asyncio.Queue["Prepared | None"]):
    """Prepared documents on their way to the embedder, few where they are long; `None` ends them."""

    def __init__(self) -> None:
        super().__init__(maxsize=BATCH_DOCUMENTS)
        self._chunks = self._bytes = 0

    def full(self) -> bool:
        """Whether another has to wait; one alone never does, however long it is."""
        return super().full() or self._chunks >= WAITING_CHUNKS or self._bytes >= WAITING_BYTES

    def _put(self, item: Prepared | None) -> None:
        if item is not None:
            self._chunks += len(item.chunks)
            self._bytes += item.held
        super()._put(item)

    def _get(self) -> Prepared | None:
        item: Prepared | None = super()._get()
        if item is not None:
            self._chunks -= len(item.chunks)
            self._bytes -= item.held
        return item


@dataclass(frozen=True, slots=True)
class Batches:
    """The second half of the line: from prepared documents to searchable ones."""

    store: Store

    async def embed(
        self, parsed: asyncio.Queue[Prepared | None], embedded: asyncio.Queue[Embedded | None], run: Run
    ) -> None:
        """Take what is parsed in batches, as large as there is without waiting, up to the limits."""
        more, most = True, FIRST_CHUNKS
        while more:
            first = await parsed.get()
            if first is None:
                break
            batch, more = await self._batch(first, parsed, run, most)
            most = min(BATCH_CHUNKS, GROWTH * most)
            if run.request.dry_run:
                await self._rehearsed(batch, run)
                self._searchable(batch, "planned", run)
            else:
                for prepared in batch:
                    run.stage("embed", prepared.source)
                for ready in await self._vectors(batch, run):
                    await embedded.put(ready)
        await embedded.put(None)

    async def _rehearsed(self, batch: Sequence[Prepared], run: Run) -> None:
        """Count what would be embedded, and what is made of the documents after."""
        if (counted := rehearsal.get()) is not None:
            await self.store.rehearse(batch, counted)
            for prepared in batch:
                await run.request.follow(prepared.parsed, prepared.chunks, prepared.graph)

    async def _vectors(self, batch: Sequence[Prepared], run: Run) -> list[Embedded]:
        """The batch with its vectors; where the model fails, the documents fail and not the run."""
        try:
            run.embedding.check()
            ready = await self.store.embed(batch)
        except (ModelError, ConfigurationError, BudgetError) as error:
            if isinstance(error, ITS_OWN) and len(batch) > 1:
                return [one for prepared in batch for one in await self._vectors([prepared], run)]
            run.embedding.note(error)
            for prepared in batch:
                run.end(prepared.place, failed(prepared.source, error))
            return []
        run.embedding.failures = 0
        return [ready]

    async def _batch(
        self, first: Prepared, parsed: asyncio.Queue[Prepared | None], run: Run, most: int
    ) -> tuple[list[Prepared], bool]:
        """The document and those that are parsed soon after it, and whether more may follow."""
        batch, chunks, held = [first], len(first.chunks), first.held
        most = min(most, ASKED_CHUNKS) if QUESTIONS.lately else most
        # A dry run counts the calls of full batches, however busy the machine is on which it is made.
        patience = None if run.request.dry_run else LINGER
        run.under_way -= 1
        while chunks < most and held < BATCH_BYTES and len(batch) < BATCH_DOCUMENTS:
            if parsed.empty() and run.under_way <= 0:
                break
            try:
                async with asyncio.timeout(patience):
                    following = await parsed.get()
            except TimeoutError:
                break
            if following is None:
                return batch, False
            batch.append(following)
            chunks += len(following.chunks)
            held += following.held
            run.under_way -= 1
        return batch, True

    async def keep(self, embedded: asyncio.Queue[Embedded | None], run: Run) -> None:
        """Make each batch searchable as it comes."""
        while (ready := await embedded.get()) is not None:
            if isinstance(run.progress, Foreseeing):
                ready = replace(ready, batch=[run.progress.latest(one) for one in ready.batch])
            await self.store.keep(run.request.collection, ready)
            run.embedded += len(ready.fresh)
            self._searchable(ready.batch, "searchable", run)

    def _searchable(
        self, batch: Sequence[Prepared], status: Literal["planned", "searchable"], run: Run
    ) -> None:
        for prepared in batch:
            run.end(prepared.place, outcome_of(prepared.source, status, prepared.document))
