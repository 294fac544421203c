"""How what a document says is written and dropped, within the transaction of its catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from typing import TypeAlias

import orjson
from sqlalchemy import Connection, Row, and_, bindparam, delete, func, select

from glede.graph.reading import LAST_PLACE, NODE_BITS
from glede.graph.saying import Explained, Saying, Spot, Statement, Told, read_back, said_by
from glede.knowledge import DocumentGraph
from glede.stores import schema_graph as g
from glede.stores.graph_runs import add_codes, drop_codes
from glede.stores.schema import chunks as catalogue_chunks
from glede.stores.sql import append, numbered, parts, rows_of

_Row: TypeAlias = tuple[object, ...]
"""The values of a row, in the order of its table's columns."""


def scope_of(connection: Connection, collection: str) -> int | None:
    """The number of a collection, where the graph has anything of it."""
    found = rows_of(connection, "SELECT id FROM graph_scopes WHERE collection = ?", collection)
    return next((int(row[0]) for row in found), None)


def own_scope(connection: Connection, collection: str) -> int:
    """The number of a collection, which gets one where it has none."""
    found = scope_of(connection, collection)
    if found is not None:
        return found
    return numbered(connection, g.scopes, {"collection": collection})


def write_graphs(connection: Connection, collection: str, graphs: Sequence[DocumentGraph]) -> None:
    """Replace what live documents say; what many say together is one run of the index."""
    latest = {graph.document_id: graph for graph in graphs}
    if not latest:
        return
    _drop(connection, collection, list(latest))
    scope = own_scope(connection, collection)
    chunks = _chunks(connection, collection, list(latest))
    split = _splits(connection, scope, list(latest))
    codes: dict[int, list[int]] = defaultdict(list)
    told: list[_Row] = []
    nodes: list[_Row] = []
    aliases: list[_Row] = []
    for document_id, graph in latest.items():
        saying = said_by(graph, chunks.get(document_id, 0), split.get(document_id, {}))
        number = _insert_document(connection, scope, collection, graph, saying)
        told += _told_rows(number, saying, codes)
        nodes += _chunk_rows(number, saying)
        aliases += [(scope, one.entity, one.other, number, int(one.binds)) for one in saying.explained]
    for table, rows in ((g.told, told), (g.chunks, nodes), (g.aliases, aliases)):
        append(connection, table, rows)
    add_codes(connection, scope, codes)


def _chunks(connection: Connection, collection: str, document_ids: Sequence[str]) -> dict[str, int]:
    c = catalogue_chunks.c
    found: dict[str, int] = {}
    for part in parts(document_ids):
        where = and_(c.collection == collection, c.document_id.in_(part))
        statement = select(c.document_id, func.count()).where(where).group_by(c.document_id)
        found.update((row[0], row[1]) for row in connection.execute(statement))
    return found


def _splits(connection: Connection, scope: int, document_ids: Sequence[str]) -> dict[str, dict[int, int]]:
    """The numbers that are others in documents."""
    c = g.splits.c
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for part in parts(document_ids):
        where = and_(c.scope == scope, c.document_id.in_(part))
        for row in connection.execute(select(c.document_id, c.entity, c.other).where(where)):
            found[row.document_id][row.entity] = row.other
    return found


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
        "aliases": orjson.dumps([astuple(one) for one in saying.explained]),
    }
    return numbered(connection, g.documents, row)


def _told_rows(number: int, saying: Saying, codes: dict[int, list[int]]) -> Iterator[_Row]:
    """A row for each entity of a document; where it is named is put among the codes."""
    for told in saying.told:
        spots = g.bits_of(told.spots)
        codes[told.entity] += g.codes_of(number, spots)
        text = (told.name, told.type, told.description)
        yield number, told.entity, *text, told.count, g.packed_spots(spots)


def _chunk_rows(number: int, saying: Saying) -> list[_Row]:
    contents: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for told in saying.told:
        may_bind = g.MAY_BIND if told.may_bind else 0
        for spot in told.spots:
            contents[spot.chunk].append((told.entity, spot.count, may_bind | spot.subject))
    facts: dict[int, list[tuple[int, int, str, str]]] = defaultdict(list)
    for fact in saying.facts:
        facts[fact.chunk].append((fact.source, fact.target, fact.label, fact.description))
    return [
        (
            number << NODE_BITS | chunk,
            g.packed_contents(weightiest(contents[chunk])),
            orjson.dumps(facts[chunk]) if chunk in facts else b"",
        )
        for chunk in sorted(contents)
    ]


def weightiest(contents: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """What a chunk names, in the order in which it is read."""
    return sorted(contents, key=lambda one: (not one[2] & g.ABOUT, -one[1], one[0]))


def drop_graph(connection: Connection, collection: str, document_id: str) -> None:
    """Remove all that a document said."""
    _drop(connection, collection, [document_id])


def _drop(connection: Connection, collection: str, document_ids: Sequence[str]) -> None:
    c = g.documents.c
    for part in parts(document_ids):
        where = and_(c.collection == collection, c.document_id.in_(part))
        found = connection.execute(select(c.number, c.scope, c.aliases).where(where)).all()
        for scope in {row.scope for row in found}:
            _drop_numbered(connection, scope, [row.number for row in found if row.scope == scope])
        for number, scope, aliases in found:
            _drop_aliases(connection, scope, number, explained_of(aliases))


def _drop_numbered(connection: Connection, scope: int, numbers: Sequence[int]) -> None:
    """All of them at once: those that came together are named in the same rows of the index."""
    told = g.told.c
    entities = connection.scalars(select(told.entity).where(told.number.in_(numbers)).distinct()).all()
    drop_codes(connection, scope, numbers, entities)
    connection.execute(delete(g.told).where(told.number.in_(numbers)))
    connection.execute(delete(g.documents).where(g.documents.c.number.in_(numbers)))
    own = g.chunks.c.node.between(bindparam("first"), bindparam("last"))
    nodes = [number << NODE_BITS for number in numbers]
    connection.execute(
        delete(g.chunks).where(own), [{"first": node, "last": node + LAST_PLACE} for node in nodes]
    )


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
    d, c = g.documents.c, g.chunks.c
    where = and_(d.collection == collection, d.document_id == document_id)
    row = connection.execute(select(g.documents).where(where)).one_or_none()
    if row is None:
        return None
    here = select(g.told).where(g.told.c.number == row.number).order_by(g.told.c.entity)
    told = [_told_of(one) for one in connection.execute(here)]
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
