"""What plug-ins offer: models, processors, extractors, and the parsers that may read a media type.

Who is there at all, `glede.plugins` tells; the parser process needs no more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import EntryPoint
from math import isfinite
from typing import TYPE_CHECKING, cast

from glede.errors import UnsupportedError
from glede.media.readers import READERS
from glede.media.types import (
    ASCIIDOC,
    CONTENT_LIST,
    DOC,
    EMAIL,
    ENCRYPTED_OFFICE,
    JATS,
    LATEX,
    MSG,
    PPT,
    SVG,
    WEB_VTT,
    XLS,
    XLSB,
)
from glede.plugins import found, load, parser_named, working_parser
from glede.reading.choosing import Plan, Step

if TYPE_CHECKING:
    import httpx2

    from glede.endpoints import ChatModel, EmbeddingEndpoint, Reranker
    from glede.extracting import Means
    from glede.knowledge import Extractor
    from glede.ports import Embedder, Processor
    from glede.processing import Tools
    from glede.roles import ModelChoice


def open_embedder(choice: ModelChoice, http: httpx2.AsyncClient) -> Embedder | EmbeddingEndpoint:
    """The embedder for a choice: one that runs here, or the endpoint of one that runs elsewhere."""
    if choice.provider in found("glede.embedders"):
        local = load("glede.embedders", choice.provider, "embedding provider")
        return cast("Callable[[ModelChoice], Embedder]", local)(choice)
    remote = load("glede.embedding_endpoints", choice.provider, "embedding provider")
    return cast("Callable[[ModelChoice, httpx2.AsyncClient], EmbeddingEndpoint]", remote)(choice, http)


def open_processors(names: Sequence[str], tools: Tools) -> tuple[Processor, ...]:
    """The processors of those names, in their order: what one adds, the next one sees."""
    return tuple(
        cast("Callable[[Tools], Processor]", load("glede.processors", name, "processor"))(tools)
        for name in names
    )


def open_extractor(name: str, means: Means) -> Extractor:
    """The extractor of that name."""
    return cast("Callable[[Means], Extractor]", load("glede.extractors", name, "extractor"))(means)


def open_chat(choice: ModelChoice, http: httpx2.AsyncClient) -> ChatModel:
    """The model for a choice that writes or sees."""
    factory = load("glede.chat_models", choice.provider, "provider of chat models")
    return cast("Callable[[ModelChoice, httpx2.AsyncClient], ChatModel]", factory)(choice, http)


def open_reranker(choice: ModelChoice, http: httpx2.AsyncClient) -> Reranker:
    """The reranker for a choice."""
    factory = load("glede.rerankers", choice.provider, "provider of rerankers")
    return cast("Callable[[ModelChoice, httpx2.AsyncClient], Reranker]", factory)(choice, http)


@cache
def _readers(media_type: str) -> tuple[str, ...]:
    """The parsers of a media type, the cheapest first; those of infinite cost are asked by name only."""
    ours = READERS.get(media_type, ())
    asked = [name for name, point in found("glede.parsers").items() if name in ours or not _is_ours(point)]
    parsers = [parser for name in asked if (parser := working_parser(name)) is not None]
    reading = [one for one in parsers if media_type in one.media_types and isfinite(one.cost)]
    return tuple(parser.name for parser in sorted(reading, key=lambda parser: (parser.cost, parser.name)))


def _is_ours(point: EntryPoint) -> bool:
    return point.value.startswith("glede.parsers.")


def choose_parsers(media_type: str, wanted: str | None, preferred: str | None = None) -> Plan:
    """The parsers that may read a media type: only the one wanted, else all, the preferred one first.

    Raises `UnsupportedError` where none reads the media type, or the library of the parser is missing.
    """
    if wanted is not None and media_type not in parser_named(wanted).media_types:
        raise UnsupportedError(
            f"the parser {wanted!r} does not read {media_type}", hint="Leave out --parser to have one chosen."
        )
    names = (wanted,) if wanted is not None else _readers(media_type)
    if wanted is None and preferred in names:
        names = (preferred, *(name for name in names if name != preferred))
    what = _WORDS.get(media_type, f"of the type {media_type}")
    if not names:
        raise UnsupportedError(f"the content is {what}, which no installed parser reads")
    parsers = [parser_named(name) for name in names]
    able = [parser for parser in parsers if parser.available(media_type)]
    if not able and wanted is None and media_type.startswith("text/"):
        able = [parser_named(LAST_RESORT)]
    if not able or (preferred == names[0] and able[0].name != preferred):
        missing = parsers[0].available(media_type)
        raise UnsupportedError(
            f"the content is {what}, and the parser {names[0]} that is to read it cannot: {missing.reason}",
            hint=missing.hint,
        )
    # Only pages of a PDF are read again by another parser, so that others do not change what is kept.
    said = able if media_type == "application/pdf" else able[:1]
    return Plan(
        tuple(Step(parser.name, parser.cost, parser.recovers) for parser in able),
        ", ".join(f"{parser.name}@{parser.version}" for parser in said),
    )


LAST_RESORT = "plain"
"""Reads any kind of text where what would understand its markup is not installed."""
_OFFICE = "application/vnd.openxmlformats-officedocument."
_WORDS = {
    "application/octet-stream": "binary data of no known kind",
    "application/zip": "a zip archive",
    "application/gzip": "a gzip archive",
    "application/x-ole-storage": "an old Office document of no known kind",
    DOC: "an old Word document",
    XLS: "an old Excel workbook",
    XLSB: "a binary Excel workbook",
    PPT: "an old PowerPoint presentation",
    MSG: "an Outlook message",
    ENCRYPTED_OFFICE: "an encrypted Office document",
    EMAIL: "an e-mail",
    JATS: "an article in JATS",
    LATEX: "LaTeX",
    ASCIIDOC: "AsciiDoc",
    WEB_VTT: "subtitles (WebVTT)",
    CONTENT_LIST: "a content list",
    SVG: "a drawing (SVG)",
    f"{_OFFICE}wordprocessingml.document": "a Word document",
    f"{_OFFICE}presentationml.presentation": "a PowerPoint presentation",
    f"{_OFFICE}spreadsheetml.sheet": "an Excel workbook",
    "application/vnd.oasis.opendocument.text": "an OpenDocument text",
    "application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet",
    "application/vnd.oasis.opendocument.presentation": "an OpenDocument presentation",
    "application/pdf": "a PDF",
    "text/html": "a page of HTML",
    "text/markdown": "Markdown",
    "text/plain": "text",
    "text/csv": "a table of comma-separated values",
    "application/epub+zip": "an EPUB book",
    "application/xml": "an XML document",
    "image/png": "a picture (PNG)",
    "image/jpeg": "a picture (JPEG)",
    "image/gif": "a picture (GIF)",
    "image/webp": "a picture (WebP)",
    "image/tiff": "a picture (TIFF)",
    "image/bmp": "a picture (BMP)",
}
