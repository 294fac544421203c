"""The faults that the model server plays, and streams cut at any byte."""

from __future__ import annotations

import asyncio
import base64
import json
import math

import httpx2
import numpy as np
import openai
import pytest

from glede.testing import ModelServer
from tests.testing.asking import HELLO, ask, json_schema, streamed


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


def _decoded(text: str) -> list[float]:
    return [float(value) for value in np.frombuffer(base64.b64decode(text), dtype="<f4")]
