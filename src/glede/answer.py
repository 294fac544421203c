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
from glede.types import Answer, Citation

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
    for run in _runs(units):
        marker = len(citations) + 1
        quote = run[0].hit.chunk.text[run[0].start : run[-1].end]
        citations.append(cite(marker, run[0].hit, quote))
        lines.append(f"{' '.join(unit.text for unit in run)} [{marker}]")
    return " ".join(lines), citations


def _runs(units: Sequence[Unit]) -> list[list[Unit]]:
    runs: list[list[Unit]] = []
    for unit in units:
        last = runs[-1][-1] if runs else None
        if last is not None and unit.hit is last.hit and unit.place == last.place + 1:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    return runs
