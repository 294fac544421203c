"""`openai:` models against the scripted server, streams over the real SDK."""

from __future__ import annotations

import asyncio
import logging
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import replace

import httpx2
import pytest

from glede.endpoints import Prompt, Reply
from glede.errors import (
    ConfigurationError,
    ContextLengthError,
    CredentialsError,
    DimensionError,
    GledeError,
    ModelError,
    ModelReplyError,
    RateLimitError,
    UnknownModelError,
)
from glede.models.http import open_client
from glede.models.openai_chat import OpenAIChat, open_openai_chat
from glede.models.openai_embedding import OpenAIEmbedding, open_openai_embedding
from glede.models.replies import shown_address
from glede.testing.model_server import ChatAnswer, ChatRequest, ModelServer
from tests.models.serving import (
    COMMON_FAULTS,
    HELLO,
    KEY,
    PICTURED,
    PNG,
    REFUSALS,
    SCHEMA,
    Fault,
    choice,
    seconds_for,
)

SMALL = "openai:text-embedding-3-small"
STREAM_ONLY = ("cut_stream", "endless", "stream_error")
TEXT = "Kites circle over the oaks, and the red ones nest in them."


@pytest.fixture
def server(server: ModelServer) -> ModelServer:
    server.answer = lambda _: TEXT
    return server


def chat_at(server: ModelServer, http: httpx2.AsyncClient, seconds: float = 10.0) -> OpenAIChat:
    return open_openai_chat(choice("chat", "openai:gpt-4o", server.url, seconds=seconds), http)


def embedding_at(
    server: ModelServer,
    http: httpx2.AsyncClient,
    name: str = SMALL,
    dimension: int = 0,
    seconds: float = 10.0,
) -> OpenAIEmbedding:
    chosen = choice("embed", name, server.url, dimension=dimension, seconds=seconds)
    return open_openai_embedding(chosen, http)


async def streamed(chat: OpenAIChat, prompt: Prompt = HELLO) -> tuple[str, Reply]:
    pieces: list[str] = []
    async with aclosing(chat.stream(prompt)) as found:
        async for piece in found:
            if isinstance(piece, Reply):
                return "".join(pieces), piece
            pieces.append(piece)
    raise AssertionError("a stream ends in a reply")


