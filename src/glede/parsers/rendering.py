"""PDF pages and pictures as pixels, under a pixel budget: for OCR, and to show where a box is."""

from __future__ import annotations

import ctypes
import io
import math
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from glede.errors import LimitError, MalformedError, PasswordError
from glede.types import Box

if TYPE_CHECKING:
    from PIL import Image
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

Pixels = npt.NDArray[np.uint8]
"""Rows of columns of blue, green and red, as pdfium draws and OCR engines read them."""

DPI = 200.0
MAX_PIXELS = 12_000_000
LONGEST_SIDE = 16_000
"""Pixels of a side, for pages that are ribbons."""
_USUAL_DPI = 72.0
_LONE = re.compile(r"\d{1,4}|[ivxlc]{1,6}")
_BELIEVED_DPI = (50.0, 1200.0)
_FINE = 100
"""Parts of a point to which places are told."""
_COMPRESSION = 1
MAX_LINKS = 2000
MAX_OBJECTS = 20_000
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
        self._open: tuple[int, PdfPage] | None = None

    def __len__(self) -> int:
        return len(self._document)

    def size(self, number: int) -> tuple[float, float]:
        """Width and height in points of a page, counted from 1, as it is shown."""
        from pypdfium2 import PdfiumError

        try:
            width, height = self._document.get_page_size(number - 1)
        except PdfiumError as error:
            raise MalformedError(f"page {number} cannot be read") from error
        return width, height

    def label(self, number: int) -> str:
        """What the file calls a page, counted from 1; nothing where it names none."""
        found: str = self._document.get_page_label(number - 1)
        return found

    def lone_numbers(self, number: int, band: float) -> list[tuple[str, Box]]:
        """The numbers that stand alone in a line within so many points of the top or the bottom of a page."""
        with self._page(number) as page:
            width, height = page.get_size()
            text = page.get_textpage()
            try:
                found = []
                for bottom, top in ((0.0, band), (height - band, height)):
                    said = text.get_text_bounded(0, bottom, width, top)
                    for line in filter(_LONE.fullmatch, map(str.strip, said.splitlines())):
                        found += [
                            (line, box)
                            for box in _boxes_of(page, text, line)
                            if _is_within(box, height, band)
                        ]
                return found
            finally:
                text.close()

    def targets(self, number: int) -> list[tuple[Box, int]]:
        """Where on the page, counted from 1, links to pages of the document lie, and which those are."""
        from pypdfium2 import raw

        with self._page(number) as page:
            link, place, edges = raw.FPDF_LINK(), ctypes.c_int(0), raw.FS_RECTF()
            found: list[tuple[Box, int]] = []
            while len(found) < MAX_LINKS and raw.FPDFLink_Enumerate(page.raw, place, link):
                target = raw.FPDFLink_GetDest(self._document.raw, link)
                index = raw.FPDFDest_GetDestPageIndex(self._document.raw, target) if target else -1
                if index >= 0 and raw.FPDFLink_GetAnnotRect(link, edges):
                    box = _shown(page, edges.left, edges.bottom, edges.right, edges.top)
                    found.append((box, index + 1))
            return found

    def crop(self, number: int, box: Box, dpi: float = DPI, max_pixels: int = MAX_PIXELS) -> Raster:
        """What the page shows within a box, at `dpi` or less."""
        with self._page(number) as page:
            width, height = page.get_size()
            x0, y0 = max(box.x0, 0.0), max(box.y0, 0.0)
            x1, y1 = min(box.x1, width), min(box.y1, height)
            if x1 - x0 < 1 or y1 - y0 < 1:
                raise MalformedError(f"there is nothing to be seen on page {number}")
            scale = fitting_scale((x1 - x0, y1 - y0), dpi, max_pixels)
            edges = (x0, height - y1, width - x1, y0)
            return _drawn(page, scale, edges)

    def drawings(self, number: int) -> list[Box]:
        """Where the lines, shapes and nested drawings of the page lie; of very many, only the first."""
        from pypdfium2 import raw

        kinds = {raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING, raw.FPDF_PAGEOBJ_FORM}
        with self._page(number) as page:
            found = []
            edges = [ctypes.c_float(0) for _ in range(4)]
            for index in range(min(raw.FPDFPage_CountObjects(page.raw), MAX_OBJECTS)):
                one = raw.FPDFPage_GetObject(page.raw, index)
                if raw.FPDFPageObj_GetType(one) in kinds and raw.FPDFPageObj_GetBounds(one, *edges):
                    found.append(_shown(page, *(edge.value for edge in edges)))
            return found

    @contextmanager
    def _page(self, number: int) -> Iterator[PdfPage]:
        """The page, which stays open until another one is asked for."""
        from pypdfium2 import PdfiumError

        try:
            if self._open is None or self._open[0] != number:
                self.close()
                self._open = number, self._document[number - 1]
            yield self._open[1]
        except PdfiumError as error:
            raise MalformedError(f"page {number} cannot be rendered") from error

    def close(self) -> None:
        """Close the page that is open."""
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def render(self, number: int, dpi: float = DPI, max_pixels: int = MAX_PIXELS) -> Raster:
        """The page, counted from 1, at `dpi` or at as much less as keeps it within `max_pixels`."""
        with self._page(number) as page:
            return _drawn(page, fitting_scale(page.get_size(), dpi, max_pixels))


