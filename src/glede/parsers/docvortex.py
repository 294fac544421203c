"""DocVortex: the roles of what stands on the pages of a PDF, without models.

It tells headings, running furniture, footnotes and display formulas apart. The engine's own end of a parse
starts processes that draw the pictures; only its analysis is used here, and pictures are cut out of the pages
that pdfium draws in this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from glede.errors import MalformedError, NeedsOcrError, UnsupportedError
from glede.parsers.docvortex_blocks import page_blocks
from glede.parsers.docvortex_crops import opened_crops
from glede.parsers.pacing import loading
from glede.parsers.pdf_selection import selected
from glede.parsing import AVAILABLE, Availability, Feature, ParseOptions
from glede.reading.outline import placed
from glede.reading.pages import named
from glede.types import Block, Parsed

if TYPE_CHECKING:
    from docvortex.schema import MiddleJson

_INSTALL = "pip install 'glede[docvortex]'"
_LONGEST_REASON = 160


class DocVortexParser:
    """Reads the text layer of a PDF page by page; what is only a picture of text is left to others."""

    name = "docvortex"
    media_types = frozenset({"application/pdf"})
    cost = 0.15
    recovers: frozenset[Feature] = frozenset(
        {"text", "headings", "lists", "tables", "spans", "pictures", "equations", "boxes", "links",
         "footnotes", "furniture"}
    )  # fmt: skip

    def __init__(self) -> None:
        try:
            self.version = f"1+{version('docvortex')}"
        except PackageNotFoundError:
            self.version = "1"

    def available(self, media_type: str) -> Availability:
        """Where DocVortex is installed."""
        if find_spec("docvortex") is None:
            return Availability("DocVortex is not installed", _INSTALL)
        return AVAILABLE

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `NeedsOcrError` where none of the pages wanted holds any text."""
        with loading():
            _load()
        selection = selected(data, options, self.name)
        analysed = _analysed(selection.data)
        blocks: list[Block] = []
        with opened_crops(selection.data, options.max_pixels) as crops:
            for page in analysed.pages:
                if (of := selection.places.get(page.page_idx + 1)) is not None:
                    blocks += page_blocks(page, of, crops)
        pages = tuple(selection.places.values())
        if not any(block.text.strip() for block in blocks):
            shown = named([page.number for page in pages])
            raise NeedsOcrError(f"the PDF has no text layer on {shown}")
        return Parsed(
            media_type=media_type,
            parser=self.name,
            blocks=tuple(placed(blocks)),
            pages=pages,
            title=_title(blocks),
            assets=crops.assets,
        )


def _load() -> None:
    try:
        for module in ("docvortex.analyzers.native", "docvortex.postprocess.document"):
            import_module(module)
        from loguru import logger
    except ImportError as error:
        raise UnsupportedError(f"DocVortex cannot be loaded ({error})", hint=_INSTALL) from error
    logger.disable("docvortex")  # it tells of every paragraph


def _analysed(data: bytes) -> MiddleJson:
    """What the engine makes of the pages, in this process."""
    from docvortex.analyzers.native import PdfModel
    from docvortex.document.pdf import PDFDocument
    from docvortex.document.pdf.layout import LAYOUT_EXTENSION, extract_layout_geometry
    from docvortex.errors import DocumentError
    from docvortex.postprocess.document import model_json_to_middle_json
    from docvortex.schema import DocumentMetadata, ModelJson, Producer

    document = None
    try:
        document = PDFDocument(data)
        geometry, _ = extract_layout_geometry(document, None)
        model = ModelJson(
            pages=PdfModel().predict(document),
            extensions={LAYOUT_EXTENSION: geometry},
            page_index_map=[],
            metadata=DocumentMetadata(file_suffix="pdf", producer=Producer(name="docvortex", version="0")),
        )
        return model_json_to_middle_json(model)
    except (DocumentError, RuntimeError, ValueError, LookupError, TypeError, ArithmeticError) as error:
        reason = str(error).partition("\n")[0][:_LONGEST_REASON]
        raise MalformedError(f"DocVortex cannot read it: {reason or type(error).__name__}") from error
    finally:
        if document is not None:
            document.close()


def _title(blocks: Sequence[Block]) -> str:
    headings = [block for block in blocks if block.type == "heading" and block.page == 1]
    return min(headings, key=lambda block: block.level).text if headings else ""
