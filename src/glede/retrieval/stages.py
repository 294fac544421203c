"""How long each stage of a question took, told with the answer."""

from __future__ import annotations

import time

from glede.results import Stage


class Stages:
    """A stopwatch: each `done` ends a stage that began with the one before."""

    def __init__(self) -> None:
        self._at = time.perf_counter()
        self._seconds: dict[str, float] = {}

    def done(self, name: str) -> None:
        """What ran since the last stage was of this one; a name that comes again adds up."""
        now = time.perf_counter()
        self._seconds[name] = self._seconds.get(name, 0.0) + now - self._at
        self._at = now

    @property
    def told(self) -> tuple[Stage, ...]:
        """All of them, in the order in which they began."""
        return tuple(Stage(name, seconds) for name, seconds in self._seconds.items())
