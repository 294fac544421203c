from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import networkx
from hypothesis import given
from hypothesis import strategies as st

from glede.graph.paths import TOGETHER, Step, shortest

Edge = tuple[int, int]


def stepping(
    edges: Sequence[Edge], stated: frozenset[Edge] = frozenset()
) -> Callable[[Sequence[int]], Mapping[int, Sequence[Step]]]:
    near: dict[int, list[Step]] = defaultdict(list)
    for one, other in edges:
        said = (one, other) in stated
        step = Step(one, other, "says" if said else TOGETHER, one * 100 + other, stated=said)
        near[one].append(step)
        near[other].append(step.turned())
    return lambda entities: {entity: near[entity] for entity in entities}


def ways(chains: Sequence[Sequence[Step]]) -> list[list[int]]:
    return [[step.target for step in chain] for chain in chains]


def test_the_shortest_chains_come_those_of_facts_first() -> None:
    edges = [(1, 2), (2, 9), (1, 3), (3, 9), (1, 4), (4, 5), (5, 9)]
    found = shortest(1, 9, stepping(edges, frozenset({(1, 3), (3, 9)})))
    assert ways(found) == [[3, 9], [2, 9]]
    assert all(step.stated for step in found[0])


def test_a_chain_reads_in_its_own_direction() -> None:
    (chain,) = shortest(1, 3, stepping([(2, 1), (2, 3)], frozenset({(2, 1), (2, 3)})))
    assert [(step.source, step.target, step.backwards) for step in chain] == [(1, 2, True), (2, 3, False)]
    assert [step.chunk for step in chain] == [201, 203]


def test_nothing_leads_nowhere_and_circles_end() -> None:
    assert shortest(1, 9, stepping([(1, 2), (2, 3), (3, 1)])) == []
    assert shortest(1, 1, stepping([(1, 2)])) == []
    assert shortest(1, 9, stepping([(n, n + 1) for n in range(1, 9)]), longest=6) == []
    assert ways(shortest(1, 9, stepping([(n, n + 1) for n in range(1, 9)]), longest=8)) == [[*range(2, 10)]]


def test_a_hub_is_followed_to_a_bound() -> None:
    hub = [(1, other) for other in range(2, 20_000)]
    asked: list[int] = []
    steps = stepping(hub)

    def counted(entities: Sequence[int]) -> Mapping[int, Sequence[Step]]:
        asked.append(len(entities))
        return steps(entities)

    assert shortest(30_000, 1, counted, most=50) == []
    shortest(2, 999_999, counted, most=50)
    assert max(asked) <= 50


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30), st.integers(0, 12))
def test_chains_are_as_short_as_another_search_finds_them(edges: list[Edge], goal: int) -> None:
    graph = networkx.Graph()
    graph.add_nodes_from(range(13))
    graph.add_edges_from(edge for edge in edges if edge[0] != edge[1])
    found = shortest(0, goal, stepping([edge for edge in edges if edge[0] != edge[1]]), longest=12)
    if goal == 0 or not networkx.has_path(graph, 0, goal):
        assert found == []
        return
    length = networkx.shortest_path_length(graph, 0, goal)
    assert found
    for chain in found:
        assert len(chain) == length
        assert [chain[0].source, chain[-1].target] == [0, goal]
        assert all(before.target == after.source for before, after in pairwise(chain))
        assert all(graph.has_edge(step.source, step.target) for step in chain)
