"""Rows of the index that belong to no document are named, and go when the index is made again."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from glede import Content, Engine, Settings
from glede.care.checking import Problem
from glede.testing.fakes import FakeEmbedder
from glede.testing.index_contract import sample_row

WIDTH = FakeEmbedder().dimension


async def test_rows_of_a_document_that_cannot_be_read_are_its_own(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.add(Content("Kites soar.", "kite.md"), Content("Owls hunt.", "owl.md"))
    with sqlite3.connect(tmp_path / "catalogue.db") as connection:
        connection.execute("UPDATE chunks SET text = 'Owls sing.' WHERE text LIKE 'Owls%'")
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        (found,) = await problems(engine)
        assert found.code == "document_damaged"


async def problems(engine: Engine) -> list[Problem]:
    return (await engine.care.check()).problems


async def test_rows_of_no_document_are_named_and_removed(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.add(Content("Kites soar.", "kite.md"), Content("Owls hunt.", "owl.md"))
        await engine.delete("owl.md")
        await engine.care.disable("kite.md")
        assert await problems(engine) == []
        await engine.care.enable("kite.md")
        assert await problems(engine) == []
        index = engine.lines.store.index
        index.upsert("default", [sample_row(number, WIDTH) for number in range(3)])
        (found,) = await problems(engine)
        assert (found.code, found.place) == ("rows_unknown", "index default")
        assert found.detail.startswith("3 rows")
        assert len(await engine.search("kites")) == 1
    async with Engine.open(settings, embedder=FakeEmbedder(), afresh=True) as engine:
        await engine.care.rebuild()
        assert await problems(engine) == []
        assert [hit.source for hit in await engine.search("kites")] == ["kite.md"]
