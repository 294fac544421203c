from __future__ import annotations

import random
import time

import pytest

from glede.graph.likeness import agree, pairs_of
from glede.graph.names import entity_of
from glede.knowledge import Listed


def listed(*names: str, kind: str = "name") -> list[Listed]:
    return [Listed(entity_of(name), name, kind, 5 - place % 5) for place, name in enumerate(names)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Red-Kite Foundation", "RedKite Foundation"),
        ("Zilliz Cloud Platform", "Ziliz Cloud Platform"),
        ("Query Coordinator", "Query Coordniator"),
    ],
)
def test_what_differs_in_writing_only_is_sure(one: str, other: str) -> None:
    (pair,) = pairs_of(listed(one, other))
    assert pair.sure


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Weber", "A. Weber"),
        ("Bagman", "The Bag Man"),
        ("Weber", "Anna Weber"),
        ("World Health Organization", "WHO"),
        ("Carl Friedrich Gauss", "Karl Friedrich Gauss"),
        ("Johnson County Court", "Johnston County Court"),
        ("Milvus vector database", "Milvus vector databank"),
        ("directed acyclic graph", "undirected acyclic graph"),
    ],
)
def test_what_may_be_one_is_asked_about(one: str, other: str) -> None:
    pairs = pairs_of(listed(one, other))
    assert [pair.sure for pair in pairs] == [False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("World War I", "World War II"),
        ("Hepatitis A virus", "Hepatitis B virus"),
        ("Milvus 2.4 release", "Milvus 2.5 release"),
        ("Louis XIV of France", "Louis XVI of France"),
        ("Paul Klee", "Otto Dix"),
        ("", "x"),
    ],
)
def test_what_is_never_one(one: str, other: str) -> None:
    assert pairs_of(listed(one, other)) == []


def test_types_that_exclude_one_another_are_never_one() -> None:
    one, other = "Zilliz Cloud Platform", "Ziliz Cloud Platform"
    person, place = listed(one, kind="person"), listed(other, kind="place")
    assert pairs_of([*person, *place]) == []
    assert len(pairs_of([*person, *listed(other, kind="name")])) == 1
    assert pairs_of([*listed(one, kind="date"), *listed(other, kind="date")]) == []
    assert agree("term", "place")
    assert not agree("organization", "place")


def test_the_one_that_more_documents_name_comes_first() -> None:
    few = Listed(1, "Zilliz Cloud Platform", "name", 1)
    many = Listed(2, "Ziliz Cloud Platform", "name", 9)
    (pair,) = pairs_of([few, many])
    assert (pair.one, pair.other) == (many, few)


@pytest.mark.measured
def test_twenty_thousand_names_are_compared_in_little_time() -> None:
    chosen = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chosen.choices(letters, k=chosen.randint(4, 11))) for _ in range(6000)]
    names = [" ".join(chosen.sample(words, 2)) for _ in range(20_000)]
    began = time.process_time()
    pairs = pairs_of([Listed(place + 1, name, "name", 1) for place, name in enumerate(names)])
    assert time.process_time() - began < 20
    assert all(pair.score >= 0.7 for pair in pairs)
