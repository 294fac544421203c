"""The answer as a language model writes it: numbered sources in, an answer with checked citations out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from glede.checking import Checked
from glede.endpoints import ChatModel, Message, Prompt, Reply
from glede.markers import Mark, MarkReader
from glede.packing import REACH, Source, fence_of, pack, sources_text
from glede.ports import Catalogue
from glede.prompts import filled
from glede.sentences import sentence_spans
from glede.tokens import TokenCounter
from glede.types import Hit, Turn, Usage

NO_ANSWER = "NO ANSWER"
REWRITTEN_TOKENS = 200
TURNS = 6
"""How many turns of a conversation a follow-up can refer to."""
TURN_CHARACTERS = 600


@dataclass(slots=True)
class Draft:
    """An answer while it is written; `refused` where the model found none in the sources."""

    checked: Checked
    text: str = ""
    refused: bool = False
    reply: Reply | None = None
    reader: MarkReader = field(default_factory=MarkReader)

    @property
    def supported(self) -> bool:
        """Whether at least one citation holds."""
        return any(citation.verified for citation in self.checked.citations)

    @property
    def usage(self) -> Usage:
        """What the model says it took."""
        tokens = self.reply.tokens if self.reply else None
        return Usage(1, tokens.prompt, tokens.completion) if tokens else Usage(1)


@dataclass(frozen=True, slots=True)
class Writing:
    """What writing an answer needs, put together by `glede.build`."""

    chat: ChatModel
    catalogue: Catalogue
    count: TokenCounter
    context_tokens: int = 6000
    answer_tokens: int = 4096

    async def write(self, question: str, collection: str, hits: Sequence[Hit], stream: bool) -> Draft:
        """The whole answer; raises `ModelError` where the model does not answer at all."""
        last: Draft | None = None
        async with aclosing(self.pieces(question, collection, hits, stream)) as pieces:
            async for piece in pieces:
                last = piece if isinstance(piece, Draft) else last
        if last is None:
            raise AssertionError("pieces always end in a draft")
        return last

    async def pieces(
        self, question: str, collection: str, hits: Sequence[Hit], stream: bool = True
    ) -> AsyncGenerator[str | Draft, None]:
        """The answer piece by piece, marks already checked, and last of all the `Draft`."""
        sources = await self._sources(collection, hits)
        prompt = self._prompt(question, sources)
        draft = Draft(Checked(sources, question))
        held = ""
        async with aclosing(self._replies(prompt, stream)) as replies:
            async for reply in replies:
                if isinstance(reply, Reply):
                    draft.reply = reply
                    self.count.learn(
                        "\n".join(message.text for message in prompt.messages), reply.tokens.prompt
                    )
                    continue
                held += reply
                if _may_refuse(held) and not draft.text:
                    continue
                if shown := _taken(draft, draft.reader.feed(held)):
                    yield shown
                held = ""
        if _refuses(held) and not draft.text:
            draft.refused = True
        elif rest := _taken(draft, [*draft.reader.feed(held), *draft.reader.close()]):
            yield rest
        if late := _attributed(draft):
            yield late
        yield draft

    async def _replies(self, prompt: Prompt, stream: bool) -> AsyncGenerator[str | Reply, None]:
        if not stream:
            reply = await self.chat.chat(prompt)
            yield reply.text
            yield reply
            return
        async with aclosing(self.chat.stream(prompt)) as pieces:
            async for piece in pieces:
                yield piece

    async def _sources(self, collection: str, hits: Sequence[Hit]) -> tuple[Source, ...]:
        chunks = [hit.chunk for hit in hits]
        around = await asyncio.to_thread(self.catalogue.neighbours, collection, chunks, REACH)
        return pack(hits, around, self.count, self.context_tokens)

    def _prompt(self, question: str, sources: Sequence[Source]) -> Prompt:
        text, fence = sources_text(sources, question)
        return Prompt(
            messages=(
                Message("system", filled("answer", fence=fence)),
                Message("user", filled("question", sources=text, question=question)),
            ),
            max_tokens=self.answer_tokens,
        )

    async def alone(self, question: str, turns: Sequence[Turn]) -> str:
        """A follow-up as a question that stands alone."""
        conversation = "\n".join(
            f"Question: {turn.question}\nAnswer: {turn.answer[:TURN_CHARACTERS]}" for turn in turns[-TURNS:]
        )
        fence = fence_of([conversation, question])
        text = filled("rewrite", fence=fence, conversation=conversation, question=question)
        reply = await self.chat.chat(Prompt((Message("user", text),), max_tokens=REWRITTEN_TOKENS))
        lines = [line.strip() for line in reply.text.splitlines() if line.strip()]
        return lines[0].strip("\"'“”") if lines and reply.complete else question


def _taken(draft: Draft, found: Sequence[str | Mark]) -> str:
    shown = "".join(one if isinstance(one, str) else draft.checked.add(one) for one in found)
    draft.text += shown
    return shown


def _may_refuse(text: str) -> bool:
    begun = text.strip().upper()
    return NO_ANSWER.startswith(begun) or _refuses(text)


def _refuses(text: str) -> bool:
    return text.strip().strip(".!* ").upper() == NO_ANSWER


def _attributed(draft: Draft) -> str:
    """Citations for an answer whose model gave none, where a source clearly says the same."""
    if draft.refused or draft.checked.citations:
        return ""
    sentences = (draft.text[start:end] for start, end in sentence_spans(draft.text))
    marks = [mark for sentence in sentences if (mark := draft.checked.find(sentence)) is not None]
    shown = "".join(dict.fromkeys(draft.checked.add(mark) for mark in marks))
    if not shown:
        return ""
    draft.text += f" {shown}"
    return f" {shown}"
