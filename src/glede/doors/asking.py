"""Questions on their way to the lines: understood, filtered, and their answers remembered."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glede.answering.answer import with_given
from glede.answering.questions import NOTHING, Extras, Understood
from glede.doors.last_answer import LastAnswer
from glede.errors import UsageError
from glede.results import Answer, Hit, Turn
from glede.retrieval.retrieve import Query
from glede.types import MODALITIES, MetadataValue, Modality, Mode

if TYPE_CHECKING:
    from glede.engine import Engine


@dataclass(frozen=True, slots=True)
class Options:
    """How to search, beside the words; see `Engine.search`."""

    limit: int | None = None
    mode: Mode = "mix"
    types: Sequence[Modality] = ()
    filter: Mapping[str, MetadataValue] | None = None
    collection: str | None = None
    extras: Extras = NOTHING


class Asking:
    """Searching and asking, for an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lines = engine.lines

    async def search(self, words: str, options: Options) -> list[Hit]:
        """See `Engine.search`."""
        understood, asked = await self._asked(words, options)
        return list((await self._lines.retrieve.search(with_given(asked, understood.given))).hits)

    async def ask(self, question: str, options: Options, history: Sequence[Turn]) -> Answer:
        """See `Engine.ask`."""
        understood, asked = await self._asked(question, options)
        answer = await self._lines.ask.ask(asked, history, own=understood.shown, given=understood.given)
        return await self._remembered(question, asked, answer)

    async def stream(
        self, question: str, options: Options, history: Sequence[Turn]
    ) -> AsyncGenerator[str | Answer, None]:
        """See `Engine.stream`."""
        understood, asked = await self._asked(question, options)
        own, given = understood.shown, understood.given
        async with aclosing(self._lines.ask.pieces(asked, history, own=own, given=given)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answer):
                    yield await self._remembered(question, asked, piece)
                else:
                    yield piece

    async def _remembered(self, question: str, asked: Query, answer: Answer) -> Answer:
        await LastAnswer(self._engine.catalogue, asked.collection).keep(answer)
        return replace(answer, question=question)

    async def _asked(self, words: str, options: Options) -> tuple[Understood, Query]:
        extras = options.extras
        understood = await self._lines.questions.understood(words, extras) if extras else Understood(words)
        for modality in options.types:
            if modality not in MODALITIES:
                raise UsageError(f"there is no type {modality!r}", hint=f"Known: {', '.join(MODALITIES)}.")
        name = self._engine.name_of(options.collection)
        chosen = replace(
            await self._engine.filter_of(options.filter or {}, name), modalities=tuple(options.types)
        )
        wanted = self._engine.settings.search_limit if options.limit is None else options.limit
        return understood, Query(understood.text, name, wanted, chosen, options.mode, understood.picture)
