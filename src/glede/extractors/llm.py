"""Entities and facts from a language model: one call for a window of chunks, beside what is known without it.

The instruction comes first and is the same byte for byte, so that endpoints with a prompt cache read it once.
A second look is taken on a signal only: an answer that was cut off is asked for again in halves, and names
that stand in the text and were not noted are asked for by name, as long as that stays rare.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

import orjson

from glede.adding.rehearsal import rehearsal
from glede.endpoints import ChatModel, Message, Prompt, Reply, Responses, Tokens, document
from glede.errors import (
    ConfigurationError,
    ContentFilterError,
    ContextLengthError,
    GledeError,
    ModelReplyError,
    ModelTimeoutError,
    RefusedRequestError,
)
from glede.extracting import Means
from glede.extractors.llm_grounding import Domain, Grounded, folded, grounded, times_in
from glede.extractors.llm_replies import Said, said_in, schema
from glede.extractors.llm_windows import Window, windows_of
from glede.graph.names import entity_of
from glede.knowledge import Alias, DocumentGraph, Extractor, Fact, Mention
from glede.prompts import filled
from glede.types import Chunk, Parsed, content_hash

VERSION = "1"
CALLS_PER_CHUNK = 1.2
"""The most calls over all chunks; second looks that would bring it above are not taken."""
SPARE_CALLS = 2
TOKENS_PER_ENTITY = 150
"""Of text for an entity: fewer entities than this gives are a signal, where the text holds more names."""
FEW = 3
"""Names of a text that may be missed without a second look."""
MOST_MISSING = 12
"""Names that are asked for by name."""
WARNINGS = 5
_ASKED_TYPES = ("person", "organization", "place", "work", "event", "product", "term", "name")
_NAMES = frozenset({*_ASKED_TYPES, "acronym"} - {"term"})
"""What a model must not be silent about; of terms it may well think otherwise than rules do."""
_ITS_OWN = (
    ContentFilterError, ContextLengthError, ModelReplyError, ModelTimeoutError, RefusedRequestError,
)  # fmt: skip
"""What has to do with one window: the others go on, and its chunks are tried again later."""
_CAPITALISED = re.compile(r"(?<=[a-z,;:)] )[A-Z]\w+(?: [A-Z]\w+)*")


Stated = TypeVar("Stated", Mention, Fact, Alias)


@dataclass(slots=True)
class _Account:
    """Calls planned for chunks shown, over the life of an extractor."""

    chunks: int = 0
    calls: int = 0

    def begin(self, windows: Sequence[Window]) -> None:
        """Note a document, each of whose windows takes a call."""
        self.chunks += sum(len(window.places) for window in windows)
        self.calls += len(windows)

    def spare(self) -> bool:
        """Take one call more, where that stays within the promise; a rehearsal has no use for it."""
        if rehearsal.get() is not None:
            return False
        fits = self.calls + 1 <= CALLS_PER_CHUNK * self.chunks + SPARE_CALLS
        self.calls += fits
        return fits


@dataclass(slots=True)
class _Course:
    """One document on its way: what was found, what was not, and what has stopped it."""

    found: Grounded = field(default_factory=Grounded)
    read: int = 0
    unread: set[int] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    failed: GledeError | None = None
    stopped: GledeError | None = None


@dataclass(frozen=True, slots=True)
class LlmExtractor:
    """Adds what `chat` finds to what `base` does; raises the model's error where it reads nothing at all."""

    chat: ChatModel
    base: Extractor | None = None
    domain: Domain = field(default_factory=Domain)
    kept: Responses | None = None
    calls: int = 16
    answer_tokens: int = 4096
    account: _Account = field(default_factory=_Account, compare=False, repr=False)

    @property
    def fingerprint(self) -> str:
        """Names the prompt, the model, and who finds the rest."""
        base = f"+{self.base.fingerprint}" if self.base else ""
        return f"llm@{VERSION}:{self.chat.model}:{content_hash(self.instruction, length=8)}{base}"

    @property
    def instruction(self) -> str:
        """What comes first in every call."""
        labels = self.domain.labels
        label = f"one of {', '.join(labels)}" if labels else "the verb or the tie, at most 4 words"
        return filled("extract", types=", ".join(self.domain.types or _ASKED_TYPES), labels=label)

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        """What the base and the model find; chunks of windows that failed are `unread`."""
        return await self._extracted(parsed, chunks, frozenset(range(len(chunks))), None)

    async def go_on(self, parsed: Parsed, chunks: Sequence[Chunk], known: DocumentGraph) -> DocumentGraph:
        """The same, where the model is shown no more than the chunks that it has not read."""
        return await self._extracted(parsed, chunks, frozenset(known.unread), known)

    async def _extracted(
        self, parsed: Parsed, chunks: Sequence[Chunk], unread: frozenset[int], before: DocumentGraph | None
    ) -> DocumentGraph:
        document_id = chunks[0].document_id if chunks else ""
        known = await self.base.extract(parsed, chunks) if self.base else DocumentGraph(document_id, "")
        if before is not None:
            known = _with_earlier(known, before, unread)
        windows = windows_of(chunks, parsed.title, only=unread)
        course = _Course()
        gate = asyncio.Semaphore(self.calls)
        self.account.begin(windows)
        await asyncio.gather(*(self._gated(gate, window, known.mentions, course) for window in windows))
        if course.stopped is not None:
            raise course.stopped
        if course.failed is not None and not course.read:
            raise course.failed
        return _joined(known, course, self.fingerprint)

    async def _gated(
        self, gate: asyncio.Semaphore, window: Window, known: Sequence[Mention], course: _Course
    ) -> None:
        """A window, unless something has stopped the document; what is paid for already is kept."""
        async with gate:
            if course.stopped is None:
                try:
                    await self._read(window, known, course)
                except GledeError as error:
                    course.stopped = error

    async def _read(self, window: Window, known: Sequence[Mention], course: _Course) -> None:
        """Note what the window says; where the model fails because of it, note that it is unread."""
        try:
            found, halves = await self._look(window, known, course)
        except _ITS_OWN as error:
            course.failed = error
            course.unread.update(window.places)
            course.warnings.append(f"{_chunks(window)} could not be read by the model: {error.message}")
            return
        course.read += 1
        course.found.add(found)
        self.account.calls += len(halves)
        for half in halves:
            await self._read(half, known, course)

    async def _look(
        self, window: Window, known: Sequence[Mention], course: _Course
    ) -> tuple[Grounded, tuple[Window, ...]]:
        """What one call finds, or two where the first gives a signal; and the halves to ask for again."""
        halves = window.halves()
        try:
            reply, said = await self._ask(window)
        except ContextLengthError:
            if not halves:
                raise
            return Grounded(), halves
        found = self._grounded(said, window)
        if _was_cut(reply) and not said.loops and halves:
            return found, halves
        missing = _missing(window, known, found)
        if self._calls_for_more(window, found, missing) and self.account.spare():
            with suppress(*_ITS_OWN):  # what the first look has found stays
                found.add(self._grounded((await self._ask(window, missing))[1], window))
        if len(missing) > FEW and not found.mentions:
            course.unread.update(window.places)
            where = _chunks(window).lower()
            course.warnings.append(f"The model found nothing in {where}, with {len(missing)} names or more.")
        return found, ()

    def _grounded(self, said: Said, window: Window) -> Grounded:
        return grounded(said, window.places, window.texts, self.domain)

    @staticmethod
    def _calls_for_more(window: Window, found: Grounded, missing: Sequence[str]) -> bool:
        return len(missing) > FEW and len(found.names) < window.tokens / TOKENS_PER_ENTITY

    async def _ask(self, window: Window, missing: Sequence[str] = ()) -> tuple[Reply, Said]:
        """One call, or what it brought before, and what it says; what no cache takes is kept here."""
        messages = (Message("system", self.instruction), Message("user", window.shown(missing)))
        key = bytes.fromhex(content_hash("extraction", self.chat.model, *(one.text for one in messages)))
        kept = await self._kept(key)
        if kept is not None:
            return kept, said_in(kept.text)
        prompt = Prompt(messages, max_tokens=self.answer_tokens, schema=schema())
        reply = await self.chat.chat(prompt)
        said = said_in(reply.text)
        if self.kept is not None and said.items and not (said.whole and reply.complete):
            value = orjson.dumps([reply.finish, reply.text])
            await asyncio.to_thread(self.kept.keep, {key: value}, document.get())
        return reply, said

    async def _kept(self, key: bytes) -> Reply | None:
        if self.kept is None:
            return None
        value = (await asyncio.to_thread(self.kept.load, [key])).get(key)
        if value is None:
            return None
        finish, text = orjson.loads(value)
        return Reply(str(text), False, str(finish), self.chat.model, Tokens())


