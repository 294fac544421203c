"""Transactions shared by threads: what comes while one is written goes into the next, all of it durable."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from glede.errors import GledeError

One = TypeVar("One")


class _Waiting(Generic[One]):
    """Something to be written, and how that ended."""

    def __init__(self, one: One) -> None:
        self.one = one
        self.ended = False
        self.error: GledeError | None = None


class GroupCommit(Generic[One]):
    """`write` is durable when it returns; a thread waits for the writing that is under way and its own."""

    def __init__(self, write: Callable[[Sequence[One]], None]) -> None:
        self._write = write
        self._turn = threading.Lock()
        self._listing = threading.Lock()
        self._waiting: list[_Waiting[One]] = []

    def write(self, one: One) -> None:
        """Write it with what else is waiting; raises what is wrong with this one, and not with another."""
        own = _Waiting(one)
        with self._listing:
            self._waiting.append(own)
        with self._turn:
            if not own.ended:
                self._first(own)
        if own.error is not None:
            raise own.error

    def _first(self, own: _Waiting[One]) -> None:
        """All that is waiting; where that is broken off, the next thread goes on with what is left."""
        taken = self._taken()
        try:
            self._all(taken)
        except BaseException:
            with self._listing:
                left = [waiting for waiting in taken if not waiting.ended and waiting is not own]
                self._waiting = [*left, *self._waiting]
            raise

    def _taken(self) -> list[_Waiting[One]]:
        with self._listing:
            taken, self._waiting = self._waiting, []
        return taken

    def _all(self, taken: Sequence[_Waiting[One]]) -> None:
        """All of them at once; where that fails, each by itself."""
        try:
            self._write([waiting.one for waiting in taken])
        except GledeError as error:
            if len(taken) == 1:
                taken[0].error = error
            else:
                for waiting in taken:
                    self._all([waiting])
        for waiting in taken:
            waiting.ended = True
