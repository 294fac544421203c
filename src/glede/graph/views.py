"""What is shown and exported of the graph: entities, relations and the places in documents that say so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from glede.types import Box, Chunk

UNKNOWN = "name"
"""The type of a proper name of unknown kind, which is told only where nothing better is known."""
LONGEST_QUOTE = 300
_SENTENCES = re.compile(r"(?<=[.!?。！？؟])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a relation is stated: the chunk, its document and page, and the words."""

    chunk_id: str
    document_id: str
    source: str
    quote: str
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity with what its documents say of it together; `id` is its number, 16 hexadecimal digits.

    `documents` counts those that name it, `sources` holds the names of some of them.
    """

    id: str
    name: str
    type: str
    mentions: int
    documents: int
    sources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """What is stated of two entities, with all places found that state it; `label` says what."""

    source: str
    target: str
    label: str
    source_id: str
    target_id: str
    evidence: tuple[Evidence, ...] = ()
    descriptions: tuple[str, ...] = ()


def entity_id(entity: int) -> str:
    """The number of an entity as it is written: 16 hexadecimal digits, since JSON's numbers are shorter."""
    return f"{entity:016x}"


def type_of(types: Sequence[str]) -> str:
    """The most frequent type that says something."""
    return next((one for one in types if one != UNKNOWN), types[0] if types else UNKNOWN)


def quote_of(chunk: Chunk, names: Iterable[Iterable[str]]) -> tuple[str, int]:
    """The sentence of a chunk that holds a name of most of the entities, and where in its text it begins.

    `names` are the names of each entity. Empty where the chunk's text holds none: its heading does then.
    """
    wanted = [[name.casefold() for name in each if name] for each in names]
    best, most, place = "", 0, 0
    for start, sentence in _sentences(chunk.text):
        folded = sentence.casefold()
        held = sum(any(name in folded for name in each) for each in wanted)
        if held > most:
            best, most, place = sentence, held, start
    return (best if len(best) <= LONGEST_QUOTE else best[:LONGEST_QUOTE].rstrip()), place


def _sentences(text: str) -> Iterable[tuple[int, str]]:
    start = 0
    for mark in _SENTENCES.finditer(text):
        yield start, text[start : mark.start()]
        start = mark.end()
    yield start, text[start:]


def evidence_of(chunk: Chunk, source: str, names: Sequence[Iterable[str]]) -> Evidence:
    """A place in a document: the words, and the page and box that they stand on."""
    quote, start = quote_of(chunk, names)
    span = next((span for span in chunk.spans if span.start <= start < span.end), None)
    page, box = (chunk.page, chunk.box) if span is None else (span.page, span.box)
    return Evidence(chunk.id, chunk.document_id, source, quote, page, box)


@dataclass(frozen=True, slots=True)
class View:
    """A part of the graph: entities, the ones asked for first, and relations between them.

    `asked` are the ids of those that were asked for: several where one name has several senses. `paths` are
    chains from one to the other by the ids of their entities. `more` says that the limit left something out.
    """

    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    asked: tuple[str, ...] = ()
    paths: tuple[tuple[str, ...], ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """An edit of identities by name: `merge` joined these, `split` took documents from the first."""

    id: int
    kind: str
    names: tuple[str, ...]
    documents: tuple[str, ...]
    by: str
    made_at: str
    undone: bool


@dataclass(frozen=True, slots=True)
class ShownTheme:
    """What a part of a collection is about: entities that belong together, and passages that stand for it.

    The entities are the central ones of `size`; `summary` is a model's, where one was asked for.
    """

    id: str
    entities: tuple[Entity, ...]
    evidence: tuple[Evidence, ...]
    sources: tuple[str, ...]
    size: int
    summary: str = ""
