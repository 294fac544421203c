"""The knowledge graph in memory and in SQLite: one contract, and equal in all things."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from glede.care.dump import dumped
from glede.graph.names import entity_of
from glede.graph.reading import MOST_CONTENTS
from glede.knowledge import Alias, DocumentGraph, Fact, Mention
from glede.ports import Commit
from glede.results import Filter
from glede.stores import graph_meaning
from glede.stores.catalogue import SqlCatalogue
from glede.stores.schema import metadata
from glede.testing.catalogue_contract import HERE, sample_commit
from glede.testing.fakes import MemoryBlobs, MemoryCatalogue
from glede.testing.graph_contract import GraphContract
from glede.testing.graph_identity_contract import GraphIdentityContract
from glede.testing.graph_samples import ALL, FIRST, GraphCatalogue, numbers_of, only, telling


class TestMemoryGraph(GraphContract, GraphIdentityContract):
    @pytest.fixture
    def catalogue(self) -> GraphCatalogue:
        return MemoryCatalogue()


class TestSqliteGraph(GraphContract, GraphIdentityContract):
    @pytest.fixture
    def catalogue(self, tmp_path: Path) -> Iterator[GraphCatalogue]:
        catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
        yield catalogue
        catalogue.close()


class TestSqliteGraphOfMuch(TestSqliteGraph):
    """What numbers mean is looked up where too much is said of it to be read at once."""

    @pytest.fixture(autouse=True)
    def _nothing_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(graph_meaning, "MOST_AT_HAND", -1)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[SqlCatalogue]:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    yield catalogue
    catalogue.close()


NAMES = (
    "Kite",
    "the kite",
    "WHO",
    "W.H.O.",
    "World Health Organization",
    "Old Owl",
    "'; --",
    "\0\ud83d 世界",
)
ENTITIES = sorted({entity_of(name) for name in NAMES} - {0})
SOURCES = "abcd"
NAME = st.sampled_from(NAMES)
CHUNK = st.integers(-1, 3)
MENTION = st.builds(
    Mention, NAME, st.sampled_from(["name", "term"]), CHUNK, st.integers(0, 3), st.booleans(), NAME
)
GRAPH = st.builds(
    DocumentGraph,
    st.just(""),
    st.sampled_from([FIRST, "nlp 2"]),
    st.lists(MENTION, max_size=6).map(tuple),
    st.lists(st.builds(Fact, NAME, NAME, NAME, CHUNK), max_size=4).map(tuple),
    st.lists(st.builds(Alias, NAME, NAME, CHUNK), max_size=2).map(tuple),
    st.lists(st.integers(0, 2), max_size=1).map(tuple),
)


@dataclass(frozen=True)
class Step:
    """Something that is done to a catalogue; what it does not need is left unread."""

    kind: str
    source: str
    other: str
    graph: DocumentGraph
    entities: tuple[int, ...]
    limit: int


STEP = st.builds(
    Step,
    st.sampled_from(["commit", "commit", "commit", "bare", "write", "remove", "merge", "split", "undo"]),
    st.sampled_from(SOURCES),
    st.sampled_from(SOURCES),
    GRAPH,
    st.lists(st.sampled_from(ENTITIES), min_size=2, max_size=3, unique=True).map(tuple),
    st.integers(0, 5),
)


def commit_of(source: str) -> Commit:
    return replace(sample_commit(source, source), source=source)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=3, max_size=14))
def test_memory_and_sql_are_equal(tmp_path_factory: pytest.TempPathFactory, steps: list[Step]) -> None:
    sql = SqlCatalogue(f"sqlite:///{tmp_path_factory.mktemp('equal')}/catalogue.db")
    memory = MemoryCatalogue()
    for step in steps:
        for catalogue in (memory, sql):
            _do(catalogue, step)
        for where in (ALL, only(commit_of(step.source), commit_of(step.other)), Filter(labels=(("a", "b"),))):
            assert _seen(memory, where, step.limit) == _seen(sql, where, step.limit)
        assert _kept(memory) == _kept(sql)
    sql.close()


def _do(catalogue: GraphCatalogue, step: Step) -> None:
    commit = commit_of(step.source)
    graph = replace(step.graph, document_id=commit.document.id)
    if step.kind == "commit":
        catalogue.commit(HERE, [replace(commit, graph=graph)])
    elif step.kind == "bare":
        catalogue.commit(HERE, [commit])
    elif step.kind == "write":
        catalogue.graph.write(HERE, [graph])
    elif step.kind == "remove":
        catalogue.remove(HERE, [commit.document.id])
    elif step.kind == "merge":
        catalogue.graph.edit(HERE, "merge", step.entities, (), "me")
    elif step.kind == "split":
        ids = [commit.document.id, commit_of(step.other).document.id]
        catalogue.graph.edit(HERE, "split", step.entities[:1], ids, "me")
    else:
        catalogue.graph.undo(HERE, step.limit or None)


def _seen(catalogue: GraphCatalogue, where: Filter, limit: int) -> object:
    """All that can be asked, with the ids of chunks for their numbers, which may differ."""
    graph = catalogue.graph
    commits = [commit_of(source) for source in SOURCES]
    numbers = graph.numbers(HERE, [chunk.id for commit in commits for chunk in commit.chunks])
    ids = {number: key for key, number in numbers.items()}
    assert graph.chunk_ids(HERE, list(ids)) == ids
    meant = graph.canonical(HERE, ENTITIES, where)
    every = sorted({*ENTITIES, *(one for ends in meant.values() for one in ends)})
    places = graph.places(HERE, every, limit, where)
    contents = graph.contents(HERE, list(ids), where)
    facts = graph.facts(HERE, every, limit, where)
    return (
        meant,
        {entity: [(ids[one.chunk], one.subject) for one in found] for entity, found in places.items()},
        {ids[node]: found for node, found in contents.items()},
        {entity: [replace(one, chunk=0) for one in found] for entity, found in facts.items()},
        {entity: [ids[one.chunk] for one in found] for entity, found in facts.items()},
        graph.named(HERE, every, where),
        [
            [(one.document_id, one.name, one.mentions, [ids[node] for node in one.chunks]) for one in found]
            for found in (graph.namings(HERE, entity, limit, where) for entity in every)
        ],
    )


def _kept(catalogue: GraphCatalogue) -> object:
    graph = catalogue.graph
    return (
        [graph.read(HERE, commit_of(source).document.id) for source in SOURCES],
        graph.counts(HERE),
        graph.pending(HERE, FIRST, 3),
        graph.entities(HERE, ENTITIES[0], 3),
        [replace(one, chunk=0) for one in graph.statements(HERE, None, 9)],
        [replace(one, made_at="") for one in graph.edits(HERE)],
    )


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.text(min_size=1, max_size=300))
@example(name="\x00" * 50)
@example(name="\ud800")
def test_any_name_is_kept_in_sql(catalogue: SqlCatalogue, name: str) -> None:
    fact = Fact(name, name, "Kite", 0, name)
    commit = telling("one", [Mention(name, name, 0, description=name)], [fact], [Alias(name, "Red Kite", 0)])
    catalogue.commit(HERE, [commit])
    kept = catalogue.graph.read(HERE, commit.document.id)
    assert kept is not None
    assert all(len(mention.name) <= 200 for mention in kept.mentions)
    assert 1 <= len({one.name for one in kept.mentions}) + (not entity_of(name)) <= 2


def test_a_folder_from_before_the_graph_opens(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/catalogue.db"
    catalogue = SqlCatalogue(url)
    old = sample_commit("old", "old.txt")
    catalogue.commit(HERE, [old])
    catalogue.close()
    with sqlite3.connect(tmp_path / "catalogue.db") as connection:
        for table in _graph_tables():
            connection.execute(f"DROP TABLE {table}")
    again = SqlCatalogue(url)
    assert again.graph.pending(HERE, FIRST, 9) == [old.document.id]
    again.graph.write(HERE, [DocumentGraph(old.document.id, FIRST, (Mention("Kite", "name", 0),))])
    assert again.graph.pending(HERE, FIRST, 9) == []
    again.remove(HERE, [old.document.id])
    again.close()


def test_removal_leaves_no_row_of_a_document(tmp_path: Path) -> None:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    names = [f"Name {n}" for n in range(1200)]
    commits = [
        telling(source, names, [Fact(names[0], "is", names[1], 0)], [Alias("N1", "Name One", 0)])
        for source in SOURCES
    ]
    catalogue.commit(HERE, commits)
    catalogue.graph.edit(HERE, "split", numbers_of(names[:1]), [commits[0].document.id], "me")
    catalogue.graph.write(HERE, [commit.graph for commit in commits if commit.graph])
    catalogue.remove(HERE, [commit.document.id for commit in commits])
    catalogue.close()
    left = _rows(tmp_path / "catalogue.db", _graph_tables())
    assert len(left.pop("graph_scopes")) == 1
    assert len(left.pop("graph_edits")) == len(left.pop("graph_splits")) == 1
    assert not any(left.values()), left


def test_a_document_writes_no_row_of_another(tmp_path: Path) -> None:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    facts, aliases = [Fact("Hub", "is", "Kite", 0)], [Alias("WHO", "World Health Organization", 0)]
    catalogue.commit(HERE, [telling(source, ["Hub", "Kite"], facts, aliases) for source in SOURCES])
    before = _rows(tmp_path / "catalogue.db", _graph_tables())
    more = telling("more", ["Hub", "Kite"], facts, aliases)
    catalogue.commit(HERE, [more])
    grown = _rows(tmp_path / "catalogue.db", _graph_tables())
    assert all(set(before[table]) <= set(grown[table]) for table in before)
    catalogue.remove(HERE, [more.document.id])
    assert _rows(tmp_path / "catalogue.db", _graph_tables()) == before
    catalogue.close()


def _graph_tables() -> list[str]:
    return sorted(name for name in metadata.tables if name.startswith("graph_"))


def _rows(path: Path, tables: Sequence[str]) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(path) as connection:
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def test_a_hub_answers_in_bounds(tmp_path: Path) -> None:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    commits = [
        telling(f"{n}", ["Hub", *(["Kite"] if n % 7 == 0 else [])], [Fact("Hub", "is", f"Name {n}", 0)])
        for n in range(300)
    ]
    catalogue.commit(HERE, commits)
    (hub,) = numbers_of(["Hub"])
    with sqlite3.connect(tmp_path / "catalogue.db") as connection:
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN SELECT entity, part, codes FROM graph_spots WHERE run IN (1, 2)"
            f" AND entity IN ({hub}, 1) AND part >= 0 AND part < 1"
        ).fetchall()
    assert "USING PRIMARY KEY (run=? AND entity=? AND part>? AND part<?)" in str(plan)
    assert len(catalogue.graph.places(HERE, [hub], 64, ALL)[hub]) == 65
    assert catalogue.graph.named(HERE, [hub], ALL)[hub].documents == 100
    assert len(catalogue.graph.facts(HERE, [hub], 64, ALL)[hub]) == 64
    catalogue.close()


def test_a_chunk_is_read_to_its_bound(tmp_path: Path) -> None:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    catalogue.commit(HERE, [telling("full", [f"Name {n}" for n in range(MOST_CONTENTS + 9)])])
    (number,) = catalogue.graph.numbers(HERE, [telling("full").chunks[0].id]).values()
    assert len(catalogue.graph.contents(HERE, [number])[number]) == MOST_CONTENTS
    catalogue.close()


KILLS = 4
WRITER = """
import sys
from glede.stores.catalogue import SqlCatalogue
from glede.testing.graph_samples import telling
catalogue = SqlCatalogue(sys.argv[1])
for number in range(int(sys.argv[2]), 10**6):
    commits = [telling(f"{number}-{one}", ["Hub", *(f"Name {n}" for n in range(50))]) for one in range(2)]
    catalogue.commit("default", commits)
    catalogue.graph.edit("default", "merge", [number + 1, 10**7], (), "me")
    print(number, flush=True)
