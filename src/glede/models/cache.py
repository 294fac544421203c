"""Answers that were paid for, from the catalogue; the outermost wrapper, so that a kept answer costs nothing.

An answer is kept the moment it arrives, before anything else can fail; only whole answers are. What is
answered from here has used 0 tokens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

import numpy as np
import orjson

from glede.completing import completed
from glede.endpoints import (
    ChatModel,
    EmbeddingEndpoint,
    Embeddings,
    Prompt,
    Ranking,
    Reply,
    Reranker,
    Responses,
    Tokens,
    document,
)
from glede.errors import DimensionError
from glede.ports import Vectors
from glede.prompting.structured import bare
from glede.types import content_hash


def vector_key(name: str, text: str) -> bytes:
    """16 bytes that name the vector of a text; equal to those that its pack is found by once it is stored."""
    return bytes.fromhex(content_hash("vector", name, content_hash("text", text)))


def prompt_key(model: str, prompt: Prompt) -> bytes:
    """16 bytes that name all that an answer depends on."""
    parts: list[str | bytes] = ["chat", model, str(prompt.max_tokens), repr(prompt.temperature)]
    for message in prompt.messages:
        parts += [message.role, message.text, str(len(message.pictures))]
        for picture in message.pictures:
            parts += [picture.media_type, picture.data]
    if prompt.schema is not None:
        parts += ["schema", prompt.schema.name, prompt.schema.body]
    return bytes.fromhex(content_hash(*parts))


def ranking_key(model: str, question: str, texts: Sequence[str]) -> bytes:
    """16 bytes that name a question and the texts to be ranked."""
    return bytes.fromhex(content_hash("rerank", model, question, *texts))


class CachedChat:
    """A chat model that is asked each prompt once; kept answers come as one piece and then the `Reply`.

    A fresh prompt is asked again, and its answer takes the place of the one before.
    """

    def __init__(self, inner: ChatModel, responses: Responses) -> None:
        self.model = inner.model
        self._inner = inner
        self._responses = responses

    async def chat(self, prompt: Prompt) -> Reply:
        """The whole answer at once."""
        key, kept = await asyncio.to_thread(self._find, prompt)
        if kept is not None:
            return kept
        reply = await self._inner.chat(prompt)
        await self._keep(key, prompt, reply)
        return reply

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Reply, None]:
        """The answer piece by piece; raises only before the first piece."""
        key, kept = await asyncio.to_thread(self._find, prompt)
        if kept is not None:
            yield kept.text
            yield kept
            return
        async with aclosing(self._inner.stream(prompt)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Reply):
                    await self._keep(key, prompt, piece)
                yield piece

    def _find(self, prompt: Prompt) -> tuple[bytes, Reply | None]:
        """Beside the event loop, since pictures take a while to hash."""
        key = prompt_key(self.model, prompt)
        answer = None if prompt.fresh or not prompt.kept else self._responses.load([key]).get(key)
        return key, None if answer is None else _reply(self.model, answer)

    async def _keep(self, key: bytes, prompt: Prompt, reply: Reply) -> None:
        whole = reply.complete and (prompt.schema is None or _follows(prompt.schema.body, reply.text))
        if prompt.kept and whole:
            answer = orjson.dumps([reply.model, reply.finish, reply.text])
            await completed(self._responses.keep, {key: answer}, document.get())


def _reply(model: str, answer: bytes) -> Reply | None:
    """A kept reply, or `None` where its bytes are damaged: then it is asked for again."""
    try:
        name, finish, text = orjson.loads(answer)
    except ValueError:
        return None
    return Reply(str(text), True, str(finish), str(name or model), Tokens(), kept=True)


def _follows(schema: str, text: str) -> bool:
    """Whether the answer is JSON with all that the schema requires at its top; else asking again may help."""
    try:
        found = orjson.loads(bare(text))
    except ValueError:
        return False
    required = orjson.loads(schema).get("required", [])
    return not required or (isinstance(found, dict) and found.keys() >= set(required))


class CachedEmbedding:
    """An embedding endpoint that is asked for each text once.

    `name` is the model that the embedder over it has, and that its vectors are kept by in packs; it tells
    apart all that makes vectors differ, their length too.
    """

    def __init__(self, inner: EmbeddingEndpoint, responses: Responses, name: str = "") -> None:
        self.model = inner.model
        self.dimension = inner.dimension
        self.batch = inner.batch
        self.name = name or inner.model
        self._inner = inner
        self._responses = responses

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """The vectors of at most `batch` texts, in order; only those that are missing are asked for."""
        keys = {text: vector_key(self.name, text) for text in texts}
        kept = await asyncio.to_thread(self._responses.load, list(keys.values()))
        rows = {text: self._row(kept[key]) for text, key in keys.items() if self._fits(kept.get(key))}
        missing = [text for text in keys if text not in rows]
        tokens = Tokens()
        if missing:
            found = await self._inner.embed(missing)
            fresh = dict(zip(missing, found.vectors.astype(np.float32, copy=False), strict=True))
            await self._keep({keys[text]: row for text, row in fresh.items()})
            rows |= fresh
            tokens = found.tokens
        return Embeddings(self._stacked([rows[text] for text in texts]), tokens)

    async def _keep(self, fresh: Mapping[bytes, Vectors]) -> None:
        answers = {key: row.astype("<f4").tobytes() for key, row in fresh.items()}
        await completed(self._responses.keep, answers, document.get())

    def _fits(self, answer: bytes | None) -> bool:
        if not answer:
            return False
        return len(answer) == self.dimension * 4 if self.dimension else len(answer) % 4 == 0

    @staticmethod
    def _row(answer: bytes) -> Vectors:
        return np.frombuffer(answer, dtype="<f4").astype(np.float32)

    def _stacked(self, rows: Sequence[Vectors]) -> Vectors:
        if len({len(row) for row in rows}) > 1:
            raise DimensionError(f"{self.model} gives vectors of another length than it did before")
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)


class CachedReranker:
    """A reranker that is asked once about a question and texts."""

    def __init__(self, inner: Reranker, responses: Responses) -> None:
        self.model = inner.model
        self._inner = inner
        self._responses = responses

    async def rerank(self, question: str, texts: Sequence[str]) -> Ranking:
        """A score for each text."""
        key = ranking_key(self.model, question, texts)
        answer = (await asyncio.to_thread(self._responses.load, [key])).get(key)
        if answer is not None and len(answer) == len(texts) * 8:
            return Ranking(tuple(np.frombuffer(answer, dtype="<f8").tolist()), Tokens())
        found = await self._inner.rerank(question, texts)
        scores = np.array(found.scores, dtype="<f8").tobytes()
        await completed(self._responses.keep, {key: scores}, document.get())
        return found
