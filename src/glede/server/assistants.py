"""The door for assistants at a server: the tools of `glede.mcp`, behind the keys and limits of the rest.

Nothing of the protocol is loaded before the first assistant comes. No session is kept: each call shows its
key again, and what was revoked opens nothing from the next call on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glede.errors import ModelTimeoutError
from glede.mcp import missing
from glede.server.keys import EVERYWHERE, LEVELS
from glede.server.refusals import ForbiddenError, UnauthenticatedError

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from starlette.types import Receive, Scope, Send

    from glede.mcp.gates import Inside, Purpose
    from glede.server.access import Caller
    from glede.server.service import Service

_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)
"""Who calls the tool that runs; the tasks of a call inherit it."""


@dataclass(frozen=True, slots=True)
class CallerGate:
    """Lets the caller use what their key allows; without one nobody passes."""

    service: Service

    @asynccontextmanager
    async def entered(self, collection: str | None, purpose: Purpose) -> AsyncIterator[Inside]:
        """One call of a tool: it counts among the answers under way, and has as long as they."""
        caller = _known()
        name = collection or own_collection(caller, self.service.engine.settings.collection)
        caller.check(purpose, name)
        if purpose == "read":
            await self.service.check_known(name)
        seconds = self.service.engine.settings.server_answer_seconds
        with self.service.admission.admitted(caller.key):
            try:
                async with asyncio.timeout(seconds):
                    yield self.service.engine, name
            except TimeoutError as error:
                raise ModelTimeoutError(f"the tool took more than {seconds:g} s") from error

    def source(self, named: str) -> str:
        """An address, which takes `admin:*`; files lie on the server's machine, and are nobody's to name."""
        if "://" not in named or not _known().may("admin", EVERYWHERE):
            raise ForbiddenError(
                "a server adds `text`, and addresses with the scope admin:* only",
                hint="Give the text itself, or upload the file to the server.",
            )
        return named


def own_collection(caller: Caller, otherwise: str) -> str:
    """What is meant where none is named: the one collection of the key, else that of the settings."""
    named = {scope.collection for scope in caller.scopes}
    return named.pop() if len(named) == 1 and EVERYWHERE not in named else otherwise


def _known() -> Caller:
    caller = _caller.get()
    if caller is None:
        raise UnauthenticatedError("nobody knows who calls this tool")
    return caller


class Assistants:
    """Answers the calls of assistants; `close` ends what the first of them has begun."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._opening = asyncio.Lock()
        self._doors: dict[bool, StreamableHTTPSessionManager] = {}
        self._closing = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def answer(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        """One call; tools that write are offered to those who may write anywhere."""
        writes = any(LEVELS.index(one.level) >= LEVELS.index("write") for one in caller.scopes)
        doors = await self._opened()
        token = _caller.set(caller)
        try:
            await doors[writes].handle_request(scope, receive, send)
        finally:
            _caller.reset(token)

    async def close(self) -> None:
        """End all that is under way."""
        self._closing.set()
        if self._keeper is not None:
            await asyncio.gather(self._keeper, return_exceptions=True)

    async def _opened(self) -> dict[bool, StreamableHTTPSessionManager]:
        async with self._opening:
            if self._keeper is None:
                doors = await asyncio.to_thread(self._made)
                ready = asyncio.Event()
                self._keeper = asyncio.create_task(self._keep(doors, ready))
                await ready.wait()
                self._doors = doors
            return self._doors

    async def _keep(self, doors: dict[bool, StreamableHTTPSessionManager], ready: asyncio.Event) -> None:
        """Hold both doors open until the server ends: one task, as their contexts demand."""
        async with doors[False].run(), doors[True].run():
            ready.set()
            await self._closing.wait()

    def _made(self) -> dict[bool, StreamableHTTPSessionManager]:
        """A door for those who read, and one for those who write as well."""
        try:
            from mcp.server.transport_security import TransportSecuritySettings

            from glede.mcp.tools import gated
        except ModuleNotFoundError as error:
            raise missing() from error
        gate = CallerGate(self._service)
        ours = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # the guard has looked
        doors = {}
        for writes in (False, True):
            tools = gated(gate, writes=writes)
            tools.streamable_http_app(json_response=True, stateless_http=True, transport_security=ours)
            doors[writes] = tools.session_manager
        return doors
