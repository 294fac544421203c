"""What those who look after a data folder ask of the catalogue's database, beside the lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import orjson
from sqlalchemy import delete, func, select

from glede.ports import EmbeddingPack
from glede.stores import pointing, statements
from glede.stores import schema as t
from glede.stores import schema_graph as g
from glede.stores.keeping import keep_more, keep_vectors, let_go
from glede.stores.moving import move
from glede.stores.sql import Database, increment, parts
from glede.types import Document

MOST_DAMAGES = 20
"""Damages of a database file that are told; the rest follow from them."""


class SqlBooks:
    """Whether the books are right, and how they are set right; see `glede.care.books`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def damages(self, *, deep: bool) -> list[str]:
        """What the database finds wrong with its own file; a deep look also compares tables and indexes."""
        with self._database.read() as connection:
            if connection.dialect.name != "sqlite":
                return []
            check = "integrity_check" if deep else "quick_check"
            found = list(connection.exec_driver_sql(f"PRAGMA {check}({MOST_DAMAGES})").scalars())
        return [] if found == ["ok"] else [str(one) for one in found]

    def scopes(self) -> list[str]:
        """All collections, those of disabled documents among them."""
        with self._database.read() as connection:
            return sorted(connection.scalars(select(t.documents.c.collection).distinct()))

    def document_ids(self, collection: str) -> list[str]:
        """The ids of all documents of a collection."""
        with self._database.read() as connection:
            where = t.documents.c.collection == collection
            return sorted(connection.scalars(select(t.documents.c.id).where(where)))

    def unverified(self, collection: str, document_id: str) -> Document:
        """A document as far as its row can be read, damaged or not, else its id and names."""
        c = t.documents.c
        with self._database.read() as connection:
            row = connection.execute(
                select(t.documents).where(c.collection == collection, c.id == document_id)
            ).one_or_none()
            names = pointing.sources_of(connection, collection, [document_id]).get(document_id, ())
        try:
            return t.document_of(row, names, whole=False) if row is not None else _named(document_id, names)
        except (KeyError, TypeError, AttributeError, ValueError):
            return _named(document_id, names)

    def kept_blobs(self, collection: str, document_id: str) -> tuple[str, ...]:
        """The keys of what a document keeps in Blobs."""
        c = t.documents.c
        with self._database.read() as connection:
            where = (c.collection == collection, c.id == document_id)
            data = connection.scalar(select(c.blobs).where(*where))
        return tuple(orjson.loads(data)) if data else ()

    def pack_rows(self, blobs: Sequence[str]) -> dict[str, int]:
        """How many vectors each of these blobs holds, where it is one of vectors."""
        found: dict[str, int] = {}
        with self._database.read() as connection:
            for part in parts(list(blobs)):
                columns = (t.packs.c.blob, func.length(t.packs.c["keys"]))
                rows = connection.execute(select(*columns).where(t.packs.c.blob.in_(part)))
                found |= {blob: length // 16 for blob, length in rows}
        return found

    def miscounted(self) -> list[str]:
        """The collections whose keyword statistics, or counts of blobs, are not those of their documents."""
        with self._database.read() as connection:
            c = t.documents.c
            counted = select(c.collection, func.sum(c.chunks), func.sum(c.lengths)).group_by(c.collection)
            right = {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(counted)}
            there = select(t.totals.c.collection, t.totals.c.chunks, t.totals.c.lengths)
            kept = {row[0]: (row[1], row[2]) for row in connection.execute(there)}
        names = sorted(right.keys() | kept.keys())
        return [name for name in names if right.get(name, (0, 0)) != kept.get(name, (0, 0))]

    def recount(self) -> None:
        """Count words, chunks and uses of blobs again, from what each document says of itself."""
        with self._database.write("books") as connection:
            for table in (t.terms, t.totals, t.blobs):
                connection.execute(delete(table))
            uses: Counter[str] = Counter()
            for collection in connection.scalars(select(t.documents.c.collection).distinct()).all():
                changes = statements.Changes(collection)
                c = t.documents.c
                columns = (c.terms, c.chunks, c.lengths, c.blobs)
                where = c.collection == collection
                for terms, chunks, lengths, blobs in connection.execute(select(*columns).where(where)):
                    changes.add(t.unpacked_terms(terms), chunks, lengths)
                    uses.update(orjson.loads(blobs))
                changes.write(connection)
            rows = [{"key": key, "uses": count} for key, count in sorted(uses.items())]
            increment(connection, t.blobs, rows, ("uses",))

    def reindex(self) -> None:
        """Make the indexes of a database file again from its tables."""
        with self._database.write("books") as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("REINDEX")

    def forget_packs(self, blobs: Sequence[str]) -> None:
        """Forget which vectors these blobs hold."""
        with self._database.write("books") as connection:
            for part in parts(list(blobs)):
                statements.forget_packs(connection, part)

    def keep_pack(self, pack: EmbeddingPack) -> None:
        """Note which vectors a blob holds that its documents keep already."""
        with self._database.write("books") as connection:
            statements.insert_packs(connection, [pack])

    def keep_packs(
        self,
        collection: str,
        packs: Sequence[EmbeddingPack],
        kept: Mapping[str, Sequence[str]],
        announced: int,
    ) -> None:
        """Note blobs of vectors, let documents keep them from now on, and take the announcement back."""
        with self._database.write("books") as connection:
            statements.insert_packs(connection, packs)
            for document_id, keys in kept.items():
                keep_more(connection, collection, document_id, keys)
            connection.execute(delete(t.retired).where(t.retired.c.id == announced))

    def release_packs(self, collection: str, needed: Mapping[str, Sequence[str]]) -> None:
        """Let documents keep of vectors only these blobs, and retire those that nobody keeps then."""
        with self._database.write("books") as connection:
            changes = statements.Changes(collection)
            for document_id, keys in needed.items():
                changes.drop((), keep_vectors(connection, collection, document_id, keys))
            changes.write(connection)

    def sole_packs(self, collection: str, document_id: str) -> dict[str, int]:
        """The blobs of vectors that no other document keeps, each with how many it holds."""
        keys = [key for key in self.kept_blobs(collection, document_id) if key.startswith("vectors/")]
        b = t.blobs.c
        with self._database.read() as connection:
            where = (b.key.in_(keys), b.uses == 1)
            sole = list(connection.scalars(select(b.key).where(*where).order_by(b.key)))
        return self.pack_rows(sole)

    def repack(
        self,
        collection: str,
        document_id: str,
        pack: EmbeddingPack,
        instead_of: Sequence[str],
        announced: int,
    ) -> None:
        """Let a document keep a blob of vectors in place of others, and take the announcement back."""
        with self._database.write("books") as connection:
            if statements.is_live(connection, collection, document_id):
                statements.insert_packs(connection, [pack])
                keep_more(connection, collection, document_id, [pack.key])
                changes = statements.Changes(collection)
                changes.drop((), let_go(connection, collection, document_id, instead_of))
                changes.write(connection)
                connection.execute(delete(t.retired).where(t.retired.c.id == announced))

    def ungraphed(self, collection: str) -> list[str]:
        """The documents of which the graph knows nothing, though it was to read them."""
        d, c = t.documents.c, g.documents.c
        read = (c.collection == d.collection, c.document_id == d.id)
        with self._database.read() as connection:
            where = (d.collection == collection, ~select(c.number).where(*read).exists())
            return list(connection.scalars(select(d.id).where(*where).order_by(d.id)))

    def disable(self, collection: str, aside: str, document_ids: Sequence[str]) -> None:
        """Move live documents to the collection `aside`, in one transaction that retires their index rows."""
        with self._database.write("disable") as connection:
            for document_id in document_ids:
                chunk_ids = move(connection, collection, aside, document_id)
                statements.retire(connection, collection, chunk_ids, ())

    def enable(self, collection: str, aside: str, document_ids: Sequence[str], announced: int) -> None:
        """Move documents back, whose index rows are written again, and take the announcement back."""
        with self._database.write("enable") as connection:
            for document_id in document_ids:
                move(connection, aside, collection, document_id)
            connection.execute(delete(t.retired).where(t.retired.c.id == announced))


def _named(document_id: str, names: tuple[str, ...]) -> Document:
    return Document(document_id, "", "", "", 0, "", names)
