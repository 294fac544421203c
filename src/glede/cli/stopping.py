"""Ctrl-C and SIGTERM: the first ends the work in order; a second one, or too long a wait, ends the process.

What is acknowledged is kept either way: ending at once is no worse than a kill, which loses nothing.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from glede.errors import InterruptedRunError
from glede.processes import end_all_below

T = TypeVar("T")
GRACE = 7.0
"""Seconds in which work that was told to stop may end; then the process is ended, which may take another."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(work: Coroutine[object, object, T], at_once: Callable[[InterruptedRunError], int]) -> T:
    """Run to the end, or until Ctrl-C or SIGTERM; `at_once` tells that it did not end in order."""
    try:
        return asyncio.run(_stoppable(work, at_once))
    except (KeyboardInterrupt, asyncio.CancelledError) as error:
        raise InterruptedRunError("stopped before the end; what was acknowledged is kept") from error


async def _stoppable(work: Coroutine[object, object, T], at_once: Callable[[InterruptedRunError], int]) -> T:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    watch = _Watch(lambda: loop.call_soon_threadsafe(task.cancel), at_once)
    with watch.listening():
        return await task


class _Watch:
    """Waits for signals in a thread: Python's own handlers wait for the main one, which may not come."""

    def __init__(self, stop: Callable[[], object], at_once: Callable[[InterruptedRunError], int]) -> None:
        self._stop = stop
        self._at_once = at_once
        self._ear, self._mouth = os.pipe()
        self._asked = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen within the block; and beyond it once a signal has come, since closing takes long then."""
        before = [signal.signal(number, lambda *_: None) for number in SIGNALS]
        os.set_blocking(self._mouth, False)
        heard = signal.set_wakeup_fd(self._mouth, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, name="stopping", daemon=True).start()
        try:
            yield
        finally:
            if not self._asked:
                signal.set_wakeup_fd(heard)
                for number, handler in zip(SIGNALS, before, strict=True):
                    signal.signal(number, handler)

    def _watch(self) -> None:
        self._next(None)
        self._asked = True
        with suppress(RuntimeError):  # the loop may just have been closed: the work is at its end
            self._stop()
        why = "a second signal came" if self._next(GRACE) else f"it was still at work after {GRACE:g} s"
        end_all_below()
        code = self._at_once(
            InterruptedRunError(f"ended at once, since {why}; what was acknowledged is kept")
        )
        os._exit(code)

    def _next(self, seconds: float | None) -> bool:
        """Wait for a signal to stop; false where none comes in time."""
        while select.select([self._ear], [], [], seconds)[0]:
            if set(os.read(self._ear, 1)) & set(SIGNALS):
                return True
        return False
