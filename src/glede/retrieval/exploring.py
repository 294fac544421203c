"""What the graph makes of a question and its plain ranking: `local`, `global`, `hybrid` and `mix`.

Candidates that only the graph finds join the ranking by their ids, and are read and checked like all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from glede.graph.fitting import fitting
from glede.graph.linking import may_name
from glede.graph.neighbourhood import Asked, View, asked_entities, neighbourhood
from glede.graph.ranking import SEEDS, Ranked, boosted, opening, ranked
from glede.graph.tracing import Trace, Tracer
from glede.knowledge import Graph
from glede.ports import Match
from glede.results import Filter, Hit, Step
from glede.retrieval.fusion import Fused, fuse
from glede.types import Mode

BEST = 15
"""Plain candidates from which the neighbourhood is explored."""
MOST = 100
"""Candidates that the graph proposes."""
LEAD = 0.05
"""The lead in score from which the best plain candidate may stay the first, whatever it names."""
WORDS = 0.5
"""In `local` and `global`, the plain score: the graph says what is found, words in which order."""
FACTS = 64
"""Facts read for each entity."""
FACT_CHUNKS = 6
"""Plain candidates whose entities may be ends of facts."""
FACT_ENTITIES = 60
NAMED = 100
"""Ends of facts whose names are read."""
THEMES = 3
BROAD = 0.5
"""What a theme counts beside a fact about what the question names."""


class Theme(Protocol):
    """Entities that belong together: the central ones, and chunks that stand for them, best first."""

    @property
    def entities(self) -> Sequence[int]:
        """Numbers of entities."""
        ...

    @property
    def chunks(self) -> Sequence[int]:
        """Numbers of chunks."""
        ...


class Themes(Protocol):
    """Finds the themes that entities and chunks belong to."""

    def themes_for(
        self, collection: str, entities: Sequence[int], chunks: Sequence[int], where: Filter, limit: int = 3
    ) -> Sequence[Theme]:
        """The most fitting first; only what the filter lets through."""
        ...


Way = Callable[[int], tuple[Trace, ...]]


@dataclass(frozen=True, slots=True)
class Explored:
    """A ranking, the numbers of the chunks that the graph knows, and the way to each of them."""

    ranking: tuple[Fused, ...]
    numbers: Mapping[str, int]
    way: Way


@dataclass(frozen=True, slots=True)
class Proposed:
    """Chunks by number with scores, the way to each, and how much they count beside other proposals."""

    scores: Mapping[int, float]
    way: Way
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best of the plain ranking that the graph knows: ids and scores by number, best first."""

    ids: Mapping[int, str]
    scores: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Explore:
    """The graph and its themes."""

    graph: Graph
    themes: Themes | None = None

    def explored(self, view: View, mode: Mode, question: str, plain: Sequence[Fused]) -> Explored | None:
        """What a mode makes of the question; `None` where that is the plain ranking."""
        if mode == "naive" or not question.strip() or (mode == "auto" and not may_name(question)):
            return None
        asked = asked_entities(view, question)
        opened = opening(asked)
        if mode in ("mix", "auto") and not opened:
            return None
        near = self._candidates(view, plain)
        if mode in ("mix", "auto"):
            return self._mixed(view, asked, boosted(near.scores, opened), near, plain)
        proposals: list[Proposed] = []
        if mode in ("local", "hybrid"):
            proposals.append(self._tied(view, asked, near))
        if mode in ("global", "hybrid"):
            proposals += [self._stated(view, asked, near, question), self._themes(view, asked, near)]
        return self._only(view, proposals, plain)

    def _mixed(
        self,
        view: View,
        asked: Sequence[Asked],
        scores: Mapping[int, float],
        near: Candidates,
        plain: Sequence[Fused],
    ) -> Explored:
        """The plain ranking with what the graph adds."""
        found, tracer = self._around(view, asked, near.scores, scores)
        ids = self._ids(view, [one.chunk for one in found.graded[:MOST]], near.ids)
        ranking = _joined(plain, found, ids, stays=_is_named(plain, near, asked))
        return Explored(tuple(ranking), {key: chunk for chunk, key in ids.items()}, tracer.way)

    def explained(self, view: View, explored: Explored, hits: Sequence[Hit]) -> list[Hit]:
        """The hits with the paths that brought them."""
        ways = {
            hit.chunk.id: explored.way(explored.numbers[hit.chunk.id])
            for hit in hits
            if hit.chunk.id in explored.numbers and hit.ranks.get("graph")
        }
        traces = [trace for way in ways.values() for trace in way]
        entities = list(dict.fromkeys(trace.entity for trace in traces))
        named = self.graph.named(view.collection, entities, view.where) if entities else {}
        known = {chunk: key for key, chunk in explored.numbers.items()}
        ids = self._ids(view, [trace.chunk for trace in traces], known)
        labels = self._labels(view, ways.values())

        def step(way: Sequence[Trace], place: int) -> Step:
            trace, before = way[place], way[place - 1].entity if place else 0
            label = labels.get((before, trace.entity, trace.chunk), trace.label)
            called = named[trace.entity]
            return Step(called.names[0], called.types[0], label, ids[trace.chunk])

        def path(way: Sequence[Trace]) -> tuple[Step, ...]:
            whole = all(trace.entity in named and trace.chunk in ids for trace in way)
            return tuple(step(way, place) for place in range(len(way))) if whole else ()

        return [replace(hit, path=path(ways.get(hit.chunk.id, ()))) for hit in hits]

    def _labels(self, view: View, ways: Iterable[Sequence[Trace]]) -> dict[tuple[int, int, int], str]:
        """What chunks of the ways state of an entity and the one before it."""
        pairs = {
            (before.entity, after.entity, after.chunk)
            for way in ways
            for before, after in pairwise(way)
            if before.entity != after.entity
        }
        first = list(dict.fromkeys(before for before, _, _ in pairs))
        stated = self.graph.facts(view.collection, first, FACTS, view.where) if first else {}
        labels: dict[tuple[int, int, int], str] = {}
        for facts in stated.values():
            for fact in facts:
                for pair in ((fact.source, fact.target), (fact.target, fact.source)):
                    if (*pair, fact.chunk) in pairs:
                        labels.setdefault((*pair, fact.chunk), fact.label)
        return labels

    def _tied(self, view: View, asked: Sequence[Asked], near: Candidates) -> Proposed:
        """What is tied to the entities of the question, or of the best chunks where it names none."""
        begun = boosted({}, [one for one in asked if one.subjects]) if asked else near.scores
        found, tracer = self._around(view, asked, {}, begun)
        scores = {one.chunk: one.gain + WORDS * near.scores.get(one.chunk, 0.0) for one in found.graded}
        return Proposed(scores, tracer.way)

    def _stated(self, view: View, asked: Sequence[Asked], near: Candidates, question: str) -> Proposed:
        """Chunks by the facts in them of what the question names, and of what the best chunks name."""
        best_chunks = list(near.scores)[:FACT_CHUNKS]
        contents = self.graph.contents(view.collection, best_chunks, view.where)
        beside = [one.entity for chunk in best_chunks for one in contents.get(chunk, ())]
        entities = list(dict.fromkeys([*(one.entity for one in asked), *beside]))[:FACT_ENTITIES]
        stated = self.graph.facts(view.collection, entities, FACTS, view.where)
        facts = list(dict.fromkeys(fact for found in stated.values() for fact in found))
        ends = dict.fromkeys(end for fact in facts for end in (fact.source, fact.target))
        named = self.graph.named(view.collection, list(ends)[:NAMED], view.where) if ends else {}
        best = {one.fact.chunk: one for one in fitting(facts, asked, named, question)}

        def way(chunk: int) -> tuple[Trace, ...]:
            fact = best[chunk].fact
            return Trace(fact.source, chunk, "names"), Trace(fact.target, chunk, fact.label)

        scores = {chunk: one.score + WORDS * near.scores.get(chunk, 0.0) for chunk, one in best.items()}
        return Proposed(scores, way)

    def _themes(self, view: View, asked: Sequence[Asked], near: Candidates) -> Proposed:
        """Chunks that stand for the themes of the question's entities and of the best chunks."""
        if self.themes is None:
            return Proposed({}, lambda _: ())
        entities = [one.entity for one in asked]
        chunks = list(near.scores)[:BEST]
        found = self.themes.themes_for(view.collection, entities, chunks, view.where, THEMES)
        scores: dict[int, float] = {}
        central: dict[int, int] = {}
        for rank, theme in enumerate(found, 1):
            for place, chunk in enumerate(theme.chunks, 1):
                if chunk not in scores and theme.entities:
                    scores[chunk], central[chunk] = 1 / (rank + place), theme.entities[0]
        return Proposed(scores, lambda chunk: (Trace(central[chunk], chunk, "theme"),), BROAD)

    def _around(
        self, view: View, asked: Sequence[Asked], plain: Mapping[int, float], scores: Mapping[int, float]
    ) -> tuple[Ranked, Tracer]:
        best = sorted(scores, key=lambda chunk: (-scores[chunk], chunk))[:BEST]
        around = neighbourhood(view, asked, {chunk: scores[chunk] for chunk in best})
        found = ranked(plain, scores, asked, around)
        return found, Tracer(asked, around, found)

    def _only(self, view: View, proposals: Sequence[Proposed], plain: Sequence[Fused]) -> Explored:
        """What the graph proposes, and nothing else; the plain ranking where it proposes nothing."""
        best = [sorted(one.scores, key=lambda c: (-one.scores[c], c))[:MOST] for one in proposals]
        ids = self._ids(view, [chunk for chunks in best for chunk in chunks], {})
        channels = {
            str(place): [Match(ids[chunk], one.scores[chunk]) for chunk in chunks if chunk in ids]
            for place, (one, chunks) in enumerate(zip(proposals, best, strict=True))
        }
        fused = fuse(channels, {str(place): one.share for place, one in enumerate(proposals) if one.scores})
        ranks = {one.id: one.ranks for one in plain}
        ranking = [
            Fused(one.id, one.score, {**ranks.get(one.id, {}), "graph": place})
            for place, one in enumerate(fused, 1)
        ]

        def way(chunk: int) -> tuple[Trace, ...]:
            return next((one.way(chunk) for one in proposals if chunk in one.scores), ())

        return Explored(tuple(ranking) or tuple(plain), {key: chunk for chunk, key in ids.items()}, way)

    def _candidates(self, view: View, plain: Sequence[Fused]) -> Candidates:
        numbers = self.graph.numbers(view.collection, [one.id for one in plain[:SEEDS]])
        known = [one for one in plain[:SEEDS] if one.id in numbers]
        ids = {numbers[one.id]: one.id for one in known}
        return Candidates(ids, {numbers[one.id]: one.score for one in known})

    def _ids(self, view: View, chunks: Sequence[int], known: Mapping[int, str]) -> dict[int, str]:
        """The ids of chunks by number; those known need no read."""
        ids = dict(known)
        missing = list(dict.fromkeys(chunk for chunk in chunks if chunk not in ids))
        if missing:
            ids.update(self.graph.chunk_ids(view.collection, missing))
        return {chunk: ids[chunk] for chunk in chunks if chunk in ids}


