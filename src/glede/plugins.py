"""Plug-ins by name: parsers and embedders announced as entry points, ours through the same door.

A package adds a parser with an entry point in the group `glede.parsers` that names a class, and a provider
of models with one that names a function: in `glede.chat_models`, `glede.embedding_endpoints` and
`glede.rerankers` it takes a `ModelChoice` and the engine's HTTP client, in `glede.embedders`, for models that
run in this process, the `ModelChoice` only. One of `glede.processors` names a function that makes a
`Processor` of `glede.processing.Tools`, one of `glede.extractors` an `Extractor` of `glede.extracting.Means`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, cast

from glede.errors import ConfigurationError
from glede.parsing import Parser

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


@cache
def found(group: str) -> Mapping[str, EntryPoint]:
    """What is announced in a group, by name."""
    return {point.name: point for point in _announced() if point.group == group}


@cache
def _announced() -> tuple[EntryPoint, ...]:
    """What all packages announce to us; they are looked through once for all groups."""
    from importlib.metadata import distributions  # loads e-mail and archives: not for the parser process

    points = (point for package in distributions() for point in package.entry_points)
    return tuple(point for point in points if point.group.startswith("glede."))


def load(group: str, name: str, what: str) -> object:
    """What an announcement names; raises `ConfigurationError` that says `what` is missing or broken."""
    return load_from(place_of(group, name, what), f"{what} {name!r}")


def place_of(group: str, name: str, what: str) -> str:
    """Where an announcement has it, as `module:name`; raises `ConfigurationError` where there is none."""
    points = found(group)
    if name not in points:
        known = ", ".join(sorted(points)) or "none"
        raise ConfigurationError(f"there is no {what} named {name!r}", hint=f"Known: {known}.")
    return f"{points[name].module}:{points[name].attr}"


def load_from(place: str, what: str) -> object:
    """What stands at `module:name`; raises `ConfigurationError` that says `what` is broken."""
    module, _, name = place.partition(":")
    try:
        return attrgetter(name)(import_module(module))
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"the {what} cannot be loaded: {error}", hint=f"Mend or remove the package of {module}."
        ) from error


def parser_names() -> tuple[str, ...]:
    """The names of all parsers, sorted, whether or not what they need is installed."""
    return tuple(sorted(found("glede.parsers")))


def working_parser(name: str) -> Parser | None:
    """The parser of that name; `None` for a plug-in that cannot be loaded, which must not stop the others."""
    try:
        return parser_named(name)
    except ConfigurationError:
        return None


@cache
def parser_named(name: str) -> Parser:
    """The parser of that name; raises `ConfigurationError` where there is none."""
    return cast("Callable[[], Parser]", load("glede.parsers", name, "parser"))()
