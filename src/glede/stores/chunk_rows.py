# ruff: noqa: S608 - nothing but integers and our own names gets into the statements
"""What every question reads of the catalogue, over and over: chunks, those around them, and statistics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection

from glede.ports import TermStatistics
from glede.stores.schema import chunk_of
from glede.stores.sql import marks, parts, rows_of
from glede.types import Chunk

COLUMNS = "id, document_id, ordinal, modality, text, details"
AROUND_AT_ONCE = 50
"""Chunks whose neighbours one statement reads."""


def chunks_of_ids(connection: Connection, collection: str, ids: Sequence[str]) -> Iterator[Chunk]:
    """Those of the ids that there are."""
    for part in parts(ids):
        statement = f"SELECT {COLUMNS} FROM chunks WHERE collection = ? AND id IN ({marks(part)})"
        yield from (chunk_of(*row) for row in rows_of(connection, statement, collection, *part))


def chunks_of_document(connection: Connection, collection: str, document_id: str) -> list[Chunk]:
    """All of a document, in order."""
    statement = f"SELECT {COLUMNS} FROM chunks WHERE collection = ? AND document_id = ? ORDER BY ordinal"
    return [chunk_of(*row) for row in rows_of(connection, statement, collection, document_id)]


def chunks_near(
    connection: Connection, collection: str, chunks: Sequence[Chunk], reach: int
) -> dict[str, list[Chunk]]:
    """For the id of each chunk, those up to `reach` places before and after it, the nearest first."""
    found: dict[tuple[str, int], Chunk] = {}
    for start in range(0, len(chunks), AROUND_AT_ONCE):
        part = chunks[start : start + AROUND_AT_ONCE]
        near = " OR ".join(
            f"(collection = ? AND document_id = ? AND ordinal BETWEEN {one.ordinal - reach} AND"
            f" {one.ordinal + reach})"
            for one in part
        )
        values = [value for one in part for value in (collection, one.document_id)]
        rows = rows_of(connection, f"SELECT {COLUMNS} FROM chunks WHERE {near}", *values)
        found.update(((one.document_id, one.ordinal), one) for one in (chunk_of(*row) for row in rows))
    return {chunk.id: list(_around(chunk, found, reach)) for chunk in chunks}


def _around(chunk: Chunk, found: dict[tuple[str, int], Chunk], reach: int) -> Iterator[Chunk]:
    for distance in range(1, reach + 1):
        for place in (chunk.ordinal - distance, chunk.ordinal + distance):
            if (chunk.document_id, place) in found:
                yield found[chunk.document_id, place]


def statistics_of(connection: Connection, collection: str, terms: Iterable[int]) -> TermStatistics:
    """Counts for these terms."""
    totals = rows_of(connection, "SELECT chunks, lengths FROM totals WHERE collection = ?", collection)
    chunks, lengths = next(totals, (0, 0))
    frequencies: dict[int, int] = {}
    for part in parts(list(terms)):
        statement = f"SELECT term, frequency FROM terms WHERE collection = ? AND term IN ({marks(part)})"
        frequencies.update(rows_of(connection, statement, collection, *part))
    return TermStatistics(chunks, lengths / chunks if chunks else 0.0, frequencies)
