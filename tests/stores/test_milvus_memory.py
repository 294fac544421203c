"""Searching what Milvus Lite holds in memory finds what Milvus Lite's own search finds."""

from __future__ import annotations

import random
import struct
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest

from glede.errors import UnavailableError
from glede.ports import IndexRow, Match
from glede.results import Filter
from glede.stores.milvus import MilvusIndex
from glede.stores.milvus_filter import expression
from glede.stores.milvus_lite import LiteClient
from glede.stores.milvus_memory import Held
from glede.stores.milvus_rows import PAIR, Part, Postings, best
from glede.text.labels import label_of
from glede.types import Modality

DIMENSION = 8
TERMS = 30
FILTERS = (
    Filter(),
    Filter(modalities=("table",)),
    Filter(documents=frozenset({"d1", "d2"})),
    Filter(labels=(("team", "red"),)),
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[MilvusIndex]:
    index = MilvusIndex(str(tmp_path / "index.db"))
    try:
        index.create("default", "fake", DIMENSION)
        yield index
    finally:
        index.close()


def row(number: int, chance: random.Random) -> IndexRow:
    vector = np.array([chance.gauss(0, 1) for _ in range(DIMENSION)], dtype=np.float32)
    keywords = {term: chance.uniform(0.1, 3) for term in chance.sample(range(1, TERMS), 6)}
    labels = (label_of("team", chance.choice(["red", "blue"])),)
    modality: Modality = "text" if chance.random() < 0.5 else "table"
    return IndexRow(f"{number:03}", f"d{number % 4}", modality, labels, vector, keywords)


def own(index: MilvusIndex, field: str, query: object, where: Filter) -> list[Match]:
    """What Milvus Lite's own search finds."""
    condition = expression(where)
    assert condition is not None
    metric = "COSINE" if field == "vector" else "IP"
    (hits,) = (
        lite(index)
        .collection(index._name("default"))
        .search([query], 20, metric, expr=condition or None, output_fields=["id"], anns_field=field)
    )
    return [Match(str(hit["id"]), hit["distance"]) for hit in hits]


def lite(index: MilvusIndex) -> LiteClient:
    assert isinstance(index._client, LiteClient)
    return index._client


def held_by(index: MilvusIndex) -> Held:
    return lite(index)._memory._held[index._name("default")]


def assert_like(found: list[Match], expected: list[Match]) -> None:
    assert [one.id for one in found] == [one.id for one in expected]
    assert np.allclose([one.score for one in found], [one.score for one in expected], atol=1e-5)


def assert_same(index: MilvusIndex, chance: random.Random) -> None:
    vector = np.array([chance.gauss(0, 1) for _ in range(DIMENSION)], dtype=np.float32)
    weights = {term: chance.uniform(0.1, 2) for term in chance.sample(range(1, TERMS), 3)}
    for where in FILTERS:
        assert_like(index.dense("default", vector, 20, where), own(index, "vector", vector, where))
        found = index.keyword("default", weights, 20, where)
        assert_like(found, [one for one in own(index, "keywords", weights, where) if one.score > 0])


@pytest.mark.parametrize("seed", range(4))
def test_hits_are_those_of_milvus_lite_after_each_change(index: MilvusIndex, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(30):
        change = chance.random()
        numbers = chance.sample(range(60), 5)
        if change < 0.5:
            index.upsert("default", [row(number, chance) for number in numbers])
        elif change < 0.75:
            index.delete("default", [f"{number:03}" for number in numbers])
        elif change < 0.95:
            index.flush("default")
        if chance.random() < 0.7:
            assert_same(index, chance)
    assert_same(index, chance)


def test_hits_are_the_same_after_opening_again(tmp_path: Path) -> None:
    chance = random.Random(7)
    for flushed in (True, False):
        index = MilvusIndex(str(tmp_path / "index.db"))
        index.create("default", "fake", DIMENSION)
        index.upsert("default", [row(number, chance) for number in range(40)])
        if flushed:
            index.flush("default")
        index.delete("default", ["003", "011"])
        assert_same(index, chance)
        index.close()
    index = MilvusIndex(str(tmp_path / "index.db"))
    try:
        assert_same(index, chance)
        assert "003" not in {
            one.id for one in index.keyword("default", dict.fromkeys(range(TERMS), 1.0), 99, Filter())
        }
    finally:
        index.close()


def test_flushing_comes_first_after_opening_and_after_a_change_that_failed(tmp_path: Path) -> None:
    chance = random.Random(8)
    rows = [row(number, chance) for number in range(40)]
    index = MilvusIndex(str(tmp_path / "index.db"))
    index.create("default", "fake", DIMENSION)
    index.upsert("default", rows[:20])
    index.close()
    index = MilvusIndex(str(tmp_path / "index.db"))
    try:
        index.flush("default")
        assert_same(index, chance)
        index.upsert("default", rows[20:])
        with pytest.raises(UnavailableError):
            index.upsert("default", [replace(rows[0], vector=np.zeros(3, dtype=np.float32))])
        index.flush("default")
        assert index.count("default") == 40
        assert_same(index, chance)
    finally:
        index.close()


def test_rows_that_become_a_file_are_found_meanwhile(
    index: MilvusIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Milvus Lite itself takes them out of memory first, and finds them again when the file is there."""
    from milvus_lite.engine import collection

    chance = random.Random(3)
    index.upsert("default", [row(number, chance) for number in range(20)])
    write, reached, go_on = collection.execute_flush, threading.Event(), threading.Event()

    def slow(**arguments: Any) -> None:  # noqa: ANN401 - whatever it takes
        reached.set()
        assert go_on.wait(20)
        write(**arguments)

    monkeypatch.setattr(collection, "execute_flush", slow)
    flushing = threading.Thread(target=index.flush, args=("default",))
    flushing.start()
    try:
        assert reached.wait(20)
        vector = np.ones(DIMENSION, dtype=np.float32)
        assert len(index.dense("default", vector, 99, Filter())) == 20
    finally:
        go_on.set()
        flushing.join()
    assert len(index.dense("default", vector, 99, Filter())) == 20


def test_a_collection_made_anew_holds_nothing_of_the_old(index: MilvusIndex) -> None:
    chance = random.Random(1)
    index.upsert("default", [row(1, chance)])
    vector = np.ones(DIMENSION, dtype=np.float32)
    assert index.dense("default", vector, 9, Filter())
    index.drop("default")
    assert index.dense("default", vector, 9, Filter()) == []
    index.create("default", "fake", DIMENSION)
    assert index.dense("default", vector, 9, Filter()) == []
    index.upsert("default", [row(2, chance)])
    assert [one.id for one in index.dense("default", vector, 9, Filter())] == ["002"]


def test_rows_written_one_by_one_are_few_parts(index: MilvusIndex) -> None:
    chance = random.Random(2)
    for number in range(40):
        index.upsert("default", [row(number, chance)])
        assert len(index.dense("default", np.ones(DIMENSION, dtype=np.float32), 99, Filter())) == number + 1
    held = held_by(index)
    assert sum(map(len, held.unwritten)) == 40
    assert len(held.unwritten) <= 6


def test_a_search_without_a_change_reads_nothing_again(index: MilvusIndex) -> None:
    chance = random.Random(2)
    index.upsert("default", [row(number, chance) for number in range(9)])
    vector = np.ones(DIMENSION, dtype=np.float32)
    index.dense("default", vector, 5, Filter())
    held = held_by(index)
    index.dense("default", vector, 5, Filter())
    assert held_by(index) is held
    index.flush("default")
    files = index.dense("default", vector, 5, Filter()) and held_by(index).files
    index.delete("default", ["004"])
    assert "004" not in {one.id for one in index.dense("default", vector, 9, Filter())}
    assert held_by(index).files[0] is files[0]


def encoded(weights: Mapping[int, float]) -> bytes:
    return b"".join(struct.pack("<If", term, weight) for term, weight in sorted(weights.items()))


def test_scores_are_inner_products() -> None:
    written: list[dict[int, float]] = [{1: 0.5, 7: 2.0}, {}, {7: 1.0, 2**32 - 2: 3.0}]
    pairs = np.frombuffer(b"".join(map(encoded, written)), PAIR)
    postings = Postings(pairs, np.array([2, 0, 2]))
    assert postings.scores({7: 2.0, 1: 1.0, 4: 9.0}).tolist() == [4.5, 0.0, 2.0]
    assert postings.scores({2**32 - 2: 1.0}).tolist() == [0.0, 0.0, 3.0]
    table = pyarrow.table({"keywords": pyarrow.array(list(map(encoded, written)), pyarrow.binary())})
    assert Part(table.slice(1)).postings.scores({7: 1.0}).tolist() == [0.0, 1.0]


def test_the_best_are_in_order_and_live() -> None:
    scores = np.array([1.0, 3.0, 3.0, 2.0, 5.0])
    live = np.array([True, True, True, True, False])
    assert best(scores, live, 3).tolist() == [1, 2, 3]
    assert best(scores, live, 1).tolist() == [1]
    assert best(scores, live, 9).tolist() == [1, 2, 3, 0]
    assert best(scores, ~live, 2).tolist() == [4]
    assert best(scores, np.zeros(5, dtype=bool), 2).tolist() == []
