"""What every call passes before anything reads it: its Host, its Origin, its size; and what it leaves with.

A page of any site may send requests to 127.0.0.1, and a name may be pointed at it (DNS rebinding). So the
Host must be one that we are known by, and an Origin, where a browser sends one, our own or one allowed.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from glede.server.logs import Call, request_id
from glede.server.problems import response_of
from glede.server.refusals import CallError, TooLargeError, WrongHostError, WrongOriginError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from glede.server.metrics import Metrics

log = logging.getLogger("glede.server.calls")
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Nothing that we answer is a page: a browser that shows it runs nothing of it."""
_UPLOAD = re.compile(r"/v1/collections/[^/]+/documents/?")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Guard:
    """Which hosts and origins are ours, and how large bodies may be.

    `loopback`: only this machine is served, so that a Host must name it or be listed. Else any address will
    do, since no name can be pointed at what is none.
    """

    hosts: Collection[str]
    origins: Collection[str]
    loopback: bool
    most_body: int
    most_upload: int

    def check(self, scope: Scope) -> None:
        """Raises a `CallError`."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._ours(host):
            raise WrongHostError(f"this server is not called {host[:100]!r}")
        origin = headers.get("origin")
        if origin is not None and origin not in self.origins and not _same(origin, host):
            raise WrongOriginError(f"pages of {origin[:100]!r} may not call this server")
        if origin is None and headers.get("sec-fetch-site") == "cross-site" and not _is_visit(scope, headers):
            raise WrongOriginError("pages of other sites may not call this server")
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self.most(scope):
            raise TooLargeError(f"the body is larger than {self.most(scope) // 2**20} MiB")

    def most(self, scope: Scope) -> int:
        """The largest body of a call, in bytes."""
        upload = scope["method"] == "POST" and _UPLOAD.fullmatch(scope["path"])
        return self.most_upload if upload else self.most_body

    def _ours(self, host: str) -> bool:
        name = _name(host)
        if name == "localhost" or name in self.hosts:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self.loopback


def _name(host: str) -> str:
    """The name without the port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_visit(scope: Scope, headers: Headers) -> bool:
    """Whether somebody follows a link to us: the page that it stands on sees nothing of what we answer."""
    return scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"


def _same(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower() and origin.startswith(("http://", "https://"))
    except ValueError:
        return False


class Guarding:
    """Checks calls before the application sees them, counts them, and names each by an id."""

    def __init__(self, application: ASGIApp, guard: Guard, metrics: Metrics) -> None:
        self._application = application
        self._guard = guard
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        identity = given if _ID.fullmatch(given) else secrets.token_hex(8)
        scope["glede.request_id"] = identity
        token = request_id.set(identity)
        began, status = time.perf_counter(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = identity
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._guard.check(scope)
            await self._application(scope, _counted(receive, self._guard.most(scope)), sent)
        except (CallError, HTTPException) as error:
            refused = error if isinstance(error, CallError) else TooLargeError("the body is too large")
            scope["glede.code"] = refused.code
            await response_of(refused, scope["path"], identity)(scope, receive, sent)
        finally:
            seconds = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.ended(scope["method"], route, status, seconds)
            who, code = scope.get("glede.caller", ""), scope.get("glede.code", "")
            call = Call(scope["method"], route, status, seconds * 1000, who, code)
            log.info("%s", call, extra={"call": call})
            request_id.reset(token)


def _counted(receive: Receive, most: int) -> Receive:
    """Bodies that do not say how long they are end at the limit as well."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise HTTPException(413)
        return message

    return counted
