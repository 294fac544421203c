"""What was live once, in the catalogue's database: set aside where it leaves, looked up by time, purged.

A document that leaves moves, in the transaction that takes it out, to a collection beside its own. Its rows
in the index are written there afterwards, from its stored vectors; until that is done it is noted as
`unindexed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from glede.aside import past_of
from glede.results import Version
from glede.stores import pointing, statements
from glede.stores import schema as t
from glede.stores.graph_writing import drop_graph, read_graph, write_graphs
from glede.stores.responses import forget_answers
from glede.stores.sql import Database, append, parts, upsert
from glede.stores.statements import Changes, kept_of, live_among
from glede.text import moments

AT_ONCE = 200
"""Documents that one transaction forgets."""


class Setting:
    """Sets aside what leaves a collection within one transaction; `now` is when that is."""

    def __init__(self, collection: str, now: str) -> None:
        self._collection = collection
        self._past = past_of(collection)
        self._now = now
        self._added: Mapping[str, str] = {}
        self._changes = Changes(self._past)

    def ended(self, connection: Connection, source: str, before: str, after: str | None) -> None:
        """Note since when a source meant a document, and until when: until a new one took its place.

        No version of a source begins before the last one ended, whatever a clock says that was set back.
        """
        since = self._since(connection, source, before)
        until = self._added.get(after or "", self._now)
        self._note(connection, source, before, since, until if until >= since else max(since, self._now))

    def renewed(self, connection: Connection, added: Mapping[str, str]) -> None:
        """What was read before counts as a version until now; what comes back is no past any more."""
        self._added = added
        for document_id in live_among(connection, self._collection, list(added)):
            names = pointing.sources_of(connection, self._collection, [document_id])
            for source in names.get(document_id, ()):
                since = self._since(connection, source, document_id)
                if since < added[document_id]:
                    self._note(connection, source, document_id, since, added[document_id])
        _drop(connection, self._past, list(added), self._changes)

    def left(self, connection: Connection, document_id: str, changes: Changes) -> None:
        """Move a document to the past; its rows in the index of the present are retired."""
        _drop(connection, self._past, [document_id], self._changes)
        d, c = t.documents.c, t.chunks.c
        where = and_(d.collection == self._collection, d.id == document_id)
        row = connection.execute(select(t.documents).where(where)).one()
        own = and_(c.collection == self._collection, c.document_id == document_id)
        chunk_ids = connection.scalars(select(c.id).where(own)).all()
        terms, _ = kept_of(row)
        changes.add(terms, row.chunks, row.lengths, sign=-1)
        changes.drop(chunk_ids, ())
        graph = read_graph(connection, self._collection, document_id)
        drop_graph(connection, self._collection, document_id)
        for table, column in (
            (t.documents, d.id),
            (t.chunks, c.document_id),
            (t.labels, t.labels.c.document_id),
        ):
            here = and_(table.c.collection == self._collection, column == document_id)
            connection.execute(update(table).where(here).values(collection=self._past))
        if graph is not None:
            write_graphs(connection, self._past, [graph])
        self._changes.add(terms, row.chunks, row.lengths)
        append(connection, t.unindexed, [(self._past, document_id)])

    def close(self, connection: Connection) -> None:
        """Write what changed in the past, once it is known what the present keeps of it."""
        self._changes.write(connection)

    def _since(self, connection: Connection, source: str, document_id: str) -> str:
        """Since when a source has meant a live document: not before its last version ended."""
        c = t.versions.c
        where = and_(c.collection == self._collection, c.source == source)
        last = connection.scalar(select(func.max(c.until)).where(where)) or ""
        return max(_added(connection, self._collection, document_id) or self._now, last)

    def _note(self, connection: Connection, source: str, document_id: str, since: str, until: str) -> None:
        key = {"collection": self._collection, "source": source, "since": since, "document_id": document_id}
        upsert(connection, t.versions, [{**key, "until": until}])


class SqlPast:
    """What was live once; see `glede.retrieval.remembering.Past`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def setting(self, collection: str) -> Setting:
        """What sets aside within a transaction that begins now."""
        return Setting(collection, moments.now())

    def is_kept(self, collection: str) -> bool:
        """Whether there is anything of the past."""
        with self._database.read() as connection:
            statement = select(t.versions.c.source).where(t.versions.c.collection == collection).limit(1)
            return connection.scalar(statement) is not None

    def versions(self, collection: str, name: str) -> list[Version]:
        """The former versions of sources of that name, or end of a name; the oldest first."""
        with self._database.read() as connection:
            found = _of_sources(connection, collection, name)
            there = _there(connection, collection, [one.document_id for one in found])
        kept = (one for one in found if one.document_id in there)
        return sorted(kept, key=lambda one: (one.source, one.since, one.until, one.document_id))

    def every(self, collection: str) -> list[Version]:
        """All former versions of documents that are live or past; the oldest first."""
        c = t.versions.c
        columns = select(c.source, c.document_id, c.since, c.until)
        with self._database.read() as connection:
            rows = connection.execute(columns.where(c.collection == collection).order_by(c.since, c.source))
            found = [Version(*row) for row in rows]
            there = _there(connection, collection, [one.document_id for one in found])
        return [one for one in found if one.document_id in there]

    def restore(self, collection: str, versions: Sequence[Version]) -> None:
        """Note versions from elsewhere, of documents that are there, live or past."""
        s, past = t.sources.c, past_of(collection)
        with self._database.write("history") as connection:
            there = _there(connection, collection, [one.document_id for one in versions])
            noted = [one for one in versions if one.document_id in there]
            rows = [{"collection": collection, **asdict(one)} for one in noted]
            for part in parts(rows):
                upsert(connection, t.versions, part)
            come = connection.scalars(select(s.document_id).where(s.collection == past)).all()
            connection.execute(delete(t.sources).where(s.collection == past))
            changes = Changes(past)
            named = {one.document_id for one in noted}
            _drop(connection, past, [one for one in come if one not in named], changes)
            changes.write(connection)

    def live_at(self, collection: str, moment: str) -> dict[str, str]:
        """The documents that were live then, each with since when."""
        d, c = t.documents.c, t.versions.c
        with self._database.read() as connection:
            here = and_(d.collection == collection, d.added_at <= moment)
            found = {row[0]: row[1] for row in connection.execute(select(d.id, d.added_at).where(here))}
            for document_id in _named_later(connection, collection, moment):
                found.pop(document_id, None)
            then = and_(c.collection == collection, c.since <= moment, c.until > moment)
            for document_id, since in connection.execute(select(c.document_id, c.since).where(then)):
                found[document_id] = max(since, found.get(document_id, ""))
        return found

    def ids_of(self, scope: str) -> frozenset[str]:
        """The documents that lie in a scope."""
        with self._database.read() as connection:
            where = t.documents.c.collection == scope
            return frozenset(connection.scalars(select(t.documents.c.id).where(where)))

    def find(self, collection: str, name: str) -> list[str]:
        """The documents that sources of that name, or end of a name, have meant."""
        with self._database.read() as connection:
            return list(dict.fromkeys(row.document_id for row in _of_sources(connection, collection, name)))

    def unindexed(self, limit: int) -> list[tuple[str, str]]:
        """Documents whose rows in the index are still to be written, each with the scope it lies in."""
        c = t.unindexed.c
        with self._database.read() as connection:
            rows = connection.execute(select(c.collection, c.document_id).limit(limit)).all()
        return [(row[0], row[1]) for row in rows]

    def indexed(self, documents: Sequence[tuple[str, str]]) -> None:
        """Note that these rows are written."""
        c = t.unindexed.c
        with self._database.write("history") as connection:
            for scope, document_id in documents:
                where = (c.collection == scope, c.document_id == document_id)
                connection.execute(delete(t.unindexed).where(*where))

    def ended_before(self, collection: str, moment: str) -> list[str]:
        """The documents that sources meant until then at the latest."""
        c = t.versions.c
        with self._database.read() as connection:
            where = and_(c.collection == collection, c.until <= moment)
            return list(connection.scalars(select(c.document_id).where(where).distinct()))

    def purge(self, collection: str, moment: str) -> int:
        """Forget versions that had ended by then; what no other version needs is retired with its blobs.

        Returns how many documents that were.
        """
        purged = 0
        c = t.versions.c
        ended = self.ended_before(collection, moment)
        for start in range(0, len(ended), AT_ONCE):
            part = ended[start : start + AT_ONCE]
            with self._database.write("history") as connection:
                of_them = and_(c.collection == collection, c.document_id.in_(part))
                connection.execute(delete(t.versions).where(of_them, c.until <= moment))
                needed = set(connection.scalars(select(c.document_id).where(of_them)))
                changes = Changes(past_of(collection))
                free = [one for one in part if one not in needed]
                purged += _drop(connection, past_of(collection), free, changes)
                changes.write(connection)
        return purged

    def erase(self, collection: str, document_ids: Sequence[str]) -> None:
        """Take documents out for good, live or past, with all that says they ever were: all or none."""
        c, s = t.versions.c, t.sources.c
        with self._database.write("history") as connection:
            forget_answers(connection, document_ids)
            changes = Changes(collection)
            for document_id in live_among(connection, collection, document_ids):
                statements.drop(connection, collection, document_id, changes)
            former = Changes(past_of(collection))
            _drop(connection, past_of(collection), document_ids, former)
            changes.write(connection)
            former.write(connection)
            for ids in parts(document_ids):
                connection.execute(
                    delete(t.sources).where(s.collection == collection, s.document_id.in_(ids))
                )
                connection.execute(
                    delete(t.versions).where(c.collection == collection, c.document_id.in_(ids))
                )


