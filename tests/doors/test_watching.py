"""Watching a folder from Python."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from glede import Engine, Settings, blocking, failpoints
from glede.errors import UsageError
from glede.events import Event
from glede.results import Report
from glede.testing.fakes import FakeEmbedder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "data", extractor="none")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "docs"
    made.mkdir()
    (made / "kite.txt").write_text("The kite is red.")
    return made


async def until_told(happening: AsyncGenerator[Event | Report, None]) -> tuple[list[Event], Report]:
    """The events up to the next report, and that."""
    events: list[Event] = []
    async with asyncio.timeout(60):
        async for one in happening:
            if isinstance(one, Report):
                return events, one
            events.append(one)
    raise AssertionError("it has ended")


async def test_what_changes_is_told_as_it_happens(folder: Path, settings: Settings) -> None:
    async with (
        Engine.open(settings, embedder=FakeEmbedder()) as engine,
        aclosing(engine.watch(folder, settle=0.05)) as happening,
    ):
        events, report = await until_told(happening)
        assert [event.stage for event in events] == ["start", "parse", "embed", "done"]
        assert {event.job for event in events} == {report.job}
        assert [one.status for one in report.documents] == ["searchable"]

        (folder / "owl.txt").write_text("The owl is brown.")
        while not (report := (await until_told(happening))[1]).documents:
            pass
        added = [Path(one.source).name for one in report.documents if one.status == "searchable"]
        assert added == ["owl.txt"]  # a file as young as the first look is looked at once more
        assert (await engine.search("brown", limit=1))[0].source.endswith("owl.txt")

        shutil.rmtree(folder)
        while (report := (await until_told(happening))[1]).stopped is None:
            pass
        assert report.stopped.code == "unavailable"
        assert len(await engine.documents()) == 2
        folder.mkdir()
        (folder / "owl.txt").write_text("The owl is white.")
        while not (report := (await until_told(happening))[1]).documents:
            pass
        assert report.removed == (str(folder / "kite.txt"),)


async def test_what_something_stood_in_the_way_of_is_done_again(
    folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glede.doors.watching.LATER", 0.05)
    (folder / "owl.txt").write_text("The owl is brown.")
    async with (
        Engine.open(settings, embedder=FakeEmbedder()) as engine,
        aclosing(engine.watch(folder, settle=0.05, every=300)) as happening,
    ):
        failpoints.arm("jobs.before=error@1")  # the database fails once, and no file changes after that
        try:
            _, failed = await until_told(happening)
            assert failed.stopped is not None and failed.stopped.code == "unavailable"
            _, done = await until_told(happening)
        finally:
            failpoints.arm("")
        assert sorted(Path(one.source).name for one in done.documents) == ["kite.txt", "owl.txt"]


async def test_leaving_early_stops_the_sync_in_order(folder: Path, settings: Settings) -> None:
    for number in range(50):
        (folder / f"{number}.txt").write_text(f"Kite number {number} is red.")
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        async with aclosing(engine.watch(folder)) as happening:
            async for one in happening:
                if isinstance(one, Event) and one.stage == "parse":
                    break
        assert engine.lines.tracking.running == []
        (job,) = await engine.jobs.latest()
        assert job.state == "interrupted"
        assert (await engine.sync(folder)).failed == ()
        assert len(await engine.documents()) == 51


async def test_what_is_no_folder_is_not_watched(folder: Path, settings: Settings) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        for wrong, every in ((folder / "kite.txt", 1.0), (folder, 0.0)):
            with pytest.raises(UsageError):
                await anext(engine.watch(wrong, every=every))


def test_without_async_it_is_an_iterator(folder: Path, settings: Settings) -> None:
    with blocking.Engine(settings) as engine:
        with closing(engine.watch(folder, settle=0.05)) as happening:
            seen = []
            for one in happening:
                seen.append(one)
                if isinstance(one, Report):
                    break
        assert [one.stage for one in seen if isinstance(one, Event)] == ["start", "parse", "embed", "done"]
        assert len(engine.documents()) == 1
        with pytest.raises(UsageError):
            next(engine.watch(folder / "kite.txt"))
