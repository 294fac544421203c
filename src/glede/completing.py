"""Blocking work that is completed once it has begun, and waiting for what does not block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def completed(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run it beside the event loop; a caller that is cancelled meanwhile goes on only when it has ended.

    A thread cannot be cancelled: without the wait it would still be writing to the stores while those are
    closed and their folder is given to another process.
    """
    running = asyncio.ensure_future(asyncio.to_thread(function, *arguments, **named))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # seen, since the cancellation is what the caller is told
        raise


class Run(Protocol):
    """Runs a coroutine to its end."""

    def __call__(self, work: Coroutine[object, object, T], /) -> T:
        """What it returns."""
        ...
