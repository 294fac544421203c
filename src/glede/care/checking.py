"""Compares catalogue, blobs and index with one another, and names what is wrong by file and document.

It reads and changes nothing. The index is asked by ids, and scanned only where it counts more rows than are
known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from glede.adding.blob_keys import unpacked
from glede.adding.parsed_json import load_parsed
from glede.adding.storing import Store
from glede.aside import is_aside
from glede.care.books import Books, searched
from glede.care.stored import prepared, rows_of, vectors_for
from glede.errors import DamagedError, GledeError, UnavailableError
from glede.pictures.features import pictures_of
from glede.places import PlacedIndex
from glede.ports import Blobs, Catalogue
from glede.types import Document

BATCH = 1000
"""Ids that the index is asked for at a time."""
REBUILD = "`glede rebuild` makes it again from what is whole."
MOST_WAITING = 1_000_000
"""Entries that wait to be purged of which the rows are known."""
LENGTH = 0.01
"""How far from 1 the length of a vector may be."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong: what kind (`code`), in which file or document, and what to do."""

    code: str
    place: str
    detail: str
    hint: str = REBUILD
    documents: tuple[str, ...] = ()


@dataclass(slots=True)
class Checked:
    """What was looked at, and what is wrong with it."""

    problems: list[Problem] = field(default_factory=list)
    documents: int = 0
    chunks: int = 0
    blobs: int = 0
    unfinished: int = 0
    disabled: int = 0


@dataclass(frozen=True)
class Kept:
    """A blob, the documents that keep it, and how many vectors it should hold, if any."""

    key: str
    documents: tuple[tuple[str, str], ...]
    rows: int | None = None

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of the documents."""
        return tuple(document_id for _, document_id in self.documents)


def check_catalogue(books: Books, *, deep: bool = False) -> Iterator[Problem]:
    """Damage of the database's own file, and counts that do not agree."""
    for said in books.damages(deep=deep):
        yield Problem("catalogue_damaged", "catalogue.db", said)
    for name in books.miscounted():
        yield Problem(
            "miscounted", f"collection {name}", "its keyword statistics are not those of its chunks"
        )


def check_documents(catalogue: Catalogue, books: Books, checked: Checked) -> Iterator[Problem]:
    """Rows of documents and chunks that are damaged or missing; counts what there is."""
    for name in books.scopes():
        for document_id in books.document_ids(name):
            try:
                document = catalogue.document(name, document_id)
                if document is None:  # deleted since
                    continue
                count = len(catalogue.document_chunks(name, document_id))
            except (GledeError, ValueError, KeyError, TypeError) as error:
                yield Problem(
                    "document_damaged", f"document {document_id}", str(error), REBUILD, (document_id,)
                )
                continue
            checked.documents += 1
            checked.chunks += count
            checked.unfinished += bool(document.unfinished)
            checked.disabled += is_aside(name)
            yield from _of_document(document, count)


def _of_document(document: Document, chunks: int) -> Iterator[Problem]:
    place = f"document {document.source}"
    if chunks != document.chunks:
        said = f"{chunks} chunks are in the catalogue instead of {document.chunks}"
        yield Problem("chunks_missing", place, said, REBUILD, (document.id,))
    if not document.sources:
        hint = f"`glede rm {document.id}`, and add it again."
        yield Problem("nameless", place, "no source means it", hint, (document.id,))


def kept_blobs(books: Books) -> list[Kept]:
    """All blobs that documents keep, sorted by key."""
    keepers: dict[str, list[tuple[str, str]]] = {}
    for name in books.scopes():
        for document_id in books.document_ids(name):
            try:
                keys = books.kept_blobs(name, document_id)
            except ValueError:  # the row is damaged, and told as such
                continue
            for key in keys:
                keepers.setdefault(key, []).append((name, document_id))
    rows = books.pack_rows(sorted(keepers))
    return [Kept(key, tuple(who), rows.get(key)) for key, who in sorted(keepers.items())]


def check_blobs(blobs: Blobs, kept: Sequence[Kept]) -> Iterator[Problem]:
    """Blobs that are missing, or hold something else than was written."""
    for one in kept:
        try:
            if not blobs.exists(one.key):
                yield Problem("blob_missing", f"blobs/{one.key}", "is missing", REBUILD, one.ids)
                continue
            why = damage_of(one, blobs.get(one.key))
        except UnavailableError as error:
            why = error.message
        if why:
            yield Problem("blob_damaged", f"blobs/{one.key}", why, REBUILD, one.ids)


def damage_of(kept: Kept, data: bytes) -> str | None:
    """What is wrong with the bytes of a blob; those named by their SHA-256 are checked when they are read."""
    kind = kept.key.partition("/")[0]
    try:
        if kind in ("parses", "unprocessed"):
            load_parsed(unpacked(data, kept.key), {})
        if kind == "vectors":
            return _of_vectors(unpacked(data, kept.key) if kept.key.endswith(".z") else data, kept.rows)
    except DamagedError as error:
        return error.message
    except (ValueError, KeyError, TypeError) as error:
        return f"it is no parse: {error}"
    return None


