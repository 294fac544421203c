"""The model of each role, opened and wrapped: cache(halt(retry(limit(meter(provider))))).

The meter is nearest to the provider, since each try may cost; the cache is outermost, since what it has
costs nothing and waits for nobody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from glede.endpoints import (
    ChatModel,
    EmbeddingEndpoint,
    Ledger,
    PictureEmbedder,
    PictureEndpoint,
    Reranker,
    Responses,
)
from glede.errors import ConfigurationError
from glede.ports import Embedder
from glede.registry import open_chat, open_embedder, open_reranker
from glede.results import Usage
from glede.roles import ModelChoice, Role, model_of
from glede.settings import Settings

if TYPE_CHECKING:
    import httpx2

    from glede.models.batching import BatchedEmbedder
    from glede.models.limit import Limit
    from glede.models.meter import Meter
    from glede.models.retry import Patience

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Models:
    """What an engine asks; a role without a model is `None`.

    `sees` is the embedder, where its model places pictures in the space of its texts.
    """

    embedder: Embedder
    sees: PictureEmbedder | None = None
    chat: ChatModel | None = None
    vision: ChatModel | None = None
    extract: ChatModel | None = None
    reranker: Reranker | None = None
    usage: Callable[[], Usage] = Usage


@asynccontextmanager
async def opened_models(
    settings: Settings, responses: Responses, ledger: Ledger, embedder: Embedder | None = None
) -> AsyncIterator[Models]:
    """The models that the settings name, over one HTTP client; an `embedder` in hand takes that role."""
    choices = {role: model_of(settings, role) for role in ("chat", "vision", "extract", "rerank", "embed")}
    remote = [choice for choice in choices.values() if choice is not None and choice.provider != LOCAL]
    if not remote or (embedder is not None and [choice.role for choice in remote] == ["embed"]):
        yield Models(embedder or local_embedder(settings))
        return
    from glede.models.http import open_client  # the adapters load when they are used
    from glede.models.meter import Meter, budget_of
    from glede.models.prices import prices_of

    meter = Meter(ledger, prices_of(settings.prices), budget_of(settings.budget))
    async with open_client() as http:
        opening = _Opening(settings, http, responses, meter)
        try:
            yield Models(
                embedder=embedder or await opening.embedder(),
                sees=None if embedder else opening.pictures(),
                chat=opening.chat("chat"),
                vision=opening.chat("vision"),
                extract=opening.chat("extract"),
                reranker=opening.reranker(),
                usage=meter.usage,
            )
        finally:
            await meter.settled()


def local_embedder(settings: Settings) -> Embedder:
    """The embedder of the settings where it runs in this process."""
    choice = model_of(settings, "embed")
    if choice is None:
        raise ConfigurationError("no embedding model is named", hint="Set GLEDE_EMBED=local:use3.")
    return cast("Embedder", open_embedder(choice, cast("httpx2.AsyncClient", None)))


class _Opening:
    """Opens one role after another; the roles share the client, the meter and nothing else."""

    def __init__(
        self, settings: Settings, http: httpx2.AsyncClient, responses: Responses, meter: Meter
    ) -> None:
        self._settings = settings
        self._http = http
        self._responses = responses
        self._meter = meter

    def chat(self, role: Role) -> ChatModel | None:
        from glede.models.cache import CachedChat
        from glede.models.halt import HaltingChat
        from glede.models.limit import LimitedChat
        from glede.models.meter import MeteredChat
        from glede.models.retry import RetriedChat

        choice = model_of(self._settings, role)
        if choice is None:
            return None
        bare = MeteredChat(open_chat(choice, self._http), self._meter, role)
        tried = RetriedChat(LimitedChat(bare, self._limit()), self._patience())
        return CachedChat(HaltingChat(tried), self._responses)

    def reranker(self) -> Reranker | None:
        from glede.models.cache import CachedReranker
        from glede.models.limit import LimitedReranker
        from glede.models.meter import MeteredReranker
        from glede.models.retry import RetriedReranker

        choice = model_of(self._settings, "rerank")
        if choice is None:
            return None
        bare = MeteredReranker(open_reranker(choice, self._http), self._meter)
        tried = RetriedReranker(LimitedReranker(bare, self._limit()), self._patience())
        return CachedReranker(tried, self._responses)

    async def embedder(self) -> Embedder:
        choice = model_of(self._settings, "embed")
        if choice is None or choice.provider == LOCAL:
            return local_embedder(self._settings)
        embedder = self._remote(choice)
        await embedder.learn()
        return embedder

    def pictures(self) -> PictureEmbedder | None:
        from glede.models.seeing import PictureCalls, SeeingEmbedder

        choice = model_of(self._settings, "embed")
        if choice is None or choice.provider == LOCAL:
            return None
        endpoint = open_embedder(choice, self._http)
        if not isinstance(endpoint, PictureEndpoint):
            return None
        calls = PictureCalls(endpoint)
        return SeeingEmbedder(calls, self._batched(choice, calls))

    def _remote(self, choice: ModelChoice) -> BatchedEmbedder:
        return self._batched(choice, cast("EmbeddingEndpoint", open_embedder(choice, self._http)))

    def _batched(self, choice: ModelChoice, endpoint: EmbeddingEndpoint) -> BatchedEmbedder:
        from glede.models.batching import BatchedEmbedder
        from glede.models.cache import CachedEmbedding
        from glede.models.limit import LimitedEmbedding
        from glede.models.meter import MeteredEmbedding
        from glede.models.retry import RetriedEmbedding

        bare = MeteredEmbedding(endpoint, self._meter)
        tried = RetriedEmbedding(LimitedEmbedding(bare, self._limit()), self._patience())
        # What tells vectors apart: the same model can give them shorter.
        name = f"{choice.name}@{endpoint.dimension}" if endpoint.dimension else choice.name
        cached = CachedEmbedding(tried, self._responses, name)
        return BatchedEmbedder(cached, name, self._settings.model_concurrency)

    def _limit(self) -> Limit:
        from glede.models.limit import Limit

        settings = self._settings
        return Limit(
            settings.model_concurrency, settings.model_requests_per_minute, settings.model_tokens_per_minute
        )

    def _patience(self) -> Patience:
        from glede.models.retry import Patience

        settings = self._settings
        return Patience(settings.model_tries, settings.model_seconds, settings.model_wait)
