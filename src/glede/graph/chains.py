"""The chains between two entities, as the graph has them: facts first, then passages that name both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from glede.graph.paths import TOGETHER, Step, shortest
from glede.knowledge import Graph
from glede.results import Filter

FACTS = 200
BRANCHES = 24
"""Places of an entity, and entities in each, that are followed."""
LONGEST_STATED = 4


def chains_between(
    graph: Graph, collection: str, first: int, last: int, where: Filter
) -> list[tuple[Step, ...]]:
    """The shortest chains; where none of them is of facts only, one that is follows, if it is short."""

    def facts(entities: Sequence[int]) -> Mapping[int, Sequence[Step]]:
        return _facts(graph, collection, entities, where)

    def steps(entities: Sequence[int]) -> Mapping[int, Sequence[Step]]:
        return _steps(graph, collection, entities, where)

    chains = shortest(first, last, steps)
    if chains and not any(all(step.stated for step in chain) for chain in chains):
        chains += shortest(first, last, facts, longest=LONGEST_STATED, paths=1)
    return chains


def _facts(
    graph: Graph, collection: str, entities: Sequence[int], where: Filter
) -> defaultdict[int, list[Step]]:
    found: defaultdict[int, list[Step]] = defaultdict(list)
    for entity, facts in graph.facts(collection, entities, FACTS, where).items():
        for fact in facts:
            backwards = fact.source != entity
            other = fact.source if backwards else fact.target
            found[entity].append(Step(entity, other, fact.label, fact.chunk, backwards=backwards))
    return found


def _steps(graph: Graph, collection: str, entities: Sequence[int], where: Filter) -> dict[int, list[Step]]:
    found = _facts(graph, collection, entities, where)
    places = graph.places(collection, entities, BRANCHES, where)
    chunks = list({place.chunk for each in places.values() for place in each[:BRANCHES]})
    contents = graph.contents(collection, chunks, where)
    for entity, each in places.items():
        for place in each[:BRANCHES]:
            for content in contents.get(place.chunk, [])[:BRANCHES]:
                if content.entity != entity:
                    step = Step(entity, content.entity, TOGETHER, place.chunk, stated=False)
                    found[entity].append(step)
    return found
