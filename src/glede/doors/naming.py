"""What a name means: one document, or an error that says what to write instead."""

from __future__ import annotations

from collections.abc import Sequence

from glede.errors import NotFoundError, UsageError
from glede.types import Document


def one_of(found: Sequence[Document], name: str, missing: str = "there is no document") -> Document:
    """The only document that a name has found."""
    if not found:
        raise NotFoundError(f"{missing} {name!r}")
    if len(found) > 1:
        names = ", ".join(document.source for document in found[:5])
        raise UsageError(f"{name!r} names {len(found)} documents", hint=f"Write more of it: {names}")
    return found[0]
