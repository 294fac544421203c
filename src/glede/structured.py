"""Answers of a fixed shape: a JSON schema made of a pydantic model, and one repair of what breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from glede.endpoints import ChatModel, Message, Prompt, Schema
from glede.errors import ModelReplyError
from glede.packing import fence_of
from glede.prompts import filled

Shape = TypeVar("Shape", bound=BaseModel)
PROBLEMS = 5
"""How many of the problems of a reply the model is told."""
_NO_KEYWORDS = ("title", "default", "examples", "discriminator")
"""What strict schemas do not know, or only costs tokens."""


async def structured(chat: ChatModel, prompt: Prompt, shape: type[Shape]) -> Shape:
    """The answer to a prompt, of that shape.

    A reply of another shape is shown to the model once, with what is wrong with it. Raises `ModelReplyError`
    where the second is no better, and what `chat` raises.
    """
    schema = schema_of(shape)
    asked = Prompt(prompt.messages, prompt.max_tokens, prompt.temperature, schema)
    reply = await chat.chat(asked)
    found = read(reply.text, shape)
    if isinstance(found, str):
        _check_whole(chat.model, reply.finish)
        repair = _repair(reply.text, found, schema)
        messages = (*prompt.messages, Message("assistant", reply.text), Message("user", repair))
        reply = await chat.chat(Prompt(messages, prompt.max_tokens, prompt.temperature, schema))
        found = read(reply.text, shape)
    if isinstance(found, str):
        _check_whole(chat.model, reply.finish)
        raise ModelReplyError(
            f"{chat.model} gave twice what does not follow the schema {schema.name}: {found}",
            hint="Use a model that knows structured output (json_schema).",
            retryable=True,
        )
    return found


def _check_whole(model: str, finish: str) -> None:
    if finish == "length":
        raise ModelReplyError(
            f"{model} reached the most tokens of an answer before the end of its JSON",
            hint="Raise GLEDE_ANSWER_TOKENS, or ask for less at once.",
        )


def _repair(text: str, problem: str, schema: Schema) -> str:
    fence = fence_of([text, problem, schema.body])
    return filled("repair", fence=fence, problem=problem, schema=schema.body)


def read(text: str, shape: type[Shape]) -> Shape | str:
    """The value that a reply holds, or what is wrong with the reply."""
    try:
        return shape.model_validate_json(unfenced(text))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)[:PROBLEMS]
        return "; ".join(_problem(".".join(map(str, one["loc"])), one["msg"]) for one in problems)


def _problem(place: str, message: str) -> str:
    return f"{place}: {message}" if place else message


def unfenced(text: str) -> str:
    """The JSON of a reply, out of the Markdown fence that some models put around it."""
    text = text.strip()
    if not text.startswith("```"):
        return text
    _, _, inner = text.partition("\n")
    return inner.rpartition("```")[0].strip() or text


def schema_of(shape: type[BaseModel]) -> Schema:
    """The strict JSON schema of a model: every key is required and no other is allowed.

    Raises `TypeError` for a shape with free keys, which a strict schema cannot say.
    """
    body = _strict(shape.model_json_schema())
    return Schema(shape.__name__.strip("_")[:64], orjson.dumps(body).decode())


def _strict(found: object) -> object:
    """Goes by place, since what stands under `properties` and `$defs` are names and no keywords."""
    if isinstance(found, list):
        return [_strict(one) for one in found]
    if not isinstance(found, Mapping):
        return found
    if "$ref" in found:  # a reference allows nothing beside it
        return {"$ref": found["$ref"]}
    schema: dict[str, object] = {}
    for key, value in found.items():
        if key in ("properties", "$defs"):
            schema[key] = {name: _strict(inner) for name, inner in value.items()}
        elif key == "oneOf":  # which strict schemas do not know
            schema["anyOf"] = _strict(value)
        elif key not in _NO_KEYWORDS:
            schema[key] = value if key in ("enum", "const") else _strict(value)
    if schema.get("type") == "object":
        if found.get("additionalProperties"):
            raise TypeError("a mapping of free keys is not of a fixed shape: use a list of pairs")
        properties = found.get("properties", {})
        schema |= {"properties": schema.get("properties", {}), "required": list(properties)}
        schema["additionalProperties"] = False
    return schema
