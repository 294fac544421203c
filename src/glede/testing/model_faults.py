"""What goes wrong with model endpoints, by name: statuses, broken connections, answers that are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

import numpy as np

from glede.ports import Vectors
from glede.testing.model_replies import DONE, chat_events, chat_reply
from glede.testing.model_wire import (
    Answer,
    Body,
    ChatAnswer,
    ChatRequest,
    Refusal,
    Route,
    check_route,
    event,
    same_route,
    streamed,
)

CONNECTION = ("refused", "hang", "drip", "reset")
"""Played on the connection, by the server itself."""
VECTORS = ("wrong_dimension", "nan", "short_batch")
SCORES = ("nan", "short_batch")
CHAT = ("empty_choices", "no_finish", "empty_answer", "length")
STREAM = ("cut_stream", "endless", "stream_error")
SCHEMA = ("bad_json",)
_HTML = b"<!DOCTYPE html>\n<html><head><title>%b</title></head><body><h1>%b</h1></body></html>\n"
_PROSE = "Sure! Here is the JSON you asked for: {'answer': "
_OTHER = '{"unexpected":true}'


@dataclass(frozen=True, slots=True)
class _Status:
    """A refusal that has nothing to do with the request; `native` is DashScope's own status and code."""

    status: int
    code: str | None
    kind: str
    message: str
    native: tuple[int, str]


_STATUSES: Mapping[str, _Status] = {
    "rate_limit": _Status(
        429,
        "rate_limit_exceeded",
        "requests",
        "Rate limit reached for requests. Please try again later.",
        (429, "Throttling.RateQuota"),
    ),
    "quota": _Status(
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
        (400, "Arrearage"),
    ),
    "server_error": _Status(
        500,
        None,
        "server_error",
        "The server had an error while processing your request.",
        (500, "InternalError"),
    ),
    "unavailable": _Status(
        503,
        "service_unavailable",
        "server_error",
        "The service is temporarily unavailable.",
        (503, "ModelServingError"),
    ),
    "overloaded": _Status(
        529, "overloaded_error", "overloaded_error", "Overloaded", (503, "ModelServingError")
    ),
    "content_filter": _Status(
        400,
        "content_filter",
        "invalid_request_error",
        "The response was filtered due to the prompt triggering the content management policy.",
        (400, "DataInspectionFailed"),
    ),
    "context_length": _Status(
        400,
        "context_length_exceeded",
        "invalid_request_error",
        "This model's maximum context length is 8192 tokens. Please reduce the length of the messages.",
        (400, "InvalidParameter"),
    ),
}
_NATIVE_TEXTS = {
    "quota": "Access denied, please make sure your account is in good standing.",
    "content_filter": "Input or output data may contain inappropriate content.",
    "context_length": "Range of input length should be [1, 1024]",
}
_BODIES: Mapping[str, Answer] = {
    "bad_gateway": Answer(_HTML % (b"502 Bad Gateway", b"502 Bad Gateway"), 502, "text/html"),
    "html": Answer(_HTML % (b"Sign in", b"Please sign in"), 200, "text/html; charset=utf-8"),
    "garbage": Answer(b'\x00\xff\xfe{"choices": [}]]'),
}
NAMES = (
    *("rate_limit", "rate_limit_bare", "quota", "server_error", "bad_gateway", "unavailable", "overloaded"),
    *CONNECTION,
    *("garbage", "html"),
    *VECTORS,
    *CHAT,
    *STREAM,
    *("content_filter", "context_length"),
    *SCHEMA,
)


