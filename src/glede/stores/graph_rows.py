# ruff: noqa: S608 - nothing but integers, names of columns and hexadecimal digits gets into the statements
"""Bounded reads of the graph's rows: statements with their numbers written out, for many entities at once.

The numbers are integers, never text of a user, so that they need no parameters: a statement of hundreds is
neither compiled by SQLAlchemy nor kept by it. SQLite and PostgreSQL understand all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, intersect, select

from glede.graph.reading import LAST_PLACE, NODE_BITS
from glede.results import Filter
from glede.stores import schema as t
from glede.stores import schema_graph as g
from glede.stores.sql import Row, marks, parts, rows_of
from glede.text.labels import label_of

NOTHING = "1 = 0"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a filter lets through: `numbers` of documents, `None` for all, and labels that they must have."""

    numbers: tuple[int, ...] | None
    labels: tuple[str, ...]

    def condition(self, number: str) -> str:
        """The condition on the column that holds a document's number; empty where all are seen."""
        if self.numbers is not None:
            return f" AND {number} IN ({listed(self.numbers)})" if self.numbers else f" AND {NOTHING}"
        return "".join(
            " AND EXISTS (SELECT 1 FROM graph_documents d JOIN labels l ON l.collection = d.collection"
            f" AND l.document_id = d.document_id WHERE d.number = {number} AND l.label = '{label}')"
            for label in self.labels  # hexadecimal digits
        )


def seen_by(connection: Connection, collection: str, where: Filter) -> Seen:
    """The filter in the terms of the graph; where it names documents, they are looked up at once."""
    labels = tuple(sorted({label_of(key, value) for key, value in where.labels}))
    if where.documents is None:
        return Seen(None, labels)
    d, c = g.documents.c, t.labels.c
    each = [select(c.document_id).where(c.collection == collection, c.label == label) for label in labels]
    numbers: list[int] = []
    for part in parts(sorted(where.documents)):
        here = and_(d.collection == collection, d.document_id.in_(part))
        if each:
            here = and_(here, d.document_id.in_(intersect(*each)))
        numbers += connection.scalars(select(d.number).where(here))
    return Seen(tuple(sorted(numbers)), ())


def listed(numbers: Iterable[int]) -> str:
    """Integers as SQL."""
    return ",".join(map(str, map(int, numbers)))


def selected(connection: Connection, statement: str, numbers: Sequence[int]) -> Iterator[Row]:
    """The rows of a statement with `{}` where the numbers are listed, for all of them."""
    for part in parts(numbers):
        yield from rows_of(connection, statement.format(listed(part)))


def chunks_of(
    connection: Connection, scope: int, nodes: Sequence[int], column: str, seen: Seen
) -> Iterator[Row]:
    """The numbers of chunks and what they hold in a column, of those that are seen."""
    statement = (
        f"SELECT c.node, c.{column} FROM graph_chunks c JOIN graph_documents g"
        f" ON g.number = c.node >> {NODE_BITS} WHERE c.node IN ({{}})"
        f" AND g.scope = {scope}{seen.condition('g.number')}"
    )
    return selected(connection, statement, nodes)


def document_ids_of(connection: Connection, numbers: Sequence[int]) -> Iterator[Row]:
    """The numbers and ids of documents."""
    statement = "SELECT number, document_id FROM graph_documents WHERE number IN ({})"
    return selected(connection, statement, numbers)


def chunk_ids_of(connection: Connection, scope: int, nodes: Sequence[int]) -> Iterator[Row]:
    """The numbers and ids of chunks."""
    for part in parts(nodes):
        wanted = ",".join(f"({node},{node >> NODE_BITS},{node & LAST_PLACE})" for node in map(int, part))
        yield from rows_of(
            connection,
            f"WITH wanted(node, number, place) AS (VALUES {wanted}) SELECT w.node, c.id FROM wanted w"
            " CROSS JOIN graph_documents d CROSS JOIN chunks c"  # SQLite keeps to this order
            f" WHERE d.number = w.number AND d.scope = {scope} AND c.collection = d.collection"
            " AND c.document_id = d.document_id AND c.ordinal = w.place",
        )


def numbers_of(
    connection: Connection, collection: str, chunk_ids: Sequence[str]
) -> Iterator[tuple[str, int]]:
    """The ids and numbers of chunks that have a place in the graph."""
    for part in parts(chunk_ids):
        rows = rows_of(
            connection,
            "SELECT c.id, d.number, c.ordinal FROM chunks c JOIN graph_documents d"
            " ON d.collection = c.collection AND d.document_id = c.document_id"
            f" WHERE c.collection = ? AND c.id IN ({marks(part)})",
            collection,
            *part,
        )
        yield from ((key, number << NODE_BITS | place) for key, number, place in rows)
