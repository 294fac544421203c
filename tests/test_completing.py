from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from glede import Content, Engine, Settings, failpoints
from glede.completing import completed
from glede.testing.fakes import FakeEmbedder
from tests.promises.agreement import disagreements


async def test_it_gives_what_the_function_gives() -> None:
    assert await completed(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await completed(divmod, 7, 0)


@pytest.mark.parametrize("fails", [False, True])
async def test_a_cancelled_caller_waits_for_the_end(fails: bool) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        time.sleep(0.1)
        ended.set()
        if fails:
            raise ValueError

    task = asyncio.create_task(completed(work))
    while not begun.is_set():
        await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_an_addition_that_is_cancelled_leaves_whole_documents(tmp_path: Path) -> None:
    """Cancelled in the middle of its writes, closed, and opened again in the same process."""
    settings = Settings(home=tmp_path)
    try:
        for place in ("announce.after", "index.upsert", "commit.inside", "commit.after"):
            async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
                failpoints.arm(f"{place}=delay:0.3")
                adding = asyncio.create_task(
                    engine.add(Content(f"The kite of {place} soars.", f"{place}.txt"))
                )
                while not failpoints.reached().get(place):
                    await asyncio.sleep(0.01)
                adding.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await adding
                failpoints.arm("")
            async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
                assert disagreements(engine) == []
                assert [one.source for one in await engine.documents()].count(f"{place}.txt") == 1
    finally:
        failpoints.arm("")
