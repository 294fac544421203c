"""Looking after a data folder, as methods of an open engine; `glede.blocking` has them without `async`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from glede.care.books import Books, books_of
from glede.care.checking import (
    Checked,
    Problem,
    check_blobs,
    check_catalogue,
    check_documents,
    check_index,
    check_leftovers,
    check_moves,
    kept_blobs,
)
from glede.care.exporting import Export, Exported
from glede.care.importing import Import
from glede.care.rebuilding import Rebuild, Rebuilt, Told
from glede.care.reembedding import Reembedding
from glede.care.setting_aside import Aside
from glede.errors import UsageError
from glede.places import PlacedIndex
from glede.results import Added
from glede.types import Document

if TYPE_CHECKING:
    from glede.adding.storing import Store
    from glede.engine import Engine
    from glede.ports import Blobs, Catalogue, Embedder


def checked(catalogue: Catalogue, blobs: Blobs, store: Store | None, *, deep: bool = False) -> Checked:
    """What is wrong with what is stored; without a `store` the index is left out."""
    found = Checked()
    books = books_of(catalogue)
    found.problems += check_catalogue(books, deep=deep)
    found.problems += check_documents(catalogue, books, found)
    kept = kept_blobs(books)
    found.blobs = len(kept)
    found.problems += check_blobs(blobs, kept)
    if store is not None:
        found.problems += _of_index(store, books, deep=deep)
        found.problems += check_moves(store, books)
        found.problems += check_leftovers(catalogue, blobs, kept, deep=deep)
    return found


def _of_index(store: Store, books: Books, *, deep: bool) -> Iterator[Problem]:
    return check_index(store, books, deep=deep)


class Care:
    """Checks what is stored, makes it again, takes it elsewhere, sets documents aside."""

    def __init__(self, engine: Engine, writing: asyncio.Lock) -> None:
        self._engine = engine
        self._writing = writing
        self._store = engine.lines.store
        self._aside = Aside(self._store, books_of(engine.catalogue))

    async def check(self, *, deep: bool = False) -> Checked:
        """Compare catalogue, blobs and index with one another; `deep` takes longer and sees more."""
        async with self._writing:
            engine = self._engine
            return await asyncio.to_thread(checked, engine.catalogue, engine.blobs, self._store, deep=deep)

    async def rebuild(self, *, embed: bool = False, told: Told | None = None) -> Rebuilt:
        """Write all rows that are missing in the index, and make again what is damaged beside it.

        After `Engine.open(settings, afresh=True)` these are all rows. No model is called, and nothing is
        parsed, but for what is damaged itself, or with `embed` to embed all with another model.
        """
        engine = self._engine
        async with self._writing:
            rebuild = Rebuild(self._store, books_of(engine.catalogue), engine.lines.ingest, told, embed=embed)
            return await rebuild.run()

    async def embed_again(
        self, embedder: Embedder | None = None, *, told: Told | None = None, grace: float = 0.0
    ) -> Rebuilt:
        """Embed all that another model has embedded, beside the index that is searched, and swap at once.

            rebuilt = await engine.care.embed_again(embedder, grace=30)

        Until then questions are answered from the old vectors, and documents may be added and deleted. The
        engine uses the `embedder` afterwards; without one its own, which is how a folder is opened that the
        settings do not fit any more. Killed at any moment, the next call goes on. `grace` are the seconds
        that questions which are under way may take before what they read is removed.
        """
        engine = self._engine
        reading = self._store.index
        if not isinstance(reading, PlacedIndex):
            raise UsageError("this index has one place for each collection")
        store = replace(self._store, index=reading.anew())
        if embedder is not None:
            store = replace(store, embedder=embedder, sees=None, metered=False)

        def swapped() -> None:
            engine.lines = engine.lines.with_store(store)

        books = books_of(engine.catalogue)
        again = Reembedding(store, books, self._writing, reading, swapped, told)
        rebuilt = await again.run()
        await asyncio.sleep(grace)
        await again.sweep()
        return rebuilt

    async def disable(self, *names: str, collection: str | None = None) -> list[Document]:
        """Take documents, named as for `Engine.document`, out of every answer, with nothing forgotten."""
        async with self._writing:
            found = [await self._engine.document(name, collection) for name in names]
            await self._aside.disable(self._engine.name_of(collection), [one.id for one in found])
        return found

    async def enable(self, *names: str, collection: str | None = None) -> list[Document]:
        """Let disabled documents be found again; nothing is parsed or embedded."""
        async with self._writing:
            place = self._engine.name_of(collection)
            found = [await asyncio.to_thread(self._aside.named, place, name) for name in names]
            await self._aside.enable(place, found)
        return found

    async def export(self, file: str | Path, collection: str | None = None) -> Exported:
        """Write a collection into one file, with its parses, pictures, vectors and graph."""
        async with self._writing:
            place = self._engine.name_of(collection)
            export = Export(self._store, books_of(self._engine.catalogue), place)
            return await asyncio.to_thread(export.write, Path(file))

    async def take_in(self, file: str | Path, collection: str | None = None) -> tuple[Added, ...]:
        """Add what an `export` has written, parsing and embedding nothing; what is there already stays.

        Without a `collection` it is called as it was. What does not fit together is reported as failed.
        """
        name = None if collection is None else self._engine.name_of(collection)
        async with self._writing:
            most = int(self._engine.settings.max_file_mb * 2**20)
            return await Import(self._store, most, self._engine.name_of).read(Path(file), name)