def _there(connection: Connection, collection: str, document_ids: Sequence[str]) -> set[str]:
    """Those of the documents that are live or past."""
    ids = list(dict.fromkeys(document_ids))
    scopes = (collection, past_of(collection))
    return {one for scope in scopes for one in live_among(connection, scope, ids)}


def _added(connection: Connection, collection: str, document_id: str) -> str | None:
    d = t.documents.c
    where = and_(d.collection == collection, d.id == document_id)
    return connection.scalar(select(d.added_at).where(where))


def _named_later(connection: Connection, collection: str, moment: str) -> list[str]:
    """Live documents, there by their dates, whose every source still meant something else then.

    A clock that was set back dates them too early, and so does a name that was given them later.
    """
    c, s, d = t.versions.c, t.sources.c, t.documents.c
    same = and_(s.collection == c.collection, s.source == c.source)
    meant = and_(d.collection == s.collection, d.id == s.document_id)
    joined = t.versions.join(t.sources, same).join(t.documents, meant)
    where = and_(c.collection == collection, c.until > moment, d.added_at <= moment)
    later: dict[str, set[str]] = {}
    for document_id, source in connection.execute(select(d.id, s.source).select_from(joined).where(where)):
        later.setdefault(document_id, set()).add(source)
    names = pointing.sources_of(connection, collection, list(later))
    return [
        document_id
        for document_id, sources in later.items()
        if sources.issuperset(names.get(document_id, ()))
    ]


def _drop(connection: Connection, scope: str, document_ids: Sequence[str], changes: Changes) -> int:
    """Take documents of the past out for good; returns how many there were."""
    there = live_among(connection, scope, document_ids)
    for document_id in there:
        statements.drop(connection, scope, document_id, changes)
    for ids in parts(there):
        c = t.unindexed.c
        connection.execute(delete(t.unindexed).where(c.collection == scope, c.document_id.in_(ids)))
    return len(there)


def _of_sources(connection: Connection, collection: str, name: str) -> list[Version]:
    """What sources of exactly that name, or else of that end of a name, have meant."""
    c = t.versions.c
    columns = select(c.source, c.document_id, c.since, c.until)
    here = c.collection == collection
    exact = connection.execute(columns.where(here, or_(c.source == name, c.document_id == name))).all()
    if not exact:
        end = f"/{name.removeprefix('./')}"
        likely = connection.execute(columns.where(here, c.source.endswith(end, autoescape=True))).all()
        exact = [row for row in likely if row.source.endswith(end)]
    return [Version(*row) for row in exact]
