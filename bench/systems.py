"""What is measured: the product over a folder of its own, or its pure parts over lists in memory."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bench.datasets import Text
from glede.models.local import LocalEmbedder
from glede.ports import Embedder, Match, TermStatistics, Vectors
from glede.retrieval.fusion import fuse, shares
from glede.text.keywords import Weights, query_terms, weigh
from glede.text.sentences import split_text

if TYPE_CHECKING:
    from glede.engine import Engine

DEPTH = 200
"""Chunks that each channel proposes."""
CHUNK_TOKENS = 160


@dataclass(frozen=True, slots=True)
class Rankings:
    """Ids of documents, best first: by each channel alone, and fused."""

    keyword: list[str]
    dense: list[str]
    fused: list[str]


class System(Protocol):
    """Something that was given documents."""

    async def search(self, question: str) -> Rankings:
        """The documents for a question."""
        ...


@dataclass(frozen=True, slots=True)
class Product:
    """The engine as users have it; of each document its best chunk counts."""

    engine: Engine

    async def search(self, question: str) -> Rankings:
        """One search; the channels' own rankings follow from the places that hits had in them."""
        hits = await self.engine.search(question, limit=DEPTH // 2, mode="naive")

        def ranked(channel: str) -> list[str]:
            places = [(hit.ranks.get(channel), hit.source) for hit in hits]
            return _sources(source for _, source in sorted(pair for pair in places if pair[0] is not None))

        return Rankings(ranked("keyword"), ranked("dense"), _sources(hit.source for hit in hits))


@asynccontextmanager
async def product(documents: Sequence[Text]) -> AsyncIterator[System]:
    """An engine in a temporary folder with the documents added."""
    from glede.engine import Engine
    from glede.settings import Settings
    from glede.sources.items import Content

    with tempfile.TemporaryDirectory(prefix="glede-bench-") as home:
        settings = Settings.model_validate({"home": Path(home), "candidates": DEPTH})
        async with Engine.open(settings) as engine:
            contents = [Content(document.text, document.id + document.suffix) for document in documents]
            report = await engine.add(*contents)
            if report.failed:
                raise RuntimeError(f"{len(report.failed)} documents failed: {report.failed[0]}")
            yield Product(engine)


@dataclass(frozen=True, slots=True)
class Memory:
    """The product's chunk size, weights and fusion without its stores."""

    embedder: Embedder
    owners: tuple[str, ...]
    vectors: Vectors
    postings: dict[int, list[tuple[int, float]]]
    statistics: TermStatistics

    async def search(self, question: str) -> Rankings:
        """Every chunk is compared."""
        cosines = self.vectors @ (await self.embedder.embed([question]))[0]
        dense = _best(list(enumerate(cosines.tolist())))
        terms = query_terms(question)
        scores: dict[int, float] = {}
        for term, weight in terms.weights(self.statistics).items():
            for row, value in self.postings.get(term, ()):
                scores[row] = scores.get(row, 0.0) + weight * value
        keyword = _best(list(scores.items()))
        fused = fuse(
            {"dense": dense, "keyword": keyword}, shares(dense, keyword, terms.ideal(self.statistics))
        )
        return Rankings(self._documents(keyword), self._documents(dense), self._documents(fused))

    def _documents(self, chunks: Iterable[_Named]) -> list[str]:
        return _distinct(self.owners[int(chunk.id)] for chunk in chunks)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


@asynccontextmanager
async def memory(documents: Sequence[Text]) -> AsyncIterator[System]:
    """The documents cut, weighed and embedded."""
    chunks = [(document.id, piece) for document in documents for piece in _pieces(document.text)]
    embedder = LocalEmbedder()
    vectors = [
        await embedder.embed([text for _, text in chunks[start : start + 256]])
        for start in range(0, len(chunks), 256)
    ]
    weights = [weigh(text) for _, text in chunks]
    postings: dict[int, list[tuple[int, float]]] = {}
    for row, weighed in enumerate(weights):
        for term, value in weighed.weights.items():
            postings.setdefault(term, []).append((row, value))
    owners = tuple(owner for owner, _ in chunks)
    yield Memory(embedder, owners, np.concatenate(vectors), postings, _statistics(weights))


def _statistics(weights: Sequence[Weights]) -> TermStatistics:
    counts = Counter(term for weighed in weights for term in weighed.terms)
    length = sum(weighed.length for weighed in weights) / max(1, len(weights))
    return TermStatistics(len(weights), length, counts)


def _pieces(text: str) -> list[str]:
    """Cut at sentences; a title is repeated above each piece."""
    title, _, body = text.partition("\n\n") if text.startswith("# ") else ("", "", text)
    pieces = [body[start:end] for start, end in split_text(body, CHUNK_TOKENS)] or [""]
    return [f"{title.removeprefix('# ')}\n{piece}".strip() for piece in pieces]


def _best(scores: list[tuple[int, float]]) -> list[Match]:
    ordered = sorted(scores, key=lambda pair: (-pair[1], pair[0]))[:DEPTH]
    return [Match(str(row), score) for row, score in ordered]


def _sources(names: Iterable[str]) -> list[str]:
    return _distinct(name.rpartition(".")[0] for name in names)


def _distinct(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(ids))