def _boxes_of(page: PdfPage, text: PdfTextPage, words: str) -> Iterator[Box]:
    """Where words stand by themselves on a page."""
    search = text.search(words, match_whole_word=True)
    try:
        while (place := search.get_next()) is not None:
            edges = [text.get_charbox(index) for index in range(place[0], place[0] + place[1])]
            left, bottom = min(edge[0] for edge in edges), min(edge[1] for edge in edges)
            right, top = max(edge[2] for edge in edges), max(edge[3] for edge in edges)
            yield _shown(page, left, bottom, right, top)
    finally:
        search.close()


def _is_within(box: Box, height: float, band: float) -> bool:
    return box.y1 <= band or box.y0 >= height - band


def _drawn(page: PdfPage, scale: float, less: tuple[float, float, float, float] = (0, 0, 0, 0)) -> Raster:
    """The page without so many points at its left, bottom, right and top."""
    bitmap = page.render(scale=scale, crop=less, force_bitmap_format=_BGR, may_draw_forms=False)
    try:
        return Raster(bitmap.to_numpy().copy(), scale)
    finally:
        bitmap.close()


def _shown(page: PdfPage, left: float, bottom: float, right: float, top: float) -> Box:
    """A rectangle of the page's own coordinates as it lies on the page that is shown."""
    from pypdfium2 import raw

    width, height = page.get_size()
    corners = []
    for x, y in ((left, bottom), (right, top)):
        across, down = ctypes.c_int(0), ctypes.c_int(0)
        size = (round(width * _FINE), round(height * _FINE))
        raw.FPDF_PageToDevice(page.raw, 0, 0, *size, 0, x, y, across, down)
        corners.append((across.value / _FINE, down.value / _FINE))
    (x0, y0), (x1, y1) = corners
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def png_of(raster: Raster) -> bytes:
    """The pixels as a PNG, without colours where they have none."""
    from PIL import Image

    pixels = raster.pixels
    grey = bool((pixels[:, :, 0] == pixels[:, :, 1]).all() and (pixels[:, :, 1] == pixels[:, :, 2]).all())
    picture = Image.fromarray(pixels[:, :, 0] if grey else np.ascontiguousarray(pixels[:, :, ::-1]))
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=_COMPRESSION)
    return stream.getvalue()


def fitting_scale(size: tuple[float, float], dpi: float, max_pixels: int) -> float:
    """Pixels to a point for a page of that many points, within the budget and the longest side."""
    width, height = max(size[0], 1.0), max(size[1], 1.0)
    return min(dpi / 72, math.sqrt(max_pixels / (width * height)), LONGEST_SIDE / max(width, height))


class LazyPages:
    """The pages of a PDF that is opened once something is to be looked up in it, and only once."""

    def __init__(self, data: bytes, password: str | None = None) -> None:
        self._data, self._password = data, password
        self._stack = ExitStack()
        self._pages: PdfPages | None = None

    def __enter__(self) -> LazyPages:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def opened(self) -> PdfPages:
        """The pages; raises `PasswordError` or `MalformedError`."""
        if self._pages is None:
            self._pages = self._stack.enter_context(open_pdf(self._data, self._password))
        return self._pages


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
    pages = PdfPages(document)
    try:
        yield pages
    finally:
        pages.close()
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
