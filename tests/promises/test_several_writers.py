"""Processes that write to one PostgreSQL catalogue and one Milvus address take turns, and lose nothing.

One engine at a time may write; the other is told who it is, and tries again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from glede import Engine, Settings
from glede.testing.fakes import FakeEmbedder
from tests.milvus import serving
from tests.postgresql import Server, running
from tests.promises.agreement import disagreements

ROUNDS = 3
NEST = "# Nest\n\nA nest of all.\n"
WRITER = """
import asyncio, sys, time
from glede import Content, Engine, Settings
from glede.errors import LockedError
from glede.testing.fakes import FakeEmbedder

name, rounds, home, catalogue, milvus, prefix, blobs = sys.argv[1:]
settings = Settings(
    home=home, catalogue_url=catalogue, milvus_uri=milvus, milvus_prefix=prefix, blobs_url=blobs
)

def text(number, turn):
    return f"# Bird {number}\\n\\nThe {name}{number} was seen in turn {turn}.\\n"

async def turn(number):
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        own = [Content(text(place, number), f"{name}-{place}.md") for place in range(3)]
        shared = [Content("# Nest\\n\\nA nest of all.\\n", "nest.md")]
        shared += [Content(text(9, number), f"{name}-{number % 2}.txt")]
        report = await engine.add(*own, *shared)
        assert not report.failed, report
        await engine.delete(f"{name}-{number % 3}.md")
        print("kept", number, flush=True)

async def main():
    refused = number = 0
    deadline = time.monotonic() + 120
    while number < int(rounds):
        try:
            await turn(number)
            number += 1
        except LockedError as error:
            assert "using this catalogue" in error.message and error.hint, error
            refused += 1
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
    print("refused", refused, flush=True)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("served")) as address:
        yield address


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def settings(postgresql: Server, milvus: str, tmp_path: Path) -> Settings:
    url = postgresql.fresh()
    return Settings(
        home=tmp_path / "here",
        catalogue_url=url,
        milvus_uri=milvus,
        milvus_prefix=Server.name_of(url),
        blobs_url=str(tmp_path / "blobs"),
    )


def started(name: str, home: Path, settings: Settings, **environment: str) -> subprocess.Popen[str]:
    places = (settings.catalogue_url, settings.milvus_uri, settings.milvus_prefix, settings.blobs_url)
    command = [sys.executable, "-c", WRITER, name, str(ROUNDS), str(home), *places]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})


async def agreed(settings: Settings) -> dict[str, str]:
    """What is stored under each name, once all stores say the same."""
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        assert disagreements(engine) == []
        return {
            source: (await engine.original(one)).decode()
            for one in await engine.documents()
            for source in one.sources
        }


def expected(name: str) -> dict[str, str]:
    """What a writer leaves that came to its end."""
    last = ROUNDS - 1
    kept = {f"{name}-{place}.md": text(name, place, last) for place in range(3) if place != last % 3}
    return kept | {f"{name}-{turn % 2}.txt": text(name, 9, turn) for turn in (last - 1, last)}


def text(name: str, number: int, turn: int) -> str:
    return f"# Bird {number}\n\nThe {name}{number} was seen in turn {turn}.\n"


async def test_two_processes_lose_nothing(settings: Settings, tmp_path: Path) -> None:
    writers = [started(name, tmp_path / name, settings) for name in ("kite", "owl")]
    told = [writer.communicate(timeout=240)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], told
    assert await agreed(settings) == {**expected("kite"), **expected("owl"), "nest.md": NEST}


async def test_one_that_is_killed_stands_in_nobodys_way(settings: Settings, tmp_path: Path) -> None:
    killed = started("kite", tmp_path / "kite", settings, GLEDE_FAILPOINTS="commit.inside=kill@3")
    other = started("owl", tmp_path / "owl", settings)
    told, _ = killed.communicate(timeout=240)
    other.communicate(timeout=240)
    assert (killed.returncode, other.returncode) == (-signal.SIGKILL, 0)
    found = await agreed(settings)
    assert {source: found[source] for source in expected("owl")} == expected("owl")
    turns = told.count("kept")
    assert turns
    assert found["kite-0.txt"] == text("kite", 9, (turns - 1) // 2 * 2)
