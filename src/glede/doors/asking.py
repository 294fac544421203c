"""Questions on their way to the lines: understood, filtered, and their answers remembered."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glede.answering.answer import with_given
from glede.answering.questions import NOTHING, Extras, Understood
from glede.doors.last_answer import LastAnswer
from glede.endpoints import Ranking
from glede.errors import UsageError
from glede.results import Answer, Hit, Turn
from glede.retrieval.judging import FusedReranker
from glede.retrieval.retrieve import Query
from glede.types import MODALITIES, MetadataValue, Modality, Mode

if TYPE_CHECKING:
    from glede.doors.past import AsOf
    from glede.engine import Engine
    from glede.lines import Lines


@dataclass(frozen=True, slots=True)
class Options:
    """How to search, beside the words; see `Engine.search`."""

    limit: int | None = None
    mode: Mode = "mix"
    types: Sequence[Modality] = ()
    filter: Mapping[str, MetadataValue] | None = None
    collection: str | None = None
    extras: Extras = NOTHING
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is asked of lines: those over what is live, or what was."""

    understood: Understood
    query: Query
    lines: Lines
    past: AsOf | None = None


class Asking:
    """Searching and asking, for an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lines = engine.lines

    async def search(self, words: str, options: Options) -> list[Hit]:
        """See `Engine.search`."""
        asked = await self._asked(words, options)
        found = await asked.lines.retrieve.search(with_given(asked.query, asked.understood.given))
        return list(found.hits) if asked.past is None else asked.past.dated_hits(found.hits)

    async def ask(self, question: str, options: Options, history: Sequence[Turn]) -> Answer:
        """See `Engine.ask`."""
        asked = await self._asked(question, options)
        own, given = asked.understood.shown, asked.understood.given
        answer = await asked.lines.ask.ask(asked.query, history, own=own, given=given)
        return await self._remembered(question, asked, answer)

    async def stream(
        self, question: str, options: Options, history: Sequence[Turn]
    ) -> AsyncGenerator[str | Answer, None]:
        """See `Engine.stream`."""
        asked = await self._asked(question, options)
        own, given = asked.understood.shown, asked.understood.given
        async with aclosing(asked.lines.ask.pieces(asked.query, history, own=own, given=given)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answer):
                    yield await self._remembered(question, asked, piece)
                else:
                    yield piece

    async def rerank(self, question: str, texts: Sequence[str]) -> Ranking:
        """See `Engine.rerank`."""
        if not question.strip():
            raise UsageError("the question is empty")
        judge = self._lines.retrieve.reranker or FusedReranker(self._lines.retrieve.embedder)
        return await judge.rerank(question, texts)

    async def _remembered(self, question: str, asked: Asked, answer: Answer) -> Answer:
        if asked.past is not None:
            answer = asked.past.dated(answer)
        await LastAnswer(self._engine.catalogue, asked.query.collection).keep(answer)
        return replace(answer, question=question)

    async def _asked(self, words: str, options: Options) -> Asked:
        extras = options.extras
        understood = await self._lines.questions.understood(words, extras) if extras else Understood(words)
        for modality in options.types:
            if modality not in MODALITIES:
                raise UsageError(f"there is no type {modality!r}", hint=f"Known: {', '.join(MODALITIES)}.")
        name = self._engine.name_of(options.collection)
        past = None if options.as_of is None else await self._engine.past.at(options.as_of, name)
        reading = None if past is None else past.reading
        chosen = await self._engine.filter_of(options.filter or {}, name, reading)
        wanted = self._engine.settings.search_limit if options.limit is None else options.limit
        query = Query(
            understood.text,
            name,
            wanted,
            replace(chosen, modalities=tuple(options.types)),
            options.mode,
            understood.picture,
        )
        return Asked(understood, query, self._lines if past is None else past.lines, past)
