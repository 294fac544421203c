"""How many pages are to be read, told before they are: the time that a parse may take grows with them."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

_listener: ContextVar[Callable[[int], None] | None] = ContextVar("glede_page_listener", default=None)


def announce_pages(count: int) -> None:
    """Say that `count` pages are about to be read; a parser does so as soon as it knows."""
    listener = _listener.get()
    if listener is not None:
        listener(count)


def listen(listener: Callable[[int], None]) -> None:
    """Have `listener` called with each count that is announced."""
    _listener.set(listener)
