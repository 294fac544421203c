"""How many calls that take work are under way at a time, and how many calls come in a minute."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from glede.server.refusals import BusyError, OverloadedError, TooManyCallsError


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


ROUNDING = 1e-6
"""Of a call: who waits as long as was said is let in, however the times are rounded."""


class Pace:
    """Lets each key make so many calls a minute, all at once or evenly; 0 is any number.

    A bucket for each key (the token bucket of RFC 2697, in one colour): it holds a minute's calls, and fills
    up again as time goes by.
    """

    def __init__(self, per_minute: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._now = now
        self._left: dict[str, tuple[float, float]] = {}

    def spend(self, key: str | None) -> None:
        """Count a call with that key; the owner of the machine has none. Raises `TooManyCallsError`."""
        if not self._per_minute or key is None:
            return
        now = self._now()
        left, before = self._left.get(key, (float(self._per_minute), now))
        left = min(self._per_minute, left + (now - before) * self._per_minute / 60)
        if left < 1 - ROUNDING:
            self._left[key] = (left, now)
            wait = math.ceil((1 - left) * 60 / self._per_minute)
            raise TooManyCallsError(f"more than {self._per_minute} calls a minute came with this key", wait)
        self._left[key] = (max(0.0, left - 1), now)
