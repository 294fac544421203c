"""Milvus Lite gives the same hits when it takes keyword weights in arrays, and is made to take them so."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from pymilvus import DataType
from pymilvus.grpc_gen.schema_pb2 import FieldData

from glede.ports import IndexRow
from glede.results import Filter
from glede.stores.milvus import MilvusIndex
from glede.stores.milvus_sparse import Stored, Weighed, write_packed

TERMS = 40


def encoded(weights: Mapping[int, float]) -> bytes:
    return b"".join(struct.pack("<If", term, weight) for term, weight in sorted(weights.items()))


def rows(count: int) -> list[dict[int, float]]:
    chance = random.Random(5)
    return [
        {term: float(np.float32(chance.uniform(0.1, 3))) for term in chance.sample(range(TERMS), 8)}
        for _ in range(count)
    ]


def test_weights_are_read_as_they_were_written() -> None:
    weights = {3: 0.5, 2**32 - 2: 1.25}
    assert Stored(encoded(weights)) == weights
    assert Stored(b"") == {}
    with pytest.raises(ValueError, match="multiple"):
        Stored(b"123")


def test_weights_are_sent_as_pymilvus_sends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from pymilvus.client import entity_helper

    monkeypatch.setattr(entity_helper, "_pack_sparse_vector_row", entity_helper._pack_sparse_vector_row)
    for weights in (*rows(40), {7: 0.1, 2**32 - 2: 1e-9, 1: 3e30}):
        expected = entity_helper.sparse_rows_to_proto([weights]).contents[0]
        assert Weighed(weights).data() == expected == encoded(weights)
        write_packed()
        field = FieldData(type=DataType.SPARSE_FLOAT_VECTOR, field_name="keywords")
        for one in (Weighed(weights), weights):
            entity_helper.pack_field_value_to_field_data(one, field, {"name": "keywords"}, {})
        assert list(field.vectors.sparse_float_vector.contents) == [expected, expected]


@pytest.mark.parametrize("weights", [{3: float("nan")}, {3: float("inf")}, {2**32 - 1: 1.0}, {3: 1e39}])
def test_what_is_no_weight_is_not_sent(weights: dict[int, float]) -> None:
    with pytest.raises(ValueError, match="no number"), np.errstate(over="ignore"):
        Weighed(weights).data()


def test_what_may_be_written_is_told_as_milvus_lite_does() -> None:
    from milvus_lite.schema.sparse import normalize_sparse_vector

    sound = {3: 0.5, 2**32 - 2: 1.25}
    assert Stored(encoded(sound)).normal
    assert normalize_sparse_vector(dict(sound)) == sound
    for wrong in ({}, {3: 0.0}, {3: -1.0}, {3: float("nan")}, {3: float("inf")}, {2**32 - 1: 1.0}):
        assert not Stored(encoded(wrong)).normal
        with pytest.raises(ValueError, match="sparse"):
            normalize_sparse_vector(Stored(encoded(wrong)), allow_empty=False)
    assert not Stored(encoded(sound) + encoded({3: 0.5})).normal  # a term twice


@pytest.mark.parametrize("flushed", [False, True])
def test_hits_are_those_of_the_inner_product(tmp_path: Path, flushed: bool) -> None:
    index = MilvusIndex(str(tmp_path / "index.db"))
    try:
        written = rows(60)
        index.create("default", "fake", 4)
        vector = np.array([1, 0, 0, 0], dtype=np.float32)
        index.upsert(
            "default", [IndexRow(f"{n:02}", "d", "text", (), vector, row) for n, row in enumerate(written)]
        )
        index.delete("default", ["07"])
        if flushed:
            index.flush("default")
        from milvus_lite.analyzer import sparse
        from milvus_lite.schema import sparse as checks

        assert sparse.bytes_to_sparse is Stored  # else the version at hand is one that this does not fit
        assert "_as_they_are" in checks.normalize_sparse_vector.__qualname__
        asked = {3: 1.0, 9: 0.5, 21: 2.0}
        products = {
            f"{n:02}": sum(weight * row.get(term, 0.0) for term, weight in asked.items())
            for n, row in enumerate(written)
            if n != 7
        }
        expected = {key: product for key, product in products.items() if product > 0}
        found = {match.id: match.score for match in index.keyword("default", asked, 100, Filter())}
        assert found.keys() == expected.keys()
        assert all(abs(found[key] - expected[key]) < 1e-5 for key in found)
    finally:
        index.close()


def test_no_row_loads_scipy(tmp_path: Path) -> None:
    """It is installed here by others; a process that only adds and asks has no use for it."""
    added = (
        "import sys, numpy as np\n"
        "from glede.ports import IndexRow\n"
        "from glede.stores.milvus import MilvusIndex\n"
        "index = MilvusIndex(sys.argv[1])\n"
        "index.create('default', 'fake', 4)\n"
        "index.upsert('default', [IndexRow('a', 'd', 'text', (), np.ones(4, np.float32), {3: 1.0})])\n"
        "index.close()\n"
        "print('scipy.sparse' in sys.modules)\n"
    )
    command = [sys.executable, "-c", added, str(tmp_path / "index.db")]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "False"
