"""PDF with a text layer, read by liteparse: text, headings, lists, tables with cell boxes, figures."""

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
from glede.parsers.building import Outline
from glede.parsers.pdf_blocks import block_of, captioned
from glede.parsers.pdf_pictures import Pictures
from glede.ports import ParseOptions
from glede.types import Block, Page, Parsed

if TYPE_CHECKING:
    from liteparse.types import ParsedPage, ParseResult

_PASSWORD = re.compile(r"password", re.IGNORECASE)


class PdfParser:
    """Reads PDF without models; a page that is only a picture is named, not guessed at."""

    name = "pdf"
    version = "1"
    media_types = frozenset({"application/pdf"})

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """The document's blocks page by page, in reading order."""
        result = _read(data, options)
        _check_pages(result, options)
        pictures = Pictures(result.images, len(result.pages), options.max_pixels)
        outline = Outline()
        blocks: list[Block] = []
        for page in result.pages:
            drafts = [block_of(layout, page.page_num, pictures) for layout in page.blocks or ()]
            blocks += _placed(captioned([draft for draft in drafts if draft is not None]), outline)
        pages = tuple(_page(page, result) for page in result.pages)
        _check_text(result.pages, blocks)
        return Parsed(
            media_type=media_type,
            parser=self.name,
            blocks=tuple(blocks),
            pages=pages,
            title=_title(blocks),
            warnings=tuple(warning for page in pages for warning in page.warnings),
            assets=pictures.kept(blocks),
        )


def _read(data: bytes, options: ParseOptions) -> ParseResult:
    try:
        from liteparse import LiteParse, ParseError
    except ImportError as error:
        raise UnavailableError("liteparse is not installed", hint="pip install liteparse") from error
    reader = LiteParse(
        extract_blocks=True,
        include_complexity=True,
        extract_images=True,
        ocr_enabled=False,
        quiet=True,
        continue_on_page_error=True,
        num_workers=1,
        password=options.password,
        max_pages=options.max_pages + 1,
    )
    try:
        result: ParseResult = reader.parse(data)
    except ParseError as error:
        raise _failure(str(error), options) from error
    return result


def _failure(message: str, options: ParseOptions) -> DocumentError:
    if _PASSWORD.search(message):
        what = "the password is wrong" if options.password else "the PDF is encrypted"
        return PasswordError(what)
    return MalformedError("the PDF is damaged: its structure cannot be read")


def _check_pages(result: ParseResult, options: ParseOptions) -> None:
    if result.total_pages > options.max_pages:
        raise LimitError(
            f"the PDF has {result.total_pages} pages; the limit is {options.max_pages}",
            hint="Raise it with GLEDE_MAX_PAGES.",
        )
    if not result.pages:
        raise MalformedError("the PDF holds no page that can be read")


def _check_text(pages: Sequence[ParsedPage], blocks: Sequence[Block]) -> None:
    if any(block.text.strip() for block in blocks):
        return
    shown = [page.page_num for page in pages if _shows_something(page)]
    if shown:
        raise NeedsOcrError(f"the PDF has no text layer: {_named(shown)} must be read by OCR")
    raise MalformedError("the PDF holds neither text nor pictures")


def _named(numbers: Sequence[int]) -> str:
    listed = ", ".join(map(str, numbers[:10])) + (" and more" if len(numbers) > 10 else "")
    return f"page {listed}" if len(numbers) == 1 else f"pages {listed}"


def _shows_something(page: ParsedPage) -> bool:
    signals = page.complexity
    return signals is not None and (
        signals.full_page_image
        or signals.image_block_count > 0
        or bool(signals.uncovered_vector_area)
        or signals.needs_ocr
    )


def _page(page: ParsedPage, result: ParseResult) -> Page:
    warnings = [
        f"page {page.page_num} could not be read: {error.message}"
        for error in result.page_errors
        if error.page_num == page.page_num
    ]
    if not page.text.strip() and _shows_something(page):
        warnings.append(f"page {page.page_num} shows a picture but holds no text: it needs OCR")
    elif page.complexity is not None and page.complexity.is_garbled:
        warnings.append(f"page {page.page_num} holds text that cannot be read: it needs OCR")
    return Page(page.page_num, page.width, page.height, tuple(warnings))


def _placed(blocks: Sequence[Block], outline: Outline) -> list[Block]:
    """The blocks below the headings that stand above them."""
    placed = []
    for block in blocks:
        path = outline.heading(block.text, block.level) if block.type == "heading" else outline.path
        placed.append(replace(block, heading_path=path))
    return placed


def _title(blocks: Sequence[Block]) -> str:
    headings = [block for block in blocks if block.type == "heading" and block.page == 1]
    return min(headings, key=lambda block: block.level).text if headings else ""
