"""The first half of the second line: question -> channels -> fuse -> hits."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import get_args

from glede.endpoints import Reranker
from glede.errors import DamagedError, ModelMismatchError, UsageError
from glede.formulas.structure import AskedFormulas, asked_formulas
from glede.graph.neighbourhood import View
from glede.pictures.features import pictures_of
from glede.ports import Embedder, Match, Readable, Searchable, StoredChunk, Vectors, fingerprint_of
from glede.precedence import QUESTIONS
from glede.results import Filter, Hit, Stage
from glede.retrieval.defining import defining
from glede.retrieval.exploring import Explore
from glede.retrieval.fusion import Fused, fuse, shares
from glede.retrieval.named_places import CANDIDATES, MOST_CHUNKS, Opened, pointed, referred
from glede.retrieval.stages import Stages
from glede.retrieval.support import Asked, supported
from glede.retrieval.wording import sought
from glede.text.defining import asked_term
from glede.text.keywords import query_terms
from glede.types import Chunk, Mode

MODES: tuple[Mode, ...] = get_args(Mode)
RERANKED = 40
"""Hits that a reranker is shown, if not more are wanted."""
STRUCTURE = 2.0
"""What formulas that are built alike count, beside all words of the question that are found.

Their letters and commands are words as well: "$\\omega_1$" is built like any symbol, and written like few.
"""
ALIKE = 0.8
"""The cosine of visual features from which pictures are alike; the same picture has .97 and more."""
PICTURE = 2.0
"""What a picture that looks like that of the question counts beside its words."""
SEEN = 0.5
"""What a picture counts that a model places near the words of the question, beside the texts there."""
SIDE_BY_SIDE = 1 + (os.cpu_count() or 1)
"""Questions that are searched for at a time, in their order: more would each wait for all others."""
READ_AHEAD = 4
"""Candidates read from the catalogue beyond the hits wanted, since some may no longer be live."""


@dataclass(frozen=True, slots=True)
class Query:
    """A search: what for, where, and how many; `picture` is the visual feature of one to look for."""

    text: str
    collection: str
    limit: int
    where: Filter
    mode: Mode = "mix"
    picture: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, with what the answering half can use again."""

    hits: tuple[Hit, ...]
    vector: Vectors
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieve:
    """The line and what it needs, put together by `glede.build`.

    `naive` fuses the dense and the keyword channel, and those of formulas and pictures; `mix` lets the graph
    add to that; `local`, `global` and `hybrid` give what the graph finds; `auto` is `mix` that does not even
    look at the graph where a question cannot name anything. Without a graph all modes are `naive`. Where the
    embedder `sees`, pictures lie among its texts: words find them, and a picture finds texts. `checked` holds
    the collections that are known to be of this embedder.
    """

    catalogue: Readable
    index: Searchable
    embedder: Embedder
    candidates: int = 100
    max_question: int = 8192
    reranker: Reranker | None = None
    explore: Explore | None = None
    sees: bool = False
    checked: set[str] = field(default_factory=set)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SIDE_BY_SIDE))

    async def search(self, query: Query) -> Found:
        """The best chunks for the question, best first."""
        self._check(query)
        query = replace(query, text=sought(query.text))
        stages = Stages()
        vector = await self._vector(query)
        stages.done("embedding")
        wanted = query if self.reranker is None else replace(query, limit=max(query.limit, RERANKED))
        async with self.places:
            hits = await asyncio.to_thread(self._searched, wanted, vector, stages)
        if self.reranker is None:
            return Found(tuple(hits), vector, stages.told)
        reranked = await self._reranked(self.reranker, query, hits)
        stages.done("rerank")
        return Found(tuple(reranked), vector, stages.told)

    async def _vector(self, query: Query) -> Vectors:
        """Of the words; of the picture alone where it lies among the texts."""
        if self.sees and query.picture is not None and not query.text.strip():
            return query.picture
        vector: Vectors = (await self.embedder.embed([query.text]))[0]
        return vector

    async def _reranked(self, reranker: Reranker, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        """The hits in the order of the reranker, of equal scores in that of the channels."""
        ranking = await reranker.rerank(query.text, [hit.chunk.embedding_text() for hit in hits])
        ordered = sorted(zip(ranking.scores, hits, strict=True), key=lambda pair: -pair[0])
        return [
            replace(hit, rank=place, score=score, ranks={**hit.ranks, "rerank": place})
            for place, (score, hit) in enumerate(ordered[: query.limit], start=1)
        ]

    def _check(self, query: Query) -> None:
        if not query.text.strip() and query.picture is None:
            raise UsageError("the question is empty")
        if len(query.text) > self.max_question:
            raise UsageError(
                f"the question holds {len(query.text)} characters; the limit is {self.max_question}",
                hint="Shorten it, or raise GLEDE_MAX_QUESTION.",
            )
        if query.limit < 1:
            raise UsageError("the number of hits must be at least 1")
        if query.mode not in MODES:
            raise UsageError(f"there is no mode {query.mode!r}", hint=f"Known: {', '.join(MODES)}.")

    def _check_model(self, collection: str) -> None:
        """Vectors of two models cannot be compared, even where their dimensions agree."""
        if collection in self.checked:
            return
        found, wanted = self.index.fingerprint(collection), fingerprint_of(self.embedder)
        if found is None:
            return
        if found != wanted:
            raise ModelMismatchError(collection, found, wanted)
        self.checked.add(collection)

    def _searched(self, query: Query, vector: Vectors, stages: Stages) -> list[Hit]:
        with QUESTIONS.first(), self.catalogue.snapshot():
            return self._search(query, vector, stages)

    def _search(self, query: Query, vector: Vectors, stages: Stages) -> list[Hit]:
        self._check_model(query.collection)
        formulas = asked_formulas(query.text)
        terms = query_terms(query.text)
        statistics = self.catalogue.term_statistics(query.collection, terms.terms)
        if statistics.chunks == 0:
            return []
        if query.collection not in self.checked:
            raise DamagedError(
                f"the index has no collection {query.collection!r}, and the catalogue has its chunks",
                hint="`glede rebuild` makes the index again from the catalogue and the blobs.",
            )
        depth = max(self.candidates, query.limit + READ_AHEAD)
        stages.done("statistics")
        dense = self.index.dense(query.collection, vector, depth, query.where)
        stages.done("dense")
        weights = terms.weights(statistics)
        keyword = self.index.keyword(query.collection, weights, depth, query.where) if weights else []
        stages.done("keyword")
        channels: dict[str, Sequence[Match]] = {"dense": dense, "keyword": keyword}
        weighed = shares(dense, keyword, terms.ideal(statistics))
        if formulas is not None:
            found, share = self._structure(query, formulas, depth)
            channels["structure"], weighed["structure"] = found, share
            stages.done("structure")
        term = asked_term(query.text)
        if term is not None:
            channels["definition"] = self.index.keyword(query.collection, term.weights, depth, query.where)
            stages.done("definition")
        if self.sees:
            channels["image"], weighed["image"] = self._among_texts(query, vector, depth)
        elif query.picture is not None:
            channels["image"], weighed["image"] = self._alike(query, query.picture, depth)
            if not query.text.strip():
                channels, weighed = {"image": channels["image"]}, {"image": 1.0}
        if "image" in channels:
            stages.done("image")
        asked = Asked(weights, terms.ideal(statistics), dense, keyword, weighed)
        read = partial(self.catalogue.chunks, query.collection)
        plain = supported(fuse(channels, weighed), asked, read)
        if term is not None:
            plain = defining(term, plain, read)
        plain = self._pointed_at(query, plain, asked)
        stages.done("fusion")
        if self.explore is None:
            return self._live(query, plain)
        frequencies = terms.frequencies(statistics)
        view = View(self.explore.graph, query.collection, query.where, statistics.chunks, frequencies)
        hits = self._through(query, plain, self.explore, view)
        stages.done("graph")
        return hits

    def _through(self, query: Query, plain: Sequence[Fused], explore: Explore, view: View) -> list[Hit]:
        """What the graph makes of the plain ranking, with the paths that brought each hit."""
        explored = explore.explored(view, query.mode, query.text, plain)
        if explored is None:
            return self._live(query, plain)
        return explore.explained(view, explored, self._live(query, explored.ranking))

    def _pointed_at(self, query: Query, plain: list[Fused], asked: Asked) -> list[Fused]:
        """The plain ranking with the places that the question names; see `glede.retrieval.named_places`."""
        places = pointed(query.text)
        if not places:
            return plain
        stored = self.catalogue.chunks(query.collection, [one.id for one in plain[:CANDIDATES]])

        def opened(document_id: str) -> Opened:
            document = self.catalogue.document(query.collection, document_id)
            if document is None or document.chunks > MOST_CHUNKS:
                return Opened(())
            return Opened(self.catalogue.document_chunks(query.collection, document_id), document.pages)

        return referred(plain, places, asked, stored, opened)

    def _alike(self, query: Query, picture: Vectors, depth: int) -> tuple[list[Match], float]:
        """Pictures that look like that of the question; what is hardly alike is none of them."""
        found = self.index.dense(pictures_of(query.collection), picture, depth, query.where)
        alike = [match for match in found if match.score >= ALIKE]
        return alike, PICTURE if alike else 0.0

    def _among_texts(self, query: Query, vector: Vectors, depth: int) -> tuple[list[Match], float]:
        """Pictures near to that of the question, or to its words."""
        shown = query.picture is not None
        near = vector if query.picture is None else query.picture
        found = self.index.dense(pictures_of(query.collection), near, depth, query.where)
        return found, (PICTURE if shown else SEEN) if found else 0.0

    def _structure(self, query: Query, formulas: AskedFormulas, depth: int) -> tuple[list[Match], float]:
        """The chunks whose formulas are built like those of the question, and how far to trust them."""
        statistics = self.catalogue.term_statistics(query.collection, formulas.terms)
        weights = formulas.weights(statistics)
        found = self.index.keyword(query.collection, weights, depth, query.where)
        ideal = formulas.ideal(statistics)
        return found, STRUCTURE * formulas.built * found[0].score / ideal if found and ideal else 0.0

    def _live(self, query: Query, ranking: Sequence[Fused]) -> list[Hit]:
        """The best of the ranking whose documents are live."""
        hits: list[Hit] = []
        step = query.limit + READ_AHEAD
        for start in range(0, len(ranking), step):
            part = ranking[start : start + step]
            stored = self.catalogue.chunks(query.collection, [one.id for one in part])
            seen = {key: one for key, one in stored.items() if _seen(one.chunk, query.where)}
            hits += _hits(part, seen, len(hits))
            if len(hits) >= query.limit:
                break
        return hits[: query.limit]


def _seen(chunk: Chunk, where: Filter) -> bool:
    """Whether the filter lets it through, as far as a chunk shows; the graph does not know of modalities."""
    in_documents = where.documents is None or chunk.document_id in where.documents
    return in_documents and (not where.modalities or chunk.modality in where.modalities)


def _hits(part: Sequence[Fused], stored: Mapping[str, StoredChunk], before: int) -> list[Hit]:
    live = [one for one in part if one.id in stored]
    return [
        Hit(before + place, one.score, stored[one.id].chunk, stored[one.id].source, one.ranks)
        for place, one in enumerate(live, start=1)
    ]
