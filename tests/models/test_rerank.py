"""`rerank:` models: the shape that Jina, Cohere and vLLM share."""

from __future__ import annotations

import httpx2
import pytest

from glede.errors import (
    ConfigurationError,
    CredentialsError,
    ModelReplyError,
    UnknownModelError,
)
from glede.models.rerank import EndpointReranker, open_reranker
from glede.testing.model_server import ModelServer
from tests.models.serving import COMMON_FAULTS, Fault, choice, seconds_for

NAME = "rerank:bge-reranker-v2-m3"
TEXTS = ["a table of oak", "the red kite eats mice", "what the red kite does"]


def at(server: ModelServer, http: httpx2.AsyncClient, seconds: float = 10.0) -> EndpointReranker:
    return open_reranker(choice("rerank", NAME, server.url, seconds=seconds), http)


@pytest.mark.parametrize("path", ["/v1", "/v1/rerank", "/v1/", ""])
async def test_scores_in_the_order_given(server: ModelServer, http: httpx2.AsyncClient, path: str) -> None:
    chosen = choice("rerank", NAME, f"http://127.0.0.1:{server.port}{path}")
    found = await open_reranker(chosen, http).rerank("the red kite eats", TEXTS)
    assert len(found.scores) == 3
    assert found.scores[1] == max(found.scores)
    assert found.scores[0] == min(found.scores)
    assert found.tokens.prompt > 0


async def test_nothing_costs_nothing(server: ModelServer, http: httpx2.AsyncClient) -> None:
    assert (await at(server, http).rerank("kite", [])).scores == ()
    assert server.count() == 0


FAULTS: dict[str, Fault] = {
    **COMMON_FAULTS,
    "nan": (ModelReplyError, True),
    "short_batch": (ModelReplyError, True),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault(server: ModelServer, http: httpx2.AsyncClient, fault: str) -> None:
    kind, retryable = FAULTS[fault]
    server.fault(fault, route="rerank")
    reranker = at(server, http, seconds=seconds_for(kind))
    with pytest.raises(kind) as caught:
        await reranker.rerank("kite", TEXTS)
    assert getattr(caught.value, "retryable", False) is retryable
    assert caught.value.hint
    assert server.count() == 1
    assert len((await at(server, http).rerank("kite", TEXTS)).scores) == 3


async def test_what_is_set_wrongly(server: ModelServer, http: httpx2.AsyncClient) -> None:
    with pytest.raises(ConfigurationError) as nowhere:
        open_reranker(choice("rerank", NAME, ""), http)
    assert "GLEDE_RERANK_URL" in nowhere.value.hint
    with pytest.raises(CredentialsError) as wrong:
        await open_reranker(choice("rerank", NAME, server.url, key="sk-wrong"), http).rerank("kite", TEXTS)
    assert "GLEDE_RERANK_KEY" in wrong.value.hint
    with pytest.raises(UnknownModelError):
        await open_reranker(choice("rerank", "rerank:other", server.url), http).rerank("kite", TEXTS)
    with pytest.raises(ConfigurationError, match="must begin with https"):
        await open_reranker(choice("rerank", NAME, "localhost:80"), http).rerank("kite", TEXTS)
