"""The first straight line: read -> parse -> chunk -> embed -> Blobs, Index, Catalogue.

Parsing overlaps with storing through a bounded queue; texts are embedded in batches across documents. A
document becomes searchable, and acknowledged, with the one transaction that commits its batch. What is
written before it (blobs, index rows) is announced to the catalogue first, so that a crash leaves only
garbage that no reader sees and the next opening sweeps.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from glede.adding.batches import Batches, Waiting
from glede.adding.chunkers import chunker_named
from glede.adding.cycles import SELDOM
from glede.adding.making import Making
from glede.adding.ready import Foreseeing, Prepared
from glede.adding.runs import (
    Copy,
    Identity,
    Request,
    Run,
    failed,
    failure_of,
    identity_of,
    is_left_out,
    outcome_of,
    version_of,
)
from glede.adding.storing import Embedded, Store
from glede.aside import DISABLED, aside_of
from glede.completing import completed
from glede.errors import (
    BudgetError,
    ConfigurationError,
    DocumentError,
    GledeError,
    ModelError,
    UnsupportedError,
    first_of,
)
from glede.media import detect
from glede.parsing import ParseOptions
from glede.ports import Catalogue, Fetch, Progress
from glede.precedence import QUESTIONS
from glede.reading.choosing import Choose, Plan, Reading
from glede.results import Added, Report, Usage
from glede.sources.containers import ArchiveLimits, expanded
from glede.sources.items import Item, Thing, fetched, items_of, read
from glede.types import Document, sha256_of

FETCHES = 4
"""Addresses that are fetched side by side; none of them keeps a file waiting."""

_Reader: TypeAlias = "Callable[[asyncio.Queue[Prepared | None]], Coroutine[None, None, None]]"
"""Puts prepared documents into a queue, taking turns with others of its kind."""


@dataclass(frozen=True, slots=True)
class Ingest:
    """The line and what it needs, put together by `glede.build`.

    `calls` documents are on their way at a time, since one that waits for a model holds no parser.
    """

    catalogue: Catalogue
    store: Store
    reading: Reading
    choose: Choose
    making: Making
    options: ParseOptions
    max_bytes: int
    calls: int = 2
    fetch: Fetch | None = None
    archives: ArchiveLimits = field(default_factory=ArchiveLimits)

    async def add(
        self, things: Iterable[Thing], request: Request, progress: Progress | None = None
    ) -> Report:
        """Add them all; one that cannot be added is reported as failed, and the others go on."""
        began = time.perf_counter()
        things = list(things)
        items = await asyncio.to_thread(lambda: self._expanded(items_of(things), request))
        run = Run(request, progress, len(items))
        local = iter([(place, item) for place, item in enumerate(items) if item.url is None])
        remote = iter([(place, item) for place, item in enumerate(items) if item.url is not None])
        # A document that waits for a model holds no parser.
        readers = [lambda queue: self._read(local, queue, run)] * self.calls
        readers += [lambda queue: self._read(remote, queue, run)] * FETCHES
        with SELDOM:
            return await self._report(readers, run, began)

    async def retry(
        self, documents: Sequence[Document], request: Request, progress: Progress | None = None
    ) -> Report:
        """Take up again what is unfinished in documents, from what the parsers made of them.

        Nothing is parsed, no text is embedded again that stays as it is, and models are asked only for what
        they have failed.
        """
        began = time.perf_counter()
        run = Run(request, progress, len(documents))
        waiting = iter(list(enumerate(documents)))
        readers: list[_Reader] = [lambda queue: self._again(waiting, queue, run)] * self.calls
        with SELDOM:
            return await self._report(readers, run, began)

    async def _report(self, readers: Sequence[_Reader], run: Run, began: float) -> Report:
        request = run.request
        if run.progress is not None:
            run.progress.start(run.total)
        if not request.dry_run:
            await self.store.open(request.collection)
        await self._flow(readers, run)
        for copy in run.copies:
            await self._attach(copy, run)
        if not request.dry_run:
            await self.store.finish(request.collection)
        documents = tuple(run.outcomes[place] for place in sorted(run.outcomes))
        usage = Usage(embedded_texts=run.embedded)
        stopped = run.embedding.stopped or run.describing.hopeless or run.halted
        why = None if stopped is None else failure_of(stopped)
        return Report(documents, usage, time.perf_counter() - began, why)

    async def _flow(self, reads: Sequence[_Reader], run: Run) -> None:
        """Fetch, read and parse, embed, and keep: side by side, with bounded queues between them."""
        parsed = Waiting()
        embedded: asyncio.Queue[Embedded | None] = asyncio.Queue(maxsize=1)
        try:
            async with asyncio.TaskGroup() as group:
                batches = Batches(self.store)
                group.create_task(batches.embed(parsed, embedded, run))
                group.create_task(batches.keep(embedded, run))
                async with asyncio.TaskGroup() as readers:
                    for read_all in reads:
                        readers.create_task(read_all(parsed))
                await parsed.put(None)
        except BaseExceptionGroup as several:
            raise first_of(several) from several

    async def _read(
        self, waiting: Iterator[tuple[int, Item]], queue: asyncio.Queue[Prepared | None], run: Run
    ) -> None:
        for place, item in waiting:
            if run.halt():
                return
            if item.url is None:
                await run.turn()
            for number, part in await self._parts(place, item, run):
                if (why := run.request.aside(part.source)) is not None:
                    run.end(number, Added(part.source, "failed", error=why))
                    continue
                run.under_way += 1
                try:
                    prepared = await self._prepare(number, part, run)
                except (DocumentError, ModelError, ConfigurationError, BudgetError) as error:
                    run.end(number, failed(part.source, error))
                    prepared = None
                if prepared is None:
                    run.under_way -= 1
                else:
                    await queue.put(prepared)

    async def _parts(self, place: int, item: Item, run: Run) -> list[tuple[int, Item]]:
        """The item; of an address what it leads to, and all that is in the archive or e-mail there."""
        if item.url is None:
            return [(place, item)]
        run.stage("fetch", item.source)
        try:
            item = await self._fetched(item, item.url)
        except DocumentError as error:
            return [(place, Item(item.source, error=error))]
        parts = await asyncio.to_thread(self._expanded, [item], run.request)
        return list(zip([place, *run.more(len(parts) - 1)], parts, strict=True))

    def _expanded(self, items: Iterable[Item], request: Request) -> list[Item]:
        return list(expanded(items, self.archives, self.max_bytes, request.password))

    async def _prepare(self, place: int, item: Item, run: Run) -> Prepared | None:
        """The document, parsed and cut; `None` where nothing is left to do."""
        await QUESTIONS.given_way()
        what, plan, live, aside = await asyncio.to_thread(self._identify, item, run)
        known = live if not run.request.again else None
        if known is not None and await self._known(place, item.source, what, known, run):
            return None
        if aside is not None:
            await self._name_aside(item.source, what, aside, run.request)
            run.end(place, outcome_of(item.source, "unchanged", aside))
            return None
        if what.version in run.bringing:
            run.copy(Copy(place, item.source, what.document_id, what.version, what.modified))
            return None
        run.bringing[what.version] = place
        run.stage("parse", item.source)
        options = replace(
            self.options,
            name=item.name or Path(item.source).name,
            password=run.request.password,
            chunker=self.making.how.name,
        )
        raw = await self.reading.read(what.data, what.media_type, plan, options)
        made = await self.making.made(place, item.source, what, raw, run)
        if live is None and isinstance(run.progress, Foreseeing):
            run.progress.foresee(made)
        return made

    async def _again(
        self,
        waiting: Iterator[tuple[int, Document]],
        queue: asyncio.Queue[Prepared | None],
        run: Run,
    ) -> None:
        for place, document in waiting:
            if run.halt():
                return
            run.stage("retry", document.source)
            run.under_way += 1
            try:
                prepared = await self._completed(place, document, run)
            except GledeError as error:
                run.end(place, failed(document.source, error))
            else:
                if prepared.document.version != document.version:
                    await queue.put(prepared)
                    continue
                run.end(place, outcome_of(document.source, "unchanged", document))
            run.under_way -= 1

    async def _completed(self, place: int, document: Document, run: Run) -> Prepared:
        """The document, processed and cut again from its stored parse; read again for what was left out."""
        data, raw = await asyncio.to_thread(self.store.unprocessed, document)
        plan = self._plan_of(document)
        if plan is not None and any(is_left_out(mark) for mark in document.unfinished):
            options = replace(self.options, name=Path(document.source).name, chunker=self.making.how.name)
            raw = await self.reading.read(data, document.media_type, plan, options)
            document = replace(document, plan=plan.fingerprint)
        collection, source = run.request.collection, document.source
        state = await asyncio.to_thread(self.catalogue.source, collection, source)
        what = Identity(
            data,
            state.modified if state else 0.0,
            document.media_type,
            document.sha256,
            document.id,
            self.making.version(document.id, document.plan),
            document.plan,
            document.metadata,
            known=state is not None,
        )
        made = await self.making.made(place, source, what, raw, run)
        same = replace(
            made.document, sources=document.sources, metadata=document.metadata, added_at=document.added_at
        )
        return replace(made, document=same)

    def _plan_of(self, document: Document) -> Plan | None:
        """How the document is read, by the parser that was asked for; `None` where nobody knows that."""
        asked = (
            parser
            for parser in (None, document.parser)
            if identity_of(document.sha256, document.metadata, parser) == document.id
        )
        for parser in asked:
            return self.choose(document.media_type, parser, chunker_named(self.making.how.name).parser)
        return None

    async def _fetched(self, item: Item, url: str) -> Item:
        if self.fetch is None:
            raise UnsupportedError("it is an address, and those are not fetched here")
        return fetched(item, await self.fetch.fetch(url))

    def _identify(self, item: Item, run: Run) -> tuple[Identity, Plan, Document | None, Document | None]:
        """What the item is, and the document of the same identity, live or disabled; it blocks."""
        request = run.request
        data, modified = read(item, self.max_bytes)
        media_type = detect(data, item.name or item.source)
        plan = run.plans.get(media_type)
        if plan is None:  # whether a library is installed is looked up on the disk
            preferred = chunker_named(self.making.how.name).parser
            plan = run.plans[media_type] = self.choose(media_type, request.parser, preferred)
        sha256 = sha256_of(data)
        metadata = {**request.metadata, **item.metadata}
        document_id = identity_of(sha256, metadata, request.parser)
        version = self.making.version(document_id, plan.fingerprint)
        with self.catalogue.snapshot():
            live = self.catalogue.document(request.collection, document_id)
            aside = None if live is not None else self._disabled(document_id, request)
            known = self.catalogue.source(request.collection, item.source) is not None
        what = Identity(
            data, modified, media_type, sha256, document_id, version, plan.fingerprint, metadata, known=known
        )
        return what, plan, live, aside

    def _disabled(self, document_id: str, request: Request) -> Document | None:
        """The document where it has been set aside: it stays there until it is enabled."""
        found = self.catalogue.document(aside_of(request.collection), document_id)
        if found is None:
            return None
        return replace(found, warnings=(*found.warnings, DISABLED))

    async def _name_aside(self, source: str, what: Identity, aside: Document, request: Request) -> None:
        """Write down that a disabled document has this name too, as when its file was renamed."""
        if source not in aside.sources and not request.dry_run:
            scope = aside_of(request.collection)
            await completed(self.catalogue.attach, scope, source, aside.id, what.modified)

    async def _known(self, place: int, source: str, what: Identity, live: Document, run: Run) -> bool:
        """Whether this very content is searchable already; the source is then only written down."""
        if live.version != version_of(what.version, live.unfinished):
            return False
        if source not in live.sources and not run.request.dry_run:
            attached = await completed(
                self.catalogue.attach, run.request.collection, source, live.id, what.modified
            )
            if not attached:
                return False  # replaced since we looked
        run.end(place, outcome_of(source, "unchanged", live))
        return True

    async def _attach(self, copy: Copy, run: Run) -> None:
        """A copy shares the fate of the source that brought its content."""
        first = run.outcomes[run.bringing[copy.version]]
        if first.error is not None:
            run.end(copy.place, Added(copy.source, "failed", error=first.error))
            return
        collection = run.request.collection
        attached = run.request.dry_run or await completed(
            self.catalogue.attach, collection, copy.source, copy.document_id, copy.modified
        )
        if not attached:
            gone = DocumentError("its content was replaced meanwhile", hint="Add it again.")
            run.end(copy.place, failed(copy.source, gone))
            return
        run.end(copy.place, replace(first, source=copy.source, status="unchanged"))
