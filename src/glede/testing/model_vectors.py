"""Vectors that mean something without a model: hashed bags of words, the same on every machine."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np

from glede.ports import Vectors

_WORD = re.compile(r"\w+")
_FLOOR = 0.001
"""In every place of a vector, so that a text without words has a direction."""


def hashed(texts: Sequence[str], dimension: int) -> Vectors:
    """A row of length 1 for each text; texts that share words are alike."""
    rows = np.full((len(texts), dimension), _FLOOR, dtype=np.float64)
    for row, text in zip(rows, texts, strict=True):
        places = [crc32(word.encode()) % dimension for word in _WORD.findall(text.casefold())]
        np.add.at(row, places, 1.0)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def picture_words(data: bytes, described: Mapping[str, str]) -> str:
    """The words that stand for a picture: those it was described with, by SHA-256, or its hash in pieces."""
    digest = hashlib.sha256(data).hexdigest()
    return described.get(digest) or " ".join(re.findall("....", digest))


def encoded(row: Vectors, as_base64: bool) -> str | list[float]:
    """A vector as the embedding APIs write it: numbers, or base64 of little-endian 32-bit floats."""
    if as_base64:
        return base64.b64encode(row.astype("<f4").tobytes()).decode()
    return [float(value) for value in row]


def likeness(query: str, texts: Sequence[str]) -> list[float]:
    """How alike each text is to the query, from 0 to 1."""
    rows = hashed([query, *texts], 4096)
    return [float(score) for score in np.clip(rows[1:] @ rows[0], 0.0, 1.0)]
