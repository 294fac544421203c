"""The pages of a PDF that an engine is to read which knows neither passwords nor single pages."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glede.errors import LimitError, MalformedError
from glede.parsers.pacing import announce_pages
from glede.parsers.rendering import PdfPages, open_pdf
from glede.parsing import ParseOptions
from glede.types import Page

WHOLE = 50
"""Pages up to which a document is analysed as a whole, however few of them are wanted."""
CONTEXT = 2
"""Pages on either side that are analysed with one that is wanted of a longer document."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A PDF of `read` pages without a password; those wanted by their places in it, from 1."""

    data: bytes
    places: Mapping[int, Page]
    read: int


def selected(data: bytes, options: ParseOptions, parser: str) -> Selection:
    """What the named parser is to read of a PDF; announces the pages."""
    with open_pdf(data, options.password) as pdf:
        if len(pdf) > options.max_pages:
            raise LimitError(
                f"the PDF has {len(pdf)} pages; the limit is {options.max_pages}",
                hint="Raise it with GLEDE_MAX_PAGES.",
            )
        wanted = sorted(set(options.pages) & set(range(1, len(pdf) + 1))) or range(1, len(pdf) + 1)
        read = _with_context(wanted, len(pdf))
        announce_pages(len(read))
        if options.password is not None or len(read) < len(pdf):
            data = _extracted(data, options.password, read)
        places = {read.index(number) + 1: _page(number, pdf, parser) for number in wanted}
        return Selection(data, places, len(read))


def _with_context(wanted: Sequence[int], count: int) -> Sequence[int]:
    """The pages to analyse: what runs along, and what is a heading, shows only beside other pages."""
    if count <= WHOLE:
        return range(1, count + 1)
    near = {page for number in wanted for page in range(number - CONTEXT, number + CONTEXT + 1)}
    return sorted(near & set(range(1, count + 1)))


def _page(number: int, pdf: PdfPages, parser: str) -> Page:
    from pypdfium2 import PdfiumError

    try:
        width, height = pdf.size(number)
    except PdfiumError as error:
        raise MalformedError(f"the PDF is damaged: there is no page {number}") from error
    return Page(number, width, height, parser=parser, reason="text layer")


def _extracted(data: bytes, password: str | None, numbers: Sequence[int]) -> bytes:
    """A PDF of those pages only, in that order, which needs no password."""
    from pypdfium2 import PdfDocument, PdfiumError

    stream = io.BytesIO()
    try:
        with PdfDocument(data, password=password) as source, PdfDocument.new() as target:
            target.import_pages(source, [number - 1 for number in numbers])
            target.save(stream)
    except PdfiumError as error:
        raise MalformedError("the PDF is damaged: pages cannot be taken out of it") from error
    return stream.getvalue()
