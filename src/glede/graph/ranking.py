"""The plain ranking and what the graph adds to it, for questions that name what documents are about.

A question that names no such thing keeps its plain ranking: without this gate every single-hop set that we
measured lost (docs/benchmarks.md, "Graph"). Where it does, chunks about the thing rise; from the best chunks
bridges lead to what they name; and a walk over the neighbourhood (`glede.graph.walking`) finds what is tied
to all of it. Constants were chosen on one half of three multi-hop sets; each may be doubled at little loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glede.graph.neighbourhood import Asked, Neighbourhood
from glede.graph.reading import NODE_BITS
from glede.graph.walking import Walk, walk
from glede.knowledge import Content, Place

GATE = 0.5
"""The rarity from which an entity that a chunk is about opens the graph."""
BOOST = 0.7
"""What a chunk about an entity of the question gains, times the entity's rarity."""
BRIDGE = 1.1
WALK = 1.4
FLATTEN = 0.35
"""The power that brings the walk's chances, which fall steeply, near to the other scores."""
SOURCES = 6
"""Chunks that bridges start from."""
BESIDE = 0.5
"""A bridge to a chunk that only names the entity, beside one to a chunk about it."""
BESIDE_MOST = 8
"""Chunks that may name an entity for such a bridge."""
SEEDS = 50
STEEP = 3
"""The power of the plain scores as seeds of the walk."""
_NOTHING = 1e-300
"""Seeds smaller than that are lost when they are made to sum to one."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """A way from one chunk to another over an entity that the first names."""

    score: float
    source: int
    entity: int


@dataclass(frozen=True, slots=True)
class Graded:
    """A chunk's score, and how much of it is the graph's."""

    chunk: int
    score: float
    gain: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """Chunks, best first, and what their grades come from."""

    graded: tuple[Graded, ...]
    scores: Mapping[int, float]
    bridges: Mapping[int, Bridge]
    walked: Walk


def opening(asked: Sequence[Asked]) -> list[Asked]:
    """The entities of the question that open the graph: rare ones that chunks are about."""
    return [one for one in asked if one.rarity >= GATE and one.subjects and one.telling]


def boosted(plain: Mapping[int, float], opened: Sequence[Asked]) -> dict[int, float]:
    """The plain scores, higher for chunks about what the question names.

    Documents of one name share the boost by their plain scores, and so do the chunks of each: a name says
    which document is meant, and not which part of it.
    """
    scores = dict(plain)
    for one in opened:
        best: dict[int, float] = {}
        about = _about(one, plain)
        for chunk in about:
            document = chunk >> NODE_BITS
            best[document] = max(best.get(document, 0.0), plain.get(chunk, 0.0))
        top = max(best.values(), default=0.0)
        for chunk in about:
            own = best[chunk >> NODE_BITS]
            share = _part(own, top) * _part(plain.get(chunk, 0.0), own)
            scores[chunk] = scores.get(chunk, 0.0) + BOOST * one.rarity * share
    return scores


def _about(one: Asked, plain: Mapping[int, float]) -> list[int]:
    """The chunks about an entity, with the candidates among them that were too many to be read."""
    subjects = dict.fromkeys(one.subjects)
    if one.more:
        documents = {chunk >> NODE_BITS for chunk in subjects}
        subjects |= dict.fromkeys(chunk for chunk in plain if chunk >> NODE_BITS in documents)
    return list(subjects)


def _part(score: float, best: float) -> float:
    """Half, and the other half by how near a score is to the best; all where there is none."""
    return 0.5 + 0.5 * score / best if best > 0 else 1.0


def ranked(
    plain: Mapping[int, float], scores: Mapping[int, float], asked: Sequence[Asked], around: Neighbourhood
) -> Ranked:
    """All chunks of the neighbourhood; `scores` are the plain ones after `boosted`.

    What is no plain candidate and names no entity is none of it: the graph says nothing of it.
    """
    over = bridges(scores, around, asked)
    best = sorted(scores, key=lambda chunk: (-scores[chunk], chunk))[:SEEDS]
    weights = {chunk: scores[chunk] ** STEEP for chunk in best}
    seeds = {chunk: weight for chunk, weight in weights.items() if weight > _NOTHING}
    walked = walk(around.ties, {one.entity: one.rarity for one in asked}, seeds)
    often = max(walked.chunks.values(), default=0.0)
    graded = []
    naming = {tie.chunk for tie in around.ties} | {chunk for chunk, named in around.contents.items() if named}
    for chunk in {*plain, *(scores.keys() & naming), *walked.chunks} & {*plain, *naming}:
        own = plain.get(chunk, 0.0)
        gain = scores.get(chunk, 0.0) - own
        if chunk in over:
            gain += BRIDGE * over[chunk].score
        if often > 0:
            gain += WALK * (walked.chunks.get(chunk, 0.0) / often) ** FLATTEN
        graded.append(Graded(chunk, own + gain, gain))
    graded.sort(key=lambda one: (-one.score, one.chunk))
    return Ranked(tuple(graded), scores, over, walked)


def bridges(scores: Mapping[int, float], around: Neighbourhood, asked: Sequence[Asked]) -> dict[int, Bridge]:
    """The best bridge to each chunk from the best of `scores`, over entities not named in the question."""
    known = {one.entity for one in asked}
    top = max(scores.values(), default=0.0) or 1.0
    found: dict[int, Bridge] = {}
    for source in sorted(scores, key=lambda chunk: (-scores[chunk], chunk))[:SOURCES]:
        for content in around.contents.get(source, ()):
            if content.entity in known or content.entity not in around.places:
                continue
            for target, reach in _reached(content, around.places[content.entity], source):
                score = scores[source] / top * around.rarity[content.entity] * reach
                score *= 0.8 + 0.2 * min(1.0, scores.get(target, 0.0))
                if target not in found or score > found[target].score:
                    found[target] = Bridge(score, source, content.entity)
    return found


def _reached(content: Content, places: Sequence[Place], source: int) -> list[tuple[int, float]]:
    """The chunks of other documents that are about the entity, or name it where few do."""
    beside = BESIDE if len(places) <= BESIDE_MOST else 0.0
    reached = [(place.chunk, 1.0 if place.subject else beside) for place in places]
    return [(chunk, reach) for chunk, reach in reached if reach and chunk >> NODE_BITS != source >> NODE_BITS]
