"""The runs of the graph's index: merged as they grow, in pieces, and nothing of it seen from outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from glede.graph.names import entity_of
from glede.knowledge import Fact, Mention
from glede.results import Filter
from glede.stores import graph_runs
from glede.stores import schema_graph as g
from glede.stores.catalogue import SqlCatalogue
from glede.stores.graph_older import renew
from glede.testing.catalogue_contract import HERE
from glede.testing.fakes import MemoryCatalogue
from glede.testing.graph_contract import GraphContract
from glede.testing.graph_identity_contract import GraphIdentityContract
from glede.testing.graph_samples import ALL, GraphCatalogue, only, telling


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Merges begin with the second run and go on a few rows at a time; two codes fill a part."""
    for name, value in (("FAN", 2), ("SMALLEST", 2), ("PIECE", 3), ("MOVED_A_ROW", 1)):
        monkeypatch.setattr(graph_runs, name, value)
    monkeypatch.setattr(g, "MOST_CODES", 2)
    monkeypatch.setattr("glede.stores.graph_spots.MOST_CODES", 2)


@pytest.mark.usefixtures("restless")
class TestRestlessGraph(GraphContract, GraphIdentityContract):
    @pytest.fixture
    def catalogue(self, tmp_path: Path) -> Iterator[GraphCatalogue]:
        catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
        yield catalogue
        catalogue.close()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[SqlCatalogue]:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    yield catalogue
    catalogue.close()


def _runs(catalogue: SqlCatalogue) -> list[tuple[int, int, int]]:
    with catalogue._database.read() as connection:
        rows = connection.execute(select(g.runs).order_by(g.runs.c.id)).all()
        return [(row.level, row.first, row.last) for row in rows]


def _grow(catalogue: GraphCatalogue, numbers: range) -> None:
    for n in numbers:
        names = ["Hub", f"Name {n % 7}", f"Name {n % 11}", f"Name {n}"]
        about = Mention("Hub", "name", n % 3, subject=n % 5 == 0)
        facts = [Fact("Hub", "is", f"Name {n % 7}", n % 3)] if n % 4 == 0 else []
        catalogue.commit(HERE, [telling(f"{n}", [about, *names], facts)])


def _seen(catalogue: GraphCatalogue, where: Filter, limit: int) -> object:
    graph = catalogue.graph
    names = ["Hub", *(f"Name {n}" for n in range(12))]
    entities = [entity_of(name) for name in names]
    places = graph.places(HERE, entities, limit, where)
    nodes = sorted({place.chunk for found in places.values() for place in found})
    ids = graph.chunk_ids(HERE, nodes)
    facts = graph.facts(HERE, entities, limit, where)
    return (
        {
            entity: [(ids[one.chunk], one.count, one.subject) for one in found]
            for entity, found in places.items()
        },
        {entity: [(one.source, one.label, one.target) for one in found] for entity, found in facts.items()},
        graph.named(HERE, entities, where),
        [
            (one.document_id, one.name, one.type, one.mentions)
            for one in graph.namings(HERE, entities[0], limit, where)
        ],
    )


@pytest.mark.usefixtures("restless")
def test_merges_change_no_answer(catalogue: SqlCatalogue) -> None:
    memory = MemoryCatalogue()
    few = only(*(telling(f"{n}") for n in range(0, 90, 9)))
    many = only(*(telling(f"{n}") for n in range(0, 90, 2)))
    for start in range(0, 90, 15):
        for one in (memory, catalogue):
            _grow(one, range(start, start + 15))
            one.remove(HERE, [telling(f"{n}").document.id for n in range(start, start + 15, 4)])
        for where in (ALL, few, many):
            for limit in (0, 3, 40):
                assert _seen(catalogue, where, limit) == _seen(memory, where, limit)
        assert catalogue.graph.counts(HERE) == memory.graph.counts(HERE)
        assert catalogue.graph.entities(HERE, 5, 20) == memory.graph.entities(HERE, 5, 20)
    assert max(level for level, _, _ in _runs(catalogue)) >= 3


