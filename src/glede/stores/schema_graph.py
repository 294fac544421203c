"""The tables of the knowledge graph in the catalogue's database, and how their values are packed.

What documents say lies in rows of their own: a row for a document, one for each chunk, one for each entity
and document. Only the last come in no order and land on pages far apart, so they are small.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
)

from glede.graph.saying import Spot
from glede.stores.schema import metadata

_KEY = String(64)
_NAME = String(128)
_NODE = BigInteger().with_variant(Integer, "sqlite")  # the key of rows in SQLite: they lie in its order
MOST_COUNTED = 2**16 - 1
ABOUT, STATES, MAY_BIND = 1, 2, 4
"""The chunk is about the entity, states a fact of it, names it by what may be an acronym."""

scopes = Table(
    "graph_scopes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("collection", _NAME, nullable=False, unique=True),
)
"""Numbers of collections, which take less room in rows than names."""

documents = Table(
    "graph_documents",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("scope", Integer, nullable=False),
    Column("collection", _NAME, nullable=False),
    Column("document_id", _KEY, nullable=False),
    Column("extractor", Text, nullable=False),
    Column("unread", LargeBinary, nullable=False),
    Column("warnings", LargeBinary, nullable=False),
    Column("mentions", Integer, nullable=False),
    Column("facts", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("entities", LargeBinary, nullable=False),
    Column("aliases", LargeBinary, nullable=False),
    Index("graph_documents_by_id", "collection", "document_id", unique=True),
    sqlite_autoincrement=True,  # a reader that still holds a number never meets another document under it
)
"""Documents that were read. `entities` are the keys of the document's places, `aliases` the names that it
explains, as JSON."""

chunks = Table(
    "graph_chunks",
    metadata,
    Column("node", _NODE, primary_key=True, autoincrement=False),
    Column("contents", LargeBinary, nullable=False),
    Column("facts", LargeBinary, nullable=False),
)
"""What each chunk names and states; `node` is the document's number and the chunk's place in it."""

places = Table(
    "graph_places",
    metadata,
    Column("scope", Integer),
    Column("entity", BigInteger),
    Column("aside", SmallInteger),
    Column("number", Integer),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("stated", SmallInteger, nullable=False),
    Column("spots", LargeBinary, nullable=False),
    PrimaryKeyConstraint("scope", "entity", "aside", "number"),
    sqlite_with_rowid=False,
)
"""What each document says of each entity; `aside` is 0 where a chunk is about it: such come first."""

aliases = Table(
    "graph_aliases",
    metadata,
    Column("scope", Integer),
    Column("entity", BigInteger),
    Column("other", BigInteger),
    Column("number", Integer),
    Column("binds", SmallInteger, nullable=False),
    PrimaryKeyConstraint("scope", "entity", "other", "number"),
    Index("graph_aliases_of", "scope", "other"),
    sqlite_with_rowid=False,
)
"""Names that documents explain by others."""

edits = Table(
    "graph_edits",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("scope", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("details", LargeBinary, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("undone", SmallInteger, nullable=False),
    Index("graph_edits_of", "scope", "id"),
    sqlite_autoincrement=True,
)

identities = Table(
    "graph_identities",
    metadata,
    Column("scope", Integer),
    Column("entity", BigInteger),
    Column("kept", BigInteger, nullable=False),
    PrimaryKeyConstraint("scope", "entity"),
    Index("graph_identities_of", "scope", "kept"),
    sqlite_with_rowid=False,
)
"""What the edits come to: the number that each merged one answers under, itself for the one that was kept."""

splits = Table(
    "graph_splits",
    metadata,
    Column("scope", Integer),
    Column("document_id", _KEY),
    Column("entity", BigInteger),
    Column("other", BigInteger, nullable=False),
    PrimaryKeyConstraint("scope", "document_id", "entity"),
    Index("graph_splits_of", "scope", "entity"),
    sqlite_with_rowid=False,
)
"""What the edits come to: numbers that are others in a document's rows."""


_ONE_SPOT = struct.Struct("<IH")


@lru_cache(maxsize=1024)
def _spots(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}I{count}H")


@lru_cache(maxsize=1024)
def _contents(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}Q{count}H{count}B")


def packed_spots(spots: Sequence[Spot]) -> bytes:
    """Places and counts as two arrays; the low bits of a place are those of `ABOUT` and `STATES`."""
    chunks = (spot.chunk << 2 | spot.states << 1 | spot.subject for spot in spots)
    return _spots(len(spots)).pack(*chunks, *(min(spot.count, MOST_COUNTED) for spot in spots))


def spots_of(data: bytes) -> Iterable[tuple[int, int]]:
    """Places with their low bits, and counts."""
    if len(data) == _ONE_SPOT.size:
        return (_ONE_SPOT.unpack(data),)
    count = len(data) // _ONE_SPOT.size
    values = _spots(count).unpack(data)
    return zip(values[:count], values[count:], strict=True)


def packed_contents(contents: Sequence[tuple[int, int, int]]) -> bytes:
    """Entities, counts, and the bits of `ABOUT` and `MAY_BIND`, as three arrays."""
    entities = (entity for entity, _, _ in contents)
    counts = (min(count, MOST_COUNTED) for _, count, _ in contents)
    return _contents(len(contents)).pack(*entities, *counts, *(bits for _, _, bits in contents))


def unpacked_contents(data: bytes) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """The three arrays that were packed."""
    count = len(data) // 11
    values = _contents(count).unpack(data)
    return values[:count], values[count : 2 * count], values[2 * count :]


def packed_numbers(numbers: Sequence[int]) -> bytes:
    """Numbers of 64 bits, one after another."""
    return np.array(numbers, dtype="<u8").tobytes()


def unpacked_numbers(data: bytes) -> list[int]:
    """The numbers that were packed."""
    found: list[int] = np.frombuffer(data, dtype="<u8").tolist()
    return found
