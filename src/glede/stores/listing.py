"""Documents page by page: what is read is the page, however large the collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from glede.stores import pointing
from glede.stores import schema as t
from glede.stores.sql import parts

AT_LEAST = 50
"""Names that are read at once: some are the later names of documents that come elsewhere."""


def page_of(connection: Connection, collection: str, after: str, limit: int) -> list[str]:
    """The ids of documents in the order of their first names, by a walk along the index of names."""
    found: list[str] = []
    step = max(limit, AT_LEAST)
    while len(found) < limit:
        where = and_(t.sources.c.collection == collection, t.sources.c.source > after)
        names = select(t.sources.c.source, t.sources.c.document_id).where(where)
        rows = connection.execute(names.order_by(t.sources.c.source).limit(step)).all()
        if not rows:
            break
        all_names = pointing.sources_of(connection, collection, list({row.document_id for row in rows}))
        found += [row.document_id for row in rows if all_names[row.document_id][0] == row.source]
        after = rows[-1].source
    return found[:limit]


def rows_of(connection: Connection, collection: str, ids: Sequence[str]) -> Mapping[str, Row[Any]]:
    """The documents of those ids, by id."""
    rows: dict[str, Row[Any]] = {}
    for part in parts(ids):
        where = and_(t.documents.c.collection == collection, t.documents.c.id.in_(part))
        rows |= {row.id: row for row in connection.execute(select(t.documents).where(where))}
    return rows


def extent_of(connection: Connection, collection: str) -> tuple[int, int]:
    """How many documents there are, and how many chunks."""
    counts = select(func.count(), func.coalesce(func.sum(t.documents.c.chunks), 0))
    documents, chunks = connection.execute(counts.where(t.documents.c.collection == collection)).one()
    return int(documents), int(chunks)
