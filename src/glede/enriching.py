"""The line beside: what searchable documents say of entities, where that takes a model or is due again.

It reads what is stored, never the source; each document's part of the graph is committed by itself. What is
not read, or not wholly, stays pending in the graph's own books, so that nothing has to remember it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from glede.endpoints import document as on_behalf_of
from glede.errors import GledeError
from glede.knowledge import Extractor, GraphKeeping
from glede.parsed_json import load_parsed
from glede.ports import Blobs, Catalogue
from glede.results import Enriched, Enrichment
from glede.runs import failure_of
from glede.storing import parse_key, unpacked
from glede.trouble import Trouble
from glede.types import Chunk, Parsed

PAGE = 1000
"""Pending documents that are asked for at a time."""


@dataclass(frozen=True, slots=True)
class Enriching:
    """The line and what it needs; `calls` documents are on their way at a time.

    `follows` says that documents become searchable without what it finds.
    """

    catalogue: Catalogue
    blobs: Blobs
    graph: GraphKeeping
    extractor: Extractor
    calls: int = 16
    follows: bool = True

    async def enrich(self, collection: str, only: frozenset[str] | None = None) -> Enrichment:
        """Read all that is pending, or what of it is named; one that fails is told, and the others go on."""
        async with self.following(collection) as following:
            while found := await self._pending(collection, following.seen):
                for document_id in found:
                    following.feed(document_id, skip=only is not None and document_id not in only)
        return following.outcome()

    @asynccontextmanager
    async def following(self, collection: str) -> AsyncIterator[Following]:
        """Reads documents as they are fed, side by side; the end of the block waits for all of them."""
        following = Following(collection)
        workers = [asyncio.create_task(self._work(following)) for _ in range(self.calls)]
        try:
            yield following
            for _ in workers:
                following.queue.put_nowait(None)
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _pending(self, collection: str, seen: frozenset[str]) -> list[str]:
        """More of what is pending, that was not seen yet."""
        limit = len(seen) + PAGE
        found = await asyncio.to_thread(self.graph.pending, collection, self.extractor.fingerprint, limit)
        return [document_id for document_id in found if document_id not in seen]

    async def _work(self, following: Following) -> None:
        while (document_id := await following.queue.get()) is not None:
            if following.trouble.stopped is None:
                following.end(await self._enriched(document_id, following))

    async def _enriched(self, document_id: str, following: Following) -> Enriched | None:
        """What became of one document; `None` where it is live no more."""
        on_behalf_of.set(document_id)
        try:
            stored = await asyncio.to_thread(self._stored, following.collection, document_id)
            if stored is None:
                return None
            graph = await self.extractor.extract(*stored)
            await asyncio.to_thread(self.graph.write, following.collection, [graph])
        except GledeError as error:
            following.trouble.note(error)
            if following.trouble.hopeless is not None:
                return Enriched(document_id, "pending")
            return Enriched(document_id, "failed", error=failure_of(error))
        following.trouble.failures = 0
        return Enriched(document_id, "partial" if graph.unread else "enriched", graph.warnings)

    def _stored(self, collection: str, document_id: str) -> tuple[Parsed, Sequence[Chunk]] | None:
        document = self.catalogue.document(collection, document_id)
        if document is None:
            return None
        data = self.blobs.get(parse_key(document.version))
        return load_parsed(unpacked(data), {}), self.catalogue.document_chunks(collection, document_id)


class Following:
    """Documents on their way through the line, and what became of them."""

    def __init__(self, collection: str) -> None:
        self.collection = collection
        self.queue: asyncio.Queue[str | None] = asyncio.Queue()
        self.trouble = Trouble()
        self._order: dict[str, None] = {}
        self._skipped: set[str] = set()
        self._ended: dict[str, Enriched | None] = {}
        self._began = time.perf_counter()

    @property
    def seen(self) -> frozenset[str]:
        """All that was fed."""
        return frozenset(self._order) | self._skipped

    def feed(self, document_id: str, *, skip: bool = False) -> None:
        """Read a document, once; or note that it is not to be read."""
        if skip:
            self._skipped.add(document_id)
        elif document_id not in self._order:
            self._order[document_id] = None
            self.queue.put_nowait(document_id)

    def end(self, outcome: Enriched | None) -> None:
        """Note what became of a document."""
        if outcome is not None:
            self._ended[outcome.document_id] = outcome

    def outcome(self) -> Enrichment:
        """What became of all of them."""
        stopped = self.trouble.stopped
        left = [Enriched(one, "pending") for one in self._order if one not in self._ended and stopped]
        ended = [one for one in self._ended.values() if one is not None]
        place = {document_id: number for number, document_id in enumerate(self._order)}
        documents = sorted([*ended, *left], key=lambda one: place[one.document_id])
        why = None if stopped is None else failure_of(stopped)
        return Enrichment(tuple(documents), seconds=time.perf_counter() - self._began, stopped=why)
