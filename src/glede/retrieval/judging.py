"""Judges texts against a question as search does, without a model of its own: by meaning and by words."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from glede.endpoints import Ranking, Tokens
from glede.ports import Embedder, Match, TermStatistics
from glede.retrieval.fusion import fuse, shares
from glede.text.keywords import Weights, query_terms, weigh

BUILT_IN = "glede/built-in"
"""What this reranker is called."""


@dataclass(frozen=True, slots=True)
class FusedReranker:
    """The two channels of search over nothing but the texts given; see `glede.endpoints.Reranker`."""

    embedder: Embedder
    model: str = BUILT_IN

    async def rerank(self, question: str, texts: Sequence[str]) -> Ranking:
        """A score of 0 to 1 for each text, in the order given."""
        if not texts:
            return Ranking((), Tokens())
        vectors = await self.embedder.embed([question, *texts])
        dense = [Match(_id(number), float(vectors[0] @ vector)) for number, vector in enumerate(vectors[1:])]
        keyword, ideal = await asyncio.to_thread(_by_words, question, texts)
        channels = {"dense": dense, "keyword": keyword}
        scores = {one.id: one.score for one in fuse(channels, shares(dense, keyword, ideal))}
        return Ranking(tuple(scores[_id(number)] for number in range(len(texts))), Tokens())


def _by_words(question: str, texts: Sequence[str]) -> tuple[list[Match], float]:
    """BM25 over the texts, and about the score of one that has all words of the question."""
    weighed = [weigh(text) for text in texts]
    terms, statistics = query_terms(question), _counted(weighed)
    weights = terms.weights(statistics)
    scores = [sum(weights.get(term, 0.0) * weight for term, weight in one.weights.items()) for one in weighed]
    found = [Match(_id(number), score) for number, score in enumerate(scores) if score > 0]
    return found, terms.ideal(statistics)


def _counted(weighed: Sequence[Weights]) -> TermStatistics:
    frequencies = Counter(term for one in weighed for term in one.terms)
    return TermStatistics(len(weighed), sum(one.length for one in weighed) / len(weighed), frequencies)


def _id(number: int) -> str:
    return f"{number:08}"
