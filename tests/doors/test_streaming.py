"""Documents that come one after another, and folders that change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.doors.streaming import AT_ONCE, batches
from glede.results import Added
from glede.sources.watching import bursts
from glede.testing.fakes import FakeEmbedder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "data", extractor="none")


async def test_each_is_acknowledged_before_the_next_is_there(settings: Settings) -> None:
    acknowledged: asyncio.Queue[Added] = asyncio.Queue()

    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:

        async def contents() -> AsyncIterator[Content]:
            for number in range(3):
                yield Content(f"Kite number {number}.", f"{number}", {"number": number})
                one = await asyncio.wait_for(acknowledged.get(), 20)
                assert (one.source, one.status) == (f"{number}", "searchable")
                assert (await engine.document(f"{number}")).metadata == {"number": number, "by": "me"}
            yield Content("Kite number 0.", "0", {"number": 0})
            yield Content("", "empty")

        report = await engine.add_stream(contents(), acknowledged.put_nowait, metadata={"by": "me"})
        last = [acknowledged.get_nowait() for _ in range(2)]
        assert {one.source: one.status for one in last} == {"0": "unchanged", "empty": "failed"}
        (job,) = await engine.jobs.latest()
        assert (job.id, job.asked.kind, job.state) == (report.job, "stream", "failed")
        assert (job.counts.searchable, job.counts.unchanged, job.counts.failed) == (3, 1, 1)
        assert not job.resumable


async def test_a_source_that_comes_again_takes_the_place_of_the_first() -> None:
    async def contents() -> AsyncIterator[Content]:
        for name in ("a", "b", "a", "a", "c"):
            yield Content(name, name)

    found = [[one.source for one in batch] async for batch in batches(contents())]
    assert [one for batch in found for one in batch] == ["a", "b", "a", "a", "c"]
    assert all(len(set(batch)) == len(batch) for batch in found)


async def test_what_waits_is_added_together() -> None:
    async def contents() -> AsyncIterator[Content]:
        for number in range(AT_ONCE * 3):
            yield Content("text", f"{number}")

    sizes = []
    async for batch in batches(contents()):
        sizes.append(len(batch))
        await asyncio.sleep(0.01)
    assert sum(sizes) == AT_ONCE * 3
    assert max(sizes) > 1
    assert max(sizes) <= AT_ONCE


async def test_a_stream_that_breaks_raises_its_error() -> None:
    async def contents() -> AsyncIterator[Content]:
        yield Content("text", "one")
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        assert [batch async for batch in batches(contents())]


async def test_changes_are_told_once_they_have_settled(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    home = folder / "data"
    home.mkdir()
    stop = asyncio.Event()
    changes = bursts(folder, home=home, settle=0.1, every=60, stop=stop)
    await anext(changes)
    told = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0.5)
    (home / "index.db").write_text("The engine writes its own files.")
    (folder / ".hidden").write_text("It is no document.")
    await asyncio.sleep(0.5)
    assert not told.done()
    for number in range(50):
        (folder / f"{number}.txt").write_text("A burst of files.")
    await asyncio.wait_for(told, 20)
    assert len(list(folder.glob("*.txt"))) == 50
    stop.set()
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(changes), 20)


async def test_a_folder_is_looked_at_now_and_then_and_when_it_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    stop = asyncio.Event()
    changes = bursts(folder, home=tmp_path / "data", settle=0.05, every=0.3, stop=stop)
    await anext(changes)
    coming = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0.2)
    assert not coming.done()
    folder.mkdir()
    await asyncio.wait_for(coming, 20)
    await asyncio.wait_for(anext(changes), 20)  # nothing has changed
    stop.set()
