"""The rows of one document under other numbers, where a split of an entity comes or goes."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from sqlalchemy import Connection, and_, delete, insert, select, update

from glede.stores import schema_graph as g
from glede.stores.graph_runs import add_codes, drop_codes
from glede.stores.graph_writing import weightiest
from glede.stores.sql import parts


def renumber(connection: Connection, collection: str, document_id: str, numbers: Mapping[int, int]) -> None:
    """Give entities other numbers in all rows of a document."""
    d = g.documents.c
    where = and_(d.collection == collection, d.document_id == document_id)
    row = connection.execute(select(d.number, d.scope).where(where)).one_or_none()
    if row is None:
        return
    codes = _renamed(connection, row.number, numbers)
    drop_codes(connection, row.scope, [row.number], [one for one in numbers if numbers[one] in codes])
    add_codes(connection, row.scope, codes)
    for node in sorted({g.node_of(code) for of_it in codes.values() for code in of_it}):
        _renumber_chunk(connection, node, numbers)


def _renamed(connection: Connection, number: int, numbers: Mapping[int, int]) -> dict[int, list[int]]:
    """Give a document's entities their other numbers; returns where it names them, under these."""
    c = g.told.c
    codes: dict[int, list[int]] = {}
    for part in parts(list(numbers)):
        where = and_(c.number == number, c.entity.in_(part))
        rows = [row._mapping for row in connection.execute(select(g.told).where(where))]
        connection.execute(delete(g.told).where(where))
        moved = [{**row, "entity": numbers[row["entity"]]} for row in rows]
        if moved:
            connection.execute(insert(g.told), moved)
        codes |= {row["entity"]: g.codes_of(number, g.spots_of(row["spots"])) for row in moved}
    return codes


def _renumber_chunk(connection: Connection, node: int, numbers: Mapping[int, int]) -> None:
    c = g.chunks.c
    row = connection.execute(select(c.contents, c.facts).where(c.node == node)).one()
    contents = [
        (numbers.get(entity, entity), count, bits)
        for entity, count, bits in zip(*g.unpacked_contents(row.contents), strict=True)
    ]
    facts = [
        (numbers.get(source, source), numbers.get(target, target), label, description)
        for source, target, label, description in orjson.loads(row.facts or b"[]")
    ]
    values = {
        "contents": g.packed_contents(weightiest(contents)),
        "facts": orjson.dumps(facts) if facts else b"",
    }
    connection.execute(update(g.chunks).where(c.node == node).values(values))
