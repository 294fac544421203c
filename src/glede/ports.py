"""The seams of Glede: what the lines ask of models and stores (that to parsers is `glede.parsing`).

Each port is a `Protocol` with a shipped fake and a contract suite in `glede.testing`. Methods block
unless they are `async`; the lines run blocking ports off the event loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from glede.knowledge import DocumentGraph
from glede.results import Added, Filter
from glede.types import Chunk, Document, Modality, Parsed

if TYPE_CHECKING:  # a parser process needs the ports, and no numpy
    import numpy as np
    import numpy.typing as npt

Vectors: TypeAlias = "npt.NDArray[np.float32]"
"""Embeddings, one a row: shape (texts, dimension), each of Euclidean length 1."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address holds; `media_type` is what its server calls it, and only ever a hint."""

    data: bytes
    media_type: str = ""


class Fetch(Protocol):
    """Fetches what a user or a document names, and nothing that it may not reach."""

    async def fetch(self, address: str) -> Fetched:
        """Raises a `glede.errors.FetchError`, or `LimitError` where it is too large or too slow."""
        ...


class Processor(Protocol):
    """Adds to the blocks of a document what can be said of one modality, before the document is cut.

    `fingerprint` changes whenever what it adds may change. What a model fails, or is wrong with one block, is
    kept with what is known without it and marked in `Parsed.unfinished`; `process` raises `ModelError` only
    where the whole document should be tried again later.
    """

    @property
    def fingerprint(self) -> str:
        """Names the processor, its version and its model."""
        ...

    async def process(self, parsed: Parsed) -> Parsed:
        """The document with more said in it; no block is lost."""
        ...


class Embedder(Protocol):
    """Turns texts into vectors of length 1, so that the inner product is the cosine.

    `model` names model and version; equal names promise equal vectors.
    """

    model: str
    dimension: int

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order; the empty text is allowed."""
        ...


def fingerprint_of(embedder: Embedder) -> str:
    """Names an embedding model and dimension; vectors of different fingerprints cannot be compared."""
    return f"{embedder.model} ({embedder.dimension} dimensions)"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What the index keeps of a chunk: no text, only what is searched and filtered.

    `keywords` maps term numbers to weights (`glede.text.keywords`); `labels` are hashes of metadata pairs.
    """

    id: str
    document_id: str
    modality: Modality
    labels: tuple[str, ...]
    vector: Vectors
    keywords: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Match:
    """A row found by one channel; a higher score is a better match."""

    id: str
    score: float


class Searchable(Protocol):
    """What questions search: chunks by likeness, each collection a scope."""

    def fingerprint(self, collection: str) -> str | None:
        """The model that the collection holds vectors of, or `None` where there is no collection."""
        ...

    def dense(self, collection: str, vector: Vectors, limit: int, where: Filter) -> list[Match]:
        """The rows of the highest cosine with `vector` (shape (dimension,)), best first."""
        ...

    def keyword(
        self, collection: str, weights: Mapping[int, float], limit: int, where: Filter
    ) -> list[Match]:
        """The rows of the highest inner product with `weights`, best first; only those above 0."""
        ...


class Index(Searchable, Protocol):
    """Similarity over chunks, one scope for each collection; rebuildable from the other stores.

    Writes are visible to the next search of the same process. `fingerprint` is what `fingerprint_of` says
    of the model that the collection was created with.
    """

    def create(self, collection: str, fingerprint: str, dimension: int) -> None:
        """Make the collection where it is missing; raises `ModelMismatchError` where it is another's."""
        ...

    def upsert(self, collection: str, rows: Sequence[IndexRow]) -> None:
        """Write rows; a row of the same id is replaced."""
        ...

    def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Remove rows; unknown ids are ignored."""
        ...

    def flush(self, collection: str) -> None:
        """Make what was written cheap to search; called after a bulk of writes. A missing one is ignored."""
        ...

    def ids(self, collection: str, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are present."""
        ...

    def all_ids(self, collection: str) -> Iterator[Sequence[str]]:
        """The ids of all rows, some thousand at a time; nothing may be written meanwhile."""
        ...

    def count(self, collection: str) -> int:
        """How many rows there are; right after a crash it may be too high (see docs/design.md)."""
        ...

    def drop(self, collection: str) -> None:
        """Remove the collection and all its rows."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...


@dataclass(frozen=True, slots=True)
class EmbeddingPack:
    """Vectors of one document's texts, kept as the blob `key`, one row for each of `text_hashes`."""

    model: str
    key: str
    text_hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Commit:
    """All that makes a document searchable, written in one transaction.

    `source` now means this document; what it meant before is retired if nothing else names it. `terms`
    are the distinct term numbers of each chunk, for the collection's statistics; `blobs` the keys of
    what the document keeps in Blobs; `graph` is what it says of entities, where that is known already.
    """

    document: Document
    source: str
    modified: float
    chunks: tuple[Chunk, ...]
    terms: Mapping[int, int]
    lengths: int
    blobs: tuple[str, ...]
    pack: EmbeddingPack | None = None
    graph: DocumentGraph | None = None


