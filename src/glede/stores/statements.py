"""The statements behind the catalogue's transactions, each over rows that an index finds."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    and_,
    create_engine,
    delete,
    event,
    func,
    insert,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from glede.errors import ConfigurationError, UnavailableError, UsageError
from glede.ports import Commit
from glede.stores import schema as t
from glede.types import Chunk

T = TypeVar("T")
MOST_PARAMETERS = 500
"""Values in one `IN`, below the limits of every database."""
LOCK_SECONDS = 30


def connected(url: str) -> Engine:
    """An engine for the URL; a SQLite file is made with mode 0600, and keeps every commit through a crash."""
    try:
        target = make_url(url)
    except SQLAlchemyError as error:
        raise ConfigurationError("the catalogue's address is no SQLAlchemy URL") from error
    if target.get_backend_name() != "sqlite":
        return create_engine(target, pool_pre_ping=True)
    if target.database and target.database != ":memory:":
        Path(target.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(target.database, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(target, connect_args={"timeout": LOCK_SECONDS})
    event.listen(engine, "connect", _durable)
    return engine


def _durable(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_snapshot(connection: Connection) -> None:
    """Let all reads on the connection see one state of the database, whatever is written meanwhile."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")  # the driver itself begins no transaction before a write
    else:
        connection.execution_options(isolation_level="REPEATABLE READ")


@contextmanager
def translated() -> Iterator[None]:
    """The errors of SQL as ours."""
    try:
        yield
    except DBAPIError as error:
        raise UnavailableError(f"the catalogue: {error.orig}", hint=_hint(str(error.orig))) from error
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{error.object!a} is no text: it cannot be written as UTF-8",
            hint="Rename the file, or write the name in UTF-8.",
        ) from error
    except (SQLAlchemyError, OSError) as error:
        raise UnavailableError(f"the catalogue: {error}") from error


def _hint(message: str) -> str:
    if "full" in message:
        return "Free some space on the disk and run the command again: nothing acknowledged is lost."
    if "malformed" in message or "not a database" in message:
        return "The file is damaged: restore it from a backup, or add the documents to a new folder."
    if "locked" in message:
        return "Another process is writing to it; try again."
    return UnavailableError.default_hint


def parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in runs that fit one statement."""
    for start in range(0, len(values), MOST_PARAMETERS):
        yield values[start : start + MOST_PARAMETERS]


def upsert(connection: Connection, table: Table, row: Mapping[str, object]) -> None:
    """Write a row, in place of the one with the same primary key."""
    keys = [column.name for column in table.primary_key]
    statement = _insert(connection, table)
    changed = {name: statement.excluded[name] for name in row if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), dict(row))


def increment(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]], names: Sequence[str]
) -> None:
    """Add to the named columns of rows, which begin at 0 where they are missing."""
    keys = [column.name for column in table.primary_key]
    statement = _insert(connection, table)
    changed = {name: table.c[name] + statement.excluded[name] for name in names}
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=changed), [dict(row) for row in rows]
    )


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


class Changes:
    """What a transaction does to a collection's statistics, and what it dropped, written once at its end.

    Only then is it known whether a later step of the same transaction brought a chunk or blob again.
    """

    def __init__(self, collection: str) -> None:
        self._collection = collection
        self._terms: Counter[int] = Counter()
        self._chunks = 0
        self._lengths = 0
        self._dropped: list[tuple[Sequence[str], Sequence[str]]] = []

    def add(self, terms: Mapping[int, int], chunks: int, lengths: int, sign: int = 1) -> None:
        """Count chunks that hold these terms, or with `sign=-1` take them back."""
        for term, count in terms.items():
            self._terms[term] += sign * count
        self._chunks += sign * chunks
        self._lengths += sign * lengths

    def drop(self, chunk_ids: Sequence[str], blobs: Sequence[str]) -> None:
        """Note what a document kept that was taken out."""
        self._dropped.append((chunk_ids, blobs))

    def write(self, connection: Connection) -> None:
        """Write the statistics, and retire what no live document uses any more."""
        self._write_statistics(connection)
        for chunk_ids, blobs in self._dropped:
            gone = _unused(connection, t.chunks, "id", chunk_ids, self._collection)
            keys = _unused(connection, t.blobs, "key", blobs)
            for part in parts(keys):
                connection.execute(delete(t.vectors).where(t.vectors.c.blob.in_(part)))
            if gone or keys:
                retire(connection, self._collection, gone, keys)

    def _write_statistics(self, connection: Connection) -> None:
        changed = sorted((term, change) for term, change in self._terms.items() if change)
        rows = [
            {"collection": self._collection, "term": term, "frequency": change} for term, change in changed
        ]
        if rows:
            increment(connection, t.terms, rows, ("frequency",))
        for part in parts([term for term, change in changed if change < 0]):
            where = and_(t.terms.c.collection == self._collection, t.terms.c.term.in_(part))
            connection.execute(delete(t.terms).where(where, t.terms.c.frequency <= 0))
        if self._chunks or self._lengths:
            row = {"collection": self._collection, "chunks": self._chunks, "lengths": self._lengths}
            increment(connection, t.totals, [row], ("chunks", "lengths"))


def write_document(connection: Connection, collection: str, commit: Commit, changes: Changes) -> None:
    """The rows of a document; those of an older version of it make way."""
    document = commit.document
    if is_live(connection, collection, document.id):
        drop(connection, collection, document.id, changes)
    connection.execute(
        insert(t.documents).values(
            collection=collection,
            id=document.id,
            version=document.version,
            sha256=document.sha256,
            media_type=document.media_type,
            size=document.size,
            parser=document.parser,
            pages=document.pages,
            chunks=len(commit.chunks),
            added_at=document.added_at,
            details=t.document_details(document),
            terms=t.packed_terms(commit.terms),
            lengths=commit.lengths,
        )
    )
    _insert_chunks(connection, collection, commit.chunks)
    _insert_blobs(connection, collection, commit)
    changes.add(commit.terms, len(commit.chunks), commit.lengths)


def _insert_chunks(connection: Connection, collection: str, chunks: Sequence[Chunk]) -> None:
    rows = [
        {
            "id": chunk.id,
            "collection": collection,
            "document_id": chunk.document_id,
            "ordinal": chunk.ordinal,
            "modality": chunk.modality,
            "text": chunk.text,
            "details": t.chunk_details(chunk),
        }
        for chunk in chunks
    ]
    if rows:
        connection.execute(insert(t.chunks), rows)


def _insert_blobs(connection: Connection, collection: str, commit: Commit) -> None:
    keys = dict.fromkeys(commit.blobs)
    rows = [{"key": key, "collection": collection, "document_id": commit.document.id} for key in keys]
    if rows:
        connection.execute(insert(t.blobs), rows)
    if commit.pack is None:
        return
    pack = commit.pack
    for place, text_hash in enumerate(pack.text_hashes):
        upsert(
            connection,
            t.vectors,
            {"model": pack.model, "text_hash": text_hash, "blob": pack.key, "place": place},
        )


def drop(connection: Connection, collection: str, document_id: str, changes: Changes) -> None:
    """Remove a document's rows; the changes retire those chunks and blobs that nothing brings again."""
    where = _document(t.documents, collection, document_id, "id")
    row = connection.execute(
        select(t.documents.c.terms, t.documents.c.chunks, t.documents.c.lengths).where(where)
    ).one()
    changes.add(t.unpacked_terms(row.terms), row.chunks, row.lengths, sign=-1)
    own_chunks = _document(t.chunks, collection, document_id)
    own_blobs = _document(t.blobs, collection, document_id)
    changes.drop(
        connection.scalars(select(t.chunks.c.id).where(own_chunks)).all(),
        connection.scalars(select(t.blobs.c.key).where(own_blobs)).all(),
    )
    connection.execute(delete(t.documents).where(where))
    connection.execute(delete(t.chunks).where(own_chunks))
    connection.execute(delete(t.blobs).where(own_blobs))


