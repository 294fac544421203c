"""Which fields a request may have, and of what kind; refusals in the words of OpenAI's API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from glede.testing.model_wire import Body, Refusal


@dataclass(frozen=True, slots=True)
class Field:
    """What a field holds; `least` and `most` are for numbers."""

    kinds: tuple[type, ...]
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    required: bool = False


_NAMES: Mapping[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a decimal",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
    type(None): "null",
}
_STRING = Field((str,))
_WHOLE = Field((int,), least=1)
_FLAG = Field((bool,))
_OBJECT = Field((dict,))
_LIST = Field((list,))
_MODEL = Field((str,), required=True)

CHAT: Mapping[str, Field] = {
    "model": _MODEL,
    "messages": Field((list,), required=True),
    "frequency_penalty": Field((float, int), -2, 2),
    "logit_bias": _OBJECT,
    "logprobs": _FLAG,
    "max_completion_tokens": _WHOLE,
    "max_tokens": _WHOLE,
    "metadata": _OBJECT,
    "modalities": _LIST,
    "n": Field((int,), 1, 1),
    "parallel_tool_calls": _FLAG,
    "presence_penalty": Field((float, int), -2, 2),
    "prompt_cache_key": _STRING,
    "reasoning_effort": _STRING,
    "response_format": _OBJECT,
    "safety_identifier": _STRING,
    "seed": Field((int,)),
    "service_tier": _STRING,
    "stop": Field((str, list)),
    "store": _FLAG,
    "stream": _FLAG,
    "stream_options": _OBJECT,
    "temperature": Field((float, int), 0, 2),
    "tool_choice": Field((str, dict)),
    "tools": _LIST,
    "top_logprobs": Field((int,), 0, 20),
    "top_p": Field((float, int), 0, 1),
    "user": _STRING,
    "verbosity": _STRING,
}
"""https://platform.openai.com/docs/api-reference/chat/create; more than one answer (`n`) is not played."""
EMBEDDINGS: Mapping[str, Field] = {
    "model": _MODEL,
    "input": Field((str, list), required=True),
    "dimensions": _WHOLE,
    "encoding_format": Field((str,), choices=("float", "base64")),
    "user": _STRING,
}
RERANK: Mapping[str, Field] = {
    "model": _MODEL,
    "query": Field((str,), required=True),
    "documents": Field((list,), required=True),
    "max_chunks_per_doc": _WHOLE,
    "return_documents": _FLAG,
    "top_n": _WHOLE,
    "truncate_prompt_tokens": _WHOLE,
    "user": _STRING,
}
STREAM_OPTIONS: Mapping[str, Field] = {"include_usage": _FLAG, "include_obfuscation": _FLAG}
FORMAT: Mapping[str, Field] = {
    "type": Field((str,), choices=("text", "json_object", "json_schema"), required=True),
    "json_schema": _OBJECT,
}
JSON_SCHEMA: Mapping[str, Field] = {
    "name": Field((str,), required=True),
    "description": _STRING,
    "schema": _OBJECT,
    "strict": _FLAG,
}


def parsed(body: bytes) -> Body:
    """The JSON object of a request."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refusal("We could not parse the JSON body of your request.", None)
    return found


def check_fields(body: Body, fields: Mapping[str, Field], path: str = "") -> None:
    """Refuse fields that are unknown, missing, or of another kind."""
    for name in body:
        if name not in fields:
            raise Refusal(f"Unknown parameter: '{path}{name}'.", "unknown_parameter", param=path + name)
    for name, wanted in fields.items():
        value = body.get(name)
        if value is None and wanted.required:
            text = f"Missing required parameter: '{path}{name}'."
            raise Refusal(text, "missing_required_parameter", param=path + name)
        if value is not None:
            _check_value(path + name, value, wanted)


def _check_value(name: str, value: object, wanted: Field) -> None:
    if not isinstance(value, wanted.kinds) or (isinstance(value, bool) and bool not in wanted.kinds):
        raise invalid_type(name, value, *wanted.kinds)
    if wanted.choices and value not in wanted.choices:
        told = " and ".join(f"'{choice}'" for choice in wanted.choices)
        text = f"Invalid value: '{value}'. Supported values are: {told}."
        raise Refusal(text, "invalid_value", param=name)
    if not isinstance(value, (int, float)):
        return
    kind = "integer" if int in wanted.kinds and float not in wanted.kinds else "decimal"
    if wanted.least is not None and value < wanted.least:
        text = f"Invalid '{name}': {kind} below minimum value. Expected a value >= {wanted.least:g}."
        raise Refusal(text, f"{kind}_below_min_value", param=name)
    if wanted.most is not None and value > wanted.most:
        text = f"Invalid '{name}': {kind} above maximum value. Expected a value <= {wanted.most:g}."
        raise Refusal(text, f"{kind}_above_max_value", param=name)


def invalid_type(name: str, value: object, *kinds: type) -> Refusal:
    """For a value of another kind."""
    wanted = " or ".join(_NAMES[kind] for kind in kinds)
    found = _NAMES.get(type(value), "something else")
    text = f"Invalid type for '{name}': expected {wanted}, but got {found} instead."
    return Refusal(text, "invalid_type", param=name)


def empty_array(name: str) -> Refusal:
    """For a list that must hold something."""
    text = f"Invalid '{name}': empty array. Expected an array with minimum length 1."
    return Refusal(text, "empty_array", param=name)
