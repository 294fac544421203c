"""Settings -> Library: what is stored, opened to be looked at, without what adds and answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from glede.doors.library import Library
from glede.errors import UnavailableError, UnsupportedError
from glede.parsing import ParseOptions
from glede.settings import Settings

if TYPE_CHECKING:
    from glede.parsers.worker import ParseLimits, ParserPool
    from glede.stores.blobs import FileBlobs
    from glede.stores.catalogue import SqlCatalogue

MIB = 2**20
PAGE_IMAGE = "glede.parsers.page_image"
MODULES = (PAGE_IMAGE, "glede.parsers.look")
"""What runs in the parser processes and is nobody's to choose."""


@contextmanager
def looked_at(settings: Settings) -> Iterator[Library]:
    """What is stored, to be looked at only."""
    if not settings.home.is_dir():
        raise UnavailableError(
            f"there is no data folder {settings.home}", hint="Add documents: `glede add PATH`."
        )
    with ExitStack() as stack:
        catalogue, blobs = kept(settings, settings.home.resolve(), stack)
        yield Library(catalogue, blobs, settings, Drawing(settings))


def kept(settings: Settings, home: Path, stack: ExitStack | AsyncExitStack) -> tuple[SqlCatalogue, FileBlobs]:
    """The catalogue and the blobs of a data folder; closed with `stack`."""
    from glede.stores.blobs import FileBlobs
    from glede.stores.catalogue import SqlCatalogue

    address = settings.catalogue_url or f"sqlite:///{home / 'catalogue.db'}"
    catalogue = SqlCatalogue(address, history=settings.history)
    stack.callback(catalogue.close)
    return catalogue, FileBlobs(settings.blobs_url or str(home / "blobs"))


def parse_limits(settings: Settings) -> ParseLimits:
    """What a parser may take."""
    from glede.parsers.worker import ParseLimits

    return ParseLimits(
        seconds=settings.parse_seconds,
        seconds_per_page=settings.parse_seconds_per_page,
        memory_bytes=settings.parse_memory_mb * MIB,
    )


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws pages in the pool in hand, or where there is none in one that lives for one page."""

    settings: Settings
    pool: ParserPool | None = None

    async def page_image(self, data: bytes, media_type: str, number: int, password: str | None) -> bytes:
        """See `glede.parsing.PageImages`."""
        from glede.parsers.worker import ParserPool

        if media_type != "application/pdf":
            raise UnsupportedError("only pages of PDFs can be shown", hint="`glede open` tells the words.")
        options = ParseOptions(
            password=password,
            pages=(number,),
            max_pages=self.settings.max_pages,
            max_pixels=self.settings.max_pixels,
        )
        pool = self.pool or ParserPool(parse_limits(self.settings), 1, MODULES)
        try:
            parsed = await pool.parse(data, media_type, f"{PAGE_IMAGE}:PageImage", options)
        finally:
            if self.pool is None:
                await pool.close()
        return next(iter(parsed.assets.values()))
