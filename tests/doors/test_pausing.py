"""Pausing jobs, here and from another process; and completing documents as a job."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from glede import Content, Engine, Settings, blocking
from glede.adding import tracking
from glede.doors.library import Library
from glede.errors import UsageError
from glede.ports import Vectors
from glede.results import Added
from glede.testing.fakes import FakeEmbedder

FILES = 60


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "data", extractor="none")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:03}.txt").write_text(f"Bird number {number} is a kite.")
    return folder


class At:
    """Does something when so many items are being parsed, and notes all of those."""

    def __init__(self, count: int, act: Callable[[], object]) -> None:
        self.parsed: list[str] = []
        self._count, self._act = count, act

    def start(self, total: int) -> None: ...

    def stage(self, name: str, source: str) -> None:
        if name == "parse":
            self.parsed.append(source)
            if len(self.parsed) == self._count:
                self._act()

    def done(self, item: Added) -> None: ...


async def test_a_paused_job_ends_what_it_is_at_and_waits(settings: Settings, folder: Path) -> None:
    embedder = FakeEmbedder()
    async with Engine.open(settings, embedder=embedder) as engine:
        asking: list[asyncio.Task[object]] = []

        def pause() -> None:
            (job,) = engine.lines.tracking.running
            engine.lines.tracking.pause(job.id)
            asking.append(asyncio.create_task(engine.jobs.pause(job.id)))

        progress = At(20, pause)
        report = await engine.add(folder, progress=progress)
        await asyncio.gather(*asking)
        assert report.stopped is not None and report.stopped.code == "paused"
        assert 20 <= len(progress.parsed) <= 20 + engine.lines.ingest.calls
        assert {one.status for one in report.documents} == {"searchable"}
        assert {one.source for one in report.documents} == set(progress.parsed)
        job = await engine.jobs.show(report.job or 0)
        assert (job.state, job.resumable, job.counts.searchable) == ("paused", True, len(progress.parsed))
        assert await engine.jobs.items() == []
    async with Engine.open(settings, embedder=embedder) as engine:
        assert (await engine.jobs.show(job.id)).state == "paused"
        assert (await engine.jobs.retry_failed()).documents == ()
        assert (await engine.jobs.pause(job.id)).state == "paused"
        assert len(await engine.documents()) == len(progress.parsed)
        resumed = await engine.jobs.resume(job.id)
        assert resumed.usage.embedded_texts == FILES - len(progress.parsed)
        assert (await engine.jobs.show(job.id)).state == "done"
        with pytest.raises(UsageError, match="has ended"):
            await engine.jobs.pause(job.id)


class Held(FakeEmbedder):
    """An embedder that waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.reached.set()
        await self.go.wait()
        return await super().embed(texts)


@pytest.mark.parametrize(
    ("wish", "between", "after"), [("pause", "pausing", "paused"), ("stop", "cancelling", "cancelled")]
)
async def test_another_process_stops_a_job(
    settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch, wish: str, between: str, after: str
) -> None:
    monkeypatch.setattr(tracking, "ATTEND", 0.05)
    for number in range(FILES, 400):
        (folder / f"{number:03}.txt").write_text(f"Bird number {number} is a kite.")
    embedder = Held()
    async with Engine.open(settings, embedder=embedder) as engine:
        adding = asyncio.create_task(engine.add(folder))
        await embedder.reached.wait()
        with Library.look(settings) as library:  # with a connection of its own, and without the lock
            (job,) = await library.jobs.latest()
            assert (await getattr(library.jobs, wish)(job.id)).state == between
        await asyncio.sleep(0.5)
        embedder.go.set()
        report = await adding
        assert report.stopped is not None and report.stopped.code == after
        assert len(await engine.documents()) < 400
        assert (await engine.jobs.show(job.id)).state == after
        if after == "paused":
            assert {one.status for one in report.documents} == {"searchable"}
        assert (await engine.jobs.resume(job.id)).failed == ()
        assert len(await engine.documents()) == 400


async def test_one_that_was_asked_to_pause_and_was_killed_is_paused(settings: Settings, folder: Path) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        job = (await engine.add(folder / "000.txt")).job or 0
        engine.lines.tracking.keeping.go_on(job, 1.0)
        assert engine.lines.tracking.keeping.mark(job, "pausing", ("running",))
    with Library.look(settings) as library:
        assert (await library.jobs.show(job)).state == "paused"
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        assert (await engine.jobs.show(job)).state == "paused"
        with pytest.raises(UsageError, match="does not run"):
            await engine.jobs.stop(job)


async def test_what_was_interrupted_can_be_paused(settings: Settings, folder: Path) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        job = (await engine.add(folder / "000.txt")).job or 0
        engine.lines.tracking.keeping.go_on(job, 1.0)
    with Library.look(settings) as library:
        assert (await library.jobs.pause(job)).state == "paused"
    with blocking.Engine(settings) as engine:
        assert engine.jobs.retry_failed().documents == ()
        assert engine.jobs.show(job).state == "paused"


async def test_a_retry_is_a_job(settings: Settings) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.add(Content("The kite is red.", "kite.txt"))
        report = await engine.retry("kite.txt")
        job = await engine.jobs.show(report.job or 0)
        assert (job.asked.kind, job.asked.things, job.state) == ("retry", ("kite.txt",), "done")