@dataclass(slots=True)
class _Plan:
    name: str
    times: int | None
    route: str | None
    after: int
    played: int = 0

    @property
    def over(self) -> bool:
        return self.times is not None and self.played >= self.times


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault to play; `number` counts how often its plan has been played, from 1."""

    name: str
    number: int = 1


class FaultPlan:
    """Which requests meet which fault, in the order in which the faults were planned."""

    def __init__(self) -> None:
        self._plans: list[_Plan] = []
        self._lock = Lock()

    def add(self, name: str, times: int | None, route: str | None, after: int) -> None:
        """Plan a fault for the next `times` requests of a route, once `after` of them have passed."""
        if name not in NAMES:
            raise ValueError(f"{name!r} is no fault; there are {', '.join(NAMES)}")
        check_route(route)
        with self._lock:
            self._plans.append(_Plan(name, times, route, after))

    def take(self, path: str) -> Fault | None:
        """The fault that a request to this path meets, if any."""
        chosen: _Plan | None = None
        with self._lock:
            for plan in self._plans:
                if plan.over or not same_route(plan.route, path):
                    continue
                if plan.after > 0:
                    plan.after -= 1
                elif chosen is None:
                    chosen = plan
                    plan.played += 1
        return Fault(chosen.name, chosen.played) if chosen else None

    def clear(self) -> None:
        """Plan nothing any more."""
        with self._lock:
            self._plans.clear()


def fitting(fault: Fault, route: Route | None, body: Body) -> Fault:
    """The fault, or a server error where it makes no sense for such a request."""
    special = {*VECTORS, *CHAT, *STREAM, *SCHEMA}
    return fault if fault.name not in special or fault.name in _own(route, body) else Fault("server_error")


def _own(route: Route | None, body: Body) -> tuple[str, ...]:
    if route in ("embeddings", "multimodal"):
        return VECTORS
    if route == "rerank":
        return SCORES
    if route != "chat":
        return ()
    form = body.get("response_format")
    asks_json = isinstance(form, dict) and form.get("type") in ("json_object", "json_schema")
    return (*CHAT, *(STREAM if body.get("stream") else ()), *(SCHEMA if asks_json else ()))


def instead(fault: Fault, route: Route | None, body: Body, retry_after: float) -> Answer | None:
    """The answer of a fault that is played before the request is looked at; `None` for the others."""
    name = fault.name
    streams = route == "chat" and bool(body.get("stream"))
    if name == "garbage" and streams:
        return streamed([b"data: \x00\xff\xfe{]\n\n"])
    if name in _BODIES:
        return _BODIES[name]
    if name == "content_filter" and streams:
        return None  # the filter stops the stream half-way
    status = _STATUSES.get("rate_limit" if name == "rate_limit_bare" else name)
    if status is None:
        return None
    headers = {"Retry-After": f"{retry_after:g}"} if name == "rate_limit" else {}
    code, number, text = status.code, status.status, status.message
    if route == "multimodal":
        number, code = status.native
        text = _NATIVE_TEXTS.get(name, text)
    return Refusal(text, code, status=number, kind=status.kind, headers=headers).answer(route)


def spoilt_chat(fault: Fault | None, request: ChatRequest, answer: ChatAnswer) -> Answer:
    """The answer of a conversation, with the fault in it."""
    name = fault.name if fault else ""
    half = answer.text[: (len(answer.text) + 1) // 2]
    spoilt = {
        "no_finish": ChatAnswer(answer.text, None),
        "length": ChatAnswer(half, "length"),
        "empty_answer": ChatAnswer("", "stop"),
        "content_filter": ChatAnswer(half, "content_filter"),
        "bad_json": ChatAnswer(_PROSE if fault and fault.number % 2 else _OTHER, "stop"),
    }.get(name, answer)
    if name in STREAM:
        return streamed(_broken_off(name, request, answer))
    return chat_reply(request, spoilt, choices=0 if name == "empty_choices" else 1)


def _broken_off(name: str, request: ChatRequest, answer: ChatAnswer) -> list[bytes]:
    unfinished = chat_events(request, ChatAnswer(answer.text, None))
    pieces = [piece for piece in unfinished if piece != DONE and b'"choices":[]' not in piece]
    if name == "stream_error":
        told = {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}
        return [*pieces[:2], event({"error": told})]
    # Half of the words are there, at least one.
    return pieces[: 2 + (len(pieces) - 2) // 2] if name == "cut_stream" else pieces


def spoilt_rows(fault: Fault | None, rows: Vectors) -> Vectors:
    """Vectors with the fault in them."""
    name = fault.name if fault else ""
    if name == "wrong_dimension":
        return rows[:, :-1]
    if name == "short_batch":
        return rows[:-1]
    if name == "nan":
        rows = rows.copy()
        rows[0, 0] = np.nan
    return rows


def spoilt_scores(fault: Fault | None, scores: list[float]) -> list[float]:
    """Scores with the fault in them."""
    name = fault.name if fault else ""
    if name == "short_batch":
        return scores[:-1]
    return [float("nan"), *scores[1:]] if name == "nan" else scores