def _was_cut(reply: Reply) -> bool:
    return reply.finish == "length" or not (reply.complete or reply.finish)


def _missing(window: Window, known: Sequence[Mention], found: Grounded) -> tuple[str, ...]:
    """Names that stand in the window and were not found, the most frequent first."""
    places = frozenset(window.places)
    names: dict[str, int] = {}
    for mention in known:
        if mention.chunk in places and mention.type in _NAMES:
            names[mention.name] = names.get(mention.name, 0) + mention.count
    if not known:
        names = {name: 1 for text in window.texts for name in _CAPITALISED.findall(text)}
    texts = " ".join(folded(text) for text in window.texts)
    left = [name for name in names if entity_of(name) not in found.names and times_in(name, texts)]
    return tuple(sorted(left, key=lambda name: -names[name])[:MOST_MISSING])


def _chunks(window: Window) -> str:
    first, last = window.places[0] + 1, window.places[-1] + 1
    return f"Chunk {first}" if first == last else f"Chunks {first} to {last}"


def _with_earlier(known: DocumentGraph, before: DocumentGraph, unread: frozenset[int]) -> DocumentGraph:
    """What is known without the model, and what it has said of the chunks that it has read."""
    said = [one for one in before.mentions if one.chunk not in unread]
    stated = [one for one in before.facts if one.chunk not in unread]
    explained = [one for one in before.aliases if one.chunk not in unread]
    mentions = {(entity_of(one.name), one.chunk): one for one in (*known.mentions, *said)}
    facts = {_key(one): one for one in (*known.facts, *stated)}
    return replace(
        known,
        mentions=tuple(mentions.values()),
        facts=tuple(facts.values()),
        aliases=tuple(dict.fromkeys((*known.aliases, *explained))),
    )


