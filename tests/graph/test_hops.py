"""Two hops in German, Chinese and Arabic, end to end: what `mix` finds that words alone do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.testing.fakes import FakeEmbedder
from tests.graph.hops import ARABIC, CHINESE, GERMAN, HELD, Library

BEST = 3
"""Passages that a reader is shown."""


async def found_whole(home: Path, library: Library) -> dict[str, int]:
    """In how many questions both documents are among the best, by mode."""
    titles = {f"{number}.md": title for number, title in enumerate(library.texts)}
    counts = {"naive": 0, "mix": 0}
    async with Engine.open(Settings(home=home), embedder=FakeEmbedder()) as engine:
        pages = [f"# {title}\n\n{text}\n" for title, text in library.texts.items()]
        await engine.add(*(Content(page, name) for page, name in zip(pages, titles, strict=True)))
        for question in library.questions:
            for mode in ("naive", "mix"):
                hits = await engine.search(question.text, limit=BEST, mode=mode)
                counts[mode] += set(question.needed) <= {titles[hit.source] for hit in hits}
    return counts


@pytest.mark.parametrize("library", [GERMAN, CHINESE, ARABIC], ids=["german", "chinese", "arabic"])
async def test_the_graph_finds_the_second_document_of_most_questions(
    tmp_path: Path, library: Library
) -> None:
    counts = await found_whole(tmp_path, library)
    assert counts["mix"] >= len(library.questions) - 1
    assert counts["mix"] >= counts["naive"] + 4


@pytest.mark.parametrize("library", HELD, ids=["german", "chinese", "arabic"])
async def test_so_it_does_where_the_rules_were_not_made_for_the_text(
    tmp_path: Path, library: Library
) -> None:
    counts = await found_whole(tmp_path, library)
    assert counts["mix"] >= max(len(library.questions) - 1, counts["naive"])
