"""What a changed document costs: counted at the embedder and at the models, through the real engine."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from glede import Content, Engine, Settings
from glede.adding.changes import unchanged
from glede.graph.names import entity_of
from glede.knowledge import Graphed
from glede.stores import schema as t
from glede.stores.catalogue import SqlCatalogue
from glede.testing.fakes import FakeEmbedder
from glede.testing.model_server import ChatRequest, ModelServer
from glede.types import Chunk
from tests.extractors.llm_serving import reads
from tests.processors.test_image import analysis, png

BLOCKS = 200
PICTURE = f"![a proxy](data:image/png;base64,{base64.b64encode(png()).decode()})"


def paragraph(number: int) -> str:
    songs = " It sings, and sings again." * (number * 7 % 5 % 2)
    return f"In spring Kite{number} Weber met Paul Klee{number} in Bern, by the river.{songs}"


def paragraphs() -> list[str]:
    return ["# Birds", *map(paragraph, range(BLOCKS // 2)), PICTURE, *map(paragraph, range(100, BLOCKS))]


def written(parts: list[str], name: str = "birds.md") -> Content:
    return Content("\n\n".join(parts).encode(), name)


@dataclass(frozen=True)
class Costs:
    """Texts embedded, pictures shown to a model, windows read for the graph."""

    texts: int
    pictures: int
    windows: int


class Till:
    """An engine with models that are counted."""

    def __init__(self, home: Path, server: ModelServer) -> None:
        self.embedder = FakeEmbedder()
        self.server = server
        self.pictures = 0
        server.answer = self._answer
        self.settings = Settings(
            home=home,
            vision="openai:gpt-4o",
            vision_url=server.url,
            extractor="llm",
            extract="openai:gpt-4o-mini",
            extract_url=server.url,
            openai_key=SecretStr("sk-test"),
            model_tries=1,
        )

    def _answer(self, request: ChatRequest) -> str:
        if any(turn.pictures for turn in request.messages):
            self.pictures += 1
            return analysis()
        return reads(request)

    async def costs(self, engine: Engine, *contents: Content | Path) -> Costs:
        texts, pictures, calls = self.embedder.texts, self.pictures, self.server.count("chat")
        report = await engine.add(*contents)
        assert [one.status for one in report.documents] in (["enriched"], ["unchanged"])
        seen = self.pictures - pictures
        return Costs(self.embedder.texts - texts, seen, self.server.count("chat") - calls - seen)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        yield running


@pytest.fixture
def till(tmp_path: Path, server: ModelServer) -> Till:
    return Till(tmp_path, server)


async def test_a_changed_paragraph_costs_itself(till: Till) -> None:
    parts = paragraphs()
    async with Engine.open(till.settings, embedder=till.embedder) as engine:
        first = await till.costs(engine, written(parts))
        assert first.texts > 20
        assert first.pictures == 1
        assert first.windows > 3
        parts[40] = "In autumn Anna Weber met Otto Dix in Ulm, and they spoke of owls for a very long time."
        told = (await engine.add(written(parts), dry_run=True)).estimate
        assert told is not None
        assert (told.embedded_texts, told.calls) == (1, 1)
        assert await till.costs(engine, written(parts)) == Costs(texts=1, pictures=0, windows=1)
        (hit,) = await engine.search("Whom did Anna Weber meet in Ulm?", limit=1)
        assert "Otto Dix" in hit.chunk.text


async def test_paragraphs_at_the_top_and_left_out_cost_their_chunks(till: Till) -> None:
    parts = paragraphs()
    async with Engine.open(till.settings, embedder=till.embedder) as engine:
        await till.costs(engine, written(parts))
        for place in (1, 2, 3):
            parts.insert(place, f"Before all of them came Otto{place} Dix from Ulm, and he sang for hours.")
            costs = await till.costs(engine, written(parts))
            assert costs.texts in (1, 2)
            assert (costs.pictures, costs.windows) == (0, 1)
        del parts[90]
        costs = await till.costs(engine, written(parts))
        assert costs.texts in (1, 2)
        assert (costs.pictures, costs.windows) == (0, 1)


async def test_what_is_only_renamed_or_repeated_costs_nothing(till: Till, tmp_path: Path) -> None:
    parts = paragraphs()
    nothing = Costs(0, 0, 0)
    async with Engine.open(till.settings, embedder=till.embedder) as engine:
        await till.costs(engine, written(parts))
        assert await till.costs(engine, written(parts)) == nothing
        assert await till.costs(engine, written(parts, "folder/renamed.md")) == nothing
        moved = tmp_path / "a" / "birds.md"
        moved.parent.mkdir()
        moved.write_text("\n\n".join(parts))
        assert await till.costs(engine, moved) == nothing


async def test_a_section_that_has_moved_costs_nothing(till: Till) -> None:
    sections = [
        [f"# Bird {number}", *(paragraph(20 * number + place) for place in range(12))] for number in range(6)
    ]
    async with Engine.open(till.settings, embedder=till.embedder) as engine:
        await till.costs(engine, written([part for one in sections for part in one]))
        moved = [*sections[1:4], sections[0], *sections[4:]]
        assert await till.costs(engine, written([part for one in moved for part in one])) == Costs(0, 0, 0)


async def test_the_graph_keeps_what_was_said_of_unchanged_chunks_and_drops_the_rest(till: Till) -> None:
    parts = paragraphs()
    async with Engine.open(till.settings, embedder=till.embedder) as engine:
        await till.costs(engine, written(parts))
        before = await said(engine)
        parts[40] = "In autumn Anna Weber met Otto Dix in Ulm."
        del parts[60]
        parts.insert(1, "Before all of them came Max Ernst to Ulm.")
        await till.costs(engine, written(parts))
        after = await said(engine)
    same = before.keys() & after.keys()
    assert len(same) > 20
    assert all(before[text] == after[text] for text in same)
    assert any(label == "meets" for text in same for _, label, _ in after[text].facts)
    names = {name for one in after.values() for name in one.names}
    assert names.isdisjoint({entity_of("Kite59 Weber"), entity_of("Kite39 Weber")})
    assert {entity_of("Max Ernst"), entity_of("Otto Dix")} <= names


@dataclass
class Said:
    """What a chunk says: entities, and facts by their ends."""

    names: set[int] = field(default_factory=set)
    facts: set[tuple[int, str, int]] = field(default_factory=set)


async def said(engine: Engine) -> dict[str, Said]:
    """What is known of the one document, by the texts of its chunks of text."""
    assert isinstance(engine.catalogue, Graphed)
    (document,) = await engine.documents()
    graph = engine.catalogue.graph.read("default", document.id)
    assert graph is not None
    assert not graph.unread
    chunks = engine.catalogue.document_chunks("default", document.id)
    found = {one.text: Said() for one in chunks if one.modality == "text"}
    for mention in graph.mentions:
        if (there := found.get(chunks[mention.chunk].text)) is not None:
            there.names.add(entity_of(mention.name))
    for fact in graph.facts:
        if (there := found.get(chunks[fact.chunk].text)) is not None:
            there.facts.add((entity_of(fact.source), fact.label, entity_of(fact.target)))
    return found


async def test_what_is_said_of_a_document_goes_with_its_last_version(till: Till) -> None:
    async with Engine.open(till.settings, embedder=till.embedder) as engine:
        for number in range(3):
            await till.costs(engine, written(["# A", PICTURE, f"Otto{number} Dix met Ada Lovelace."]))
        assert isinstance(engine.catalogue, SqlCatalogue)
        await engine.delete("birds.md")
        with engine.catalogue._database.read() as connection:
            assert connection.execute(t.responses.select()).all() == []


async def test_what_a_picture_means_is_asked_for_in_its_own_surroundings_only(till: Till) -> None:
    """Its words beside it have changed: what can be seen in it is kept, what it meant there is not."""
    parts = ["# A", "A red kite hunts at dawn, and the figure shows how the proxy works in it.", PICTURE]
    till.server.answer = lambda request: analysis(meaning="It is about the red kite at dawn.")
    async with Engine.open(till.settings, embedder=till.embedder) as engine:
        await engine.add(written(parts))
        (before,) = await engine.search("proxy", types=["image"])
        assert "at dawn" in before.chunk.text
        parts[1] = "A black owl hunts at night, and the figure shows how the proxy works in it."
        calls = till.server.count("chat")
        await engine.add(written(parts))
        assert till.server.count("chat") - calls <= 1, "the window, and no picture"
        (after,) = await engine.search("proxy", types=["image"])
        assert "three query nodes" in after.chunk.text
        assert "at dawn" not in after.chunk.text
        assert "black owl" in after.chunk.aid


async def test_a_citation_shows_the_new_place_of_an_old_text(tmp_path: Path) -> None:
    """A paragraph that was pushed down by others has the blocks and characters of where it stands now."""
    parts = paragraphs()
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(written(parts))
        parts[1:1] = [f"New {number}: an owl, a wren and a robin." for number in range(7)]
        await engine.add(written(parts))
        (document,) = await engine.documents()
        for chunk in engine.catalogue.document_chunks("default", document.id):
            for span in chunk.spans:
                if span.type == "text":
                    assert chunk.text[span.start : span.end] == parts[span.block].strip()


def chunk(text: str, *path: str) -> Chunk:
    return Chunk("", "", 0, text, "text", path)


def test_equal_chunks_are_told_apart_by_their_order() -> None:
    before = [chunk("a"), chunk("same"), chunk("b"), chunk("same")]
    after = [chunk("same"), chunk("new"), chunk("same"), chunk("same"), chunk("b", "Birds")]
    assert unchanged(before, after) == {1: 0, 3: 2}
    assert unchanged(before, after, frozenset([1])) == {3: 0}