def _key(fact: Fact) -> tuple[int, str, int, int]:
    """What makes two facts one."""
    return entity_of(fact.source), fact.label.casefold(), entity_of(fact.target), fact.chunk


def _joined(known: DocumentGraph, course: _Course, fingerprint: str) -> DocumentGraph:
    """What is known without the model, and what it adds."""
    mentions = {(entity_of(one.name), one.chunk): one for one in known.mentions}
    for key, said in course.found.mentions.items():
        before = mentions.get(key)
        mentions[key] = said if before is None else _both(before, said)
    facts = {_key(one): one for one in known.facts}
    warnings = course.warnings[:WARNINGS]
    if course.found.dropped:
        warnings.append(f"{course.found.dropped} items of the model's answers do not stand in the text.")
    return replace(
        known,
        extractor=fingerprint,
        mentions=_in_order(mentions.values()),
        facts=_in_order({**facts, **course.found.facts}.values()),
        aliases=_in_order(dict.fromkeys([*known.aliases, *course.found.aliases.values()])),
        unread=tuple(sorted({*known.unread, *course.unread})),
        warnings=(*known.warnings, *warnings),
    )


def _in_order(found: Iterable[Stated]) -> tuple[Stated, ...]:
    """By chunk, whichever window was answered first."""
    return tuple(sorted(found, key=lambda one: one.chunk))


def _both(known: Mention, said: Mention) -> Mention:
    """A mention that both have: rules are sure of structure, the model of what kind of thing it is."""
    kind = said.type if known.type in ("name", "term") and said.type != "name" else known.type
    return replace(known, type=kind, description=known.description or said.description)


def open_llm_extractor(means: Means) -> LlmExtractor:
    """With the model of the role `extract`; raises `ConfigurationError` where there is none."""
    if means.chat is None:
        raise ConfigurationError(
            "the extractor llm needs a model",
            hint="Set GLEDE_EXTRACT or GLEDE_CHAT, or GLEDE_EXTRACTOR=nlp for none.",
        )
    domain = Domain(means.types, means.labels)
    return LlmExtractor(means.chat, means.base, domain, means.kept, means.calls, means.answer_tokens)
