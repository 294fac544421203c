"""Has numpy's matrix library compute in one thread for as long as somebody needs that.

The threads of OpenBLAS spin while they wait for one another. Beside other work, two of them on two cores took
five times the processor time of one, and four times as long: so texts are embedded side by side instead, a
thread each. (threadpoolctl lets only the thread that came first change this, which is none of ours.)
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Threads:
    """How many threads a library computes with, to be read and set."""

    read: Callable[[], int]
    write: Callable[[int], object]


class Blas:
    """The matrix library of this process, whose number of threads all share; nothing where it is unknown."""

    def __init__(self, threads: Callable[[], Threads | None]) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._inside = 0
        self._before = 0

    @contextmanager
    def single_threaded(self) -> Iterator[None]:
        """Compute within the block; the first in sets the limit, and the last out lifts it."""
        threads = self._threads()
        with self._lock:
            if threads is not None and not self._inside:
                self._before = threads.read()
                threads.write(1)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if threads is not None and not self._inside:
                    threads.write(self._before)


@cache
def openblas() -> Threads | None:
    """That of numpy's wheels; `None` where numpy brings another library, or the system's."""
    import numpy

    beside = Path(numpy.__file__).parent.parent / "numpy.libs"
    for path in beside.glob("*openblas*"):
        library = ctypes.CDLL(str(path))
        for prefix, suffix in product(("scipy_", ""), ("64_", "")):
            name = f"{prefix}openblas_%s_num_threads{suffix}"
            if hasattr(library, name % "get"):
                return Threads(getattr(library, name % "get"), getattr(library, name % "set"))
    return None


BLAS = Blas(openblas)
"""One for the process, as the setting is."""
