"""Plug-ins by name: parsers and embedders announced as entry points, ours through the same door.

A package adds a parser with an entry point in the group `glede.parsers` that names a class, and an
embedder provider with one in `glede.embedders` that names a function `(model: str) -> Embedder`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from glede.errors import ConfigurationError, UnsupportedError
from glede.ports import Embedder, Parser


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
    """The names of all parsers that are installed, sorted."""
    return tuple(sorted(_found("glede.parsers")))


@cache
def parser_named(name: str) -> Parser:
    """The parser of that name; raises `ConfigurationError` where there is none."""
    return cast("Callable[[], Parser]", _load("glede.parsers", name, "parser"))()


def open_embedder(spec: str) -> Embedder:
    """The embedder of a `"provider:model"` string."""
    provider, colon, model = spec.partition(":")
    if not colon or not model:
        raise ConfigurationError(
            f"{spec!r} does not name an embedding model",
            hint="Write it as provider:model, for example local:use3.",
        )
    factory = _load("glede.embedders", provider, "embedding provider")
    return cast("Callable[[str], Embedder]", factory)(model)


@cache
def _readers() -> Mapping[str, str]:
    """For each media type the first parser, by name, that reads it."""
    return {kind: name for name in reversed(parser_names()) for kind in parser_named(name).media_types}


def choose_parser(media_type: str, wanted: str | None) -> tuple[str, str]:
    """Name and version of the parser to use; raises `UnsupportedError` where none reads the media type."""
    name = wanted or _readers().get(media_type)
    if name is None:
        what = _WORDS.get(media_type, f"of the type {media_type}")
        raise UnsupportedError(f"the content is {what}, which no installed parser reads")
    parser = parser_named(name)
    if media_type not in parser.media_types:
        raise UnsupportedError(
            f"the parser {name!r} does not read {media_type}", hint="Leave out --parser to have one chosen."
        )
    return name, parser.version


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
    "application/epub+zip": "an EPUB book",
    "application/xml": "an XML document",
    "image/png": "a picture (PNG)",
    "image/jpeg": "a picture (JPEG)",
    "image/gif": "a picture (GIF)",
    "image/webp": "a picture (WebP)",
    "image/tiff": "a picture (TIFF)",
    "image/bmp": "a picture (BMP)",
}
