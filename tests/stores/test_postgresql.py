"""The catalogue in PostgreSQL keeps the contracts: of documents, their past, the graph, jobs and answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.doors.library import Library
from glede.endpoints import Ledger, Responses
from glede.errors import ConfigurationError, LockedError, UnavailableError
from glede.jobs import JobKeeping
from glede.ports import Catalogue
from glede.stores.catalogue import SqlCatalogue
from glede.stores.schema import metadata
from glede.testing.catalogue_contract import CatalogueContract
from glede.testing.fakes import FakeEmbedder
from glede.testing.graph_contract import GraphContract
from glede.testing.graph_identity_contract import GraphIdentityContract
from glede.testing.graph_samples import GraphCatalogue
from glede.testing.jobs_contract import JobsContract
from glede.testing.past_contract import KeepingCatalogue, PastContract
from glede.testing.responses_contract import LedgerContract, ResponsesContract
from glede.text import moments
from tests.postgresql import Server, running
from tests.promises.agreement import disagreements


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def url(server: Server) -> str:
    return server.fresh()


@pytest.fixture(scope="module")
def shared(url: str) -> Iterator[SqlCatalogue]:
    catalogue = SqlCatalogue(url)
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="module")
def remembering(url: str) -> Iterator[SqlCatalogue]:
    catalogue = SqlCatalogue(url, history=True)
    yield catalogue
    catalogue.close()


@pytest.fixture
def stored(shared: SqlCatalogue) -> SqlCatalogue:
    """The catalogue without what tests before have written, which takes less time than a new one."""
    names = ", ".join(name for name in metadata.tables if name != "settings")
    with shared._database.write("books") as connection:
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
    return shared


class TestCatalogue(CatalogueContract):
    @pytest.fixture
    def catalogue(self, stored: SqlCatalogue) -> Catalogue:
        return stored


class TestPast(PastContract):
    @pytest.fixture
    def keeping(self, stored: SqlCatalogue, remembering: SqlCatalogue) -> KeepingCatalogue:
        return remembering


class TestGraph(GraphContract, GraphIdentityContract):
    @pytest.fixture
    def catalogue(self, stored: SqlCatalogue) -> GraphCatalogue:
        return stored


class TestJobs(JobsContract):
    @pytest.fixture
    def keeping(self, stored: SqlCatalogue) -> JobKeeping:
        return stored.jobs


class TestResponses(ResponsesContract):
    @pytest.fixture
    def responses(self, stored: SqlCatalogue) -> Responses:
        return stored.responses


class TestLedger(LedgerContract):
    @pytest.fixture
    def ledger(self, stored: SqlCatalogue) -> Ledger:
        return stored.ledger


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "data", catalogue_url=server.fresh())


FOLDER = {
    "kite.md": "# Kite\n\nThe Red Kite met Paul Klee in Bern.",
    "owl.md": "# Owl\n\nAn owl hunts at night.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    for name, text in FOLDER.items():
        (tmp_path / "docs" / name).write_text(text)
    return tmp_path / "docs"


async def test_an_engine_adds_asks_and_deletes(settings: Settings, folder: Path) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        report = await engine.add(folder, metadata={"year": 2026})
        assert [one.status for one in report.documents] == ["searchable"] * 2
        assert (await engine.jobs.show(report.job or 0)).state == "done"
        answer = await engine.ask("Whom did the Red Kite meet in Bern?")
        assert answer.citations[0].source.endswith("kite.md")
        assert await engine.search("owl", filter={"year": 2025}) == []
        assert (await engine.graph.stats()).counts.chunks == 2
        await engine.care.disable("owl.md")
        assert all(hit.source.endswith("kite.md") for hit in await engine.search("owl"))
        await engine.care.enable("owl.md")
        assert (await engine.care.check(deep=True)).problems == []
        await engine.delete("kite.md")
        assert all(hit.source.endswith("owl.md") for hit in await engine.search("kite"))
        assert disagreements(engine) == []
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        assert [Path(one.source).name for one in await engine.documents()] == ["owl.md"]


async def test_it_keeps_what_was(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = settings.model_copy(update={"history": True})
    async with Engine.open(kept, embedder=FakeEmbedder()) as engine:
        for day, prey in (("2026-03-01", "voles"), ("2026-04-01", "frogs")):
            monkeypatch.setattr(moments, "now", lambda day=day: f"{day}T12:00:00Z")
            await engine.add(Content(f"# Owls\n\nThe barn owl hunts {prey}.", "owls.md"))
        then = await engine.ask("What does the barn owl hunt?", as_of="2026-03-15")
        assert "voles" in then.text and "frogs" not in then.text
        assert [one.since[:10] for one in await engine.past.versions("owls.md")] == [
            "2026-03-01",
            "2026-04-01",
        ]
        assert all("voles" not in hit.chunk.text for hit in await engine.search("voles"))
        assert (await engine.care.check(deep=True)).problems == []
        await engine.past.purge("2026-05-01")
        assert [one.since[:10] for one in await engine.past.versions("owls.md")] == ["2026-04-01"]
        assert await engine.search("voles", as_of="2026-03-15") == []
        assert disagreements(engine) == []


KILLED = """
import asyncio, sys
from glede import Engine, Settings
from glede.testing.fakes import FakeEmbedder

