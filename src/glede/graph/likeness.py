"""Which names are so alike that they may mean one entity: pairs for a model to judge, and a few sure ones.

Only names that share a word's beginning, or whose initials are another name, are compared, so that the work
grows with the number of names and not with its square. Names that differ in a number, in a short word or in a
single letter ("World War I", "Hepatitis B") are never alike, nor are those of types that exclude one another.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from glede.graph.names import key_of
from glede.knowledge import Listed

LEAST_ALIKE = 0.7
"""Of the pairs of letters of both names that they share (Dice), from which they are worth a question."""
LARGEST_BUCKET = 120
"""Names that share a beginning, above which it says nothing."""
BEGINNING = 5
SURE_LENGTH = 12
"""Letters of names that may differ by a slip of the pen and be the same without anybody's judgement."""
SURE_WHOLE = 8
"""Letters of names that differ in spaces and hyphens only; of shorter ones both may be things."""
SHORT_WORD = 3
LEAST_INITIALS, MOST_INITIALS = 3, 8
MOST_PAIRS = 10_000
NEUTRAL = frozenset(("name", "term", "acronym", ""))
"""Types that agree with every other."""
FIXED = frozenset(("quantity", "date", "identifier", "document", "section", "image", "table", "equation"))
"""What is itself only when it is written the same."""
_DIGIT = re.compile(r"\d")
_SMALL = frozenset(
    ("of", "the", "for", "and", "in", "on", "de", "la", "du", "der", "die", "das", "und", "von")
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entities that may be one, the one that more documents name first.

    `sure` says that they differ in writing only, as far as rules can tell.
    """

    one: Listed
    other: Listed
    score: float
    sure: bool = False


def agree(one: str, other: str) -> bool:
    """Whether things of these types may be one thing."""
    return one == other or one in NEUTRAL or other in NEUTRAL


def pairs_of(listed: Iterable[Listed]) -> list[Pair]:
    """The pairs that may be one entity, the likeliest first."""
    keys = {one.entity: (key_of(one.name), one) for one in listed if one.type not in FIXED}
    found: dict[tuple[int, int], Pair] = {}
    for bucket in _buckets(keys.values()):
        for (key, one), (other_key, other) in combinations(bucket, 2):
            place = (min(one.entity, other.entity), max(one.entity, other.entity))
            if place not in found and agree(one.type, other.type):
                pair = _pair(key, one, other_key, other)
                if pair is not None:
                    found[place] = pair
    ordered = sorted(found.values(), key=lambda pair: (-pair.sure, -pair.score, pair.one.entity))
    return ordered[:MOST_PAIRS]


def _buckets(named: Iterable[tuple[str, Listed]]) -> Iterator[Sequence[tuple[str, Listed]]]:
    """Names that have something in common; what is common to too many is left out."""
    buckets: dict[str, list[tuple[str, Listed]]] = defaultdict(list)
    for key, one in named:
        for mark in _marks(key):
            buckets[mark].append((key, one))
    yield from (bucket for bucket in buckets.values() if 1 < len(bucket) <= LARGEST_BUCKET)


def _marks(key: str) -> set[str]:
    words = key.split()
    marks = {word[:BEGINNING] for word in words if len(word) > SHORT_WORD}
    marks.add("".join(words)[: 2 * BEGINNING])
    if len(words) == 1 and LEAST_INITIALS <= len(key) <= MOST_INITIALS:
        marks.add(f"={key}")
    elif len(words) > 1:
        marks |= {f"={initials}" for initials in _initials(words)}
    return marks


def _initials(words: Sequence[str]) -> set[str]:
    """What a name of several words may be called for short."""
    spoken = [word for word in words if word not in _SMALL]
    short = {"".join(word[0] for word in some) for some in (words, spoken) if some}
    return {one for one in short if LEAST_INITIALS <= len(one) <= MOST_INITIALS}


def _pair(key: str, one: Listed, other_key: str, other: Listed) -> Pair | None:
    if other.documents > one.documents or (other.documents == one.documents and other.entity < one.entity):
        key, one, other_key, other = other_key, other, key, one
    words, other_words = key.split(), other_key.split()
    if key in _initials(other_words) or other_key in _initials(words):
        return Pair(one, other, LEAST_ALIKE)
    if "".join(words) == "".join(other_words):
        return Pair(one, other, 1.0, sure=len(key) >= SURE_WHOLE)
    if _exact(words) != _exact(other_words):
        return None
    score = _alike(key, other_key)
    if score < LEAST_ALIKE and not _contained(words, other_words):
        return None
    sure = min(len(key), len(other_key)) >= SURE_LENGTH and _slip(words, other_words)
    return Pair(one, other, max(score, LEAST_ALIKE), sure)


def _exact(words: Sequence[str]) -> Counter[str]:
    """The words that must be the same: numbers, also Roman ones, and all that are short."""
    return Counter(
        word for word in words if (len(word) <= SHORT_WORD and word not in _SMALL) or _DIGIT.search(word)
    )


def _contained(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether all words of one stand in the other: "Weber" and "Anna Weber"."""
    few, many = sorted((words, others), key=len)
    return not Counter(few) - Counter(many) and any(len(word) > SHORT_WORD for word in few)


def _alike(one: str, other: str) -> float:
    first, second = _runs(one), _runs(other)
    return 2 * (first & second).total() / max(1, first.total() + second.total())


def _runs(text: str) -> Counter[str]:
    padded = f" {text} "
    return Counter(padded[place : place + 2] for place in range(len(padded) - 1))


def _slip(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether they differ by a slip of the pen in one word: a letter doubled or not, or two that swapped.

    Any other letter makes another name: Johnson and Johnston.
    """
    if len(words) != len(others):
        return False
    apart = [(one, other) for one, other in zip(words, others, strict=True) if one != other]
    if len(apart) != 1:
        return False
    one, other = sorted(apart[0], key=len)
    start = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < BEGINNING or start == 0:
        return False
    if len(one) == len(other):
        swapped = one[start : start + 2] == other[start : start + 2][::-1]
        return swapped and one[start + 2 :] == other[start + 2 :]
    return one[start:] == other[start + 1 :] and other[start] == other[start - 1]
