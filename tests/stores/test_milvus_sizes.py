"""Milvus Lite is flushed, and its index chosen by size, without being asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glede.ports import IndexRow
from glede.results import Filter
from glede.stores import milvus
from glede.stores.milvus import MilvusIndex

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
    return str(index._client.describe_index(index._name("default"), "vector")["index_type"])


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
