"""What questions have read of one state of the database, at hand for those that follow on it.

They ask for the same over and over: of what a question reads of the graph, three quarters after 200 others.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
MOST_BYTES = 24 * 2**20
"""What is kept at most, about."""
_OF_ONE = 100
"""Bytes of a key and its place."""
_UNREAD = object()
_Values: TypeAlias = dict[tuple[Hashable, Any], Any]


class AtHand:
    """Values by their kinds and keys, which nobody may change; usable from several threads.

    There are two halves: when one is full, the other is forgotten, but for what was asked for since.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = self._left = most // 2
        self._new: _Values = {}
        self._old: _Values = {}

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
        new, old = self._new, self._old
        values = {key: new.get((kind, key), _UNREAD) for key in keys}
        unread = [key for key, value in values.items() if value is _UNREAD]
        if unread:
            again = {key: old.get((kind, key), _UNREAD) for key in unread} if old else {}
            again = {key: value for key, value in again.items() if value is not _UNREAD}
            missing = [key for key in unread if key not in again]
            asked = ask(missing) if missing else {}
            again |= {key: asked.get(key) for key in missing}
            values |= again
            self._keep(new, {(kind, key): value for key, value in again.items()}, size)
        return {key: value for key, value in values.items() if value is not None}

    def _keep(self, new: _Values, values: _Values, size: Callable[[Any], int]) -> None:
        new |= values
        self._left -= sum(_OF_ONE + size(one) if one is not None else _OF_ONE for one in values.values())
        if self._left < 0:
            self._old, self._new, self._left = self._new, {}, self._most
