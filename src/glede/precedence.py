"""Lets questions go first: the work on documents stands back, a moment at a time, while one is answered.

All of it is one process, in which Python runs one thread at a time: beside three that are busy, a question
would take four times as long as alone.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 0.2
"""Seconds that a piece of work stands back at most, so that questions without end do not stop it."""
LOOK_EVERY = 0.01
LATELY = 5.0
"""Seconds after a question in which another one is likely."""
TURN = 0.0005
"""Seconds after which Python has a busy thread make room for a question: a tenth of its usual time.

For each that is under way as much: several would hold one another up, and every change of threads costs.
"""


class Precedence:
    """Questions that are being answered, and work that asks whether there are any."""

    def __init__(self, most: float = MOST) -> None:
        self._most = most
        self._changed = threading.Condition()
        self._questions = 0
        self._turn = 0.0
        self._answered = float("-inf")

    @property
    def lately(self) -> bool:
        """Whether somebody is asking, or has just asked."""
        return bool(self._questions) or time.monotonic() - self._answered < LATELY

    @contextmanager
    def first(self) -> Iterator[None]:
        """Answer within the block."""
        with self._changed:
            if not self._questions:
                self._turn = sys.getswitchinterval()
            self._questions += 1
            sys.setswitchinterval(min(TURN * self._questions, self._turn))
        try:
            yield
        finally:
            with self._changed:
                self._questions -= 1
                self._answered = time.monotonic()
                sys.setswitchinterval(min(TURN * self._questions or self._turn, self._turn))
                if not self._questions:
                    self._changed.notify_all()

    def give_way(self) -> None:
        """Wait, in a thread of one's own, until no question is being answered, or for long enough."""
        with self._changed:
            self._changed.wait_for(lambda: not self._questions, self._most)

    async def given_way(self) -> None:
        """`give_way` for what runs in the event loop, and holds no thread that a question may need."""
        end = time.monotonic() + self._most
        while self._questions and time.monotonic() < end:
            await asyncio.sleep(LOOK_EVERY)


QUESTIONS = Precedence()
"""One for the process, as what they all wait for is."""
