"""Plug-ins by name: parsers and embedders announced as entry points, ours through the same door.

A package adds a parser with an entry point in the group `glede.parsers` that names a class, and a provider
of models with one that names a function: in `glede.chat_models`, `glede.embedding_endpoints` and
`glede.rerankers` it takes a `ModelChoice` and the engine's HTTP client, in `glede.embedders`, for models that
run in this process, the `ModelChoice` only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from glede.errors import ConfigurationError, UnsupportedError
from glede.ports import Embedder, Parser

if TYPE_CHECKING:  # a parser process needs the parsers, and no HTTP
    import httpx2

    from glede.endpoints import ChatModel, EmbeddingEndpoint, Reranker
    from glede.roles import ModelChoice


@cache
def _found(group: str) -> Mapping[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}


def _load(group: str, name: str, what: str) -> object:
    points = _found(group)
    if name not in points:
        known = ", ".join(sorted(points)) or "none"
        raise ConfigurationError(f"there is no {what} named {name!r}", hint=f"Known: {known}.")
    return points[name].load()


def parser_names() -> tuple[str, ...]:
    """The names of all parsers that are installed with what they need, sorted."""
    return tuple(sorted(name for name in _found("glede.parsers") if _has_library(name)))


@cache
def _has_library(parser: str) -> bool:
    return parser not in _EXTRAS or find_spec(_EXTRAS[parser][0]) is not None


@cache
def parser_named(name: str) -> Parser:
    """The parser of that name; raises `ConfigurationError` where there is none."""
    return cast("Callable[[], Parser]", _load("glede.parsers", name, "parser"))()


def open_embedder(choice: ModelChoice, http: httpx2.AsyncClient) -> Embedder | EmbeddingEndpoint:
    """The embedder for a choice: one that runs here, or the endpoint of one that runs elsewhere."""
    if choice.provider in _found("glede.embedders"):
        local = _load("glede.embedders", choice.provider, "embedding provider")
        return cast("Callable[[ModelChoice], Embedder]", local)(choice)
    remote = _load("glede.embedding_endpoints", choice.provider, "embedding provider")
    return cast("Callable[[ModelChoice, httpx2.AsyncClient], EmbeddingEndpoint]", remote)(choice, http)


def open_chat(choice: ModelChoice, http: httpx2.AsyncClient) -> ChatModel:
    """The model for a choice that writes or sees."""
    factory = _load("glede.chat_models", choice.provider, "provider of chat models")
    return cast("Callable[[ModelChoice, httpx2.AsyncClient], ChatModel]", factory)(choice, http)


def open_reranker(choice: ModelChoice, http: httpx2.AsyncClient) -> Reranker:
    """The reranker for a choice."""
    factory = _load("glede.rerankers", choice.provider, "provider of rerankers")
    return cast("Callable[[ModelChoice, httpx2.AsyncClient], Reranker]", factory)(choice, http)


@cache
def _readers() -> Mapping[str, str]:
    """For each media type the first parser, by name, that reads it, those of an extra last."""
    names = sorted(_found("glede.parsers"), key=lambda name: (name in _EXTRAS, name), reverse=True)
    return {kind: name for name in names for kind in parser_named(name).media_types}


def choose_parser(media_type: str, wanted: str | None, preferred: str | None = None) -> tuple[str, str]:
    """Name and version of the parser to use: the one wanted, else the preferred one if it reads that type.

    Raises `UnsupportedError` where none reads the media type, or the library of the parser is missing.
    """
    if preferred is not None and media_type in parser_named(preferred).media_types:
        wanted = wanted or preferred
    name = wanted or _readers().get(media_type)
    what = _WORDS.get(media_type, f"of the type {media_type}")
    if name is None:
        raise UnsupportedError(f"the content is {what}, which no installed parser reads")
    parser = parser_named(name)
    if media_type not in parser.media_types:
        raise UnsupportedError(
            f"the parser {name!r} does not read {media_type}", hint="Leave out --parser to have one chosen."
        )
    if not _has_library(name):
        raise UnsupportedError(
            f"the content is {what}, and the parser {name} that is to read it is not installed",
            hint=f"pip install 'glede[{_EXTRAS[name][1]}]'",
        )
    return name, parser.version


_EXTRAS = {"docling": ("docling", "docling"), "scan": ("rapidocr", "ocr")}
"""Our parsers whose library is an extra: the module that is there if it is, and the name of the extra."""
_OFFICE = "application/vnd.openxmlformats-officedocument."
_WORDS = {
    "application/octet-stream": "binary data of no known kind",
    "application/zip": "a zip archive",
    "application/gzip": "a gzip archive",
    "application/x-ole-storage": "an old Office document",
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
