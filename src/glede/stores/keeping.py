"""How a document comes to keep other blobs than before, within a transaction."""

from __future__ import annotations

from collections.abc import Collection

import orjson
from sqlalchemy import Connection, Row, select, update

from glede.stores import schema as t
from glede.stores.sql import increment

_VECTORS = "vectors/"


def keep_more(connection: Connection, collection: str, document_id: str, keys: Collection[str]) -> None:
    """Let a document keep these blobs too; one that is gone is left out."""
    row = _row(connection, collection, document_id)
    if row is not None:
        before = set(orjson.loads(row._mapping["blobs"]))
        _keep(connection, row, before, before.union(keys))


def keep_vectors(
    connection: Connection, collection: str, document_id: str, keys: Collection[str]
) -> list[str]:
    """Let a document keep no blobs of vectors but these; returns what it lets go of."""
    row = _row(connection, collection, document_id)
    if row is None:
        return []
    before = set(orjson.loads(row._mapping["blobs"]))
    after = {key for key in before if not key.startswith(_VECTORS) or key in keys}
    _keep(connection, row, before, after)
    return sorted(before - after)


def let_go(connection: Connection, collection: str, document_id: str, keys: Collection[str]) -> list[str]:
    """Let a document keep these blobs no longer; returns those that it had."""
    row = _row(connection, collection, document_id)
    if row is None:
        return []
    before = set(orjson.loads(row._mapping["blobs"]))
    _keep(connection, row, before, before.difference(keys))
    return sorted(before.intersection(keys))


def _row(connection: Connection, collection: str, document_id: str) -> Row[tuple[object, ...]] | None:
    d = t.documents.c
    statement = select(t.documents).where(d.collection == collection, d.id == document_id)
    return connection.execute(statement).one_or_none()


def _keep(connection: Connection, row: Row[tuple[object, ...]], before: set[str], after: set[str]) -> None:
    """Raises `DamagedError` where the row is damaged, which is not to be covered by a new checksum."""
    if before == after:
        return
    fields, d = row._mapping, t.documents.c
    document, blobs = t.document_of(row, ()), orjson.dumps(sorted(after))
    details = t.document_details(document, fields["chunks"], blobs, fields["terms"], fields["lengths"])
    where = (d.collection == fields["collection"], d.id == fields["id"])
    connection.execute(update(t.documents).where(*where).values(blobs=blobs, details=details))
    changes = [(key, 1) for key in after - before] + [(key, -1) for key in before - after]
    increment(connection, t.blobs, [{"key": key, "uses": n} for key, n in sorted(changes)], ("uses",))
