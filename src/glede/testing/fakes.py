"""Stores and an embedder in memory: what tests use where the real ones would only cost time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from glede.errors import ModelMismatchError, UnavailableError
from glede.ports import IndexRow, Match, Vectors
from glede.results import Filter
from glede.testing.fake_catalogue import MemoryCatalogue
from glede.text.labels import label_of
from glede.types import content_hash

_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")
_WORD = re.compile(r"\w+")
DEEPEST = 8


class FakeEmbedder:
    """Texts that share words are alike: a hashed bag of words of length 1.

    `calls` and `texts` count what was asked of it.
    """

    def __init__(self, dimension: int = 64) -> None:
        self.model = "fake:words@1"
        self.dimension = dimension
        self.calls = 0
        self.texts = 0

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order."""
        self.calls += 1
        self.texts += len(texts)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in _WORD.findall(text.casefold()) or [""]:
                row[int(content_hash("word", word, length=8), 16) % self.dimension] += 1
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


class MemoryBlobs:
    """Bytes by key in a dictionary."""

    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes; a key that exists is left alone."""
        self._data.setdefault(_checked(key), bytes(data))

    def put_all(self, blobs: Mapping[str, bytes]) -> None:
        """Keep the bytes of each; keys that exist are left alone."""
        for key in blobs:
            _checked(key)
        for key, data in blobs.items():
            self.put(key, data)

    def get(self, key: str) -> bytes:
        """The bytes; raises `UnavailableError` where there are none."""
        data = self._data.get(_checked(key))
        if data is None:
            raise UnavailableError(f"the blob {key} is missing")
        return data

    def exists(self, key: str) -> bool:
        """Whether the key is there."""
        return _checked(key) in self._data

    def delete(self, key: str) -> None:
        """Remove it; an unknown key is ignored."""
        self._data.pop(_checked(key), None)

    def keys(self, prefix: str = "") -> list[str]:
        """All keys under a prefix, sorted."""
        return sorted(key for key in list(self._data) if key.startswith(prefix))


def _checked(key: str) -> str:
    names = key.split("/")
    if len(names) > DEEPEST or not all(_NAME.fullmatch(name) and name not in (".", "..") for name in names):
        raise ValueError(f"{key!r} is no key of a blob")
    return key


@dataclass(frozen=True, slots=True)
class _Scope:
    """The rows of one collection, by id."""

    fingerprint: str
    dimension: int
    rows: dict[str, IndexRow] = field(default_factory=dict)


class MemoryIndex:
    """Compares with every row, exactly."""

    def __init__(self) -> None:
        self._scopes: dict[str, _Scope] = {}

    def fingerprint(self, collection: str) -> str | None:
        """The model that the collection holds vectors of, or `None` where there is no collection."""
        scope = self._scopes.get(collection)
        return None if scope is None else scope.fingerprint

    def create(self, collection: str, fingerprint: str, dimension: int) -> None:
        """Make the collection where it is missing; raises `ModelMismatchError` where it is another's."""
        found = self._scopes.setdefault(collection, _Scope(fingerprint, dimension)).fingerprint
        if found != fingerprint:
            raise ModelMismatchError(collection, found, fingerprint)

    def upsert(self, collection: str, rows: Sequence[IndexRow]) -> None:
        """Write rows; a row of the same id is replaced."""
        scope = self._scopes.get(collection)
        if scope is None:
            raise UnavailableError(f"there is no collection {collection!r}")
        for row in rows:
            if row.vector.shape != (scope.dimension,) or not np.isfinite(row.vector).all():
                raise UnavailableError(f"row {row.id} has no vector of {scope.dimension} numbers")
        scope.rows.update({row.id: row for row in rows})

    def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Remove rows; unknown ids are ignored."""
        rows = self._rows(collection)
        for key in ids:
            rows.pop(key, None)

    def flush(self, collection: str) -> None:
        """Nothing is left to do."""

    def dense(self, collection: str, vector: Vectors, limit: int, where: Filter) -> list[Match]:
        """The rows of the highest cosine with `vector`, best first."""
        found = self._seen(collection, where)
        return _best([Match(row.id, _cosine(row.vector, vector)) for row in found], limit)

    def keyword(
        self, collection: str, weights: Mapping[int, float], limit: int, where: Filter
    ) -> list[Match]:
        """The rows of the highest inner product with `weights`, best first; only those above 0."""
        found = [Match(row.id, _product(row.keywords, weights)) for row in self._seen(collection, where)]
        return _best([match for match in found if match.score > 0], limit)

    def ids(self, collection: str, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are present."""
        return set(ids) & set(self._rows(collection))

    def all_ids(self, collection: str) -> Iterator[Sequence[str]]:
        """The ids of all rows."""
        yield list(self._rows(collection))

    def count(self, collection: str) -> int:
        """How many rows there are."""
        return len(self._rows(collection))

    def drop(self, collection: str) -> None:
        """Remove the collection and all its rows."""
        self._scopes.pop(collection, None)

    def close(self) -> None:
        """Nothing is held."""

    def _rows(self, collection: str) -> dict[str, IndexRow]:
        scope = self._scopes.get(collection)
        return {} if scope is None else scope.rows

    def _seen(self, collection: str, where: Filter) -> list[IndexRow]:
        labels = {label_of(key, value) for key, value in where.labels}
        return [row for row in list(self._rows(collection).values()) if _passes(row, where, labels)]


def _passes(row: IndexRow, where: Filter, labels: set[str]) -> bool:
    if where.documents is not None and row.document_id not in where.documents:
        return False
    if where.modalities and row.modality not in where.modalities:
        return False
    return labels.issubset(row.labels)


def _best(matches: list[Match], limit: int) -> list[Match]:
    return sorted(matches, key=lambda match: (-match.score, match.id))[:limit]


def _cosine(left: Vectors, right: Vectors) -> float:
    lengths = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(left @ right) / lengths if lengths else 0.0


def _product(left: Mapping[int, float], right: Mapping[int, float]) -> float:
    return sum(weight * left[term] for term, weight in right.items() if term in left)


__all__ = ["FakeEmbedder", "MemoryBlobs", "MemoryCatalogue", "MemoryIndex"]
