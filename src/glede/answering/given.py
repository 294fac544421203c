"""Tables that come with a question: cut and typed like stored ones, and kept nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from glede.adding.chunking import Chunking, cut
from glede.results import GIVEN, Hit
from glede.tables.questions import words_of
from glede.tables.typing import typed_among
from glede.tables.values import Rows
from glede.types import Chunk, Parsed, content_hash, sha256_of

MOST_TABLES = 20
"""Tables of one file that are computed with."""
MOST_HITS = 4
"""Chunks of a file that stand among the hits: those that share most words with the question."""
TEXT_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class GivenTable:
    """One table of a file: its chunks in order, and its rows where there is something to compute with."""

    chunks: tuple[Chunk, ...]
    rows: Rows | None


@dataclass(frozen=True, slots=True)
class Given:
    """A file with tables that came with a question; `source` names it as the user did."""

    source: str
    tables: tuple[GivenTable, ...]

    @property
    def text(self) -> str:
        """The first table, or as much of it as a question may hold: what similar ones are found by."""
        return "\n".join(chunk.text for chunk in self.tables[0].chunks[:MOST_HITS])[:TEXT_CHARACTERS]

    def hits(self, question: str, found: Sequence[Hit] = ()) -> tuple[Hit, ...]:
        """The best of its chunks before those that were `found`; no less sure than the best of these."""
        score = max((hit.score for hit in found), default=1.0)
        own = [self.hit(chunk, rank, score) for rank, chunk in enumerate(self._best(question), start=1)]
        return (*own, *(replace(hit, rank=hit.rank + len(own)) for hit in found))

    def hit(self, chunk: Chunk, rank: int = 1, score: float = 1.0) -> Hit:
        """A chunk of the file as a hit."""
        return Hit(rank, score, chunk, self.source, {})

    def _best(self, question: str) -> list[Chunk]:
        chunks = [chunk for table in self.tables for chunk in table.chunks]
        stems = set(words_of(question))
        shared = {chunk.id: sum(stem in chunk.text.casefold() for stem in stems) for chunk in chunks}
        best = sorted(chunks, key=lambda chunk: (-shared[chunk.id], chunk.ordinal))[:MOST_HITS]
        return sorted(best, key=lambda chunk: chunk.ordinal)


def given_tables(parsed: Parsed, data: bytes, source: str) -> Given | None:
    """The tables of a document that came with a question, `None` where it has none.

    Nothing is stored, so its chunks have no asset, and the id of its document is known to no catalogue.
    """
    identity = GIVEN + content_hash("given", sha256_of(data))
    chunks: defaultdict[int, list[Chunk]] = defaultdict(list)
    for chunk in cut(parsed.blocks, identity, identity, Chunking()):
        if chunk.modality == "table":
            chunks[chunk.spans[-1].block].append(chunk)
    tables = [
        GivenTable(tuple(own), typed_among(parsed.blocks, place))
        for place, own in list(chunks.items())[:MOST_TABLES]
    ]
    return Given(source, tuple(tables)) if tables else None
