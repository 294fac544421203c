"""Office files of before 2007, binary workbooks, OpenDocument, and documents that a password opens.

By docling-rs, and workbooks that are not encrypted by xlrd, which tells more of them. docling-rs takes a
second to import, so it is imported in the parser process only, when the first such file comes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from glede.errors import MalformedError, PasswordError, UnsupportedError
from glede.media.types import DOC, ENCRYPTED_OFFICE, PPT, XLS, XLSB
from glede.parsers.building import Draft
from glede.parsers.docling_blocks import Reader
from glede.parsers.office_sheets import UnreadWorkbookError, read_old_workbook
from glede.parsers.pacing import loading
from glede.parsing import AVAILABLE, Availability, Feature, ParseOptions
from glede.types import Parsed

if TYPE_CHECKING:
    from docling_core.types.doc import DoclingDocument
    from docling_rs import DocumentConverter

_OPEN = "application/vnd.oasis.opendocument."
_FORMATS: Mapping[str, tuple[str, ...]] = {
    DOC: ("doc",),
    XLS: ("xls",),
    PPT: ("ppt",),
    XLSB: ("xlsb",),
    ENCRYPTED_OFFICE: ("xlsx", "docx", "pptx"),
    f"{_OPEN}text": ("odt",),
    f"{_OPEN}spreadsheet": ("ods",),
    f"{_OPEN}presentation": ("odp",),
}
"""What docling-rs calls the formats; the envelope of an encrypted document does not say what is in it."""
_INSTALL = "pip install 'glede[office]'"
_LONGEST_REASON = 160


class OfficeParser:
    """Reads text, headings, lists, tables and pictures; of slides the notes, too."""

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
        """Where its libraries are installed."""
        if find_spec("docling_rs") is None or find_spec("xlrd") is None:
            return Availability("docling-rs or xlrd is not installed", _INSTALL)
        return AVAILABLE

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `PasswordError` for an encrypted file, without the password or in a way not known."""
        draft, title = self._draft(data, media_type, options)
        parsed = draft.parsed(media_type, self.name, title)
        if not options.pages:
            return parsed
        wanted = tuple(block for block in parsed.blocks if block.page is None or block.page in options.pages)
        return replace(parsed, blocks=wanted)

    def _draft(self, data: bytes, media_type: str, options: ParseOptions) -> tuple[Draft, str]:
        if media_type == XLS:
            try:
                return read_old_workbook(data, options), ""
            except UnreadWorkbookError:
                pass  # docling-rs may, and what it says is for the user
        document = _converted(data, _FORMATS[media_type], options)
        reader = Reader(document, options, None)
        reader.read(notes=True)
        return reader.draft, reader.title


def _converted(data: bytes, forms: Sequence[str], options: ParseOptions) -> DoclingDocument:
    """The document in the first of the forms that it can be read in."""
    with loading():
        converter = _converter(options.password)
    failures = []
    for form in forms:
        try:
            document = _read(converter, data, form, options)
        except MalformedError as error:
            failures.append(error)
        else:
            if document.body.children:
                return document
    raise failures[0] if failures else MalformedError("the file holds no text")


def _read(converter: DocumentConverter, data: bytes, form: str, options: ParseOptions) -> DoclingDocument:
    from docling_rs import ConversionError, DocumentStream
    from docling_rs.exceptions import EncryptionError, PasswordRequiredError, WrongPasswordError
    from pydantic import ValidationError

    try:
        result = converter.convert(DocumentStream(name=f"document.{form}", stream=io.BytesIO(data)))
    except PasswordRequiredError as error:
        raise PasswordError("the file is encrypted") from error
    except WrongPasswordError as error:
        raise PasswordError(
            "the password is wrong" if options.password else "the file is encrypted"
        ) from error
    except EncryptionError as error:
        raise PasswordError(
            "the file is encrypted in a way that is not known",
            hint="Save it without a password, and add that.",
        ) from error
    except (ConversionError, ValidationError, ValueError, OSError, RuntimeError) as error:
        raise _failure(str(error)) from error
    if result.errors:
        raise _failure("; ".join(error.error_message for error in result.errors))
    document: DoclingDocument = result.document
    return document


def _failure(reason: str) -> MalformedError:
    why = reason.removeprefix("parse error: ").partition("\n")[0][:_LONGEST_REASON]
    return MalformedError(f"the file is damaged: {why}")


@lru_cache(maxsize=2)
def _converter(password: str | None) -> DocumentConverter:
    """Kept as long as the process."""
    try:
        from docling_rs import DocumentConverter
    except ImportError as error:
        raise UnsupportedError(f"docling-rs cannot be loaded ({error})", hint=_INSTALL) from error
    return DocumentConverter(do_ocr=False, do_table_structure=False, password=password)
