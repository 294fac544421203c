"""Answers of a fixed shape: a JSON schema made of a pydantic model, and one repair of what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Generic, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from glede.endpoints import ChatModel, Message, Prompt, Reply, Schema
from glede.errors import ModelReplyError
from glede.prompting.packing import fence_of
from glede.prompting.thinking import CLOSING
from glede.prompts import filled

Shape = TypeVar("Shape", bound=BaseModel)
PROBLEMS = 5
"""How many of the problems of a reply the model is told."""
_NO_KEYWORDS = ("title", "default", "examples", "discriminator")
"""What strict schemas do not know, or only costs tokens."""


@dataclass(frozen=True, slots=True)
class _Answer(Generic[Shape]):
    """A reply, the value in it, and what is wrong with either."""

    reply: Reply
    value: Shape | None
    problem: str


def _no_doubt(_: BaseModel) -> str:
    return ""


async def structured(
    chat: ChatModel, prompt: Prompt, shape: type[Shape], doubt: Callable[[Shape], str] = _no_doubt
) -> Shape:
    """The answer to a prompt, of that shape.

    A reply of another shape is shown to the model once, with what is wrong with it; so is one of that shape
    with what `doubt` says against it, which may come back all the same. What was answered before and is of no
    use is asked for again. Raises `ModelReplyError` where no reply is of the shape, and what `chat` raises.
    """
    asked = replace(prompt, schema=schema_of(shape))
    first = await _asked(chat, asked, shape, doubt)
    if first.value is not None and not first.problem:
        return first.value
    if first.value is None:
        _check_whole(chat.model, first.reply.finish)
    second = await _asked(chat, _repaired(asked, first), shape, doubt)
    if second.value is not None:
        return second.value
    if first.value is not None:
        return first.value
    _check_whole(chat.model, second.reply.finish)
    raise ModelReplyError(
        f"{chat.model} gave twice what does not follow the schema {schema_of(shape).name}: {second.problem}",
        hint="Use a model that knows structured output (json_schema).",
        retryable=True,
    )


async def _asked(
    chat: ChatModel, prompt: Prompt, shape: type[Shape], doubt: Callable[[Shape], str]
) -> _Answer[Shape]:
    answer = _judged(await chat.chat(prompt), shape, doubt)
    if answer.problem and answer.reply.kept:
        answer = _judged(await chat.chat(replace(prompt, fresh=True)), shape, doubt)
    return answer


def _judged(reply: Reply, shape: type[Shape], doubt: Callable[[Shape], str]) -> _Answer[Shape]:
    found = read(reply.text, shape)
    if isinstance(found, str):
        return _Answer(reply, None, found)
    return _Answer(reply, found, doubt(found))


def _check_whole(model: str, finish: str) -> None:
    if finish == "length":
        raise ModelReplyError(
            f"{model} reached the most tokens of an answer before the end of its JSON",
            hint="Raise GLEDE_ANSWER_TOKENS, or ask for less at once.",
        )


def _repaired(prompt: Prompt, answer: _Answer[Shape]) -> Prompt:
    """The prompt with the reply to it and what is wrong with that."""
    text, schema = answer.reply.text, prompt.schema.body if prompt.schema else ""
    fence = fence_of([text, answer.problem, schema])
    repair = filled("repair", fence=fence, problem=answer.problem, schema=schema)
    return replace(prompt, messages=(*prompt.messages, Message("assistant", text), Message("user", repair)))


def read(text: str, shape: type[Shape]) -> Shape | str:
    """The value that a reply holds, or what is wrong with the reply."""
    try:
        return shape.model_validate_json(bare(text))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)[:PROBLEMS]
        return "; ".join(_problem(".".join(map(str, one["loc"])), one["msg"]) for one in problems)


def _problem(place: str, message: str) -> str:
    return f"{place}: {message}" if place else message


def bare(text: str) -> str:
    """The JSON of a reply, without what a reasoning model thought aloud before it, and out of its fence."""
    _, ended, after = text.rpartition(CLOSING)
    return unfenced(after if ended and after.strip() else text)


def unfenced(text: str) -> str:
    """The JSON of a reply, out of the Markdown fence that some models put around it."""
    text = text.strip()
    if not text.startswith("```"):
        return text
    _, _, inner = text.partition("\n")
    return inner.rpartition("```")[0].strip() or text


@cache
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
