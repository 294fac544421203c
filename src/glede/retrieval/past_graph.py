"""The graph as the documents told it that were live at one point in time.

What has gone took its part of the graph along into the collection beside. Numbers of entities follow from
their names, and those of chunks are given once in a database, so that both parts are read as one. What users
have merged and split is what they have decided by now; of the past's part only its own aliases are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from glede.knowledge import ALL, Content, Graph, Named, Place, Stated
from glede.results import Filter
from glede.retrieval.past import Then

MOST_TOLD = 20_000
"""Documents of a part that the graph is asked for one by one; with more of them, that part tells nothing."""
_One = TypeVar("_One")


@dataclass(frozen=True, slots=True)
class PastGraph:
    """Both parts of the graph, through what was live then; see `glede.knowledge.Graph`."""

    graph: Graph
    then: Then

    def canonical(
        self, collection: str, entities: Sequence[int], where: Filter = ALL
    ) -> dict[int, tuple[int, ...]]:
        """What each number stands for, to either part."""
        found: dict[int, tuple[int, ...]] = {}
        for scope, own in self._parts(where):
            for entity, meant in self.graph.canonical(scope, entities, own).items():
                before = found.get(entity, ())
                if meant != (entity,) or not before:
                    known = () if before == (entity,) else before
                    found[entity] = tuple(dict.fromkeys((*known, *meant)))
        return found

    def places(
        self, collection: str, entities: Sequence[int], limit: int, where: Filter
    ) -> dict[int, list[Place]]:
        """The chunks that name each entity; those with `subject` first."""
        read = self._joined(where, lambda scope, own: self.graph.places(scope, entities, limit, own))
        return {
            entity: sorted(places, key=lambda one: not one.subject)[: limit + 1]
            for entity, places in read.items()
        }

    def contents(
        self, collection: str, chunks: Sequence[int], where: Filter = ALL
    ) -> dict[int, list[Content]]:
        """The entities that each chunk names."""
        return self._joined(where, lambda scope, own: self.graph.contents(scope, chunks, own))

    def facts(
        self, collection: str, entities: Sequence[int], limit: int, where: Filter
    ) -> dict[int, list[Stated]]:
        """What is stated of each entity, from either end."""
        read = self._joined(where, lambda scope, own: self.graph.facts(scope, entities, limit, own))
        return {entity: facts[:limit] for entity, facts in read.items()}

    def numbers(self, collection: str, chunk_ids: Sequence[str]) -> dict[str, int]:
        """The numbers of chunks that have a place in the graph."""
        found = (self.graph.numbers(scope, chunk_ids) for scope, _ in self._parts(ALL))
        return {key: number for part in found for key, number in part.items()}

    def chunk_ids(self, collection: str, chunks: Sequence[int]) -> dict[int, str]:
        """The ids of chunks by their numbers."""
        found = (self.graph.chunk_ids(scope, chunks) for scope, _ in self._parts(ALL))
        return {number: key for part in found for number, key in part.items()}

    def named(self, collection: str, entities: Sequence[int], where: Filter) -> dict[int, Named]:
        """How the entities are called and described."""
        found: dict[int, Named] = {}
        for scope, own in self._parts(where):
            for entity, one in self.graph.named(scope, entities, own).items():
                found[entity] = _both(found[entity], one) if entity in found else one
        return found

    def _joined(
        self, where: Filter, read: Callable[[str, Filter], Mapping[int, list[_One]]]
    ) -> dict[int, list[_One]]:
        found: dict[int, list[_One]] = {}
        for scope, own in self._parts(where):
            for number, values in read(scope, own).items():
                found.setdefault(number, []).extend(values)
        return found

    def _parts(self, where: Filter) -> Iterator[tuple[str, Filter]]:
        """Each part that was live then, with the filter for it; all of a part need not be named."""
        for scope, every in self.then.scopes():
            live = self.then.within(scope)
            chosen = live if where.documents is None else live & where.documents
            if where.documents is None and live == every:
                yield scope, where
            elif 0 < len(chosen) <= MOST_TOLD:
                yield scope, replace(where, documents=chosen)


def _both(one: Named, other: Named) -> Named:
    return Named(
        one.entity,
        tuple(dict.fromkeys((*one.names, *other.names))),
        tuple(dict.fromkeys((*one.types, *other.types))),
        one.mentions + other.mentions,
        one.documents + other.documents,
        tuple(dict.fromkeys((*one.descriptions, *other.descriptions))),
    )
