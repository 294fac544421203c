"""The graph's statements in PostgreSQL's language: Core's are compiled for it, those written out are parsed.

There is no server here. DuckDB reads SQL with a parser made from PostgreSQL's, so that what is written out
for both databases runs there too; what only SQLite understands fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import duckdb
import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement

from glede.graph.names import entity_of
from glede.graph.reading import NODE_BITS
from glede.knowledge import Alias, Fact
from glede.results import Filter
from glede.stores import graph_rows
from glede.stores import schema as t
from glede.stores import schema_graph as g
from glede.stores.catalogue import SqlCatalogue
from glede.stores.graph_listing import entities_after
from glede.stores.graph_meaning import Meanings
from glede.stores.graph_rows import Seen
from glede.stores.graph_spots import Spots, documents_in, told_of
from glede.stores.sql import Row
from glede.testing.catalogue_contract import HERE
from glede.testing.graph_samples import telling
from glede.text.labels import label_of

NUMBERS = range(1, 9)
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
LABELLED = Seen(None, (label_of("a", "b"), label_of("c", "d")))
SPOTS = g.packed_spots([(3 << 2 | g.STATES, 2)])
CODES = g.codes_of(1, g.spots_of(SPOTS))
FILTERS = (Seen(None, ()), Seen((1, 2), ()), Seen((), ()), Seen(tuple(range(1, 99)), ()), LABELLED)


class _Connection:
    """What `graph_rows` asks of a connection of SQLAlchemy, over DuckDB."""

    dialect = DIALECT

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self.connection = database


def _tables() -> Iterator[str]:
    for table in t.metadata.sorted_tables:
        if table.name.startswith("graph_") or table.name in ("chunks", "labels"):
            yield str(CreateTable(table).compile(dialect=DIALECT))
            for index in table.indexes:
                yield str(CreateIndex(index).compile(dialect=DIALECT))


@pytest.fixture
def connection() -> Iterator[Connection]:
    with duckdb.connect() as database:
        for statement in _tables():
            plain = statement.replace("SERIAL", "INTEGER").replace("BYTEA", "BLOB")  # no others are known
            database.execute(plain)
        database.execute("INSERT INTO graph_documents VALUES (1, 1, 'c', 'd', 'e', '', '', 1, 1, 1, '')")
        database.execute("INSERT INTO graph_told VALUES (1, 5, 'Kite', 'name', '', 1, ?)", [SPOTS])
        database.execute("INSERT INTO graph_runs VALUES (1, 1, 0, 0, 1, 1)")
        database.execute("INSERT INTO graph_spots VALUES (1, 5, 0, ?)", [g.packed_codes(CODES)])
        database.execute("INSERT INTO graph_aliases VALUES (1, 6, 5, 1, 1)")
        database.execute("INSERT INTO graph_identities VALUES (1, 7, 6), (1, 6, 6)")
        database.execute("INSERT INTO graph_splits VALUES (1, 'd', 5, 8)")
        database.execute(f"INSERT INTO graph_chunks VALUES ({1 << NODE_BITS | 3}, 'contents', '')")
        database.execute("INSERT INTO chunks VALUES ('c', 'id', 'd', 3, 'text', '', '')")
        for label in LABELLED.labels:
            database.execute("INSERT INTO labels VALUES ('c', ?, 'd')", [label])
        yield cast(Connection, _Connection(database))


@pytest.mark.parametrize("seen", FILTERS)
@pytest.mark.parametrize("stated", [False, True])
def test_places_are_read(connection: Connection, seen: Seen, stated: bool) -> None:
    found = Spots(connection, [1, 2], seen).first(list(NUMBERS), 9, stated=stated)
    assert found == ({} if seen.numbers == () else {5: CODES})


def test_names_are_read(connection: Connection) -> None:
    (said,) = documents_in(5, CODES)
    assert told_of(connection, [said]) == {(1, 5): (1, 5, "Kite", "name", "", 1)}


def test_entities_are_read(connection: Connection) -> None:
    assert entities_after(connection, [1, 2], 4, 9) == [5]
    assert entities_after(connection, [1, 2], 5, 9) == entities_after(connection, [], 0, 9) == []


@pytest.mark.parametrize("seen", FILTERS)
def test_meanings_are_read(connection: Connection, seen: Seen) -> None:
    meanings = Meanings(connection, 1, seen)
    assert meanings.final(NUMBERS) == {7: 6}
    assert meanings.members([5, 6]) == {5: [5], 6: [6, 7]}
    meant = meanings.meanings([5, 6])
    assert meant == {5: (5, 8), 6: (6,) if seen.numbers == () else (6, 5, 8)}


@pytest.mark.parametrize("seen", FILTERS)
def test_chunks_are_read(connection: Connection, seen: Seen) -> None:
    node = 1 << NODE_BITS | 3
    rows: Sequence[Row] = list(graph_rows.chunks_of(connection, 1, [node, 7], "contents", seen))
    assert rows == ([] if seen.numbers == () else [(node, b"contents")])
    assert list(graph_rows.chunk_ids_of(connection, 1, [node, 7])) == [(node, "id")]
    assert list(graph_rows.document_ids_of(connection, [1, 2])) == [(1, "d")]


def test_core_compiles(tmp_path: Path) -> None:
    compiled: list[str] = []

    def compile_too(connection: Connection, statement: object, *_: object) -> None:
        """What is executed, compiled for PostgreSQL; `sql.upsert` makes its own of each database."""
        if isinstance(statement, ClauseElement) and not isinstance(statement, sqlite.Insert):
            compiled.append(str(statement.compile(dialect=DIALECT)))

    event.listen(Engine, "before_execute", compile_too)
    try:
        catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
        _use(catalogue)
        catalogue.close()
    finally:
        event.remove(Engine, "before_execute", compile_too)
    for table in t.metadata.tables:
        if table.startswith("graph_"):
            assert any(table in statement for statement in compiled), table
    assert not any("WITHOUT ROWID" in statement for statement in _tables())


def _use(catalogue: SqlCatalogue) -> None:
    """Call all that the graph can do."""
    commit = telling(
        "one", ["Kite", "Owl"], [Fact("Kite", "eats", "Owl", 0)], [Alias("WHO", "World Health", 0)]
    )
    catalogue.commit(HERE, [commit])
    graph, ids = catalogue.graph, [commit.document.id]
    kite, owl = entity_of("Kite"), entity_of("Owl")
    graph.edit(HERE, "merge", [kite, owl], (), "me")
    graph.edit(HERE, "split", [kite], ids, "me")
    where = Filter(labels=(("a", "b"),), documents=frozenset(ids))
    for found in (graph.places(HERE, [kite], 9, where), graph.facts(HERE, [kite], 9, where)):
        assert not found
    assert graph.read(HERE, ids[0])
    assert graph.pending(HERE, "none", 9) == ids
    assert graph.numbers(HERE, [commit.chunks[0].id])
    assert graph.counts(HERE).documents
    assert graph.entities(HERE, 0, 9)
    assert graph.statements(HERE, None, 9)
    assert graph.growth(HERE, 0).documents == 1
    assert graph.edits(HERE)
    assert graph.undo(HERE)
    catalogue.remove(HERE, ids)
