"""The second half of the second line: hits -> answer -> checked citations.

With a chat model the answer is written (see `glede.answering.writing`), without one it is quoted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from functools import cache, partial

from glede.answering import extractive
from glede.answering.citing import cite
from glede.answering.computing import Computing, Result
from glede.answering.extractive import Question, Unit
from glede.answering.fitting import compares
from glede.answering.follow_ups import refers
from glede.answering.given import Given
from glede.answering.named_formulas import called, named_formula, unsaid
from glede.answering.quoted_rows import counted, is_told
from glede.answering.unit_vectors import UnitVectors
from glede.answering.writing import Draft, Note, Writing
from glede.endpoints import Attachment
from glede.errors import ModelReplyError
from glede.ports import Embedder, Readable
from glede.results import Answer, Citation, Stage, Turn
from glede.retrieval.retrieve import Found, Query, Retrieve
from glede.text.keywords import language_of, query_terms

REFUSALS = {
    "en": "The documents do not answer this question.",
    "de": "Die Dokumente beantworten diese Frage nicht.",
    "fr": "Les documents ne répondent pas à cette question.",
    "es": "Los documentos no responden a esta pregunta.",
    "it": "I documenti non rispondono a questa domanda.",
    "pt": "Os documentos não respondem a esta pergunta.",
    "nl": "De documenten beantwoorden deze vraag niet.",
    "ru": "Документы не отвечают на этот вопрос.",
    "ar": "لا تجيب الوثائق عن هذا السؤال.",
    "zh": "这些文档没有回答这个问题。",
    "ja": "文書はこの質問に答えていません。",
    "ko": "문서가 이 질문에 답하지 않습니다.",
}
REFUSAL = REFUSALS["en"]
EMPTY = "There are no documents yet: add some with `glede add`."


@dataclass(frozen=True, slots=True)
class Ask:
    """The line and what it needs, put together by `glede.build`."""

    retrieve: Retrieve
    catalogue: Readable
    embedder: Embedder
    writing: Writing | None = None
    computing: Computing | None = None
    vectors: UnitVectors = field(default_factory=UnitVectors)

    async def ask(
        self,
        query: Query,
        history: Sequence[Turn] = (),
        *,
        own: Attachment | None = None,
        given: Given | None = None,
    ) -> Answer:
        """The whole answer; see `pieces`."""
        async with aclosing(self.pieces(query, history, stream=False, own=own, given=given)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answer):
                    return piece
        raise AssertionError("pieces always end in an answer")

    async def pieces(
        self,
        query: Query,
        history: Sequence[Turn] = (),
        *,
        stream: bool = True,
        own: Attachment | None = None,
        given: Given | None = None,
    ) -> AsyncGenerator[str | Answer, None]:
        """The answer's text as it comes, and last of all the `Answer`, its citations checked.

        `own` is a picture that belongs to the question, `given` a file of tables: what is asked in words is
        computed from them and quoted of them as well, and alone they are what is searched for.
        """
        began = time.perf_counter()
        alone = replace(query, text=await self._alone(query.text, history))
        found = await self.retrieve.search(with_given(alone, given))
        answer: Answer | None = None
        computing = self.computing
        if given is not None and not alone.text.strip():
            alone, given = with_given(alone, given), None
        searched = time.perf_counter()
        result = await computing.compute(alone.text, found.hits, given) if computing else None
        stages = *found.stages, Stage("tables", time.perf_counter() - searched)
        answering = time.perf_counter()
        if given is not None:
            found = replace(found, hits=given.hits(alone.text, found.hits))
        if not found.hits:
            answer = self._answer(query, found, await self._nothing(query))
        elif self.writing is None and result is not None:
            answer = await self._computed(query, found, result)
        elif self.writing is None:
            answer = await self._quoted(alone, await self._heard(alone, found, given))
        else:
            hits, note = found.hits, None
            if result is not None:  # the table first, so that it is sure to be among the sources
                hits = (result.hit, *(hit for hit in hits if hit is not result.hit))
                note = Note(result.hit.chunk.id, result.said)
            asked = query.collection, hits, stream, own, note
            async with aclosing(self.writing.pieces(alone.text, *asked)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Draft):
                        answer = self._written(query, found, piece)
                    else:
                        yield piece
        if answer is None:
            raise AssertionError("writing always ends in a draft")
        cited = answer.citations
        if not all(map(is_told, cited)):
            cited = tuple(await asyncio.to_thread(self._counted, query.collection, cited))
        rewritten = alone.text if alone.text != query.text else ""
        yield replace(
            answer,
            question=query.text,
            rewritten=rewritten,
            citations=cited,
            computed=result.shown if result is not None and answer.answered else None,
            seconds=time.perf_counter() - began,
            stages=(*stages, Stage("answer", time.perf_counter() - answering)),
        )

    async def _alone(self, question: str, history: Sequence[Turn]) -> str:
        """The question as it can be searched for; without a model, after the one before if it refers."""
        if not history or not question.strip():
            return question
        if self.writing is not None:
            with suppress(ModelReplyError):  # a model that cannot put it otherwise may answer it all the same
                return await self.writing.alone(question, history)
        return f"{history[-1].question} {question}" if refers(question) else question

    async def _heard(self, query: Query, found: Found, given: Given | None) -> Found:
        """The hits with the vector of the words alone, where a table was searched for along with them."""
        if given is None:
            return found
        return replace(found, vector=(await self.embedder.embed([query.text]))[0])

    def _counted(self, collection: str, citations: Sequence[Citation]) -> list[Citation]:
        return counted(citations, cache(partial(self.catalogue.document_chunks, collection)))

    def _written(self, query: Query, found: Found, draft: Draft) -> Answer:
        if draft.refused:
            answer = self._answer(query, found, refusal(query.text))
        else:
            answer = replace(
                self._answer(query, found, draft.text.strip()),
                answered=draft.supported,
                complete=draft.reply is not None and draft.reply.complete,
                citations=tuple(draft.checked.citations),
            )
        model = draft.reply.model if draft.reply else ""
        return replace(answer, model=model, usage=draft.usage)

    def _answer(self, query: Query, found: Found, text: str) -> Answer:
        return Answer(
            question=query.text,
            text=text,
            answered=False,
            complete=True,
            model=extractive.MODEL,
            hits=found.hits,
        )

    async def _quoted(self, query: Query, found: Found) -> Answer:
        """An answer made of sentences of the sources, each cited and checked; or a refusal."""
        if not query.text.strip():
            return self._alike(query, found)
        units = await self._quotes(query, found)
        if not units:
            return self._answer(query, found, refusal(query.text))
        text, citations = _joined(units)
        return replace(self._answer(query, found, text), answered=True, citations=tuple(citations))

    async def _computed(self, query: Query, found: Found, result: Result) -> Answer:
        """What a table gives, with the rows that it rests on."""
        if self.computing is None:
            raise AssertionError("only who computes has a result")
        citations = await asyncio.to_thread(self.computing.citations, query.collection, result)
        marks = "".join(f"[{citation.marker}]" for citation in citations)
        answer = self._answer(query, found, f"{result.said} {marks}")
        return replace(answer, answered=True, citations=tuple(citations))

    def _alike(self, query: Query, found: Found) -> Answer:
        """What is said of the picture that looks most like the one that was shown."""
        best = found.hits[0]
        said = next((line for line in best.chunk.text.splitlines() if line.strip()), "")
        if not said:
            return self._answer(query, found, refusal(query.text))
        cited = cite(1, best, said)
        answer = self._answer(query, found, f"{said} {_mark(cited)}")
        return replace(answer, answered=True, citations=(cited,))

    async def _nothing(self, query: Query) -> str:
        statistics = await asyncio.to_thread(self.catalogue.term_statistics, query.collection, ())
        return refusal(query.text) if statistics.chunks else EMPTY

    async def _quotes(self, query: Query, found: Found) -> list[Unit]:
        units = extractive.units_of(found.hits)
        if compares(query.text):
            units = [unit for unit in units if unit.hit.chunk.modality != "table"]
        if not units:
            return []
        named = named_formula(query.text)
        if named is not None:
            if units_called := await asyncio.to_thread(called, named, units):
                return units_called
            if await asyncio.to_thread(unsaid, named, units):
                return []
        question = await asyncio.to_thread(self._question, query)
        headings = list(dict.fromkeys(unit.heading for unit in units if unit.heading))
        vectors = await self.vectors.of(self.embedder, [unit.text for unit in units] + headings)
        fits = dict(zip(headings, (vectors[len(units) :] @ found.vector).tolist(), strict=True))
        scored = extractive.score(question, found.vector, units, vectors[: len(units)], fits)
        return extractive.chosen(scored) if extractive.answerable(question, scored) else []

    def _question(self, query: Query) -> Question:
        terms = query_terms(query.text)
        statistics = self.catalogue.term_statistics(query.collection, terms.terms)
        return Question(query.text, terms.rarity(statistics))


def with_given(query: Query, given: Given | None) -> Query:
    """The query with what was given to be searched for along with its words."""
    return query if given is None else replace(query, text=f"{query.text}\n\n{given.text}".strip())


def refusal(question: str) -> str:
    """That there is no answer, in the language of the question where we have it."""
    return REFUSALS.get(language_of(question), REFUSAL)


def _joined(units: Sequence[Unit]) -> tuple[str, list[Citation]]:
    """The answer with a marker after each quote, and the citations; neighbouring sentences are one quote."""
    lines: list[str] = []
    citations: list[Citation] = []
    for run in _runs(units):
        marker = len(citations) + 1
        quote = run[0].hit.chunk.text[run[0].start : run[-1].end]
        citations.append(cite(marker, run[0].hit, quote))
        lines.append(f"{' '.join(unit.text for unit in run)} {_mark(citations[-1])}")
    return " ".join(lines), citations


def _mark(citation: Citation) -> str:
    """How the citation is marked in the text: what a model says of a picture is not verified."""
    return f"[{citation.marker}]" if citation.verified else f"[{citation.marker}?]"


def _runs(units: Sequence[Unit]) -> list[list[Unit]]:
    runs: list[list[Unit]] = []
    for unit in units:
        last = runs[-1][-1] if runs else None
        if last is not None and _go_on(last, unit):
            runs[-1].append(unit)
        else:
            runs.append([unit])
    return runs


def _go_on(one: Unit, other: Unit) -> bool:
    """Whether the other comes next in the same chunk, in the same voice."""
    return other.hit is one.hit and other.place == one.place + 1 and other.derived == one.derived