async def add() -> None:
    settings = Settings(home=sys.argv[1], catalogue_url=sys.argv[2])
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.add(sys.argv[3])

asyncio.run(add())
"""


@pytest.mark.parametrize("place", ["announce.after", "commit.inside", "commit.after"])
async def test_a_kill_loses_nothing_and_the_job_goes_on(settings: Settings, folder: Path, place: str) -> None:
    command = [sys.executable, "-c", KILLED, str(settings.home), settings.catalogue_url, str(folder)]
    killed = subprocess.run(command, env={**os.environ, "GLEDE_FAILPOINTS": f"{place}=kill@1"}, check=False)
    assert killed.returncode == -signal.SIGKILL
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        assert disagreements(engine) == []
        there = len(await engine.documents())
        assert there == (2 if place == "commit.after" else 0)
        jobs = await engine.jobs.latest()
        assert [one.state for one in jobs] == ["interrupted"]
        report = await engine.jobs.resume(jobs[0].id)
        assert len(await engine.documents()) == 2
        assert {one.status for one in report.documents} == ({"unchanged"} if there else {"searchable"})
        assert disagreements(engine) == []


async def test_a_server_that_goes_away_is_one_clear_error(
    server: Server, settings: Settings, folder: Path
) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.add(folder / "kite.md")
        server.crash(settings.catalogue_url)
        report = await engine.add(folder)
        assert {one.status for one in report.documents} == {"searchable", "unchanged"}
    nowhere = settings.model_copy(update={"catalogue_url": "postgresql://glede@/none?host=/nowhere"})
    with pytest.raises(UnavailableError):
        async with Engine.open(nowhere, embedder=FakeEmbedder()):
            pass


def test_several_open_an_empty_database_at_once(server: Server) -> None:
    url, together = server.fresh(), threading.Barrier(4)

    def opened(_: int) -> None:
        together.wait()
        SqlCatalogue(url).close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(opened, range(4))) == [None] * 4


async def test_one_engine_at_a_time_writes(settings: Settings, folder: Path, tmp_path: Path) -> None:
    other = settings.model_copy(update={"home": tmp_path / "elsewhere"})
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.add(folder)
        with pytest.raises(LockedError, match=rf"process {os.getpid()} on .* is using this catalogue"):
            async with Engine.open(other, embedder=FakeEmbedder()):
                pass
        engine.lines.tracking.keeping.go_on(1, 0.0)
        with Library.look(other) as library:  # from another machine, with no lock of a folder to look at
            assert len(await library.documents()) == 2
            assert (await library.jobs.show(1)).state == "running"
    with Library.look(other) as library:
        assert (await library.jobs.show(1)).state == "interrupted"
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        assert (await engine.jobs.resume(1)).failed == ()


def test_who_closes_has_let_go_when_it_returns(server: Server) -> None:
    url = server.fresh()
    beside = SqlCatalogue(url)
    for _ in range(20):
        one = SqlCatalogue(url)
        one.hold()
        assert beside.jobs.watched()
        one.close()
        assert not beside.jobs.watched()
    beside.close()


async def test_stores_that_are_not_those_of_the_catalogue_are_refused(
    settings: Settings, folder: Path, tmp_path: Path
) -> None:
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.add(folder)
    elsewhere = settings.model_copy(update={"home": tmp_path / "elsewhere"})
    with pytest.raises(ConfigurationError, match="files are not here") as refused:
        async with Engine.open(elsewhere, embedder=FakeEmbedder()):
            pass
    assert "GLEDE_BLOBS_URL" in refused.value.hint
    sharing = elsewhere.model_copy(update={"blobs_url": str(settings.home / "blobs")})
    with pytest.raises(ConfigurationError, match="not in this index") as refused:
        async with Engine.open(sharing, embedder=FakeEmbedder()):
            pass
    assert "glede rebuild" in refused.value.hint
    async with Engine.open(sharing, embedder=FakeEmbedder(), afresh=True) as engine:
        await engine.care.rebuild()
    async with Engine.open(sharing, embedder=FakeEmbedder()) as engine:
        assert {one.status for one in (await engine.add(folder)).documents} == {"unchanged"}
        assert await engine.search("owl")
        await engine.care.disable("owl.md")
        await engine.delete("kite.md")
    moved = settings.home.rename(tmp_path / "moved")
    again = settings.model_copy(update={"home": moved})
    async with Engine.open(again, embedder=FakeEmbedder()) as engine:
        assert [one.source for one in await engine.disabled()] == [str(folder / "owl.md")]


def test_who_has_lost_the_catalogue_writes_no_more(server: Server, settings: Settings) -> None:
    lost, taker = SqlCatalogue(settings.catalogue_url), SqlCatalogue(settings.catalogue_url)
    lost.hold()
    server.crash(settings.catalogue_url)
    lost.remember("key", "its own still")
    taker.hold()
    with pytest.raises(LockedError, match="taken it over"):
        lost.remember("key", "too late")
    taker.remember("other", "taken")
    assert (taker.recall("key"), taker.recall("other")) == ("its own still", "taken")
    lost.close()
    taker.close()
