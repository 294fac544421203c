"""The engine: add, search, ask, and all that a `Library` can; `glede.blocking` is it without `async`.

What is behind a door loads when somebody goes through it: a question on the command line waits for none.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from glede.adding.enriching import Wait
from glede.adding.runs import Request, can_be_completed
from glede.answering.questions import NOTHING, Extras
from glede.doors.asking import Asking, Options
from glede.doors.library import Library
from glede.endpoints import Ranking
from glede.events import Event
from glede.lines import Lines
from glede.parsing import PageImages
from glede.ports import Blobs, Catalogue, Embedder, Progress
from glede.results import Added, Answer, Enrichment, Hit, Report, Turn
from glede.sources.content_lists import content_of
from glede.sources.items import Content, Thing, Upload
from glede.sources.watching import EVERY, SETTLE
from glede.types import (
    Document,
    MetadataValue,
    Modality,
    Mode,
)

if TYPE_CHECKING:
    from glede.care.work import Care
    from glede.doors.conversation import Conversation
    from glede.doors.graph import GraphWork
    from glede.doors.jobs import JobWork
    from glede.doors.past import PastWork
    from glede.doors.removing import Removing
    from glede.settings import Settings


class Engine(Library):
    """One data folder, opened. Methods may run side by side; writing takes its turn.

        async with Engine.open(Settings(home=".glede")) as engine:
            await engine.add("docs/")
            answer = await engine.ask("How is data stored?")

    Every method takes a `collection`; without one it is that of the settings.
    """

    def __init__(
        self, catalogue: Catalogue, blobs: Blobs, lines: Lines, settings: Settings, page_images: PageImages
    ) -> None:
        super().__init__(catalogue, blobs, settings, page_images)
        self.lines = lines
        self._writing = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings | None = None, *, embedder: Embedder | None = None, afresh: bool = False
    ) -> AsyncIterator[Engine]:
        """Open a data folder, made where it is missing; one process at a time may hold it.

        Raises `LockedError` where another process does. An `embedder` in hand takes the place of the one
        that the settings name. `afresh` empties the index, for `care.rebuild` to make it again.
        """
        from glede.build import opened  # only the builder knows the adapters
        from glede.settings import load

        async with opened(settings or load().settings, embedder, afresh=afresh) as engine:
            yield engine

    @property
    def jobs(self) -> JobWork:
        """What was asked and how far it came; stop it, go on with it, try again what has failed."""
        from glede.doors.jobs import JobWork

        return JobWork(self)

    def cancel(self, job_id: int) -> None:
        """Stop a running job in order; `jobs.resume` goes on with it."""
        self.jobs.cancel(job_id)

    @property
    def care(self) -> Care:
        """Check what is stored, make it again, take it elsewhere, set documents aside."""
        from glede.care.work import Care

        return Care(self, self._writing)

    @property
    def past(self) -> PastWork:
        """What was live once: asked, listed, and forgotten for good."""
        from glede.doors.past import PastWork

        return PastWork(self, self._writing)

    @property
    def _removing(self) -> Removing:
        from glede.doors.removing import Removing

        return Removing(self, self._writing)

    @property
    def graph(self) -> GraphWork:
        """The knowledge graph: look at it, mend it, add to it, take it elsewhere."""
        from glede.doors.graph import GraphWork

        return GraphWork(self)

    async def add(
        self,
        *things: str | Path | Content | Upload,
        collection: str | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        parser: str | None = None,
        password: str | None = None,
        dry_run: bool = False,
        wait: Wait = "enriched",
        progress: Progress | None = None,
    ) -> Report:
        """Add files, folders and contents; what is there already costs a look and no model call.

        A document that cannot be added is reported as failed and the others go on. When this returns, all
        that is reported as searchable is found by the next search, and survives a crash. Where a model reads
        for the graph, `wait="searchable"` leaves that to `enrich`.
        """
        request = Request(self.name_of(collection), metadata or {}, parser, password, dry_run)
        if dry_run:
            from glede.doors.estimating import Estimating

            return await Estimating(self).add(things, request, wait, progress)
        return await self.jobs.add(things, request, wait=wait, progress=progress)

    async def adding(
        self,
        things: Sequence[Thing],
        request: Request,
        wait: Wait = "enriched",
        progress: Progress | None = None,
    ) -> Report:
        """Add without noting a job, as `add` does for one."""

        async def adding(watching: Progress | None) -> Report:
            async with self._writing:
                return await self.lines.ingest.add(things, request, watching)

        before = self.lines.usage()
        enriching = self.lines.enriching
        if enriching is None or not enriching.follows or request.dry_run or wait == "searchable":
            report = await adding(progress)
        else:
            report = await enriching.along(request.collection, adding, progress, request.stop)
        used = self.lines.usage() - before
        return replace(report, usage=replace(used, embedded_texts=report.usage.embedded_texts))

    async def sync(
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
        """Add, change and remove documents to match a folder; nothing outside of it is touched.

        A file that is unchanged costs a look at its size and times, and one that was renamed or moved a hash.
        A folder that is missing or empty removes nothing, unless you `allow_empty`.
        """
        from glede.doors.syncing import Syncing

        request = Request(self.name_of(collection), metadata or {}, parser, password)
        return await Syncing(self).sync(
            Path(folder), request, allow_empty=allow_empty, wait=wait, progress=progress
        )

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
    ) -> AsyncGenerator[Event | Report, None]:
        """Sync a folder, and again as its files change: events as they happen, after each a `Report`.

            async with aclosing(engine.watch("docs/")) as happening:
                async for one in happening:
                    print(one)

        Changes count as one once there was none for `settle` seconds; `every` so many the folder is looked at
        in any case. One that cannot be read is told by a report that was `stopped`, and looked for again.
        """
        from glede.doors.watching import Watching

        request = Request(self.name_of(collection), metadata or {}, parser, password)
        return Watching(self).watch(
            Path(folder), request, allow_empty=allow_empty, wait=wait, every=every, settle=settle
        )

    async def add_stream(
        self,
        contents: AsyncIterable[Content],
        acknowledge: Callable[[Added], None],
        *,
        collection: str | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        parser: str | None = None,
        wait: Wait = "enriched",
    ) -> Report:
        """Add contents as they come, as one job; each is acknowledged when it is searchable, or has failed.

        The report tells how the job ended, and lists no documents.
        """
        from glede.doors.streaming import Streaming

        request = Request(self.name_of(collection), metadata or {}, parser)
        return await Streaming(self).add(contents, acknowledge, request, wait)

    async def enrich(self, *names: str, collection: str | None = None) -> Enrichment:
        """Read for the graph what is not in it yet, or not wholly: documents named as for `document`, or all.

        Nothing is parsed or embedded again, and what was paid for is not asked for again.
        """
        if self.lines.enriching is None:
            return Enrichment()
        found = [await self.document(name, collection) for name in names]
        only = frozenset(document.id for document in found) if names else None
        before = self.lines.usage()
        enrichment = await self.lines.enriching.enrich(self.name_of(collection), only)
        return replace(enrichment, usage=self.lines.usage() - before)

    async def add_blocks(
        self,
        blocks: Sequence[Mapping[str, object]],
        *,
        source: str,
        collection: str | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        dry_run: bool = False,
    ) -> Report:
        """Add a document that is taken apart already, as a content list in reading order.

            await engine.add_blocks(
                [
                    {"type": "text", "text": "Kites", "text_level": 1, "page_idx": 0},
                    {"type": "table", "table_body": "| a | b |", "table_caption": ["Pairs"], "page_idx": 0},
                    {"type": "equation", "latex": "a + b", "page_idx": 1},
                    {"type": "image", "img_path": "kite.png", "image_caption": ["A kite"], "page_idx": 1},
                ],
                source="kites.pdf",
            )

        Pages count from 0 here. Pictures are read from their paths in this process, and kept.
        """
        most, picture = (
            int(mib * 2**20) for mib in (self.settings.max_file_mb, self.settings.max_picture_mb)
        )
        content = await asyncio.to_thread(content_of, blocks, source, most, picture)
        return await self.add(
            content, collection=collection, metadata=metadata, parser="content_list", dry_run=dry_run
        )

    async def search(
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
        """The best chunks, best first; `filter` holds metadata that must be equal.

        With `extras` a picture, a table or an equation is searched for, alone or with words. `as_of` a date
        (`2026-05-01`, the end of that day) only what was live then is seen, where a history is kept.
        """
        return await Asking(self).search(
            query, Options(limit, mode, types, filter, collection, extras, as_of)
        )

    async def ask(
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
        """An answer with checked citations, or `answered=False` where nothing supports one.

        `history` are the turns before, oldest first: a question that refers to them is understood. With
        `extras` a picture, a table or an equation is part of the question. `as_of` is as that of `search`.
        """
        options = Options(limit, mode, types, filter, collection, extras, as_of)
        return await Asking(self).ask(question, options, history)

    async def stream(
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
    ) -> AsyncGenerator[str | Answer, None]:
        """The answer's text piece by piece, and last of all the `Answer`.

        An answer that is not written by a model has no pieces. Close the generator if you leave it early.
        """
        options = Options(limit, mode, types, filter, collection, extras, as_of)
        async with aclosing(Asking(self).stream(question, options, history)) as pieces:
            async for piece in pieces:
                yield piece

    async def rerank(self, question: str, texts: Sequence[str]) -> Ranking:
        """A score for each text, the higher the better it answers: by the reranker, or as search scores."""
        return await Asking(self).rerank(question, texts)

    def conversation(self, collection: str | None = None) -> Conversation:
        """A conversation whose questions may refer to one another."""
        from glede.doors.conversation import Conversation

        return Conversation(self, collection)

    async def retry(
        self, *names: str, collection: str | None = None, progress: Progress | None = None
    ) -> Report:
        """Take up again what is unfinished: of the documents named as for `document`, or of all.

        Their pictures, tables and equations that a model has failed are tried again, from the stored parse;
        what was paid for is not asked for again. What was left out for a limit is read again, as the limits
        are now. What is missing in the graph is read as by `enrich`. A document that fares no better is
        reported as unchanged. It is a job, as `add` is.
        """
        from glede.doors.retrying import Retrying

        return await Retrying(self).retry(names, self.name_of(collection), progress)

    async def completing(
        self, names: Sequence[str], request: Request, progress: Progress
    ) -> tuple[Report, frozenset[str] | None]:
        """Complete without noting a job; also the ids of the documents that were named, if any were."""
        async with self._writing:
            found = [await self.document(name, request.collection) for name in names]
            kept = found if names else await self.documents(request.collection)
            waiting = [one for one in kept if any(can_be_completed(mark) for mark in one.unfinished)]
            report = await self.lines.ingest.retry(waiting, request, progress)
        return report, frozenset(document.id for document in found) if names else None

    async def delete(
        self, *names: str, collection: str | None = None, all_versions: bool = False
    ) -> list[Document]:
        """Take documents, named as for `document`, out of every store and every answer; disabled ones too.

        Where a history is kept they stay in answers as of a date, and go for good with `all_versions`.
        """
        if all_versions:
            return await self._removing.delete_ever(names, self.name_of(collection))
        return await self._removing.delete(names, self.name_of(collection))

    async def detach(self, sources: Sequence[str], collection: str | None = None) -> None:
        """Forget sources; documents that no other source names go out of every store, disabled ones too."""
        await self._removing.detach(sources, self.name_of(collection))

    async def detach_disabled(self, sources: Sequence[str], collection: str | None = None) -> None:
        """Forget only what sources meant where they were disabled."""
        await self._removing.detach_disabled(sources, self.name_of(collection))
