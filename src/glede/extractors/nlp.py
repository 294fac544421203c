"""The extractor `nlp`: what rules find of names, terms and numbers, and what is stated of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from glede.extracting import Means
from glede.extractors.nlp_names import names_in, plain_words
from glede.extractors.nlp_numbers import dates_in, quantities_in
from glede.extractors.nlp_parts import Found
from glede.extractors.nlp_tally import MOST_FACTS, MOST_MENTIONS, Tally
from glede.extractors.nlp_titles import tell_titles
from glede.extractors.nlp_types import WINDOW, type_of
from glede.keywords import language_of
from glede.knowledge import DocumentGraph
from glede.types import Chunk, Parsed

VERSION = "1"
"""Another one reads all documents again."""
SAMPLE = 4000


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
        reading = _Reading(parsed, chunks)
        tallies = [reading.tally(place, chunk) for place, chunk in enumerate(chunks)]
        return DocumentGraph(
            document_id=chunks[0].document_id if chunks else "",
            extractor=self.fingerprint,
            mentions=tuple(mention for tally in tallies for mention in tally.mentions()),
            facts=tuple(fact for tally in tallies for fact in tally.statements()),
            aliases=tuple(alias for tally in tallies for alias in tally.aliases.values()),
            warnings=_warnings(chunks, tallies),
        )


class _Reading:
    """One document on its way, and what all of its chunks share."""

    def __init__(self, parsed: Parsed, chunks: Sequence[Chunk]) -> None:
        self._title = parsed.title
        texts = [chunk.text for chunk in chunks]
        self._language = language_of("\n".join(texts)[:SAMPLE])
        self._small = frozenset().union(*map(plain_words, texts))

    def tally(self, place: int, chunk: Chunk) -> Tally:
        """What one chunk names."""
        tally = Tally(place)
        tell_titles(tally, self._title, chunk.heading_path)
        text = chunk.text
        for found in names_in(text, self._language, self._small):
            tally.add(found.name, _type_of(found, text))
        for found in dates_in(text):
            tally.add(found.name, "date")
        for found in quantities_in(text):
            tally.add(found.name, "quantity")
        return tally


def _type_of(found: Found, text: str) -> str:
    before = text[max(0, found.start - WINDOW) : found.start]
    return type_of(found.name, before, text[found.end : found.end + WINDOW], found.quoted)


def _warnings(chunks: Sequence[Chunk], tallies: Sequence[Tally]) -> tuple[str, ...]:
    """What was left out."""
    dropped = sum(tally.dropped for tally in tallies)
    said = []
    if dropped:
        said.append(
            f"{dropped} names and facts are left out of the graph: a chunk keeps the {MOST_MENTIONS} names "
            f"and {MOST_FACTS} facts that tell most"
        )
    return tuple(said)


def open_nlp_extractor(_: Means) -> NlpExtractor:
    """Needs no model."""
    return NlpExtractor()
