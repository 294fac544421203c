"""What a model says held against the text: what does not stand there is dropped and counted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from glede.extractors.llm_replies import SAME, Said, SaidEntity, SaidFact
from glede.graph.names import entity_of
from glede.knowledge import ENTITY_TYPES, Alias, Fact, Mention

_NO_WORD = re.compile(r"[^\w]+")
_SPACELESS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_ARTICLE = re.compile(r"^(?:the|a|an|der|die|das|le|la|les|el|los|il)\s+", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
LEAST_STEM = 4
ENDING = 3
"""Letters at the end of a longer word that may differ: endings of case and number."""
_SYNONYMS = {
    "organisation": "organization", "company": "organization", "institution": "organization",
    "location": "place", "country": "place", "city": "place", "human": "person", "people": "person",
    "concept": "term", "method": "term", "technology": "term", "software": "product", "time": "date",
    "number": "quantity", "book": "work", "film": "work",
}  # fmt: skip
"""What models call our types, whatever they are asked for."""


def folded(text: str) -> str:
    """A text as names are looked up in it: words without case, accents and marks, a space around each."""
    plain = text.lower()
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text).casefold()
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return f" {' '.join(_NO_WORD.sub(' ', plain).split())} "


def times_in(name: str, text: str) -> int:
    """How often a name stands word for word in a folded text."""
    for form in _forms(name):
        count = text.count(form.strip() if _SPACELESS.search(form) else form)
        if count:
            return count
    return 0


def stands_in(name: str, text: str) -> bool:
    """Whether all words of a name stand in a folded text, in any order and with other endings."""
    return any(all(_stem(word) in text for word in form.split()) for form in _forms(name))


@lru_cache(maxsize=4096)
def _forms(name: str) -> tuple[str, ...]:
    """A name as it may stand in a folded text: as it is, without an article, without what is in brackets."""
    written = dict.fromkeys((name, _ARTICLE.sub("", name), _BRACKETS.sub("", name)))
    return tuple(form for form in dict.fromkeys(map(folded, written)) if form.strip())


def _stem(word: str) -> str:
    """The beginning of a word, by which its other cases and numbers are known."""
    if _SPACELESS.search(word):
        return word
    return f" {word[: max(LEAST_STEM, len(word) - ENDING)]}" if len(word) > LEAST_STEM + 1 else f" {word} "


@dataclass(frozen=True, slots=True)
class Domain:
    """What kinds of entities and of facts a user wants to know; any where there are none."""

    types: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    def type_of(self, said: str) -> str:
        """The type that the model means; `name` where it means none of ours."""
        known = {one.casefold(): one for one in self.types or ENTITY_TYPES}
        word = said.casefold().strip(" .:")
        return known.get(word) or known.get(_SYNONYMS.get(word, ""), "name")

    def label_of(self, said: str) -> str:
        """The label that the model means, empty where it is none of those wanted."""
        if not self.labels:
            return said
        return {one.casefold(): one for one in self.labels}.get(said.casefold().strip(" ."), "")


@dataclass(slots=True)
class Grounded:
    """What of a window is true of its text, by places in the document; `dropped` counts what was not."""

    mentions: dict[tuple[int, int], Mention] = field(default_factory=dict)
    facts: dict[tuple[int, str, int, int], Fact] = field(default_factory=dict)
    aliases: dict[tuple[int, int], Alias] = field(default_factory=dict)
    dropped: int = 0

    @property
    def names(self) -> set[int]:
        """The entities that were found."""
        return {entity for entity, _ in self.mentions}

    def add(self, other: Grounded) -> None:
        """What another look has found beside; what is here stays."""
        self.mentions = {**other.mentions, **self.mentions}
        self.facts = {**other.facts, **self.facts}
        self.aliases = {**other.aliases, **self.aliases}
        self.dropped += other.dropped


def grounded(said: Said, places: Sequence[int], texts: Sequence[str], domain: Domain) -> Grounded:
    """What a reply says of the chunks at those places of the document, numbered from 1 in the reply."""
    return _Grounding(places, [folded(text) for text in texts], domain).of(said)


class _Grounding:
    """Holds what is said of one window against it."""

    def __init__(self, places: Sequence[int], texts: Sequence[str], domain: Domain) -> None:
        self._places = places
        self._texts = texts
        self._domain = domain
        self._found = Grounded()
        self._where: dict[str, Mapping[int, int]] = {}

    def of(self, said: Said) -> Grounded:
        found = self._found
        found.dropped = said.dropped
        for entity in said.entities:
            found.dropped += not self._entity(entity)
        for fact in said.facts:
            found.dropped += not self._fact(fact)
        return found

    def _entity(self, said: SaidEntity) -> bool:
        """Note it where it stands; what is said of it belongs to the chunk that says so."""
        where = self._standing(said.name, said.chunk)
        entity = entity_of(said.name)
        if not where or not entity:
            return False
        kind = self._domain.type_of(said.type)
        first = said.chunk - 1 if said.chunk - 1 in where else next(iter(where))
        for chunk, count in where.items():
            words = said.description if chunk == first else ""
            mention = Mention(said.name, kind, self._places[chunk], count, description=words)
            self._found.mentions.setdefault((entity, self._places[chunk]), mention)
        return True

    def _fact(self, said: SaidFact) -> bool:
        label = SAME if said.is_alias else self._domain.label_of(said.label)
        source, target = entity_of(said.source), entity_of(said.target)
        chunk = self._chunk(said.chunk, said.source, said.target)
        if not label or chunk is None or source == target or 0 in (source, target):
            return False
        place = self._places[chunk]
        if said.is_alias:
            self._found.aliases[(source, target)] = Alias(said.source, said.target, place)
        else:
            fact = Fact(said.source, label, said.target, place)
            self._found.facts[(source, label.casefold(), target, place)] = fact
        for name, entity in ((said.source, source), (said.target, target)):
            count = self._standing(name, chunk + 1).get(chunk, 0)
            if count:
                self._found.mentions.setdefault((entity, place), Mention(name, "name", place, count))
        return True

    def _chunk(self, claimed: int, one: str, other: str) -> int | None:
        """The chunk that can state something of both: the one claimed, or the first that names both.

        A chunk that names one of them may speak of the other by a pronoun, if the window names it.
        """
        first, second = self._standing(one, claimed), self._standing(other, claimed)
        if not first or not second:
            return None
        if claimed - 1 in first or claimed - 1 in second:
            return claimed - 1
        both = [chunk for chunk in first if chunk in second]
        return both[0] if both else next(iter(second))

    def _standing(self, name: str, claimed: int) -> Mapping[int, int]:
        """How often a name stands in each chunk; loosely only in the one claimed, or where nowhere else."""
        found = self._where.get(name)
        if found is None:
            counts = enumerate(times_in(name, text) for text in self._texts)
            found = self._where[name] = {chunk: count for chunk, count in counts if count}
        chunk = claimed - 1
        if chunk not in found and 0 <= chunk < len(self._texts) and stands_in(name, self._texts[chunk]):
            return {**found, chunk: 1}
        if not found:
            loosely = (place for place, text in enumerate(self._texts) if stands_in(name, text))
            return dict.fromkeys(list(loosely)[:1], 1)
        return found
