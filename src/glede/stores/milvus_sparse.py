"""Keyword weights for Milvus, and in Milvus Lite, in arrays instead of number by number in Python.

What is being written comes as bytes, and Milvus Lite 3.2 makes a dictionary of each row's, checks each weight
and makes bytes of them again. Here the bytes are kept with the dictionary, and checked in arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from glede.stores.milvus_rows import PAIR

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


class Weighed(dict[int, float]):
    """A sparse vector on its way to Milvus, which pymilvus need not look at weight by weight."""

    __slots__ = ()

    def data(self) -> bytes:
        """The bytes that Milvus is sent, by term; raises `ValueError` where it would take none of them."""
        pairs = np.empty(len(self), PAIR)
        pairs["term"] = list(self)
        with np.errstate(over="ignore"):  # what single precision cannot hold is refused below
            pairs["weight"] = list(self.values())
        if not np.isfinite(pairs["weight"]).all() or (pairs["term"] == RESERVED).any():
            raise ValueError("a weight is no number, or is of a term that may not be")
        return pairs[np.argsort(pairs["term"])].tobytes()


def write_packed() -> None:
    """Have pymilvus send `Weighed` as it is, in this process; doing it twice is doing it once."""
    with suppress(ImportError, AttributeError):  # a version that writes in another way
        from pymilvus.client import entity_helper

        if entity_helper._pack_sparse_vector_row.__module__ != __name__:
            entity_helper._pack_sparse_vector_row = _as_it_is(entity_helper._pack_sparse_vector_row)


def _as_it_is(pack: Callable[..., None]) -> Callable[..., None]:
    """Its own way for every other sparse vector."""

    def packed(value: object, field_data: Any, field_name: str) -> None:  # noqa: ANN401 - a protocol buffer
        if isinstance(value, Weighed):
            field_data.vectors.sparse_float_vector.contents.append(value.data())
        else:
            pack(value, field_data, field_name)

    return packed


def write_without_scipy() -> None:
    """Keep pymilvus from loading scipy, where that is there, to see that no row is one of its matrices.

    It takes a tenth of a second with the first row that is written.
    """
    with suppress(ImportError):  # a version that does not look
        from pymilvus.client.utils import SciPyHelper

        SciPyHelper._checked = True


def take_fast() -> None:
    """Have Milvus Lite take them in this way, in this process; doing it twice is doing it once."""
    from milvus_lite.analyzer import sparse
    from milvus_lite.schema import sparse as written

    if sparse.bytes_to_sparse is not Stored:
        sparse.bytes_to_sparse = Stored
        written.normalize_sparse_vector = _as_they_are(written.normalize_sparse_vector)


def _as_they_are(normalize: Callable[..., dict[int, float]]) -> Callable[..., dict[int, float]]:
    """Its own way for what is not to be written as it came."""

    def normalized(value: object, *, allow_empty: bool = True) -> dict[int, float]:
        if isinstance(value, Stored) and value.normal:
            return value
        return normalize(value, allow_empty=allow_empty)

    return normalized
