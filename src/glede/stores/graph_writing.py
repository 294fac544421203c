"""How what a document says is written and dropped, within the transaction of its catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple

import orjson
from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, select

from glede.graph.reading import LAST_PLACE, NODE_BITS
from glede.graph.saying import Explained, Saying, Spot, Statement, Told, read_back, said_by
from glede.knowledge import DocumentGraph
from glede.stores import schema_graph as g
from glede.stores.schema import chunks as catalogue_chunks
from glede.stores.sql import parts


def scope_of(connection: Connection, collection: str) -> int | None:
    """The number of a collection, where the graph has anything of it."""
    return connection.scalar(select(g.scopes.c.id).where(g.scopes.c.collection == collection))


def own_scope(connection: Connection, collection: str) -> int:
    """The number of a collection, which gets one where it has none."""
    found = scope_of(connection, collection)
    if found is not None:
        return found
    key = connection.execute(insert(g.scopes).values(collection=collection)).inserted_primary_key
    return int(key[0]) if key else 0


def write_graph(connection: Connection, collection: str, graph: DocumentGraph) -> None:
    """Replace what a live document says."""
    drop_graph(connection, collection, graph.document_id)
    scope = own_scope(connection, collection)
    saying = said_by(
        graph,
        _chunks(connection, collection, graph.document_id),
        splits(connection, scope, graph.document_id),
    )
    number = _insert_document(connection, scope, collection, graph, saying)
    if saying.told:
        connection.execute(insert(g.places), _place_rows(scope, number, saying))
        connection.execute(insert(g.chunks), _chunk_rows(number, saying))
    if saying.explained:
        rows = [
            {
                "scope": scope,
                "entity": one.entity,
                "other": one.other,
                "number": number,
                "binds": int(one.binds),
            }
            for one in saying.explained
        ]
        connection.execute(insert(g.aliases), rows)


def _chunks(connection: Connection, collection: str, document_id: str) -> int:
    c = catalogue_chunks.c
    where = and_(c.collection == collection, c.document_id == document_id)
    return connection.scalar(select(func.count()).select_from(catalogue_chunks).where(where)) or 0


def splits(connection: Connection, scope: int, document_id: str) -> dict[int, int]:
    """The numbers that are others in a document."""
    c = g.splits.c
    where = and_(c.scope == scope, c.document_id == document_id)
    return {row.entity: row.other for row in connection.execute(select(c.entity, c.other).where(where))}


def _insert_document(
    connection: Connection, scope: int, collection: str, graph: DocumentGraph, saying: Saying
) -> int:
    row = {
        "scope": scope,
        "collection": collection,
        "document_id": graph.document_id,
        "extractor": graph.extractor,
        "unread": orjson.dumps(sorted(set(graph.unread))),
        "warnings": orjson.dumps(list(graph.warnings)),
        "mentions": sum(told.count for told in saying.told),
        "facts": len(saying.facts),
        "chunks": len({spot.chunk for told in saying.told for spot in told.spots}),
        "entities": g.packed_numbers([told.entity << 1 | told.aside for told in saying.told]),
        "aliases": orjson.dumps([astuple(one) for one in saying.explained]),
    }
    key = connection.execute(insert(g.documents).values(row)).inserted_primary_key
    return int(key[0]) if key else 0


def _place_rows(scope: int, number: int, saying: Saying) -> list[dict[str, object]]:
    return [
        {
            "scope": scope,
            "entity": told.entity,
            "aside": int(told.aside),
            "number": number,
            "name": told.name,
            "type": told.type,
            "description": told.description,
            "count": told.count,
            "stated": int(told.stated),
            "spots": g.packed_spots(told.spots),
        }
        for told in saying.told
    ]


def _chunk_rows(number: int, saying: Saying) -> list[dict[str, object]]:
    contents: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for told in saying.told:
        may_bind = g.MAY_BIND if told.may_bind else 0
        for spot in told.spots:
            contents[spot.chunk].append((told.entity, spot.count, may_bind | spot.subject))
    facts: dict[int, list[tuple[int, int, str, str]]] = defaultdict(list)
    for fact in saying.facts:
        facts[fact.chunk].append((fact.source, fact.target, fact.label, fact.description))
    return [
        {
            "node": number << NODE_BITS | chunk,
            "contents": g.packed_contents(weightiest(contents[chunk])),
            "facts": orjson.dumps(facts[chunk]) if chunk in facts else b"",
        }
        for chunk in sorted(contents)
    ]


def weightiest(contents: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """What a chunk names, in the order in which it is read."""
    return sorted(contents, key=lambda one: (not one[2] & g.ABOUT, -one[1], one[0]))


def drop_graph(connection: Connection, collection: str, document_id: str) -> None:
    """Remove all that a document said."""
    c = g.documents.c
    where = and_(c.collection == collection, c.document_id == document_id)
    row = connection.execute(select(c.number, c.entities, c.aliases).where(where)).one_or_none()
    scope = scope_of(connection, collection)
    if row is None or scope is None:
        return
    connection.execute(delete(g.documents).where(c.number == row.number))
    first = row.number << NODE_BITS
    connection.execute(delete(g.chunks).where(g.chunks.c.node.between(first, first + LAST_PLACE)))
    _drop_places(connection, scope, row.number, g.unpacked_numbers(row.entities))
    _drop_aliases(connection, scope, row.number, explained_of(row.aliases))


def _drop_places(connection: Connection, scope: int, number: int, entities: Sequence[int]) -> None:
    p = g.places.c
    one = and_(p.scope == scope, p.entity == bindparam("e"), p.aside == bindparam("a"), p.number == number)
    for part in parts(entities):
        connection.execute(delete(g.places).where(one), [{"e": key >> 1, "a": key & 1} for key in part])


def _drop_aliases(connection: Connection, scope: int, number: int, explained: Sequence[Explained]) -> None:
    a = g.aliases.c
    one = and_(a.scope == scope, a.entity == bindparam("e"), a.other == bindparam("o"), a.number == number)
    if explained:
        keys = [{"e": one.entity, "o": one.other} for one in explained]
        connection.execute(delete(g.aliases).where(one), keys)


def explained_of(data: bytes) -> list[Explained]:
    """The names that a document explains."""
    return [Explained(*fields) for fields in orjson.loads(data)]


def read_graph(connection: Connection, collection: str, document_id: str) -> DocumentGraph | None:
    """What is kept of a document."""
    d, p, c = g.documents.c, g.places.c, g.chunks.c
    where = and_(d.collection == collection, d.document_id == document_id)
    row = connection.execute(select(g.documents).where(where)).one_or_none()
    if row is None:
        return None
    told: list[Told] = []
    for part in parts([key >> 1 for key in g.unpacked_numbers(row.entities)]):
        here = and_(p.scope == row.scope, p.entity.in_(part), p.aside.in_((0, 1)), p.number == row.number)
        told += map(_told_of, connection.execute(select(g.places).where(here)))
    first = row.number << NODE_BITS
    within = and_(c.node.between(first, first + LAST_PLACE), c.facts != b"")
    facts = [
        Statement(source, target, label, node - first, description)
        for node, data in connection.execute(select(c.node, c.facts).where(within))
        for source, target, label, description in orjson.loads(data)
    ]
    unread, warnings = (tuple(orjson.loads(data)) for data in (row.unread, row.warnings))
    graph = DocumentGraph(document_id, row.extractor, unread=unread, warnings=warnings)
    return read_back(graph, told, facts, explained_of(row.aliases))


def _told_of(row: Row[tuple[object, ...]]) -> Told:
    fields = row._mapping
    spots = (
        Spot(place >> 2, count, bool(place & g.ABOUT), bool(place & g.STATES))
        for place, count in g.spots_of(fields["spots"])
    )
    return Told(
        fields["entity"], fields["name"], fields["type"], fields["description"], tuple(spots), may_bind=False
    )
