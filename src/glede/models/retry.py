"""Calls again what may succeed later, on stamina: with exponential backoff, or when the endpoint says.

What cannot succeed (a refused request, a wrong key, a budget) is raised at once. A stream is begun again
only before its first piece, since what a reader has seen cannot be taken back.
"""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from glede.endpoints import ChatModel, EmbeddingEndpoint, Embeddings, Prompt, Ranking, Reply, Reranker
from glede.errors import GledeError, ModelError, ModelReplyError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from stamina.instrumentation import RetryDetails, RetryHook

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """At most `tries` in all, and `seconds` spent waiting between them.

    The first wait is about `first` seconds, each later one twice as long up to `longest`; up to as much
    again is added at random, so that callers side by side do not come back together.
    """

    tries: int = 5
    seconds: float = 120.0
    first: float = 0.5
    longest: float = 20.0

    def wait(self, tried: int, retry_after: float | None) -> float:
        """Seconds to wait after so many tries; never less than the endpoint asked for."""
        backoff = min(self.longest, self.first * 2.0 ** (tried - 1))
        spread = random.uniform(1, 2)  # noqa: S311 - no secret
        return backoff * spread if retry_after is None else retry_after + self.first * (spread - 1)

    async def call(self, function: Callable[[], Awaitable[T]]) -> T:
        """What the function gives; raises its last error, which then says how often it was tried."""
        from stamina import AsyncRetryingCaller

        _hush_stamina()
        tries = _Tries(self)
        caller = AsyncRetryingCaller(attempts=self.tries, timeout=None)
        try:
            return await caller(tries.wait_after, function)
        except ModelError as error:
            if tries.failed > 1:
                error.message = f"{error.message} (after {tries.failed} tries)"
                error.args = (error.message,)
            raise


@cache
def _hush_stamina() -> None:
    """Let stamina say nothing of our tries: where structlog is installed it writes to standard output, which
    belongs to the answer. What others retry in the same process it tells as before."""
    from stamina.instrumentation import get_on_retry_hooks, set_on_retry_hooks

    set_on_retry_hooks([_for_others(hook) for hook in get_on_retry_hooks()])


def _for_others(hook: RetryHook) -> RetryHook:
    def told(details: RetryDetails) -> AbstractContextManager[None] | None:
        return None if isinstance(details.caused_by, GledeError) else hook(details)

    return told


class _Tries:
    """How often one call has failed, and how long it has waited."""

    def __init__(self, patience: Patience) -> None:
        self.failed = 0
        self._patience = patience
        self._waited = 0.0

    def wait_after(self, error: Exception) -> float | bool:
        """Seconds to wait before the next try, or false where there is to be none."""
        self.failed += 1
        if not isinstance(error, ModelError) or not error.retryable:
            return False
        seconds = self._patience.wait(self.failed, error.retry_after)
        if self._waited + seconds > self._patience.seconds:
            return False  # to come back sooner than we were asked to would only be refused again
        self._waited += seconds
        return seconds


class RetriedChat:
    """A chat model that is asked again."""

    def __init__(self, inner: ChatModel, patience: Patience) -> None:
        self.model = inner.model
        self._inner = inner
        self._patience = patience

    async def chat(self, prompt: Prompt) -> Reply:
        """The whole answer at once."""
        return await self._patience.call(lambda: self._inner.chat(prompt))

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Reply, None]:
        """The answer piece by piece; raises only before the first piece."""
        first, pieces = await self._patience.call(lambda: self._begun(prompt))
        async with aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    async def _begun(self, prompt: Prompt) -> tuple[str | Reply, AsyncGenerator[str | Reply, None]]:
        pieces = self._inner.stream(prompt)
        try:
            return await anext(pieces), pieces
        except StopAsyncIteration as error:
            raise ModelReplyError(f"{self.model} gave an empty answer", retryable=True) from error
        except BaseException:
            await pieces.aclose()
            raise


class RetriedEmbedding:
    """An embedding endpoint that is asked again."""

    def __init__(self, inner: EmbeddingEndpoint, patience: Patience) -> None:
        self.model = inner.model
        self.dimension = inner.dimension
        self.batch = inner.batch
        self._inner = inner
        self._patience = patience

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """The vectors of at most `batch` texts, in order."""
        return await self._patience.call(lambda: self._inner.embed(texts))


class RetriedReranker:
    """A reranker that is asked again."""

    def __init__(self, inner: Reranker, patience: Patience) -> None:
        self.model = inner.model
        self._inner = inner
        self._patience = patience

    async def rerank(self, question: str, texts: Sequence[str]) -> Ranking:
        """A score for each text."""
        return await self._patience.call(lambda: self._inner.rerank(question, texts))
