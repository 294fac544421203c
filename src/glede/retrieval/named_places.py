"""What a question points at by its place in a document: "page 14", "the cover", "Table 2", "Section 3.3".

Such a place has hardly a word in common with the question, and in most documents there is one of that name.
So it is looked for in the documents that the plain ranking thinks of, and counts by how well these fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from glede.ports import StoredChunk
from glede.retrieval.fusion import Fused
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
_PAGES = r"pages?|pp?\.|slides?|seiten?|folien?|páginas?|pagin[ae]s?|страниц\w*|стр\.|слайд\w*|صفحة|الصفحة"
_PAGE = re.compile(
    rf"(?<!\w)(?:{_PAGES})\s*(\d{{1,4}}(?:{_AND}\d{{1,4}})*)(?![\w%])|第\s*(\d{{1,4}})\s*(?:页|頁|ページ)",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"\b(?:(?:first|cover|title|front)[\s-]page|titelseite|deckblatt|erste[nr]? seite|page de garde|"
    r"première page|portada|primera página|copertina|prima pagina|титульн\w* (?:лист\w*|страниц\w*)|"
    r"перв\w* страниц\w*)\b|封面|第一页|表紙",
    re.IGNORECASE,
)
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

Documents: TypeAlias = Callable[[str], Sequence[Chunk]]
"""Gives the chunks of a document; none of one that is too large."""
_Place: TypeAlias = Callable[[Chunk], bool]


@dataclass(frozen=True, slots=True)
class Pointed:
    """The places that a question names: pages by number, and what is labelled with a word and a number."""

    pages: frozenset[int]
    labels: frozenset[tuple[str, str]]
    sections: frozenset[str]

    def __bool__(self) -> bool:
        """Whether it names any."""
        return bool(self.pages or self.labels or self.sections)

    def holds(self, chunk: Chunk) -> bool:
        """Whether the chunk stands at such a place."""
        if any(span.page in self.pages for span in chunk.spans):
            return True
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
    pages = {
        int(number) for found in _PAGE.finditer(question) for number in re.findall(r"\d+", found.group())
    }
    if _FIRST.search(question):
        pages.add(1)
    labels, sections = set(), set()
    for found in _LABELLED.finditer(question):
        for number in _EACH.findall(found["numbers"]):
            if found["label"]:
                labels.add((_kind(found["label"]), number.upper()))
            else:
                sections.add(number.upper())
    return Pointed(frozenset(pages), frozenset(labels), frozenset(sections))


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

    `stored` are the chunks of the best candidates. A place gains by how well its document fits, and by what
    it says itself of the question.
    """
    fits: dict[str, float] = {}
    for one in ranking:
        if one.id in stored:
            fits.setdefault(stored[one.id].chunk.document_id, one.score)
    best = max(fits.values(), default=0.0) or 1.0
    gains = {
        chunk.id: FITS * fits[key] / best + SAYS * covered(chunk, asked)
        for key in list(fits)[:DOCUMENTS]
        for chunk in document(key)
        if places.holds(chunk)
    }
    known = {one.id: one for one in ranking}
    absent: dict[str, int | None] = dict.fromkeys(ranking[0].ranks) if ranking else {}
    order = {key: place for place, key in enumerate(sorted(gains, key=lambda key: (-gains[key], key)), 1)}
    raised = [
        replace(
            one, score=one.score + gains.get(one.id, 0.0), ranks={**one.ranks, "place": order.get(one.id)}
        )
        for one in (*ranking, *(Fused(key, 0.0, absent) for key in gains if key not in known))
    ]
    highest = max((1.0, *(one.score for one in raised)))
    return sorted(
        (replace(one, score=one.score / highest) for one in raised), key=lambda one: (-one.score, one.id)
    )
