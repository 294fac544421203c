"""R4: what is deleted is gone from every answer at once, whatever the stores do, and purged soon."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from glede import Content, Engine, Settings, failpoints
from glede.care.dump import dumped
from glede.errors import GledeError, NotFoundError, UnavailableError
from glede.testing.fakes import FakeEmbedder
from tests.promises.agreement import disagreements

FULL = bool(os.environ.get("GLEDE_FULL"))
DOCUMENTS = 1000 if FULL else 100
FAULTY = 0.2 if FULL else 0.5
SEED = 3
STEPS = ("remove.before", "remove.inside", "remove.after", "index.delete", "index.deleted", "blobs.delete",
         "blobs.deleted", "purged.before", "purged.inside", "purged.after", "note.inside")  # fmt: skip


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def word(number: int) -> str:
    return f"Kestrel{number:04}x"


def content(number: int) -> Content:
    name = word(number)
    return Content(f"# {name}\n\nAnna {name} met Paul Klee at the tower of {name}.\n", f"{number}.md")


async def traces(engine: Engine, number: int, folder: Path) -> list[str]:
    """Where a deleted document can still be seen."""
    name, source = word(number), f"{number}.md"
    found = [f"search {one.source}" for one in await engine.search(name, limit=200) if one.source == source]
    answer = await engine.ask(f"Whom did Anna {name} meet?")
    found += [f"citation {one.source}" for one in answer.citations if one.source == source]
    for entity in (name, f"Anna {name}"):
        try:
            await engine.graph.show(entity)
        except NotFoundError:
            continue
        found.append(f"graph {entity}")
    return found


async def exported(engine: Engine, folder: Path) -> str:
    """All that leaves the folder as a file."""
    (path,) = await engine.graph.export(folder / "graph.json")
    return path.read_text() + str(dumped(engine.catalogue, engine.blobs, canonical=True)["collections"])  # type: ignore[index,call-overload]


async def test_what_is_deleted_is_gone_at_once(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=FakeEmbedder()) as engine:
        await engine.add(*map(content, range(DOCUMENTS)))
        assert await traces(engine, 0, tmp_path), "what is there has to be seen"
        assert word(0) in await exported(engine, tmp_path)
        failures = 0
        for number in range(DOCUMENTS):
            if chance.random() < FAULTY:
                failpoints.arm(f"{chance.choice(STEPS)}={chance.choice(['error', 'full'])}")
            try:
                await engine.delete(f"{number}.md")
            except UnavailableError as error:
                failures += 1
                assert error.hint
                if await _is_there(engine, number):
                    failpoints.arm("")
                    await engine.delete(f"{number}.md")
            assert await traces(engine, number, tmp_path) == []
            if number % 20 == 19:
                text = await exported(engine, tmp_path)
                assert [other for other in range(DOCUMENTS) if word(other) in text] == list(
                    range(number + 1, DOCUMENTS)
                )
            failpoints.arm("")
        assert failures >= DOCUMENTS * FAULTY / 3
        await engine.add(content(DOCUMENTS))  # whatever writes next purges what is left
        assert disagreements(engine) == []
        await engine.delete(f"{DOCUMENTS}.md")
        assert disagreements(engine) == []
        assert engine.lines.store.index.count("default") == 0
        assert engine.blobs.keys() == []


async def _is_there(engine: Engine, number: int) -> bool:
    try:
        await engine.document(f"{number}.md")
    except NotFoundError:
        return False
    return True


async def test_a_citation_of_what_is_deleted_is_not_shown(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(content(1), content(2))
        await engine.ask(f"Whom did Anna {word(1)} meet?")
        assert word(1) in (await engine.last_citation(1)).quote
        await engine.delete("1.md")
        with pytest.raises(GledeError):
            await engine.last_citation(1)
        assert word(1).encode() not in _bytes_of(tmp_path / "catalogue.db", engine)


def _bytes_of(path: Path, engine: Engine) -> bytes:
    """All that rows of the catalogue hold; the file itself keeps deleted rows until it needs their place."""
    import sqlite3

    with sqlite3.connect(path) as connection:
        return "\n".join(connection.iterdump()).encode()
