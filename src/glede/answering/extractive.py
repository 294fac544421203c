"""Answers without a language model: the sentences of the sources that fit the question best.

It cannot invent, since it only quotes, and it refuses where the sources do not cover the question. Scores
follow measurements in docs/design.md ("Extractive answers").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glede.ports import Vectors
from glede.results import Hit
from glede.text.defining import asked_term
from glede.text.keywords import analyse, language_of
from glede.text.sentences import sentence_spans
from glede.types import Chunk, Span

MODEL = "extractive"
MOST_UNITS = 60
MOST_SENTENCES = 3
CLOSE = 0.8
"""A further sentence must score this share of the best one."""
DEFINES = 0.5
"""What a sentence gains that says for sure what the term is that is asked for."""
ANSWERABLE = 1.4
"""The least sum of signals at which the sources count as covering the question (see `support`)."""
ANSWERABLE_WIDE = 0.8
"""The same where words are pairs of characters, of which fewer are shared by chance and by intent."""
ANSWERABLE_ACROSS = 0.33
"""The least cosine at which they do where question and source are in different languages."""

WIDE = ("zh", "ja", "ko", "th")

_NAME_OR_NUMBER = re.compile(r"\d[\d.,:]*|(?<=[^.?!:]\s)[^\W\d_a-zа-яёäöüß][\w-]*")
_LABEL = re.compile(
    r"(?:definition|theorem|satz|lemma|corollary|korollar|proposition|remark|bemerkung|example|beispiel|exercise"
    r"|aufgabe|figure|abbildung|table|tabelle|listing|algorithm|step|schritt) \d+(?:\.\d+)*[.:]?|[^\W\d]+:",
    re.IGNORECASE,
)
"""What says nothing without what follows: "Definition 29", "Fields:"."""
_ROW = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, a row of a table, or an item of a list that may be quoted.

    It stands at `start` to `end` of the chunk; `text` is how it reads in an answer; `place` counts units
    from the chunk's start. What is `derived` is told of a picture, and no quote of its document; what is
    `code` is no sentence.
    """

    hit: Hit
    start: int
    end: int
    text: str
    place: int
    derived: bool = False
    code: bool = False

    @property
    def quote(self) -> str:
        """The words as they stand in the chunk."""
        return self.hit.chunk.text[self.start : self.end]

    @property
    def headings(self) -> str:
        """All headings above the unit."""
        return "\n".join(self.hit.chunk.heading_path)

    @property
    def heading(self) -> str:
        """The heading that the unit stands under."""
        return self.hit.chunk.heading_path[-1] if self.hit.chunk.heading_path else ""


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit and how well it fits."""

    unit: Unit
    score: float
    cosine: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the scorer sees it; `weights` maps each of its analysed terms to its rarity."""

    text: str
    weights: Mapping[str, float]

    def coverage(self, text: str, language: str) -> float:
        """The share of the question's terms, by rarity, that stand in the text of that language."""
        total = sum(self.weights.values())
        if not total:
            return 0.0
        present = set(analyse(text, language))
        return sum(weight for term, weight in self.weights.items() if term in present) / total


def units_of(hits: Sequence[Hit]) -> list[Unit]:
    """What may be quoted from the hits, the best hits first."""
    units = [unit for hit in hits for unit in _units(hit) if not _LABEL.fullmatch(unit.text)]
    return units[:MOST_UNITS]


def _units(hit: Hit) -> Iterator[Unit]:
    chunk = hit.chunk
    place = 0
    header = _header(chunk)
    for span in chunk.spans:
        text = chunk.text[span.start : span.end]
        if span.type == "heading" and len(chunk.spans) > 1:
            continue
        if chunk.modality == "table":
            if span.row is not None:
                yield Unit(hit, span.start, span.end, _readable(text, header), place, span.derived)
                place += 1
            continue
        for start, end in _parts(chunk, span):
            quote, code = chunk.text[start:end], span.type == "code"
            readable = quote if code else " ".join(quote.split())
            yield Unit(hit, start, end, readable, place, span.derived, code)
            place += 1


def _parts(chunk: Chunk, span: Span) -> Iterator[tuple[int, int]]:
    text = chunk.text[span.start : span.end]
    if chunk.modality != "text" or span.type == "code":
        yield span.start, span.end
    elif span.type == "list":
        start = span.start
        for line in text.splitlines(keepends=True):
            if line.strip():
                left = start + len(line) - len(line.lstrip())
                yield left, start + len(line.rstrip())
            start += len(line)
    else:
        for start, end in sentence_spans(text):
            yield span.start + start, span.start + end


