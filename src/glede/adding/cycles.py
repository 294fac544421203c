"""Python's search for cyclic garbage, made rarer while documents are added.

Adding makes hundreds of objects for each chunk and drops nearly all of them by counting references. Python
takes each 700 more as a reason to look for cycles, and now and then through all that the process holds: a
fourteenth of the processor time of an `add`.
"""

from __future__ import annotations

import gc
import threading
from types import TracebackType

BULK = 20_000
"""Objects more than before after which the youngest are looked through; a few megabytes of them."""


class Seldom:
    """Entered for an `add`, by several at a time; the last one that leaves puts back what was set before.

    A process that looks as seldom already, or never, stays as it is.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._inside = 0
        self._before: int | None = None

    def __enter__(self) -> None:
        with self._changing:
            self._inside += 1
            now, *older = gc.get_threshold()
            if 0 < now < BULK:
                self._before = now
                gc.set_threshold(BULK, *older)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changing:
            self._inside -= 1
            now, *older = gc.get_threshold()
            if not self._inside and self._before is not None:
                if now == BULK:  # else somebody else has chosen meanwhile
                    gc.set_threshold(self._before, *older)
                self._before = None


SELDOM = Seldom()
"""That of this process."""
