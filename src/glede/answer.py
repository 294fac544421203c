"""The second half of the second line: hits -> answer -> checked citations."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from glede import extractive
from glede.citing import cite
from glede.extractive import Question, Unit
from glede.keywords import query_terms
from glede.ports import Catalogue, Embedder
from glede.retrieve import Found, Query, Retrieve
from glede.types import Answer, Citation, Hit

REFUSAL = "The documents do not answer this question."
EMPTY = "There are no documents yet: add some with `glede add`."


@dataclass(frozen=True, slots=True)
class Ask:
    """The line and what it needs, put together by `glede.build`."""

    retrieve: Retrieve
    catalogue: Catalogue
    embedder: Embedder

    async def ask(self, query: Query) -> Answer:
        """An answer made of sentences of the sources, each cited and checked; or a refusal."""
        began = time.perf_counter()
        found = await self.retrieve.search(query)
        units = await self._quotes(query, found)
        text, citations = _written(units)
        if not units:
            text = REFUSAL if found.hits else await self._nothing(query)
        return Answer(
            question=query.text,
            text=text,
            answered=bool(units),
            complete=True,
            model=extractive.MODEL,
            citations=tuple(citations),
            hits=found.hits,
            seconds=time.perf_counter() - began,
        )

    async def _nothing(self, query: Query) -> str:
        statistics = await asyncio.to_thread(self.catalogue.term_statistics, query.collection, ())
        return REFUSAL if statistics.chunks else EMPTY

    async def _quotes(self, query: Query, found: Found) -> list[Unit]:
        units = extractive.units_of(found.hits)
        if not units:
            return []
        question = await asyncio.to_thread(self._question, query)
        headings = list(dict.fromkeys(unit.heading for unit in units if unit.heading))
        vectors = await self.embedder.embed([unit.text for unit in units] + headings)
        fits = dict(zip(headings, (vectors[len(units) :] @ found.vector).tolist(), strict=True))
        scored = extractive.score(question, found.vector, units, vectors[: len(units)], fits)
        return extractive.chosen(scored) if extractive.answerable(question, scored) else []

    def _question(self, query: Query) -> Question:
        terms = query_terms(query.text)
        statistics = self.catalogue.term_statistics(query.collection, terms.terms)
        return Question(query.text, terms.rarity(statistics))


def _written(units: Sequence[Unit]) -> tuple[str, list[Citation]]:
    """The answer with a marker after each quote, and the citations; neighbouring sentences are one quote."""
    lines: list[str] = []
    citations: list[Citation] = []
    for hit, quote, text in _runs(units):
        marker = len(citations) + 1
        citations.append(cite(marker, hit, quote))
        lines.append(f"{text} [{marker}]")
    return " ".join(lines), citations


def _runs(units: Sequence[Unit]) -> list[tuple[Hit, str, str]]:
    runs: list[tuple[Hit, str, str]] = []
    last: Unit | None = None
    for unit in units:
        if (
            last is not None
            and unit.hit is last.hit
            and unit.place == last.place + 1
            and unit.quote == unit.text
        ):
            hit, quote, _ = runs[-1]
            text = hit.chunk.text
            start = text.find(quote)
            joined = text[start : text.find(unit.quote, start + len(quote)) + len(unit.quote)]
            runs[-1] = (hit, joined, joined)
        else:
            runs.append((unit.hit, unit.quote, unit.text))
        last = unit
    return runs
