"""What a parser tells about time while it works: how many pages come, and when it loads its own library.

The time that a parse may take grows with the pages; the time of loading is not charged to the document. A
parser whose pages cost little gets little, unless it says that hard work begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[int, bool], None] | None] = ContextVar("glede_page_listener", default=None)
_loading: ContextVar[Callable[[bool], None] | None] = ContextVar("glede_loading_listener", default=None)


def announce_pages(count: int, *, hard: bool = False) -> None:
    """Say that `count` pages are about to be read; a parser does so as soon as it knows.

    `hard` says that from here on they take more than the parser's usual cost, as OCR does.
    """
    listener = _listener.get()
    if listener is not None:
        listener(count, hard)


@contextmanager
def loading() -> Iterator[None]:
    """What happens inside is the parser's own start; only before it looks at the document."""
    listener = _loading.get()
    if listener is None:
        yield
        return
    listener(True)
    yield
    listener(False)


def listen(pages: Callable[[int, bool], None], loading: Callable[[bool], None] | None = None) -> None:
    """Have `pages` called with each count that is announced, `loading` where loading begins and ends."""
    _listener.set(pages)
    _loading.set(loading)
