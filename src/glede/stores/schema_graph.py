"""The tables of the knowledge graph in the catalogue's database, and how their values are packed.

What documents say lies in rows of their own: a row for a document, one for each chunk, one for each of its
entities. They come in the order of documents, so that a new one writes pages of its own at the end.

Where an entity is named is an index over them, and numbers of entities come in no order. In one sorted table
each would dirty a page of its own; so the index is made of sorted runs, each written once and in order, of
which like ones are merged into larger ones: a logarithmic merge (O'Neil et al. 1996, "The log-structured
merge-tree"), within the transactions that write documents and a bounded piece at a time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache

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
    Column("aliases", LargeBinary, nullable=False),
    Index("graph_documents_by_id", "collection", "document_id", unique=True),
    sqlite_autoincrement=True,  # a reader that still holds a number never meets another document under it
)
"""Documents that were read. `aliases` are the names that it explains, as JSON."""

chunks = Table(
    "graph_chunks",
    metadata,
    Column("node", _NODE, primary_key=True, autoincrement=False),
    Column("contents", LargeBinary, nullable=False),
    Column("facts", LargeBinary, nullable=False),
)
"""What each chunk names and states; `node` is the document's number and the chunk's place in it."""

told = Table(
    "graph_told",
    metadata,
    Column("number", Integer),
    Column("entity", BigInteger),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("spots", LargeBinary, nullable=False),
    PrimaryKeyConstraint("number", "entity"),
    sqlite_with_rowid=False,
)
"""What each document says of each entity, by the number of the document."""

runs = Table(
    "graph_runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("scope", Integer, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("target", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Index("graph_runs_of", "scope"),
    sqlite_autoincrement=True,  # so that the newest run lies behind all others
)
"""Sorted parts of the index of a collection. `target` is the run that this one is being moved into, 0 where
it stays; `first` and `last` bound the numbers of the documents in it."""

spots = Table(
    "graph_spots",
    metadata,
    Column("run", Integer),
    Column("entity", BigInteger),
    Column("part", Integer),
    Column("codes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("run", "entity", "part"),
    sqlite_with_rowid=False,
)
"""Where each entity is named, as codes in their order; those of a hub in several parts, counted from 0."""

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


MOST_CODES = 110
"""Codes in one part: what a page of SQLite's keeps without overflowing."""
_COUNTED = 2**10 - 1
_ASIDE = 1 << 63
NODES = _ASIDE - 1
"""The bits of a code below the first: what tells chunks apart comes first in them."""
_ONE_SPOT = struct.Struct("<IH")
_ONE_CODE = struct.Struct("<Q")


@lru_cache(maxsize=1024)
def _spots(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}I{count}H")


@lru_cache(maxsize=1024)
def _codes(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}Q")


@lru_cache(maxsize=1024)
def _contents(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}Q{count}H{count}B")


def codes_of(number: int, spots: Sequence[tuple[int, int]]) -> list[int]:
    """An integer for each place that a document names an entity at (with its low bits) and its count.

    From the highest bit on: whether no chunk of the document is about the entity, the number of the document
    in 31 bits, the place of the chunk in 20, the count in 10, `STATES` and `ABOUT`. So they are in the order
    in which they are read.
    """
    aside = 0 if any(place & ABOUT for place, _ in spots) else _ASIDE
    first = aside | number << 32
    return [
        first | place >> 2 << 12 | min(count, _COUNTED) << 2 | place & (STATES | ABOUT)
        for place, count in spots
    ]


def document_of(code: int) -> int:
    """The number of the document of a code."""
    return code >> 32 & 0x7FFFFFFF


def node_of(code: int) -> int:
    """The number of the chunk of a code."""
    return code >> 12 & (1 << 51) - 1


def count_of(code: int) -> int:
    """The count of a code."""
    return code >> 2 & _COUNTED


def packed_codes(codes: Sequence[int]) -> bytes:
    """Codes one after another."""
    return _codes(len(codes)).pack(*codes)


def unpacked_codes(data: bytes) -> Sequence[int]:
    """The codes that were packed."""
    if len(data) == _ONE_CODE.size:
        return _ONE_CODE.unpack(data)
    return _codes(len(data) // _ONE_CODE.size).unpack(data)


def bits_of(spots: Iterable[Spot]) -> list[tuple[int, int]]:
    """Places with the bits of `STATES` and `ABOUT` below them, and counts."""
    return [(spot.chunk << 2 | spot.states << 1 | spot.subject, spot.count) for spot in spots]


def packed_spots(spots: Sequence[tuple[int, int]]) -> bytes:
    """Places with their low bits and counts, as two arrays."""
    if len(spots) == 1:  # as of most entities
        ((place, count),) = spots
        return _ONE_SPOT.pack(place, min(count, MOST_COUNTED))
    places, counts = (place for place, _ in spots), (min(count, MOST_COUNTED) for _, count in spots)
    return _spots(len(spots)).pack(*places, *counts)


def spots_of(data: bytes) -> Sequence[tuple[int, int]]:
    """Places with their low bits, and counts."""
    if len(data) == _ONE_SPOT.size:
        return (_ONE_SPOT.unpack(data),)
    count = len(data) // _ONE_SPOT.size
    values = _spots(count).unpack(data)
    return list(zip(values[:count], values[count:], strict=True))


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
