"""PDF, read by liteparse: text, headings, lists, tables with cell boxes, figures; its scans by OCR."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.errors import (
    DocumentError,
    LimitError,
    MalformedError,
    NeedsOcrError,
    PasswordError,
    UnavailableError,
)
from glede.parsers.pacing import announce_pages
from glede.parsers.pdf_blocks import page_blocks, with_captions
from glede.parsers.pdf_crops import Crops
from glede.parsers.pdf_doubts import doubts_of
from glede.parsers.pdf_equations import with_equations
from glede.parsers.pdf_figures import with_drawings
from glede.parsers.pdf_footnotes import body_height, with_footnotes
from glede.parsers.pdf_headings import with_headings
from glede.parsers.pdf_heads import with_heads
from glede.parsers.pdf_links import linked
from glede.parsers.pdf_margins import with_lost_numbers, with_margins
from glede.parsers.pdf_pictures import Pictures
from glede.parsers.pdf_running_text import with_running_text
from glede.parsers.pdf_scans import Remark, chosen, read_scans, reason_to_scan, summary
from glede.parsers.pdf_split_tables import with_whole_tables
from glede.parsers.recognition import INSTALL, engine_version
from glede.parsers.rendering import LazyPages
from glede.parsing import Feature, ParseOptions, always_available
from glede.reading.outline import placed
from glede.reading.pages import named
from glede.types import Block, Doubt, Page, Parsed

if TYPE_CHECKING:
    from liteparse.types import ParsedPage, ParseResult

_NO_PAGE = "999999999"
"""A page that no document has: asking for it alone tells the number of pages, and reads none."""
DOUBTED = 0.7
"""How sure a page is whose layout may not be what it was taken for."""
_PASSWORD = re.compile(r"password", re.IGNORECASE)


class PdfParser:
    """Reads text layers without models; a page that is only a picture by OCR, or else it is named."""

    name = "pdf"
    media_types = frozenset({"application/pdf"})
    cost = 0.02
    recovers: frozenset[Feature] = frozenset(
        {
            "text",
            "headings",
            "lists",
            "tables",
            "spans",
            "pictures",
            "boxes",
            "links",
            "footnotes",
            "equations",
            "furniture",
        }
    )
    available = always_available

    def __init__(self) -> None:
        self.version = f"6{engine_version()}"

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """The document's blocks page by page, in reading order."""
        result = _read(data, options)
        pictures = Pictures(result.images, len(result.pages), options.max_pixels)
        reasons = {page.page_num: why for page in result.pages if (why := reason_to_scan(page))}
        scans = read_scans(data, reasons, len(result.pages), options)
        blocks: list[Block] = []
        pages: list[Page] = []
        damages: list[str] = []
        remarks: dict[int, Remark] = {}
        with LazyPages(data, options.password) as source:
            layers = _Layers(pictures, source, body_height(result.pages))
            for page in result.pages:
                number = page.page_num
                layer = layers.blocks(page)
                found, used = chosen(layer, page, scans.get(number))
                blocks += found
                warnings = _damages(page, result)
                damages += warnings
                if number in reasons:
                    remarks[number] = Remark(reasons[number], scans.get(number), used)
                    warnings.append(f"page {number}: {remarks[number]}")
                label = _label(source, number)
                pages.append(replace(_page(page, remarks.get(number), tuple(warnings)), label=label))
        if not options.pages:
            _check_text(result.pages, blocks, recognised=bool(scans))
        return Parsed(
            media_type=media_type,
            parser=self.name,
            blocks=tuple(placed(blocks)),
            pages=tuple(pages),
            title=_title(blocks),
            warnings=(*summary(remarks), *damages),
            assets={**pictures.kept(blocks), **layers.kept(blocks)},
        )


class _Layers:
    """Makes blocks of the text layers of pages, one step after the other."""

    def __init__(self, pictures: Pictures, source: LazyPages, body: float) -> None:
        self._pictures = pictures
        self._source = source
        self._crops = Crops(source)
        self._body = body

    def blocks(self, page: ParsedPage) -> list[Block]:
        """What the text layer of a page holds, with what is drawn on it."""
        blocks = with_running_text(with_whole_tables(page_blocks(page, self._pictures)))
        blocks = with_headings(with_heads(blocks, page), page)
        blocks = self._pictures.sharper(blocks, self._crops)
        blocks = with_footnotes(with_margins(blocks, page), page, self._body)
        blocks = with_equations(blocks, page, self._body, self._crops)
        blocks = with_drawings(linked(blocks, page, self._source), page, self._source, self._crops)
        return with_lost_numbers(with_captions(blocks, page), page, self._source)

    def kept(self, blocks: Sequence[Block]) -> dict[str, bytes]:
        """The pictures drawn for blocks that were kept, by their SHA-256."""
        wanted = {block.picture.asset for block in blocks if block.picture is not None}
        return {asset: data for asset, data in self._crops.assets.items() if asset in wanted}


