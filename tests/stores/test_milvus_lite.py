"""Milvus Lite asked in this process keeps and finds what it does when it is asked through its port."""

from __future__ import annotations

import ctypes
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest

from glede.errors import DamagedError, GledeError, LockedError, UnavailableError
from glede.ports import IndexRow
from glede.results import Filter
from glede.stores.milvus import MilvusIndex
from glede.testing.index_contract import DIMENSION, sample_row, sample_vector
from glede.text.labels import label_of
from tests.milvus import serving
from tests.promises.agreement import indexed


@pytest.fixture
def served(tmp_path: Path) -> Iterator[MilvusIndex]:
    with serving(tmp_path) as address:
        index = MilvusIndex(address)
        yield index
        index.close()


@pytest.mark.parametrize("left", [[], ["schema.json.tmp"]])
def test_a_collection_that_a_kill_left_half_made_is_made(tmp_path: Path, left: list[str]) -> None:
    path = tmp_path / "index.db"
    index = MilvusIndex(str(path))
    index.create("other", "fake", DIMENSION)
    (made,) = (found.parent for found in path.rglob("schema.json"))
    half = made.with_name(index._name("default"))
    half.mkdir()
    for name in left:
        (half / name).write_text("{")
    index.create("default", "fake", DIMENSION)
    index.upsert("default", [sample_row(1)])
    assert index.count("default") == 1
    index.close()


def rows() -> list[IndexRow]:
    chance = random.Random(11)
    return [
        IndexRow(
            f"{number:03}",
            f"d{number % 5}",
            "table" if number % 3 else "text",
            tuple(label_of("team", str(team)) for team in range(number % 4)),
            np.array([chance.uniform(-1, 1) for _ in range(DIMENSION)], dtype=np.float32),
            {term: chance.uniform(1e-9, 9) for term in chance.sample(range(2**32 - 2), 6)} if number else {},
        )
        for number in range(50)
    ]


def kept(folder: Path) -> tuple[str, list[dict[str, Any]]]:
    """The schema, and the rows of all files, as they lie on the disk."""
    (schema,) = folder.rglob("schema.json")
    files = sorted(folder.rglob("*.parquet"))
    assert files
    tables = [pyarrow.parquet.read_table(file).to_pylist() for file in files]
    return schema.read_text(), [row for table in tables for row in table]


