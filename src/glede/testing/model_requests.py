"""What `ModelServer` is asked, checked as the real services check it; whatever they refuse, it refuses."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from glede.testing.model_cards import Card, card_of
from glede.testing.model_fields import (
    CHAT,
    EMBEDDINGS,
    FORMAT,
    JSON_SCHEMA,
    RERANK,
    STREAM_OPTIONS,
    check_fields,
    empty_array,
    invalid_type,
)
from glede.testing.model_wire import Body, ChatRequest, Refusal, Route, Turn, tokens_of

MOST_TOKENS = 300_000
"""Of all inputs of one embedding call, at OpenAI."""
PICTURES = 8
PICTURE_BYTES = 3 * 2**20
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_DATA_URL = re.compile(r"data:(image/[a-z.+-]+);base64,(.*)", re.DOTALL)
_ROLES = ("system", "developer", "user", "assistant", "tool")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server takes: its models, their longest conversation, and the length of `stub`'s vectors."""

    models: Collection[str]
    context: int
    dimension: int

    def card(self, model: str, route: Route) -> Card:
        """What a model takes; refuses one that is unknown, or is for other calls."""
        if model not in self.models:
            text = f"The model `{model}` does not exist or you do not have access to it."
            raise Refusal(text, "model_not_found", status=404, param="model")
        card = card_of(model)
        if route not in card.routes:
            raise _wrong_call(model, route)
        return card

    def check_context(self, card: Card, tokens: int) -> None:
        """Refuse what is longer than the model takes."""
        most = min(card.context or self.context, self.context)
        if tokens > most:
            raise too_long(most, tokens)


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """Texts, or pictures by their place among them, and how the vectors are wanted."""

    model: str
    texts: tuple[str, ...]
    dimension: int
    as_base64: bool = False
    pictures: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class RerankRequest:
    """A question, and what is to be judged against it."""

    model: str
    query: str
    documents: tuple[str, ...]
    top: int
    repeat: bool


def too_long(most: int, tokens: int) -> Refusal:
    """For a request longer than the context."""
    text = (
        f"This model's maximum context length is {most} tokens. However, your messages resulted in {tokens} "
        "tokens. Please reduce the length of the messages."
    )
    return Refusal(text, "context_length_exceeded", param="messages")


def _wrong_call(model: str, route: Route) -> Refusal:
    if route == "chat":
        return Refusal(
            "This is not a chat model and thus not supported here.", None, status=404, param="model"
        )
    return Refusal(f"You are not allowed to ask {model} for this.", None, status=403)


def chat_request(body: Body, limits: Limits) -> ChatRequest:
    """A conversation."""
    check_fields(body, CHAT)
    model, messages = str(body["model"]), body["messages"]
    card = limits.card(model, "chat")
    assert isinstance(messages, list)
    if not messages:
        raise empty_array("messages")
    turns = tuple(_turn(message, place, card) for place, message in enumerate(messages))
    stream = bool(body.get("stream"))
    request = ChatRequest(model, turns, _schema(body, turns), stream, _wants_usage(body, stream))
    limits.check_context(card, request.tokens)
    return request


def _wants_usage(body: Body, stream: bool) -> bool:
    options = body.get("stream_options")
    if not isinstance(options, dict):
        return False
    if not stream:
        text = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise Refusal(text, None, param="stream_options")
    check_fields(options, STREAM_OPTIONS, "stream_options.")
    return bool(options.get("include_usage"))


def _turn(message: object, place: int, card: Card) -> Turn:
    where = f"messages[{place}]"
    if not isinstance(message, dict):
        raise invalid_type(where, message, dict)
    role, content = message.get("role"), message.get("content")
    if role not in _ROLES:
        text = f"Invalid value: '{role}'. Supported values are: {', '.join(_ROLES)}."
        raise Refusal(text, "invalid_value", param=f"{where}.role")
    if isinstance(content, str):
        return Turn(str(role), content, 0, ())
    if not isinstance(content, list):
        raise invalid_type(f"{where}.content", content, str, list)
    if not content:
        raise empty_array(f"{where}.content")
    return _turn_of_parts(str(role), content, f"{where}.content", card)


