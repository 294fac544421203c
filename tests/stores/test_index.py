"""The index in memory, in Milvus Lite and behind a Milvus address keep one contract."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glede.errors import LockedError, UnavailableError
from glede.ports import Index, IndexRow
from glede.results import Filter
from glede.stores.milvus import MilvusIndex
from glede.stores.milvus_lite import LiteClient
from glede.testing.fakes import MemoryIndex
from glede.testing.index_contract import (
    ANY,
    DIMENSION,
    MODEL,
    IndexContract,
    expected_dense,
    sample_row,
    sample_vector,
)
from glede.text.labels import label_of
from tests.milvus import serving

PAIRS = 2000
"""Metadata pairs of hostile text that are searched for (S4)."""
ACKNOWLEDGED = 60
"""Batches after which the writers are killed."""


class TestMemoryIndex(IndexContract):
    @pytest.fixture(scope="class")
    def index(self) -> Index:
        return MemoryIndex()


class TestMilvusLite(IndexContract):
    @pytest.fixture(scope="class")
    def index(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
        index = MilvusIndex(str(tmp_path_factory.mktemp("läte") / "new" / "index.db"))
        yield index
        index.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("served")) as address:
        yield address


class TestMilvusByAddress(IndexContract):
    @pytest.fixture(scope="class")
    def index(self, address: str) -> Iterator[Index]:
        index = MilvusIndex(address)
        yield index
        index.close()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[MilvusIndex]:
    index = MilvusIndex(str(tmp_path / "index.db"))
    yield index
    index.close()


def _hostile_text(draw: random.Random) -> str:
    pieces = ['"', "'", "\\", "\n", "{", "}", "%", "\0", "é", "e\u0301", "赤", "🪁", "\u202e", "a", " ", "1"]
    pieces += ['" or id != "', "') or 1 == 1 or ('", '"] or labels != ["', "{0}", "\\u0041", "--", "/*", "$x"]
    if draw.random() < 0.3:
        pieces.append(chr(draw.choice((draw.randrange(0xD800), draw.randrange(0xE000, 0x110000)))))
    return "".join(draw.choices(pieces, k=draw.randrange(6)))


def test_no_filter_can_be_injected(lite: MilvusIndex) -> None:
    """S4: 2,000 pairs of hostile text find exactly the rows that bear them."""
    draw = random.Random(4)
    pairs = list(dict.fromkeys((_hostile_text(draw), _hostile_text(draw)) for _ in range(2 * PAIRS)))[:PAIRS]
    assert len(pairs) == PAIRS
    borne = {number: set(draw.sample(pairs, 20)) for number in range(400)}
    rows = {
        number: replace(sample_row(number), labels=tuple(label_of(*pair) for pair in some))
        for number, some in borne.items()
    }
    lite.create("s4", MODEL, DIMENSION)
    lite.upsert("s4", list(rows.values()))
    lite.flush("s4")
    vector = sample_vector(1)
    for number, pair in enumerate(pairs):
        also = draw.choice(sorted(borne[number % 400]))
        labels = (pair, also) if number % 10 == 0 else (pair,)
        found = {match.id for match in lite.dense("s4", vector, 500, Filter(labels=labels))}
        assert found == {rows[key].id for key, some in borne.items() if some.issuperset(labels)}, labels


@pytest.mark.parametrize("document", ['"] or id != "', "A" * 32, "", "0" * 65, "0\n"])
def test_refuses_ids_that_are_not_ours(lite: MilvusIndex, document: str) -> None:
    with pytest.raises(ValueError, match="no identifier"):
        lite.dense("default", sample_vector(1), 5, Filter(documents=frozenset({document})))


WRITERS = """
import sys, threading
from glede.stores.milvus import MilvusIndex
from glede.testing.index_contract import DIMENSION, MODEL, sample_row
index = MilvusIndex(sys.argv[1])
index.create("default", MODEL, DIMENSION)
ready, printing = threading.Barrier(4), threading.Lock()

def write(first):
    ready.wait()
    for number in range(first, first + 100_000, 10):
        index.upsert("default", [sample_row(one) for one in range(number, number + 10)])
        with printing:
            print(number, flush=True)