def test_documents_one_by_one_leave_few_runs(catalogue: SqlCatalogue) -> None:
    _grow(catalogue, range(600))
    runs = _runs(catalogue)
    assert len(runs) <= 2 * graph_runs.FAN * (1 + max(level for level, _, _ in runs))
    assert len(runs) < 30
    catalogue.remove(HERE, [telling(f"{n}").document.id for n in range(600)])
    assert _runs(catalogue) == []


def test_many_at_once_are_one_run(catalogue: SqlCatalogue) -> None:
    commits = [telling(f"{n}", ["Hub", f"Name {n}"]) for n in range(300)]
    catalogue.commit(HERE, commits)
    assert _runs(catalogue) == [(0, 1, 300)]
    with catalogue._database.read() as connection:
        parts = connection.scalars(select(g.spots.c.part).where(g.spots.c.entity == entity_of("Hub")))
        assert sorted(parts) == [0, 1, 2]


def test_one_more_document_waits_for_a_piece_only(
    catalogue: SqlCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However large a merge is that becomes due."""
    monkeypatch.setattr(graph_runs, "FAN", 2)
    monkeypatch.setattr(graph_runs, "PIECE", 100)
    moved: list[int] = []
    move = graph_runs._moved

    def noted(*arguments: object) -> int:
        moved.append(move(*arguments))  # type: ignore[arg-type]
        return moved[-1]

    monkeypatch.setattr(graph_runs, "_moved", noted)
    for half in range(2):
        many = [f"Name {n}" for n in range(1000 * half, 1000 * (half + 1))]
        catalogue.commit(HERE, [telling(f"{half}", many)])
    assert sum(moved) <= 1000 * graph_runs.MOVED_A_ROW
    _grow(catalogue, range(10_000, 10_040))
    assert max(moved[-40:]) <= 2 * 100 + 4
    assert sum(moved) >= 2000


def test_a_folder_with_one_table_of_places_is_renewed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/catalogue.db"
    catalogue, memory = SqlCatalogue(url), MemoryCatalogue()
    for one in (catalogue, memory):
        _grow(one, range(40))
    catalogue.close()
    with sqlite3.connect(tmp_path / "catalogue.db") as connection:
        connection.executescript(OLDER)
    again = SqlCatalogue(url)
    assert _seen(again, ALL, 9) == _seen(memory, ALL, 9)
    assert again.graph.counts(HERE) == memory.graph.counts(HERE)
    for one in (again, memory):
        _grow(one, range(40, 45))
        one.remove(HERE, [telling("3").document.id])
    assert _seen(again, ALL, 9) == _seen(memory, ALL, 9)
    again.close()
    with sqlite3.connect(tmp_path / "catalogue.db") as connection:
        assert connection.execute("SELECT value FROM settings WHERE key = 'version'").fetchall() == [("2",)]
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'graph_places'").fetchall()
    with SqlCatalogue(url)._database.write("schema") as renewed:
        renew(renewed)


OLDER = """
CREATE TABLE graph_places (
    scope INTEGER, entity BIGINT, aside SMALLINT, number INTEGER, name TEXT NOT NULL, type TEXT NOT NULL,
    description TEXT NOT NULL, count INTEGER NOT NULL, stated SMALLINT NOT NULL, spots BLOB NOT NULL,
    PRIMARY KEY (scope, entity, aside, number)) WITHOUT ROWID;
INSERT INTO graph_places
    SELECT d.scope, t.entity, 0, t.number, t.name, t.type, t.description, t.count, 0, t.spots
    FROM graph_told t JOIN graph_documents d ON d.number = t.number;
DROP TABLE graph_told;
DROP TABLE graph_spots;
DROP TABLE graph_runs;
ALTER TABLE graph_documents ADD COLUMN entities BLOB NOT NULL DEFAULT '';
UPDATE settings SET value = '1' WHERE key = 'version';
"""
