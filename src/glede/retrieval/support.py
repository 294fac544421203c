"""What a candidate is given for the company it keeps: the other chunks of its page, and its being a table.

The rows of a table are often in one chunk and what they are about in another, and a page answers a question
whose words stand in several of its chunks. All candidates of a page are raised by the same factor, so that
how they compare, and with it the answer taken from a single page, stays what the channels made of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from glede.ports import Match, StoredChunk
from glede.retrieval.fusion import Fused, scaled, within_one
from glede.text.keywords import weigh
from glede.types import Chunk

CANDIDATES = 20
"""The best candidates, which are looked at; with 40 no set is better by more than what chance does."""
TOGETHER = 0.6
"""What the part of the question counts that only the other chunks of a page cover."""
WINDOW = 8
"""Chunks that stand for a page in documents without pages."""

TEXTS_AT_HAND = 2048
"""Texts whose terms are kept."""
NO_TERM = 2**32 - 1
"""A number that no term has."""

_Place: TypeAlias = tuple[str, str, int]
Read: TypeAlias = Callable[[Sequence[str]], Mapping[str, StoredChunk]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as both channels saw it; `ideal` is the score of a chunk that holds all its words."""

    weights: Mapping[int, float]
    ideal: float
    dense: Sequence[Match]
    keyword: Sequence[Match]
    shares: Mapping[str, float]


def supported(ranking: Sequence[Fused], asked: Asked, read: Read) -> list[Fused]:
    """The ranking with the best of it raised, best first; scores stay from 0 to 1."""
    head = ranking[:CANDIDATES]
    if not asked.weights or asked.ideal <= 0 or len(head) < 2:
        return list(ranking)
    chunks = {key: stored.chunk for key, stored in read([one.id for one in head]).items()}
    raised = [*_by_page(_tables(head, asked, chunks), asked, chunks), *ranking[CANDIDATES:]]
    return within_one(raised)


def _tables(head: Sequence[Fused], asked: Asked, chunks: Mapping[str, Chunk]) -> list[Fused]:
    """Tables count by meaning at least what they count by words: a vector of numbers means little."""
    if not any(chunk.modality == "table" for chunk in chunks.values()):
        return list(head)
    share = asked.shares.get("dense", 0.0) / (sum(asked.shares.values()) or 1.0)
    near, said = scaled(asked.dense), scaled(asked.keyword)

    def raised(one: Fused) -> Fused:
        chunk = chunks.get(one.id)
        if chunk is None or chunk.modality != "table":
            return one
        more = share * max(0.0, said.get(one.id, 0.0) - near.get(one.id, 0.0))
        return replace(one, score=one.score + more)

    return sorted(map(raised, head), key=lambda one: (-one.score, one.id))


def _by_page(head: Sequence[Fused], asked: Asked, chunks: Mapping[str, Chunk]) -> list[Fused]:
    """Each candidate with what the others of its page cover of the question beyond the best of them."""
    pages: dict[_Place, list[str]] = defaultdict(list)
    for one in head:
        if one.id in chunks:
            pages[_place(chunks[one.id])].append(one.id)
    factors: dict[str, float] = {}
    for ids in pages.values():
        if len(ids) > 1:
            beyond = _beyond_the_first([_parts(chunks[key], asked) for key in ids])
            factors |= dict.fromkeys(ids, 1 + TOGETHER * beyond / asked.ideal)
    return [
        Fused(one.id, one.score * factors[one.id], one.ranks) if one.id in factors else one for one in head
    ]


def covered(chunk: Chunk, asked: Asked) -> float:
    """The part of the question that a chunk holds, from 0 to 1."""
    return min(1.0, sum(_parts(chunk, asked).values()) / asked.ideal) if asked.ideal > 0 else 0.0


def _place(chunk: Chunk) -> _Place:
    if chunk.page is not None:
        return chunk.document_id, "page", chunk.page
    return chunk.document_id, "window", chunk.ordinal // WINDOW


def _parts(chunk: Chunk, asked: Asked) -> dict[int, float]:
    """What each term of the question counts in a chunk."""
    terms, weights = _held(chunk.embedding_text())
    wanted = np.fromiter(asked.weights, np.uint32, len(asked.weights))
    places = np.minimum(np.searchsorted(terms, wanted), len(terms) - 1)
    there = terms[places] == wanted
    counts = (np.fromiter(asked.weights.values(), np.float64, len(wanted)) * weights[places])[there]
    return dict(zip(wanted[there].tolist(), counts.tolist(), strict=True))


@lru_cache(maxsize=TEXTS_AT_HAND)
def _held(text: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float64]]:
    """The terms of a text in their order, and what each counts; a last one that no question has.

    Kept, since questions that follow one another find the same chunks: 2 kB for each, a tenth of a mapping.
    """
    weights = {**weigh(text).weights, NO_TERM: 0.0}
    terms = np.fromiter(weights, np.uint32, len(weights))
    order = np.argsort(terms)
    return terms[order], np.fromiter(weights.values(), np.float64, len(weights))[order]


def _beyond_the_first(parts: Sequence[Mapping[int, float]]) -> float:
    """What all cover together less what the first covers alone; what several hold counts once."""
    together: dict[int, float] = {}
    for one in parts:
        for term, part in one.items():
            together[term] = max(part, together.get(term, 0.0))
    return sum(together.values()) - sum(parts[0].values())
