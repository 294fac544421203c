"""Where documents lie that are not live: in collections beside their own, which no plain question reads.

A user cannot give a collection such a name.
"""

from __future__ import annotations

_DISABLED = ".disabled"
_PAST = ".past"
DISABLED = "it is disabled; `glede enable` lets it be found"
"""What is told of a disabled document that is added again."""


def aside_of(collection: str) -> str:
    """The collection of a collection's disabled documents."""
    return collection + _DISABLED


def is_aside(collection: str) -> bool:
    """Whether it holds disabled documents."""
    return collection.endswith(_DISABLED)


def past_of(collection: str) -> str:
    """The collection of what was replaced or removed, where a history is kept."""
    return collection + _PAST


def is_past(collection: str) -> bool:
    """Whether it holds what was replaced or removed."""
    return collection.endswith(_PAST)


def present_of(scope: str) -> str:
    """The collection that a scope lies beside, or is."""
    return scope.removesuffix(_PAST).removesuffix(_DISABLED)
