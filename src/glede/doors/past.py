"""The past of a collection: what its sources were, asked as of a date, and forgotten for good."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glede.aside import past_of
from glede.completing import completed
from glede.doors.last_answer import LastAnswer
from glede.doors.naming import one_of
from glede.errors import NotFoundError, UsageError
from glede.ports import Readable
from glede.results import Answer, Citation, Hit, Version
from glede.retrieval.remembering import Past, Remembering
from glede.text import moments
from glede.types import Document

if TYPE_CHECKING:
    from glede.doors.library import Library
    from glede.engine import Engine
    from glede.lines import Lines
    from glede.retrieval.past import PastReading, Then

KEEP = "GLEDE_HISTORY=true keeps what is replaced and removed from now on."


@dataclass(frozen=True, slots=True)
class AsOf:
    """The lines over what was live at a moment; what they answer is `dated` by its versions."""

    lines: Lines
    reading: Readable
    then: Then

    def dated_hits(self, hits: Sequence[Hit]) -> list[Hit]:
        """Hits with since when their documents were what they were then."""
        return [replace(hit, version_date=self._since(hit.chunk.document_id)) for hit in hits]

    def dated(self, answer: Answer) -> Answer:
        """An answer with the dates of what it cites."""
        cited = [replace(one, version_date=self._since(one.document_id)) for one in answer.citations]
        return replace(answer, citations=tuple(cited), hits=tuple(self.dated_hits(answer.hits)))

    def _since(self, document_id: str) -> str:
        return self.then.since.get(document_id, "")


class PastView:
    """What a collection was, to be looked at."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def kept(self) -> Past:
        """What the catalogue knows of the past; raises `UsageError` where it can keep none."""
        catalogue = self._library.catalogue
        if not isinstance(catalogue, Remembering):
            raise UsageError("this catalogue keeps no history", hint="That takes SQLite or PostgreSQL.")
        return catalogue.past

    async def versions(self, name: str, collection: str | None = None) -> list[Version]:
        """What sources of that name, or end of a name, meant and mean: the oldest version first."""
        place = self._library.name_of(collection)
        former = await asyncio.to_thread(self.kept().versions, place, name)
        ended = {one.source: one.until for one in former}
        live: list[Version] = []
        for document in await asyncio.to_thread(self._library.catalogue.find, place, name):
            named = [one for one in document.sources if _is_named(one, name)] or document.sources
            live += [Version(one, document.id, max(document.added_at, ended.get(one, ""))) for one in named]
        if not former and not live:
            raise NotFoundError(f"there is no document {name!r}, and there was none")
        return sorted([*former, *live], key=lambda one: (one.source, one.since))

    async def documents(self, as_of: str, collection: str | None = None) -> list[Document]:
        """All documents that were live then, by their names."""
        place = self._library.name_of(collection)
        reading, then = await self._read(as_of, place)

        def read() -> list[Document]:
            found = (reading.document(place, document_id) for document_id in then.since)
            return sorted((one for one in found if one is not None), key=lambda one: one.source)

        return await asyncio.to_thread(read)

    async def document_of(self, name: str, as_of: str, collection: str | None = None) -> Document:
        """The one document that was live then of that id, beginning of an id, source, or end of a source."""
        place = self._library.name_of(collection)
        reading, _ = await self._read(as_of, place)
        found = await asyncio.to_thread(reading.find, place, name)
        return one_of(found, name, f"as of {as_of} there was no document")

    async def former(self, document_id: str, collection: str | None = None) -> Document | None:
        """What was live once and is not now, by its whole id."""
        place = self._library.name_of(collection)
        return await asyncio.to_thread(self._library.catalogue.document, past_of(place), document_id)

    async def document(self, citation: Citation, collection: str | None = None) -> Document | None:
        """The document that a citation stands in, live or past."""
        place = self._library.name_of(collection)
        for scope in (place, past_of(place)) if citation.version_date else (place,):
            found = await asyncio.to_thread(self._library.catalogue.document, scope, citation.document_id)
            if found is not None:
                return found
        return None

    async def _read(self, as_of: str, place: str) -> tuple[PastReading, Then]:
        from glede.retrieval.past import PastReading, Then  # numpy loads with it

        moment, past = moments.end_of(as_of), self.kept()
        if not self._library.settings.history and not await asyncio.to_thread(past.is_kept, place):
            raise UsageError(f"no history of {place!r} is kept", hint=KEEP)
        then = await asyncio.to_thread(Then.at, past, place, moment)
        return PastReading(self._library.catalogue, past, then), then


