"""Scans: pictures of text, read by OCR page by page; what the other parsers call where there is no text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from glede.errors import LimitError, MalformedError
from glede.parsers.pacing import announce_pages, loading
from glede.parsers.recognition import INSTALL, Engine, engine_version, is_installed, load_engine, read_lines
from glede.parsers.rendering import MAX_PIXELS, PdfPages, Raster, decoded, open_pdf
from glede.parsers.scan_order import paragraphs
from glede.parsing import AVAILABLE, Availability, Feature, ParseOptions
from glede.types import Block, Box, Page, Parsed

SLOWNESS = 8
"""A scanned page takes the time of so many pages of text."""
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """What OCR read on a page: blocks in reading order, boxes in points of the page as it came.

    `turns` are the quarter turns against the clock that made it upright, `unread` lines it could not read.
    """

    blocks: tuple[Block, ...]
    turns: int
    unread: int = 0

    @property
    def confidence(self) -> float:
        """The mean of the blocks' confidence, weighted with their length; 0 where there is no text."""
        letters = sum(len(block.text) for block in self.blocks)
        return sum(block.confidence * len(block.text) for block in self.blocks) / letters if letters else 0.0

    @property
    def letters(self) -> int:
        """Characters, white space aside."""
        return sum(len("".join(block.text.split())) for block in self.blocks)


class ScanParser:
    """Reads every page by OCR, text layer or not; the pixels of a picture without a resolution are points."""

    name = "scan"
    media_types = frozenset({"application/pdf", *_PICTURES})
    cost = 2.0
    recovers: frozenset[Feature] = frozenset({"text", "boxes", "ocr"})

    def __init__(self) -> None:
        self.version = f"1{engine_version()}"

    def available(self, media_type: str) -> Availability:
        """Where RapidOCR is installed."""
        return AVAILABLE if is_installed() else Availability("RapidOCR is not installed", INSTALL)

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `UnsupportedError` where OCR is not installed."""
        with loading():
            engine = load_engine()
        if media_type == "application/pdf":
            pages, read = _read_pdf(data, options, engine)
        else:
            raster = decoded(data, options.max_pixels)
            height, width = raster.pixels.shape[:2]
            pages = [Page(1, width / raster.scale, height / raster.scale)]
            read = [read_page(raster, 1, engine)]
        blocks = [block for page in read for block in page.blocks]
        if not blocks:
            raise MalformedError("OCR found no text on it")
        return Parsed(media_type, self.name, tuple(blocks), tuple(pages))


def _read_pdf(data: bytes, options: ParseOptions, engine: Engine) -> tuple[list[Page], list[ScannedPage]]:
    with open_pdf(data, options.password) as pdf:
        if len(pdf) > options.max_pages:
            raise LimitError(
                f"the PDF has {len(pdf)} pages; the limit is {options.max_pages}",
                hint="Raise it with GLEDE_MAX_PAGES.",
            )
        announce_pages(len(pdf) * SLOWNESS)
        numbers = range(1, len(pdf) + 1)
        pages = [Page(number, *pdf.size(number)) for number in numbers]
        return pages, [page for _, page in read_pages(pdf, numbers, options.max_pixels, engine)]


def read_pages(
    pdf: PdfPages, numbers: Iterable[int], max_pixels: int, engine: Engine
) -> Iterator[tuple[int, ScannedPage]]:
    """Each of those pages as it is read; one that cannot be rendered holds nothing."""
    for number in numbers:
        try:
            raster = pdf.render(number, max_pixels=min(MAX_PIXELS, max_pixels))
        except MalformedError:
            yield number, ScannedPage((), 0)
        else:
            yield number, read_page(raster, number, engine)


def read_page(raster: Raster, number: int, engine: Engine) -> ScannedPage:
    """The text of a page as blocks in reading order."""
    reading = read_lines(raster.pixels, engine)
    blocks = [
        Block(
            "text",
            paragraph.text,
            page=number,
            box=_points(reading.turned_back(paragraph.box), raster.scale),
            confidence=round(paragraph.score, 4),
        )
        for paragraph in paragraphs(reading.lines)
    ]
    return ScannedPage(tuple(blocks), reading.turns, reading.unread)


def picture_text(data: bytes, max_pixels: int, engine: Engine) -> tuple[str, float]:
    """The words in a picture, an empty line between paragraphs, and their confidence."""
    page = read_page(decoded(data, max_pixels), 1, engine)
    return "\n\n".join(block.text for block in page.blocks), page.confidence


def _points(box: Box, scale: float) -> Box:
    return Box(box.x0 / scale, box.y0 / scale, box.x1 / scale, box.y1 / scale)