def _turn_of_parts(role: str, parts: list[object], where: str, card: Card) -> Turn:
    texts: list[str] = []
    pictures: list[bytes] = []
    for place, part in enumerate(parts):
        name = f"{where}[{place}]"
        if not isinstance(part, dict):
            raise invalid_type(name, part, dict)
        if part.get("type") == "text":
            texts.append(_string(part, "text", name))
        elif part.get("type") == "image_url":
            pictures.append(_picture(part.get("image_url"), f"{name}.image_url", role, card))
        else:
            text = f"Invalid value: '{part.get('type')}'. Supported values are: 'text' and 'image_url'."
            raise Refusal(text, "invalid_value", param=f"{name}.type")
    return Turn(role, "\n".join(texts), len(pictures), tuple(pictures))


def _string(part: Mapping[str, object], key: str, where: str) -> str:
    value = part.get(key)
    if not isinstance(value, str):
        raise invalid_type(f"{where}.{key}", value, str)
    return value


def _picture(found: object, where: str, role: str, card: Card) -> bytes:
    if role != "user":
        text = "Image URLs are only allowed for messages with role 'user'."
        raise Refusal(text, None, param=where)
    if not card.pictures:
        text = f"Invalid content type at '{where}': image_url is only supported by certain models."
        raise Refusal(text, None, param=where)
    if not isinstance(found, dict):
        raise invalid_type(where, found, dict)
    media_type, data = picture_of(_string(found, "url", where), where)
    if media_type not in card.pictures:
        text = f"You uploaded an unsupported image ({media_type}). Supported are {sorted(card.pictures)}."
        raise Refusal(text, "invalid_image_format", param=where)
    return data


def picture_of(url: str, where: str) -> tuple[str, bytes]:
    """Media type and bytes of a data URL."""
    match = _DATA_URL.fullmatch(url)
    if match is None:
        text = f"Invalid '{where}': expected a base64-encoded data URL with an image MIME type."
        raise Refusal(text, "invalid_image_url", param=where)
    try:
        data = base64.b64decode(match[2], validate=True)
    except binascii.Error:
        data = b""
    if not data:
        raise Refusal(f"Invalid '{where}': no valid base64.", "invalid_base64", param=where)
    return match[1], data


def _schema(body: Body, turns: tuple[Turn, ...]) -> Body | None:
    found = body.get("response_format")
    if not isinstance(found, dict):
        return None
    check_fields(found, FORMAT, "response_format.")
    if found["type"] == "text":
        return None
    if found["type"] == "json_object":
        if not any("json" in turn.text.lower() for turn in turns):
            text = "'messages' must contain the word 'json' in some form, to use 'json_object'."
            raise Refusal(text, None, param="messages")
        return {}
    return _named_schema(found.get("json_schema"))


def _named_schema(found: object) -> Body:
    where = "response_format.json_schema"
    if not isinstance(found, dict):
        text = f"Missing required parameter: '{where}'."
        raise Refusal(text, "missing_required_parameter", param=where)
    check_fields(found, JSON_SCHEMA, f"{where}.")
    if not _NAME.fullmatch(str(found["name"])):
        text = f"Invalid '{where}.name': string does not match pattern '^[a-zA-Z0-9_-]+$'."
        raise Refusal(text, "invalid_value", param=f"{where}.name")
    schema: Body = found.get("schema") or {}
    if found.get("strict"):
        if schema.get("type") != "object":
            raise _bad_schema(found["name"], (), "schema must be a JSON Schema of 'type: \"object\"'")
        _check_strict(schema, str(found["name"]), ())
    return schema


