"""What one document says, brought into the form that stores keep: numbers, merged within the document.

Documents are data: names are cleaned of what a database refuses and cut, places that do not exist are left
out, and a short form that a document explains means its long form in all of that document.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from glede.graph.names import LONGEST_NAME, entity_of, key_of
from glede.knowledge import Alias, DocumentGraph, Fact, Mention

MOST_CHUNKS = 2**20
"""Places of chunks in one document that the graph can number."""
LONGEST_LABEL = 120
LONGEST_DESCRIPTION = 400
LONGEST_SHORT_FORM = 12
_CHAIN = 8
_LONG = re.compile(r"[ \u2e80-\U0003ffff]")
Numbering: TypeAlias = Callable[[str], int]
"""The number of the entity that a name means in one document."""
_REFUSED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Spot:
    """A chunk, by its place in the document, that names an entity, and may state facts of it."""

    chunk: int
    count: int
    subject: bool
    states: bool


@dataclass(frozen=True, slots=True)
class Told:
    """All that a document says of one entity; where it `may_bind`, another document may give it a meaning."""

    entity: int
    name: str
    type: str
    description: str
    spots: tuple[Spot, ...]
    may_bind: bool

    @property
    def stated(self) -> bool:
        """Whether it is an end of a fact."""
        return any(spot.states for spot in self.spots)

    @property
    def aside(self) -> bool:
        """Whether no chunk of the document is about it."""
        return not any(spot.subject for spot in self.spots)

    @property
    def count(self) -> int:
        """How often the document names it."""
        return sum([spot.count for spot in self.spots])


class Statement(NamedTuple):
    """A fact by the numbers of its entities, and the place of its chunk in the document."""

    source: int
    target: int
    label: str
    chunk: int
    description: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A name that stands for another; where it `binds`, it may do so in other documents too."""

    entity: int
    other: int
    binds: bool
    name: str
    meant: str
    chunk: int


@dataclass(frozen=True, slots=True)
class Saying:
    """A document's entities in the order of their numbers, its facts, and the names that it explains."""

    told: tuple[Told, ...]
    facts: tuple[Statement, ...]
    explained: tuple[Explained, ...]


def said_by(graph: DocumentGraph, chunks: int, split: Mapping[int, int]) -> Saying:
    """What a document of so many chunks says; `split` are numbers that are others in this document."""
    chunks = min(chunks, MOST_CHUNKS)
    explained = _explained(alias for alias in graph.aliases if 0 <= alias.chunk < chunks)
    means = {one.entity: one.other for one in reversed(explained)}

    numbers: dict[str, int] = {}

    def number(name: str) -> int:
        found = numbers.get(name)
        if found is None:
            entity = _followed(entity_of(name), means)
            found = numbers[name] = split.get(entity, entity)
        return found

    facts = _statements((fact for fact in graph.facts if 0 <= fact.chunk < chunks), number=number)
    stating: dict[int, set[int]] = {}
    for fact in facts:
        for end in (fact.source, fact.target):
            stating.setdefault(end, set()).add(fact.chunk)
    mentions: dict[int, list[Mention]] = {}
    for mention in (*graph.mentions, *_named_by_facts(graph.facts)):
        entity = number(mention.name)
        if entity and 0 <= mention.chunk < chunks:
            mentions.setdefault(entity, []).append(mention)
    none = frozenset[int]()
    told = (_told(entity, mentions[entity], stating.get(entity, none)) for entity in sorted(mentions))
    return Saying(tuple(told), facts, tuple(explained))


def _named_by_facts(facts: Iterable[Fact]) -> list[Mention]:
    """The ends of facts as mentions that count for nothing where there are others; many are the same."""
    ends = [(name, fact.chunk) for fact in facts for name in (fact.source, fact.target)]
    made = {end: Mention(end[0], "name", end[1], count=0) for end in set(ends)}
    return [made[end] for end in ends]


def _told(entity: int, mentions: list[Mention], stating: Set[int]) -> Told:
    if len(mentions) == 1:
        return _told_once(entity, mentions[0], stating)
    names: dict[str, int] = {}
    types: dict[str, int] = {}
    counts: dict[int, int] = {}
    for mention in mentions:
        count = mention.count if mention.count > 0 else 0
        names[mention.name] = names.get(mention.name, 0) + (count or 1)
        types[mention.type] = types.get(mention.type, 0) + (count or 1)
        counts[mention.chunk] = counts.get(mention.chunk, 0) + count
    subjects = {mention.chunk for mention in mentions if mention.subject}
    description = next((one.description for one in mentions if one.description), "")
    return Told(
        entity=entity,
        name=clean(_first(names), LONGEST_NAME),
        type=clean(_first(types, last="name"), LONGEST_LABEL),
        description=clean(description, LONGEST_DESCRIPTION),
        spots=tuple(
            Spot(chunk, counts[chunk] or 1, chunk in subjects, chunk in stating) for chunk in sorted(counts)
        ),
        may_bind=any(_may_be_short(key_of(name)) for name in names),
    )


