"""What was set aside is made searchable, whatever of it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.adding.blob_keys import vectors_key
from glede.aside import past_of
from glede.care.past import PastRows
from glede.testing.fakes import FakeEmbedder
from glede.text import moments

DAYS = {"2026-03-01": "voles", "2026-04-01": "frogs", "2026-05-01": "mice"}


async def test_a_vanished_blob_of_the_past_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glede.care.past.DOCUMENTS", 1)
    async with Engine.open(Settings(home=tmp_path, history=True), embedder=FakeEmbedder()) as engine:
        store = engine.lines.store
        for day, prey in DAYS.items():
            monkeypatch.setattr(moments, "now", lambda day=day: f"{day}T12:00:00Z")
            await engine.add(Content(f"The barn owl hunts {prey}.", "owls.md"))
            if prey == "voles":
                store.blobs.delete(vectors_key((await engine.document("owls.md")).version))
        await engine.delete("owls.md")
        past = engine.past.kept()
        assert len(past.unindexed(9)) == 1
        hits = await engine.search("barn owl", as_of="2026-04-15")
        assert ["frogs" in hit.chunk.text for hit in hits] == [True]
        assert [one.code for one in (await engine.care.check()).problems] != []
        PastRows(past).settle(store)  # again, and it still ends
        assert store.index.count(past_of("default")) == 2


async def test_what_waits_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No document twice, however many there are."""
    monkeypatch.setattr("glede.care.past.DOCUMENTS", 2)
    async with Engine.open(Settings(home=tmp_path, history=True), embedder=FakeEmbedder()) as engine:
        for number in range(7):
            await engine.add(Content(f"The owl of number {number}.", f"{number}.md"))
        past, store = engine.past.kept(), engine.lines.store
        engine.catalogue.remove("default", [one.id for one in await engine.documents()])
        whole, asked = past.unindexed, list[int]()

        def counted(limit: int) -> list[tuple[str, str]]:
            asked.append(limit)
            return whole(limit)

        monkeypatch.setattr(past, "unindexed", counted)
        PastRows(past).settle(store)
        assert asked == [2] * 5
        assert store.index.count(past_of("default")) == 7
