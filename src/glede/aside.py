"""Where disabled documents lie: in a collection beside their own, which no answer is ever read from."""

from __future__ import annotations

_ENDING = ".disabled"
DISABLED = "it is disabled; `glede enable` lets it be found"
"""What is told of a disabled document that is added again."""


def aside_of(collection: str) -> str:
    """The collection of a collection's disabled documents; a user cannot give one such a name."""
    return collection + _ENDING


def is_aside(collection: str) -> bool:
    """Whether it holds disabled documents."""
    return collection.endswith(_ENDING)