class PastWork(PastView):
    """What a collection was, asked and forgotten."""

    def __init__(self, engine: Engine, writing: asyncio.Lock) -> None:
        super().__init__(engine)
        self._engine = engine
        self._writing = writing

    async def at(self, as_of: str, collection: str) -> AsOf:
        """The lines over what was live then."""
        from glede.retrieval.exploring import Explore
        from glede.retrieval.past import PastIndex
        from glede.retrieval.past_graph import PastGraph

        reading, then = await self._read(as_of, collection)
        lines = self._engine.lines
        index = PastIndex(lines.retrieve.index, then, lambda ids: reading.chunks(collection, ids).keys())
        today = lines.retrieve.explore
        explore = today and Explore(PastGraph(today.graph, then))  # themes are those of today
        return AsOf(lines.reading(reading, index, explore), reading, then)

    async def purge(self, before: str, collection: str | None = None) -> int:
        """Forget versions that had ended by then, out of every store; returns how many documents went.

        A day alone means its beginning. What is live stays.
        """
        place, past = self._engine.name_of(collection), self.kept()
        async with self._writing:
            purged: int = await completed(past.purge, place, moments.start_of(before))
            if purged:
                await completed(self._compact, place, past)
            await completed(self._engine.lines.store.sweep)
        return purged

    def _compact(self, place: str, past: Past) -> None:
        """What was kept for former versions only is not needed any more."""
        store = self._engine.lines.store
        if store.packing is not None:
            store.packing.note(place, sorted(past.ids_of(place)))
            store.packing.compact(store)

    async def erase(self, names: Sequence[str], collection: str | None = None) -> list[Document]:
        """Take documents out with all that their sources ever were; returns what is gone.

        For the sake of privacy: no version is left in any store, nor that there was one.
        """
        place, past = self._engine.name_of(collection), self.kept()
        async with self._writing:
            found: dict[str, Document] = {}
            for name in names:
                found |= {one.id: one for one in await self._ever(name, place, past)}
            await LastAnswer(self._engine.catalogue, place).forget(list(found))
            await completed(past.erase, place, list(found))
            await completed(self._engine.lines.store.sweep)
        return list(found.values())

    async def _ever(self, name: str, place: str, past: Past) -> list[Document]:
        """The one document of that name, and all that its sources meant before."""
        live = await asyncio.to_thread(self._engine.catalogue.find, place, name)
        if live:
            one_of(live, name)
        named = live or await self._there(await asyncio.to_thread(past.find, place, name), place)
        meant = [one for one in named if one in live or one.id == name]  # else the name is that of a source
        ids = [one.id for one in named]
        for source in [name, *(source for one in meant for source in one.sources)]:
            ids += await asyncio.to_thread(past.find, place, source)
        found = await self._there(ids, place)
        if not found:
            raise NotFoundError(f"there is no document {name!r}, and there was none")
        return found

    async def _there(self, ids: Sequence[str], place: str) -> list[Document]:
        """The documents of these ids that are still there, live or past."""
        document, found = self._engine.catalogue.document, []
        for document_id in dict.fromkeys(ids):
            there = await asyncio.to_thread(document, place, document_id)
            there = there or await asyncio.to_thread(document, past_of(place), document_id)
            if there is not None:
                found.append(there)
        return found


def _is_named(source: str, name: str) -> bool:
    return source == name or source.endswith(f"/{name.removeprefix('./')}")
