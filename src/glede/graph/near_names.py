"""Names that are written like one that was not found: parts of it, and those that share its letters."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from glede.graph.names import key_of

MOST_WORDS = 8
LEAST_ALIKE = 0.35
WITHIN = 0.6
"""How alike a name is at the least that holds all words of the other: "Riyadh" and "City of Riyadh"."""
_COMPARED = 80


def parts_of(name: str) -> Iterator[str]:
    """Runs of words within a name, the longest first: "Dr Ada Lovelace" holds "Ada Lovelace"."""
    words = key_of(name).split()[:MOST_WORDS]
    for length in range(len(words) - 1, 0, -1):
        for start in range(len(words) - length + 1):
            part = " ".join(words[start : start + length])
            if len(part) > 2:
                yield part


def nearest(name: str, names: Iterable[str], most: int) -> list[str]:
    """Those of the names that share the most runs of letters with one, the nearest first."""
    asked = key_of(name) or name
    wanted, words = _runs(asked), frozenset(asked.split())

    def alike(other: str) -> float:
        key = key_of(other) or other
        held = WITHIN if words and words <= set(key.split()) else 0.0
        return max(held, _alike(wanted, _runs(key)))

    scored = ((alike(other), other) for other in names)
    kept = ((score, other) for score, other in scored if score >= LEAST_ALIKE)
    best = heapq.nsmallest(most, kept, key=lambda pair: (-pair[0], len(pair[1]), pair[1]))
    return [other for _, other in best]


def _runs(text: str) -> frozenset[str]:
    """Pairs of letters, the ends of words among them (Dice's measure of likeness is over these)."""
    padded = f" {text[:_COMPARED].casefold()} "
    return frozenset(padded[place : place + 2] for place in range(len(padded) - 1))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0
