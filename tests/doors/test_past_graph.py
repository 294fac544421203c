"""The graph asked as of a date: what documents said that were live then, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.results import Hit
from glede.testing.fakes import FakeEmbedder
from glede.text import moments
from glede.types import Mode
from tests.promises.agreement import disagreements

QUESTION = "Where was the director of Silver Harbour born?"
MADE = {
    "film.md": "# Silver Harbour\n\nSilver Harbour is a film. It was directed by Ada Lindqvist.",
    "ada.md": "# Ada Lindqvist\n\nAda Lindqvist was born in Uppsala.",
    "bruno.md": "# Bruno Keller\n\nBruno Keller was born in Zurich.",
}
LATER = {"film.md": MADE["film.md"].replace("Ada Lindqvist", "Bruno Keller")}


@pytest.fixture
async def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engine]:
    """A film that was directed by one in March and by another in April; whoever is not, is removed in May."""
    async with Engine.open(Settings(home=tmp_path, history=True), embedder=FakeEmbedder()) as opened:
        for day, texts in (("2026-03-01", MADE), ("2026-04-01", LATER)):
            monkeypatch.setattr(moments, "now", lambda day=day: f"{day}T12:00:00Z")
            await opened.add(*(Content(text, name) for name, text in texts.items()))
        monkeypatch.setattr(moments, "now", lambda: "2026-05-01T12:00:00Z")
        await opened.delete("ada.md")
        yield opened


async def through(engine: Engine, as_of: str | None, mode: Mode = "mix") -> dict[str, list[str]]:
    """The sources that the graph brought, each with the entities on the way."""
    hits: list[Hit] = await engine.search(QUESTION, as_of=as_of, mode=mode)
    return {hit.source: [step.entity for step in hit.path] for hit in hits if hit.path}


async def test_the_way_is_that_of_then(engine: Engine) -> None:
    march, april, now = [await through(engine, day) for day in ("2026-03-15", "2026-04-15", None)]
    assert march["ada.md"][-1] == "Ada Lindqvist" and "Silver Harbour" in march["ada.md"]
    assert april["bruno.md"][-1] == "Bruno Keller" and "Silver Harbour" in april["bruno.md"]
    assert "ada.md" not in now and now["bruno.md"] == april["bruno.md"]
    assert "bruno.md" not in march  # nothing tied it to the film then
    assert await through(engine, "2026-02-01") == {}


async def test_every_mode_asks_it(engine: Engine) -> None:
    for mode in ("local", "global", "hybrid", "auto"):
        found = await through(engine, "2026-03-15", mode)
        assert "film.md" in found, mode
        assert all("Silver Harbour" not in way or "Bruno Keller" not in way for way in found.values()), mode


async def test_todays_graph_is_as_if_there_were_no_past(engine: Engine) -> None:
    counts = (await engine.graph.stats()).counts
    assert sum(counts.documents.values()) == 2
    assert disagreements(engine) == []
    assert (await engine.care.check(deep=True)).problems == []


async def test_what_is_forgotten_says_nothing_any_more(engine: Engine) -> None:
    await engine.past.purge("2026-04-02")
    march = await through(engine, "2026-03-15")
    assert "Silver Harbour" not in str(march)
    await engine.delete("ada.md", all_versions=True)
    assert await through(engine, "2026-04-15") == await through(engine, None)


async def test_more_than_can_be_named_are_left_out(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glede.retrieval.past_graph.MOST_TOLD", 0)
    assert "Bruno Keller" not in str(await through(engine, "2026-03-15"))
    assert await engine.search(QUESTION, as_of="2026-03-15")
