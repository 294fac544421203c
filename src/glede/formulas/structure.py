"""Formulas in the keyword index: features of their operator trees beside the words, and never among them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from glede.formulas.features import (
    document_weights,
    feature_terms,
    formulas_in,
    question_weights,
    size_of,
)
from glede.formulas.reader import parse
from glede.ports import TermStatistics
from glede.text.keywords import number_of

BUILT = 9
"""Nodes of a formula that can be told by its structure; a symbol alone is built like every other."""
MOST_FORMULAS = 40
"""Of one chunk or question."""


def structure_of(text: str, *, equation: bool) -> dict[int, float]:
    """The sparse vector of a text's formulas, by term numbers; empty where it has none.

    Only of an `equation` are formulas looked for that nothing marks: elsewhere they are code and addresses.
    """
    if not equation and "$" not in text and "\\" not in text:
        return {}
    formulas = formulas_in(text, unmarked=equation)[:MOST_FORMULAS]
    return {number_of(term): weight for term, weight in document_weights(formulas).items()}


@dataclass(frozen=True, slots=True)
class AskedFormulas:
    """The formulas of a question."""

    formulas: tuple[str, ...]

    @property
    def terms(self) -> frozenset[int]:
        """The numbers whose frequencies `weights` and `ideal` need."""
        return frozenset(map(number_of, self._features()))

    @property
    def built(self) -> float:
        """How far the largest of them can be told by its structure: 0 of a symbol alone, 1 at the most."""
        largest = max(size_of(parse(formula)) for formula in self.formulas)
        return min(1.0, (largest - 1) / (BUILT - 1))

    def weights(self, statistics: TermStatistics) -> dict[int, float]:
        """The question's sparse vector: what is rare counts most."""
        weights = question_weights(self.formulas, self._rarity(statistics))
        return {number_of(term): weight for term, weight in weights.items()}

    def ideal(self, statistics: TermStatistics) -> float:
        """The score of a chunk that holds these very formulas."""
        asked = question_weights(self.formulas, self._rarity(statistics))
        return sum(weight * asked.get(term, 0.0) for term, weight in document_weights(self.formulas).items())

    def _features(self) -> set[str]:
        return {term for formula in self.formulas for term in feature_terms(formula)}

    def _rarity(self, statistics: TermStatistics) -> Mapping[str, float]:
        return {term: _idf(statistics, number_of(term)) for term in self._features()}


def asked_formulas(question: str) -> AskedFormulas | None:
    """The formulas of a question, marked or not; `None` where it has none."""
    formulas = formulas_in(question, unmarked=True)[:MOST_FORMULAS]
    return AskedFormulas(tuple(formulas)) if formulas else None


def _idf(statistics: TermStatistics, number: int) -> float:
    frequency = min(statistics.chunks, statistics.frequencies.get(number, 0))
    return math.log(1 + (statistics.chunks - frequency + 0.5) / (frequency + 0.5))
