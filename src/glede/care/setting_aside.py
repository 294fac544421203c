"""Takes documents out of every answer and lets them back in, without parsing or embedding anything again.

A disabled document moves, in one transaction, to a collection beside its own that nobody can search; its
rows in the index are retired by the same transaction. What it keeps in Blobs stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from glede.adding.storing import Store
from glede.aside import aside_of
from glede.care.books import Books
from glede.care.stored import prepared, rows_of, vectors_for
from glede.completing import completed
from glede.doors.naming import one_of
from glede.errors import UsageError
from glede.pictures.features import pictures_of
from glede.types import Document


@dataclass(frozen=True, slots=True)
class Aside:
    """Moves documents to where nobody searches, and back."""

    store: Store
    books: Books

    async def disable(self, collection: str, document_ids: Sequence[str]) -> None:
        """Out of every answer once this begins to purge their rows from the index."""
        await completed(self.books.disable, collection, aside_of(collection), document_ids)
        await completed(self.store.sweep)

    def named(self, collection: str, name: str) -> Document:
        """The disabled document of that name; raises `UsageError` where there is not exactly one."""
        found = self.store.catalogue.find(aside_of(collection), name)
        return one_of(found, name, "there is no disabled document")

    async def enable(self, collection: str, documents: Sequence[Document]) -> None:
        """Back into every answer, all or none."""
        for document in documents:
            await asyncio.to_thread(self._check, collection, document)
        await self.store.open(collection)
        await completed(self._enable, collection, [document.id for document in documents])

    def _check(self, collection: str, document: Document) -> None:
        for source in document.sources:
            state = self.store.catalogue.source(collection, source)
            if state is not None and state.document_id != document.id:
                raise UsageError(
                    f"{source} has been added again since, and means another document",
                    hint=f"`glede rm {state.document_id}` first, to have the disabled one back.",
                )

    def _enable(self, collection: str, document_ids: Sequence[str]) -> None:
        """Index rows first, then one transaction, as for every document that comes."""
        found = [prepared(self.store, aside_of(collection), one) for one in document_ids]
        vectors = vectors_for(self.store, found)
        rows = [rows_of(self.store, one, vectors) for one in found]
        texts = [row for one in rows for row in one.texts]
        catalogue = self.store.catalogue
        announced = catalogue.announce(collection, [row.id for row in texts], ())
        self.store.index.upsert(collection, texts)
        pictures = [row for one in rows for row in one.pictures]
        if pictures:
            name = pictures_of(collection)
            self.store.index.create(name, self.store.picture_fingerprint, len(pictures[0].vector))
            self.store.index.upsert(name, pictures)
        self.books.enable(collection, aside_of(collection), document_ids, announced)
