"""What is added is in the graph when it is searchable, without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.errors import NotFoundError

PAGE = b"""# Ada Lovelace

Ada Lovelace was born in London. The World Health Organization (WHO) came later.

| Engine | Builder |
| --- | --- |
| Difference Engine | Charles Babbage |
"""


async def test_names_and_facts_are_there_when_a_document_is(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path)) as engine:
        await engine.add(Content(PAGE, "ada.md"))
        view = await engine.graph.show("Lovelace, Ada", depth=1)
        assert view.relations
        assert "was born in" in {relation.label for relation in view.relations}
        rows = await engine.graph.show("difference engine")
        assert {"row of", "Builder"} <= {relation.label for relation in rows.relations}
        meant = await engine.graph.show("WHO")
        assert "World Health Organization" in {name for entity in meant.entities for name in entity.names}


async def test_without_an_extractor_there_is_no_graph(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path, extractor="none")) as engine:
        await engine.add(Content(PAGE, "ada.md"))
        with pytest.raises(NotFoundError):
            await engine.graph.show("Ada Lovelace")


async def test_nothing_is_extracted_for_what_is_only_planned(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path)) as engine:
        await engine.add(Content(PAGE, "ada.md"), dry_run=True)
        assert (await engine.graph.stats()).counts.entities == 0


async def test_local_says_nothing_of_documents_without_an_entity(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path)) as engine:
        await engine.add(Content(b"it rained all day and we stayed at home again.", "rain.txt"))
        (alone,) = await engine.search("what did we do when it rained?", mode="local")
        assert alone.ranks.get("graph") is None
        await engine.add(Content(PAGE, "ada.md"))
        hits = await engine.search("what did we do when it rained?", mode="local")
        assert all(hit.source == "ada.md" for hit in hits if hit.ranks.get("graph"))


async def test_a_page_without_a_name_is_a_warning_of_its_document(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path)) as engine:
        await engine.add(Content(("ไทย " * 400).encode(), "thai.txt"))
        (document,) = await engine.documents()
        assert any("no names were found" in warning for warning in document.warnings)
