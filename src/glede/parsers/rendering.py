"""PDF pages and pictures as pixels, under a pixel budget: for OCR, and to show where a box is."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from glede.errors import LimitError, MalformedError, PasswordError

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfDocument

Pixels = npt.NDArray[np.uint8]
"""Rows of columns of blue, green and red, as pdfium draws and OCR engines read them."""

DPI = 200.0
MAX_PIXELS = 12_000_000
LONGEST_SIDE = 16_000
"""Pixels of a side, for pages that are ribbons."""
_USUAL_DPI = 72.0
_BELIEVED_DPI = (50.0, 1200.0)
_BGR = 2
"""pdfium's FPDFBitmap_BGR: three bytes a pixel."""


@dataclass(frozen=True, slots=True)
class Raster:
    """A page or picture as pixels; `scale` is how many of them lie along one point."""

    pixels: Pixels
    scale: float


class PdfPages:
    """The pages of an open PDF."""

    def __init__(self, document: PdfDocument) -> None:
        self._document = document

    def __len__(self) -> int:
        return len(self._document)

    def size(self, number: int) -> tuple[float, float]:
        """Width and height in points of a page, counted from 1, as it is shown."""
        width, height = self._document.get_page_size(number - 1)
        return width, height

    def render(self, number: int, dpi: float = DPI, max_pixels: int = MAX_PIXELS) -> Raster:
        """The page, counted from 1, at `dpi` or at as much less as keeps it within `max_pixels`."""
        from pypdfium2 import PdfiumError

        try:
            page = self._document[number - 1]
            try:
                scale = fitting_scale(page.get_size(), dpi, max_pixels)
                bitmap = page.render(scale=scale, force_bitmap_format=_BGR, may_draw_forms=False)
                try:
                    return Raster(bitmap.to_numpy().copy(), scale)
                finally:
                    bitmap.close()
            finally:
                page.close()
        except PdfiumError as error:
            raise MalformedError(f"page {number} cannot be rendered") from error


def fitting_scale(size: tuple[float, float], dpi: float, max_pixels: int) -> float:
    """Pixels to a point for a page of that many points, within the budget and the longest side."""
    width, height = max(size[0], 1.0), max(size[1], 1.0)
    return min(dpi / 72, math.sqrt(max_pixels / (width * height)), LONGEST_SIDE / max(width, height))


@contextmanager
def open_pdf(data: bytes, password: str | None = None) -> Iterator[PdfPages]:
    """The PDF, closed again at the end; raises `PasswordError` or `MalformedError`."""
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(data, password=password)
    except PdfiumError as error:
        if "password" in str(error).lower():
            what = "the password is wrong" if password else "the PDF is encrypted"
            raise PasswordError(what) from error
        raise MalformedError("the PDF is damaged: its structure cannot be read") from error
    try:
        yield PdfPages(document)
    finally:
        document.close()


def decoded(data: bytes, max_pixels: int = MAX_PIXELS) -> Raster:
    """A picture of at most `max_pixels`, made smaller where it is larger than OCR needs.

    It is turned as its own header says, and stands on white where it is transparent. Without a resolution
    that can be believed, a pixel is a point.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data)) as opened:
            width, height = opened.size
            if width * height > max_pixels:
                raise LimitError(f"the picture has {width} x {height} pixels; the limit is {max_pixels:,}")
            resolution = opened.info.get("dpi", (_USUAL_DPI,))[0]
            smaller = min(1.0, math.sqrt(MAX_PIXELS / (width * height)))
            opened.draft("RGB", (math.ceil(width * smaller), math.ceil(height * smaller)))
            opened.thumbnail((math.ceil(width * smaller), math.ceil(height * smaller)))
            picture = _on_white(ImageOps.exif_transpose(opened))
            pixels = np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise MalformedError("the picture is damaged: its pixels cannot be read") from error
    dpi = float(resolution) if _BELIEVED_DPI[0] <= resolution <= _BELIEVED_DPI[1] else _USUAL_DPI
    return Raster(pixels, dpi / 72 * max(pixels.shape[:2]) / max(width, height))


def _on_white(picture: Image.Image) -> Image.Image:
    from PIL import Image

    if "A" in picture.mode or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")
