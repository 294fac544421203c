"""How many calls that take work are under way at a time: for one key, and in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from glede.server.refusals import BusyError, OverloadedError


class Admission:
    """Admits calls, or refuses them at once; nobody waits in a queue that may be too long."""

    def __init__(self, most: int, most_each: int) -> None:
        self._most = most
        self._most_each = most_each
        self._under_way: Counter[str] = Counter()

    @property
    def under_way(self) -> int:
        """All that were admitted and have not ended."""
        return self._under_way.total()

    @contextmanager
    def admitted(self, key: str | None) -> Iterator[None]:
        """A call with that key, for as long as the block; the owner of the machine has none."""
        if self.under_way >= self._most:
            raise OverloadedError(f"{self._most} calls are under way")
        if key is not None and self._under_way[key] >= self._most_each:
            raise BusyError(f"{self._most_each} calls with this key are under way")
        name = key or ""
        self._under_way[name] += 1
        try:
            yield
        finally:
            self._under_way[name] -= 1
            if not self._under_way[name]:
                del self._under_way[name]
