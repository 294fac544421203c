"""Documents on their way into the stores: parsed and cut, and then with what is to be written of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from glede.formulas.structure import structure_of
from glede.knowledge import DocumentGraph
from glede.ports import Commit, EmbeddingPack, IndexRow, Vectors
from glede.text.defining import definitions_of
from glede.text.keywords import Weights, weigh
from glede.text.labels import labels_of
from glede.types import Chunk, Document, Parsed


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that is parsed and cut, on its way into the stores; `place` is its place in the `add`.

    `raw` is what the parser made of it, before the processors; only of a document with unfinished items.
    """

    place: int
    source: str
    modified: float
    data: bytes
    document: Document
    parsed: Parsed
    chunks: tuple[Chunk, ...]
    graph: DocumentGraph | None = None
    raw: Parsed | None = None

    @property
    def held(self) -> int:
        """The bytes of its file and its pictures, which stay in memory until they are written."""
        return len(self.data) + sum(map(len, self.parsed.assets.values()))


@runtime_checkable
class Foreseeing(Protocol):
    """A progress that wants new documents before they are stored, and may know more of them by then."""

    def foresee(self, prepared: Prepared) -> None:
        """It will be searchable, unless its source is reported as failed."""
        ...

    def latest(self, prepared: Prepared) -> Prepared:
        """It is about to be stored: with what is known of it by now."""
        ...


@dataclass(slots=True)
class Tally:
    """How often terms stand in the chunks of a document, and how many words those have; counted once."""

    terms: Counter[int] = field(default_factory=Counter)
    lengths: int = 0

    def count(self, weights: Weights) -> None:
        """Take in a chunk."""
        self.terms.update(weights.terms)
        self.lengths += weights.length


@dataclass(frozen=True, slots=True)
class Ready:
    """A prepared document with what is to be written for it; `keys` find the vectors of its chunks.

    `kept` are the blobs that live as long as it does. Its keywords are weighed when their rows are written,
    and counted then: those of a long table take half a gigabyte at once.
    """

    prepared: Prepared
    keys: Sequence[str]
    pictures: tuple[IndexRow, ...]
    blobs: Mapping[str, bytes]
    kept: tuple[str, ...]
    pack: EmbeddingPack | None
    tally: Tally = field(default_factory=Tally)

    def rows(self, vectors: Mapping[str, Vectors]) -> Iterator[IndexRow]:
        """The rows of its chunks, one after the other."""
        document = self.prepared.document
        labels = labels_of(document)
        for chunk, key in zip(self.prepared.chunks, self.keys, strict=True):
            weight = weighed(chunk)
            self.tally.count(weight)
            yield IndexRow(chunk.id, document.id, chunk.modality, labels, vectors[key], weight.weights)

    def commit(self) -> Commit:
        """What the catalogue is told, once all rows are written."""
        return Commit(
            document=self.prepared.document,
            source=self.prepared.source,
            modified=self.prepared.modified,
            chunks=self.prepared.chunks,
            terms=self.tally.terms,
            lengths=self.tally.lengths,
            blobs=self.kept,
            pack=self.pack,
            graph=self.prepared.graph,
        )


def weighed(chunk: Chunk) -> Weights:
    """The chunk's sparse vector: its words, what it defines, and the structure of its formulas."""
    weight = weigh(chunk.embedding_text())
    structure = structure_of(chunk.text, equation=chunk.modality == "equation")
    defined = definitions_of(chunk.text, chunk.heading_path) if chunk.modality == "text" else {}
    if not structure and not defined:
        return weight
    weights = {**weight.weights, **structure, **defined}
    return replace(weight, weights=weights, terms=weight.terms | structure.keys())