first = int(sys.argv[2])
threads = [threading.Thread(target=write, args=(first + one * 100_000,)) for one in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_writers_side_by_side_lose_nothing_to_a_kill(tmp_path: Path) -> None:
    path = str(tmp_path / "index.db")
    acknowledged: list[int] = []
    for first in (0, 1_000_000):
        command = [sys.executable, "-c", WRITERS, path, str(first)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(ACKNOWLEDGED)]
            process.kill()
            lines += process.stdout.readlines()
        acknowledged += [int(line) for line in lines if line.endswith("\n")]
    assert len(acknowledged) >= 2 * ACKNOWLEDGED
    rows = [sample_row(one) for number in acknowledged for one in range(number, number + 10)]
    index = MilvusIndex(path)
    assert index.ids("default", [row.id for row in rows]) == {row.id for row in rows}
    for row in rows[::100]:
        assert index.dense("default", row.vector, 1, ANY)[0].id == row.id
    index.close()


OPENER = """
import sys
from glede.errors import LockedError
from glede.stores.milvus import MilvusIndex
try:
    print(MilvusIndex(sys.argv[1]).count("default"))
except LockedError as error:
    print(error.code)
"""


def test_one_process_owns_the_index(tmp_path: Path) -> None:
    path = str(tmp_path / "index.db")
    index = MilvusIndex(path)
    index.create("default", MODEL, DIMENSION)
    index.upsert("default", [sample_row(1)])

    def opened() -> str:
        command = [sys.executable, "-c", OPENER, path]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert opened() == LockedError.code
    assert index.count("default") == 1
    index.close()
    assert opened() == "1"


def test_lists_take_the_place_of_a_scan(tmp_path: Path) -> None:
    """Above `flat_rows` the index is IVF_FLAT; what is found stays right, also for what comes after."""
    path = str(tmp_path / "index.db")
    index = MilvusIndex(path, flat_rows=200)
    index.create("default", MODEL, DIMENSION)
    rows = [sample_row(number) for number in range(900)]
    for start, kind in ((0, "FLAT"), (200, "IVF_FLAT"), (600, "IVF_FLAT")):
        index.upsert("default", rows[start : start + (200 if start == 0 else 400)])
        index.flush("default")
        assert isinstance(index._client, LiteClient)
        assert index._client.kind_of_index(index._name("default")) == kind
        assert sorted(index._client.indexes(index._name("default"))) == ["keywords", "vector"]
    _check_found(index, rows)
    index.delete("default", [row.id for row in rows[:300]])
    index.upsert("default", [sample_row(2000)])
    rows = [*rows[300:], sample_row(2000)]
    _check_found(index, rows)
    index.close()
    again = MilvusIndex(path, flat_rows=200)
    _check_found(again, rows)
    again.close()


def _check_found(index: Index, rows: list[IndexRow]) -> None:
    assert index.count("default") == len(rows)
    for row in rows[::97]:
        assert index.dense("default", row.vector, 1, ANY)[0].id == row.id
    hits = 0
    for number in range(5000, 5020):
        best = {key for key, _ in expected_dense(rows, sample_vector(number))[:10]}
        hits += len(best & {match.id for match in index.dense("default", sample_vector(number), 10, ANY)})
    assert hits >= 190
    where = Filter(modalities=("table",))
    found = index.dense("default", sample_vector(1), 10, where)
    assert {match.id for match in found} <= {row.id for row in rows if row.modality == "table"}


def test_vectors_that_are_no_numbers_are_refused(lite: MilvusIndex) -> None:
    lite.create("default", MODEL, DIMENSION)
    row = replace(sample_row(1), vector=np.full(DIMENSION, np.nan, dtype=np.float32))
    with pytest.raises(UnavailableError):
        lite.upsert("default", [row])
    with pytest.raises(UnavailableError):
        lite.upsert("default", [sample_row(1, 4)])
    assert lite.count("default") == 0


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(UnavailableError):
        MilvusIndex("http://127.0.0.1:9").count("default")


@pytest.mark.parametrize("lost", ["vector", "keywords"])
def test_an_index_that_a_crash_left_unmade_is_made(tmp_path: Path, lost: str) -> None:
    path = str(tmp_path / "index.db")
    index = MilvusIndex(path)
    index.create("default", MODEL, DIMENSION)
    index.upsert("default", [sample_row(1)])
    name = index._name("default")
    assert isinstance(index._client, LiteClient)
    index._client.release_collection(name)
    index._client.drop_index(name, lost)
    index.close()
    again = MilvusIndex(path, flat_rows=0)
    again.create("default", MODEL, DIMENSION)
    again.flush("default")
    assert len(again.dense("default", sample_vector(1), 5, ANY)) == 1
    assert len(again.keyword("default", {7: 1.0}, 5, ANY)) == 1
    again.close()


def test_lists_hide_nothing_that_passes_a_narrow_filter(tmp_path: Path) -> None:
    """The few rows of one document lie in any list: none may be missed, however far from the query."""
    index = MilvusIndex(str(tmp_path / "index.db"), flat_rows=200)
    index.create("default", MODEL, DIMENSION)
    rows = [sample_row(number) for number in range(900)]
    index.upsert("default", rows)
    index.flush("default")
    for number in range(0, 900, 45):
        document = rows[number].document_id
        where = Filter(documents=frozenset({document}))
        found = {match.id for match in index.dense("default", sample_vector(5000 + number), 50, where)}
        assert found == {row.id for row in rows if row.document_id == document}
    labels = (("even", "1"), ("third", "2"))
    found = {match.id for match in index.dense("default", sample_vector(1), 500, Filter(labels=labels))}
    assert found == {rows[number].id for number in range(900) if number % 2 == 1 and number % 3 == 2}
    index.close()


def test_searches_go_on_while_lists_take_the_place_of_a_scan(tmp_path: Path) -> None:
    """R14: a search beside the change of index waits for it, and neither fails nor comes back short."""
    index = MilvusIndex(str(tmp_path / "index.db"), flat_rows=200)
    stop = threading.Event()
    found: list[int] = []
    errors: list[Exception] = []

    def search(name: str) -> None:
        try:
            while not stop.is_set():
                found.append(len(index.dense(name, sample_vector(len(found)), 5, ANY)))
                found.append(len(index.keyword(name, {7: 1.0}, 5, ANY)))
                index.ids(name, [sample_row(1).id])
                index.count(name)
        except UnavailableError as error:
            errors.append(error)

    for name in ("one", "two", "three"):
        index.create(name, MODEL, DIMENSION)
        index.upsert(name, [sample_row(number) for number in range(150)])
        index.flush(name)
        stop.clear()
        threads = [threading.Thread(target=search, args=(name,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        index.upsert(name, [sample_row(number) for number in range(150, 400)])
        index.flush(name)
        stop.set()
        for thread in threads:
            thread.join()
    index.close()
    assert errors == []
    assert found
    assert set(found) == {5}


def test_a_question_that_is_no_vector_is_refused(lite: MilvusIndex) -> None:
    lite.create("default", MODEL, DIMENSION)
    lite.upsert("default", [sample_row(1)])
    with pytest.raises(UnavailableError, match="no numbers"):
        lite.dense("default", np.full(DIMENSION, np.nan, dtype=np.float32), 5, ANY)
