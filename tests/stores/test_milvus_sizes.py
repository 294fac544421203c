"""Milvus Lite is flushed, and its index chosen by size, without being asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glede.ports import IndexRow
from glede.results import Filter
from glede.stores import milvus
from glede.stores.milvus import MilvusIndex
from glede.stores.milvus_lite import LiteClient

DIMENSION = 8


def rows(start: int, count: int) -> list[IndexRow]:
    vectors = np.random.default_rng(start).normal(size=(count, DIMENSION)).astype(np.float32)
    return [
        IndexRow(f"{start + n:04}", "d", "text", (), vector, {1: 1.0}) for n, vector in enumerate(vectors)
    ]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus, "FLUSH_ROWS", 200)


def kind(index: MilvusIndex) -> str:
    assert isinstance(index._client, LiteClient)
    return index._client.kind_of_index(index._name("default"))


@pytest.mark.usefixtures("small")
def test_lists_are_made_at_the_size_said(tmp_path: Path) -> None:
    index = MilvusIndex(str(tmp_path / "index.db"), flat_rows=350)
    try:
        index.create("default", "fake", DIMENSION)
        written = [row for start in (0, 200) for row in rows(start, 200)]
        index.upsert("default", written[:200])
        assert kind(index) == "FLAT"
        index.upsert("default", written[200:])
        assert kind(index) == "IVF_FLAT"
        for row in written[::40]:
            assert index.dense("default", row.vector, 1, Filter())[0].id == row.id
        assert index.count("default") == 400
    finally:
        index.close()


def test_lists_of_few_rows_are_made_without_a_word(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    index = MilvusIndex(str(tmp_path / "index.db"), flat_rows=300)
    index.create("default", "fake", DIMENSION)
    for start in (0, 400, 450):
        index.upsert("default", rows(start, 400 if not start else 50))
        index.flush("default")
    client = index._client
    assert isinstance(client, LiteClient)
    assert client.kind_of_index(index._name("default")) == "IVF_FLAT"
    wanted = rows(450, 50)[7]
    assert index.dense("default", wanted.vector, 1, Filter())[0].id == wanted.id
    index.close()
    assert capfd.readouterr().err == ""
