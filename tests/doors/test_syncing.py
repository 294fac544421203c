"""A collection that is made to match a folder."""

from __future__ import annotations

import os
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from glede import Engine, Settings
from glede.adding import ingest
from glede.adding.runs import Request
from glede.aside import aside_of
from glede.doors import syncing
from glede.errors import UnavailableError, UsageError
from glede.results import Added, Report
from glede.sources import items as sources
from glede.testing.catalogue_contract import sample_commit
from glede.testing.fakes import FakeEmbedder
from tests.promises.agreement import disagreements


class Stages:
    """Counts the stages that sources reach."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, str]] = []
        self.ended = 0

    def start(self, total: int) -> None: ...

    def stage(self, name: str, source: str) -> None:
        self.reached.append((name, Path(source).name))

    def done(self, item: Added) -> None:
        self.ended += 1


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "data", extractor="none")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three files that are older than a tick."""
    made = tmp_path / "docs"
    (made / "sub").mkdir(parents=True)
    for name in ("one", "two", "sub/three"):
        (made / f"{name}.txt").write_text(f"The text of {name} is about kites.")
    return made


@pytest.fixture(autouse=True)
def no_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of these tests are as old as they need to be; the tick itself has a test of its own."""
    monkeypatch.setattr(syncing, "TICK", 0.0)


def statuses(report: Report) -> dict[str, str]:
    return {Path(one.source).name: one.status for one in report.documents}


async def names(engine: Engine) -> set[str]:
    return {Path(source).name for one in await engine.documents() for source in one.sources}


async def test_adds_changes_and_removes(folder: Path, settings: Settings) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        outside = folder.parent / "outside.txt"
        outside.write_text("It lies beside the folder.")
        await engine.add(outside)
        first = await engine.sync(folder)
        assert set(statuses(first).values()) == {"searchable"} and first.kept == 0
        time.sleep(0.02)
        (folder / "one.txt").write_text("The text of one is about owls now.")
        (folder / "two.txt").unlink()
        (folder / "new.txt").write_text("A new text.")
        second = await engine.sync(folder)
        assert statuses(second) == {"one.txt": "searchable", "new.txt": "searchable"}
        assert [Path(one).name for one in second.removed] == ["two.txt"] and second.kept == 1
        assert await names(engine) == {"one.txt", "three.txt", "new.txt", "outside.txt"}
        (job, *_) = await engine.jobs.latest()
        assert (job.asked.kind, job.counts.removed, job.counts.searchable) == ("sync", 1, 2)
        hits = await engine.search("owls", limit=1)
        assert Path(hits[0].source).name == "one.txt"


async def test_an_unchanged_folder_writes_nothing(folder: Path, settings: Settings) -> None:
    embedder, stages = FakeEmbedder(), Stages()
    async with Engine.open(settings, embedder=embedder) as engine:
        await engine.sync(folder)
        before = embedder.texts
        time.sleep(0.02)
        await engine.sync(folder)  # what the first has read may have changed in the same tick
        jobs = len(await engine.jobs.latest())
        again = await engine.sync(folder, progress=stages)
        assert (again.documents, again.kept, again.job) == ((), 3, None)
        assert (stages.reached, stages.ended, embedder.texts) == ([], 0, before)
        assert len(await engine.jobs.latest()) == jobs


async def test_a_rename_costs_nothing(folder: Path, settings: Settings) -> None:
    embedder, stages = FakeEmbedder(), Stages()
    async with Engine.open(settings, embedder=embedder) as engine:
        await engine.sync(folder)
        before = embedder.texts
        (document,) = [one for one in await engine.documents() if one.source.endswith("one.txt")]
        (folder / "one.txt").rename(folder / "sub" / "uno.txt")
        (folder / "two.txt").rename(folder / "one.txt")
        report = await engine.sync(folder, progress=stages)
        assert embedder.texts == before
        assert not any(stage == "parse" for stage, _ in stages.reached)
        assert {"uno.txt", "one.txt"} <= set(statuses(report)) and len(report.removed) == 1
        assert await names(engine) == {"uno.txt", "one.txt", "three.txt"}
        assert (await engine.document("uno.txt")).id == document.id
        assert (await engine.search("the text of two", limit=1))[0].source.endswith("one.txt")


async def test_a_touched_file_is_hashed_once(folder: Path, settings: Settings) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.sync(folder)
        os.utime(folder / "one.txt", (1_000_000, 1_000_000))
        time.sleep(0.02)
        assert statuses(await engine.sync(folder))["one.txt"] == "unchanged"
        assert (await engine.sync(folder)).kept == 3


async def test_a_rewrite_in_the_same_tick_is_seen(
    folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "TICK", 2.0)
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        file = folder / "one.txt"
        await engine.sync(folder)
        status = file.stat()
        file.write_text("The text of ONE is about kites.")
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert file.stat().st_size == status.st_size and file.stat().st_mtime == status.st_mtime
        report = await engine.sync(folder)
        assert statuses(report)["one.txt"] == "searchable"
        assert "ONE" in (await engine.search("ONE", limit=1))[0].chunk.text


async def test_a_missing_or_empty_folder_removes_nothing(folder: Path, settings: Settings) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.sync(folder)
        aside = folder.rename(folder.with_name("unmounted"))
        with pytest.raises(UnavailableError, match="not there"):
            await engine.sync(folder)
        folder.mkdir()
        with pytest.raises(UnavailableError, match="empty"):
            await engine.sync(folder)
        assert await names(engine) == {"one.txt", "two.txt", "three.txt"}
        assert len((await engine.sync(folder, allow_empty=True)).removed) == 3
        assert await engine.documents() == []
        with pytest.raises(UsageError):
            await engine.sync(aside / "one.txt")


async def test_what_cannot_be_read_stays(folder: Path, settings: Settings) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.sync(folder)
        (folder / "one.txt").write_bytes(b"")  # a changed file that fails keeps its old version
        report = await engine.sync(folder)
        assert statuses(report)["one.txt"] == "failed" and report.removed == ()
        assert await names(engine) == {"one.txt", "two.txt", "three.txt"}


async def test_an_archive_is_looked_at_like_a_file(folder: Path, settings: Settings) -> None:
    def packed(**members: str) -> None:
        with zipfile.ZipFile(folder / "all.zip", "w") as archive:
            for name, text in members.items():
                archive.writestr(f"{name}.txt", text)

    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        packed(four="A text in an archive.", five="Another text in it.")
        await engine.sync(folder)
        time.sleep(0.02)
        await engine.sync(folder)
        assert (await engine.sync(folder)).kept == 4
        assert await names(engine) == {"one.txt", "two.txt", "three.txt", "four.txt", "five.txt"}
        packed(four="A text in an archive.")
        report = await engine.sync(folder)
        assert [Path(one).name for one in report.removed] == ["five.txt"]
        assert await names(engine) == {"one.txt", "two.txt", "three.txt", "four.txt"}
        (folder / "all.zip").write_bytes(b"PK\x03\x04 damaged")
        assert (await engine.sync(folder)).removed == ()
        (folder / "all.zip").unlink()
        assert [Path(one).name for one in (await engine.sync(folder)).removed] == ["four.txt"]


async def test_an_interrupted_sync_goes_on(folder: Path, settings: Settings) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        report = await engine.sync(folder, metadata={"year": 2026})
        (folder / "one.txt").unlink()
        keeping = engine.lines.tracking.keeping
        keeping.go_on(report.job or 0, 1.0)
        assert keeping.interrupt(2.0) == 1
        resumed = await engine.jobs.resume(report.job or 0)
        assert len(resumed.removed) == 1 and resumed.job == report.job
        assert (await engine.document("two.txt")).metadata == {"year": 2026}


@pytest.mark.measured
async def test_thousands_of_unchanged_files_cost_a_look_each(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """10,000 files: nothing is read, hashed, parsed or embedded, in a few seconds."""
    folder = tmp_path / "many"
    commits = []
    for number in range(10_000):
        path = folder / f"{number % 100:02}" / f"{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Text {number}.")
        commit = sample_commit(f"{number}", str(path))
        status = path.stat()
        document = replace(commit.document, size=status.st_size)
        commits.append(replace(commit, document=document, modified=status.st_mtime))
    calls: list[str] = []

    def counted(item: sources.Item, most: int) -> tuple[bytes, float]:
        calls.append(item.source)
        return sources.read(item, most)

    monkeypatch.setattr(ingest, "read", counted)
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        engine.catalogue.commit("default", commits)
        ways = syncing.Syncing(engine).ways(Request("default"))
        note = syncing.Synced(time.time() + 1, ways, {}).note()  # as the sync that has read them leaves it
        engine.catalogue.remember(f"synced:default:{folder}", note)
        began = time.process_time()
        report = await engine.sync(folder)
        took = time.process_time() - began
        assert (report.kept, report.documents, calls) == (10_000, (), [])
        assert took < 4
        print(f"10,000 unchanged files: {took:.2f} CPU s, {report.seconds:.2f} s")
        changed = folder / "07" / "00007.txt"
        changed.write_text("Another text.")
        report = await engine.sync(folder)
        assert (report.kept, calls) == (9_999, [str(changed)])


async def disabled(engine: Engine) -> dict[str, str]:
    """The text of each disabled document by the name of its file."""
    found = engine.catalogue.documents(aside_of("default"))
    return {Path(name).name: (await engine.original(one)).decode() for one in found for name in one.sources}


async def test_what_is_disabled_stays_so(folder: Path, settings: Settings) -> None:
    one = folder / "one.txt"
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.sync(folder)
        await engine.care.disable("one.txt")
        unchanged = await engine.sync(folder)
        assert (unchanged.job, unchanged.kept) == (None, 3)  # to tell that, a look does

        one.write_text("The text of one is about buzzards.")
        changed = await engine.sync(folder)
        (told,) = changed.documents
        assert told.status == "unchanged" and "disabled" in told.warnings[0]
        assert await disabled(engine) == {"one.txt": one.read_text()}
        assert all(hit.source != str(one) for hit in await engine.search("buzzards", limit=50))
        assert len(await engine.documents()) == 2
        assert disagreements(engine) == []

        os.utime(one, (1, 1))
        assert [told.status for told in (await engine.sync(folder)).documents] == ["unchanged"]
        assert (await engine.sync(folder)).kept == 3

        one.rename(folder / "renamed.txt")
        moved = await engine.sync(folder)
        assert moved.removed == (str(one),)
        assert list(await disabled(engine)) == ["renamed.txt"]
        assert len(await engine.documents()) == 2

        (folder / "renamed.txt").unlink()
        assert (await engine.sync(folder)).removed == (str(folder / "renamed.txt"),)
        assert await disabled(engine) == {}
        assert len(await engine.documents()) == 2
        assert disagreements(engine) == []


async def test_what_a_crash_let_back_in_goes_out_again(folder: Path, settings: Settings) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.sync(folder)
        await engine.care.disable("one.txt")
        (folder / "one.txt").write_text("The text of one is about buzzards.")
        await engine.adding(
            [folder / "one.txt"], Request("default")
        )  # what a sync has done before it is killed
        assert len(await engine.documents()) == 3
        await engine.sync(folder)
        assert len(await engine.documents()) == 2
        assert await disabled(engine) == {"one.txt": "The text of one is about buzzards."}
        assert (await engine.sync(folder)).job is None


async def test_a_disabled_file_that_becomes_a_copy_does_not_hide_the_other(
    folder: Path, settings: Settings
) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.sync(folder)
        await engine.care.disable("one.txt")
        (folder / "one.txt").write_text((folder / "two.txt").read_text())
        await engine.sync(folder)
        assert {hit.source for hit in await engine.search("two", limit=1)} <= {
            str(folder / "one.txt"),
            str(folder / "two.txt"),
        }
        assert len(await engine.documents()) == 2
        assert (await engine.sync(folder)).job is None
