"""What questions have read of one state of the database, at hand for those that follow on it.

They ask for the same over and over: of what a question reads of the graph, three quarters after 200 others.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
MOST_BYTES = 24 * 2**20
"""What is kept at most, about; with more it begins anew."""
_UNREAD = object()


class AtHand:
    """Values by their kinds and keys, which nobody may change; usable from several threads."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = self._left = most
        self._kinds: dict[Hashable, dict[Any, Any]] = {}

    def read(
        self,
        kind: Hashable,
        keys: Sequence[K],
        ask: Callable[[list[K]], Mapping[K, V]],
        size: Callable[[V], int],
    ) -> dict[K, V]:
        """The values of those keys that have one, in their order; asks for those that are not at hand.

        What has none is kept as well. The bytes of a value are about its `size`.
        """
        kept = self._kinds.setdefault(kind, {})
        values = {key: kept.get(key, _UNREAD) for key in keys}
        missing = [key for key, value in values.items() if value is _UNREAD]
        if missing:
            asked = ask(missing)
            read = {key: asked.get(key) for key in missing}
            values |= read
            self._left -= sum(_OF_ONE + size(value) for value in asked.values()) + _OF_ONE * len(missing)
            if self._left < 0:
                self._kinds, self._left = {}, self._most
            else:
                kept |= read
        return {key: value for key, value in values.items() if value is not None}


_OF_ONE = 100
"""Bytes of a key and its place."""
