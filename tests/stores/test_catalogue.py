"""The catalogue in memory and in SQLite: one contract, equal in all things, and proof against kills."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glede.errors import ConfigurationError, UnavailableError, UsageError
from glede.ports import Catalogue, Commit
from glede.stores.catalogue import SqlCatalogue
from glede.stores.schema import metadata
from glede.testing.catalogue_contract import (
    HERE,
    VOCABULARY,
    CatalogueContract,
    sample_commit,
    text_key,
)
from glede.testing.fakes import MemoryCatalogue

KILLS = 10
VERSIONS = ("1", "2")
NAMES = "abcd"


class TestMemoryCatalogue(CatalogueContract):
    @pytest.fixture
    def catalogue(self) -> Catalogue:
        return MemoryCatalogue()


class TestSqliteCatalogue(CatalogueContract):
    @pytest.fixture
    def catalogue(self, tmp_path: Path) -> Iterator[Catalogue]:
        catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
        yield catalogue
        catalogue.close()


@dataclass(frozen=True)
class Step:
    kind: str
    collection: str
    commits: tuple[Commit, ...]

    def ids(self) -> list[str]:
        return [commit.document.id for commit in self.commits]


COMMITS = st.builds(
    lambda content, source, version, blobs: sample_commit(content, source, version=version, blobs=blobs),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(VERSIONS),
    st.sampled_from([(), ("assets/1",), ("assets/1", "assets/2")]),
)
STEPS = st.builds(
    Step,
    st.sampled_from(["commit", "attach", "remove"]),
    st.sampled_from(["one", "two"]),
    st.lists(COMMITS, min_size=1, max_size=3).map(tuple),
)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=3, max_size=12))
def test_memory_and_sql_are_equal(tmp_path_factory: pytest.TempPathFactory, steps: list[Step]) -> None:
    sql = SqlCatalogue(f"sqlite:///{tmp_path_factory.mktemp('equal')}/catalogue.db")
    memory = MemoryCatalogue()
    for step in steps:
        assert _done(memory, step) == _done(sql, step)
        seen = _seen(sql)
        assert _seen(memory) == seen
        assert not seen.live_blobs & seen.retired_blobs
        for catalogue in (memory, sql):
            catalogue.purged([entry.id for entry in catalogue.retired(1000)])
    sql.close()


def _done(catalogue: Catalogue, step: Step) -> str:
    try:
        if step.kind == "commit":
            announced = catalogue.announce(step.collection, ["c"], ["b"])
            catalogue.commit(step.collection, step.commits, announced)
        elif step.kind == "attach":
            commit = step.commits[0]
            catalogue.attach(step.collection, commit.source, commit.document.id, 2.0)
        else:
            catalogue.remove(step.collection, step.ids())
    except UnavailableError:
        return "refused"
    return "done"


@dataclass(frozen=True)
class Seen:
    scopes: list[object]
    vectors: dict[str, tuple[str, int]]
    retired_chunks: set[tuple[str, str]]
    live_blobs: set[str]
    retired_blobs: set[str]


EVERY = [sample_commit(name, name, version=version) for name in NAMES for version in VERSIONS]
CHUNKS = [chunk for commit in EVERY for chunk in commit.chunks]
BLOBS = {key for commit in EVERY for key in commit.blobs} | {"assets/1", "assets/2"}


def _seen(catalogue: Catalogue) -> Seen:
    entries = catalogue.retired(1000)
    return Seen(
        [_scope(catalogue, name) for name in ("one", "two")],
        catalogue.embeddings("fake", map(text_key, CHUNKS)),
        {(one.collection, key) for one in entries for key in one.chunk_ids},
        {key for key in BLOBS if catalogue.uses_blob(key)},
        {key for one in entries for key in one.blobs},
    )


def _scope(catalogue: Catalogue, collection: str) -> object:
    return (
        catalogue.documents(collection),
        catalogue.chunks(collection, [chunk.id for chunk in CHUNKS]),
        catalogue.term_statistics(collection, VOCABULARY),
        [catalogue.source(collection, source) for source in NAMES],
    )


WRITER = """
import sys
from glede.stores.catalogue import SqlCatalogue
from glede.testing.catalogue_contract import sample_commit
catalogue = SqlCatalogue(sys.argv[1])
number = int(sys.argv[2])
while True:
    commits = [sample_commit(f"{number}-{one}", f"{number}-{one}.txt", chunks=20) for one in range(3)]
    catalogue.commit("default", commits, catalogue.announce("default", ["c"], ["b"]))
    print(number, flush=True)
    number += 1
