"""R19: what `add` reports as searchable is found by the next search."""

from __future__ import annotations

from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.testing.fakes import FakeEmbedder

ADDS = 1_000


@pytest.mark.timeout(900)  # a minute by itself, many beside other work
async def test_what_was_added_is_found_at_once(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        for number in range(ADDS):
            word = f"kite{number:04}"
            await engine.add(Content(f"The bird {word} was seen at noon.", f"{word}.txt"))
            hits = await engine.search(word, limit=3)
            assert hits[0].source == f"{word}.txt"
            assert hits[0].ranks["keyword"] == 1


async def test_what_was_deleted_is_gone_at_once(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(*(Content(f"The bird kite{n:04} was seen.", f"{n}.txt") for n in range(50)))
        for number in range(50):
            await engine.delete(f"{number}.txt")
            hits = await engine.search(f"kite{number:04}", limit=50)
            assert all(hit.source != f"{number}.txt" for hit in hits)
            assert len(hits) == 49 - number
        store = engine.lines.store
        assert store.index.count("default") == 0
        assert engine.blobs.keys() == []
        assert engine.catalogue.term_statistics("default", range(10)).chunks == 0