def _header(chunk: Chunk) -> list[str]:
    lines = chunk.text.splitlines()
    for place, line in enumerate(lines):
        if place and line.startswith("|") and not line.strip("|-: "):
            return _cells(lines[place - 1])
    return []


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _ROW.split(line.strip().strip("|"))]


def _readable(row: str, header: Sequence[str]) -> str:
    """A table row as words: `Station: Ridge; Height: 1,240 m`."""
    cells = _cells(row)
    if len(header) != len(cells):
        return "; ".join(cell for cell in cells if cell)
    pairs = zip(header, cells, strict=True)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)


def score(
    question: Question, query: Vectors, units: Sequence[Unit], vectors: Vectors, headings: Mapping[str, float]
) -> list[Scored]:
    """Units by fit, best first.

    `vectors` has a row for each unit's text; `headings` maps each heading to its cosine with the question.
    """
    cosines = vectors @ query
    languages = {unit.hit.chunk.id: language_of(unit.hit.chunk.embedding_text()) for unit in units}
    coverages = [
        question.coverage(f"{unit.headings}\n{unit.text}", languages[unit.hit.chunk.id]) for unit in units
    ]
    hit_scores = np.array([unit.hit.score for unit in units])
    scores = (
        0.5 * _scaled(cosines)
        + 0.5 * _scaled(np.array(coverages))
        + 0.5 * _scaled(hit_scores)
        + np.array([_heading_bonus(unit, headings) for unit in units])
        + _defining(question.text, units)
    )
    scored = [
        Scored(unit, float(total), max(float(cosine), headings.get(unit.heading, 0.0)), coverage)
        for unit, total, cosine, coverage in zip(units, scores, cosines, coverages, strict=True)
    ]
    return sorted(scored, key=lambda one: (-one.score, one.unit.hit.rank, one.unit.place))


def _scaled(values: Vectors) -> Vectors:
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.ones_like(values)


def _heading_bonus(unit: Unit, headings: Mapping[str, float]) -> float:
    """A heading that asks the question is answered by the first sentences below it."""
    fit = min(max((headings.get(unit.heading, 0.0) - 0.6) / 0.3, 0.0), 1.0)
    return fit * max(0.0, 1.0 - 0.25 * unit.place)


def _defining(question: str, units: Sequence[Unit]) -> Vectors:
    """What units gain that say the meaning of the term that the question asks for; code never says it."""
    term = asked_term(question)
    if term is None:
        return np.zeros(len(units), np.float32)
    gains = [-2 if unit.code else term.said_in(unit.text) for unit in units]
    return DEFINES * np.array(gains, np.float32)


def support(question: Question, scored: Sequence[Scored]) -> float:
    """How far the sources cover the question, 0 to 3.5.

    The sum of the term coverage of the best sentence and of the best chunk, the best cosine, and half the
    share of the question's names and numbers that stand in the sources.
    """
    if not scored:
        return 0.0
    best = scored[0]
    chunk = best.unit.hit.chunk
    named = set(_NAME_OR_NUMBER.findall(question.text))
    seen = " ".join(one.unit.hit.chunk.embedding_text() for one in scored[:3]).casefold()
    share = sum(name.casefold() in seen for name in named) / len(named) if named else best.coverage
    return (
        max(one.coverage for one in scored[:3])
        + question.coverage(chunk.embedding_text(), language_of(chunk.embedding_text()))
        + max(one.cosine for one in scored)
        + 0.5 * share
    )


def answerable(question: Question, scored: Sequence[Scored]) -> bool:
    """Whether the sources cover the question well enough to quote them as its answer."""
    if not scored:
        return False
    asked = language_of(question.text)
    told = language_of(scored[0].unit.hit.chunk.text)
    if "und" not in (asked, told) and asked != told:
        return max(one.cosine for one in scored) >= ANSWERABLE_ACROSS
    return support(question, scored) >= (ANSWERABLE_WIDE if asked in WIDE else ANSWERABLE)


def chosen(scored: Sequence[Scored]) -> list[Unit]:
    """The best unit and those close to it, in the order of their sources."""
    if not scored:
        return []
    best = scored[0]
    units = [best.unit]
    if best.unit.hit.chunk.modality == "table":
        return units  # a row says it all, and what is next to it in rank is mostly another row
    for one in scored[1:]:
        if len(units) == MOST_SENTENCES or one.score < CLOSE * best.score:
            break
        if all(one.unit.quote != unit.quote for unit in units) and one.unit.hit.chunk.modality != "table":
            units.append(one.unit)
    first = best.unit.hit.rank
    return sorted(units, key=lambda unit: (unit.hit.rank != first, unit.hit.rank, unit.place))
