"""Writes what the index holds of documents that were set aside: from their stored vectors, with no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glede.adding.storing import Store
from glede.care.stored import prepared, rows_of, vectors_for
from glede.errors import ModelMismatchError, NotFoundError, UnavailableError
from glede.pictures.features import pictures_of
from glede.ports import IndexRow, fingerprint_of
from glede.retrieval.remembering import Past

DOCUMENTS = 100
"""Documents whose rows are in memory at a time."""


@dataclass(frozen=True, slots=True)
class PastRows:
    """Makes what was set aside searchable where the past is asked; after a crash the next does the rest."""

    past: Past

    def settle(self, store: Store) -> None:
        """Write the rows that are missing; what cannot be read stops nobody, and `glede doctor` tells."""
        passed: set[tuple[str, str]] = set()
        while waiting := [one for one in self.past.unindexed(DOCUMENTS + len(passed)) if one not in passed]:
            written = [one for one in waiting if self._written(store, *one)]
            if written:
                self.past.indexed(written)
            passed |= set(waiting).difference(written)

    def _written(self, store: Store, scope: str, document_id: str) -> bool:
        try:
            one = prepared(store, scope, document_id)
            rows = rows_of(store, one, vectors_for(store, [one]))
        except (UnavailableError, NotFoundError):  # a blob that is damaged, or is not there
            return False
        try:
            store.index.create(scope, fingerprint_of(store.embedder), store.embedder.dimension)
            store.index.upsert(scope, rows.texts)
            self._write_pictures(store, pictures_of(scope), rows.pictures)
        except ModelMismatchError:
            return False
        return True

    def _write_pictures(self, store: Store, name: str, rows: Sequence[IndexRow]) -> None:
        if rows:
            store.index.create(name, store.picture_fingerprint, len(rows[0].vector))
            store.index.upsert(name, rows)
