"""Word, Excel and PowerPoint files of before 2007, by docling-rs.

The library takes a second to import, so it is imported in the parser process only, when the first such
file comes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from glede.errors import DocumentError, MalformedError, PasswordError, UnsupportedError
from glede.media import DOC, PPT, XLS
from glede.parsers.docling_blocks import Reader
from glede.parsers.pacing import announce_pages, loading
from glede.ports import AVAILABLE, Availability, Feature, ParseOptions
from glede.types import Parsed

if TYPE_CHECKING:
    from docling_core.types.doc import DoclingDocument
    from docling_rs import DocumentConverter

_FORMATS: Mapping[str, str] = {DOC: "doc", XLS: "xls", PPT: "ppt"}
_INSTALL = "pip install 'glede[office]'"
_LONGEST_REASON = 160


class OfficeParser:
    """Reads text, headings, lists and tables; of slides the notes, too."""

    name = "office"
    media_types = frozenset(_FORMATS)
    cost = 0.1
    recovers: frozenset[Feature] = frozenset({"text", "headings", "lists", "tables", "spans", "pictures"})

    def __init__(self) -> None:
        try:
            self.version = f"1+{version('docling-rs')}"
        except PackageNotFoundError:
            self.version = "1"

    def available(self, media_type: str) -> Availability:
        """Where docling-rs is installed."""
        if find_spec("docling_rs") is None:
            return Availability("docling-rs is not installed", _INSTALL)
        return AVAILABLE

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `PasswordError` for an encrypted file, without the password or in a way not known."""
        form = _FORMATS[media_type]
        document = _converted(data, form, options)
        announce_pages(max(1, len(document.pages)))
        reader = Reader(document, options, None)
        reader.read(notes=form == "ppt")
        parsed = reader.draft.parsed(media_type, self.name, reader.title)
        if not options.pages:
            return parsed
        wanted = tuple(block for block in parsed.blocks if block.page is None or block.page in options.pages)
        return replace(parsed, blocks=wanted)


def _converted(data: bytes, form: str, options: ParseOptions) -> DoclingDocument:
    with loading():
        converter = _converter(options.password)
    from docling_rs import ConversionError, DocumentStream
    from docling_rs.exceptions import EncryptionError
    from pydantic import ValidationError

    try:
        result = converter.convert(DocumentStream(name=f"document.{form}", stream=io.BytesIO(data)))
    except EncryptionError as error:
        what = "the password is wrong" if options.password else "the file is encrypted"
        raise PasswordError(what) from error
    except (ConversionError, ValidationError, ValueError, OSError, RuntimeError) as error:
        raise _failure(str(error)) from error
    if result.errors or not result.document.body.children:
        raise _failure("; ".join(error.error_message for error in result.errors))
    document: DoclingDocument = result.document
    return document


def _failure(reason: str) -> DocumentError:
    why = reason.partition("\n")[0][:_LONGEST_REASON] or "it holds no text"
    return MalformedError(f"the file is damaged or empty: {why}")


@lru_cache(maxsize=2)
def _converter(password: str | None) -> DocumentConverter:
    """Kept as long as the process."""
    try:
        from docling_rs import DocumentConverter
    except ImportError as error:
        raise UnsupportedError(f"docling-rs cannot be loaded ({error})", hint=_INSTALL) from error
    return DocumentConverter(do_ocr=False, do_table_structure=False, password=password)
