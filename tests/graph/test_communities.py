from __future__ import annotations

import random
import sys
import time
from itertools import combinations

import networkx
import pytest

from glede.graph import communities as tested
from glede.graph.communities import central, communities, louvain, modularity, ties


@pytest.fixture(params=["built-in", "leiden"])
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "leiden":
        pytest.importorskip("graspologic_native")
    else:
        monkeypatch.setitem(sys.modules, "graspologic_native", None)
    return str(request.param)


def clique(*members: int) -> dict[tuple[int, int], float]:
    return {(min(pair), max(pair)): 1.0 for pair in combinations(members, 2)}


@pytest.mark.usefixtures("method")
def test_groups_that_hang_together_are_found() -> None:
    edges = clique(1, 2, 3, 4) | clique(10, 11, 12, 13, 14) | {(4, 10): 0.2}
    assert communities(edges) == [(10, 11, 12, 13, 14), (1, 2, 3, 4)]


@pytest.mark.usefixtures("method")
def test_no_edges_and_pairs_are_no_theme() -> None:
    assert communities({}) == []
    assert communities({(1, 2): 1.0}) == []


@pytest.mark.usefixtures("method")
def test_equal_edges_in_another_order_make_equal_groups() -> None:
    edges = planted(200, 10, seed=3)
    turned = dict(reversed(edges.items()))
    assert communities(edges) == communities(turned)


def planted(nodes: int, size: int, seed: int) -> dict[tuple[int, int], float]:
    draw = random.Random(seed)
    edges: dict[tuple[int, int], float] = {}
    for _ in range(nodes * 8):
        one = draw.randrange(nodes)
        near = one - one % size + draw.randrange(size)
        other = near if draw.random() < 0.8 else draw.randrange(nodes)
        if one != other:
            edges[min(one, other), max(one, other)] = 1.0
    return edges


def test_the_built_in_method_is_as_good_as_that_of_networkx() -> None:
    edges = planted(400, 20, seed=1)
    graph = networkx.Graph()
    graph.add_weighted_edges_from((one, other, weight) for (one, other), weight in edges.items())
    theirs = networkx.community.louvain_communities(graph, seed=1)
    ours = louvain(edges)
    group_of = {node: place for place, group in enumerate(theirs) for node in group}
    assert modularity(edges, group_of) == pytest.approx(networkx.community.modularity(graph, theirs))
    assert modularity(edges, ours) >= modularity(edges, group_of) - 0.01


def test_no_group_falls_into_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graspologic_native", None)
    edges = planted(300, 6, seed=5)
    graph = networkx.Graph(list(edges))
    for group in communities(edges):
        assert networkx.is_connected(graph.subgraph(group))


def test_ties_weigh_what_is_specific_and_bound_a_long_list() -> None:
    weights = {1: 2.0, 2: 1.0, 3: 1.0}
    assert ties([[1, 2, 3, 99]], weights) == {(1, 2): 1.0, (1, 3): 1.0, (2, 3): 0.5}
    many = dict.fromkeys(range(10000), 1.0)
    assert len(ties([list(many)], many)) == tested.MOST_TOGETHER * (tested.MOST_TOGETHER - 1) // 2


def test_the_central_ones_come_first() -> None:
    edges = {(1, 2): 1.0, (2, 3): 1.0, (2, 4): 3.0, (4, 9): 50.0}
    assert central(edges, [(1, 2, 3, 4)]) == [(2, 4, 1, 3)]


@pytest.mark.measured
def test_twenty_thousand_entities_take_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graspologic_native", None)
    edges = planted(20_000, 50, seed=1)
    began = time.thread_time()
    found = communities(edges)
    assert time.thread_time() - began < 15
    assert sum(map(len, found)) > 19_000
