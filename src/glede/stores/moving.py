"""How a document moves from one collection to another, as it is, within a transaction."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from glede.stores import schema as t
from glede.stores.graph_writing import drop_graph, read_graph, write_graphs
from glede.stores.pointing import point
from glede.stores.statements import Changes, kept_of


def move(connection: Connection, origin: str, target: str, document_id: str) -> list[str]:
    """Move a document with its sources and what it says; returns the ids of its chunks.

    What one of its sources meant in the target before goes, as where a source is added again.
    """
    d, c, s = t.documents.c, t.chunks.c, t.sources.c
    row = connection.execute(
        select(t.documents).where(d.collection == origin, d.id == document_id)
    ).one_or_none()
    if row is None:
        return []
    graph = read_graph(connection, origin, document_id)
    drop_graph(connection, origin, document_id)
    terms, _ = kept_of(row)
    leaving, coming = Changes(origin), Changes(target)
    leaving.add(terms, row.chunks, row.lengths, sign=-1)
    coming.add(terms, row.chunks, row.lengths)
    chunk_ids = connection.scalars(
        select(c.id).where(c.collection == origin, c.document_id == document_id)
    ).all()
    own = (s.collection == origin, s.document_id == document_id)
    named = connection.execute(select(s.source, s.modified).where(*own).order_by(s.place)).all()
    for table, column in ((t.documents, d.id), (t.chunks, c.document_id), (t.labels, t.labels.c.document_id)):
        here = (table.c.collection == origin, column == document_id)
        connection.execute(update(table).where(*here).values(collection=target))
    connection.execute(delete(t.sources).where(*own))
    point(connection, target, [(name, document_id, modified) for name, modified in named], coming)
    leaving.write(connection)
    coming.write(connection)
    if graph is not None:
        write_graphs(connection, target, [graph])
    return list(chunk_ids)
