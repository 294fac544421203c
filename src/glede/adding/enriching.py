"""The line beside: what searchable documents say of entities, where that takes a model or is due again.

It reads what is stored, never the source; of a new document also what is about to be stored, so that the
model reads while the disk writes. What is said by then is stored with the document; other parts that end at
about the same time are committed together, each once its document is searchable. What is not read, or not
wholly, stays pending in the graph's own books, so that nothing has to remember it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from glede.adding.blob_keys import parse_key, unpacked
from glede.adding.group_commit import GroupCommit
from glede.adding.parsed_json import load_parsed
from glede.adding.ready import Prepared
from glede.adding.runs import failure_of, outcome_of
from glede.adding.trouble import Trouble
from glede.aside import past_of
from glede.endpoints import document as on_behalf_of
from glede.errors import GledeError
from glede.knowledge import Continuing, DocumentGraph, Extractor, GraphKeeping
from glede.ports import Blobs, Catalogue, Progress
from glede.results import Added, Enriched, Enrichment, Report
from glede.types import Chunk, Parsed, Unfinished

Wait = Literal["searchable", "enriched"]
"""What an `add` waits for: that documents are found, or also that the graph knows what they say."""
Stop: TypeAlias = Callable[[], GledeError | None]
"""Tells why nothing more is to be begun, or nothing."""
PAGE = 1000
"""Pending documents that are asked for at a time."""
MOST_AHEAD = 64
"""Documents that are read before they are stored; a slow model reads the others from where they are kept."""
_Readable: TypeAlias = "tuple[Parsed, Sequence[Chunk], DocumentGraph | None]"
"""A document, and what is known of what it says."""


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

    async def enrich(
        self, collection: str, only: frozenset[str] | None = None, *, stop: Stop | None = None
    ) -> Enrichment:
        """Read all that is pending, or what of it is named; one that fails is told, and the others go on.

        `stop` tells why none is begun any more.
        """
        async with self.following(collection, stop) as following:
            await self._feed(following, only)
        return following.outcome()

    async def along(
        self,
        collection: str,
        add: Callable[[Progress | None], Awaitable[Report]],
        progress: Progress | None,
        stop: Stop | None = None,
    ) -> Report:
        """Add documents, and read those that are searchable while the rest is still on its way."""
        async with self.following(collection, stop) as following:
            report = await add(_Watching(following, progress))
            following.settle()
            unchanged = frozenset(one.id for one in report.documents if one.status == "unchanged" and one.id)
            if unchanged:  # an earlier run may have been stopped before it came to them
                await self._feed(following, unchanged)
        return _with_enrichment(report, following.outcome())

    async def again(
        self, collection: str, only: frozenset[str] | None, report: Report, stop: Stop | None = None
    ) -> Report:
        """The report of a `retry` with what became of the graph, also of documents that are not in it."""
        enrichment = await self.enrich(collection, only, stop=stop)
        known = {one.id for one in report.documents}
        others = [one.document_id for one in enrichment.documents if one.document_id not in known]
        found = [await asyncio.to_thread(self.catalogue.document, collection, one) for one in others]
        more = [outcome_of(one.source, "unchanged", one) for one in found if one is not None]
        return _with_enrichment(replace(report, documents=(*report.documents, *more)), enrichment)

    async def _feed(self, following: Following, only: frozenset[str] | None) -> None:
        """All that is pending, or what of it is named."""
        while found := await self._pending(following.collection, following.seen):
            for document_id in found:
                following.feed(document_id, skip=only is not None and document_id not in only)

    @asynccontextmanager
    async def following(self, collection: str, stop: Stop | None = None) -> AsyncIterator[Following]:
        """Reads documents as they are fed, side by side; the end of the block waits for all of them."""
        written = GroupCommit[DocumentGraph](lambda graphs: self.graph.write(collection, graphs))
        following = Following(collection, self.extractor.fingerprint, written, stop)
        workers = [asyncio.create_task(self._work(following)) for _ in range(self.calls)]
        try:
            yield following
            for _ in workers:
                following.queue.put_nowait(None)
            await asyncio.gather(*workers)
            await asyncio.gather(*following.writing)
        finally:
            begun = (*workers, *following.writing)
            for one in begun:
                one.cancel()
            await asyncio.gather(*begun, return_exceptions=True)

    async def _pending(self, collection: str, seen: frozenset[str]) -> list[str]:
        """More of what is pending, that was not seen yet."""
        limit = len(seen) + PAGE
        found = await asyncio.to_thread(self.graph.pending, collection, self.extractor.fingerprint, limit)
        return [document_id for document_id in found if document_id not in seen]

    async def _work(self, following: Following) -> None:
        while (document_id := await following.queue.get()) is not None:
            if following.halt():
                continue
            graph = await self._graph_of(document_id, following)
            if graph is None:
                continue
            if following.is_searchable(document_id):
                await self._keep(graph, following)
            else:
                following.offer(graph)
                following.follow(asyncio.create_task(self._keep(graph, following)))

    async def _graph_of(self, document_id: str, following: Following) -> DocumentGraph | None:
        """What a document says; `None` where it is live no more, or its reading has failed."""
        on_behalf_of.set(document_id)
        try:
            stored = await self._taken(document_id, following)
            graph = None if stored is None else await self._read(*stored)
        except GledeError as error:
            following.fail(document_id, error)
            return None
        following.trouble.failures = 0
        return graph

    async def _taken(self, document_id: str, following: Following) -> _Readable | None:
        """What there is to read of a document; `None` where it is live no more."""
        ahead = following.taken(document_id)
        if ahead is not None:
            past = await asyncio.to_thread(
                self.catalogue.document, past_of(following.collection), document_id
            )
            if past is None:
                return ahead
            if not await following.searchable(document_id):  # what is known of it comes back with it
                return None
        return await asyncio.to_thread(self._stored, following.collection, document_id)

    async def _keep(self, graph: DocumentGraph, following: Following) -> None:
        """Write what a document says once it is searchable, if it ever is, and unless it came along."""
        document_id = graph.document_id
        searchable = await following.searchable(document_id)
        along = following.came_along(document_id)
        if not searchable:
            return
        try:
            if not along:
                await following.written.write(graph)
        except GledeError as error:
            following.fail(document_id, error)
            return
        status: Literal["partial", "enriched"] = "partial" if graph.unread else "enriched"
        following.end(Enriched(document_id, status, graph.warnings))

    async def _read(
        self, parsed: Parsed, chunks: Sequence[Chunk], known: DocumentGraph | None
    ) -> DocumentGraph:
        """What the document says; of one that was read in part only the rest is read."""
        same = known is not None and known.extractor == self.extractor.fingerprint
        if known is not None and same and isinstance(self.extractor, Continuing):
            return await self.extractor.go_on(parsed, chunks, known)
        return await self.extractor.extract(parsed, chunks)

    def _stored(self, collection: str, document_id: str) -> _Readable | None:
        document = self.catalogue.document(collection, document_id)
        if document is None:
            return None
        data = self.blobs.get(parse_key(document.version))
        chunks = self.catalogue.document_chunks(collection, document_id)
        return load_parsed(unpacked(data), {}), chunks, self.graph.read(collection, document_id)


class Following:
    """Documents on their way through the line, and what became of them."""

    def __init__(
        self,
        collection: str,
        fingerprint: str,
        written: GroupCommit[DocumentGraph],
        stop: Stop | None = None,
    ) -> None:
        self.collection = collection
        self._fingerprint = fingerprint
        self.written = written
        self._stop = stop
        self.queue: asyncio.Queue[str | None] = asyncio.Queue()
        self.writing: set[asyncio.Task[None]] = set()
        self.trouble = Trouble()
        self._ahead: dict[str, _Readable] = {}
        self._searchable: dict[str, asyncio.Future[bool]] = {}
        self._foreseen: dict[str, str] = {}
        self._offered: dict[str, DocumentGraph] = {}
        self._along: set[str] = set()
        self._order: dict[str, None] = {}
        self._skipped: set[str] = set()
        self._ended: dict[str, Enriched] = {}
        self._began = time.perf_counter()

    def halt(self) -> bool:
        """Whether no other document is to be begun."""
        if self.trouble.stopped is None and self._stop is not None:
            self.trouble.stopped = self._stop()
        return self.trouble.stopped is not None

    @property
    def seen(self) -> frozenset[str]:
        """All that was fed."""
        return frozenset(self._order) | self._skipped

    def foresee(self, prepared: Prepared) -> None:
        """Read a document that is about to be searchable; of many the others wait until they are.

        So does one of which a former version has told a part.
        """
        document_id, known = prepared.document.id, prepared.graph
        told = known is not None and known.extractor == self._fingerprint
        if not told and document_id not in self._order and len(self._ahead) < MOST_AHEAD:
            self._order[document_id] = None
            self._foreseen[prepared.source] = document_id
            self._ahead[document_id] = (replace(prepared.parsed, assets={}), prepared.chunks, None)
            self._searchable[document_id] = asyncio.get_running_loop().create_future()
            self.queue.put_nowait(document_id)

    def follow(self, writing: asyncio.Task[None]) -> None:
        """Have the end wait for this, too; what has gone well is forgotten."""

        def ended(one: asyncio.Task[None]) -> None:
            if not one.cancelled() and one.exception() is None:
                self.writing.discard(one)

        self.writing.add(writing)
        writing.add_done_callback(ended)

    def taken(self, document_id: str) -> _Readable | None:
        """What was foreseen of a document, for whoever reads it."""
        return self._ahead.pop(document_id, None)

    def offer(self, graph: DocumentGraph) -> None:
        """What a document says that is not stored yet: it may go with it."""
        self._offered[graph.document_id] = graph

    def latest(self, prepared: Prepared) -> Prepared:
        """See `glede.adding.ready.Foreseeing`."""
        graph = self._offered.pop(prepared.document.id, None)
        if graph is None:
            return prepared
        self._along.add(graph.document_id)
        return replace(prepared, graph=graph)

    def came_along(self, document_id: str) -> bool:
        """Whether what a document says was stored with it; to be asked once it is known what became of it."""
        self._offered.pop(document_id, None)
        return document_id in self._along

    def is_searchable(self, document_id: str) -> bool:
        """Whether it is known already what has become of a document."""
        waiting = self._searchable.get(document_id)
        return waiting is None or waiting.done()

    async def searchable(self, document_id: str) -> bool:
        """Wait until a document is searchable; false where it has failed."""
        waiting = self._searchable.get(document_id)
        return waiting is None or await waiting

    def withdraw(self, source: str) -> None:
        """Forget what was foreseen of a source: its document has failed."""
        document_id = self._foreseen.pop(source, "")
        if document_id and not self.is_searchable(document_id):
            del self._order[document_id]
            self._searchable[document_id].set_result(False)

    def settle(self) -> None:
        """Nothing more becomes searchable."""
        for source in list(self._foreseen):
            self.withdraw(source)

    def feed(self, document_id: str, *, skip: bool = False) -> None:
        """Read a document, once; or note that it is not to be read."""
        waiting = self._searchable.get(document_id)
        if waiting is not None and not waiting.done():
            self._searchable.pop(document_id).set_result(True)
        elif skip:
            self._skipped.add(document_id)
        elif document_id not in self._order:
            self._order[document_id] = None
            self.queue.put_nowait(document_id)

    def end(self, outcome: Enriched) -> None:
        """Note what became of a document."""
        self._ended[outcome.document_id] = outcome

    def fail(self, document_id: str, error: GledeError) -> None:
        """Note that a document could not be read, or what it says not be kept."""
        self.trouble.note(error)
        if self.trouble.hopeless is not None:
            self.end(Enriched(document_id, "pending"))
        else:
            self.end(Enriched(document_id, "failed", error=failure_of(error)))

    def outcome(self) -> Enrichment:
        """What became of all of them."""
        stopped = self.trouble.stopped
        left = [Enriched(one, "pending") for one in self._order if one not in self._ended and stopped]
        ended = [one for one in self._ended.values() if one.document_id in self._order]
        place = {document_id: number for number, document_id in enumerate(self._order)}
        documents = sorted([*ended, *left], key=lambda one: place[one.document_id])
        why = None if stopped is None else failure_of(stopped)
        return Enrichment(tuple(documents), seconds=time.perf_counter() - self._began, stopped=why)


@dataclass(frozen=True, slots=True)
class _Watching:
    """Tells who watches an `add`, and feeds what is searchable to the line beside."""

    following: Following
    progress: Progress | None = None

    def start(self, total: int) -> None:
        """See `glede.ports.Progress`; so for the others."""
        if self.progress is not None:
            self.progress.start(total)

    def done(self, item: Added) -> None:
        """One item has ended; its document may be read for the graph now."""
        if item.status == "searchable" and item.id is not None:
            self.following.feed(item.id)
        elif item.status == "failed":
            self.following.withdraw(item.source)
        if self.progress is not None:
            self.progress.done(item)

    def stage(self, name: str, source: str) -> None:
        """Work on an item has reached a stage."""
        if self.progress is not None:
            self.progress.stage(name, source)

    def foresee(self, prepared: Prepared) -> None:
        """See `glede.adding.ready.Foreseeing`; so for the other."""
        self.following.foresee(prepared)

    def latest(self, prepared: Prepared) -> Prepared:
        """What a model has said of it meanwhile is stored with it, and not in place of what rules say."""
        return self.following.latest(prepared)


def _with_enrichment(report: Report, enrichment: Enrichment) -> Report:
    """The report of an `add`, with what became of the graph of each document."""
    outcomes = {one.document_id: one for one in enrichment.documents}
    documents = tuple(_with_outcome(one, outcomes.get(one.id or "")) for one in report.documents)
    return replace(report, documents=documents, stopped=report.stopped or enrichment.stopped)


def _with_outcome(added: Added, outcome: Enriched | None) -> Added:
    if outcome is None or added.status not in ("searchable", "unchanged"):
        return added
    if outcome.status == "enriched":
        warnings = (*added.warnings, *outcome.warnings)
        return replace(added, status="enriched", warnings=warnings)
    why = outcome.error.message if outcome.error else " ".join(outcome.warnings) or "it was not asked for"
    code = outcome.error.code if outcome.error else outcome.status
    left = Unfinished("graph", code, why, outcome.error is None or outcome.error.retryable)
    what = "in part only" if outcome.status == "partial" else "not yet"
    return replace(
        added,
        partial=(*added.partial, f"the graph knows it {what}: {why}"),
        unfinished=(*added.unfinished, left),
    )
