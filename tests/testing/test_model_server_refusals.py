"""What the model server refuses, as the endpoints do that it stands for."""

from __future__ import annotations

from typing import Any

import httpx2
import openai
import pytest

from glede.testing import ModelServer
from tests.testing.asking import STRICT, ask, data_url, json_schema, shown

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
