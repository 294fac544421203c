"""Writes of many workers in few transactions: what comes while one is written is written with the next.

A durable transaction waits for the disk, for 5 ms or more. Of sixteen workers that end at about the same time
each would wait for the fifteen others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from glede.completing import completed
from glede.errors import GledeError

One = TypeVar("One")


class GroupCommit(Generic[One]):
    """`write` is durable when it returns; one waits for the writing that is under way, and its own."""

    def __init__(self, write: Callable[[Sequence[One]], None]) -> None:
        self._write = write
        self._turn = asyncio.Lock()
        self._waiting: dict[asyncio.Future[None], One] = {}

    async def write(self, one: One) -> None:
        """Write it with what else is waiting; raises what is wrong with this one, and not with another."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[written] = one
        try:
            async with self._turn:
                if not written.done():
                    await self._all()
        finally:
            self._waiting.pop(written, None)
        written.result()

    async def _all(self) -> None:
        """All that is waiting at once; where that fails, each by itself."""
        taken = dict(self._waiting)
        try:
            await completed(self._write, list(taken.values()))
        except GledeError as error:
            if len(taken) == 1:
                self._end(next(iter(taken)), error)
                return
            for written, one in taken.items():
                await self._alone(written, one)
        else:
            for written in taken:
                self._end(written)

    async def _alone(self, written: asyncio.Future[None], one: One) -> None:
        try:
            await completed(self._write, [one])
        except GledeError as error:
            self._end(written, error)
        else:
            self._end(written)

    def _end(self, written: asyncio.Future[None], error: GledeError | None = None) -> None:
        """Tell who waits for it; one that was cancelled meanwhile waits no more."""
        if self._waiting.pop(written, None) is None:
            return
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)
