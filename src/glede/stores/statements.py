"""The statements behind the catalogue's transactions, each over rows that an index finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Table, and_, delete, insert, select

from glede.errors import DamagedError
from glede.ports import Commit, EmbeddingPack
from glede.stores import schema as t
from glede.stores.graph_writing import drop_graph, write_graphs
from glede.stores.responses import forget_vectors
from glede.stores.sql import append, increment, numbered, parts, rows_of, upsert
from glede.text.labels import labels_of
from glede.types import Chunk, Document

TERMS_AT_ONCE = 5000
"""A long table has hundreds of thousands of terms, of which each takes half a kilobyte on its way."""


class Leaving(Protocol):
    """Told what stops being live within a transaction, where a history is kept."""

    def ended(self, connection: Connection, source: str, before: str, after: str | None) -> None:
        """A source means the document `before` no longer, but `after` or nothing."""
        ...

    def renewed(self, connection: Connection, added: Mapping[str, str]) -> None:
        """Documents are about to be written, read anew or back from the past; since when, by their ids."""
        ...

    def left(self, connection: Connection, document_id: str, changes: Changes) -> None:
        """No source means a document any more: it is to be taken out."""
        ...

    def close(self, connection: Connection) -> None:
        """The present is written: what changed in the past is to be written too."""
        ...


class Changes:
    """What a transaction does to a collection's statistics, and what it dropped, written once at its end.

    Only then is it known whether a later step of the same transaction brought a chunk or blob again. Without
    a history what leaves is dropped.
    """

    def __init__(self, collection: str, leaving: Leaving | None = None) -> None:
        self._collection = collection
        self.leaving = leaving
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

    def take_out(self, connection: Connection, document_id: str) -> None:
        """Take a document out that no source means any more."""
        if self.leaving is None:
            drop(connection, self._collection, document_id, self)
        else:
            self.leaving.left(connection, document_id, self)

    def write(self, connection: Connection) -> None:
        """Write the statistics, and retire what no live document uses any more."""
        self._write_statistics(connection)
        for chunk_ids, blobs in self._dropped:
            gone = _unused(connection, t.chunks, "id", chunk_ids, self._collection)
            for part in parts(blobs):
                connection.execute(delete(t.blobs).where(t.blobs.c.key.in_(part), t.blobs.c.uses <= 0))
            keys = _unused(connection, t.blobs, "key", blobs)
            for part in parts(keys):
                forget_packs(connection, part)
            if gone or keys:
                retire(connection, self._collection, gone, keys)
        if self.leaving is not None:
            self.leaving.close(connection)

    def _write_statistics(self, connection: Connection) -> None:
        changed = sorted((term, change) for term, change in self._terms.items() if change)
        for start in range(0, len(changed), TERMS_AT_ONCE):
            rows = [
                {"collection": self._collection, "term": term, "frequency": change}
                for term, change in changed[start : start + TERMS_AT_ONCE]
            ]
            increment(connection, t.terms, rows, ("frequency",))
        for part in parts([term for term, change in changed if change < 0]):
            where = and_(t.terms.c.collection == self._collection, t.terms.c.term.in_(part))
            connection.execute(delete(t.terms).where(where, t.terms.c.frequency <= 0))
        if self._chunks or self._lengths:
            row = {"collection": self._collection, "chunks": self._chunks, "lengths": self._lengths}
            increment(connection, t.totals, [row], ("chunks", "lengths"))


def write_documents(
    connection: Connection, collection: str, commits: Sequence[Commit], changes: Changes
) -> None:
    """The rows of documents; those of an older version of one make way, as do earlier ones of this call."""
    latest = {commit.document.id: commit for commit in commits}
    if changes.leaving is not None:
        changes.leaving.renewed(connection, {key: one.document.added_at for key, one in latest.items()})
    for document_id in live_among(connection, collection, list(latest)):
        drop(connection, collection, document_id, changes)
    for commit in latest.values():
        changes.add(commit.terms, len(commit.chunks), commit.lengths)
    for commit in commits:
        if commit is not latest[commit.document.id]:
            changes.drop([chunk.id for chunk in commit.chunks], commit.blobs)
    append(connection, t.documents, [_document_row(collection, commit) for commit in latest.values()])
    _insert_labels(connection, collection, [commit.document for commit in latest.values()])
    _insert_chunks(connection, collection, [chunk for one in latest.values() for chunk in one.chunks])
    graphs = [commit.graph for commit in latest.values() if commit.graph is not None]
    write_graphs(connection, collection, graphs)
    # Those that stay come last: of a text that several packs hold, the last one is found.
    staying = sorted(commits, key=lambda commit: commit is latest[commit.document.id])
    insert_packs(connection, [commit.pack for commit in staying if commit.pack is not None])
    uses = Counter(key for commit in latest.values() for key in set(commit.blobs))
    increment(connection, t.blobs, [{"key": key, "uses": uses[key]} for key in sorted(uses)], ("uses",))


def _document_row(collection: str, commit: Commit) -> tuple[object, ...]:
    """In the order of the table's columns."""
    document = commit.document
    blobs, terms = orjson.dumps(sorted(set(commit.blobs))), t.packed_terms(commit.terms)
    own = (
        document.id,
        document.version,
        document.sha256,
        document.media_type,
        document.size,
        document.parser,
        document.pages,
    )
    chunks = len(commit.chunks)
    details = t.document_details(document, chunks, blobs, terms, commit.lengths)
    return collection, *own, chunks, document.added_at, details, blobs, terms, commit.lengths


