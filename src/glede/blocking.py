"""The engine without `async`: the same methods, for scripts and notebooks.

with Engine(Settings(home=".glede")) as engine:
    engine.add("docs/")
    print(engine.ask("How is data stored?").text)
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from glede import engine as asynchronous
from glede.adding.enriching import Wait
from glede.answering.questions import NOTHING, Extras
from glede.blocking_graph import GraphWork
from glede.blocking_jobs import JobWork, told_of
from glede.care.blocking import Care, PastWork
from glede.events import Event
from glede.ports import Progress
from glede.results import Answer, Citation, Enrichment, Hit, Report, Turn
from glede.sources.items import Content
from glede.sources.watching import EVERY, SETTLE
from glede.types import Block, Chunk, Document, MetadataValue, Modality, Mode, Parsed, Standing

if TYPE_CHECKING:
    from glede.settings import Settings

T = TypeVar("T")


class Engine:
    """A data folder, opened; usable from any thread, also where an event loop already runs."""

    def __init__(self, settings: Settings | None = None, *, afresh: bool = False) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="glede", daemon=True)
        self._thread.start()
        self._opening: AbstractAsyncContextManager[asynchronous.Engine] = asynchronous.Engine.open(
            settings, afresh=afresh
        )
        try:
            self._engine = self._run(self._opening.__aenter__())
        except BaseException:
            self._stop()
            raise

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the data folder."""
        if self._thread.is_alive():
            try:
                self._run(self._opening.__aexit__(None, None, None))
            finally:
                self._stop()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def add(
        self,
        *things: str | Path | Content,
        collection: str | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        parser: str | None = None,
        password: str | None = None,
        dry_run: bool = False,
        wait: Wait = "enriched",
        progress: Progress | None = None,
    ) -> Report:
        """See `glede.Engine.add`."""
        work = self._engine.add(
            *things,
            collection=collection,
            metadata=metadata,
            parser=parser,
            password=password,
            dry_run=dry_run,
            wait=wait,
            progress=progress,
        )
        return self._run(work)

    def sync(
        self,
        folder: str | Path,
        *,
        collection: str | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        parser: str | None = None,
        password: str | None = None,
        allow_empty: bool = False,
        wait: Wait = "enriched",
        progress: Progress | None = None,
    ) -> Report:
        """See `glede.Engine.sync`."""
        work = self._engine.sync(
            folder,
            collection=collection,
            metadata=metadata,
            parser=parser,
            password=password,
            allow_empty=allow_empty,
            wait=wait,
            progress=progress,
        )
        return self._run(work)

    def watch(
        self,
        folder: str | Path,
        *,
        collection: str | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        parser: str | None = None,
        password: str | None = None,
        allow_empty: bool = False,
        wait: Wait = "enriched",
        every: float = EVERY,
        settle: float = SETTLE,
    ) -> Generator[Event | Report, None, None]:
        """See `glede.Engine.watch`; it goes on in the background until the iterator is closed."""
        happening = self._engine.watch(
            folder,
            collection=collection,
            metadata=metadata,
            parser=parser,
            password=password,
            allow_empty=allow_empty,
            wait=wait,
            every=every,
            settle=settle,
        )
        return told_of(happening, self._loop)

    def cancel(self, job_id: int) -> None:
        """See `glede.Engine.cancel`."""
        self.jobs.cancel(job_id)

    @property
    def jobs(self) -> JobWork:
        """See `glede.Engine.jobs`."""
        return JobWork(self._engine.jobs, self._run)

    def enrich(self, *names: str, collection: str | None = None) -> Enrichment:
        """See `glede.Engine.enrich`."""
        return self._run(self._engine.enrich(*names, collection=collection))

    def retry(self, *names: str, collection: str | None = None, progress: Progress | None = None) -> Report:
        """See `glede.Engine.retry`."""
        return self._run(self._engine.retry(*names, collection=collection, progress=progress))

    def add_blocks(
        self,
        blocks: Sequence[Mapping[str, object]],
        *,
        source: str,
        collection: str | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        dry_run: bool = False,
    ) -> Report:
        """See `glede.Engine.add_blocks`."""
        work = self._engine.add_blocks(
            blocks, source=source, collection=collection, metadata=metadata, dry_run=dry_run
        )
        return self._run(work)

    def search(
        self,
        query: str,
        *,
        limit: int | None = None,
        mode: Mode = "mix",
        types: Sequence[Modality] = (),
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        collection: str | None = None,
        extras: Extras = NOTHING,
        as_of: str | None = None,
    ) -> list[Hit]:
        """See `glede.Engine.search`."""
        work = self._engine.search(
            query,
            limit=limit,
            mode=mode,
            types=types,
            filter=filter,
            collection=collection,
            extras=extras,
            as_of=as_of,
        )
        return self._run(work)

    def ask(
        self,
        question: str,
        *,
        limit: int | None = None,
        mode: Mode = "mix",
        types: Sequence[Modality] = (),
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        collection: str | None = None,
        history: Sequence[Turn] = (),
        extras: Extras = NOTHING,
        as_of: str | None = None,
    ) -> Answer:
        """See `glede.Engine.ask`."""
        work = self._engine.ask(
            question,
            limit=limit,
            mode=mode,
            types=types,
            filter=filter,
            collection=collection,
            history=history,
            extras=extras,
            as_of=as_of,
        )
        return self._run(work)

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), extras: Extras = NOTHING
    ) -> Iterator[str | Answer]:
        """See `glede.Engine.stream`."""
        pieces = self._engine.stream(question, history=history, extras=extras)
        try:
            while (piece := self._run(_next(pieces))) is not None:
                yield piece
        finally:
            self._run(pieces.aclose())

    def documents(self, collection: str | None = None) -> list[Document]:
        """See `glede.Engine.documents`."""
        return self._run(self._engine.documents(collection))

    def document(self, name: str, collection: str | None = None) -> Document:
        """See `glede.Engine.document`."""
        return self._run(self._engine.document(name, collection))

    def opened(self, name: str, collection: str | None = None) -> tuple[Document, Standing]:
        """See `glede.Engine.opened`."""
        return self._run(self._engine.opened(name, collection))

    def blocks(self, document: Document) -> tuple[Block, ...]:
        """See `glede.Engine.blocks`."""
        return self._run(self._engine.blocks(document))

    def parsed(self, document: Document) -> Parsed:
        """See `glede.Engine.parsed`."""
        return self._run(self._engine.parsed(document))

    def chunks(self, document: Document, collection: str | None = None) -> list[Chunk]:
        """See `glede.Engine.chunks`."""
        return self._run(self._engine.chunks(document, collection))

    def original(self, document: Document) -> bytes:
        """See `glede.Engine.original`."""
        return self._run(self._engine.original(document))

    def asset(self, sha256: str) -> bytes:
        """See `glede.Engine.asset`."""
        return self._run(self._engine.asset(sha256))

    def page_image(self, document: Document, number: int, password: str | None = None) -> bytes:
        """See `glede.Engine.page_image`."""
        return self._run(self._engine.page_image(document, number, password))

    def last_citation(self, marker: int, collection: str | None = None) -> Citation:
        """See `glede.Engine.last_citation`."""
        return self._run(self._engine.last_citation(marker, collection))

    def delete(
        self, *names: str, collection: str | None = None, all_versions: bool = False
    ) -> list[Document]:
        """See `glede.Engine.delete`."""
        work = self._engine.delete(*names, collection=collection, all_versions=all_versions)
        return self._run(work)

    @property
    def past(self) -> PastWork:
        """See `glede.Engine.past`."""
        return PastWork(self._engine.past, self._run)

    @property
    def graph(self) -> GraphWork:
        """See `glede.Engine.graph`."""
        return GraphWork(self._engine.graph, self._run)

    @property
    def care(self) -> Care:
        """See `glede.Engine.care`."""
        return Care(self._engine.care, self._run)


async def _next(pieces: AsyncIterator[T]) -> T | None:
    return await anext(pieces, None)
