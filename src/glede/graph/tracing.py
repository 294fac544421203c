"""Why a chunk was found through the graph: the entities that lead from the question to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from glede.graph.neighbourhood import Asked, Neighbourhood, Tie
from glede.graph.ranking import Ranked
from glede.graph.reading import NODE_BITS


@dataclass(frozen=True, slots=True)
class Trace:
    """What a chunk says of an entity: `names`, `about`, `theme`, or how it is tied to the one before."""

    entity: int
    chunk: int
    label: str


class Tracer:
    """Finds the way to any chunk of one neighbourhood."""

    def __init__(self, asked: Sequence[Asked], around: Neighbourhood, ranked: Ranked) -> None:
        self._asked = {one.entity: one for one in asked}
        self._ranked = ranked
        self._by_chunk: dict[int, list[Tie]] = {}
        self._by_entity: dict[int, list[Tie]] = {}
        for tie in around.ties:
            self._by_chunk.setdefault(tie.chunk, []).append(tie)
            self._by_entity.setdefault(tie.entity, []).append(tie)

    def way(self, chunk: int) -> tuple[Trace, ...]:
        """From an entity of the question to the chunk, at most over one other; empty where none is known."""
        direct = self._own(chunk)
        bridge = self._ranked.bridges.get(chunk)
        if direct is not None and (direct.subject or bridge is None):
            return (_trace(direct),)
        if bridge is not None:
            return self._over(bridge.source, bridge.entity, chunk)
        through = max(self._by_chunk.get(chunk, ()), key=self._flow, default=None)
        source = None if through is None else self._strongest(through)
        return () if source is None or through is None else self._over(source, through.entity, chunk)

    def _own(self, chunk: int) -> Tie | None:
        """The tie to the most telling entity of the question."""
        own = [tie for tie in self._by_chunk.get(chunk, ()) if tie.entity in self._asked]
        return max(own, key=lambda tie: (tie.subject, tie.weight), default=None)

    def _flow(self, tie: Tie) -> float:
        return tie.weight * self._ranked.walked.entities.get(tie.entity, 0.0)

    def _strongest(self, through: Tie) -> int | None:
        """The chunk of another document from which most came over the entity."""
        scores: Mapping[int, float] = self._ranked.scores
        document = through.chunk >> NODE_BITS
        chunks = [tie.chunk for tie in self._by_entity[through.entity]]
        others = [chunk for chunk in chunks if chunk >> NODE_BITS != document and chunk in scores]
        return max(others, key=lambda chunk: scores[chunk], default=None)

    def _over(self, source: int, entity: int, chunk: int) -> tuple[Trace, ...]:
        return tuple(self._steps(source, entity, chunk))

    def _steps(self, source: int, entity: int, chunk: int) -> Iterator[Trace]:
        before = self._own(source)
        if before is not None:
            yield _trace(before)
        for place in (source, chunk):
            ties = self._by_entity.get(entity, ())
            yield Trace(entity, place, _label(any(tie.subject for tie in ties if tie.chunk == place)))


def _trace(tie: Tie) -> Trace:
    return Trace(tie.entity, tie.chunk, _label(tie.subject))


def _label(subject: bool) -> str:
    return "about" if subject else "names"