class TestChat:
    async def test_answers(self, server: ModelServer, http: httpx2.AsyncClient) -> None:
        reply = await chat_at(server, http).chat(HELLO)
        assert (reply.text, reply.complete, reply.finish) == (TEXT, True, "stop")
        assert reply.model == "openai:gpt-4o"
        assert reply.tokens.known
        assert reply.tokens.completion == len(TEXT) // 4 + 1

    async def test_streams_the_same(self, server: ModelServer, http: httpx2.AsyncClient) -> None:
        text, reply = await streamed(chat_at(server, http))
        assert text == reply.text == TEXT
        assert reply == await chat_at(server, http).chat(HELLO)

    async def test_sends_pictures_and_a_schema(self, server: ModelServer, http: httpx2.AsyncClient) -> None:
        seen: list[bytes] = []

        def answer(request: ChatRequest) -> str:
            seen.extend(request.messages[0].data)
            return '{"answer":"a kite"}'

        server.answer = answer
        reply = await chat_at(server, http).chat(replace(PICTURED, schema=SCHEMA))
        assert reply.text == '{"answer":"a kite"}'
        assert seen == [PNG]

    async def test_does_without_what_the_endpoint_does_not_know(
        self, server: ModelServer, http: httpx2.AsyncClient
    ) -> None:
        server.fault("rate_limit_bare", route="chat")  # only to see that other errors are not taken for it
        chat = chat_at(server, http)
        with pytest.raises(RateLimitError):
            await chat.chat(HELLO)
        assert set(server.calls[-1].body) == {"model", "messages", "max_tokens", "temperature"}

    @pytest.mark.parametrize("key", ["", "sk-wrong"])
    async def test_a_wrong_key(self, server: ModelServer, http: httpx2.AsyncClient, key: str) -> None:
        chat = open_openai_chat(choice("chat", "openai:gpt-4o", server.url, key=key), http)
        for call in (chat.chat(HELLO), streamed(chat)):
            with pytest.raises(CredentialsError) as caught:
                await call
            assert "OPENAI_API_KEY or GLEDE_CHAT_KEY" in caught.value.hint

    def test_no_key_at_all(self, http: httpx2.AsyncClient) -> None:
        with pytest.raises(CredentialsError) as caught:
            open_openai_chat(choice("chat", "openai:gpt-4o", "", key=""), http)
        assert "OPENAI_API_KEY" in caught.value.hint

    @pytest.mark.parametrize("key", ["sk-a\nb", "sk-schlüssel", "sk a"])
    def test_a_key_that_is_none(self, http: httpx2.AsyncClient, key: str) -> None:
        with pytest.raises(CredentialsError) as caught:
            open_openai_chat(choice("chat", "openai:gpt-4o", "http://127.0.0.1:1/v1", key=key), http)
        assert key not in str(caught.value)

    @pytest.mark.parametrize("url", ["localhost:8000/v1", "127.0.0.1", "ftp://host/v1", "http://host:port"])
    def test_an_address_that_is_none(self, http: httpx2.AsyncClient, url: str) -> None:
        with pytest.raises(ConfigurationError, match="must begin with https://") as caught:
            open_openai_chat(choice("chat", "openai:gpt-4o", url), http)
        assert "GLEDE_CHAT_URL" in caught.value.hint

    async def test_an_unknown_model(self, server: ModelServer, http: httpx2.AsyncClient) -> None:
        chat = open_openai_chat(choice("chat", "openai:gpt-9", server.url), http)
        with pytest.raises(UnknownModelError) as caught:
            await chat.chat(HELLO)
        assert "GLEDE_CHAT=openai:gpt-9" in caught.value.hint

    async def test_too_long_a_prompt(self, server: ModelServer, http: httpx2.AsyncClient) -> None:
        server.context = 1
        with pytest.raises(ContextLengthError) as caught:
            await chat_at(server, http).chat(HELLO)
        assert not caught.value.retryable
        assert "GLEDE_CONTEXT_TOKENS" in caught.value.hint

    async def test_an_answer_of_thoughts_alone(self, server: ModelServer, http: httpx2.AsyncClient) -> None:
        server.script(ChatAnswer("", "length"))
        with pytest.raises(ModelReplyError) as caught:
            await chat_at(server, http).chat(HELLO)
        assert not caught.value.retryable
        assert "GLEDE_ANSWER_TOKENS" in caught.value.hint

    async def test_nobody_at_the_address(self, http: httpx2.AsyncClient) -> None:
        chat = open_openai_chat(choice("chat", "openai:gpt-4o", "http://me:secret@127.0.0.1:9/v1"), http)
        with pytest.raises(
            ModelError, match=r"http://127\.0\.0\.1:9/v1/chat/completions cannot be reached"
        ) as caught:
            await chat.chat(HELLO)
        assert caught.value.retryable

    async def test_a_whole_answer_needs_no_sdk(
        self, server: ModelServer, http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "openai", None)  # loading it is an error now
        assert (await chat_at(server, http).chat(HELLO)).text == TEXT
        assert (await embedding_at(server, http).embed(["kites"])).vectors.shape == (1, 1536)

    async def test_a_server_that_keeps_the_line_open(self, http: httpx2.AsyncClient) -> None:
        with ModelServer(key=KEY) as server:
            server.answer = lambda _: TEXT
            chat = chat_at(server, http)
            await streamed(chat)
            server.fault("endless")
            text, reply = await asyncio.wait_for(streamed(chat), 5)
            assert text
            assert not reply.complete


CHAT_FAULTS: dict[str, Fault] = {
    **COMMON_FAULTS,
    **REFUSALS,
    "empty_choices": (ModelReplyError, True),
    "empty_answer": (ModelReplyError, True),
}
WITH_AN_ANSWER = ("no_finish", "length", "bad_json")
"""The answer comes, and says of itself that it is not whole, or is for others to judge."""
BROKEN_OFF = ("reset", "content_filter", "drip")
"""Where a stream has brought words before: they are kept, as an answer that is not whole."""


