"""Which of our own parsers read a media type: those that do not are never loaded to be asked.

tests/test_registry.py holds this to what the parsers say of themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

from glede.media.types import (
    ASCIIDOC,
    CONTENT_LIST,
    DOC,
    EMAIL,
    ENCRYPTED_OFFICE,
    JATS,
    LATEX,
    PPT,
    SVG,
    WEB_VTT,
    XLS,
    XLSB,
)

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"

READERS: Mapping[str, tuple[str, ...]] = {
    "application/epub+zip": (
        "docling",
        "epub",
    ),
    JATS: ("docling",),
    "application/json": (
        "json",
        "knowledge",
    ),
    "application/jsonl": (
        "json",
        "knowledge",
    ),
    DOC: ("office",),
    "application/pdf": (
        "docling",
        "docvortex",
        "mineru",
        "pdf",
        "scan",
    ),
    CONTENT_LIST: ("content_list",),
    XLS: ("office",),
    XLSB: ("office",),
    PPT: ("office",),
    f"{_OPEN_DOCUMENT}.presentation": (
        "docling",
        "office",
    ),
    f"{_OPEN_DOCUMENT}.spreadsheet": (
        "docling",
        "office",
    ),
    f"{_OPEN_DOCUMENT}.text": (
        "docling",
        "office",
    ),
    f"{_OPEN_XML}.presentationml.presentation": (
        "docling",
        "slides",
    ),
    f"{_OPEN_XML}.spreadsheetml.sheet": (
        "docling",
        "sheets",
    ),
    f"{_OPEN_XML}.wordprocessingml.document": (
        "docling",
        "word",
    ),
    ENCRYPTED_OFFICE: (
        "locked",
        "office",
    ),
    "application/xhtml+xml": (
        "docling",
        "html",
    ),
    "image/bmp": (
        "picture",
        "scan",
    ),
    "image/gif": (
        "picture",
        "scan",
    ),
    "image/jpeg": (
        "picture",
        "scan",
    ),
    "image/png": (
        "picture",
        "scan",
    ),
    SVG: ("svg",),
    "image/tiff": ("picture",),
    "image/webp": (
        "picture",
        "scan",
    ),
    EMAIL: ("email",),
    ASCIIDOC: ("docling",),
    "text/csv": (
        "delimited",
        "docling",
        "knowledge",
    ),
    "text/html": (
        "docling",
        "html",
    ),
    "text/markdown": (
        "docling",
        "markdown",
    ),
    "text/plain": (
        "docling",
        "knowledge",
        "plain",
    ),
    "text/tab-separated-values": (
        "delimited",
        "knowledge",
    ),
    WEB_VTT: ("docling",),
    LATEX: ("docling",),
}
"""Names of parsers by media type."""
