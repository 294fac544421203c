"""What a question points at by its place in a document: "page 14", "the cover", "Table 2", "Section 3.3".

Such a place has hardly a word in common with the question, and in most documents there is one of that name.
So it is looked for in the documents that the plain ranking thinks of, and counts by how well these fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from glede.ports import StoredChunk
from glede.retrieval.fusion import Fused
from glede.retrieval.named_pages import NamedPages, named_pages
from glede.retrieval.support import Asked, covered
from glede.types import Chunk

DOCUMENTS = 12
"""Documents of the plain ranking in which a place is looked for, the best first."""
CANDIDATES = 60
"""Of the plain ranking, that tell which documents these are."""
MOST_CHUNKS = 3000
"""A document of more is not gone through for a question."""
FITS = 0.6
"""What a chunk at such a place gains where its document fits as well as any."""
SAYS = 1.0
"""What it gains where it holds all words of the question."""
_NUMBER = r"\d{1,4}(?:[.\-]\d{1,3})*[a-z]?"
_AND = r"\s*(?:,|&|、|and|und|et|y|e|и|和|与|to|bis|à|-|–)\s*"
_LABELS = (
    r"tables?|tabellen?|tableaux?|tablas?|tabell[ae]|tabelas?|таблиц\w*|"
    r"fig(?:ure|\.)?s?|abb(?:ildung(?:en)?|\.)|figuras?|рис(?:унок|унк\w*|\.)|"
    r"charts?|diagrams?|exhibits?|schedules?|appendix|annex(?:es)?|anhang|anlage|annexe|приложени\w*|"
    r"equations?|eq\.|gleichung|algorithms?|theorems?|lemma"
)
_SECTIONS = (
    r"sections?|sec\.|§|chapters?|abschnitte?|kapitel|chapitres?|sección|capítulos?|sezione|capitolo|"
    r"раздел\w*|глав\w*|articles?|clauses?"
)
_LETTERED = r"(?-i:[A-Z]{1,2}(?:-?\d+(?:\.\d+)*)?)"
_LABELLED = re.compile(
    rf"(?<!\w)(?:(?P<label>{_LABELS})|(?P<section>{_SECTIONS}))(?:\s+|(?<=[.§]))"
    rf"(?P<numbers>(?:{_NUMBER}|{_LETTERED})(?!\w)(?:{_AND}(?:{_NUMBER})(?!\w))*)",
    re.IGNORECASE,
)
_EACH = re.compile(rf"{_LETTERED}|{_NUMBER}", re.IGNORECASE)
_STEM = 3
"""Letters that "Fig." and "Figures", "Tabelle" and "Tabellen" share."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document that is gone through for a place: its chunks, none of one that is too large."""

    chunks: Sequence[Chunk]
    pages: int = 0

    def length(self) -> int:
        """Its pages; of a document that does not tell them, up to the last that something stands on."""
        return self.pages or max((span.page or 0 for chunk in self.chunks for span in chunk.spans), default=0)

    def is_labelled(self) -> bool:
        """Whether its pages are called otherwise than by their places."""
        return any(span.label for chunk in self.chunks for span in chunk.spans)


Documents: TypeAlias = Callable[[str], Opened]
"""Gives the document of an id."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """The places that a question names: pages, and what is labelled with a word and a number."""

    pages: NamedPages
    labels: frozenset[tuple[str, str]] = frozenset()
    sections: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether it names any."""
        return bool(self.pages or self.labels or self.sections)

    def within(self, document: Opened) -> Iterator[tuple[Chunk, float]]:
        """The chunks that stand at such a place, and how sure that is, from 0 to 1."""
        pages, labelled = (document.length(), document.is_labelled()) if self.pages else (0, False)
        for chunk in document.chunks:
            sure = max((self.pages.hold(span, pages, labelled=labelled) for span in chunk.spans), default=0.0)
            if self.is_named(chunk):
                sure = 1.0
            if sure:
                yield chunk, sure

    def is_named(self, chunk: Chunk) -> bool:
        """Whether a caption or a heading in the chunk bears a label that is asked for."""
        return bool(self.sections or self.labels) and any(map(self._names, _beginnings(chunk)))

    def _names(self, text: str) -> bool:
        """Whether a caption or a heading begins with the label."""
        found = _LABELLED.match(text.lstrip("*_#( "))
        if found is not None and found["label"]:
            number = _EACH.match(found["numbers"])
            return number is not None and (_kind(found["label"]), number.group().upper()) in self.labels
        begun = _EACH.match(text)
        numbered = found["numbers"] if found is not None else begun.group() if begun else ""
        return numbered.upper().rstrip(".") in self.sections


def pointed(question: str) -> Pointed:
    """The places that a question names."""
    labels, sections = set(), set()
    for found in _LABELLED.finditer(question):
        for number in _EACH.findall(found["numbers"]):
            if found["label"]:
                labels.add((_kind(found["label"]), number.upper()))
            else:
                sections.add(number.upper())
    return Pointed(named_pages(question), frozenset(labels), frozenset(sections))


def _kind(word: str) -> str:
    return word.casefold()[:_STEM]


def _beginnings(chunk: Chunk) -> list[str]:
    """Where labels stand: the headings, and what each block of the chunk begins with."""
    return [
        *chunk.heading_path,
        *(chunk.text[span.start : span.start + 40] for span in chunk.spans if span.row is None),
    ]


def referred(
    ranking: Sequence[Fused],
    places: Pointed,
    asked: Asked,
    stored: Mapping[str, StoredChunk],
    document: Documents,
) -> list[Fused]:
    """The ranking with what stands at the places raised or added, best first; scores stay from 0 to 1.

    `stored` are the chunks of the best candidates. A place comes before the rest of its document; it gains by
    how well that fits, and by what it says itself of the question.
    """
    fits: dict[str, float] = {}
    for one in ranking:
        if one.id in stored:
            fits.setdefault(stored[one.id].chunk.document_id, one.score)
    best = max(fits.values(), default=0.0) or 1.0
    scores, gains = {one.id: one.score for one in ranking}, dict[str, float]()
    for key in list(fits)[:DOCUMENTS]:
        for chunk, sure in places.within(document(key)):
            gains[chunk.id] = sure * (FITS * fits[key] / best + SAYS * covered(chunk, asked))
            scores[chunk.id] = max(scores.get(chunk.id, 0.0), sure * fits[key]) + gains[chunk.id]
    return _ranked(ranking, scores, gains)


def _ranked(ranking: Sequence[Fused], scores: Mapping[str, float], gains: Mapping[str, float]) -> list[Fused]:
    """All of them by these scores, with the place that each has by its gain."""
    order = {key: place for place, key in enumerate(sorted(gains, key=lambda key: (-gains[key], key)), 1)}
    absent: dict[str, int | None] = dict.fromkeys(ranking[0].ranks) if ranking else {}
    known = {one.id for one in ranking}
    added = (Fused(key, 0.0, absent) for key in gains if key not in known)
    highest = max((1.0, *scores.values()))
    raised = (
        replace(one, score=scores[one.id] / highest, ranks={**one.ranks, "place": order.get(one.id)})
        for one in (*ranking, *added)
    )
    return sorted(raised, key=lambda one: (-one.score, one.id))
