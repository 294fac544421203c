"""Takes documents out of an engine: out of every store and every answer, wherever they lie."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from glede.aside import aside_of
from glede.doors.last_answer import LastAnswer
from glede.errors import NotFoundError
from glede.types import Document

if TYPE_CHECKING:
    from glede.engine import Engine


class Removing:
    """Removes from one engine, while nobody else writes."""

    def __init__(self, engine: Engine, writing: asyncio.Lock) -> None:
        self._engine = engine
        self._writing = writing

    async def delete(self, names: Sequence[str], collection: str) -> list[Document]:
        """See `Engine.delete`."""
        async with self._writing:
            found = [await self._anywhere(name, collection) for name in names]
            await LastAnswer(self._engine.catalogue, collection).forget([one.id for one, _ in found])
            for scope in dict.fromkeys(scope for _, scope in found):
                await self._engine.lines.store.remove(
                    scope, [one.id for one, where in found if where == scope]
                )
        await self._forget([source for one, _ in found for source in one.sources], collection)
        return [document for document, _ in found]

    async def _forget(self, sources: Sequence[str], collection: str) -> None:
        """Nor are they kept as they were uploaded, where something stood in the way of other documents."""
        await asyncio.to_thread(self._engine.lines.tracking.uploads.forget, collection, sources)

    async def delete_ever(self, names: Sequence[str], collection: str) -> list[Document]:
        """The same, with all that the sources of the documents ever were."""
        removed: dict[str, Document] = {}
        for name in names:
            removed |= {one.id: one for one in await self._ever(name, collection)}
        await self._forget([source for one in removed.values() for source in one.sources], collection)
        return list(removed.values())

    async def _ever(self, name: str, collection: str) -> list[Document]:
        """One that is disabled goes as such; its sources may have meant others before."""
        aside = await self._engine.named(name, collection, disabled=True)
        if not aside or await self._engine.named(name, collection):
            return await self._engine.past.erase([name], collection)
        gone = await self.delete([aside[0].id], collection)
        with suppress(NotFoundError):  # they had no other versions
            gone += await self._engine.past.erase([aside[0].source], collection)
        return gone

    async def _anywhere(self, name: str, collection: str) -> tuple[Document, str]:
        """The document of that name, live or disabled, and the collection that it lies in."""
        try:
            return await self._engine.document(name, collection), collection
        except NotFoundError:
            aside = await asyncio.to_thread(self._engine.catalogue.find, aside_of(collection), name)
            if len(aside) != 1:
                raise
            return aside[0], aside_of(collection)

    async def detach(self, sources: Sequence[str], collection: str) -> None:
        """See `Engine.detach`."""
        async with self._writing:
            await self._engine.lines.store.detach(collection, sources)
        await self.detach_disabled(sources, collection)

    async def detach_disabled(self, sources: Sequence[str], collection: str) -> None:
        """See `Engine.detach_disabled`."""
        async with self._writing:
            await self._engine.lines.store.detach(aside_of(collection), sources)
