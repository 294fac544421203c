from __future__ import annotations

from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.care.dump import dumped
from glede.errors import NotFoundError, UsageError
from glede.testing.fakes import FakeEmbedder
from tests.promises.agreement import disagreements
from tests.promises.damaging import texts


async def test_a_disabled_document_is_in_no_answer_and_comes_back_unchanged(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    async with Engine.open(Settings(home=tmp_path), embedder=embedder) as engine:
        await engine.add(*texts())
        before = dumped(engine.catalogue, engine.blobs, canonical=True)
        embedded = embedder.texts
        await engine.care.disable("birds/owls.md")
        for word in ("owl", "The barn owl hunts voles by sound alone."):
            assert "birds/owls.md" not in {hit.source for hit in await engine.search(word, limit=50)}
            assert "birds/owls.md" not in {one.source for one in (await engine.ask(word)).citations}
        assert [one.source for one in await engine.disabled()] == ["birds/owls.md"]
        assert "birds/owls.md" not in {one.source for one in await engine.documents()}
        with pytest.raises(NotFoundError, match="is disabled"):
            await engine.document("birds/owls.md")
        document, standing = await engine.opened("birds/owls.md")
        assert (document.source, standing) == ("birds/owls.md", "disabled")
        assert [chunk.document_id for chunk in await engine.chunks(document)] == [document.id]
        assert await engine.original(document) == texts()[1].encoded()
        shown = await engine.graph.show("barn owl")
        assert "birds/owls.md" not in {source for one in shown.entities for source in one.sources}
        assert disagreements(engine) == []
        checked = await engine.care.check(deep=True)
        assert (checked.problems, checked.disabled) == ([], 1)
        asked = embedder.texts
        await engine.care.enable("birds/owls.md")
        assert embedder.texts == asked
        assert embedded <= asked
        assert dumped(engine.catalogue, engine.blobs, canonical=True) == before
        assert "birds/owls.md" in {hit.source for hit in await engine.search("barn owl voles", limit=50)}
        assert disagreements(engine) == []


async def test_what_is_disabled_stays_so_when_it_is_added_again(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(*texts())
        await engine.care.disable("kites.md")
        report = await engine.add(*texts())
        assert [one.status for one in report.documents] == ["unchanged"] * 3
        assert any("disabled" in warning for warning in report.documents[0].warnings)
        assert "kites.md" not in {one.source for one in await engine.documents()}


async def test_a_newer_document_of_the_same_name_is_not_replaced_by_enabling(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(*texts())
        await engine.care.disable("kites.md")
        await engine.add(Content("# Kites\n\nAnother text.\n", "kites.md"))
        with pytest.raises(UsageError, match="added again"):
            await engine.care.enable("kites.md")
        await engine.delete("kites.md")
        await engine.care.enable("kites.md")
        assert "kites.md" in {one.source for one in await engine.documents()}


async def test_a_disabled_document_can_be_removed_for_good(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(*texts())
        await engine.care.disable("kites.md")
        await engine.delete("kites.md")
        assert await engine.disabled() == []
        assert (await engine.care.check(deep=True)).problems == []
        with pytest.raises(NotFoundError):
            await engine.care.enable("kites.md")
