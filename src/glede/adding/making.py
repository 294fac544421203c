"""What becomes of a parse: processors look at its items, it is cut, and read for the graph."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glede.adding.changes import Former, carried, former_of
from glede.adding.chunkers import chunks_of
from glede.adding.chunking import Chunking
from glede.adding.ready import Prepared
from glede.adding.rehearsal import rehearsal
from glede.adding.runs import Identity, Request, Run, unfinished_items, version_of
from glede.adding.seams import NONE, Seams
from glede.adding.trouble import describing
from glede.endpoints import document as on_behalf_of
from glede.errors import BudgetError, ConfigurationError
from glede.knowledge import DocumentGraph, Extractor
from glede.ports import Catalogue, Processor
from glede.precedence import QUESTIONS
from glede.reading.pages import missing_pages
from glede.text import moments
from glede.types import Chunk, Document, Parsed, block_counts, content_hash

SHORT = 16 * 1024
"""Characters of a new document that is cut where it is, in 3 ms at most: to hand it to a thread and to be
told takes half as long as most take. A longer one would hold up the event loop."""


@dataclass(frozen=True, slots=True)
class Making:
    """Makes a document and its chunks of what a parser read; `processors` are made when the first comes."""

    catalogue: Catalogue
    how: Chunking
    processors: Callable[[], tuple[Processor, ...]] = tuple
    extractor: Extractor | None = None

    def version(self, document_id: str, plan: str) -> str:
        """The version of a document that is read by a plan, and by processors and chunker as they are."""
        ways = [self.how.fingerprint, *(processor.fingerprint for processor in self.processors())]
        return content_hash("version", document_id, plan, *ways)

    async def made(self, place: int, source: str, what: Identity, raw: Parsed, run: Run) -> Prepared:
        """What processors, chunker and extractor make of a parse."""
        parsed = raw
        if self.processors() and (not run.request.dry_run or rehearsal.get() is not None):
            parsed = await self._processed(raw, what.document_id, run)
        version = version_of(what.version, parsed.unfinished)
        asked = (source, what, parsed, version, run.request)
        former, chunks = (
            self._cut(*asked) if _is_short(what, parsed) else await asyncio.to_thread(self._cut, *asked)
        )
        graph = await self._extracted(parsed, chunks, run)
        if former is not None and graph is not None:
            graph = carried(former, graph, chunks)
        document = Document(
            id=what.document_id,
            version=version,
            sha256=what.sha256,
            media_type=what.media_type,
            size=len(what.data),
            parser=parsed.parser,
            sources=(source,),
            title=parsed.title,
            metadata=dict(what.metadata),
            pages=len(parsed.pages),
            chunks=len(chunks),
            blocks=block_counts(parsed.blocks),
            warnings=(*parsed.warnings, *(graph.warnings if graph else ())),
            partial=(*missing_pages(parsed.pages), *unfinished_items(parsed.unfinished)),
            added_at=moments.now(),
            unfinished=parsed.unfinished,
            plan=what.plan,
        )
        kept = raw if parsed.unfinished else None
        return Prepared(place, source, what.modified, what.data, document, parsed, chunks, graph, kept)

    def _cut(
        self, source: str, what: Identity, parsed: Parsed, version: str, request: Request
    ) -> tuple[Former | None, tuple[Chunk, ...]]:
        """The chunks, and what the source meant before."""
        former = former_of(self.catalogue, request.collection, source) if what.known else None
        seams = NONE if former is None else self._seams(former)
        return former, tuple(chunks_of(what.data, parsed, what.document_id, version, self.how, seams))

    def _seams(self, former: Former) -> Seams:
        """Those of a version that was read, and cut, as this one is."""
        live = former.document
        same = version_of(self.version(live.id, live.plan), live.unfinished) == live.version
        return former.seams if same else NONE

    async def _processed(self, parsed: Parsed, document_id: str, run: Run) -> Parsed:
        """The document with what models say of its pictures; raises where one stands in the way."""
        run.embedding.check()
        if run.describing.hopeless is not None:
            raise run.describing.hopeless
        on_behalf_of.set(document_id)
        describing.set(run.describing)
        try:
            for processor in self.processors():
                parsed = await processor.process(parsed)
        except (ConfigurationError, BudgetError) as error:
            run.describing.note(error)
            raise
        return parsed

    async def _extracted(self, parsed: Parsed, chunks: Sequence[Chunk], run: Run) -> DocumentGraph | None:
        """What the document says of entities, where that is found without a model."""
        if run.request.dry_run:
            return None if rehearsal.get() is None else DocumentGraph("", "")
        if self.extractor is None:
            return None
        async with run.extracting:  # side by side they would only keep one another waiting
            await QUESTIONS.given_way()
            return await self.extractor.extract(parsed, chunks)


def _is_short(what: Identity, parsed: Parsed) -> bool:
    """Whether cutting takes no time to speak of; of a known source the stores are asked."""
    return not what.known and sum([len(block.text) for block in parsed.blocks]) <= SHORT
