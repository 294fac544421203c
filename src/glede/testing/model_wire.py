"""What goes over the wire between a client and `ModelServer`: questions, answers and refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, NamedTuple

Body = Mapping[str, object]
Route = Literal["chat", "embeddings", "models", "rerank", "multimodal"]
NATIVE = "/services/embeddings/multimodal-embedding/multimodal-embedding"
PICTURE_TOKENS = 85
"""What a picture costs, whatever its size."""

_PREFIXES = ("/compatible-mode/v1", "/api/v1", "/v1", "")
_SUFFIXES: Mapping[str, tuple[str, Route]] = {
    "/chat/completions": ("POST", "chat"),
    "/embeddings": ("POST", "embeddings"),
    "/models": ("GET", "models"),
    "/rerank": ("POST", "rerank"),
    NATIVE: ("POST", "multimodal"),
}
_numbers = count(1)


class Turn(NamedTuple):
    """One message as the model sees it: who, what, how many pictures, and their bytes."""

    role: str
    text: str
    pictures: int
    data: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a chat model is asked; `schema` is the JSON schema to follow, `{}` for any JSON document."""

    model: str
    messages: tuple[Turn, ...]
    schema: Body | None = None
    stream: bool = False
    usage: bool = False

    @property
    def text(self) -> str:
        """All that was written, message after message."""
        return "\n\n".join(turn.text for turn in self.messages)

    @property
    def tokens(self) -> int:
        """What the messages cost."""
        return sum(tokens_of(turn.text) + PICTURE_TOKENS * turn.pictures for turn in self.messages)


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """What a chat model says; `finish` is `None` where it broke off."""

    text: str
    finish: str | None = "stop"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer; with `stream` its body goes out event by event."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: tuple[bytes, ...] = ()


class Refusal(Exception):  # noqa: N818 - it is what the service says, not an error of ours
    """The service refuses the request, in the words of its API."""

    def __init__(
        self,
        message: str,
        code: str | None,
        *,
        status: int = 400,
        param: str | None = None,
        kind: str = "invalid_request_error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.param = param
        self.kind = kind
        self.headers = dict(headers or {})

    def answer(self, route: Route | None) -> Answer:
        """As DashScope says it, or as OpenAI does."""
        if route == "multimodal":
            body: Body = {"code": self.code, "message": self.message, "request_id": new_id("")}
        else:
            told = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
            body = {"error": told}
        return Answer(to_json(body), self.status, headers=self.headers)


def route_of(method: str, path: str) -> Route | None:
    """Which call an address is; `None` for none."""
    for prefix in _PREFIXES:
        if path.startswith(prefix):
            wanted, route = _SUFFIXES.get(path[len(prefix) :], ("", "chat"))
            if wanted == method:
                return route
    return None


def same_route(asked: str | None, path: str) -> bool:
    """Whether `asked` means this path: `None`, a short name ("chat"), a path, or the end of one."""
    if asked is None:
        return True
    for suffix, (_, name) in _SUFFIXES.items():
        if asked == name:
            return path.endswith(suffix) and (suffix != "/embeddings" or not path.endswith(NATIVE))
    return path.endswith("/" + asked.strip("/"))


def check_route(asked: str | None) -> None:
    """Raise `ValueError` for what can mean no path of ours, since it would never match."""
    known = [prefix + suffix for prefix in _PREFIXES for suffix in _SUFFIXES]
    if not any(same_route(asked, path) for path in known):
        raise ValueError(f"{asked!r} is no route of the model server")


def streamed(events: Sequence[bytes]) -> Answer:
    """An answer that goes out event by event."""
    return Answer(b"".join(events), content_type="text/event-stream; charset=utf-8", stream=tuple(events))


def tokens_of(text: str) -> int:
    """How many tokens we say that a text has."""
    return len(text) // 4 + 1


def new_id(prefix: str) -> str:
    """A new identifier; all have one length, so that answers to one request do too."""
    return f"{prefix}{next(_numbers):012d}"


def to_json(body: object) -> bytes:
    """JSON in as few bytes as may be; NaN goes out as the services' own bugs do."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def event(body: object) -> bytes:
    """One server-sent event."""
    return b"data: " + to_json(body) + b"\n\n"


def instance_of(schema: Body, root: Body | None = None) -> object:
    """The smallest JSON that follows a schema: what a model says that has nothing to say."""
    root = root or schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return instance_of(_resolved(reference, root), root)
    for name in ("enum", "anyOf", "oneOf", "allOf"):
        options = schema.get(name)
        if isinstance(options, list) and options:
            return options[0] if name == "enum" else instance_of(options[0], root)
    return schema["const"] if "const" in schema else _of_type(schema, root)


def _of_type(schema: Body, root: Body) -> object:
    found = schema.get("type", "object")
    kind = found[0] if isinstance(found, list) else found
    if kind == "object":
        return dict(_properties(schema, root))
    if kind == "array":
        return _items(schema, root)
    simple: Mapping[object, object] = {"string": "ok", "integer": 0, "number": 0.0, "boolean": False}
    return schema.get("minimum", simple.get(kind)) if kind in ("integer", "number") else simple.get(kind)


def _properties(schema: Body, root: Body) -> Iterator[tuple[str, object]]:
    properties = schema.get("properties")
    if isinstance(properties, dict):
        for name, inner in properties.items():
            yield name, instance_of(inner, root)


def _items(schema: Body, root: Body) -> list[object]:
    inner, least = schema.get("items"), schema.get("minItems", 0)
    return [instance_of(inner, root)] * least if isinstance(inner, dict) and isinstance(least, int) else []


def _resolved(reference: str, root: Body) -> Body:
    found: object = root
    for name in reference.removeprefix("#").strip("/").split("/"):
        if name and isinstance(found, dict):
            found = found[name]
    return found if isinstance(found, dict) else {}
