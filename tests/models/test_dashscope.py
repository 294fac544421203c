"""`dashscope:` models: the native API of multimodal embeddings, and the compatible mode beside it."""

from __future__ import annotations

import httpx2
import numpy as np
import pytest

from glede.endpoints import Attachment
from glede.errors import (
    CredentialsError,
    DimensionError,
    ModelReplyError,
    RefusedRequestError,
    UnknownModelError,
)
from glede.models.dashscope import (
    DashScopeEmbedding,
    open_dashscope_chat,
    open_dashscope_embedding,
    root,
)
from glede.models.openai_embedding import OpenAIEmbedding
from glede.testing.model_server import ModelServer
from glede.types import sha256_of
from tests.models.serving import COMMON_FAULTS, HELLO, PICTURED, PNG, REFUSALS, Fault, choice, seconds_for

PLUS = "dashscope:tongyi-embedding-vision-plus"
COMPLETIONS = "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions"
TEXT_EMBEDDING = "https://dashscope.aliyuncs.com/api/v1/services/embeddings/text-embedding"


def native(
    server: ModelServer, http: httpx2.AsyncClient, dimension: int = 0, seconds: float = 10.0
) -> DashScopeEmbedding:
    chosen = choice("embed", PLUS, server.dashscope_url, dimension=dimension, seconds=seconds)
    endpoint = open_dashscope_embedding(chosen, http)
    assert isinstance(endpoint, DashScopeEmbedding)
    return endpoint


async def test_texts_and_pictures_meet_in_one_space(server: ModelServer, http: httpx2.AsyncClient) -> None:
    server.describe = {sha256_of(PNG): "the red kite"}
    endpoint = native(server, http)
    texts = await endpoint.embed(["a table", "the red kite"])
    pictures = await endpoint.embed_pictures([Attachment(PNG, "image/png")])
    assert texts.vectors.shape == (2, 1152)
    assert np.allclose(pictures.vectors[0], texts.vectors[1])
    assert texts.tokens.known
    assert pictures.tokens.prompt > 0
    assert server.count("multimodal") == 2


async def test_a_shorter_vector_where_it_is_asked_for(server: ModelServer, http: httpx2.AsyncClient) -> None:
    found = await native(server, http, dimension=256).embed(["a kite"])
    assert found.vectors.shape == (1, 256)
    with pytest.raises(RefusedRequestError, match="dimension 100 is not supported"):
        await native(server, http, dimension=100).embed(["a kite"])


async def test_limits_of_a_call(server: ModelServer, http: httpx2.AsyncClient) -> None:
    endpoint = native(server, http)
    assert len((await endpoint.embed([f"kite {number}" for number in range(endpoint.batch)])).vectors) == 20
    with pytest.raises(RefusedRequestError, match="at most 20"):
        await endpoint.embed(["kite"] * 21)
    with pytest.raises(RefusedRequestError, match="up to 3 MB"):
        await endpoint.embed_pictures([Attachment(bytes(3 * 2**20 + 1), "image/png")])
    assert server.count() == 2


FAULTS: dict[str, Fault] = {
    **COMMON_FAULTS,
    **REFUSALS,
    "wrong_dimension": (DimensionError, False),
    "nan": (ModelReplyError, True),
    "short_batch": (ModelReplyError, True),
}


@pytest.mark.parametrize("texts", [["a kite"], ["a kite", "a table"]])
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault(server: ModelServer, http: httpx2.AsyncClient, fault: str, texts: list[str]) -> None:
    kind, retryable = FAULTS[fault]
    server.fault(fault, route="multimodal")
    endpoint = native(server, http, seconds=seconds_for(kind))
    with pytest.raises(kind) as caught:
        await endpoint.embed(texts)
    assert getattr(caught.value, "retryable", False) is retryable
    assert caught.value.hint
    assert server.count() == 1
    assert (await native(server, http).embed(texts)).vectors.shape == (len(texts), 1152)


async def test_a_wrong_key_and_an_unknown_model(server: ModelServer, http: httpx2.AsyncClient) -> None:
    wrong = open_dashscope_embedding(choice("embed", PLUS, server.dashscope_url, key="sk-wrong"), http)
    with pytest.raises(CredentialsError) as caught:
        await wrong.embed(["a kite"])
    assert "DASHSCOPE_API_KEY" in caught.value.hint
    server.models = server.models - {"tongyi-embedding-vision-plus"}
    try:
        with pytest.raises(UnknownModelError):
            await native(server, http).embed(["a kite"])
    finally:
        server.models = server.models | {"tongyi-embedding-vision-plus"}


@pytest.mark.parametrize("name", ["dashscope:qwen-max", PLUS, "dashscope:text-embedding-v4"])
def test_no_key(http: httpx2.AsyncClient, name: str) -> None:
    open_it = open_dashscope_chat if "qwen" in name else open_dashscope_embedding
    with pytest.raises(CredentialsError) as caught:
        open_it(choice("chat", name, "", key=""), http)
    assert "DASHSCOPE_API_KEY" in caught.value.hint


@pytest.mark.parametrize("path", ["", "/", "/api/v1", "/compatible-mode/v1", "/v1"])
async def test_conversations_in_the_compatible_mode(
    server: ModelServer, http: httpx2.AsyncClient, path: str
) -> None:
    url = f"http://127.0.0.1:{server.port}{path}"
    chat = open_dashscope_chat(choice("chat", "dashscope:qwen-max", url), http)
    assert (await chat.chat(HELLO)).text == "ok"
    expected = "/v1" if path == "/v1" else "/compatible-mode/v1"
    assert server.calls[-1].route == f"{expected}/chat/completions"
    sees = open_dashscope_chat(choice("vision", "dashscope:qwen-vl-max", url), http)
    assert (await sees.chat(PICTURED)).complete
    with pytest.raises(RefusedRequestError):
        await chat.chat(PICTURED)


async def test_text_embeddings_in_the_compatible_mode(server: ModelServer, http: httpx2.AsyncClient) -> None:
    url = f"{server.dashscope_url}/services/embeddings/text-embedding"
    endpoint = open_dashscope_embedding(choice("embed", "dashscope:text-embedding-v4", url), http)
    assert isinstance(endpoint, OpenAIEmbedding)
    assert endpoint.batch == 10
    found = await endpoint.embed(["a kite"] * 10)
    assert found.vectors.shape == (10, 1024)
    assert server.calls[-1].body["encoding_format"] == "float"


@pytest.mark.parametrize("url", ["", COMPLETIONS, TEXT_EMBEDDING, "https://dashscope.aliyuncs.com/"])
def test_the_addresses_of_the_tutorial(http: httpx2.AsyncClient, url: str) -> None:
    assert root(url) == "https://dashscope.aliyuncs.com"
    chat = open_dashscope_chat(choice("chat", "dashscope:qwen-max", url), http)
    address = chat._address.client.base_url
    assert str(address) == "https://dashscope.aliyuncs.com/compatible-mode/v1/"
    endpoint = open_dashscope_embedding(choice("embed", PLUS, url), http)
    assert isinstance(endpoint, DashScopeEmbedding)
    assert endpoint.dimension == 1152