@pytest.mark.parametrize("fault", CHAT_FAULTS)
async def test_a_fault_of_a_conversation(server: ModelServer, http: httpx2.AsyncClient, fault: str) -> None:
    kind, retryable = CHAT_FAULTS[fault]
    server.fault(fault, route="chat")
    chat = chat_at(server, http, seconds=seconds_for(kind))
    with pytest.raises(kind) as caught:
        await chat.chat(HELLO)
    assert getattr(caught.value, "retryable", False) is retryable
    assert caught.value.hint
    assert server.count() == 1
    assert (await chat_at(server, http).chat(HELLO)).complete  # the connections are as good as before


@pytest.mark.parametrize("fault", [*CHAT_FAULTS, *WITH_AN_ANSWER, *STREAM_ONLY])
async def test_a_fault_of_a_stream(server: ModelServer, http: httpx2.AsyncClient, fault: str) -> None:
    server.fault(fault, route="chat")
    server.drip = 0.001  # so that some words come before the time is over, and not all
    kind, retryable = CHAT_FAULTS.get(fault, (ModelError, True))
    chat = chat_at(server, http, seconds=2.5 if fault == "drip" else seconds_for(kind))
    prompt = replace(HELLO, schema=SCHEMA) if fault == "bad_json" else HELLO
    if fault in (*BROKEN_OFF, *WITH_AN_ANSWER, *STREAM_ONLY):
        text, reply = await streamed(chat, prompt)
        assert text
        assert reply.complete is (fault == "bad_json")
    else:
        with pytest.raises(kind) as caught:
            await streamed(chat)
        assert getattr(caught.value, "retryable", False) is retryable
    assert (await streamed(chat_at(server, http)))[1].complete  # the connections are as good as before


def test_all_faults_are_met(server: ModelServer) -> None:
    known = {*CHAT_FAULTS, *EMBEDDING_FAULTS, *WITH_AN_ANSWER, *STREAM_ONLY}
    assert set(server.faults()) == known


EMBEDDING_FAULTS: dict[str, Fault] = {
    **COMMON_FAULTS,
    **REFUSALS,
    "wrong_dimension": (DimensionError, False),
    "nan": (ModelReplyError, True),
    "short_batch": (ModelReplyError, True),
}


@pytest.mark.parametrize("encoding", ["base64", "float"])
@pytest.mark.parametrize("fault", EMBEDDING_FAULTS)
async def test_a_fault_of_embeddings(
    server: ModelServer, http: httpx2.AsyncClient, fault: str, encoding: str
) -> None:
    kind, retryable = EMBEDDING_FAULTS[fault]
    server.fault(fault, route="embeddings")
    endpoint = embedding_at(server, http, dimension=64, seconds=seconds_for(kind))
    endpoint._encoding = encoding
    with pytest.raises(kind) as caught:
        await endpoint.embed(["a kite", "a table"])
    assert getattr(caught.value, "retryable", False) is retryable
    assert caught.value.hint
    assert server.count() == 1
    assert (await embedding_at(server, http, dimension=64).embed(["a kite"])).vectors.shape == (1, 64)


class TestEmbeddings:
    async def test_in_order_and_as_short_as_asked(
        self, server: ModelServer, http: httpx2.AsyncClient
    ) -> None:
        texts = ["the red kite", "a table", "the red kite eats"]
        found = await embedding_at(server, http, dimension=64).embed(texts)
        assert found.vectors.shape == (3, 64)
        assert found.tokens.known
        assert found.vectors[0] @ found.vectors[2] > found.vectors[0] @ found.vectors[1]
        assert server.calls[-1].body["dimensions"] == 64
        assert server.calls[-1].body["encoding_format"] == "base64"
        await embedding_at(server, http).embed(texts)
        assert "dimensions" not in server.calls[-1].body

    async def test_a_model_of_another_length_than_configured(
        self, server: ModelServer, http: httpx2.AsyncClient
    ) -> None:
        with pytest.raises(DimensionError, match=r"gives 64 .* 100 are expected") as caught:
            await embedding_at(server, http, "openai:stub", dimension=100).embed(["a kite"])
        assert "GLEDE_EMBED_DIMENSION=64" in caught.value.hint

    async def test_too_long_a_text(self, server: ModelServer, http: httpx2.AsyncClient) -> None:
        with pytest.raises(ContextLengthError) as caught:
            await embedding_at(server, http).embed(["kites " * 9000])
        assert "GLEDE_CHUNK_TOKENS" in caught.value.hint

    async def test_a_model_for_something_else(self, server: ModelServer, http: httpx2.AsyncClient) -> None:
        with pytest.raises(GledeError):
            await embedding_at(server, http, "openai:gpt-4o").embed(["a kite"])


