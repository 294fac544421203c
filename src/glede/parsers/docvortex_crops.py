"""Parts of PDF pages: what is drawn or written in a box."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from glede.errors import MalformedError
from glede.parsers.pdf_text import visible
from glede.parsers.rendering import MAX_PIXELS, PdfPages, Raster, open_pdf
from glede.types import Box, Picture, sha256_of

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfDocument

DPI = 144.0
_LARGE = 200_000
"""Bytes from which a picture is taken for a photograph, which JPEG keeps in fewer."""
_QUALITY = 85
_SMALLEST = 3
"""Pixels; what has fewer on a side shows nothing."""


class Crops:
    """Cuts pictures out of the pages of a PDF; `assets` are the bytes of those that were cut."""

    def __init__(self, pages: PdfPages, document: PdfDocument, max_pixels: int) -> None:
        self.assets: dict[str, bytes] = {}
        self._pages = pages
        self._document = document
        self._max_pixels = max_pixels
        self._drawn: tuple[int, Raster | None] = (0, None)

    def picture(self, place: int, box: Box) -> Picture | None:
        """What is drawn in a box of the page at `place`, counted from 1; `None` where it cannot be."""
        from PIL.Image import fromarray

        raster = self._raster(place)
        if raster is None:
            return None
        height, width = raster.pixels.shape[:2]
        left, top = (max(0, math.floor(value * raster.scale)) for value in (box.x0, box.y0))
        right = min(width, math.ceil(box.x1 * raster.scale))
        bottom = min(height, math.ceil(box.y1 * raster.scale))
        if min(right - left, bottom - top) < _SMALLEST:
            return None
        cut = fromarray(raster.pixels[top:bottom, left:right, ::-1])
        data, media_type = _encoded(cut)
        asset = sha256_of(data)
        self.assets[asset] = data
        return Picture(asset, media_type, right - left, bottom - top)

    def letters(self, place: int, box: Box) -> str:
        """The text layer within a box of the page at `place`, line by line."""
        from pypdfium2 import PdfiumError, PdfPosConv

        try:
            page = self._document[place - 1]
            try:
                width, height = (max(1, round(side)) for side in page.get_size())
                turned = PdfPosConv(page, (0, 0, width, height, 0))
                x, y = zip(*(turned.to_page(*corner) for corner in _corners(box)), strict=True)
                text: str = page.get_textpage().get_text_bounded(min(x), min(y), max(x), max(y))
            finally:
                page.close()
        except PdfiumError:
            return ""
        return visible(text.replace("\r\n", "\n")).strip()

    def _raster(self, place: int) -> Raster | None:
        if self._drawn[0] != place:
            try:
                self._drawn = place, self._pages.render(place, DPI, min(MAX_PIXELS, self._max_pixels))
            except MalformedError:
                self._drawn = place, None
        return self._drawn[1]


@contextmanager
def opened_crops(data: bytes, max_pixels: int) -> Iterator[Crops]:
    """What can be cut out of a PDF that needs no password."""
    from pypdfium2 import PdfDocument

    with open_pdf(data) as pages:
        document = PdfDocument(data)
        try:
            yield Crops(pages, document, max_pixels)
        finally:
            document.close()


def _corners(box: Box) -> list[tuple[int, int]]:
    across = (math.floor(box.x0), math.ceil(box.x1))
    return [(x, y) for x in across for y in (math.floor(box.y0), math.ceil(box.y1))]


def _encoded(picture: Image) -> tuple[bytes, str]:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    if stream.tell() <= _LARGE:
        return stream.getvalue(), "image/png"
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue(), "image/jpeg"
