"""Jobs: what each `add` was asked, what has failed of it, and taking it up again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from glede import Content, Engine, Settings, blocking
from glede.adding import batches
from glede.doors.jobs import joined
from glede.doors.library import Library
from glede.errors import NotFoundError, UsageError
from glede.results import Added
from glede.testing.fakes import FakeEmbedder

BROKEN = b"%PDF-1.7\nnothing of a PDF follows"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "data", extractor="none")


def folder_of(path: Path, count: int) -> Path:
    folder = path / "docs"
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.txt").write_text(f"Bird number {number} is a kite of {number} colours.")
    return folder


async def test_an_add_is_a_job(tmp_path: Path, settings: Settings) -> None:
    folder = folder_of(tmp_path, 3)
    (folder / "broken.pdf").write_bytes(BROKEN)
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        report = await engine.add(folder, metadata={"year": 2026})
        (job,) = await engine.jobs.latest()
        assert (job.id, job.state, job.asked.things) == (report.job, "failed", (str(folder),))
        assert job.asked.metadata == {"year": 2026}
        assert (job.counts.total, job.counts.searchable, job.counts.failed) == (4, 3, 1)
        assert job.ended is not None and job.ended >= job.started
        (item,) = await engine.jobs.items(job.id)
        assert (item.source, item.state, item.tries) == (str(folder / "broken.pdf"), "failed", 1)
        assert item.error.code == "malformed"
        (folder / "broken.pdf").write_text("It is a text now.")
        again = await engine.jobs.retry_failed()
        assert [one.status for one in again.documents] == ["searchable"]
        assert (await engine.document("broken.pdf")).metadata == {"year": 2026}
        assert await engine.jobs.items() == []
        assert (await engine.jobs.latest())[0].state == "done"


async def test_a_dry_run_is_no_job(tmp_path: Path, settings: Settings) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        assert (await engine.add(folder_of(tmp_path, 1), dry_run=True)).job is None
        assert await engine.jobs.latest() == []
        with pytest.raises(NotFoundError):
            await engine.jobs.show(1)


async def test_poison_is_set_aside_until_it_is_named_or_changed(tmp_path: Path, settings: Settings) -> None:
    folder = folder_of(tmp_path, 2)
    poison = folder / "poison.pdf"
    poison.write_bytes(BROKEN)
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        for tries in (1, 2, 3):
            await engine.add(folder)
            (item,) = await engine.jobs.items()
            assert item.tries == tries
        assert item.state == "set_aside"

        parsed: list[str] = []
        progress = Stages(parsed)
        report = await engine.add(folder, progress=progress)
        (failed,) = report.failed
        assert failed.error is not None and failed.error.code == "malformed"
        assert "set aside" in failed.error.hint
        assert str(poison) not in parsed
        assert (await engine.jobs.items())[0].tries == 3
        assert (await engine.jobs.retry_failed()).documents == ()

        await engine.add(poison, progress=progress)
        assert parsed.count(str(poison)) == 1
        await engine.jobs.retry_failed("poison.pdf", progress=progress)
        assert parsed.count(str(poison)) == 2
        poison.write_bytes(BROKEN + b"!")
        await engine.add(folder, progress=progress)
        assert parsed.count(str(poison)) == 3
        assert [(one.tries, one.state) for one in await engine.jobs.items()] == [(1, "failed")]


class Stages:
    """Notes the sources that were parsed."""

    def __init__(self, parsed: list[str]) -> None:
        self.parsed = parsed

    def start(self, total: int) -> None: ...

    def stage(self, name: str, source: str) -> None:
        if name == "parse":
            self.parsed.append(source)

    def done(self, item: Added) -> None: ...


class CancelAfter:
    """Cancels the job when so many items are searchable."""

    def __init__(self, engine: Engine, count: int) -> None:
        self.engine, self.count, self.ended = engine, count, 0

    def start(self, total: int) -> None: ...

    def stage(self, name: str, source: str) -> None: ...

    def done(self, item: Added) -> None:
        self.ended += 1
        if self.ended == self.count:
            self.engine.cancel(self.engine.lines.tracking.running[0].id)


async def test_a_cancelled_job_goes_on_with_nothing_done_twice(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BATCH_CHUNKS", "BATCH_DOCUMENTS"):  # what is read before the first is stored is not all
        monkeypatch.setattr(batches, name, 64)
    folder = folder_of(tmp_path, 600)
    embedder = FakeEmbedder()
    async with Engine.open(settings, embedder=embedder) as engine:
        report = await engine.add(folder, progress=CancelAfter(engine, 130))
        assert report.stopped is not None and report.stopped.code == "cancelled"
        job = await engine.jobs.show(report.job or 0)
        assert job.state == "cancelled" and job.resumable
        done = len(await engine.documents())
        assert 130 <= done < 600 and job.counts.ended >= 130
        assert all(item.state == "in_doubt" for item in await engine.jobs.items(job.id))
        before = embedder.texts
        resumed = await engine.jobs.resume(job.id)
        assert resumed.job == job.id and resumed.usage.embedded_texts == 600 - done
        assert embedder.texts - before == 600 - done
        job = await engine.jobs.show(job.id)
        assert (job.state, job.counts.searchable, job.counts.unchanged) == ("done", 600 - done, done)
        assert await engine.jobs.items() == []


async def test_only_a_running_job_is_cancelled(settings: Settings) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        with pytest.raises(NotFoundError):
            engine.cancel(1)
        report = await engine.add(Content("A kite.", "kite.txt"))
        with pytest.raises(UsageError):
            engine.cancel(report.job or 0)
        with pytest.raises(UsageError, match="in hand"):
            await engine.jobs.resume(report.job or 0)


async def test_a_stopped_process_leaves_an_interrupted_job(tmp_path: Path, settings: Settings) -> None:
    folder = folder_of(tmp_path, 600)
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        reached = asyncio.Event()
        running = asyncio.create_task(engine.add(folder, progress=SetAfter(reached, 100)))
        await reached.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        (job,) = await engine.jobs.latest()
        assert job.state == "interrupted" and job.resumable
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        assert (await engine.jobs.retry_failed()).failed == ()
        assert len(await engine.documents()) == 600
        assert (await engine.jobs.show(job.id)).state == "done"


class SetAfter:
    """Sets an event when so many items have ended."""

    def __init__(self, event: asyncio.Event, count: int) -> None:
        self.event, self.count = event, count

    def start(self, total: int) -> None: ...

    def stage(self, name: str, source: str) -> None: ...

    def done(self, item: Added) -> None:
        self.count -= 1
        if not self.count:
            self.event.set()


async def test_a_killed_job_is_told_as_interrupted(tmp_path: Path, settings: Settings) -> None:
    folder = folder_of(tmp_path, 2)
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        report = await engine.add(folder)
        job = await engine.jobs.show(report.job or 0)
        engine.lines.tracking.keeping.go_on(job.id, job.started)  # what a kill -9 leaves behind
    with Library.look(settings) as library:
        assert (await library.jobs.show(job.id)).state == "interrupted"
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        assert (await engine.jobs.show(job.id)).state == "interrupted"
        assert (await engine.jobs.retry_failed()).job == job.id
        assert (await engine.jobs.show(job.id)).state == "done"


def test_the_engine_without_async_knows_jobs(tmp_path: Path, settings: Settings) -> None:
    folder = folder_of(tmp_path, 2)
    with blocking.Engine(settings) as engine:
        report = engine.sync(folder)
        (job,) = engine.jobs.latest()
        assert (job.id, job.asked.kind, engine.jobs.show(job.id).state) == (report.job, "sync", "done")
        assert engine.jobs.items() == [] and engine.jobs.retry_failed().documents == ()
        with pytest.raises(UsageError):
            engine.cancel(job.id)
        assert len(engine.jobs.resume(job.id).documents) == 2


async def test_uploads_and_files_of_one_job_are_both_tried_again(tmp_path: Path, settings: Settings) -> None:
    broken, text = tmp_path / "broken.pdf", b"It is a text now."
    broken.write_bytes(BROKEN)
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        upload = await engine.jobs.keep([Content(BROKEN, "kite.pdf"), Content(b"A hawk.", "hawk.txt")])
        report = await engine.add(upload, broken)
        assert [one.error is None for one in report.documents] == [False, True, False]
        broken.write_bytes(text)
        again = await engine.jobs.retry_failed()
        assert {one.source: one.error is None for one in again.documents} == {
            str(broken): True,
            "kite.pdf": False,
        }
        job = report.job
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        assert job is not None
        assert (await engine.jobs.resume(job)).failed[0].source == "kite.pdf"
        await engine.jobs.forget("default")
        assert await engine.jobs.retry_failed("kite.pdf") == joined([])
        assert {one.source for one in (await engine.jobs.resume(job)).documents} == {str(broken)}
        only = await engine.add(await engine.jobs.keep([Content(BROKEN, "owl.pdf")]))
        await engine.jobs.forget("default")
        assert only.job is not None
        with pytest.raises(UsageError, match="nothing of it is kept"):
            await engine.jobs.resume(only.job)
