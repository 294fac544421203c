"""Plug-ins by name: parsers and embedders announced as entry points, ours through the same door.

A package adds a parser with an entry point in the group `glede.parsers` that names a class, and an
embedder provider with one in `glede.embedders` that names a function `(model: str) -> Embedder`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from glede.errors import ConfigurationError
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
