"""Facts as things to be found: which of them a question is about.

A fact fits where the question names its ends, rare ones above all, and where its words are the question's
(the retrieval by relations of LightRAG, arXiv 2410.05779, without a model's keywords).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from glede.graph.neighbourhood import Asked
from glede.knowledge import Named, Stated
from glede.text.keywords import analyse

WORDS = 1.0
"""What all words of the question found in a fact count, beside an end that only one chunk names."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """A fact, and how well it fits the question."""

    fact: Stated
    score: float


def fitting(
    facts: Iterable[Stated], asked: Sequence[Asked], names: Mapping[int, Named], question: str
) -> list[Fitting]:
    """The facts that fit at all, best first, one for each chunk."""
    rarity = {one.entity: one.rarity for one in asked}
    wanted = frozenset(analyse(question))
    best: dict[int, Fitting] = {}
    for fact in facts:
        ends = rarity.get(fact.source, 0.0) + rarity.get(fact.target, 0.0)
        score = ends + WORDS * _shared(wanted, fact, names)
        if score > 0 and (fact.chunk not in best or score > best[fact.chunk].score):
            best[fact.chunk] = Fitting(fact, score)
    return sorted(best.values(), key=lambda one: (-one.score, one.fact.chunk))


def _shared(wanted: AbstractSet[str], fact: Stated, names: Mapping[int, Named]) -> float:
    """The part of the question's words that stand in the fact."""
    called = [name for end in (fact.source, fact.target) if end in names for name in names[end].names[:1]]
    words = frozenset(analyse(" ".join([fact.label, fact.description, *called])))
    return len(wanted & words) / len(wanted) if wanted else 0.0
