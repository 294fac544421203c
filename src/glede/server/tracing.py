"""Calls as spans: below that of who calls, where one is named, and above all that the call takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.propagate import extract
from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.datastructures import Headers

from glede.telemetry.spans import ERROR, Spans, ended, entered

if TYPE_CHECKING:
    from opentelemetry.trace import Span
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class TracedCalls:
    """Names each call by its route's pattern; what was asked, and by which key, it does not tell."""

    def __init__(self, application: ASGIApp, spans: Spans) -> None:
        self._application = application
        self._spans = spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        method = scope["method"]
        asked = {"http.request.method": method, "url.scheme": scope["scheme"]}
        within = extract(dict(Headers(scope=scope).items()))

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tell(span, message["status"])
            await send(message)

        with ended(self._spans.begin(method, asked, SpanKind.SERVER, within)) as span, entered(span):
            try:
                await self._application(scope, receive, sent)
            finally:
                if route := getattr(scope.get("route"), "path", ""):
                    span.update_name(f"{method} {route}")
                    span.set_attribute("http.route", route)
                span.set_attribute("glede.request_id", scope.get("glede.request_id", ""))


def _tell(span: Span, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_attribute(ERROR, str(status))
        span.set_status(Status(StatusCode.ERROR))
