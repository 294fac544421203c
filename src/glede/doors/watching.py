"""Syncs a folder again and again as files in it change, and tells what happens as it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from glede.adding.runs import Request, failure_of
from glede.doors.syncing import Syncing
from glede.errors import UnavailableError, UsageError
from glede.events import Event, Telling
from glede.results import Report
from glede.sources.watching import LATER, bursts, is_to_be_tried_again

if TYPE_CHECKING:
    from glede.adding.enriching import Wait
    from glede.engine import Engine


class Watching:
    """Watches folders for an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def watch(
        self, folder: Path, request: Request, *, allow_empty: bool, wait: Wait, every: float, settle: float
    ) -> AsyncGenerator[Event | Report, None]:
        """See `Engine.watch`."""
        if not (every > 0 and settle >= 0):
            raise UsageError("`every` and `settle` are seconds")
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is no folder", hint=f"To add a file: glede add {folder}")
        stop, told = asyncio.Event(), ""
        home = self._engine.settings.home
        changes = bursts(folder, home=home, settle=settle, every=every, stop=stop)
        async with aclosing(changes):
            async for _ in changes:
                missed = True
                while missed:
                    try:
                        async with aclosing(self._synced(folder, request, allow_empty, wait)) as happening:
                            async for one in happening:
                                yield one
                        told, missed = "", False
                    except UnavailableError as error:  # it may come back: a drive, a server
                        if error.message != told:
                            yield Report((), stopped=failure_of(error))
                        told, missed = error.message, is_to_be_tried_again(folder)
                        await asyncio.sleep(LATER if missed else 0)

    async def _synced(
        self, folder: Path, request: Request, allow_empty: bool, wait: Wait
    ) -> AsyncGenerator[Event | Report, None]:
        """One sync: its events, and last of all how it ended; closed early it is stopped in order."""
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        syncing = asyncio.create_task(
            Syncing(self._engine).sync(
                folder, request, allow_empty=allow_empty, wait=wait, progress=Telling(events.put_nowait)
            )
        )
        syncing.add_done_callback(lambda _: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            yield await syncing
        finally:
            syncing.cancel()
            await asyncio.gather(syncing, return_exceptions=True)
