"""An engine that is held while there is something to do, so that other commands find the folder free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from glede.engine import Engine
from glede.errors import LockedError

IDLE_SECONDS = 30.0
"""So long an engine stays open after its last use: opening takes a second or two."""
PATIENCE_SECONDS = 20.0
"""So long another process may hold the folder before a call gives up."""

Opener = Callable[[], AbstractAsyncContextManager[Engine]]


class Held:
    """Opens an engine for the first call, keeps it for those that follow, and closes it when none do."""

    def __init__(
        self,
        opener: Opener,
        *,
        idle_seconds: float = IDLE_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._opener = opener
        self._idle_seconds = idle_seconds
        self._patience_seconds = patience_seconds
        self._users = 0
        self._used = asyncio.Event()
        self._opening = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._engine: asyncio.Future[Engine]

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[Engine]:
        """The open engine; raises `LockedError` where another process keeps the folder for itself."""
        self._users += 1
        try:
            yield await self._opened()
        finally:
            self._users -= 1
            self._used.set()

    async def close(self) -> None:
        """Close what is open."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)

    async def _opened(self) -> Engine:
        async with self._opening:
            if self._keeper is None or self._keeper.done():
                self._engine = asyncio.get_running_loop().create_future()
                self._keeper = asyncio.create_task(self._keep(self._engine))
            keeper, engine = self._keeper, self._engine
            either: set[asyncio.Future[None] | asyncio.Future[Engine]] = {keeper, engine}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not engine.done():
                await keeper  # raises what stood in the way
            return engine.result()

    async def _keep(self, opened: asyncio.Future[Engine]) -> None:
        """Open, tell, and close when nobody has asked for a while: one task, as contexts demand."""
        async with AsyncExitStack() as stack:
            opened.set_result(await self._entered(stack))
            await self._idle()

    async def _idle(self) -> None:
        while True:
            self._used.clear()
            try:
                await asyncio.wait_for(self._used.wait(), self._idle_seconds)
            except TimeoutError:
                if self._users == 0:
                    async with self._opening:  # a call that comes now waits, and opens anew
                        if self._users == 0:
                            self._keeper = None
                            return

    async def _entered(self, stack: AsyncExitStack) -> Engine:
        """Wait while another command uses the folder: most take seconds."""
        until = asyncio.get_running_loop().time() + self._patience_seconds
        while True:
            try:
                return await stack.enter_async_context(self._opener())
            except LockedError:
                if asyncio.get_running_loop().time() > until:
                    raise
            await asyncio.sleep(0.3)