async def test_an_hour_is_told(server: ModelServer, http: httpx2.AsyncClient) -> None:
    server.retry_after = 3600.0
    server.fault("rate_limit")
    with pytest.raises(RateLimitError) as caught:
        await chat_at(server, http).chat(HELLO)
    server.retry_after = 0.0
    assert caught.value.retry_after == 3600.0


async def test_one_client_and_no_tls_context_for_each_call(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    before_ours: Callable[..., ssl.SSLContext] = ssl.SSLContext.__new__

    def counted(kind: type[ssl.SSLContext], *arguments: object) -> ssl.SSLContext:
        made.append(kind)
        return before_ours(kind, *arguments)

    monkeypatch.setattr(ssl.SSLContext, "__new__", counted)
    before = server.connections
    async with open_client() as client:
        chat, endpoint = chat_at(server, client), embedding_at(server, client, dimension=64)
        assert len(made) == 1
        for _ in range(20):
            calls = [chat.chat(HELLO), streamed(chat), endpoint.embed(["a kite"]), streamed(chat)]
            await asyncio.gather(*calls, chat.chat(HELLO))
            await asyncio.gather(*(endpoint.embed([f"kite {number}"]) for number in range(5)))
    assert server.count() == 200
    assert len(made) == 1
    assert server.connections - before <= 5
    assert {str(call.headers["host"]) for call in server.calls} == {f"127.0.0.1:{server.port}"}


async def test_a_password_in_the_address_goes_as_a_header_and_in_no_log(
    server: ModelServer, http: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = server.url.replace("//", "//me:p%40ssword@")
    chat = open_openai_chat(choice("chat", "openai:gpt-4o", url), http)
    with pytest.raises(CredentialsError):  # our server wants a key
        await chat.chat(HELLO)
    assert server.calls[-1].headers["authorization"] == "Basic bWU6cEBzc3dvcmQ="
    assert "ssword" not in caplog.text
    assert KEY not in caplog.text
    assert "ssword" not in repr(chat._address.client.base_url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://me:secret@host:8443/v1?key=secret", "https://host:8443/v1"),
        ("https://secret@host/v1#secret", "https://host/v1"),
        ("http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1"),
    ],
)
def test_addresses_are_told_without_secrets(url: str, said: str) -> None:
    assert shown_address(url) == said


async def test_a_key_that_the_endpoint_repeats_is_not_told(http: httpx2.AsyncClient) -> None:
    body = b'{"error":{"message":"Incorrect key: %b","code":"bad %b"}}' % (KEY.encode(), KEY.encode())
    words = [body, b"x" * 70 + KEY.encode(), b'{"error": "' + KEY.encode() + b'"}']
    for status in (200, 400, 401, 500):
        for data in words:
            transport = httpx2.MockTransport(lambda _: httpx2.Response(status, content=data))  # noqa: B023
            async with httpx2.AsyncClient(transport=transport) as client:
                chosen = choice("chat", "openai:gpt-4o", "http://127.0.0.1:1/v1")
                with pytest.raises(GledeError) as caught:
                    await open_openai_chat(chosen, client).chat(HELLO)
            for error in _chain(caught.value):
                assert KEY[:12] not in f"{error} {error!r}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those that a traceback would show with it."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def test_a_choice_does_not_tell_its_key() -> None:
    assert KEY not in repr(choice("chat", "openai:gpt-4o", ""))
