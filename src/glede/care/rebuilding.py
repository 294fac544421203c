"""Makes the index again from catalogue and blobs, and what is damaged beside it from what is whole.

No model is called and nothing is parsed, but for what is damaged itself. Killed at any moment, the next run
goes on: rows that are there are not written again, and the note that the index is not whole is taken away
last, so that nobody searches a part of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from glede.adding.ingest import Ingest
from glede.adding.storing import Store
from glede.aside import is_past
from glede.care.books import Books, searched
from glede.care.checking import Checked, Kept, Problem, check_blobs, check_documents, kept_blobs
from glede.care.repairing import Repair, Repairs
from glede.care.stored import prepared, rows_of, stored_parse, text_keys, vectors_for
from glede.completing import completed
from glede.errors import DamagedError, GledeError, ModelMismatchError
from glede.knowledge import Graphed
from glede.pictures.features import pictures_of
from glede.ports import IndexRow, fingerprint_of
from glede.types import Chunk, content_hash

NOTE = "rebuilding"
"""Under what the catalogue notes that the index is being made again."""
BEGUN, EMPTIED = "begun", "emptied"
"""What it notes: that the old index is on its way out, and that what is there now is new."""
DOCUMENTS = 64
SAMPLE = 20
"""Documents of a collection that tell which model its vectors are of."""
Told = Callable[[int, int], None]
"""Told how many documents are done, of how many."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: documents looked at, rows written, what was made again, and what is lost."""

    documents: int
    rows: int
    made: tuple[str, ...] = ()
    lost: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Rebuild:
    """One rebuild of all collections."""

    store: Store
    books: Books
    ingest: Ingest
    told: Told | None = None
    repairs: Repairs = field(default_factory=Repairs)
    rows: int = 0
    documents: int = 0
    keepers: dict[str, Kept] = field(default_factory=dict)
    embed: bool = False

    async def run(self) -> Rebuilt:
        """Repair what is damaged, write the rows that are missing, count and read for the graph again."""
        await asyncio.to_thread(self._check_catalogue)
        await asyncio.to_thread(self._check_model)
        repair = Repair(self.store, self.books, self.ingest)
        kept = await asyncio.to_thread(kept_blobs, self.books)
        self.keepers = {one.key: one for one in kept}
        found = await asyncio.to_thread(lambda: list(check_blobs(self.store.blobs, kept)))
        damaged = {one.place.removeprefix("blobs/") for one in found}
        await repair.blobs([one for one in kept if one.key in damaged], self.repairs)
        for problem in await asyncio.to_thread(self._damaged_documents):
            for collection in self.books.scopes():
                for document_id in problem.documents:
                    if document_id in self.books.document_ids(collection):
                        document = self.books.unverified(collection, document_id)
                        await repair.document(collection, document, problem.place, self.repairs)
        await asyncio.to_thread(self.books.recount)
        scopes = await asyncio.to_thread(searched, self.books)
        total = len([1 for name in scopes for _ in self.books.document_ids(name)])
        for name in scopes:
            await self._collection(name, total)
            if not is_past(name):
                await self._graph(name)
        await completed(self.store.sweep)
        await completed(self.store.catalogue.remember, NOTE, "")
        return Rebuilt(self.documents, self.rows, tuple(self.repairs.made), tuple(self.repairs.lost))

    def _check_model(self) -> None:
        """Vectors of another model than that of the settings are of no use, and cost calls to make again."""
        for name in searched(self.books) if not self.embed else ():
            chunks: list[Chunk] = []
            for document_id in self.books.document_ids(name)[:SAMPLE]:
                with suppress(GledeError):  # told later
                    chunks += self.store.catalogue.document_chunks(name, document_id)
            model = self.store.embedder.model
            keys = [content_hash("text", chunk.vector_text()) for chunk in chunks]
            if (
                keys
                and not self.store.catalogue.embeddings(model, keys)
                and self.books.pack_rows(list(self._packs(name)))
            ):
                raise ModelMismatchError(name, "another model", fingerprint_of(self.store.embedder))

    def _packs(self, collection: str) -> Iterator[str]:
        for document_id in self.books.document_ids(collection)[:SAMPLE]:
            with suppress(ValueError):
                yield from self.books.kept_blobs(collection, document_id)

    def _check_catalogue(self) -> None:
        if self.books.damages(deep=True):
            self.books.reindex()
            self.repairs.made.append("catalogue.db")
        if damages := self.books.damages(deep=True):
            raise DamagedError(
                f"catalogue.db: {damages[0]}",
                hint="Restore it from a backup, or add what it kept to a new folder: `glede add --home NEW "
                "blobs/originals`, in the data folder.",
            )

    def _damaged_documents(self) -> list[Problem]:
        return list(check_documents(self.store.catalogue, self.books, Checked()))

    async def _collection(self, name: str, total: int) -> None:
        await self.store.open(name)
        ids = await asyncio.to_thread(self.books.document_ids, name)
        for start in range(0, len(ids), DOCUMENTS):
            part = ids[start : start + DOCUMENTS]
            lacking = await completed(self._write, name, part)
            if lacking:
                await self._embed(name, lacking)
                for document_id in await completed(self._write, name, lacking):
                    self._lose(document_id, "some of its vectors are missing")
            self.documents += len(part)
            if self.told is not None:
                self.told(self.documents, total)
        if self.store.packing is not None:
            self.store.packing.note(name, ids)
        await self.store.finish(name)

    async def _embed(self, collection: str, document_ids: Sequence[str]) -> None:
        """Make all packs again that documents keep which lack a vector."""
        repair = Repair(self.store, self.books, self.ingest)
        keys = {key for one in document_ids for key in self.books.kept_blobs(collection, one)}
        for key in sorted(key for key in keys if key.startswith("vectors/") and key in self.keepers):
            await repair.vectors(self.keepers[key], self.repairs)

    def _lose(self, document_id: str, why: str) -> None:
        hint = f"`glede rm {document_id}`, then add it again."
        self.repairs.lost.append(Problem("lost", f"document {document_id}", why, hint, (document_id,)))

    def _write(self, collection: str, document_ids: Sequence[str]) -> list[str]:
        """Write the rows of documents that the index does not have; returns those that lack a vector."""
        lacking: list[str] = []
        texts: list[IndexRow] = []
        pictures: list[IndexRow] = []
        for document_id in document_ids:
            try:
                one = prepared(self.store, collection, document_id)
                vectors = vectors_for(self.store, [one])
            except GledeError as error:
                self._lose(document_id, error.message)
                continue
            if text_keys(one).keys() - vectors.keys():
                lacking.append(document_id)
                continue
            rows = rows_of(self.store, one, vectors)
            texts += rows.texts
            pictures += rows.pictures
        self._upsert(collection, texts)
        if pictures:
            name = pictures_of(collection)
            self.store.index.create(name, self.store.picture_fingerprint, len(pictures[0].vector))
            self._upsert(name, pictures)
        return lacking

    def _upsert(self, name: str, rows: list[IndexRow]) -> None:
        there = self.store.index.ids(name, [row.id for row in rows])
        missing = [row for row in rows if row.id not in there]
        self.store.index.upsert(name, missing)
        self.rows += len(missing)

    async def _graph(self, collection: str) -> None:
        """What documents say that no one has read; with no model, which `glede retry` asks."""
        catalogue, extractor = self.store.catalogue, self.ingest.making.extractor
        if extractor is None or not isinstance(catalogue, Graphed):
            return
        for document_id in await asyncio.to_thread(self.books.ungraphed, collection):
            document = await asyncio.to_thread(catalogue.document, collection, document_id)
            if document is None:
                continue
            chunks = await asyncio.to_thread(catalogue.document_chunks, collection, document_id)
            try:
                blobs = self.store.blobs
                parsed = await asyncio.to_thread(stored_parse, blobs, document, chunks, assets=False)
            except GledeError:  # told already
                continue
            graph = await extractor.extract(parsed, chunks)
            await completed(catalogue.graph.write, collection, [graph])
            self.repairs.made.append(f"graph of {document.source}")