def _is_named(plain: Sequence[Fused], near: Candidates, asked: Sequence[Asked]) -> bool:
    """Whether the best plain candidate names something that the question does."""
    named = {place.chunk for one in asked for place in one.places}
    return bool(plain) and any(near.ids[chunk] == plain[0].id for chunk in named & near.ids.keys())


def _joined(plain: Sequence[Fused], found: Ranked, ids: Mapping[int, str], *, stays: bool) -> list[Fused]:
    """One ranking of the plain candidates and the graph's, scores of at most 1.

    The best plain candidate `stays` the first, also where it leads: the graph adds what is tied to it, and
    takes no answer away. Headings that are names open it for many a question that one page answers.
    """
    graded = {ids[one.chunk]: one for one in found.graded if one.chunk in ids}
    gaining = sorted(graded, key=lambda key: (-graded[key].gain, key))
    places = {key: place for place, key in enumerate(gaining, 1) if graded[key].gain > 0}
    before = {one.id: one for one in plain}
    scores = {one.id: one.score for one in plain} | {key: one.score for key, one in graded.items()}
    top = max(1.0, *scores.values())
    rival = min(scores, key=lambda key: (-scores[key], key), default="")
    first = plain[0].id if stays or _leads(plain, before.get(rival)) else ""
    if first:
        scores[first] = max(scores.values())
    absent: dict[str, int | None] = dict.fromkeys(plain[0].ranks) if plain else {}
    joined = [
        Fused(key, score / top, (before[key].ranks if key in before else absent) | {"graph": places.get(key)})
        for key, score in scores.items()
    ]
    return sorted(joined, key=lambda one: (one.id != first, -one.score, one.id))


def _leads(plain: Sequence[Fused], rival: Fused | None) -> bool:
    """Whether the best plain candidate is clearly the best; not where only the rival is a channel's best."""
    if not plain:
        return False
    behind = plain[1].score if len(plain) > 1 else 0.0
    preferred = rival is None or _is_best(plain[0]) or not _is_best(rival)
    return plain[0].score - behind > LEAD and preferred


def _is_best(one: Fused) -> bool:
    return any(place == 1 for place in one.ranks.values())
