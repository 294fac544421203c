"""Measures of a ranking and of what was found, each from 0 to 1.

`ranking` holds document ids, best first, without repetition; `relevant` maps the right ones to grades.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Relevant = Mapping[str, float]
Metric = Callable[[Sequence[str], Relevant], float]


def recall(ranking: Sequence[str], relevant: Relevant, k: int) -> float:
    """The share of the relevant documents among the first `k`."""
    return len(set(ranking[:k]) & relevant.keys()) / len(relevant) if relevant else 0.0


def ndcg(ranking: Sequence[str], relevant: Relevant, k: int) -> float:
    """Discounted cumulative gain over that of the best ranking (Järvelin and Kekäläinen 2002)."""
    ideal = _gain(sorted(relevant.values(), reverse=True)[:k])
    return _gain([relevant.get(document, 0.0) for document in ranking[:k]]) / ideal if ideal else 0.0


def reciprocal_rank(ranking: Sequence[str], relevant: Relevant) -> float:
    """One over the place of the first relevant document."""
    for place, document in enumerate(ranking, 1):
        if document in relevant:
            return 1 / place
    return 0.0


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def _gain(grades: Sequence[float]) -> float:
    return sum(grade / math.log2(place + 1) for place, grade in enumerate(grades, 1))


METRICS: Mapping[str, Metric] = {
    "R@1": lambda ranking, relevant: recall(ranking, relevant, 1),
    "R@5": lambda ranking, relevant: recall(ranking, relevant, 5),
    "nDCG@10": lambda ranking, relevant: ndcg(ranking, relevant, 10),
    "MRR": reciprocal_rank,
}


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """0 where both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0
