"""The tables of the catalogue, and how a value becomes a row and comes back."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import lru_cache

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Row,
    String,
    Table,
    Text,
)

from glede.errors import DamagedError
from glede.types import Box, Chunk, Document, Modality, Span, Unfinished, content_hash

VERSION = 2
"""Of the tables; 1 kept the graph in a table that `graph_older` knows."""

metadata = MetaData()
_KEY = String(64)
_NAME = String(128)

settings = Table("settings", metadata, Column("key", _NAME, primary_key=True), Column("value", Text))

documents = Table(
    "documents",
    metadata,
    Column("collection", _NAME),
    Column("id", _KEY),
    Column("version", _KEY, nullable=False),
    Column("sha256", _KEY, nullable=False),
    Column("media_type", String(128), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("parser", String(64), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("added_at", String(32), nullable=False),
    Column("details", LargeBinary, nullable=False),
    Column("blobs", LargeBinary, nullable=False),
    Column("terms", LargeBinary, nullable=False),
    Column("lengths", BigInteger, nullable=False),
    PrimaryKeyConstraint("collection", "id"),
)

sources = Table(
    "sources",
    metadata,
    Column("collection", _NAME),
    Column("source", Text),
    Column("document_id", _KEY, nullable=False),
    Column("modified", Float, nullable=False),
    Column("place", BigInteger, nullable=False),
    PrimaryKeyConstraint("collection", "source"),
    Index("sources_of_document", "collection", "document_id"),
    Index("sources_by_place", "place"),
)

chunks = Table(
    "chunks",
    metadata,
    Column("collection", _NAME),
    Column("id", _KEY),
    Column("document_id", _KEY, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("modality", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("details", LargeBinary, nullable=False),
    PrimaryKeyConstraint("collection", "id"),
    Index("chunks_of_document", "collection", "document_id", "ordinal"),
)

labels = Table(
    "labels",
    metadata,
    Column("collection", _NAME),
    Column("label", String(24)),
    Column("document_id", _KEY),
    PrimaryKeyConstraint("collection", "label", "document_id"),
    sqlite_with_rowid=False,
)
"""What documents are filtered by; Milvus Lite looks at each row for it, one after another."""

terms = Table(
    "terms",
    metadata,
    Column("collection", _NAME),
    Column("term", BigInteger),
    Column("frequency", Integer, nullable=False),
    PrimaryKeyConstraint("collection", "term"),
    sqlite_with_rowid=False,
)

totals = Table(
    "totals",
    metadata,
    Column("collection", _NAME, primary_key=True),
    Column("chunks", BigInteger, nullable=False),
    Column("lengths", BigInteger, nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("uses", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many live documents, of all collections, keep each blob; a document lists its own."""

packs = Table(
    "packs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("blob", String(200), nullable=False, unique=True),
    Column("keys", LargeBinary, nullable=False),
)
"""Blobs of embeddings, with the vector keys of their rows one after another."""

