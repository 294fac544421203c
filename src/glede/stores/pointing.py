"""What sources mean: names that point at documents, set, taken away and looked up within a transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from glede.aside import is_past, present_of
from glede.stores import schema as t
from glede.stores.graph_edits import follow
from glede.stores.responses import inherit_answers
from glede.stores.sql import marks, parts, rows_of, upsert
from glede.stores.statements import Changes, is_live, of_document


def pointed_at(connection: Connection, collection: str, source: str) -> str | None:
    """The document that a source means."""
    return connection.scalar(select(t.sources.c.document_id).where(is_source(collection, source)))


Name = tuple[str, str, float]
"""A source, the document that it means from now on, and when the file was changed."""


def point(connection: Connection, collection: str, names: Sequence[Name], changes: Changes) -> None:
    """Let sources mean documents; what nothing names after the last of them goes.

    What models have answered about it is its successor's then, and goes with that one.
    """
    touched: dict[str, None] = {}
    successors: dict[str, str] = {}
    meant = _meant(connection, collection, [source for source, _, _ in names])
    last = connection.scalar(select(func.max(t.sources.c.place))) or 0
    rows: list[dict[str, object]] = []
    for place, (source, document_id, modified) in enumerate(names, last + 1):
        before = meant.get(source)
        touched |= dict.fromkeys((document_id,) if before is None else (before, document_id))
        if before is not None and before != document_id:
            successors[before] = document_id
            if changes.leaving is not None:
                changes.leaving.ended(connection, source, before, document_id)
        meant[source] = document_id
        row = {"collection": collection, "source": source, "document_id": document_id}
        rows.append({**row, "modified": modified, "place": place})
    upsert(connection, t.sources, rows)
    named = frozenset(meant.values())
    for document_id in touched:
        if document_id in named:
            continue
        where = of_document(t.sources, collection, document_id)
        if connection.scalar(select(t.sources.c.source).where(where).limit(1)) is None:
            changes.take_out(connection, document_id)
            if document_id in successors:
                inherit_answers(connection, document_id, successors[document_id])
                follow(connection, collection, document_id, successors[document_id])


def _meant(connection: Connection, collection: str, sources: Sequence[str]) -> dict[str, str]:
    """The documents that sources mean until now."""
    found: dict[str, str] = {}
    columns = (t.sources.c.source, t.sources.c.document_id)
    for part in parts(sources):
        where = and_(t.sources.c.collection == collection, t.sources.c.source.in_(part))
        found.update((row[0], row[1]) for row in connection.execute(select(*columns).where(where)))
    return found


def forget_sources(
    connection: Connection, collection: str, sources: Sequence[str], changes: Changes
) -> list[str]:
    """Take sources away, and the documents that nothing names then; returns the ids of those."""
    meant: dict[str, None] = {}
    for source in sources:
        document_id = pointed_at(connection, collection, source)
        if document_id is not None:
            meant[document_id] = None
            if changes.leaving is not None:
                changes.leaving.ended(connection, source, document_id, None)
            connection.execute(delete(t.sources).where(is_source(collection, source)))
    gone = [one for one in meant if not sources_of(connection, collection, [one])]
    for document_id in gone:
        changes.take_out(connection, document_id)
    return gone


def end_sources(
    connection: Connection, collection: str, document_ids: Sequence[str], changes: Changes
) -> None:
    """Tell a history that the names of documents mean nothing any more."""
    if changes.leaving is None:
        return
    for document_id, names in sources_of(connection, collection, document_ids).items():
        for source in names:
            changes.leaving.ended(connection, source, document_id, None)


def is_source(collection: str, source: str) -> ColumnElement[bool]:
    """The condition that finds a source."""
    return and_(t.sources.c.collection == collection, t.sources.c.source == source)


def sources_of(
    connection: Connection, collection: str, document_ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The names of documents, each document's latest last; of those of the past the names that they had."""
    names: dict[str, tuple[str, ...]] = {}
    if is_past(collection):
        return _former_names(connection, present_of(collection), document_ids)
    for part in parts(document_ids):
        where = f"collection = ? AND document_id IN ({marks(part)}) ORDER BY place"
        statement = f"SELECT document_id, source FROM sources WHERE {where}"  # noqa: S608 - marks only
        for document_id, source in rows_of(connection, statement, collection, *part):
            names[document_id] = (*names.get(document_id, ()), source)
    return names


def _former_names(
    connection: Connection, collection: str, document_ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    c = t.versions.c
    found: dict[str, dict[str, None]] = {}
    for part in parts(document_ids):
        where = and_(c.collection == collection, c.document_id.in_(part))
        rows = connection.execute(select(c.document_id, c.source).where(where).order_by(c.until, c.source))
        for document_id, source in rows:
            found.setdefault(document_id, {})[source] = None
    return {document_id: tuple(names) for document_id, names in found.items()}


def matching(connection: Connection, collection: str, name: str) -> list[str]:
    """Ids of the documents that a name may mean: an exact source or id first, else beginnings and ends."""
    exact = pointed_at(connection, collection, name)
    if exact is not None:
        return [exact]
    if is_live(connection, collection, name):
        return [name]
    here = t.sources.c.collection == collection
    end = f"/{name.removeprefix('./')}"
    ends = t.sources.c.source.endswith(end, autoescape=True)  # to SQLite, `A` and `a` are alike here
    likely = select(t.sources.c.document_id, t.sources.c.source).where(here, ends).order_by(t.sources.c.place)
    found = [meant for meant, source in connection.execute(likely) if source.endswith(end)]
    if re.fullmatch(r"[0-9a-f]{4,64}", name):
        starts = t.documents.c.id.startswith(name)
        found += connection.scalars(
            select(t.documents.c.id)
            .where(t.documents.c.collection == collection, starts)
            .order_by(t.documents.c.id)
        )
    return list(dict.fromkeys(found))
