"""Holds calls back: so many at a time, so many a minute, so many tokens a minute; in the order they come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager

from glede.endpoints import (
    ChatModel,
    EmbeddingEndpoint,
    Embeddings,
    Prompt,
    Ranking,
    Reply,
    Reranker,
    Tokens,
)
from glede.models.estimates import likely_of_texts, likely_tokens

SECONDS = 60.0


class Bucket:
    """Fills by `per_minute` a minute, up to what a second brings (1 at least).

    An amount larger than the bucket may be taken when it is full; it then owes the rest, which later ones
    wait for. So in any time span no more than the rate, a full bucket and one amount pass.
    """

    def __init__(self, per_minute: float, now: float) -> None:
        self.rate = per_minute / SECONDS
        self.capacity = max(1.0, self.rate)
        self._level = self.capacity
        self._at = now

    def wait(self, amount: float, now: float) -> float:
        """Seconds until the amount may be taken."""
        self._fill(now)
        missing = min(amount, self.capacity) - self._level
        return missing / self.rate if missing > 1e-9 else 0.0

    def take(self, amount: float, now: float) -> None:
        """Take an amount; one below 0 is given back."""
        self._fill(now)
        self._level = min(self.capacity, self._level - amount)

    def _fill(self, now: float) -> None:
        self._level = min(self.capacity, self._level + max(0.0, now - self._at) * self.rate)
        self._at = max(self._at, now)


class Place:
    """What a call holds while it is under way."""

    def __init__(self, likely: int) -> None:
        self.likely = likely
        self.taken = likely

    def report(self, tokens: Tokens) -> None:
        """What the endpoint says that the call has used, in place of the estimate."""
        if tokens.known:
            self.taken = tokens.prompt + tokens.completion


class Limit:
    """Shared by all calls of one role; 0 a minute is any number."""

    def __init__(
        self,
        concurrency: int,
        requests_per_minute: int = 0,
        tokens_per_minute: int = 0,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._places = asyncio.Semaphore(concurrency)
        self._turn = asyncio.Lock()
        self._now = now
        self._sleep = sleep
        self._requests = Bucket(requests_per_minute, now()) if requests_per_minute else None
        self._tokens = Bucket(tokens_per_minute, now()) if tokens_per_minute else None

    @asynccontextmanager
    async def place(self, tokens: int) -> AsyncIterator[Place]:
        """Wait for a place, and hold it to the end of the block; `tokens` is what the call may use."""
        async with self._places:
            async with self._turn:
                await self._wait(tokens)
                self._take(1, tokens)
            place = Place(tokens)
            try:
                yield place
            finally:
                self._take(0, place.taken - place.likely)

    async def _wait(self, tokens: int) -> None:
        while seconds := self._seconds(tokens):
            await self._sleep(seconds)

    def _seconds(self, tokens: int) -> float:
        requests = self._requests.wait(1, self._now()) if self._requests else 0.0
        return max(requests, self._tokens.wait(tokens, self._now()) if self._tokens else 0.0)

    def _take(self, requests: int, tokens: int) -> None:
        if self._requests:
            self._requests.take(requests, self._now())
        if self._tokens:
            self._tokens.take(tokens, self._now())


class LimitedChat:
    """A chat model behind a limit; a stream holds its place until it ends or is closed."""

    def __init__(self, inner: ChatModel, limit: Limit) -> None:
        self.model = inner.model
        self._inner = inner
        self._limit = limit

    async def chat(self, prompt: Prompt) -> Reply:
        """The whole answer at once."""
        async with self._limit.place(likely_tokens(prompt)) as place:
            reply = await self._inner.chat(prompt)
            place.report(reply.tokens)
        return reply

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Reply, None]:
        """The answer piece by piece; raises only before the first piece."""
        async with (
            self._limit.place(likely_tokens(prompt)) as place,
            aclosing(self._inner.stream(prompt)) as pieces,
        ):
            async for piece in pieces:
                if isinstance(piece, Reply):
                    place.report(piece.tokens)
                yield piece


class LimitedEmbedding:
    """An embedding endpoint behind a limit."""

    def __init__(self, inner: EmbeddingEndpoint, limit: Limit) -> None:
        self.model = inner.model
        self.dimension = inner.dimension
        self.batch = inner.batch
        self._inner = inner
        self._limit = limit

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """The vectors of at most `batch` texts, in order."""
        async with self._limit.place(likely_of_texts(texts)) as place:
            found = await self._inner.embed(texts)
            place.report(found.tokens)
        return found


class LimitedReranker:
    """A reranker behind a limit."""

    def __init__(self, inner: Reranker, limit: Limit) -> None:
        self.model = inner.model
        self._inner = inner
        self._limit = limit

    async def rerank(self, question: str, texts: Sequence[str]) -> Ranking:
        """A score for each text."""
        async with self._limit.place(likely_of_texts([question, *texts])) as place:
            found = await self._inner.rerank(question, texts)
            place.report(found.tokens)
        return found
