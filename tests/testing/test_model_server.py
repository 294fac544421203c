"""The model server as OpenAI's client and a bare one know it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import math

import httpx2
import numpy as np
import openai
import pytest

from glede.testing import ModelServer
from glede.testing.model_server import ChatAnswer, ChatRequest
from glede.testing.model_wire import instance_of
from tests.testing.asking import HELLO, PNG, ask, data_url, json_schema, shown, streamed


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
