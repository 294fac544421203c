"""Milvus Lite joins what is small or worn, loses nothing of it, and leaves what is full."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from glede.results import Filter
from glede.stores import milvus_merging
from glede.stores.milvus import MilvusIndex
from glede.testing.index_contract import DIMENSION, sample_row, sample_vector

LARGEST = 16


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus_merging, "LARGEST", LARGEST)
    monkeypatch.setattr(milvus_merging, "FULL", LARGEST // 2)


class Folder:
    """An index and what lies in its files, once Milvus Lite has done what it does in the background."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index = MilvusIndex(str(path))
        self.index.create("default", "fake", DIMENSION)

    def collection(self) -> Any:  # noqa: ANN401 - it has no types
        client: Any = self.index._client
        return client.collection("glede_default")

    def write(self, numbers: range | list[int]) -> None:
        self.index.upsert("default", [sample_row(number) for number in numbers])
        self.flush()

    def flush(self) -> None:
        self.index.flush("default")
        self.collection()._wait_for_bg()

    def rows(self) -> list[int]:
        """Of each file."""
        files = sorted(self.path.rglob("data_*.parquet"))
        return [pyarrow.parquet.ParquetFile(file).metadata.num_rows for file in files]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path / "index.db")
    yield made
    made.index.close()


def test_full_files_stay_as_they_are(folder: Folder) -> None:
    for start in range(0, 8 * LARGEST, LARGEST):
        folder.write(range(start, start + LARGEST))
    assert folder.rows() == [LARGEST] * 8


def test_small_files_are_joined_up_to_a_full_one(folder: Folder) -> None:
    for number in range(6 * LARGEST):
        folder.write([number])
    assert max(folder.rows()) <= LARGEST
    assert len(folder.rows()) < 6 * 2 + milvus_merging.LEAST
    assert folder.index.count("default") == 6 * LARGEST
    assert folder.index.ids("default", [sample_row(5).id, sample_row(77).id])


def test_what_is_mostly_deleted_is_written_anew(folder: Folder) -> None:
    for start in range(0, 5 * LARGEST, LARGEST):
        folder.write(range(start, start + LARGEST))
    gone = [number for number in range(5 * LARGEST) if number % LARGEST >= 3]
    folder.index.delete("default", [sample_row(number).id for number in gone])
    for _ in range(6):
        folder.flush()
        folder.write([0])
    assert sum(folder.rows()) < 2 * LARGEST
    assert folder.index.count("default") == 5 * LARGEST - len(gone)


def test_what_is_written_again_does_not_pile_up(folder: Folder) -> None:
    for _ in range(10):
        for start in range(0, 3 * LARGEST, LARGEST):
            folder.write(range(start, start + LARGEST))
    assert sum(folder.rows()) < 3 * 3 * LARGEST
    assert folder.index.count("default") == 3 * LARGEST


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_and_nothing_comes_back(folder: Folder, seed: int) -> None:
    chance = random.Random(seed)
    there: dict[int, str] = {}
    for step in range(60):
        some = chance.sample(range(60), chance.randint(1, 20))
        if chance.random() < 0.3:
            folder.index.delete("default", [sample_row(number).id for number in some])
            for number in some:
                there.pop(number, None)
        else:
            rows = [replace(sample_row(number), document_id=f"d{step}") for number in some]
            folder.index.upsert("default", rows)
            there |= dict.fromkeys(some, f"d{step}")
        if chance.random() < 0.7:
            folder.flush()
    folder.flush()
    folder.index.close()
    folder.index = MilvusIndex(str(folder.path))
    assert folder.index.count("default") == len(there)
    for number, document in there.items():
        found = folder.index.dense("default", sample_vector(number), 1, Filter())
        assert [one.id for one in found] == [sample_row(number).id]
        (row,) = folder.collection().get([sample_row(number).id], output_fields=["document"])
        assert row["document"] == document
