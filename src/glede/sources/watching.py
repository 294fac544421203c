"""Tells when files of a folder have changed and settled, and now and then even if nobody told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

from glede.sources.items import SKIPPED

SETTLE = 0.5
"""Seconds without a change after which a burst of them is over."""
LONGEST = 10.0
"""Seconds after which changes are told even if there is no end to them."""
EVERY = 300.0
"""Seconds after which the folder is looked at in any case."""
AGAIN = 1.0
"""Seconds until a folder that is not there is looked for again."""
LATER = 5.0
"""Seconds until a sync that something stood in the way of is tried again."""


def is_to_be_tried_again(folder: Path) -> bool:
    """Whether a sync that something stood in the way of is worth another try, though nothing has changed.

    Of a folder that is away or empty `bursts` tells when there is something in it.
    """
    try:
        return next(folder.iterdir(), None) is not None
    except OSError:
        return False


async def bursts(
    folder: Path, *, home: Path, settle: float = SETTLE, every: float = EVERY, stop: asyncio.Event
) -> AsyncGenerator[None, None]:
    """Once at the beginning, after each burst of changes, and every so many seconds; until `stop` is set.

    What happens in the data folder `home`, or in files that are no documents, is no change.
    """
    from watchfiles import Change, awatch  # a native library

    root, kept = folder.resolve(), home.resolve()

    def counts(_: Change, name: str) -> bool:
        path = Path(name)
        if path.is_relative_to(kept):
            return False
        parts = path.relative_to(root).parts if path.is_relative_to(root) else ()
        return not any(part.startswith(".") or part in SKIPPED for part in parts)

    gone = False
    while not stop.is_set():
        if not root.is_dir():
            if not gone:
                yield None  # so that it is told
            gone = True
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), AGAIN)
            continue
        gone = False
        changes = awatch(
            root,
            watch_filter=counts,
            debounce=int(LONGEST * 1000),
            step=max(1, int(settle * 1000)),
            stop_event=stop,
            rust_timeout=max(1, int(every * 1000)),
            yield_on_timeout=True,
        )
        # It watches before the first look, so that nothing is missed that changes during that or after it.
        coming = asyncio.ensure_future(anext(changes, None))
        await asyncio.sleep(0)
        try:
            yield None
            while await coming is not None:
                yield None
                if not root.is_dir():
                    break
                coming = asyncio.ensure_future(anext(changes, None))
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
            await changes.aclose()
