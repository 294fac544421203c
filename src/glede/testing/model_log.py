"""What a `ModelServer` was asked, and when: to count calls, and how many of them were under way at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from time import monotonic
from typing import Any

from glede.testing.model_wire import same_route


@dataclass(slots=True)
class Call:
    """One request, from its last byte (`began`) to the last byte of its answer (`ended`).

    Times are of `time.monotonic`. While the call is under way `status` is 0 and `ended` infinite; `status`
    stays 0 where the client did not get all of an answer. `connection` numbers the connections from 1,
    `texts` counts inputs, contents, documents or messages.
    """

    route: str
    model: str
    body: dict[str, Any]  # JSON as the client sent it, for tests to look into
    headers: Mapping[str, str]
    connection: int
    texts: int
    began: float
    ended: float = math.inf
    status: int = 0

    def finish(self, status: int = 0) -> None:
        """Note the end, once."""
        if self.ended == math.inf:
            self.status = status
            self.ended = monotonic()


def texts_in(body: Mapping[str, object]) -> int:
    """How many inputs a request has."""
    given = body.get("input")
    inner = given.get("contents") if isinstance(given, dict) else given
    for found in (inner, body.get("documents"), body.get("messages")):
        if isinstance(found, list):
            return len(found)
    return int(isinstance(given, str))


class CallLog:
    """Calls in the order of their arrival; any thread may ask."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = Lock()

    def begin(self, route: str, headers: Mapping[str, str], body: dict[str, Any], connection: int) -> Call:
        """Note a request that has come."""
        model = str(body.get("model", ""))
        call = Call(route, model, body, headers, connection, texts_in(body), monotonic())
        with self._lock:
            self._calls.append(call)
        return call

    def calls(self, route: str | None = None) -> list[Call]:
        """Those of a route so far, as copies."""
        with self._lock:
            return [replace(call) for call in self._calls if same_route(route, call.route)]

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._calls.clear()


def mean_in_flight(calls: Iterable[Call]) -> float:
    """How many calls were under way, as a mean over the time from the first to the end of the last."""
    spans = [(call.began, min(call.ended, monotonic())) for call in calls]
    if not spans:
        return 0.0
    whole = max(ended for _, ended in spans) - min(began for began, _ in spans)
    return sum(ended - began for began, ended in spans) / whole if whole > 0 else float(len(spans))


def most_in_flight(calls: Iterable[Call]) -> int:
    """The most calls that were under way at one moment."""
    changes = sorted(change for call in calls for change in ((call.began, 1), (call.ended, -1)))
    most = now = 0
    for _, step in changes:
        now += step
        most = max(most, now)
    return most