"""


def test_a_kill_loses_nothing_acknowledged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/catalogue.db"
    acknowledged: list[int] = []
    for kill in range(KILLS):
        first = 1000 * kill
        command = [sys.executable, "-c", WRITER, url, str(first)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline()]
            time.sleep(0.02 * (kill % 4))
            process.kill()
            lines += process.stdout.read().splitlines()
        acknowledged += [int(line) for line in lines if line.strip()]
    assert len(acknowledged) >= KILLS
    with sqlite3.connect(tmp_path / "catalogue.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    catalogue = SqlCatalogue(url)
    sources = {document.source for document in catalogue.documents(HERE)}
    assert {f"{number}-{one}.txt" for number in acknowledged for one in range(3)} <= sources
    assert len(sources) % 3 == 0
    assert catalogue.term_statistics(HERE, ()).chunks == 20 * len(sources)
    assert len(catalogue.retired(1000)) <= KILLS
    catalogue.close()


def test_readers_see_whole_documents_while_others_write(tmp_path: Path) -> None:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    commit = sample_commit("kite", "a.txt")
    ids = [chunk.id for chunk in commit.chunks]
    stop = threading.Event()
    seen: list[int] = []
    errors: list[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                seen.append(len(catalogue.chunks(HERE, ids)))
                catalogue.documents(HERE)
        except Exception as error:  # noqa: BLE001 - whatever a thread raises fails the test
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(100):
        catalogue.commit(HERE, [commit])
        catalogue.remove(HERE, [commit.document.id])
    stop.set()
    for thread in threads:
        thread.join()
    catalogue.close()
    assert errors == []
    assert set(seen) <= {0, 3}


def test_a_thread_that_holds_a_snapshot_sees_one_state(tmp_path: Path) -> None:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    kite, owl = sample_commit("kite", "a.txt"), sample_commit("owl", "b.txt")
    catalogue.commit(HERE, [kite])

    def seen() -> set[str]:
        return {key for one in (kite, owl) for key in catalogue.chunks(HERE, [one.chunks[0].id])}

    with ThreadPoolExecutor(1) as other, catalogue.snapshot():
        assert seen() == {kite.chunks[0].id}
        other.submit(catalogue.commit, HERE, [owl]).result()
        assert seen() == {kite.chunks[0].id}
        assert other.submit(seen).result() == {kite.chunks[0].id, owl.chunks[0].id}
        with catalogue.snapshot():
            assert seen() == {kite.chunks[0].id}
    assert seen() == {kite.chunks[0].id, owl.chunks[0].id}
    with pytest.raises(RuntimeError), catalogue.snapshot():
        raise RuntimeError
    catalogue.remove(HERE, [kite.document.id])
    assert seen() == {owl.chunks[0].id}
    catalogue.close()


def test_writers_take_turns(tmp_path: Path) -> None:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")

    def write(name: str) -> None:
        for number in range(10):
            catalogue.commit(HERE, [sample_commit(f"{name}{number}", f"{name}{number}.txt")])

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalogue.documents(HERE)) == 40
    assert catalogue.term_statistics(HERE, ()).chunks == 120
    catalogue.close()


def test_stays_when_opened_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/catalogue.db"
    catalogue = SqlCatalogue(url)
    commit = sample_commit("kite", "a.txt")
    catalogue.commit(HERE, [commit])
    catalogue.close()
    again = SqlCatalogue(url)
    assert again.documents(HERE) == [commit.document]
    again.close()
    for path in (tmp_path / "new").iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_refuses_a_newer_format_and_damage(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    SqlCatalogue(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE settings SET value = '99' WHERE key = 'version'")
    with pytest.raises(ConfigurationError, match="newer Glede"):
        SqlCatalogue(f"sqlite:///{path}")
    (tmp_path / "other.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(UnavailableError, match="not a database") as caught:
        SqlCatalogue(f"sqlite:///{tmp_path}/other.db")
    assert "damaged" in caught.value.hint
    with pytest.raises(ConfigurationError):
        SqlCatalogue("nothing like a URL")


def test_damage_that_is_told_with_bytes_of_no_text_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    SqlCatalogue(f"sqlite:///{path}").close()
    made = path.read_bytes()
    path.write_bytes(
        made.replace(b"chunks_of_document ON chunks (col", b"chunks_of_document ON chunks (c\xc5l")
    )
    with pytest.raises(UnavailableError, match="no such column") as caught:
        SqlCatalogue(f"sqlite:///{path}")
    assert "damaged" in caught.value.hint


def test_removal_leaves_no_row_in_any_table(tmp_path: Path) -> None:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    commits = [sample_commit(name, f"{name}.txt", blobs=["assets/1"]) for name in NAMES]
    catalogue.commit(HERE, commits)
    catalogue.attach(HERE, "more.txt", commits[0].document.id, 1.0)
    catalogue.commit(HERE, [sample_commit("b", "b.txt", version="2")])
    catalogue.remove(HERE, [commit.document.id for commit in commits])
    catalogue.purged([entry.id for entry in catalogue.retired(1000)])
    catalogue.close()
    with sqlite3.connect(tmp_path / "catalogue.db") as connection:
        left = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in metadata.tables}
    assert left.pop("settings") == [("version", "2")]
    assert left.pop("totals") == [(HERE, 0, 0)]
    assert not any(left.values()), left


def test_a_name_that_is_no_text_is_a_usage_error(tmp_path: Path) -> None:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    good, bad = sample_commit("good", "a.txt"), sample_commit("bad", "b\udcff.txt")
    with pytest.raises(UsageError, match="udcff"):
        catalogue.commit(HERE, [good, bad])
    with pytest.raises(UsageError):
        catalogue.find(HERE, "b\udcff.txt")
    assert catalogue.documents(HERE) == []
    catalogue.commit(HERE, [good])
    assert catalogue.documents(HERE) == [good.document]
    catalogue.close()
