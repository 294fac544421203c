"""The engine that a command works with: the data folder's own, or that of the server which holds it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from glede.allowances import allowance
from glede.errors import LockedError

if TYPE_CHECKING:
    from glede.engine import Engine
    from glede.server.client import Remote
    from glede.settings import Settings


@asynccontextmanager
async def opened(settings: Settings, *, own: str = "") -> AsyncIterator[Engine | Remote]:
    """Open the folder, or be let in by its server; raises `LockedError` where another process holds it.

    `own` names an option that sets what a server sets for itself.
    """
    from glede.engine import Engine

    async with AsyncExitStack() as stack:
        engine: Engine | Remote
        try:
            engine = await stack.enter_async_context(Engine.open(settings))
        except LockedError:
            from glede.server.client import Remote  # only where there may be a server
            from glede.server.presence import presence

            found = presence(settings.home)
            if found is None:
                raise
            engine = await stack.enter_async_context(Remote.open(found, settings.collection))
            asked = own or ("--budget or --max-calls" if allowance.get() else "")
            if asked:
                raise engine.refused(asked) from None
        yield engine
