"""The catalogue in SQL: SQLite in the data folder, PostgreSQL at scale, through SQLAlchemy Core.

Every statement finds its rows by an index, so that the cost of a document does not grow with the corpus.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

import orjson
from sqlalchemy import Connection, and_, bindparam, delete, intersect, select, update

from glede.aside import is_aside, is_past, present_of
from glede.errors import ConfigurationError
from glede.ports import Commit, Retired, SourceState, StoredChunk, TermStatistics
from glede.stores import listing, pointing, sql, statements
from glede.stores import schema as t
from glede.stores.books import SqlBooks
from glede.stores.chunk_rows import chunks_near, chunks_of_document, chunks_of_ids, statistics_of
from glede.stores.graph import SqlGraph
from glede.stores.graph_older import renew
from glede.stores.group_commit import GroupCommit
from glede.stores.jobs import SqlJobs
from glede.stores.past import SqlPast
from glede.stores.responses import SqlLedger, SqlResponses, forget_answers
from glede.stores.sole import opening
from glede.stores.sql import parts, rows_of
from glede.stores.statements import Changes
from glede.text.labels import label_of
from glede.types import Chunk, Document

_DOCUMENT = select(t.documents).where(
    t.documents.c.collection == bindparam("of"), t.documents.c.id == bindparam("key")
)
_NAMED = t.sources.join(
    t.documents,
    and_(t.documents.c.collection == t.sources.c.collection, t.documents.c.id == t.sources.c.document_id),
)
_SOURCE = """
    SELECT sources.document_id, documents.size, sources.modified FROM sources
    JOIN documents ON documents.collection = sources.collection AND documents.id = sources.document_id
    WHERE sources.collection = ? AND sources.source = ?