def _unused(
    connection: Connection, table: Table, column: str, keys: Sequence[str], collection: str | None = None
) -> list[str]:
    """Those keys that no row of the table holds (any more), in one collection or in all."""
    used: set[str] = set()
    for part in parts(keys):
        where: list[ColumnElement[bool]] = [table.c[column].in_(part)]
        if collection is not None:
            where.append(table.c.collection == collection)
        used.update(connection.scalars(select(table.c[column]).where(*where).distinct()))
    return [key for key in keys if key not in used]


def retire(connection: Connection, collection: str, chunk_ids: Sequence[str], blobs: Sequence[str]) -> int:
    """Note what is to be purged from Index and Blobs."""
    row = {
        "collection": collection,
        "chunk_ids": orjson.dumps(list(chunk_ids)),
        "blobs": orjson.dumps(list(blobs)),
    }
    key = connection.execute(insert(t.retired).values(row)).inserted_primary_key
    return int(key[0]) if key else 0


def is_live(connection: Connection, collection: str, document_id: str) -> bool:
    """Whether there is a document of that id."""
    where = _document(t.documents, collection, document_id, "id")
    return connection.scalar(select(t.documents.c.id).where(where)) is not None


def pointed_at(connection: Connection, collection: str, source: str) -> str | None:
    """The document that a source means."""
    return connection.scalar(select(t.sources.c.document_id).where(is_source(collection, source)))


Name = tuple[str, str, float]
"""A source, the document that it means from now on, and when the file was changed."""


def point(connection: Connection, collection: str, names: Sequence[Name], changes: Changes) -> None:
    """Let sources mean documents; what nothing names after the last of them goes."""
    touched: dict[str, None] = {}
    last = connection.scalar(select(func.max(t.sources.c.place))) or 0
    for place, (source, document_id, modified) in enumerate(names, last + 1):
        before = pointed_at(connection, collection, source)
        touched |= dict.fromkeys((document_id,) if before is None else (before, document_id))
        row = {"collection": collection, "source": source, "document_id": document_id}
        upsert(connection, t.sources, {**row, "modified": modified, "place": place})
    for document_id in touched:
        where = _document(t.sources, collection, document_id)
        if connection.scalar(select(t.sources.c.source).where(where).limit(1)) is None:
            drop(connection, collection, document_id, changes)


def is_source(collection: str, source: str) -> ColumnElement[bool]:
    """The condition that finds a source."""
    return and_(t.sources.c.collection == collection, t.sources.c.source == source)


def _document(
    table: Table, collection: str, document_id: str, column: str = "document_id"
) -> ColumnElement[bool]:
    return and_(table.c.collection == collection, table.c[column] == document_id)


def sources_of(
    connection: Connection, collection: str, document_ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The names of documents, each document's latest last."""
    names: dict[str, tuple[str, ...]] = {}
    for part in parts(document_ids):
        where = and_(t.sources.c.collection == collection, t.sources.c.document_id.in_(part))
        rows = connection.execute(
            select(t.sources.c.document_id, t.sources.c.source).where(where).order_by(t.sources.c.place)
        )
        for document_id, source in rows:
            names[document_id] = (*names.get(document_id, ()), source)
    return names


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
