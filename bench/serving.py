"""A scripted model server in a process of its own, so that a benchmark counts our CPU alone."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Served(Generic[Seen]):
    """The server's address, and the pipe over which it tells what it has seen, a value of `kind`."""

    url: str
    pipe: Connection
    kind: type[Seen]

    def seen(self, latency: float = 0.0) -> Seen:
        """What it saw since it was last asked; the latency holds from now on."""
        self.pipe.send(latency)
        found = self.pipe.recv()
        assert isinstance(found, self.kind)
        return found


@contextmanager
def served(serve: Callable[[Connection], None], kind: type[Seen]) -> Iterator[Served[Seen]]:
    """The server that `serve` runs, as long as the context lasts.

    `serve` sends the address first; then it answers each latency with what it has seen, and `None` ends it.
    """
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    yield Served(ours.recv(), ours, kind)
    ours.send(None)
    process.join()