def _read(data: bytes, options: ParseOptions) -> ParseResult:
    try:
        from liteparse import LiteParse, ParseError
    except ImportError as error:
        raise UnavailableError("liteparse is not installed", hint="pip install liteparse") from error
    if b"%PDF-" not in data[:1024]:  # liteparse would start an office program on anything else
        raise MalformedError("the content does not begin as a PDF does")
    how = {"ocr_enabled": False, "quiet": True, "password": options.password, "num_workers": 1}
    try:
        _check_count(LiteParse(target_pages=_NO_PAGE, **how).parse(data).total_pages, options)
        result: ParseResult = LiteParse(
            extract_blocks=True,
            include_complexity=True,
            extract_content_bounds=True,
            extract_images=True,
            extract_links=False,  # as Markdown in the text
            extract_annotations=True,
            continue_on_page_error=True,
            max_pages=options.max_pages,
            target_pages=",".join(map(str, options.pages)) or None,
            **how,
        ).parse(data)
    except ParseError as error:
        raise _failure(str(error), options) from error
    if not result.pages:
        raise MalformedError("the PDF holds no page that can be read")
    return result


def _check_count(pages: int, options: ParseOptions) -> None:
    if pages > options.max_pages:
        raise LimitError(
            f"the PDF has {pages} pages; the limit is {options.max_pages}",
            hint="Raise it with GLEDE_MAX_PAGES.",
        )
    announce_pages(len(options.pages) or pages)


def _page(page: ParsedPage, remark: Remark | None, warnings: tuple[str, ...]) -> Page:
    """What is known of a page, who read it and why."""
    doubts: tuple[Doubt, ...] = ()
    if remark is not None:
        reader, why = "scan" if remark.used else PdfParser.name, str(remark)
        sure = remark.scanned.confidence if remark.used and remark.scanned else 0.0
    else:
        doubts = doubts_of(page)
        reader, why = PdfParser.name, "; ".join(["text layer", *(one.reason for one in doubts)])
        sure = DOUBTED if doubts else 1.0
    return Page(page.page_num, page.width, page.height, warnings, reader, doubts, why, sure)


def _label(source: LazyPages, number: int) -> str:
    """What the file calls the page."""
    try:
        return source.opened().label(number)
    except DocumentError:  # its text could be read, and that counts
        return ""


def _failure(message: str, options: ParseOptions) -> DocumentError:
    if _PASSWORD.search(message):
        what = "the password is wrong" if options.password else "the PDF is encrypted"
        return PasswordError(what)
    return MalformedError("the PDF is damaged: its structure cannot be read")


def _check_text(pages: Sequence[ParsedPage], blocks: Sequence[Block], *, recognised: bool) -> None:
    if any(block.text.strip() for block in blocks):
        return
    shown = [page.page_num for page in pages if page.content_bounds is not None]
    if not shown:
        raise MalformedError("the PDF holds neither text nor pictures")
    if recognised:
        raise NeedsOcrError(
            f"the PDF has no text layer, and OCR found no text on {named(shown)}",
            hint="A better scan may help; letters that are neither Latin nor Chinese need `tesseract`.",
        )
    raise NeedsOcrError(f"the PDF has no text layer: {named(shown)} must be read by OCR", hint=INSTALL)


def _damages(page: ParsedPage, result: ParseResult) -> list[str]:
    number = page.page_num
    remarks = [f"page {number} could not be read" for error in result.page_errors if error.page_num == number]
    if page.complexity is not None and page.complexity.is_garbled and reason_to_scan(page) is None:
        remarks.append(f"page {number} holds some text that cannot be read")
    return remarks


def _title(blocks: Sequence[Block]) -> str:
    headings = [block for block in blocks if block.type == "heading" and block.page == 1]
    return min(headings, key=lambda block: block.level).text if headings else ""
