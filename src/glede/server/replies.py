"""How routes answer: JSON as `glede.shapes` writes it, and server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager as ContextManager
from contextlib import ExitStack, nullcontext
from typing import TYPE_CHECKING

import orjson
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from glede.shapes.results import Json


def replied(value: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A value as JSON."""
    return Response(orjson.dumps(value), status, headers, "application/json")


def told(name: str, value: Json, number: int | None = None) -> ServerSentEvent:
    """One server-sent event, its data one line of JSON."""
    identity = None if number is None else str(number)
    return ServerSentEvent(orjson.dumps(value).decode(), event=name, id=identity)


class Admitted(EventSourceResponse):
    """Events, for as long as the call is admitted; also where nobody has waited for the first of them."""

    admitted: ExitStack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        with self.admitted:
            await super().__call__(scope, receive, send)


def streamed(
    events: AsyncGenerator[ServerSentEvent, None], admitted: ContextManager[None] | None = None
) -> Response:
    """Events as they come; raises what stands in the way of admission before the first byte."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    entered = ExitStack()
    entered.enter_context(admitted or nullcontext())
    response = Admitted(events, headers=headers, ping=15)
    response.admitted = entered
    return response