vectors = Table(
    "vectors",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("pack", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Where the embedding of a text by a model lies. The rows are small, since hashes come in no order and each
lands on another page."""

retired = Table(
    "retired",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("collection", _NAME, nullable=False),
    Column("chunk_ids", LargeBinary, nullable=False),
    Column("blobs", LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # an id that was purged is never given again
)

versions = Table(
    "versions",
    metadata,
    Column("collection", _NAME),
    Column("source", Text),
    Column("since", String(32)),
    Column("document_id", _KEY),
    Column("until", String(32), nullable=False),
    PrimaryKeyConstraint("collection", "source", "since", "document_id"),
    Index("versions_of_document", "collection", "document_id"),
    Index("versions_by_end", "collection", "until"),
)
"""What sources meant and do not mean any more, from when until when, where a history is kept."""

unindexed = Table(
    "unindexed",
    metadata,
    Column("collection", _NAME),
    Column("document_id", _KEY),
    PrimaryKeyConstraint("collection", "document_id"),
)
"""Documents of the past whose rows in the index are still to be written; `collection` is where they lie."""

notes = Table("notes", metadata, Column("key", String(200), primary_key=True), Column("value", Text))


responses = Table(
    "responses",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("document", _KEY, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Index("responses_of_document", "document"),
)
"""What models have answered, by the hash of what they were asked; the key of a text's vector is the same as
in `vectors`. `document` is empty where an answer is about none in particular."""

spending = Table(
    "spending",
    metadata,
    Column("day", String(10)),
    Column("role", String(16)),
    Column("model", String(200)),
    Column("document", _KEY),
    Column("calls", BigInteger, nullable=False),
    Column("prompt_tokens", BigInteger, nullable=False),
    Column("completion_tokens", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("unpriced", BigInteger, nullable=False),
    PrimaryKeyConstraint("day", "role", "model", "document"),
    sqlite_with_rowid=False,
)
"""What calls of models have used, a row for each day, role, model and document. The cost is in billionths, so
that sums are exact; `unpriced` counts the calls of models without a price."""


_DOCUMENT = ("id", "version", "sha256", "media_type", "size", "parser", "pages", "added_at")
CHUNKS_AT_HAND = 512
"""Chunks that are kept as they were read, of some kilobytes each."""


def checked(details: bytes, *others: str | int | bytes) -> bytes:
    """JSON with a checksum over itself and the rest of its row, since a database keeps none of its own."""
    check = zlib.crc32(details)
    for other in others:
        value = str(other).encode() if isinstance(other, str | int) else bytes(other)
        check = zlib.crc32(value, check ^ len(value))
    return b"%s\n%08x" % (details, check)


def unchecked(what: str, data: bytes, *others: str | int | bytes) -> bytes:
    """The JSON that was checked; raises `DamagedError` where the row is not what was written.

    Rows that were written before there were checksums are taken as they are.
    """
    details, line, _ = data.rpartition(b"\n")
    if not line and data[:1] in b"{[" and data[-1:] in b"}]":
        return data
    if checked(details, *others) != data:
        raise DamagedError(f"the {what} is damaged in the catalogue")
    return details


def vector_key(model: str, text_hash: str) -> bytes:
    """16 bytes that name the embedding of a text by a model."""
    return bytes.fromhex(content_hash("vector", model, text_hash))


def packed_terms(counts: Mapping[int, int]) -> bytes:
    """Term numbers and counts as two arrays of 32-bit integers, compressed."""
    import numpy as np  # listings of documents need none

    numbers = np.fromiter(counts.keys(), "<u4", len(counts))
    frequencies = np.fromiter(counts.values(), "<u4", len(counts))
    order = np.argsort(numbers)
    numbers, frequencies = numbers[order], frequencies[order]
    return zlib.compress(numbers.tobytes() + frequencies.tobytes(), level=1)


def unpacked_terms(data: bytes) -> dict[int, int]:
    """The counts that were packed."""
    import numpy as np

    numbers, frequencies = np.frombuffer(zlib.decompress(data), dtype="<u4").reshape(2, -1)
    return dict(zip(numbers.tolist(), frequencies.tolist(), strict=True))


def document_details(document: Document, *others: str | int | bytes) -> bytes:
    """What of a document is read with it and never searched, as JSON, checked with all of its row."""
    details = orjson.dumps(
        {
            "title": document.title,
            "metadata": dict(document.metadata),
            "blocks": dict(document.blocks),
            "warnings": list(document.warnings),
            "partial": list(document.partial),
            "unfinished": list(document.unfinished),
            "plan": document.plan,
        }
    )
    return checked(details, *_own(document), *others)


def _own(document: Document) -> tuple[str | int, ...]:
    """What the row of a document holds in columns of its own."""
    return (
        document.id,
        document.version,
        document.sha256,
        document.media_type,
        document.size,
        document.parser,
        document.pages,
        document.added_at,
    )


def document_of(row: Row[tuple[object, ...]], names: tuple[str, ...], *, whole: bool = True) -> Document:
    """The document of a row, with the names that point at it; not `whole` where the row may be damaged."""
    fields = row._mapping
    others = (fields["chunks"], fields["blobs"], fields["terms"], fields["lengths"])
    own = (fields[name] for name in _DOCUMENT)
    data = fields["details"]
    if whole:
        data = unchecked(f"document {fields['id']}", data, *own, *others)
    details = orjson.loads(data.partition(b"\n")[0])
    return Document(
        id=fields["id"],
        version=fields["version"],
        sha256=fields["sha256"],
        media_type=fields["media_type"],
        size=fields["size"],
        parser=fields["parser"],
        sources=names,
        title=details["title"],
        metadata=details["metadata"],
        pages=fields["pages"],
        chunks=fields["chunks"],
        blocks=details["blocks"],
        warnings=tuple(details["warnings"]),
        partial=tuple(details.get("partial", ())),
        added_at=fields["added_at"],
        unfinished=tuple(Unfinished(**one) for one in details.get("unfinished", ())),
        plan=details.get("plan", ""),
    )


def chunk_details(chunk: Chunk) -> bytes:
    """What of a chunk is read with it and never searched, as JSON."""
    spans = [
        [
            span.start,
            span.end,
            span.block,
            span.type,
            span.page,
            span.box and [span.box.x0, span.box.y0, span.box.x1, span.box.y1],
            span.row,
            *([span.derived, span.label] if span.label else [True] if span.derived else []),
        ]
        for span in chunk.spans
    ]
    own = (chunk.id, chunk.document_id, chunk.ordinal, chunk.modality, chunk.text)
    details = [list(chunk.heading_path), spans, chunk.tokens, chunk.asset, chunk.lead, chunk.aid]
    details += [True] if chunk.words_only else []
    return checked(orjson.dumps(details), *own)


@lru_cache(maxsize=CHUNKS_AT_HAND)
def chunk_of(
    id_: str, document_id: str, ordinal: int, modality: Modality, text: str, details: bytes
) -> Chunk:
    """The chunk of a row; kept, since questions that follow one another find the same."""
    own = id_, document_id, ordinal, modality, text
    data = unchecked(f"chunk {id_} of document {document_id}", details, *own)
    path, spans, tokens, asset, lead, *more = orjson.loads(data)
    return Chunk(
        id=id_,
        document_id=document_id,
        ordinal=ordinal,
        text=text,
        modality=modality,
        heading_path=tuple(path),
        spans=tuple(
            Span(start, end, block, kind, page, box and Box(*box), table_row, *rest)
            for start, end, block, kind, page, box, table_row, *rest in spans
        ),
        tokens=tokens,
        asset=asset,
        lead=lead,
        aid=more[0] if more else "",
        words_only=len(more) > 1,
    )
