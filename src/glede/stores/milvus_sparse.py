"""Reads the keyword weights that Milvus Lite has stored in arrays, instead of number by number in Python.

For every search, Milvus Lite 3.2 decodes the sparse vectors of all rows that are not flushed yet, checks each
weight once more and puts it into a list of its term; for the first search after a flush, those of the new
segment. That took .4 ms of processor time a row, and 100 bytes of memory a weight, while the question waited.
It is .1 ms and 12 bytes this way, and what was checked when it was written is not checked again. What is
being written is checked in arrays as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

PAIR = np.dtype([("term", "<u4"), ("weight", "<f4")])

RESERVED = 2**32 - 1
"""The number that no term may have."""


class Stored(dict[int, float]):
    """A sparse vector out of Milvus Lite's own memory or files, with the bytes that it is made of.

    Raises `ValueError` where they are cut off.
    """

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        pairs = np.frombuffer(data, PAIR)
        super().__init__(zip(pairs["term"].tolist(), pairs["weight"].tolist(), strict=True))
        self.data = data

    @property
    def normal(self) -> bool:
        """Whether all of it may be written as it is: some weights, each above 0, of terms that may be."""
        pairs = np.frombuffer(self.data, PAIR)
        weights = pairs["weight"]
        sound = len(pairs) == len(self) > 0 and np.isfinite(weights).all() and (weights > 0).all()
        return bool(sound and (pairs["term"] < RESERVED).all())


class Postings:
    """The rows that hold a term, in their order, and its weight in each."""

    def __init__(self, rows: Sequence[Stored], valid: Sequence[bool] | None) -> None:
        pairs = np.frombuffer(b"".join(row.data for row in rows), PAIR)
        lengths = [len(row.data) // PAIR.itemsize for row in rows]
        places = np.repeat(np.arange(len(rows), dtype=np.uint32), lengths)
        if valid is not None:
            kept = np.asarray(valid, dtype=bool)[places]
            pairs, places = pairs[kept], places[kept]
        order = np.argsort(pairs["term"], kind="stable")
        self._terms = pairs["term"][order]
        self._weights = pairs["weight"][order]
        self._places = places[order]

    def get(self, term: int, default: Iterable[tuple[int, float]] = ()) -> Iterable[tuple[int, float]]:
        """Pairs of a row's number and the weight."""
        first, end = np.searchsorted(self._terms, np.array([term, term + 1], dtype=np.uint64))
        if first == end:
            return default
        return zip(self._places[first:end].tolist(), self._weights[first:end].tolist(), strict=True)


def write_without_scipy() -> None:
    """Keep pymilvus from loading scipy, where that is there, to see that no row is one of its matrices.

    It takes a tenth of a second with the first row that is written.
    """
    with suppress(ImportError):  # a version that does not look
        from pymilvus.client.utils import SciPyHelper

        SciPyHelper._checked = True


def read_fast() -> None:
    """Have Milvus Lite read in this way, in this process; doing it twice is doing it once."""
    from milvus_lite.analyzer import sparse
    from milvus_lite.index.sparse_ip import SparseIpIndex
    from milvus_lite.schema import sparse as written

    if sparse.bytes_to_sparse is not Stored:
        sparse.bytes_to_sparse = Stored
        SparseIpIndex.build = _in_arrays(SparseIpIndex.build)
        written.normalize_sparse_vector = _as_they_are(written.normalize_sparse_vector)


def _as_they_are(normalize: Callable[..., dict[int, float]]) -> Callable[..., dict[int, float]]:
    """Its own way for what is not to be written as it came."""

    def normalized(value: object, *, allow_empty: bool = True) -> dict[int, float]:
        if isinstance(value, Stored) and value.normal:
            return value
        return normalize(value, allow_empty=allow_empty)

    return normalized


def _in_arrays(build: Callable[..., None]) -> Callable[..., None]:
    """Its own way for rows that do not come out of its files."""

    def built(index: Any, rows: Sequence[dict[int, float]], valid_mask: Any = None) -> None:  # noqa: ANN401
        stored = [row for row in rows if isinstance(row, Stored)]
        if not stored or len(stored) < len(rows):
            build(index, rows, valid_mask=valid_mask)
            return
        index.num_rows = len(rows)
        index._posting_lists = Postings(stored, valid_mask)

    return built
