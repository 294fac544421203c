"""`rerank:` models: the /rerank shape that Jina, Cohere and vLLM share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel

from glede.endpoints import Ranking, Tokens
from glede.errors import ConfigurationError
from glede.models.json_call import post_json
from glede.models.replies import unreadable
from glede.roles import ModelChoice

if TYPE_CHECKING:
    import httpx2


class _Result(BaseModel):
    index: int
    relevance_score: float


class _Usage(BaseModel):
    total_tokens: int = 0


class _Reply(BaseModel):
    results: list[_Result]
    usage: _Usage | None = None


class EndpointReranker:
    """One call for all texts."""

    def __init__(self, choice: ModelChoice, http: httpx2.AsyncClient) -> None:
        if not choice.url:
            raise ConfigurationError(
                f"{choice.name} needs an address",
                hint="Set GLEDE_RERANK_URL, for example https://api.jina.ai/v1",
            )
        self.model = choice.name
        self._choice = choice
        self._http = http
        self._url = f"{choice.url.rstrip('/').removesuffix('/rerank')}/rerank"

    async def rerank(self, question: str, texts: Sequence[str]) -> Ranking:
        """A score for each text, in the order given."""
        if not texts:
            return Ranking((), Tokens())
        body = {
            "model": self._choice.model,
            "query": question,
            "documents": list(texts),
            "top_n": len(texts),
        }
        reply = await post_json(self._http, self._choice, self._url, body, _Reply)
        scores = {result.index: result.relevance_score for result in reply.results}
        if scores.keys() != set(range(len(texts))):
            raise unreadable(self._choice, f"{len(scores)} scores came for {len(texts)} texts")
        if not all(map(math.isfinite, scores.values())):
            raise unreadable(self._choice, "a score is no number")
        tokens = Tokens(reply.usage.total_tokens) if reply.usage else Tokens(known=False)
        return Ranking(tuple(scores[place] for place in range(len(texts))), tokens)


def open_reranker(choice: ModelChoice, http: httpx2.AsyncClient) -> EndpointReranker:
    """The reranker for `rerank:MODEL`."""
    return EndpointReranker(choice, http)
