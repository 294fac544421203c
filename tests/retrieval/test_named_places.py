"""A page, a table or a section that a question names is looked for by its place, and not by words."""

from __future__ import annotations

from pathlib import Path

import pytest

from glede import Engine, Settings
from glede.ports import StoredChunk
from glede.results import Hit
from glede.retrieval.fusion import Fused
from glede.retrieval.named_pages import NamedPages
from glede.retrieval.named_places import FITS, Opened, Pointed, pointed, referred
from glede.retrieval.support import Asked
from glede.testing.fakes import FakeEmbedder
from glede.types import Chunk, Modality, Span

NOTHING_ASKED = Asked({}, 0.0, (), (), {})


@pytest.mark.parametrize(
    ("question", "labels", "sections"),
    [
        ("Which papers are listed in Table 1 and Table 2?", {("tab", "1"), ("tab", "2")}, set()),
        ("Does Section 3.3 cite more than Sections 3.1 and 3.2?", set(), {"3.3", "3.1", "3.2"}),
        ("What does Exhibit P-10 show?", {("exh", "P-10")}, set()),
        ("What stands in Appendix B?", {("app", "B")}, set()),
        ("Was zeigt Abb. 4?", {("abb", "4")}, set()),
        ("What is in the figure at the top?", set(), set()),
        ("Which table is the largest?", set(), set()),
        ("How many Exhibits are there, in section of law?", set(), set()),
        ("daf-16 encodes forkhead Box O", set(), set()),
    ],
)
def test_labels_are_a_word_and_a_number(
    question: str, labels: set[tuple[str, str]], sections: set[str]
) -> None:
    found = pointed(question)
    assert (set(found.labels), set(found.sections)) == (labels, sections)


def chunk(key: str, text: str, page: int, modality: Modality = "text", path: tuple[str, ...] = ()) -> Chunk:
    return Chunk(key, "d", page, text, modality, path, (Span(0, len(text), page, page=page),))


def test_a_caption_or_a_heading_bears_the_label() -> None:
    table = pointed("What is in Table 2?")
    assert table.is_named(chunk("a", "Table 2: Kites by valley", 1))
    assert table.is_named(chunk("a", "**Table 2.** Kites", 1, "table"))
    assert not table.is_named(chunk("a", "Table 21: Owls", 1))
    assert not table.is_named(chunk("a", "As Table 2 shows, kites are many.", 1))
    section = pointed("What does Section 3.3 say?")
    assert section.is_named(chunk("a", "Kites.", 1, path=("3 Birds", "3.3 Kites")))
    assert section.is_named(chunk("a", "Kites.", 1, path=("Section 3.3",)))
    assert not section.is_named(chunk("a", "Kites.", 1, path=("3.31 Owls",)))


def test_places_gain_by_how_well_their_documents_fit() -> None:
    near, far = Chunk("a1", "near", 0, "x", "text"), Chunk("b1", "far", 0, "x", "text")
    ranking = [Fused("a1", 0.8, {"dense": 1}), Fused("b1", 0.4, {"dense": 2})]
    stored = {one.id: StoredChunk(one, one.document_id) for one in (near, far)}
    there = {
        key: Opened([Chunk(f"{key}5", key, 5, "y", "text", spans=(Span(0, 1, 0, page=5),))])
        for key in ("near", "far")
    }
    found = referred(ranking, Pointed(NamedPages(frozenset({"5"}))), NOTHING_ASKED, stored, there.__getitem__)
    assert {one.id: round(one.score, 3) for one in found} == {
        "near5": 1.0, "a1": round(0.8 / (0.8 + FITS), 3), "far5": 0.5, "b1": round(0.4 / (0.8 + FITS), 3),
    }  # fmt: skip
    assert next(one for one in found if one.id == "near5").ranks == {"dense": None, "place": 1}


def test_a_ranking_without_candidates_stays_empty() -> None:
    assert referred([], pointed("page 5"), NOTHING_ASKED, {}, lambda _: Opened(())) == []


def pages_of(hits: list[Hit]) -> list[int | None]:
    return [hit.chunk.page for hit in hits]


async def test_the_page_that_is_asked_for_is_found_first(tmp_path: Path) -> None:
    blocks: list[dict[str, object]] = []
    for place, name in enumerate(("Kites", "Owls", "Mice", "Herons")):
        blocks.append({"type": "text", "text": name, "text_level": 1, "page_idx": place})
        blocks.append({"type": "text", "text": f"Of {name} much is told.", "page_idx": place})
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add_blocks(blocks, source="birds.pdf")
        asked = {"page 1": 1, "page 3": 3, "page four": 4, "the last page": 4, "the second last page": 3}
        for words, number in asked.items():
            hits = await engine.search(f"What is told on {words}?", limit=2)
            assert pages_of(hits)[0] == number, words
            assert hits[0].ranks["place"] == 1
        plain = await engine.search("What is told of owls?", limit=2)
        assert "place" not in plain[0].ranks
        none = await engine.search("What is told on page 9?", limit=4)
        assert all(hit.ranks["place"] is None for hit in none)


async def test_the_printed_number_comes_before_the_place_in_the_file(tmp_path: Path) -> None:
    blocks: list[dict[str, object]] = []
    for place, name in enumerate(("Kites", "Owls", "Mice", "Herons", "Larks", "Swifts")):
        at = {"page_idx": place, "page_size": [600, 800]}
        blocks.append({"type": "text", "text": name, "text_level": 1, **at})
        blocks.append({"type": "text", "text": f"Of {name} much is told.", **at})
        blocks.append({"type": "page_number", "text": str(place + 3), **at})
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add_blocks(blocks, source="birds.pdf")
        hits = await engine.search("What is told on page 5?", limit=6)
        assert [(hit.chunk.page, hit.chunk.spans[0].label) for hit in hits[:2]] == [(3, "5"), (5, "7")]
        assert pages_of(await engine.search("What is told on page 2?", limit=6))[0] == 2
        assert pages_of(await engine.search("What is told on page 8?", limit=6))[0] == 6
        assert pages_of(await engine.search("What is told on the first page?", limit=6))[0] == 1