def _insert_labels(connection: Connection, collection: str, documents: Sequence[Document]) -> None:
    rows = [(collection, label, document.id) for document in documents for label in labels_of(document)]
    append(connection, t.labels, rows)


def _delete_labels(connection: Connection, collection: str, row: Row[tuple[object, ...]]) -> None:
    own = of_document(t.labels, collection, row._mapping["id"])
    try:
        labels = labels_of(t.document_of(row, ()))
    except DamagedError:
        connection.execute(delete(t.labels).where(own))  # looks at all labels, where it is not known which
        return
    for part in parts(labels):
        connection.execute(delete(t.labels).where(own, t.labels.c.label.in_(part)))


def _insert_chunks(connection: Connection, collection: str, chunks: Sequence[Chunk]) -> None:
    """In parts, since those of a long table take a tenth of a gigabyte on their way."""
    for part in parts(chunks):
        append(connection, t.chunks, [_chunk_row(collection, chunk) for chunk in part])


def _chunk_row(collection: str, chunk: Chunk) -> tuple[object, ...]:
    """In the order of the table's columns."""
    own = (chunk.id, chunk.document_id, chunk.ordinal, chunk.modality, chunk.text)
    return collection, *own, t.chunk_details(chunk)


def insert_packs(connection: Connection, packs: Sequence[EmbeddingPack]) -> None:
    """Note where embeddings lie."""
    if not packs:
        return
    keys: dict[str, list[bytes]] = {}
    for pack in packs:
        keys.pop(pack.key, None)  # one that comes again counts where it comes last
        keys[pack.key] = [t.vector_key(pack.model, text_hash) for text_hash in pack.text_hashes]
    numbers: dict[str, int] = {}
    for part in parts(list(keys)):
        known = select(t.packs.c.blob, t.packs.c.id).where(t.packs.c.blob.in_(part))
        numbers.update((blob, number) for blob, number in connection.execute(known))
    for blob, of_it in keys.items():
        if blob not in numbers:
            numbers[blob] = numbered(connection, t.packs, {"blob": blob, "keys": b"".join(of_it)})
    rows = [
        {"key": key, "pack": numbers[blob], "place": place}
        for blob, of_it in keys.items()
        for place, key in enumerate(of_it)
    ]
    upsert(connection, t.vectors, rows)
    forget_vectors(connection, [key for of_it in keys.values() for key in of_it])


def forget_packs(connection: Connection, blobs: Sequence[str]) -> None:
    """Forget where the embeddings of these blobs lay."""
    columns = (t.packs.c.id, t.packs.c["keys"])
    for number, joined in connection.execute(select(*columns).where(t.packs.c.blob.in_(blobs))).all():
        keys = [joined[start : start + 16] for start in range(0, len(joined), 16)]
        for part in parts(keys):
            connection.execute(delete(t.vectors).where(t.vectors.c.key.in_(part), t.vectors.c.pack == number))
        connection.execute(delete(t.packs).where(t.packs.c.id == number))


def drop(connection: Connection, collection: str, document_id: str, changes: Changes) -> None:
    """Remove a document's rows; the changes retire those chunks and blobs that nothing brings again."""
    where = of_document(t.documents, collection, document_id, "id")
    row = connection.execute(select(t.documents).where(where)).one()
    terms, blobs = kept_of(row)
    changes.add(terms, row.chunks, row.lengths, sign=-1)
    own = of_document(t.chunks, collection, document_id)
    changes.drop(connection.scalars(select(t.chunks.c.id).where(own)).all(), blobs)
    drop_graph(connection, collection, document_id)
    _delete_labels(connection, collection, row)
    connection.execute(delete(t.documents).where(where))
    connection.execute(delete(t.chunks).where(own))
    increment(connection, t.blobs, [{"key": key, "uses": -1} for key in blobs], ("uses",))


def kept_of(row: Row[tuple[object, ...]]) -> tuple[dict[int, int], list[str]]:
    """The terms and blobs of a document, none where its row is damaged: `glede rebuild` counts again."""
    try:
        t.document_of(row, ())
        return t.unpacked_terms(row._mapping["terms"]), orjson.loads(row._mapping["blobs"])
    except DamagedError:
        return {}, []


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


def live_among(connection: Connection, collection: str, document_ids: Sequence[str]) -> list[str]:
    """Those of the ids that are live documents."""
    live: set[str] = set()
    for part in parts(document_ids):
        where = and_(t.documents.c.collection == collection, t.documents.c.id.in_(part))
        live.update(connection.scalars(select(t.documents.c.id).where(where)))
    return [document_id for document_id in document_ids if document_id in live]


def is_live(connection: Connection, collection: str, document_id: str) -> bool:
    """Whether there is a document of that id; of one that is added there is none, most of the time."""
    found = rows_of(
        connection, "SELECT 1 FROM documents WHERE collection = ? AND id = ?", collection, document_id
    )
    return next(found, None) is not None


def of_document(
    table: Table, collection: str, document_id: str, column: str = "document_id"
) -> ColumnElement[bool]:
    """The condition that finds the rows of a document."""
    return and_(table.c.collection == collection, table.c[column] == document_id)