def test_what_a_kill_left_in_a_file_and_in_the_log_is_there_once(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    rows = [sample_row(number) for number in range(20)]
    index = MilvusIndex(str(path))
    index.create("default", "fake", DIMENSION)
    index.upsert("default", rows)
    logs = {log.relative_to(path): log.read_bytes() for log in path.rglob("wal_*.arrow")}
    index.flush("default")
    killed = tmp_path / "killed.db"
    shutil.copytree(path, killed)
    index.close()
    for log, data in logs.items():
        assert not (killed / log).exists()
        (killed / log).write_bytes(data)
    index = MilvusIndex(str(killed))
    assert sorted(indexed(index, "default")) == sorted(row.id for row in rows)
    assert index.count("default") == len(rows)
    assert [one.id for one in index.dense("default", sample_vector(3), 1, Filter())] == [sample_row(3).id]
    index.delete("default", [rows[0].id])
    index.upsert("default", [sample_row(21)])
    index.close()
    index = MilvusIndex(str(killed))
    assert index.count("default") == len(rows)
    index.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from glede.results import Filter
from glede.stores.milvus import MilvusIndex
from glede.testing.index_contract import sample_vector

Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
MilvusIndex(sys.argv[1], flat_rows=20).dense("default", sample_vector(3), 1, Filter())
"""


def sidecars(path: Path) -> list[str]:
    return sorted(found.name.partition(".")[2] for found in path.rglob("indexes/*"))


def test_a_kill_that_leaves_a_part_of_an_index_keeps_no_collection_from_opening(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    index = MilvusIndex(str(path), flat_rows=20)
    index.create("default", "fake", DIMENSION)
    index.upsert("default", [sample_row(number) for number in range(60)])
    index.flush("default")
    index.dense("default", sample_vector(3), 1, Filter())
    index.close()
    assert sidecars(path) == ["vector.ivf_flat.idx"]
    path.with_name("index.db.seal").unlink()  # as a crash leaves it
    for found in path.rglob("indexes/*"):
        found.unlink()

    run = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, timeout=60)
    assert run.returncode == -9
    assert sidecars(path) == ["vector.ivf_flat.idx.part"]
    index = MilvusIndex(str(path), flat_rows=20)
    assert [one.id for one in index.dense("default", sample_vector(3), 1, Filter())] == [sample_row(3).id]
    index.close()
    assert sidecars(path) == ["vector.ivf_flat.idx"]


def test_vectors_that_are_all_compared_are_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    index = MilvusIndex(str(path))
    index.create("default", "fake", DIMENSION)
    index.upsert("default", [sample_row(number) for number in range(20)])
    index.flush("default")
    index.dense("default", sample_vector(3), 1, Filter())
    index.close()
    assert sidecars(path) == []
    path.with_name("index.db.seal").unlink()
    (data,) = path.rglob("data/*.parquet")
    older = data.parents[1] / "indexes" / f"{data.stem}.vector.flat.idx"
    older.parent.mkdir(exist_ok=True)
    older.write_bytes(b"")  # as a kill left it, that came while it was written
    index = MilvusIndex(str(path))
    assert [one.id for one in index.dense("default", sample_vector(3), 1, Filter())] == [sample_row(3).id]
    index.close()
    assert sidecars(path) == []


def test_the_same_is_kept_as_through_the_port(served: MilvusIndex, tmp_path: Path) -> None:
    lite = MilvusIndex(str(tmp_path / "lite.db"))
    found = []
    for index in (served, lite):
        index.create("default", "fake", DIMENSION)
        index.upsert("default", rows())
        index.upsert("default", rows()[:7])
        index.delete("default", ["013", "017", "none"])
        index.flush("default")
        assert index.fingerprint("default") == "fake"
        assert index.ids("default", ["000", "013", "049"]) == {"000", "049"}
        assert index.count("default") == 48
        found.append([one.id for one in index.dense("default", sample_vector(3), 20, Filter())])
    assert found[0] == found[1]
    lite.close()
    served.close()
    assert kept(tmp_path / "lite.db") == kept(tmp_path / "served.db")


OPENED = """
import sys
from glede.results import Filter
from glede.stores.milvus import MilvusIndex
from glede.testing.index_contract import DIMENSION, MODEL, sample_row, sample_vector
index = MilvusIndex(sys.argv[1])
index.create("default", MODEL, DIMENSION)
index.upsert("default", [sample_row(1)])
index.flush("default")
assert index.dense("default", sample_vector(1), 1, Filter())
assert index.keyword("default", {7: 1.0}, 1, Filter())
index.close()
print(*(name for name in ("pymilvus", "grpc") if name in sys.modules))
"""


def test_neither_pymilvus_nor_grpc_loads(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPENED, str(tmp_path / "index.db")]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == ""


def test_a_folder_that_is_none_cannot_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    path.write_text("no folder")
    with pytest.raises((LockedError, DamagedError)):
        MilvusIndex(str(path)).count("default")


@pytest.mark.parametrize("file", ["schema.json", "data_*.parquet"])
def test_a_damaged_file_is_told_as_our_error(tmp_path: Path, file: str) -> None:
    """Without the seal, as after a crash; a damaged file of rows is never searched as if it were whole."""
    index = MilvusIndex(str(tmp_path / "index.db"))
    index.create("default", "fake", DIMENSION)
    index.upsert("default", [sample_row(1)])
    index.flush("default")
    index.close()
    (tmp_path / "index.db.seal").unlink()
    (found,) = (tmp_path / "index.db").rglob(file)
    found.write_bytes(b"\0" + found.read_bytes()[5:])
    again = MilvusIndex(str(tmp_path / "index.db"))
    try:
        with pytest.raises(GledeError):
            again.dense("default", sample_vector(1), 1, Filter())
    finally:
        again.close()


def test_what_milvus_lite_refuses_is_told_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    index = MilvusIndex(str(tmp_path / "index.db"))
    try:
        index.create("default", "fake", DIMENSION)
        index.upsert("default", [sample_row(1)])
        with pytest.raises(UnavailableError, match="dim"):
            index.upsert("default", [sample_row(2), sample_row(3, 4)])
        assert index.ids("default", [sample_row(number).id for number in (1, 2, 3)]) == {sample_row(1).id}
    finally:
        index.close()


MAPPED = """
import ctypes, sys
from glede.stores.milvus import MilvusIndex

class Told(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd a b c d e".split()]

library = ctypes.CDLL(None)
library.mallinfo2.restype = Told
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]
if len(sys.argv) > 1:
    MilvusIndex(sys.argv[1]).count("default")
library.free(library.malloc(20 * 2**20))
before = library.mallinfo2().hblkhd
library.malloc(2 * 2**20)
print(library.mallinfo2().hblkhd - before >= 2 * 2**20)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="tells of glibc's memory"
)
def test_large_memory_goes_back_to_the_system(tmp_path: Path) -> None:
    """Without an index glibc cuts it out of what it keeps, once something larger was freed."""
    command = [sys.executable, "-c", MAPPED]
    for more, mapped in (([], "False"), ([str(tmp_path / "index.db")], "True")):
        run = subprocess.run([*command, *more], check=True, capture_output=True, text=True)
        assert run.stdout.strip() == mapped
