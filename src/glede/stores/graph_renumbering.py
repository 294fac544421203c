"""The rows of one document under other numbers, where a split of an entity comes or goes."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from sqlalchemy import Connection, and_, delete, insert, select, update

from glede.stores import schema_graph as g
from glede.stores.graph_values import nodes_of
from glede.stores.graph_writing import weightiest


def renumber(connection: Connection, collection: str, document_id: str, numbers: Mapping[int, int]) -> None:
    """Give entities other numbers in all rows of a document."""
    d = g.documents.c
    where = and_(d.collection == collection, d.document_id == document_id)
    row = connection.execute(select(d.number, d.scope, d.entities).where(where)).one_or_none()
    if row is None:
        return
    keys = g.unpacked_numbers(row.entities)
    changed = [key for key in keys if key >> 1 in numbers]
    nodes = [node for key in changed for node in _moved(connection, row.scope, row.number, key, numbers)]
    for node in sorted(set(nodes)):
        _renumber_chunk(connection, node, numbers)
    renamed = (numbers.get(key >> 1, key >> 1) << 1 | key & 1 for key in keys)
    entities = g.packed_numbers(sorted(renamed))
    connection.execute(update(g.documents).where(d.number == row.number).values(entities=entities))


def _moved(
    connection: Connection, scope: int, number: int, key: int, numbers: Mapping[int, int]
) -> list[int]:
    """Move an entity's row to its other number; returns the chunks that it names."""
    p = g.places.c
    where = and_(p.scope == scope, p.entity == key >> 1, p.aside == key & 1, p.number == number)
    row = connection.execute(select(g.places).where(where)).one()
    connection.execute(delete(g.places).where(where))
    connection.execute(insert(g.places), [{**row._mapping, "entity": numbers[key >> 1]}])
    return list(nodes_of((key >> 1, key & 1, number, row.spots)))


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
