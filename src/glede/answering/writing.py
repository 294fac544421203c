"""The answer as a language model writes it: numbered sources in, an answer with checked citations out.

Where a model sees, the pictures among the sources are shown to it, each by the number of its source.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from glede.answering.checking import Checked
from glede.endpoints import Attachment, ChatModel, Message, Prompt, Reply
from glede.errors import ContentFilterError, ContextLengthError, RefusedRequestError
from glede.pictures.shown import Showing, shown_with
from glede.ports import Readable
from glede.prompting.markers import Mark, MarkReader
from glede.prompting.packing import REACH, Source, fence_of, pack, sources_text
from glede.prompting.thinking import Thoughts, without_thoughts
from glede.prompts import filled
from glede.results import Hit, Turn, Usage
from glede.text.sentences import sentence_spans
from glede.text.tokens import TokenCounter

NO_ANSWER = "NO ANSWER"
SHOWN = "What does the picture show, and what do the sources say of it?"
"""What is asked where a picture comes without words."""
REWRITTEN_TOKENS = 200
TURNS = 6
"""How many turns of a conversation a follow-up can refer to."""
TURN_CHARACTERS = 600
_PICTURES_REFUSED = (ContentFilterError, ContextLengthError, RefusedRequestError)
"""What may have to do with a picture: the question is then asked without any."""


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
        """Whether at least one citation holds, or shows a picture that was described so."""
        return any(citation.verified or citation.described for citation in self.checked.citations)

    @property
    def usage(self) -> Usage:
        """What the model says it took."""
        tokens = self.reply.tokens if self.reply else None
        return Usage(1, tokens.prompt, tokens.completion) if tokens else Usage(1)


@dataclass(frozen=True, slots=True)
class Note:
    """What was computed from the table of a chunk."""

    chunk_id: str
    said: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the model is asked, of which sources, and how many tokens that is before anything was learned."""

    sources: tuple[Source, ...]
    prompt: Prompt
    tokens: int


@dataclass(frozen=True, slots=True)
class Writing:
    """What writing an answer needs, put together by `glede.build`.

    `seeing` is the model that is asked where there are pictures to show: the chat model itself where it
    sees, or the vision model. `show` gives pictures, for `picture_tokens` at most.
    """

    chat: ChatModel
    catalogue: Readable
    count: TokenCounter
    context_tokens: int = 6000
    answer_tokens: int = 4096
    seeing: ChatModel | None = None
    show: Showing | None = None
    picture_tokens: int = 3200

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
        self,
        question: str,
        collection: str,
        hits: Sequence[Hit],
        stream: bool = True,
        own: Attachment | None = None,
        note: Note | None = None,
    ) -> AsyncGenerator[str | Draft, None]:
        """The answer piece by piece, marks already checked, and last of all the `Draft`.

        `own` is a picture that belongs to the question, `note` what was computed from one of the hits: it is
        told beside the sources, since words that stand in none of them can be no quote.
        """
        asked = await asyncio.to_thread(self._asked, question or SHOWN, collection, hits, note)
        sources, prompt = asked.sources, asked.prompt
        seen = self._with_pictures(prompt, await self._pictures(sources), own)
        draft = Draft(Checked(sources, question))
        held = ""
        async with aclosing(self._answers(prompt, seen, stream)) as replies:
            async for reply in replies:
                if isinstance(reply, Reply):
                    draft.reply = reply
                    if seen is None:
                        self.count.learn(asked.tokens, reply.tokens.prompt)
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

    async def _answers(
        self, prompt: Prompt, seen: Prompt | None, stream: bool
    ) -> AsyncGenerator[str | Reply, None]:
        """What the model that sees answers; what the chat model does where no picture is shown, or taken."""
        if seen is not None and self.seeing is not None:
            try:
                async with aclosing(_replies(self.seeing, seen, stream)) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            except _PICTURES_REFUSED:  # which comes before the first piece
                pass
        async with aclosing(_replies(self.chat, prompt, stream)) as pieces:
            async for piece in pieces:
                yield piece

    async def _pictures(self, sources: Sequence[Source]) -> Sequence[tuple[int, Attachment]]:
        if self.seeing is None or self.show is None:
            return ()
        return await shown_with(sources, self.show, self.picture_tokens)

    def _with_pictures(
        self, prompt: Prompt, pictures: Sequence[tuple[int, Attachment]], own: Attachment | None
    ) -> Prompt | None:
        """The prompt with the pictures after it, and which sources they are; `None` where there are none."""
        if self.seeing is None or not (pictures or own):
            return None
        *before, last = prompt.messages
        named = ["the question itself"] if own else []
        named += [f"source {number}" for number, _ in pictures]
        places = ", ".join(f"picture {place} is of {what}" for place, what in enumerate(named, start=1))
        text = f"{last.text}\n\n{filled('pictures', places=places)}"
        shown = (*((own,) if own else ()), *(picture for _, picture in pictures))
        return replace(prompt, messages=(*before, replace(last, text=text, pictures=shown)))

    def _asked(self, question: str, collection: str, hits: Sequence[Hit], note: Note | None) -> Asked:
        """Beside the event loop: whoever counts tokens waits for his turn again after each text."""
        around = self.catalogue.neighbours(collection, [hit.chunk for hit in hits], REACH)
        sources = pack(hits, around, self.count, self.context_tokens)
        prompt = self._prompt(question, sources, note)
        return Asked(sources, prompt, self.count.estimate("\n".join(one.text for one in prompt.messages)))

    def _prompt(self, question: str, sources: Sequence[Source], note: Note | None) -> Prompt:
        text, fence = sources_text(sources, question)
        asked = filled("question", sources=text, question=question)
        told = next((source for source in sources if note and source.hit.chunk.id == note.chunk_id), None)
        if note is not None and told is not None:
            fence_around = fence_of([text, note.said])
            asked += "\n\n" + filled("computed", number=str(told.number), fence=fence_around, said=note.said)
        messages = (Message("system", filled("answer", fence=fence)), Message("user", asked))
        return Prompt(messages, max_tokens=self.answer_tokens)

    async def alone(self, question: str, turns: Sequence[Turn]) -> str:
        """A follow-up as a question that stands alone."""
        conversation = "\n".join(
            f"Question: {turn.question}\nAnswer: {turn.answer[:TURN_CHARACTERS]}" for turn in turns[-TURNS:]
        )
        fence = fence_of([conversation, question])
        text = filled("rewrite", fence=fence, conversation=conversation, question=question)
        reply = await self.chat.chat(Prompt((Message("user", text),), max_tokens=REWRITTEN_TOKENS))
        said = without_thoughts(reply.text)
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        return lines[0].strip("\"'“”") if lines and reply.complete else question


async def _replies(model: ChatModel, prompt: Prompt, stream: bool) -> AsyncGenerator[str | Reply, None]:
    """The answer's pieces, without what the model thought aloud, and last the reply."""
    if not stream:
        reply = await model.chat(prompt)
        yield without_thoughts(reply.text)
        yield reply
        return
    thoughts = Thoughts()
    async with aclosing(model.stream(prompt)) as pieces:
        async for piece in pieces:
            if isinstance(piece, str):
                if said := thoughts.feed(piece):
                    yield said
                continue
            if rest := thoughts.close():
                yield rest
            yield piece


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
