"""Rows that are packed in arrays lie in Milvus Lite as those that went its own, long way."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from milvus_lite.storage.memtable import MemTable

from glede.errors import UnavailableError
from glede.ports import IndexRow
from glede.results import Filter
from glede.stores import milvus_batch, milvus_lite
from glede.stores.milvus import MilvusIndex
from glede.testing.index_contract import DIMENSION, sample_row, sample_vector

ORDINARY = replace(
    sample_row(1), labels=("a", "bé"), keywords={4_294_967_294: 0.3, 7: 1e-9, 0: 2.5, 11: 3.4e38}
)
ODD = {
    "a weight of nothing": replace(sample_row(2), keywords={7: 1.0, 8: 0.0}),
    "one too small for single precision": replace(sample_row(2), keywords={7: 1.0, 8: 1e-60}),
}
REFUSED = {
    "no number": replace(sample_row(2), keywords={7: float("nan")}),
    "too large": replace(sample_row(2), keywords={7: 1e60}),
    "below nothing": replace(sample_row(2), keywords={7: -1.0}),
    "a term that may not be": replace(sample_row(2), keywords={2**32 - 1: 1.0}),
    "other dimensions": sample_row(2, DIMENSION + 1),
    "a long id": replace(sample_row(2), id="i" * 65),
    "many labels": replace(sample_row(2), labels=("x",) * 1025),
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[MilvusIndex]:
    made = MilvusIndex(str(tmp_path / "index.db"))
    made.create("default", "fake", DIMENSION)
    yield made
    made.close()


@pytest.fixture
def long_ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of rows that Milvus Lite takes itself."""
    taken: list[str] = []
    record = milvus_lite._record

    def told(row: dict[str, Any]) -> dict[str, Any]:
        taken.append(row["id"])
        return record(row)

    monkeypatch.setattr(milvus_lite, "_record", told)
    return taken


def kept(folder: Path) -> list[dict[str, Any]]:
    tables = [pyarrow.parquet.read_table(file) for file in sorted(folder.rglob("*.parquet"))]
    return [row for table in tables for row in table.to_pylist()]


def test_ordinary_rows_do_not_go_the_long_way(index: MilvusIndex, long_ways: list[str]) -> None:
    index.upsert("default", [ORDINARY, sample_row(2), replace(sample_row(3), keywords={})])
    assert not long_ways
    assert index.count("default") == 3


def test_both_ways_keep_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = []
    for way in ("short", "long"):
        made = MilvusIndex(str(tmp_path / way))
        made.create("default", "fake", DIMENSION)
        made.upsert("default", [ORDINARY, sample_row(2), replace(sample_row(3), keywords={}), sample_row(2)])
        made.upsert("default", [replace(ORDINARY, document_id="another")])
        made.close()
        files.append(kept(tmp_path / way))
        monkeypatch.setattr(milvus_lite, "written", lambda *_: False)
    assert files[0] == files[1]
    assert len(files[0]) == 3


@pytest.mark.parametrize("row", ODD.values(), ids=ODD)
def test_odd_rows_go_the_long_way(index: MilvusIndex, long_ways: list[str], row: IndexRow) -> None:
    index.upsert("default", [sample_row(1), row])
    assert long_ways == [sample_row(1).id, row.id]
    assert [match.id for match in index.keyword("default", {7: 1.0}, 9, Filter())]


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_written_is_refused_with_its_batch(index: MilvusIndex, row: IndexRow) -> None:
    index.upsert("default", [sample_row(1)])
    with pytest.raises((UnavailableError, ValueError)):
        index.upsert("default", [sample_row(3), row])
    assert index.ids("default", [sample_row(1).id, sample_row(3).id, row.id]) == {sample_row(1).id}


def test_it_is_in_the_log_before_it_is_found(index: MilvusIndex, tmp_path: Path) -> None:
    """As after a kill: nothing of memory is written, and the next opening reads the log."""
    index.upsert("default", [ORDINARY, sample_row(2)])
    client = index.__dict__.pop("_client")
    client.abandon()
    again = MilvusIndex(str(tmp_path / "index.db"))
    try:
        assert again.ids("default", [ORDINARY.id, sample_row(2).id]) == {ORDINARY.id, sample_row(2).id}
        assert again.dense("default", sample_vector(1), 1, Filter())[0].id == ORDINARY.id
        again.upsert("default", [replace(sample_row(2), vector=sample_vector(9))])
        assert again.count("default") == 2
    finally:
        again.close()


def test_more_keywords_than_arrow_counts_go_the_long_way(
    index: MilvusIndex, long_ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_batch, "MOST_BYTES", 16)
    index.upsert("default", [replace(sample_row(1), keywords={1: 1.0, 2: 1.0})])
    assert not long_ways
    index.upsert("default", [replace(sample_row(2), keywords={1: 1.0, 2: 1.0, 3: 1.0})])
    assert long_ways == [sample_row(2).id]


def test_vectors_in_double_precision_are_rounded(index: MilvusIndex, long_ways: list[str]) -> None:
    vector = np.asarray(sample_vector(4), dtype=np.float64)
    index.upsert("default", [replace(sample_row(4), vector=vector)])  # type: ignore[arg-type]
    assert not long_ways
    assert index.dense("default", sample_vector(4), 1, Filter())[0].score == pytest.approx(1)


@pytest.mark.parametrize("moved", [True, False], ids=["a row anew", "new rows only"])
def test_files_hold_what_milvus_lite_would_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: bool
) -> None:
    files = []
    for way in ("short", "long"):
        made = MilvusIndex(str(tmp_path / way))
        made.create("default", "fake", DIMENSION)
        made.upsert("default", [ORDINARY, sample_row(2), sample_row(3)])
        made.delete("default", [sample_row(2).id])
        second = replace(ORDINARY, document_id="another") if moved else sample_row(6)
        made.upsert("default", [sample_row(5), second])
        made.close()
        files.append(kept(tmp_path / way))
        monkeypatch.setattr(MemTable, "_build_data_table", inspect.unwrap(MemTable._build_data_table))
    assert files[0] == files[1]
    assert [row["id"] for row in files[0]].count(ORDINARY.id) == 1


def test_a_flush_makes_no_object_of_each_number(index: MilvusIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    def long_way(*_: object) -> None:
        raise AssertionError("each number becomes an object")

    monkeypatch.setattr(MemTable, "_build_data_table", milvus_batch._in_arrays(long_way))
    index.upsert("default", [ORDINARY, sample_row(2)])
    index.flush("default")
    assert index.count("default") == 2


def test_vectors_and_keywords_are_written_as_they_are(index: MilvusIndex, tmp_path: Path) -> None:
    index.upsert("default", [ORDINARY, sample_row(2)])
    index.flush("default")
    (file,) = tmp_path.rglob("*.parquet")
    group = pyarrow.parquet.ParquetFile(file).metadata.row_group(0)
    columns = {group.column(place).path_in_schema: group.column(place) for place in range(group.num_columns)}
    with_dictionary = {name for name, column in columns.items() if column.has_dictionary_page}
    assert with_dictionary == set(milvus_batch.REPEATING)
