"""Homonyms in the ranking: what another thing of the same name is tied to is none of the question's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.results import Hit
from glede.testing.fakes import FakeEmbedder

PAGES = {
    "planet.md": "# Mercury (planet)\n\nMercury is the smallest planet and goes round the Sun. Its largest "
    "crater is Caloris Hollow. The probe Quickstar flew past the planet.\n",
    "hollow.md": "# Caloris Hollow\n\nCaloris Hollow was named by Anna Falk, who drew it from photographs.\n",
    "probe.md": "# Quickstar\n\nQuickstar was built in Lindby and weighs as much as a cow. Mercury was "
    "passed twice.\n",
    "element.md": "# Mercury (element)\n\nMercury is a heavy metal that is liquid in rooms. The mine "
    "of Almandor gave most of the metal. The chemist Olaf Brun weighed it.\n",
    "mine.md": "# Almandor\n\nAlmandor is a mine that was named by Otto Dix. Nobody works there now.\n",
    "chemist.md": "# Olaf Brun\n\nOlaf Brun was a chemist. Mercury made him ill, and Almandor made him "
    "rich.\n",
    "names.md": "# Names\n\nWho named a crater, and who named a mine, is found in old letters.\n",
    "owls.md": "# Owls\n\nOwls hunt by night and rest by day.\n",
}


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as opened:
        await opened.add(*(Content(text, name) for name, text in PAGES.items()))
        yield opened


def from_mercury(hits: list[Hit]) -> set[str]:
    """What the graph has brought from the name that is asked about."""
    return {hit.source for hit in hits if hit.path and hit.path[0].entity.startswith("Mercury")}


async def test_a_question_on_the_planet_walks_through_no_metal(engine: Engine) -> None:
    hits = await engine.search("Who named the largest crater of the planet Mercury?", limit=8, mode="mix")
    assert {hit.source for hit in hits[:3]} == {"planet.md", "hollow.md", "probe.md"}
    assert from_mercury(hits) == {"planet.md", "hollow.md", "probe.md"}


async def test_a_question_on_the_metal_walks_through_no_planet(engine: Engine) -> None:
    question = "Who named the mine that gave most of the heavy metal Mercury?"
    hits = await engine.search(question, limit=8, mode="mix")
    assert {hit.source for hit in hits[:3]} == {"element.md", "mine.md", "chemist.md"}
    assert from_mercury(hits) == {"element.md", "mine.md", "chemist.md"}


async def test_both_are_followed_where_a_question_does_not_tell(engine: Engine) -> None:
    hits = await engine.search("What is Mercury?", limit=8, mode="mix")
    assert {"planet.md", "element.md"} <= from_mercury(hits)
