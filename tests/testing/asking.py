# ruff: noqa: ANN401 - the SDK is not typed here, and JSON is compared with what is expected
"""What the tests of the model server ask of it with OpenAI's client."""

from __future__ import annotations

import base64
from typing import Any

import openai

Turns = list[dict[str, Any]]
HELLO: Turns = [{"role": "user", "content": "Hello there"}]
PNG = b"\x89PNG\r\n\x1a\n a picture of nothing"
STRICT = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "sources": {"type": "array", "items": {"type": "integer"}}},
    "required": ["answer", "sources"],
    "additionalProperties": False,
}


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
