"""Docling: Office documents, OpenDocument, EPUB and more, and PDF where its models are installed.

The library takes seconds and 400 MB to import, so it is imported in the parser process only, when the
first document comes that it is to read.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from glede.errors import LimitError, MalformedError, PasswordError, UnsupportedError
from glede.media.types import ASCIIDOC, JATS, LATEX, WEB_VTT
from glede.parsers.pacing import announce_pages, loading
from glede.parsing import AVAILABLE, Availability, Feature, ParseOptions
from glede.text.decoding import decode
from glede.types import Page, Parsed

if TYPE_CHECKING:
    from docling.datamodel.base_models import InputFormat
    from docling.datamodel.document import ConversionResult
    from docling.document_converter import DocumentConverter, FormatOption
    from docling_core.types.doc import DoclingDocument

    from glede.parsers.docling_blocks import Reader

HIERARCHICAL = "docling:hierarchical"
"""The chunker whose pieces this parser cuts itself."""
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_FORMATS = {
    f"{_OFFICE}wordprocessingml.document": "docx",
    f"{_OFFICE}presentationml.presentation": "pptx",
    f"{_OFFICE}spreadsheetml.sheet": "xlsx",
    f"{_OPEN}text": "odt",
    f"{_OPEN}spreadsheet": "ods",
    f"{_OPEN}presentation": "odp",
    "application/epub+zip": "epub",
    "application/pdf": "pdf",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "md",
    "text/plain": "md",
    ASCIIDOC: "asciidoc",
    LATEX: "latex",
    WEB_VTT: "vtt",
    JATS: "xml_jats",
    "text/csv": "csv",
}
"""Docling's formats by media type."""
_SUFFIXES = {"asciidoc": "adoc", "latex": "tex", "xml_jats": "nxml"}
_DECODED = frozenset({"md", "asciidoc", "csv", "latex", "vtt"})
"""Formats that are handed over as UTF-8; the others say themselves how they are encoded."""
_POINTS = {"pdf": 1.0, "pptx": 1 / 12700}
"""Points to one unit of a format's coordinates; where none is named they are no places on paper."""
_SLIDES = frozenset({"pptx", "odp"})
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n((?:.*\n)*?)---[ \t]*(?:\n|\Z)")
_TITLE = re.compile(r"^title:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_HASH = re.compile(r" with hash \w+")
_LONGEST_REASON = 160


class DoclingParser:
    """Reads what Docling reads without a network; nothing is fetched, neither from the net nor the disk.

    A PDF needs Docling's models, from `DOCLING_ARTIFACTS_PATH` or where `docling-tools` puts them. Of the
    chunker `docling:hierarchical` it gives the pieces.
    """

    name = "docling"
    media_types = frozenset(_FORMATS)
    cost = 0.5
    recovers: frozenset[Feature] = frozenset(
        {"text", "headings", "lists", "tables", "spans", "pictures", "equations", "boxes", "furniture"}
    )

    def __init__(self) -> None:
        try:
            self.version = f"1+{version('docling')}"
        except PackageNotFoundError:
            self.version = "1"

    def available(self, media_type: str) -> Availability:
        """Where Docling is installed, and for a PDF its models."""
        if find_spec("docling") is None:
            return Availability("Docling is not installed", "pip install 'glede[docling]'")
        if media_type == "application/pdf" and not _models_are_there():
            return Availability("Docling's models are not there", "docling-tools models download")
        return AVAILABLE

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `UnsupportedError` for a PDF where the models are missing."""
        form = _FORMATS[media_type]
        title = ""
        if form in _DECODED:
            text = decode(data)[0]
            if form == "md":
                text, title = _without_front_matter(text)
            data = text.encode()
        from glede.parsers.docling_blocks import Reader  # whoever only chooses a parser needs none of it

        document = _converted(data, form, options)
        reader = Reader(document, options, _POINTS.get(form))
        reader.read(notes=form in _SLIDES)
        parsed = reader.draft.parsed(media_type, self.name, title or reader.title)
        pieces = _hierarchical(document, reader) if options.chunker == HIERARCHICAL else ()
        return replace(parsed, pages=_pages(document, form), pieces=pieces)


def _without_front_matter(text: str) -> tuple[str, str]:
    """The text below the front matter, and the title that stands in it."""
    front = _FRONT_MATTER.match(text)
    if front is None:
        return text, ""
    title = _TITLE.search(front[1])
    return text[front.end() :], title[1].strip("\"'") if title else ""


def _converted(data: bytes, form: str, options: ParseOptions) -> DoclingDocument:
    with loading():
        converter, kind = _converter(form, options.password, options.max_pixels)
        if form == "pdf":
            _load_models(converter, kind)
    from docling.datamodel.base_models import ConversionStatus, DocumentStream

    if form == "pdf":
        _check_pdf(data, options)
    if form == "xlsx":
        from glede.parsers.docling_sheets import check_sheets

        check_sheets(data)
    stream = DocumentStream(name=f"document.{_SUFFIXES.get(form, form)}", stream=io.BytesIO(data))
    with _scratch() if form == "epub" else nullcontext():
        result = converter.convert(stream, raises_on_error=False, max_num_pages=options.max_pages)
    if result.status not in (ConversionStatus.SUCCESS, ConversionStatus.PARTIAL_SUCCESS):
        raise _failure(result)
    return result.document


@contextmanager
def _scratch() -> Iterator[None]:
    """A folder of our own for what Docling unpacks of an EPUB, and would leave behind."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="glede_docling_", ignore_cleanup_errors=True) as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before


def _failure(result: ConversionResult) -> MalformedError | LimitError:
    reason = _HASH.sub("", "; ".join(error.error_message for error in result.errors))
    if "exceeding the max_" in reason:
        return LimitError("the archive holds far more than its size allows")
    return MalformedError(f"Docling cannot read it: {reason[:_LONGEST_REASON] or result.status.value}")


@lru_cache(maxsize=4)
def _converter(form: str, password: str | None, max_pixels: int) -> tuple[DocumentConverter, InputFormat]:
    """A converter for one format, kept as long as the process: models are loaded into it once."""
    try:
        from docling.datamodel.base_models import InputFormat
        from docling.document_converter import DocumentConverter
    except ImportError as error:
        raise UnsupportedError(
            f"Docling is not installed in full ({error})", hint="pip install 'glede[docling]'"
        ) from error
    kind = InputFormat(form)
    option = _option(form, password, max_pixels)
    return DocumentConverter([kind], {} if option is None else {kind: option}), kind


def _option(form: str, password: str | None, max_pixels: int) -> FormatOption | None:
    """Pictures that a document brings along are kept; what it only names is never fetched."""
    from docling.datamodel import backend_options as backends
    from docling.document_converter import (
        EpubFormatOption,
        HTMLFormatOption,
        MarkdownFormatOption,
    )

    if form == "html":
        kept = backends.HTMLBackendOptions(fetch_images=True, max_image_pixels=max_pixels)
        return HTMLFormatOption(backend_options=kept)
    if form == "md":
        kept = backends.MarkdownBackendOptions(fetch_images=True, max_image_pixels=max_pixels)
        return MarkdownFormatOption(backend_options=kept)
    if form == "epub":  # its "local" files are the members of the archive
        kept = backends.EpubBackendOptions(fetch_images=True, enable_local_fetch=True)
        return EpubFormatOption(backend_options=kept)
    return _pdf_option(password) if form == "pdf" else None


def _pdf_option(password: str | None) -> FormatOption:
    from docling.datamodel.accelerator_options import AcceleratorOptions
    from docling.datamodel.backend_options import ThreadedDoclingParseBackendOptions
    from docling.datamodel.pipeline_options import PdfPipelineOptions
    from docling.document_converter import PdfFormatOption
    from pydantic import SecretStr

    return PdfFormatOption(
        pipeline_options=PdfPipelineOptions(
            artifacts_path=_artifacts(),
            accelerator_options=AcceleratorOptions(device="cpu"),
            generate_picture_images=True,
        ),
        backend_options=ThreadedDoclingParseBackendOptions(
            password=None if password is None else SecretStr(password)
        ),
    )


def _artifacts() -> Path | None:
    """Where the user says the models are, or where `docling-tools models download` puts them."""
    if named := os.environ.get("DOCLING_ARTIFACTS_PATH"):
        return Path(named)
    from docling.datamodel.settings import settings

    usual = settings.cache_dir / "models"
    return usual if usual.is_dir() else None


def _models_are_there() -> bool:
    """Told from the folders, since Docling takes seconds to import."""
    named = os.environ.get("DOCLING_ARTIFACTS_PATH")
    cache = os.environ.get("DOCLING_CACHE_DIR") or "~/.cache/docling"
    folder = Path(named) if named else Path(cache).expanduser() / "models"
    return folder.is_dir() and any(folder.iterdir())


def _load_models(converter: DocumentConverter, kind: InputFormat) -> None:
    try:
        converter.initialize_pipeline(kind)
    except (OSError, RuntimeError, ValueError, ImportError) as error:
        raise UnsupportedError(
            f"Docling reads a PDF only with its models, and they cannot be loaded ({type(error).__name__})",
            hint="Run `docling-tools models download` once, and set DOCLING_ARTIFACTS_PATH if they lie "
            "elsewhere; or leave out --parser, and the built-in parser reads the PDF.",
        ) from error


def _check_pdf(data: bytes, options: ParseOptions) -> None:
    """Tell an encrypted or overlong PDF at once, and how many pages it has."""
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        with PdfDocument(data, password=options.password) as pdf:
            count = len(pdf)
    except PdfiumError as error:
        if "password" in str(error).lower():
            what = "the password is wrong" if options.password else "the PDF is encrypted"
            raise PasswordError(what) from error
        raise MalformedError("the PDF is damaged: its structure cannot be read") from error
    if count > options.max_pages:
        raise LimitError(
            f"the PDF has {count} pages; the limit is {options.max_pages}",
            hint="Raise it with GLEDE_MAX_PAGES.",
        )
    announce_pages(count)


def _pages(document: DoclingDocument, form: str) -> tuple[Page, ...]:
    """The pages whose size is known; the sheets of a workbook have none."""
    scale = _POINTS.get(form)
    if scale is None:
        return ()
    return tuple(
        Page(number, page.size.width * scale, page.size.height * scale)
        for number, page in sorted(document.pages.items())
    )


def _hierarchical(document: DoclingDocument, reader: Reader) -> tuple[tuple[int, ...], ...]:
    """The chunks of Docling's HierarchicalChunker as numbers of blocks; no block stands in two."""
    from docling_core.transforms.chunker.hierarchical_chunker import HierarchicalChunker

    pieces: list[tuple[int, ...]] = []
    seen: set[int] = set()
    for chunk in HierarchicalChunker().chunk(document):
        numbers = {
            reader.places[item.self_ref] for item in chunk.meta.doc_items if item.self_ref in reader.places
        }
        if fresh := sorted(numbers - seen):
            pieces.append(tuple(fresh))
            seen.update(fresh)
    return tuple(pieces)