def _of_vectors(data: bytes, rows: int | None) -> str | None:
    if rows is None:
        return "the catalogue does not know which vectors these are"
    if not rows or len(data) % (4 * rows):
        return f"it does not hold {rows} vectors"
    lengths = np.linalg.norm(np.frombuffer(data, dtype="<f4").reshape(rows, -1), axis=1)
    if not np.isfinite(lengths).all() or (abs(lengths - 1) > LENGTH).any():
        return "it holds something else than vectors of length 1"
    return None


def check_index(store: Store, books: Books, *, deep: bool = False) -> Iterator[Problem]:
    """Chunks of live documents that the index does not know, and rows that belong to no document.

    A deep look goes also through the pictures.
    """
    waiting = {key for one in store.catalogue.retired(MOST_WAITING) for key in one.chunk_ids}
    for name in searched(books):
        chunks: dict[str, str] = {}
        known, all_read = 0, True
        for document_id in books.document_ids(name):
            try:
                found = store.catalogue.document_chunks(name, document_id)
            except GledeError:  # told already
                all_read = False
                continue
            chunks |= {chunk.id: document_id for chunk in found}
            known += len(found)
            if len(chunks) >= BATCH:
                yield from _missing(store, name, chunks)
                chunks = {}
        yield from _missing(store, name, chunks)
        if all_read and store.index.count(name) > known:
            yield from _strays(store, books, name, waiting)
        if deep:
            yield from _check_pictures(store, books, name)


def _strays(store: Store, books: Books, collection: str, waiting: set[str]) -> Iterator[Problem]:
    """Rows that neither a document has, nor waits to be purged: what a writer left that was shut out."""
    known = waiting.copy()
    for document_id in books.document_ids(collection):
        known.update(chunk.id for chunk in store.catalogue.document_chunks(collection, document_id))
    count = sum(key not in known for ids in store.index.all_ids(collection) for key in ids)
    if count:
        said = f"{count} rows belong to no document; nobody finds them"
        yield Problem("rows_unknown", f"index {collection}", said, "`glede rebuild` removes them.")


def check_moves(store: Store, books: Books) -> Iterator[Problem]:
    """Places of the index that nobody reads: a move to another embedding model was begun, and is not over."""
    if not isinstance(store.index, PlacedIndex):
        return
    for name in searched(books):
        place = store.index.places.of(name)
        for unread in (*place.left, place.next) if place.next else place.left:
            yield Problem(
                "move_begun",
                f"index {unread}",
                f"vectors of another embedding model for {name} lie here, and nobody reads them",
                "`glede rebuild --embed` under that model goes on; under the one in use it removes them.",
            )


def _missing(store: Store, collection: str, chunks: dict[str, str], where: str = "") -> Iterator[Problem]:
    there = store.index.ids(where or collection, list(chunks))
    lost: dict[str, int] = {}
    for chunk_id, document_id in chunks.items():
        if chunk_id not in there:
            lost[document_id] = lost.get(document_id, 0) + 1
    for document_id, count in lost.items():
        document = store.catalogue.document(collection, document_id)
        if document is not None:  # it may have been deleted since
            said = f"{count} of its chunks are missing from the index"
            yield Problem("rows_missing", f"document {document.source}", said, REBUILD, (document_id,))


def _check_pictures(store: Store, books: Books, collection: str) -> Iterator[Problem]:
    for document_id in books.document_ids(collection):
        try:
            one = prepared(store, collection, document_id)
            if not any(chunk.modality == "image" for chunk in one.chunks):
                continue
            rows = rows_of(store, one, vectors_for(store, [one]))
        except GledeError as error:
            yield Problem("unreadable", f"document {document_id}", error.message, REBUILD, (document_id,))
            continue
        ids = {row.id: document_id for row in rows.pictures}
        yield from _missing(store, collection, ids, pictures_of(collection))


def check_leftovers(
    catalogue: Catalogue, blobs: Blobs, kept: Sequence[Kept], *, deep: bool
) -> Iterator[Problem]:
    """What was retired and is not purged, and with a deep look blobs that belong to nothing."""
    waiting = catalogue.retired(BATCH)
    if waiting:
        said = f"{len(waiting)} retired entries wait to be purged"
        yield Problem("leftovers", "catalogue.db", said, "The next `glede add` purges them.")
    if not deep:
        return
    own = {one.key for one in kept} | {key for one in waiting for key in one.blobs}
    for key in sorted(set(blobs.keys()) - own):
        yield Problem("blob_unknown", f"blobs/{key}", "belongs to no document", "It may be deleted.")
