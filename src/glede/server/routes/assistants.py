"""`/mcp`: the Model Context Protocol, by streamable HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from glede.server.access import Calling

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from glede.server.access import Caller
    from glede.server.assistants import Assistants

router = APIRouter(include_in_schema=False)  # what is asked and answered here is described by the protocol


@router.post("/mcp")
async def assistants(request: Request, caller: Calling) -> Response:
    """A call of an assistant; each is answered by itself, so that there are no others than POST."""
    return _Handed(request.app.state.assistants, caller)


class _Handed(Response):
    """Leaves the answer to the protocol."""

    def __init__(self, door: Assistants, caller: Caller) -> None:
        super().__init__()
        self._door = door
        self._caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        await self._door.answer(self._caller, scope, receive, send)