@dataclass(frozen=True, slots=True)
class Retired:
    """Rows and blobs that no live document uses any more, to be purged and then forgotten."""

    id: int
    collection: str
    chunk_ids: tuple[str, ...]
    blobs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermStatistics:
    """Counts over the live chunks of a collection; `frequencies` maps term numbers to chunk counts."""

    chunks: int
    average_length: float
    frequencies: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class SourceState:
    """What a source meant when it was last added."""

    source: str
    document_id: str
    size: int
    modified: float


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A live chunk with the source of its document."""

    chunk: Chunk
    source: str


class Readable(Protocol):
    """What questions read of documents: those that are live, or were at some time."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Let the reads of this thread see one state for as long as the block, where the store can.

        Those of the graph too, if it lies in the same store. What is committed meanwhile is seen after it.
        """
        ...

    def document(self, collection: str, document_id: str) -> Document | None:
        """The live document of that id."""
        ...

    def find(self, collection: str, name: str) -> list[Document]:
        """Live documents by id, the beginning of an id (4 digits or more), source, or end of a source."""
        ...

    def chunks(self, collection: str, ids: Sequence[str]) -> dict[str, StoredChunk]:
        """Those of the ids that are chunks of live documents."""
        ...

    def document_chunks(self, collection: str, document_id: str) -> list[Chunk]:
        """The chunks of a live document in order."""
        ...

    def labelled(
        self, collection: str, labels: Sequence[tuple[str, str]], limit: int
    ) -> frozenset[str] | None:
        """The live documents that have all of these metadata pairs; `None` where more than `limit` do."""
        ...

    def neighbours(self, collection: str, chunks: Sequence[Chunk], reach: int) -> dict[str, list[Chunk]]:
        """For the id of each chunk, those up to `reach` places before and after it, the nearest first."""
        ...

    def term_statistics(self, collection: str, terms: Iterable[int]) -> TermStatistics:
        """Counts for these terms."""
        ...


class Catalogue(Readable, Protocol):
    """The truth: which documents are live, what they consist of, and what still has to be purged."""

    def announce(self, collection: str, chunk_ids: Sequence[str], blobs: Sequence[str]) -> int:
        """Note what is about to be written to Index and Blobs: until the commit it counts as retired."""
        ...

    def commit(self, collection: str, commits: Sequence[Commit], announced: int | None = None) -> None:
        """Make the documents live, in one transaction that takes the announcement back."""
        ...

    def attach(self, collection: str, source: str, document_id: str, modified: float) -> bool:
        """Name a live document by one more source; false where it is not live any more."""
        ...

    def remove(self, collection: str, document_ids: Sequence[str]) -> None:
        """Retire documents with all their sources, in one transaction."""
        ...

    def retired(self, limit: int = 100) -> list[Retired]:
        """What waits to be purged from Index and Blobs, oldest first."""
        ...

    def purged(self, retired_ids: Sequence[int]) -> None:
        """Forget what has been purged."""
        ...

    def uses_blob(self, key: str) -> bool:
        """Whether a live document of any collection keeps that blob."""
        ...

    def documents(self, collection: str) -> list[Document]:
        """All live documents, in the order of their first source."""
        ...

    def page(self, collection: str, after: str, limit: int) -> list[Document]:
        """Live documents in the order of the names of their first sources, those whose name is above `after`.

        At most `limit` of them, and no more of the collection is read than that.
        """
        ...

    def extent(self, collection: str) -> tuple[int, int]:
        """How many live documents there are, and how many chunks they have."""
        ...

    def source(self, collection: str, source: str) -> SourceState | None:
        """What a source meant when it was last added."""
        ...

    def sources_below(self, collection: str, folder: str) -> list[SourceState]:
        """What the sources below a folder (their names begin with it and a slash) meant when last added."""
        ...

    def touch(self, collection: str, sources: Mapping[str, float]) -> None:
        """Note when the files of sources were changed last, where their content is known to be the same."""
        ...

    def detach(self, collection: str, sources: Sequence[str]) -> None:
        """Forget sources, in one transaction; what nothing names any more is retired."""
        ...

    def embeddings(self, model: str, text_hashes: Iterable[str]) -> dict[str, tuple[str, int]]:
        """Of the texts embedded before: the blob, and the row in it."""
        ...

    def collections(self) -> list[str]:
        """The names of collections that hold documents."""
        ...

    def remember(self, key: str, value: str) -> None:
        """Keep a small text under a key."""
        ...

    def recall(self, key: str) -> str | None:
        """The text kept under a key."""
        ...

    def close(self) -> None:
        """Release the connection."""
        ...


class Blobs(Protocol):
    """Bytes by key; a key is written once and never changed. Keys are relative paths of safe names."""

    def put(self, key: str, data: bytes) -> None:
        """Store durably; a key that exists is left alone."""
        ...

    def put_all(self, blobs: Mapping[str, bytes]) -> None:
        """Store many, as `put` does each; where it raises, some may have been stored."""
        ...

    def get(self, key: str) -> bytes:
        """The bytes; raises `UnavailableError` where there are none."""
        ...

    def exists(self, key: str) -> bool:
        """Whether the key is there."""
        ...

    def delete(self, key: str) -> None:
        """Remove it; an unknown key is ignored."""
        ...

    def keys(self, prefix: str = "") -> list[str]:
        """All keys under a prefix, sorted."""
        ...


class Progress(Protocol):
    """Told about long work as it goes; called from the event loop's thread."""

    def start(self, total: int) -> None:
        """`total` more items are to be done."""
        ...

    def done(self, item: Added) -> None:
        """One item has ended, well or badly."""
        ...

    def stage(self, name: str, source: str) -> None:
        """Work on an item has reached a stage."""
        ...
