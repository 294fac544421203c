"""Rows of Milvus Lite that are searched together, in arrays: a file of it, or rows that no file holds yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Places = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

LONGEST_ID = 64
LONGEST_MODALITY = 16
MOST_LABELS = 1024
LONGEST_LABEL = 32
"""What the fields of a row hold at most."""

PAIR = np.dtype([("term", "<u4"), ("weight", "<f4")])
"""How Milvus Lite stores the weight of a term."""


class Postings:
    """The rows that hold a term, and its weight in each: 12 bytes of memory a weight."""

    def __init__(self, pairs: npt.NDArray[np.void], lengths: npt.NDArray[np.intp]) -> None:
        places = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)
        order = np.argsort(pairs["term"], kind="stable")
        self._terms = pairs["term"][order]
        self._weights = pairs["weight"][order]
        self._places = places[order]
        self._rows = len(lengths)

    def scores(self, weights: Mapping[int, float]) -> Floats:
        """The inner product of each row with the weights, added up in their order."""
        scores = np.zeros(self._rows)
        terms = np.fromiter(weights, dtype=self._terms.dtype, count=len(weights))  # else all are converted
        firsts = np.searchsorted(self._terms, terms)
        ends = np.searchsorted(self._terms, terms, side="right")
        for weight, first, end in zip(weights.values(), firsts, ends, strict=True):
            # As Milvus does: weights of the question in single precision, sums in double.
            scores[self._places[first:end]] += float(np.float32(weight)) * self._weights[first:end].astype(
                float
            )
        return scores


class Part:
    """Rows in the order in which they were written, as a table of Arrow; what is not searched is not read."""

    def __init__(self, table: Any) -> None:  # noqa: ANN401 - a table of Arrow, which has no types
        self.table = table.combine_chunks()

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @cached_property
    def ids(self) -> Sequence[str]:
        """Of each row."""
        ids: list[str] = self.table.column("id").to_pylist()
        return ids

    @cached_property
    def vectors(self) -> Floats:
        """One row each."""
        column = _chunk(self.table.column("vector"))
        numbers: Floats = np.asarray(column.flatten(), dtype=np.float32)
        vectors: Floats = numbers.reshape(len(self), -1)
        return vectors

    @cached_property
    def lengths(self) -> Floats:
        """Of the vectors; 1 for one that is nothing."""
        lengths: Floats = np.linalg.norm(self.vectors, axis=1)
        lengths[lengths == 0] = 1.0
        return lengths

    @cached_property
    def postings(self) -> Postings:
        """Of the keywords."""
        column = _chunk(self.table.column("keywords"))
        _, offsets, data = column.buffers()
        ends = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
        pairs = np.frombuffer(data or b"", dtype=np.uint8)[ends[0] : ends[-1]].view(PAIR)
        return Postings(pairs, np.diff(ends).astype(np.intp) // PAIR.itemsize)

    def cosines(self, vector: Floats) -> Floats:
        """Of each row with the vector."""
        length = float(np.linalg.norm(vector)) or 1.0
        cosines: Floats = self.vectors @ (vector / length) / self.lengths
        return np.minimum(cosines, np.float32(1), out=cosines)


def joined(parts: Sequence[Part]) -> Part:
    """One part of the rows of all."""
    import pyarrow

    return Part(pyarrow.concat_tables([part.table for part in parts]))


def best(scores: Floats, live: Mask, limit: int) -> Places:
    """The places of the highest scores of live rows, highest first, of equal ones in their order."""
    places = np.flatnonzero(live)
    if len(places) > limit:
        kept = np.partition(scores[places], len(places) - limit)[len(places) - limit]
        places = places[scores[places] >= kept]
    return places[np.argsort(-scores[places], kind="stable")][:limit]


def _chunk(column: Any) -> Any:  # noqa: ANN401
    """The one array that a column is made of, once its chunks are combined."""
    import pyarrow

    return column.chunk(0) if column.num_chunks else pyarrow.array([], column.type)