def _check_strict(schema: object, name: str, context: tuple[str, ...]) -> None:
    """Every object must name all its properties as required, and allow no others."""
    if isinstance(schema, list):
        for place, inner in enumerate(schema):
            _check_strict(inner, name, (*context, str(place)))
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, dict):
        if schema.get("additionalProperties") is not False:
            raise _bad_schema(
                name, context, "'additionalProperties' is required to be supplied and to be false"
            )
        missing = set(properties or ()) - set(schema.get("required") or ())
        if missing:
            text = (
                "'required' is required to be supplied and to be an array including every key in properties"
            )
            raise _bad_schema(name, context, f"{text}. Missing '{min(missing)}'")
    for key in ("properties", "$defs", "definitions"):
        for inner_name, inner in (schema.get(key) or {}).items():
            _check_strict(inner, name, (*context, key, inner_name))
    for key in ("items", "anyOf"):
        _check_strict(schema.get(key), name, (*context, key))


def _bad_schema(name: object, context: tuple[str, ...], what: str) -> Refusal:
    text = f"Invalid schema for response_format '{name}': In context={context}, {what}."
    return Refusal(text, None, param="response_format")


def embedding_request(body: Body, limits: Limits) -> EmbeddingRequest:
    """Texts to embed; lists of tokens are not played."""
    check_fields(body, EMBEDDINGS)
    model, found = str(body["model"]), body["input"]
    card = limits.card(model, "embeddings")
    texts = [found] if isinstance(found, str) else found
    assert isinstance(texts, list)
    _check_inputs(texts, card, limits)
    dimension = _dimension(body.get("dimensions"), card, limits)
    return EmbeddingRequest(model, tuple(texts), dimension, body.get("encoding_format") == "base64")


def _check_inputs(texts: list[object], card: Card, limits: Limits) -> None:
    if not texts:
        raise empty_array("input")
    if len(texts) > card.batch:
        text = f"Invalid 'input': array too long. Expected an array with maximum length {card.batch}."
        raise Refusal(text, "array_above_max_length", param="input")
    for place, item in enumerate(texts):
        if not isinstance(item, str):
            raise invalid_type(f"input[{place}]", item, str)
        if not item:
            raise Refusal(f"Invalid 'input[{place}]': input cannot be an empty string.", None, param="input")
        limits.check_context(card, tokens_of(item))
    total = sum(tokens_of(str(item)) for item in texts)
    if total > MOST_TOKENS:
        text = f"Requested {total} tokens, max {MOST_TOKENS} tokens per request"
        raise Refusal(text, "max_tokens_per_request", param="input", kind="max_tokens_per_request")


def _dimension(asked: object, card: Card, limits: Limits) -> int:
    own = card.dimension or limits.dimension
    if not isinstance(asked, int):
        return own
    if (card.lengths and asked not in card.lengths) or (not card.lengths and asked > own):
        text = f"Invalid value for 'dimensions' = {asked}. Must be less than or equal to {own}."
        raise Refusal(text, None, param="dimensions")
    return asked


def rerank_request(body: Body, limits: Limits) -> RerankRequest:
    """Documents to judge, each a text or an object with one."""
    check_fields(body, RERANK)
    model, query, documents = str(body["model"]), str(body["query"]), body["documents"]
    card = limits.card(model, "rerank")
    assert isinstance(documents, list)
    if not documents:
        raise empty_array("documents")
    if not query:
        raise Refusal("Invalid 'query': empty string.", "empty_string", param="query")
    texts = tuple(_document(document, place) for place, document in enumerate(documents))
    for text in texts:
        limits.check_context(card, tokens_of(query) + tokens_of(text))
    top = body.get("top_n")
    most = min(top, len(texts)) if isinstance(top, int) else len(texts)
    return RerankRequest(model, query, texts, most, bool(body.get("return_documents")))


def _document(found: object, place: int) -> str:
    text = found.get("text") if isinstance(found, dict) else found
    if not isinstance(text, str):
        raise invalid_type(f"documents[{place}]", text, str, dict)
    return text
