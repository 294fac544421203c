"""Metadata as the index filters by it: hashes, so that a filter holds nothing that could be an expression."""

from __future__ import annotations

from glede.types import content_hash

LENGTH = 24


def label_of(key: str, value: str) -> str:
    """The label of a metadata pair, 24 hexadecimal digits."""
    return content_hash("label", key, value, length=LENGTH)
