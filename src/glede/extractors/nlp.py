"""The extractor `nlp`: what rules find of names, terms and numbers, and what is stated of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from glede.extracting import Means
from glede.extractors.nlp_clauses import Clauses, outermost
from glede.extractors.nlp_gaps import aliases_in, gaps_in
from glede.extractors.nlp_identifiers import expansions_in, identifiers_in
from glede.extractors.nlp_modal import Modal, body_of
from glede.extractors.nlp_names import names_in, words_in
from glede.extractors.nlp_numbers import dates_in, quantities_in
from glede.extractors.nlp_parts import Found
from glede.extractors.nlp_tally import MOST_FACTS, MOST_MENTIONS, Tally
from glede.extractors.nlp_terms import Phrase, definitions_in, phrases_in, repeated
from glede.extractors.nlp_titles import heading_name, is_subject, tell_titles
from glede.extractors.nlp_types import WINDOW, type_of
from glede.knowledge import DocumentGraph
from glede.precedence import QUESTIONS
from glede.text.keywords import language_of
from glede.types import Chunk, Parsed

VERSION = "3"
"""Another one reads all documents again."""
SAMPLE = 800
"""Characters that tell the language of a document."""
AT_HAND = 1000
"""Chunks whose phrases are kept until they are read; those of a longer document are found again, since the
phrases of 20,000 take 200 MB."""
LEAD = 12
"""Characters before the name that a text begins with."""
NAMELESS = 600
"""Characters of text in which some name is to be expected."""


@dataclass(frozen=True, slots=True)
class NlpExtractor:
    """Finds by rule what documents name; costs milliseconds for a page and no call."""

    @property
    def fingerprint(self) -> str:
        """Names these rules."""
        return f"nlp@{VERSION}"

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        """All that the document says, found in another thread."""
        return await asyncio.to_thread(self.read, parsed, chunks)

    def read(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        """All that the document says."""
        tallies = list(_Reading(parsed, chunks).tallies())
        return DocumentGraph(
            document_id=chunks[0].document_id if chunks else "",
            extractor=self.fingerprint,
            mentions=tuple(mention for tally in tallies for mention in tally.mentions()),
            facts=tuple(fact for tally in tallies for fact in tally.statements()),
            aliases=tuple(alias for tally in tallies for alias in tally.aliases.values()),
            warnings=tuple(_warnings(chunks, tallies)),
        )


class _Reading:
    """One document on its way, and what all of its chunks share."""

    def __init__(self, parsed: Parsed, chunks: Sequence[Chunk]) -> None:
        self._chunks = chunks
        self._title = parsed.title
        texts = ["" if chunk.words_only else chunk.text for chunk in chunks]
        self._language = language = language_of("\n".join(texts)[:SAMPLE])
        self._small: set[str] = set()
        for text in texts:
            self._small |= words_in(text)
        self._phrases = lru_cache(AT_HAND)(lambda place: phrases_in(texts[place], language))
        self._terms = repeated(map(self._phrases, range(len(texts))))
        document_id = chunks[0].document_id if chunks else ""
        self._modal = Modal(parsed, heading_name(parsed.title), document_id)
        self._headings: set[str] = set()
        self._about = heading_name(parsed.title) if is_subject(parsed.title) else ""

    def tallies(self) -> Iterator[Tally]:
        """What each chunk names and states."""
        for place, chunk in enumerate(self._chunks):
            QUESTIONS.give_way()
            if chunk.words_only:  # the rows above tell what kind of things a large table is of
                continue
            tally = Tally(place)
            tell_titles(tally, self._title, chunk.heading_path)
            self._sections(tally, chunk)
            self._read(tally, body_of(chunk), self._phrases(place))
            if chunk.modality != "text":
                self._beside(tally, chunk)
            yield tally

    def _read(self, tally: Tally, text: str, phrases: Sequence[Phrase]) -> None:
        """The names, terms and numbers of a text, and its facts."""
        names = self._names(tally, text)
        terms = [Found(*phrase) for phrase in phrases if phrase[0] in self._terms]
        terms += self._expanded(tally, text)
        for found in terms:
            tally.add(found.name, "term")
        identifiers = list(identifiers_in(text))
        for found in identifiers:
            tally.add(found.name, "identifier")
        dates = list(dates_in(text))
        for found in dates:
            tally.add(found.name, "date")
        for found in quantities_in(text):
            tally.add(found.name, "quantity")
        self._define(tally, text)
        self._state(tally, text, outermost([*names, *terms, *identifiers, *dates]))

    def _names(self, tally: Tally, text: str) -> list[Found]:
        """The proper names of a text, by the rules of its script."""
        names = list(names_in(text, self._language, self._small))
        for found in names:
            tally.add(found.name, _type_of(found, text))
        if names and names[0].start < LEAD and not self._title:
            tally.add(names[0].name, "name", 2)  # what an untitled text begins with, it is likely about
        uncased = _uncased(self._language)
        for found, kind in uncased(text) if uncased else ():
            tally.add(found.name, kind or ("work" if found.quoted else "name"))
            names.append(found)
        return names

    def _expanded(self, tally: Tally, text: str) -> list[Found]:
        """Acronyms, each the same as its long form, which is a term."""
        found = []
        for short, long, start in expansions_in(text):
            tally.add(short, "acronym")
            tally.same(long, short)
            found.append(Found(long, start, start + len(long)))
        return found

    def _define(self, tally: Tally, text: str) -> None:
        """Glossary entries: the term, and what it is as its description."""
        for term, short, meaning in definitions_in(text):
            tally.add(term, type_of(term) if term[:1].isupper() else "term", description=meaning)
            if short:
                tally.same(term, short)

    def _state(self, tally: Tally, text: str, nodes: Sequence[Found]) -> None:
        for name, other in aliases_in(text, nodes):
            tally.same(name, other)
        for source, label, target in gaps_in(text, nodes, self._language):
            tally.state(source, label, target)
        if self._language == "en":
            for source, label, target in Clauses(text, nodes, self._about).ties():
                tally.state(source, label, target)

    def _sections(self, tally: Tally, chunk: Chunk) -> None:
        """Headings as parts of those above them, each told once."""
        above = heading_name(self._title)
        for heading in chunk.heading_path:
            name = heading_name(heading)
            if name and name not in self._headings:
                self._headings.add(name)
                tally.state(name, "part of", above)
            above = name or above

    def _beside(self, tally: Tally, chunk: Chunk) -> None:
        """What a picture, table or equation is tied to."""
        text = self._modal.around(chunk)
        names = self._names(tally, text)
        terms = [Found(*one) for one in phrases_in(text, self._language) if one[0] in self._terms]
        own = list(names_in(chunk.text, self._language, self._small)) if chunk.modality == "image" else []
        self._modal.tell(tally, chunk, [*names, *own, *terms])


def _uncased(language: str) -> Callable[[str], Iterator[tuple[Found, str]]] | None:
    """How names are found where they have no capitals; loaded with the first such document."""
    if language in ("zh", "ja"):
        from glede.extractors.nlp_chinese import chinese_names

        return chinese_names
    if language == "ar":
        from glede.extractors.nlp_arabic import arabic_names

        return arabic_names
    return None


def _type_of(found: Found, text: str) -> str:
    before = text[max(0, found.start - WINDOW) : found.start]
    return type_of(found.name, before, text[found.end : found.end + WINDOW], found.quoted)


def _warnings(chunks: Sequence[Chunk], tallies: Sequence[Tally]) -> Iterator[str]:
    """What was left out, and text in which nothing was found."""
    if dropped := sum(tally.dropped for tally in tallies):
        yield (
            f"{dropped} names and facts are left out of the graph: a chunk keeps the {MOST_MENTIONS} names "
            f"and {MOST_FACTS} facts that tell most"
        )
    letters = sum(len(chunk.text) for chunk in chunks)
    if letters >= NAMELESS and not any(tally.seen for tally in tallies):
        yield f"no names were found for the graph in {letters} characters of text"


def open_nlp_extractor(_: Means) -> NlpExtractor:
    """Needs no model."""
    return NlpExtractor()