"""


def test_a_kill_leaves_every_document_with_its_graph(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/catalogue.db"
    acknowledged: list[int] = []
    for kill in range(KILLS):
        command = [sys.executable, "-c", WRITER, url, str(1000 * kill)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline()]
            time.sleep(0.03 * kill)
            process.kill()
            lines += process.stdout.read().splitlines()
        acknowledged += [int(line) for line in lines if line.strip()]
    catalogue = SqlCatalogue(url)
    ids = {document.source: document.id for document in catalogue.documents(HERE)}
    assert {f"{number}-{one}.txt" for number in acknowledged for one in range(2)} <= set(ids)
    graphs = [catalogue.graph.read(HERE, document_id) for document_id in ids.values()]
    assert [len(graph.mentions) for graph in graphs if graph] == [51] * len(ids)
    places = catalogue.graph.places(HERE, numbers_of(["Hub"]), 10**6, ALL)
    assert sum(map(len, places.values())) == len(ids)
    edited = {edit.entities[0] - 1 for edit in catalogue.graph.edits(HERE)}
    assert set(acknowledged) <= edited
    dumps = [dumped(catalogue, MemoryBlobs(), canonical=True)]
    catalogue.commit(HERE, [telling("0-0", ["Hub", *(f"Name {n}" for n in range(50))])])
    dumps.append(dumped(catalogue, MemoryBlobs(), canonical=True))
    assert dumps[0] == dumps[1]
    catalogue.close()