"""


class SqlCatalogue:
    """The truth about documents, in the database at a SQLAlchemy URL.

    Usable from several threads; writers take turns. `responses` and `ledger` keep, in the same database,
    what models have answered and what that has cost, `graph` what documents say of entities; `books` is for
    those who look after it. With `history` what is replaced or removed goes to the `past`.
    """

    def __init__(self, url: str, *, history: bool = False) -> None:
        self._database = sql.Database(url)
        self._history = history
        with self._database.write("schema") as connection:
            _open(connection)
        self.responses = SqlResponses(self._database)
        self._ledger = SqlLedger(self._database)
        self._jobs = SqlJobs(self._database)
        self.graph = SqlGraph(self._database)
        self.books = SqlBooks(self._database)
        self._past = SqlPast(self._database)
        self._noting = GroupCommit(self._note)

    @property
    def past(self) -> SqlPast:
        """What was live once."""
        return self._past

    @property
    def jobs(self) -> SqlJobs:
        """What was asked, and what has failed of it."""
        return self._jobs

    @property
    def ledger(self) -> SqlLedger:
        """What calls of models have cost."""
        return self._ledger

    def hold(self) -> None:
        """Be the only engine that writes to it; raises `LockedError` where another does."""
        self._database.hold()

    def close(self) -> None:
        """Release the connections."""
        self._database.close()

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all reads of this thread see one state, for as long as the block."""
        return self._database.snapshot()

    def announce(self, collection: str, chunk_ids: Sequence[str], blobs: Sequence[str]) -> int:
        """Note what is about to be written to Index and Blobs: until the commit it counts as retired."""
        with self._database.write("announce") as connection:
            return statements.retire(connection, collection, chunk_ids, blobs)

    def _changes(self, collection: str) -> Changes:
        """Changes of a collection; what is disabled leaves no history, since it was in no answer."""
        kept = self._history and present_of(collection) == collection
        return Changes(collection, self._past.setting(collection) if kept else None)

    def commit(self, collection: str, commits: Sequence[Commit], announced: int | None = None) -> None:
        """Make the documents live, in one transaction that takes the announcement back."""
        with self._database.write("commit") as connection:
            changes = self._changes(collection)
            statements.write_documents(connection, collection, commits, changes)
            names = [(commit.source, commit.document.id, commit.modified) for commit in commits]
            pointing.point(connection, collection, names, changes)
            changes.write(connection)
            if announced is not None:
                connection.execute(delete(t.retired).where(t.retired.c.id == announced))

    def attach(self, collection: str, source: str, document_id: str, modified: float) -> bool:
        """Name a live document by one more source; false where it is not live any more."""
        with self._database.write("attach") as connection:
            if not statements.is_live(connection, collection, document_id):
                return False
            changes = self._changes(collection)
            pointing.point(connection, collection, [(source, document_id, modified)], changes)
            changes.write(connection)
            return True

    def remove(self, collection: str, document_ids: Sequence[str]) -> None:
        """Retire documents with all their sources, in one transaction."""
        with self._database.write("remove") as connection:
            changes = self._changes(collection)
            forget_answers(connection, document_ids)
            pointing.end_sources(connection, collection, document_ids, changes)
            for document_id in dict.fromkeys(document_ids):
                if statements.is_live(connection, collection, document_id):
                    changes.take_out(connection, document_id)
            for ids in parts(document_ids):
                where = and_(t.sources.c.collection == collection, t.sources.c.document_id.in_(ids))
                connection.execute(delete(t.sources).where(where))
            changes.write(connection)

    def retired(self, limit: int = 100) -> list[Retired]:
        """What waits to be purged from Index and Blobs, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(t.retired).order_by(t.retired.c.id).limit(limit)).all()
        return [
            Retired(
                row.id, row.collection, tuple(orjson.loads(row.chunk_ids)), tuple(orjson.loads(row.blobs))
            )
            for row in rows
        ]

    def purged(self, retired_ids: Sequence[int]) -> None:
        """Forget what has been purged."""
        with self._database.write("purged") as connection:
            for ids in parts(retired_ids):
                connection.execute(delete(t.retired).where(t.retired.c.id.in_(ids)))

    def uses_blob(self, key: str) -> bool:
        """Whether a live document of any collection keeps that blob."""
        with self._database.read() as connection:
            return connection.scalar(select(t.blobs.c.key).where(t.blobs.c.key == key).limit(1)) is not None

    def document(self, collection: str, document_id: str) -> Document | None:
        """The live document of that id."""
        with self._database.read() as connection:
            if not statements.is_live(connection, collection, document_id):
                return None
            row = connection.execute(_DOCUMENT, {"of": collection, "key": document_id}).one()
            names = pointing.sources_of(connection, collection, [document_id])
        return t.document_of(row, names.get(document_id, ()))

    def find(self, collection: str, name: str) -> list[Document]:
        """Live documents by id, the beginning of an id (4 digits or more), source, or end of a source."""
        with self._database.read() as connection:
            ids = pointing.matching(connection, collection, name)
        found = (self.document(collection, document_id) for document_id in ids)
        return [document for document in found if document is not None]

    def documents(self, collection: str) -> list[Document]:
        """All live documents, in the order of their first source."""
        with self._database.read() as connection:
            rows = connection.execute(select(t.documents).where(t.documents.c.collection == collection)).all()
            by_id = {row.id: row for row in rows}
            names = pointing.sources_of(connection, collection, list(by_id))
            order = connection.scalars(
                select(t.sources.c.document_id)
                .where(t.sources.c.collection == collection)
                .order_by(t.sources.c.place)
            ).all()
        return [t.document_of(by_id[key], names[key]) for key in dict.fromkeys(order) if key in by_id]

    def page(self, collection: str, after: str, limit: int) -> list[Document]:
        """Live documents in the order of the names of their first sources, those above `after`."""
        with self._database.read() as connection:
            ids = listing.page_of(connection, collection, after, limit)
            names = pointing.sources_of(connection, collection, ids)
            rows = listing.rows_of(connection, collection, ids)
        return [t.document_of(rows[key], names[key]) for key in ids if key in rows]

    def extent(self, collection: str) -> tuple[int, int]:
        """How many live documents there are, and how many chunks they have."""
        with self._database.read() as connection:
            return listing.extent_of(connection, collection)

    def source(self, collection: str, source: str) -> SourceState | None:
        """What a source meant when it was last added."""
        with self._database.read() as connection:
            row = next(rows_of(connection, _SOURCE, collection, source), None)
        return None if row is None else SourceState(source, *row)

    def sources_below(self, collection: str, folder: str) -> list[SourceState]:
        """What the sources below a folder meant when they were last added."""
        start = f"{folder.rstrip('/')}/"
        columns = (t.sources.c.source, t.sources.c.document_id, t.documents.c.size, t.sources.c.modified)
        below = t.sources.c.source.startswith(start, autoescape=True)  # to SQLite, `A` and `a` are alike
        statement = (
            select(*columns)
            .select_from(_NAMED)
            .where(t.sources.c.collection == collection, below)
            .order_by(t.sources.c.place)
        )
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        return [SourceState(*row) for row in rows if row[0].startswith(start)]

    def touch(self, collection: str, sources: Mapping[str, float]) -> None:
        """Note when the files of sources were changed last."""
        with self._database.write("attach") as connection:
            for source, modified in sources.items():
                statement = update(t.sources).where(pointing.is_source(collection, source))
                connection.execute(statement.values(modified=modified))

    def detach(self, collection: str, sources: Sequence[str]) -> None:
        """Forget sources, in one transaction; what nothing names any more is retired."""
        with self._database.write("remove") as connection:
            changes = self._changes(collection)
            gone = pointing.forget_sources(connection, collection, sources, changes)
            forget_answers(connection, gone)
            changes.write(connection)

    def chunks(self, collection: str, ids: Sequence[str]) -> dict[str, StoredChunk]:
        """Those of the ids that are chunks of live documents."""

        def ask(missing: Sequence[str]) -> dict[str, StoredChunk]:
            with self._database.read() as connection:
                found = list(chunks_of_ids(connection, collection, missing))
                documents = list({chunk.document_id for chunk in found})
                names = pointing.sources_of(connection, collection, documents)
            return {chunk.id: StoredChunk(chunk, names.get(chunk.document_id, ("",))[-1]) for chunk in found}

        def size(stored: StoredChunk) -> int:
            return _size_of(stored.chunk)

        return self._database.at_hand.read(("chunks", collection), ids, ask, size)

    def document_chunks(self, collection: str, document_id: str) -> list[Chunk]:
        """The chunks of a live document in order."""
        with self._database.read() as connection:
            return chunks_of_document(connection, collection, document_id)

    def labelled(
        self, collection: str, labels: Sequence[tuple[str, str]], limit: int
    ) -> frozenset[str] | None:
        """The live documents that have all of these metadata pairs; `None` where more than `limit` do."""
        c = t.labels.c
        each = [
            select(c.document_id).where(c.collection == collection, c.label == label_of(key, value))
            for key, value in labels
        ]
        with self._database.read() as connection:
            ids = connection.scalars(intersect(*each).limit(limit + 1)).all()
        return None if len(ids) > limit else frozenset(ids)

    def neighbours(self, collection: str, chunks: Sequence[Chunk], reach: int) -> dict[str, list[Chunk]]:
        """For the id of each chunk, those up to `reach` places before and after it, the nearest first."""
        wanted = {chunk.id: chunk for chunk in chunks}

        def ask(missing: Sequence[str]) -> dict[str, list[Chunk]]:
            with self._database.read() as connection:
                return chunks_near(connection, collection, [wanted[key] for key in missing], reach)

        def size(near: Sequence[Chunk]) -> int:
            return sum(map(_size_of, near))

        with self._database.snapshot():
            return self._database.at_hand.read(("near", collection, reach), list(wanted), ask, size)

    def term_statistics(self, collection: str, terms: Iterable[int]) -> TermStatistics:
        """Counts for these terms."""
        with self._database.read() as connection:
            return statistics_of(connection, collection, terms)

    def embeddings(self, model: str, text_hashes: Iterable[str]) -> dict[str, tuple[str, int]]:
        """Of the texts embedded before: the blob, and the row in it."""
        found: dict[str, tuple[str, int]] = {}
        texts = {t.vector_key(model, text_hash): text_hash for text_hash in text_hashes}
        columns = (t.vectors.c.key, t.packs.c.blob, t.vectors.c.place)
        joined = t.vectors.join(t.packs, t.vectors.c.pack == t.packs.c.id)
        with self._database.read() as connection:
            for part in parts(list(texts)):
                where = t.vectors.c.key.in_(part)
                for key, blob, place in connection.execute(select(*columns).select_from(joined).where(where)):
                    found[texts[key]] = (blob, place)
        return found

    def collections(self) -> list[str]:
        """The names of collections that hold documents."""
        return [name for name in self.books.scopes() if not (is_aside(name) or is_past(name))]

    def remember(self, key: str, value: str) -> None:
        """Keep a small text under a key."""
        self._noting.write((key, value))

    def _note(self, notes: Sequence[tuple[str, str]]) -> None:
        with self._database.write("note") as connection:
            rows = [{"key": key, "value": value} for key, value in dict(notes).items()]
            sql.upsert(connection, t.notes, rows)

    def recall(self, key: str) -> str | None:
        """The text kept under a key."""
        with self._database.read() as connection:
            return connection.scalar(select(t.notes.c.value).where(t.notes.c.key == key))


def _size_of(chunk: Chunk) -> int:
    return 1000 + len(chunk.text) + 300 * len(chunk.spans)


def _open(connection: Connection) -> None:
    """Make the tables that are missing; what a newer Glede wrote is left as it is."""
    opening(connection)
    t.settings.create(connection, checkfirst=True)
    found = connection.scalar(select(t.settings.c.value).where(t.settings.c.key == "version"))
    if found is not None and int(found) > t.VERSION:
        raise ConfigurationError(
            f"a newer Glede wrote this catalogue (format {found}; this one knows {t.VERSION})",
            hint="pip install --upgrade glede",
        )
    t.metadata.create_all(connection)
    renew(connection)
    if found != str(t.VERSION):
        sql.upsert(connection, t.settings, [{"key": "version", "value": str(t.VERSION)}])
