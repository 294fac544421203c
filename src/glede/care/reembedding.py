"""Embeds all documents with another model, beside the index that is searched, and swaps when all is there.

Each batch of vectors is kept as soon as it is computed, so that the next run goes on where one was killed. A
collection is searched in its old place until one note in the catalogue says that it lies in the new one; only
then are the old vectors and the old place removed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from glede.adding.blob_keys import packed_vectors, vectors_key
from glede.adding.ready import Prepared
from glede.adding.storing import Embedded, Store, picture_key, pictures_in
from glede.aside import aside_of, is_aside
from glede.care.books import Books
from glede.care.checking import Problem
from glede.care.rebuilding import Rebuilt, Told
from glede.care.stored import prepared, rows_of, text_keys, vectors_for
from glede.completing import completed
from glede.errors import GledeError, NotFoundError
from glede.pictures.features import pictures_of
from glede.places import PlacedIndex
from glede.ports import EmbeddingPack, IndexRow, Vectors, fingerprint_of
from glede.types import content_hash

DOCUMENTS = 32
"""Documents that are embedded together, and kept together."""


@dataclass(slots=True)
class Reembedding:
    """One pass over all collections that are of another model than that of `store`.

    `store` reads and writes what the new model makes, `reading` is the index that is searched until all is
    there, and `swapped` is called when it is no more. `writing` is held only while something is written.
    """

    store: Store
    books: Books
    writing: asyncio.Lock
    reading: PlacedIndex
    swapped: Callable[[], None]
    told: Told | None = None
    rows: int = 0
    done: dict[tuple[str, str], str] = field(default_factory=dict)
    lost: dict[tuple[str, str], Problem] = field(default_factory=dict)

    async def run(self) -> Rebuilt:
        """Embed, write beside, swap, and remove what is left; what cannot be read is named and left out."""
        index = self.reading.anew()
        waiting = await asyncio.to_thread(self._of_another_model, index)
        for name in waiting:
            await completed(self._begin, index, name)
        beside = replace(self.store, index=index.beside(waiting))
        scopes = [scope for name in waiting for scope in self._scopes(name)]
        late = [name for name in await asyncio.to_thread(self._named) if index.places.unread(name)]
        while await self._embedded_more(beside, scopes):
            pass
        async with self.writing:
            while await self._embedded_more(beside, scopes, held=True):
                pass
            for name in waiting:
                await completed(self._flush, beside, name)
            self.reading.pin(waiting)
            for name in waiting:
                await completed(index.places.swap, name)
            self.swapped()
        for name in dict.fromkeys((*waiting, *late)):
            for scope in self._scopes(name):
                await self._release(scope)
        made = tuple(f"vectors of the collection {name}" for name in waiting)
        return Rebuilt(len(self.done), self.rows, made, tuple(self.lost.values()))

    async def sweep(self) -> None:
        """Remove what was left; to be called when nobody reads it any more."""
        index = self.reading.anew()
        async with self.writing:
            for name in await asyncio.to_thread(self._named):
                if index.places.unread(name):
                    await completed(index.sweep, name)
            await completed(self.store.sweep)

    def _of_another_model(self, index: PlacedIndex) -> list[str]:
        """The collections of the index whose vectors the model has not made."""
        return [name for name in self._named() if index.fingerprint(name) and self._differs(index, name)]

    def _named(self) -> list[str]:
        """The collections; one whose documents are all disabled is among them."""
        return sorted({_base(scope) for scope in self.books.scopes()})

    def _scopes(self, name: str) -> list[str]:
        """A collection, and that of its disabled documents, which is in no index."""
        return [scope for scope in self.books.scopes() if _base(scope) == name]

    def _differs(self, index: PlacedIndex, name: str) -> bool:
        if index.fingerprint(name) != fingerprint_of(self.store.embedder):
            return True
        pictures = index.fingerprint(pictures_of(name))
        return pictures is not None and pictures != self.store.picture_fingerprint

    def _begin(self, index: PlacedIndex, name: str) -> None:
        """The place beside, without what a third model may have begun there."""
        index.places.begin(name)
        beside = index.beside([name])
        wanted = {
            name: fingerprint_of(self.store.embedder),
            pictures_of(name): self.store.picture_fingerprint,
        }
        for one, fingerprint in wanted.items():
            if beside.fingerprint(one) not in (None, fingerprint):
                index.index.drop(index.places.of(name).next + one[len(name) :])
        beside.create(name, fingerprint_of(self.store.embedder), self.store.embedder.dimension)

    async def _embedded_more(self, beside: Store, scopes: Sequence[str], *, held: bool = False) -> bool:
        """Embed what is there and not done yet; false where all is done."""
        waiting = await asyncio.to_thread(self._waiting, scopes)
        for start in range(0, len(waiting), DOCUMENTS):
            batch = await asyncio.to_thread(self._prepared, waiting[start : start + DOCUMENTS])
            embedded = await self.store.embed([one for _, one in batch])
            if held:
                await completed(self._keep, beside, batch, embedded)
            else:
                async with self.writing:
                    await completed(self._keep, beside, batch, embedded)
            if self.told is not None:
                self.told(len(self.done), len(self.done) + len(waiting) - start - len(batch))
        return bool(waiting)

    def _waiting(self, scopes: Sequence[str]) -> list[tuple[str, str]]:
        """Documents that are not done, or were completed since."""
        there = [(scope, document_id) for scope in scopes for document_id in self.books.document_ids(scope)]
        return [one for one in there if one not in self.lost and self._version(*one) != self.done.get(one)]

    def _version(self, scope: str, document_id: str) -> str | None:
        try:
            document = self.store.catalogue.document(scope, document_id)
        except GledeError:
            return "damaged"
        return None if document is None else document.version

    def _prepared(self, waiting: Sequence[tuple[str, str]]) -> list[tuple[str, Prepared]]:
        found: list[tuple[str, Prepared]] = []
        for scope, document_id in waiting:
            try:
                sees = self.store.sees is not None
                found.append((scope, prepared(self.store, scope, document_id, assets=sees)))
            except NotFoundError:  # deleted since
                continue
            except GledeError as error:
                hint = f"`glede rm {document_id}`, then add it again."
                place = f"document {document_id}"
                self.lost[(scope, document_id)] = Problem("lost", place, error.message, hint, (document_id,))
        return found

    def _keep(self, beside: Store, batch: Sequence[tuple[str, Prepared]], embedded: Embedded) -> None:
        """Blobs, then the catalogue, then rows: for documents that are still what they were."""
        homes = {key: blob for key, (_, blob) in embedded.stored.items()}
        vectors = {key: vector for key, (vector, _) in embedded.stored.items()} | dict(embedded.fresh)
        for scope in dict.fromkeys(scope for scope, _ in batch):
            own = [one for where, one in batch if where == scope]
            live = [one for one in own if self._version(scope, one.document.id) == one.document.version]
            self._keep_vectors(scope, live, vectors, homes)
            if not is_aside(scope):
                self._write(beside, scope, live)
            self.done |= {(scope, one.document.id): one.document.version for one in live}

    def _keep_vectors(
        self,
        scope: str,
        documents: Sequence[Prepared],
        vectors: Mapping[str, Vectors],
        homes: dict[str, str],
    ) -> None:
        packs: list[EmbeddingPack] = []
        blobs: dict[str, bytes] = {}
        kept: dict[str, tuple[str, ...]] = {}
        model = self.store.embedder.model
        for one in documents:
            keys = [key for key in self._keys(one) if key in vectors]
            new = [key for key in dict.fromkeys(keys) if key not in homes]
            if new:
                version = content_hash("embedded", fingerprint_of(self.store.embedder), one.document.version)
                pack = EmbeddingPack(model, vectors_key(version), tuple(new))
                blobs[pack.key] = packed_vectors(np.stack([vectors[key] for key in new]))
                packs.append(pack)
                homes.update(dict.fromkeys(new, pack.key))
            kept[one.document.id] = tuple(dict.fromkeys(homes[key] for key in keys))
        announced = self.store.catalogue.announce(scope, (), list(blobs))
        for key, data in blobs.items():
            self.store.blobs.put(key, data)
        self.books.keep_packs(scope, packs, kept, announced)

    def _keys(self, one: Prepared) -> list[str]:
        """What the vectors of a document are found by: those of its texts, and of pictures that are seen."""
        seen = pictures_in(one) if self.store.sees is not None else ()
        return [*text_keys(one), *(picture_key(picture) for _, picture in seen)]

    def _write(self, beside: Store, scope: str, documents: Sequence[Prepared]) -> None:
        vectors = vectors_for(self.store, documents)
        found = [rows_of(self.store, one, vectors) for one in documents]
        self._upsert(beside, scope, [row for one in found for row in one.texts])
        pictures = [row for one in found for row in one.pictures]
        if pictures:
            name = pictures_of(scope)
            beside.index.create(name, self.store.picture_fingerprint, len(pictures[0].vector))
            self._upsert(beside, name, pictures)

    def _upsert(self, beside: Store, name: str, rows: Sequence[IndexRow]) -> None:
        there = beside.index.ids(name, [row.id for row in rows])
        missing = [row for row in rows if row.id not in there]
        beside.index.upsert(name, missing)
        self.rows += len(missing)

    def _flush(self, beside: Store, name: str) -> None:
        beside.index.flush(name)
        if beside.index.fingerprint(pictures_of(name)) is not None:
            beside.index.flush(pictures_of(name))

    async def _release(self, scope: str) -> None:
        """Let go of the vectors of other models, which are in no index any more."""
        ids = await asyncio.to_thread(self.books.document_ids, scope)
        for start in range(0, len(ids), DOCUMENTS):
            async with self.writing:
                await completed(self._forget, scope, ids[start : start + DOCUMENTS])

    def _forget(self, scope: str, document_ids: Sequence[str]) -> None:
        found = [one for _, one in self._prepared([(scope, document_id) for document_id in document_ids])]
        keys = {one.document.id: self._keys(one) for one in found}
        every = [key for own in keys.values() for key in own]
        places = self.store.catalogue.embeddings(self.store.embedder.model, every)
        needed = {
            document_id: tuple(dict.fromkeys(places[key][0] for key in own if key in places))
            for document_id, own in keys.items()
        }
        self.books.release_packs(scope, needed)


def _base(scope: str) -> str:
    """The collection whose documents, disabled or not, lie in a scope."""
    return scope.removesuffix(aside_of(""))
