"""Writes blobs of vectors again of which little is used any more.

A changed document keeps the blob of its former version for the texts that are the same in both. Change by
change less of it is needed, until most of what lies on the disk is nobody's. What more than one document
keeps is left alone, so that the cost is that of the documents that have changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from glede.adding.blob_keys import packed_vectors, vectors_key
from glede.adding.storing import Store, picture_key, pictures_in
from glede.care.books import Books
from glede.care.stored import prepared, text_keys
from glede.errors import NotFoundError, UnavailableError
from glede.ports import EmbeddingPack, Vectors
from glede.types import content_hash

MOST_PACKS = 8
"""Blobs of vectors that one document has to itself; more are joined, however much of them is used."""


@dataclass(frozen=True, slots=True)
class Packs:
    """The blobs of vectors that single documents keep; documents are noted while they are written."""

    books: Books
    noted: dict[tuple[str, str], None] = field(default_factory=dict)

    def note(self, collection: str, document_ids: Sequence[str]) -> None:
        """These documents use vectors that came with others, or with what they were before."""
        self.noted.update(dict.fromkeys((collection, one) for one in document_ids))

    def compact(self, store: Store) -> int:
        """Look after what was noted; returns how many vectors nobody needed.

        What cannot be read or written stays as it is: the documents are whole without.
        """
        dead = 0
        while self.noted:
            collection, document_id = next(iter(self.noted))
            dead += self._compact(store, collection, document_id)
            del self.noted[collection, document_id]
        return dead

    def _compact(self, store: Store, collection: str, document_id: str) -> int:
        try:
            own = self.books.sole_packs(collection, document_id)
            places = self._places(store, collection, document_id) if own else {}
            chosen = _wasteful(own, Counter(blob for blob, _ in places.values()))
            keys = [key for key, (blob, _) in places.items() if blob in chosen]
            if keys:
                vectors = store.stored(keys)
                self._write(store, collection, document_id, chosen, {key: vectors[key][0] for key in keys})
        except (NotFoundError, UnavailableError, ValueError):  # doctor and rebuild tell of it
            return 0
        return sum(own[blob] for blob in chosen) - len(keys)

    def _places(self, store: Store, collection: str, document_id: str) -> Mapping[str, tuple[str, int]]:
        """Where the vectors of a document lie, by what they are found by."""
        one = prepared(store, collection, document_id)
        keys = list(text_keys(one))
        if store.sees is not None:
            keys += [picture_key(picture) for _, picture in pictures_in(one)]
        return store.catalogue.embeddings(store.embedder.model, keys)

    def _write(
        self,
        store: Store,
        collection: str,
        document_id: str,
        chosen: Sequence[str],
        vectors: Mapping[str, Vectors],
    ) -> None:
        """The blob first, then one transaction that lets the document keep it in place of the others."""
        version = content_hash("packed", store.embedder.model, document_id, *chosen, *vectors)
        pack = EmbeddingPack(store.embedder.model, vectors_key(version), tuple(vectors))
        announced = store.catalogue.announce(collection, (), [pack.key])
        store.blobs.put(pack.key, packed_vectors(np.stack(list(vectors.values()))))
        self.books.repack(collection, document_id, pack, chosen, announced)


def _wasteful(own: Mapping[str, int], live: Mapping[str, int]) -> list[str]:
    """The blobs to be joined in one: those of which less than half is needed, or all where they are many.

    One of which nothing is needed may be another model's, whose vectors are still to be used.
    """
    ours = [blob for blob in own if live.get(blob)]
    if len(ours) > MOST_PACKS:
        return ours
    return [blob for blob in ours if 2 * live[blob] < own[blob]]
