# ruff: noqa: ANN401 - the SDK is not typed here, and JSON is compared with what is expected
from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import math
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import numpy as np
import openai
import pytest

from glede.testing import ModelServer
from glede.testing.model_server import ChatAnswer, ChatRequest
from glede.testing.model_wire import instance_of

Turns = list[dict[str, Any]]
HELLO: Turns = [{"role": "user", "content": "Hello there"}]
PNG = b"\x89PNG\r\n\x1a\n a picture of nothing"
NATIVE = "/services/embeddings/multimodal-embedding/multimodal-embedding"
PLUS = "tongyi-embedding-vision-plus"
STRICT = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "sources": {"type": "array", "items": {"type": "integer"}}},
    "required": ["answer", "sources"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    before = ModelServer()
    running.clear()
    for name in ("key", "dimension", "latency", "pace", "drip", "retry_after", "context", "answer"):
        setattr(running, name, getattr(before, name))
    running.models = before.models
    running.describe = {}
    running.cut_after, running.cut_clean = None, False
    return running


@pytest.fixture
async def client(server: ModelServer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=server.url, api_key="sk-test", max_retries=0, timeout=5) as found:
        yield found


@pytest.fixture
async def raw() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(headers={"Authorization": "Bearer sk-test"}, timeout=5) as found:
        yield found


def data_url(data: bytes = PNG, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def shown(url: str, text: str = "What is this?") -> Turns:
    picture = {"type": "image_url", "image_url": {"url": url}}
    return [{"role": "user", "content": [{"type": "text", "text": text}, picture]}]


def json_schema(schema: object = None, name: str = "reply", strict: bool = True) -> dict[str, Any]:
    inner = {"name": name, "schema": STRICT if schema is None else schema, "strict": strict}
    return {"type": "json_schema", "json_schema": inner}


async def ask(
    client: openai.AsyncOpenAI, model: str = "gpt-4o", messages: Turns | None = None, **extra: Any
) -> Any:
    return await client.chat.completions.create(
        model=model, messages=HELLO if messages is None else messages, **extra
    )


async def streamed(client: openai.AsyncOpenAI, **extra: Any) -> tuple[str, str | None, Any]:
    """Text, finish reason and usage of a stream."""
    text, finish, usage = "", None, None
    events = await ask(client, stream=True, stream_options={"include_usage": True}, **extra)
    async for event in events:
        usage = event.usage or usage
        for choice in event.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    return text, finish, usage


class TestChat:
    async def test_answers_in_turn(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        server.answer = lambda request: f"{request.model}: {request.messages[-1].text}"
        server.script("first", ChatAnswer("second", "length"))
        replies = [(await ask(client)).choices[0] for _ in range(3)]
        assert [reply.message.content for reply in replies] == ["first", "second", "gpt-4o: Hello there"]
        assert [reply.finish_reason for reply in replies] == ["stop", "length", "stop"]

    async def test_says_ok_and_what_it_cost(self, client: openai.AsyncOpenAI) -> None:
        reply = await ask(client)
        assert reply.choices[0].message.content == "ok"
        assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (len("Hello there") // 4 + 1, 1)
        assert reply.usage.total_tokens == 4

    async def test_streams(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        text = "Kites  circle,\nand\tred ones — 赤鳶 🪁 — too. "
        server.script(text)
        found, finish, usage = await streamed(client)
        assert (found, finish) == (text, "stop")
        assert usage.completion_tokens == len(text) // 4 + 1
        assert server.last_stream.endswith(b"data: [DONE]\n\n")

    async def test_streams_no_usage_unasked(self, client: openai.AsyncOpenAI) -> None:
        events = [event async for event in await ask(client, stream=True)]
        assert all(event.choices and event.usage is None for event in events)

    async def test_sees_messages_and_pictures(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        seen: list[ChatRequest] = []

        def answer(request: ChatRequest) -> str:
            seen.append(request)
            return "seen"

        server.answer = answer
        system = {"role": "system", "content": "Be short."}
        await ask(client, "qwen-vl-max", [system, *shown(data_url())])
        role, text, pictures, data = seen[0].messages[1]
        assert (role, text, pictures, data) == ("user", "What is this?", 1, (PNG,))
        assert seen[0].messages[0] == ("system", "Be short.", 0, ())
        assert (seen[0].schema, seen[0].stream) == (None, False)

    async def test_follows_a_schema(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        reply = await ask(client, response_format=json_schema())
        assert json.loads(reply.choices[0].message.content) == {"answer": "ok", "sources": []}
        server.answer = lambda request: json.dumps(sorted(request.schema or ()))
        reply = await ask(client, response_format=json_schema())
        assert "additionalProperties" in reply.choices[0].message.content

    async def test_answers_under_every_prefix(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        body = {"model": "qwen-max", "messages": HELLO}
        for url in (server.url, server.dashscope_url, server.url.replace("/v1", "/compatible-mode/v1")):
            assert (await raw.post(f"{url}/chat/completions", json=body)).status_code == 200

    async def test_tells_a_mistake_in_the_test(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        server.answer = lambda request: str(1 // 0)
        with pytest.raises(openai.InternalServerError, match="ZeroDivisionError"):
            await ask(client)


def test_makes_the_smallest_instance_of_a_schema() -> None:
    schema = {
        "type": "object",
        "properties": {
            "kind": {"enum": ["a", "b"]},
            "maybe": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "inner": {"$ref": "#/$defs/Inner"},
            "fixed": {"const": 7},
            "some": {"type": "array", "items": {"type": "boolean"}, "minItems": 2},
            "size": {"type": ["integer", "null"], "minimum": 3},
        },
        "$defs": {"Inner": {"type": "object", "properties": {"share": {"type": "number"}}}},
    }
    assert instance_of(schema) == {
        "kind": "a",
        "maybe": None,
        "inner": {"share": 0.0},
        "fixed": 7,
        "some": [False, False],
        "size": 3,
    }


class TestEmbeddings:
    @pytest.mark.parametrize(
        ("model", "dimension"),
        [("stub", 64), ("text-embedding-3-small", 1536), ("text-embedding-3-large", 3072)],
    )
    async def test_gives_vectors_of_the_models_length(
        self, client: openai.AsyncOpenAI, model: str, dimension: int
    ) -> None:
        reply = await client.embeddings.create(model=model, input=["A red kite", "Kite, red a!"])
        first, second = (np.array(row.embedding, dtype=np.float32) for row in reply.data)
        assert first.shape == (dimension,)
        assert np.linalg.norm(first) == pytest.approx(1)
        assert np.array_equal(first, second)
        assert reply.usage.prompt_tokens == 3 + 4

    async def test_is_the_same_in_both_encodings_and_shorter_on_request(
        self, client: openai.AsyncOpenAI
    ) -> None:
        rows = [
            (
                await client.embeddings.create(
                    model="text-embedding-3-small", input="kites", encoding_format=encoding, dimensions=256
                )
            ).data[0]
            for encoding in ("float", "base64")
        ]
        decoded = np.frombuffer(base64.b64decode(rows[1].embedding), dtype="<f4")
        assert decoded.shape == (256,)
        assert np.array_equal(np.array(rows[0].embedding, dtype=np.float32), decoded)

    async def test_means_something(self, client: openai.AsyncOpenAI) -> None:
        texts = ["where do red kites nest", "Red kites nest in tall trees", "Interest rates rose"]
        reply = await client.embeddings.create(model="text-embedding-3-small", input=texts)
        rows = np.array([row.embedding for row in reply.data])
        assert rows[0] @ rows[1] > 0.5
        assert rows[0] @ rows[2] < 0.1


class TestNative:
    async def post(
        self, server: ModelServer, raw: httpx2.AsyncClient, contents: object, **parameters: object
    ) -> httpx2.Response:
        body = {"model": PLUS, "input": {"contents": contents}, "parameters": parameters}
        return await raw.post(server.dashscope_url + NATIVE, json=body)

    async def test_embeds_texts_and_pictures(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        server.describe[hashlib.sha256(PNG).hexdigest()] = "a red kite"
        contents = [{"text": "A red kite"}, {"image": data_url()}, {"image": "https://example.org/a.png"}]
        reply = (await self.post(server, raw, contents)).json()
        rows = reply["output"]["embeddings"]
        assert [(row["index"], row["type"]) for row in rows] == [(0, "text"), (1, "image"), (2, "image")]
        assert [len(row["embedding"]) for row in rows] == [1152] * 3
        assert rows[0]["embedding"] == rows[1]["embedding"] != rows[2]["embedding"]
        assert reply["usage"] == {"input_tokens": 3, "image_tokens": 170}
        assert reply["request_id"]
        assert server.calls[0].texts == 3

    async def test_gives_shorter_vectors(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        reply = (await self.post(server, raw, [{"image": data_url()}], dimension=64)).json()
        assert len(reply["output"]["embeddings"][0]["embedding"]) == 64

    @pytest.mark.parametrize(
        "contents",
        [
            [],
            "text",
            [{"text": "a"}] * 21,
            [{"image": data_url()}] * 9,
            [{"text": ""}],
            [{"text": 1}],
            [{"sound": "a"}],
            [{"text": "a", "image": data_url()}],
            ["a"],
            [{"image": "data:image/png;base64,***"}],
            [{"image": "a.png"}],
            [{"image": data_url(media_type="image/webp")}],
            [{"image": data_url(PNG + bytes(3 * 2**20))}],
        ],
        ids=range(13),
    )
    async def test_refuses_contents(
        self, server: ModelServer, raw: httpx2.AsyncClient, contents: object
    ) -> None:
        reply = await self.post(server, raw, contents)
        assert reply.status_code == 400
        assert set(reply.json()) == {"code", "message", "request_id"}
        assert reply.json()["code"].startswith("InvalidParameter")

    async def test_refuses_the_rest(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        url, inner = server.dashscope_url + NATIVE, {"contents": [{"text": "a"}]}
        for body, status, code in (
            ({"input": inner}, 400, "BadRequest.EmptyModel"),
            ({"model": PLUS}, 400, "BadRequest.EmptyInput"),
            ({"model": "gpt-4o", "input": inner}, 404, "ModelNotFound"),
            ({"model": PLUS, "input": inner, "parameters": {"dimension": 100}}, 400, "InvalidParameter"),
            ({"model": PLUS, "input": inner, "parameters": 1}, 400, "InvalidParameter"),
        ):
            reply = await raw.post(url, json=body)
            assert (reply.status_code, reply.json()["code"]) == (status, code)
        reply = await raw.post(url, json={}, headers={"Authorization": "Bearer wrong"})
        assert (reply.status_code, reply.json()["code"]) == (401, "InvalidApiKey")

    @pytest.mark.parametrize(
        ("fault", "status", "code"),
        [
            ("rate_limit", 429, "Throttling.RateQuota"),
            ("rate_limit_bare", 429, "Throttling.RateQuota"),
            ("quota", 400, "Arrearage"),
            ("server_error", 500, "InternalError"),
            ("unavailable", 503, "ModelServingError"),
            ("content_filter", 400, "DataInspectionFailed"),
            ("context_length", 400, "InvalidParameter"),
            ("endless", 500, "InternalError"),
        ],
    )
    async def test_plays_faults(
        self, server: ModelServer, raw: httpx2.AsyncClient, fault: str, status: int, code: str
    ) -> None:
        server.fault(fault, route="multimodal")
        reply = await self.post(server, raw, [{"text": "a"}])
        assert (reply.status_code, reply.json()["code"]) == (status, code)
        assert ("retry-after" in reply.headers) == (fault == "rate_limit")
        assert (await self.post(server, raw, [{"text": "a"}])).status_code == 200

    async def test_spoils_vectors(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        for fault in ("short_batch", "wrong_dimension", "nan"):
            server.fault(fault)
        replies = [await self.post(server, raw, [{"text": "a"}, {"text": "b"}]) for _ in range(3)]
        short, wrong, nan = (json.loads(reply.content)["output"]["embeddings"] for reply in replies)
        assert len(short) == 1
        assert len(wrong[0]["embedding"]) == 1151
        assert math.isnan(nan[0]["embedding"][0])
        assert b"NaN" in replies[2].content


class TestRerank:
    async def test_puts_the_best_first(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        body = {
            "model": "bge-reranker-v2-m3",
            "query": "where do kites nest",
            "documents": ["Rates rose.", "Kites nest in trees.", {"text": "where kites nest"}],
        }
        for url in (f"{server.url}/rerank", server.url.replace("/v1", "/rerank")):
            reply = (await raw.post(url, json=body)).json()
            assert [result["index"] for result in reply["results"]] == [2, 1, 0]
            scores = [result["relevance_score"] for result in reply["results"]]
            assert 1 >= scores[0] > scores[1] > scores[2] >= 0
            assert reply["usage"]["total_tokens"] == 5 * 3 + 3 + 6 + 5
        best = (await raw.post(url, json={**body, "top_n": 1, "return_documents": True})).json()
        assert [result["document"] for result in best["results"]] == [{"text": "where kites nest"}]
        assert server.count("rerank") == 3

    async def test_refuses_and_spoils(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        good = {"model": "stub", "query": "a", "documents": ["a", "b"]}
        wrongs: list[dict[str, object]] = [
            {"documents": []},
            {"documents": [1]},
            {"query": ""},
            {"top_n": 0},
            {"extra": 1},
            {"documents": ["a" * 600_000]},
        ]
        for wrong in wrongs:
            reply = await raw.post(f"{server.url}/rerank", json={**good, **wrong})
            assert reply.status_code == 400
            assert "message" in reply.json()["error"]
        server.fault("short_batch")
        server.fault("nan")
        short, nan = [await raw.post(f"{server.url}/rerank", json=good) for _ in range(2)]
        assert len(short.json()["results"]) == 1
        assert b"NaN" in nan.content


async def test_lists_its_models(server: ModelServer, client: openai.AsyncOpenAI) -> None:
    assert "gpt-4o" in [model.id async for model in client.models.list()]
    server.models = ["mine"]
    assert [model.id async for model in client.models.list()] == ["mine"]
    assert (await ask(client, "mine")).choices


CHAT_REFUSALS: list[tuple[dict[str, Any], int, str | None]] = [
    ({"model": "gpt-9"}, 404, "model_not_found"),
    ({"model": "text-embedding-3-small"}, 404, None),
    ({"messages": []}, 400, "empty_array"),
    ({"messages": [{"role": "king", "content": "a"}]}, 400, "invalid_value"),
    ({"messages": [{"role": "user", "content": 1}]}, 400, "invalid_type"),
    ({"messages": [{"role": "user", "content": []}]}, 400, "empty_array"),
    ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, 400, "invalid_type"),
    ({"messages": [{"role": "user", "content": [{"type": "sound"}]}]}, 400, "invalid_value"),
    ({"messages": [{"role": "user", "content": "a" * 520_000}]}, 400, "context_length_exceeded"),
    ({"messages": ["a"]}, 400, "invalid_type"),
    ({"extra_body": {"colour": "red"}}, 400, "unknown_parameter"),
    ({"extra_body": {"messages": None}}, 400, "missing_required_parameter"),
    ({"temperature": "hot"}, 400, "invalid_type"),
    ({"temperature": 3}, 400, "decimal_above_max_value"),
    ({"max_tokens": 0}, 400, "integer_below_min_value"),
    ({"max_tokens": True}, 400, "invalid_type"),
    ({"stream_options": {"include_usage": True}}, 400, None),
    ({"stream": True, "stream_options": {"usage": True}}, 400, "unknown_parameter"),
    ({"model": "qwen-max", "messages": shown(data_url())}, 400, None),
    ({"model": "mistral-7b", "messages": shown(data_url())}, 400, None),
    ({"messages": shown("data:image/png;base64,*")}, 400, "invalid_base64"),
    ({"messages": shown("data:image/png;base64,")}, 400, "invalid_base64"),
    ({"messages": shown("picture.png")}, 400, "invalid_image_url"),
    ({"messages": shown(data_url(media_type="image/tiff"))}, 400, "invalid_image_format"),
    ({"messages": [{**shown(data_url())[0], "role": "system"}]}, 400, None),
    ({"response_format": {"type": "json"}}, 400, "invalid_value"),
    ({"response_format": {"type": "json_object"}}, 400, None),
    ({"response_format": {"type": "json_schema"}}, 400, "missing_required_parameter"),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"schema": STRICT}}},
        400,
        "missing_required_parameter",
    ),
    ({"response_format": json_schema(name="my reply")}, 400, "invalid_value"),
    ({"response_format": json_schema({"type": "object", "properties": {}})}, 400, None),
    ({"response_format": json_schema({**STRICT, "required": []})}, 400, None),
    ({"response_format": json_schema({"type": "array", "items": STRICT})}, 400, None),
    (
        {"response_format": json_schema({**STRICT, "$defs": {"A": {"type": "object", "properties": {}}}})},
        400,
        None,
    ),
]


class TestRefusals:
    @pytest.mark.parametrize(("wrong", "status", "code"), CHAT_REFUSALS, ids=range(len(CHAT_REFUSALS)))
    async def test_refuses_conversations(
        self, client: openai.AsyncOpenAI, wrong: dict[str, Any], status: int, code: str | None
    ) -> None:
        with pytest.raises(openai.APIStatusError) as caught:
            await ask(client, **wrong)
        assert (caught.value.status_code, caught.value.code) == (status, code)
        assert set(caught.value.body) == {"message", "type", "param", "code"}
        assert (await ask(client)).choices, "the connection must be good for the next request"

    async def test_takes_what_is_right(self, client: openai.AsyncOpenAI) -> None:
        for right in (
            {"response_format": json_schema({"type": "object"}, strict=False)},
            {"response_format": {"type": "json_object"}, "messages": [{"role": "user", "content": "JSON!"}]},
            {"response_format": {"type": "text"}, "temperature": 0, "max_completion_tokens": 5, "seed": 1},
            {"model": "qwen-vl-max", "messages": shown(data_url(media_type="image/bmp"))},
        ):
            assert (await ask(client, **right)).choices

    @pytest.mark.parametrize(
        ("wrong", "status", "code"),
        [
            ({"model": "text-embedding-9"}, 404, "model_not_found"),
            ({"model": "gpt-4o"}, 403, None),
            ({"input": ""}, 400, None),
            ({"input": ["a", ""]}, 400, None),
            ({"input": []}, 400, "empty_array"),
            ({"input": ["a"] * 2049}, 400, "array_above_max_length"),
            ({"input": [1.5]}, 400, "invalid_type"),
            ({"input": 7}, 400, "invalid_type"),
            ({"input": "a" * 40_000}, 400, "context_length_exceeded"),
            ({"input": ["a" * 30_000] * 50}, 400, "max_tokens_per_request"),
            ({"dimensions": 4096}, 400, None),
            ({"dimensions": 0}, 400, "integer_below_min_value"),
            ({"encoding_format": "hex"}, 400, "invalid_value"),
            ({"extra_body": {"colour": "red"}}, 400, "unknown_parameter"),
            ({"model": "text-embedding-v4", "input": ["a"] * 11}, 400, "array_above_max_length"),
            ({"model": "text-embedding-v4", "dimensions": 100}, 400, None),
        ],
    )
    async def test_refuses_inputs(
        self, client: openai.AsyncOpenAI, wrong: dict[str, Any], status: int, code: str | None
    ) -> None:
        with pytest.raises(openai.APIStatusError) as caught:
            await client.embeddings.create(**{"model": "text-embedding-3-small", "input": "a", **wrong})
        assert (caught.value.status_code, caught.value.code) == (status, code)

    async def test_wants_its_key(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        url = f"{server.url}/models"
        wrong = await raw.get(url, headers={"Authorization": "Bearer sk-other"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "invalid_api_key")
        async with httpx2.AsyncClient() as bare:
            assert (await bare.get(url)).status_code == 401
            server.key = ""
            assert (await bare.get(url)).status_code == 200

    async def test_knows_its_paths_and_wants_json(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        for method, path in (("GET", "/chat/completions"), ("POST", "/completions"), ("POST", "/models")):
            reply = await raw.request(method, server.url + path)
            assert (reply.status_code, reply.json()["error"]["code"]) == (404, "unknown_url")
        for body in (b"", b"{", b"[]", b"\xff"):
            assert (await raw.post(f"{server.url}/embeddings", content=body)).status_code == 400

    async def test_its_context_can_be_set(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        server.context = 10
        await ask(client, messages=[{"role": "user", "content": "a" * 36}])
        with pytest.raises(openai.BadRequestError, match="10 tokens"):
            await ask(client, messages=[{"role": "user", "content": "a" * 40}])


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "status", "code"),
        [
            ("rate_limit", 429, "rate_limit_exceeded"),
            ("rate_limit_bare", 429, "rate_limit_exceeded"),
            ("quota", 429, "insufficient_quota"),
            ("server_error", 500, None),
            ("bad_gateway", 502, None),
            ("unavailable", 503, "service_unavailable"),
            ("overloaded", 529, "overloaded_error"),
            ("content_filter", 400, "content_filter"),
            ("context_length", 400, "context_length_exceeded"),
            ("nan", 500, None),
            ("cut_stream", 500, None),
            ("bad_json", 500, None),
        ],
    )
    async def test_statuses(
        self, server: ModelServer, client: openai.AsyncOpenAI, fault: str, status: int, code: str | None
    ) -> None:
        server.retry_after = 1.5
        server.fault(fault)
        with pytest.raises(openai.APIStatusError) as caught:
            await ask(client)
        assert (caught.value.status_code, caught.value.code) == (status, code)
        waits = caught.value.response.headers.get("retry-after")
        assert waits == ("1.5" if fault == "rate_limit" else None)
        assert (await ask(client)).choices[0].message.content == "ok"
        assert [call.status for call in server.calls] == [status, 200]

    async def test_closed_and_torn_connections(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        for fault in ("refused", "reset"):
            server.fault(fault)
            with pytest.raises(openai.APIConnectionError) as caught:
                await ask(client)
            wanted = httpx2.RemoteProtocolError if fault == "refused" else httpx2.ReadError
            assert isinstance(caught.value.__cause__, wanted)
        assert [call.status for call in server.calls] == [0, 0]
        assert (await ask(client)).choices

    async def test_reset_in_a_stream_comes_after_words(
        self, server: ModelServer, client: openai.AsyncOpenAI
    ) -> None:
        server.script("word " * 100)
        server.fault("reset")
        text = ""
        with pytest.raises(openai.APIConnectionError):
            async for event in await ask(client, stream=True):
                text += event.choices[0].delta.content or ""
        assert 10 < len(text) < 500

    async def test_hangs_until_the_client_leaves(
        self, server: ModelServer, client: openai.AsyncOpenAI
    ) -> None:
        server.fault("hang")
        with pytest.raises(openai.APITimeoutError):
            await ask(client, timeout=0.2)
        assert (await ask(client)).choices
        assert (server.calls[0].status, server.count()) == (0, 2)
        for _ in range(100):
            if server.calls[0].ended < math.inf:
                break
            await asyncio.sleep(0.01)
        assert 0.15 < server.calls[0].ended - server.calls[0].began < 1

    async def test_drips(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        server.drip = 0.0005
        server.fault("drip", times=2)
        assert (await ask(client)).choices[0].message.content == "ok"
        assert (await streamed(client))[:2] == ("ok", "stop")
        server.drip = 0.05
        server.fault("drip")
        with pytest.raises(openai.APITimeoutError):
            async with asyncio.timeout(0.3):
                try:
                    await ask(client)
                except asyncio.CancelledError as error:
                    raise openai.APITimeoutError(httpx2.Request("POST", server.url)) from error

    async def test_garbage_and_pages(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        server.fault("garbage", times=2)
        with pytest.raises(ValueError):
            await ask(client)
        with pytest.raises(ValueError):
            await streamed(client)
        server.fault("html")
        assert "Please sign in" in await ask(client)

    async def test_answers_that_are_none(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        server.answer = lambda request: "one two three four"
        for fault, text, finish in (
            ("no_finish", "one two three four", None),
            ("length", "one two t", "length"),
            ("empty_answer", "", "stop"),
        ):
            server.fault(fault, times=2)
            reply = (await ask(client)).choices[0]
            assert (reply.message.content, reply.finish_reason) == (text, finish)
            assert (await streamed(client))[:2] == (text, finish)
        server.fault("empty_choices", times=2)
        assert (await ask(client)).choices == []
        assert (await streamed(client))[:2] == ("", None)

    async def test_streams_that_break_off(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        server.answer = lambda request: "one two three four"
        server.fault("cut_stream")
        assert await streamed(client) == ("one two", None, None)
        assert b"[DONE]" not in server.last_stream
        server.fault("content_filter")
        assert (await streamed(client))[:2] == ("one two t", "content_filter")
        server.fault("stream_error")
        with pytest.raises(openai.APIError, match="had an error"):
            await streamed(client)

    async def test_streams_for_ever(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        server.script("on and on")
        server.fault("endless")
        pieces = 0
        events = await ask(client, stream=True)
        async for _ in events:
            pieces += 1
            if pieces == 50:
                await events.close()
                break
        assert pieces == 50
        assert (await ask(client)).choices

    async def test_bad_json_is_no_json_and_then_another(
        self, server: ModelServer, client: openai.AsyncOpenAI
    ) -> None:
        server.fault("bad_json", times=2)
        first, second = [await ask(client, response_format=json_schema()) for _ in range(2)]
        with pytest.raises(json.JSONDecodeError):
            json.loads(first.choices[0].message.content)
        assert "answer" not in json.loads(second.choices[0].message.content)

    @pytest.mark.parametrize("encoding", ["float", "base64"])
    async def test_spoilt_vectors(self, server: ModelServer, raw: httpx2.AsyncClient, encoding: str) -> None:
        body = {"model": "stub", "input": ["a", "b"], "encoding_format": encoding}
        for fault in ("wrong_dimension", "short_batch", "nan"):
            server.fault(fault)
        found = [(await raw.post(f"{server.url}/embeddings", json=body)).content for _ in range(3)]
        wrong, short, nan = ([row["embedding"] for row in json.loads(reply)["data"]] for reply in found)
        if encoding == "base64":
            wrong, nan = ([_decoded(row) for row in rows] for rows in (wrong, nan))
        assert len(wrong[0]) == 63
        assert len(short) == 1
        assert math.isnan(nan[0][0])
        assert (b"NaN" in found[2]) == (encoding == "float")

    async def test_are_played_when_and_where_they_are_planned(
        self, server: ModelServer, client: openai.AsyncOpenAI
    ) -> None:
        server.fault("unavailable", route="embeddings", times=None)
        server.fault("rate_limit", after=2, route="/v1/chat/completions")
        server.fault("overloaded", route="chat", after=2)
        statuses = []
        for _ in range(5):
            try:
                await ask(client)
                statuses.append(200)
            except openai.APIStatusError as error:
                statuses.append(error.status_code)
        assert statuses == [200, 200, 429, 529, 200]
        for _ in range(3):
            with pytest.raises(openai.InternalServerError):
                await client.embeddings.create(model="stub", input="a")
        server.clear()
        await client.embeddings.create(model="stub", input="a")
        assert server.count() == 1

    def test_are_known_by_name(self, server: ModelServer) -> None:
        assert len(server.faults()) == len(set(server.faults())) == 26
        with pytest.raises(ValueError, match="no fault"):
            server.fault("earthquake")
        with pytest.raises(ValueError, match="no route"):
            server.fault("nan", route="/v1/embedings")
        with pytest.raises(ValueError, match="no route"):
            server.count("chats")


def _decoded(text: str) -> list[float]:
    return [float(value) for value in np.frombuffer(base64.b64decode(text), dtype="<f4")]


class TestCuts:
    async def test_a_stream_can_be_cut_at_every_byte(
        self, server: ModelServer, raw: httpx2.AsyncClient
    ) -> None:
        body = {"model": "gpt-4o", "messages": HELLO, "stream": True}
        whole = (await raw.post(f"{server.url}/chat/completions", json=body)).content
        assert server.last_stream == whole
        for place in (0, 1, 5, len(whole) // 2, len(whole) - 1):
            server.cut_after = place
            got = b""
            with pytest.raises(httpx2.RemoteProtocolError):
                async with raw.stream("POST", f"{server.url}/chat/completions", json=body) as reply:
                    async for part in reply.aiter_raw():
                        got += part
            assert len(got) == place
            server.cut_clean = True
            assert len((await raw.post(f"{server.url}/chat/completions", json=body)).content) == place
            server.cut_clean = False
        server.cut_after = len(whole)
        assert len((await raw.post(f"{server.url}/chat/completions", json=body)).content) == len(whole)
        body["stream"] = False
        assert (await raw.post(f"{server.url}/chat/completions", json=body)).json()["choices"]


class TestManyAtOnce:
    async def test_keeps_connections(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        before = server.connections
        for _ in range(5):
            await ask(client)
            await streamed(client)
        assert server.connections == before + 1
        assert len({call.connection for call in server.calls}) == 1

    async def test_waits_for_many_at_once(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        server.latency = 0.3
        await asyncio.gather(*(client.embeddings.create(model="stub", input=["a", "b"]) for _ in range(100)))
        assert server.count("embeddings") == server.count() == len(server.calls) == 100
        assert server.most_in_flight >= 64
        assert 30 < server.in_flight_mean() <= 100
        assert sum(call.texts for call in server.calls) == 200
        assert all(call.ended - call.began >= 0.29 for call in server.calls)

    async def test_notes_what_was_asked(self, server: ModelServer, client: openai.AsyncOpenAI) -> None:
        await ask(client, "gpt-4o-mini", temperature=0.5)
        call = server.calls[0]
        assert (call.route, call.model, call.status) == ("/v1/chat/completions", "gpt-4o-mini", 200)
        assert call.body["temperature"] == 0.5
        assert call.headers["authorization"] == "Bearer sk-test"
        assert call.began <= call.ended < math.inf

    async def test_closes_on_what_is_no_http(self, server: ModelServer) -> None:
        for data in (b"hello\r\n\r\n", b"GET / HTTP/2\r\n\r\n", b"x" * 100_000):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(data)
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
        assert server.calls == []

    def test_nothing_was_asked_yet(self, server: ModelServer) -> None:
        assert (server.count(), server.most_in_flight, server.in_flight_mean()) == (0, 0, 0.0)

    async def test_stops_with_calls_under_way(self) -> None:
        with ModelServer(latency=30) as server:
            async with openai.AsyncOpenAI(base_url=server.url, api_key="sk-test", max_retries=0) as client:
                task = asyncio.ensure_future(ask(client))
                while not server.calls:
                    await asyncio.sleep(0.01)
                assert server.calls[0].status == 0
                assert server.most_in_flight == 1
                task.cancel()
        assert server.calls[0].ended < math.inf
