"""Edits of identities: a log, and what follows from it, changed in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update

from glede.graph.identity import Identities, check_edit, renumbering, replayed
from glede.knowledge import Edit
from glede.stores import schema_graph as g
from glede.stores.graph_renumbering import renumber
from glede.stores.graph_writing import own_scope, scope_of
from glede.stores.sql import parts, upsert


def edit(
    connection: Connection,
    collection: str,
    kind: str,
    entities: Sequence[int],
    documents: Sequence[str],
    by: str,
) -> Edit:
    """Note an edit, and let it have its effect."""
    check_edit(kind, entities, documents)
    scope = own_scope(connection, collection)
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    numbers, ids = tuple(dict.fromkeys(entities)), tuple(dict.fromkeys(documents))
    details = orjson.dumps([numbers, ids])
    row = {"scope": scope, "kind": kind, "details": details, "made_by": by, "made_at": made_at, "undone": 0}
    key = connection.execute(insert(g.edits).values(row)).inserted_primary_key
    made = Edit(int(key[0]) if key else 0, kind, numbers, ids, by, made_at)
    if kind == "merge":
        _merge(connection, scope, made.entities)
    else:
        _replay(connection, scope, collection)
    return made


def undo(connection: Connection, collection: str, number: int | None) -> Edit | None:
    """Take an edit back, and let the others have the effect that they have without it."""
    scope = scope_of(connection, collection)
    c = g.edits.c
    which = [c.id == number] if number is not None else []
    last = select(g.edits).where(c.scope == scope, c.undone == 0, *which).order_by(c.id.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    if row is None or scope is None:
        return None
    connection.execute(update(g.edits).where(c.id == row.id).values(undone=1))
    _replay(connection, scope, collection)
    return _edit_of(row, undone=True)


def edits(connection: Connection, collection: str) -> list[Edit]:
    """The log, oldest first."""
    c = g.edits.c
    log = select(g.edits).where(c.scope == scope_of(connection, collection)).order_by(c.id)
    return [_edit_of(row, undone=bool(row.undone)) for row in connection.execute(log)]


def follow(connection: Connection, collection: str, document_id: str, successor: str) -> None:
    """Let splits of a document be those of the one that takes its place, as a changed file does."""
    scope = scope_of(connection, collection)
    split = select(g.splits.c.entity).where(g.splits.c.scope == scope, g.splits.c.document_id == document_id)
    if scope is None or connection.scalar(split.limit(1)) is None:
        return
    for one in edits(connection, collection):
        if document_id in one.documents:
            ids = dict.fromkeys(successor if each == document_id else each for each in one.documents)
            details = orjson.dumps([one.entities, tuple(ids)])
            connection.execute(update(g.edits).where(g.edits.c.id == one.id).values(details=details))
    _replay(connection, scope, collection)


def _edit_of(row: Row[tuple[object, ...]], *, undone: bool) -> Edit:
    fields = row._mapping
    entities, documents = orjson.loads(fields["details"])
    return Edit(
        fields["id"],
        fields["kind"],
        tuple(entities),
        tuple(documents),
        fields["made_by"],
        fields["made_at"],
        undone,
    )


def _merge(connection: Connection, scope: int, entities: Sequence[int]) -> None:
    """A merge touches only what its entities stand for: it does not look at the log."""
    c = g.identities.c
    joined = set(entities)
    for part in parts(list(entities)):
        joined.update(connection.scalars(select(c.kept).where(c.scope == scope, c.entity.in_(part))))
    kept: dict[int, int] = {}
    for part in parts(sorted(joined)):
        rows = connection.execute(select(c.entity, c.kept).where(c.scope == scope, c.kept.in_(part)))
        kept.update((row.entity, row.kept) for row in rows if row.entity != row.kept)
    identities = Identities(kept)
    identities.merge(entities)
    upsert(connection, g.identities, _identity_rows(scope, identities))


def _identity_rows(scope: int, identities: Identities) -> list[dict[str, int]]:
    ends = {end: end for end in identities.kept.values()}
    return [
        {"scope": scope, "entity": entity, "kept": kept}
        for entity, kept in sorted({**ends, **identities.kept}.items())
    ]


def _replay(connection: Connection, scope: int, collection: str) -> None:
    """Put in place what the whole log comes to, and renumber the rows of documents whose splits change."""
    identities = replayed(edits(connection, collection))
    connection.execute(delete(g.identities).where(g.identities.c.scope == scope))
    rows = _identity_rows(scope, identities)
    if rows:
        connection.execute(insert(g.identities), rows)
    before: dict[str, dict[int, int]] = {}
    s = g.splits.c
    for row in connection.execute(select(g.splits).where(s.scope == scope)):
        before.setdefault(row.document_id, {})[row.entity] = row.other
    for document in sorted({*before, *identities.split}):
        old, new = before.get(document, {}), identities.split.get(document, {})
        if old != new:
            connection.execute(delete(g.splits).where(s.scope == scope, s.document_id == document))
            rows_of = [
                {"scope": scope, "document_id": document, "entity": e, "other": o} for e, o in new.items()
            ]
            if rows_of:
                connection.execute(insert(g.splits), rows_of)
            renumber(connection, collection, document, renumbering(old, new))
