"""Metadata as the index filters by it: hashes, so that a filter holds nothing that could be an expression."""

from __future__ import annotations

from glede.types import Document, content_hash, metadata_text

LENGTH = 24


def label_of(key: str, value: str) -> str:
    """The label of a metadata pair, 24 hexadecimal digits."""
    return content_hash("label", key, value, length=LENGTH)


def labels_of(document: Document) -> tuple[str, ...]:
    """The labels of all that a document is filtered by, sorted."""
    pairs = {(key, metadata_text(value)) for key, value in document.metadata.items()}
    pairs.add(("media_type", document.media_type))
    return tuple(sorted(label_of(key, value) for key, value in pairs))