def _told_once(entity: int, one: Mention, stating: Set[int]) -> Told:
    """The same of what is mentioned once, as most of what is."""
    return Told(
        entity=entity,
        name=clean(one.name, LONGEST_NAME),
        type=clean(one.type, LONGEST_LABEL),
        description=clean(one.description, LONGEST_DESCRIPTION),
        spots=(Spot(one.chunk, max(1, one.count), one.subject, one.chunk in stating),),
        may_bind=_may_be_short(key_of(one.name)),
    )


def _first(counts: Mapping[str, int], last: str = "") -> str:
    if len(counts) == 1:
        return next(iter(counts))
    return min(counts, key=lambda one: (one == last, -counts[one], one))


def _statements(facts: Iterable[Fact], *, number: Numbering) -> tuple[Statement, ...]:
    """The facts between two entities, each once in a chunk."""
    found: dict[tuple[int, int, str, int], Statement] = {}
    for fact in facts:
        source, target = number(fact.source), number(fact.target)
        label = clean(fact.label, LONGEST_LABEL)
        if source and target and source != target:
            made = Statement(source, target, label, fact.chunk, clean(fact.description, LONGEST_DESCRIPTION))
            found.setdefault((source, target, label, fact.chunk), made)
    return tuple(sorted(found.values(), key=lambda one: one.chunk))


def _explained(aliases: Iterable[Alias]) -> list[Explained]:
    """The shorter name of each pair stands for the longer, so that they never go round in a circle."""
    found: dict[tuple[int, int], Explained] = {}
    for alias in aliases:
        pair = sorted((alias.name, alias.other), key=lambda name: (len(key_of(name)), key_of(name)))
        entity, other = map(entity_of, pair)
        if entity and other and entity != other:
            short, long = (clean(name, LONGEST_NAME) for name in pair)
            made = Explained(entity, other, _binds(*pair), short, long, alias.chunk)
            found.setdefault((entity, other), made)
    return list(found.values())


def _binds(name: str, other: str) -> bool:
    """Whether a name may mean the other in documents that do not say so: an acronym, and what is none.

    What binds is never bound to in turn, since the two differ in their keys: there are no chains.
    """
    capitals = sum(map(str.isupper, name))
    return capitals > 1 and _may_be_short(key_of(name)) and not _may_be_short(key_of(other))


def _may_be_short(key: str) -> bool:
    return len(key) <= LONGEST_SHORT_FORM and not _LONG.search(key)


def _followed(entity: int, means: Mapping[int, int]) -> int:
    for _ in range(_CHAIN):
        if entity not in means:
            break
        entity = means[entity]
    return entity


def clean(text: str, longest: int) -> str:
    """A text without control characters and halves of letters, which databases refuse, and cut."""
    if not text or (len(text) <= longest and _is_clean(text)):
        return text
    plain = unicodedata.normalize("NFC", _REFUSED.sub(" ", text[: 4 * longest]))
    return " ".join(plain.split())[:longest]


def _is_clean(text: str) -> bool:
    """Whether a text needs no cleaning, as most names: a pattern takes three times as long to tell."""
    plain = text.isascii() and text.isprintable()
    return plain and text[0] != " " and text[-1] != " " and "  " not in text


def read_back(
    graph: DocumentGraph, told: Iterable[Told], facts: Iterable[Statement], explained: Iterable[Explained]
) -> DocumentGraph:
    """A document's graph as it is kept: each entity under one name, and once in a chunk, in a fixed order."""
    known = sorted(told, key=lambda one: (one.name, one.entity))
    names = {one.entity: one.name for one in known}
    mentions = (
        Mention(one.name, one.type, spot.chunk, spot.count, spot.subject, one.description)
        for one in known
        for spot in one.spots
    )
    stated = (
        Fact(names[fact.source], fact.label, names[fact.target], fact.chunk, fact.description)
        for fact in facts
    )
    return replace(
        graph,
        mentions=tuple(mentions),
        facts=tuple(sorted(stated, key=lambda one: (one.chunk, one.source, one.target, one.label))),
        aliases=aliases_of(explained),
        unread=tuple(sorted(set(graph.unread))),
    )


def aliases_of(explained: Iterable[Explained]) -> tuple[Alias, ...]:
    """The names that a document explains, as they are kept."""
    return tuple(sorted((Alias(one.name, one.meant, one.chunk) for one in explained), key=_pair_of))


def _pair_of(alias: Alias) -> tuple[str, str, int]:
    return alias.name, alias.other, alias.chunk
