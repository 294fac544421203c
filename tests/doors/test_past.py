from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.aside import past_of
from glede.errors import NotFoundError, UsageError
from glede.results import Version
from glede.testing.fakes import FakeEmbedder
from glede.text import moments
from tests.promises.agreement import disagreements

SetClock = Callable[[str], None]
PREY = {"2026-03-01": "voles", "2026-04-01": "frogs", "2026-05-01": "beetles"}
QUESTION = "What does the barn owl hunt?"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Sets the time by which documents are dated, to the noon of a day."""

    def set_to(day: str) -> None:
        monkeypatch.setattr(moments, "now", lambda: f"{day}T12:00:00Z")

    set_to("2026-02-01")
    return set_to


def kept(home: Path, *, history: bool = True) -> Settings:
    return Settings(home=home, history=history)


def owls(prey: str) -> Content:
    return Content(f"# Owls\n\nThe barn owl hunts {prey} by sound alone.\n", "owls.md")


async def changed(engine: Engine, clock: SetClock) -> None:
    """A document that says something else on the first of each month, and one that stays."""
    await engine.add(Content("# Kites\n\nThe red kite nests in oaks.\n", "kites.md"))
    for day, prey in PREY.items():
        clock(day)
        await engine.add(owls(prey))


async def prey_of(engine: Engine, as_of: str | None) -> list[str]:
    """What answers say, passages hold, and cited documents are."""
    answer = await engine.ask(QUESTION, as_of=as_of)
    texts = [hit.chunk.text for hit in await engine.search(QUESTION, limit=50, as_of=as_of)]
    found = [word for word in PREY.values() if any(word in text for text in texts)]
    said = [word for word in PREY.values() if word in answer.text]
    assert set(said) <= set(found) and bool(said) == bool(found)
    return found


async def test_only_what_was_live_then_answers(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
        assert await prey_of(engine, None) == ["beetles"]
        asked = {day: await prey_of(engine, day) for day in ("2026-01-31", "2026-02-15")}
        assert asked == {"2026-01-31": [], "2026-02-15": []}
        for day, prey in PREY.items():
            assert await prey_of(engine, day) == [prey]
        assert await prey_of(engine, "2026-04-01T11:59:59Z") == ["voles"]
        assert await prey_of(engine, "2026-04-01T12:00:00+00:00") == ["frogs"]
        assert await prey_of(engine, "2026-04-30") == ["frogs"]
        assert {one.source for one in await engine.past.documents("2026-02-15")} == {"kites.md"}
        assert not (await engine.ask("Where does the red kite nest?", as_of="2026-01-31")).answered
        assert disagreements(engine) == []
        assert (await engine.care.check(deep=True)).problems == []


async def test_citations_name_the_date_of_the_version(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
        past = await engine.ask(QUESTION, as_of="2026-04-20")
        assert {one.version_date for one in past.citations} == {"2026-04-01T12:00:00Z"}
        assert all(one.verified and "frogs" in one.quote for one in past.citations)
        opened = await engine.last_citation(1)
        assert opened.version_date == "2026-04-01T12:00:00Z"
        assert b"frogs" in await engine.original(await engine.cited(opened))
        now = await engine.ask(QUESTION)
        assert {one.version_date for one in now.citations} == {""}


async def test_a_plain_question_sees_and_costs_nothing_of_the_past(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
        chunks = await engine.chunks(await engine.document("owls.md"))
        assert engine.lines.store.index.count("default") == len(chunks) + 1
        statistics = engine.catalogue.term_statistics("default", ())
        assert statistics.chunks == len(chunks) + 1
        assert engine.catalogue.collections() == ["default"]
        assert (await engine.documents()) and len(await engine.documents()) == 2
        assert disagreements(engine) == []


async def test_versions_are_listed_and_what_comes_back_is_live_again(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
        clock("2026-06-01")
        await engine.add(owls("voles"))  # as it was at first
        first, second, third, last = await engine.past.versions("owls.md")
        assert [one.since[:10] for one in (first, second, third, last)] == [*PREY, "2026-06-01"]
        assert [one.until[:10] for one in (first, second, third, last)] == [*list(PREY)[1:], "2026-06-01", ""]
        assert first.document_id == last.document_id != second.document_id
        for day, prey in {**PREY, "2026-06-01": "voles"}.items():
            assert await prey_of(engine, day) == [prey]
        assert (await engine.care.check(deep=True)).problems == []
        with pytest.raises(NotFoundError):
            await engine.past.versions("swans.md")


async def test_what_is_removed_stays_in_the_past_alone(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
        clock("2026-06-01")
        await engine.delete("owls.md")
        assert await prey_of(engine, None) == []
        assert await prey_of(engine, "2026-06-02") == []
        assert await prey_of(engine, "2026-05-31") == ["beetles"]
        await engine.detach(["kites.md"])
        assert await engine.documents() == []
        assert (await engine.ask("Where does the red kite nest?", as_of="2026-05-01")).answered
        (version,) = await engine.past.versions("kites.md")
        assert version == Version(
            "kites.md", version.document_id, "2026-02-01T12:00:00Z", "2026-06-01T12:00:00Z"
        )


async def test_a_removal_with_all_versions_leaves_nothing(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
        clock("2026-06-01")
        await engine.ask(QUESTION, as_of="2026-04-20")
        gone = await engine.delete("owls.md", all_versions=True)
        assert len(gone) == 3
        for day in (None, *PREY, "2026-06-02"):
            assert await prey_of(engine, day) == []
        with pytest.raises(NotFoundError):
            await engine.past.versions("owls.md")
        with pytest.raises(NotFoundError):
            await engine.last_citation(1)
        checked = await engine.care.check(deep=True)
        assert (checked.problems, checked.documents) == ([], 1)
        assert engine.lines.store.index.count(past_of("default")) == 0
    data = b"".join(
        path.read_bytes() for path in tmp_path.rglob("*") if "blobs" in path.parts and path.is_file()
    )
    assert b"voles" not in data and b"frogs" not in data


async def test_what_was_removed_before_can_be_erased_by_its_name(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
        await engine.delete("owls.md")
        await engine.care.disable("kites.md")
        assert len(await engine.delete("owls.md", "kites.md", all_versions=True)) == 4
        assert (await engine.care.check(deep=True)).documents == 0
        with pytest.raises(NotFoundError):
            await engine.delete("owls.md", all_versions=True)


async def test_a_purge_forgets_what_had_ended_by_then(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
        assert await engine.past.purge("2026-04-01") == 0
        assert await engine.past.purge("2026-04-02") == 1
        assert await prey_of(engine, "2026-03-01") == []
        assert await prey_of(engine, "2026-04-01") == ["frogs"]
        assert [one.since[:10] for one in await engine.past.versions("owls.md")] == list(PREY)[1:]
        assert await engine.past.purge("2100-01-01") == 1
        assert await prey_of(engine, None) == ["beetles"]
        checked = await engine.care.check(deep=True)
        assert (checked.problems, checked.documents) == ([], 2)


async def test_a_copy_keeps_a_document_live_while_its_other_name_changes(
    tmp_path: Path, clock: SetClock
) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(owls("voles"))
        clock("2026-03-01")
        await engine.add(Content(owls("voles").data, "copy.md"))
        clock("2026-04-01")
        await engine.add(owls("frogs"))
        assert await prey_of(engine, "2026-05-01") == ["voles", "frogs"]
        assert await prey_of(engine, "2026-03-15") == ["voles"]
        assert len(await engine.past.versions("owls.md")) == 2
        await engine.delete("copy.md")
        assert await prey_of(engine, "2026-05-01") == ["frogs"]
        assert await prey_of(engine, "2026-03-15") == ["voles"]


async def test_filters_name_what_documents_were(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(owls("voles"), metadata={"year": 2025})
        clock("2026-03-01")
        await engine.add(owls("frogs"), metadata={"year": 2026})

        async def found(**where: str | int) -> set[str]:
            hits = await engine.search(QUESTION, filter=where, as_of="2026-02-15")
            return {word for hit in hits for word in PREY.values() if word in hit.chunk.text}

        assert await found(year=2025) == await found(source="owls.md") == {"voles"}
        assert await found(year=2026) == await found(source="kites.md") == set()


async def test_without_a_history_nothing_is_kept_and_nobody_is_fooled(
    tmp_path: Path, clock: SetClock
) -> None:
    async with Engine.open(kept(tmp_path, history=False), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
        with pytest.raises(UsageError, match="no history") as refused:
            await engine.ask(QUESTION, as_of="2026-04-01")
        assert "GLEDE_HISTORY" in refused.value.hint
        with pytest.raises(UsageError, match="no date"):
            await engine.ask(QUESTION, as_of="yesterday")
        assert len(await engine.past.versions("owls.md")) == 1


async def test_a_history_that_is_not_kept_any_more_still_answers(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
    async with Engine.open(kept(tmp_path, history=False), embedder=FakeEmbedder()) as engine:
        assert await prey_of(engine, "2026-03-01") == ["voles"]
        await engine.add(owls("voles"))  # comes back, and is of the past as well
        assert await prey_of(engine, "2026-03-01") == ["voles"]
        assert await prey_of(engine, None) == ["voles"]
        assert (await engine.care.check(deep=True)).problems == []
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        clock("2026-07-01")
        await engine.add(owls("mice"))
        assert await prey_of(engine, "2026-06-01") == ["voles"]
        assert (await engine.care.check(deep=True)).problems == []


async def test_collections_have_a_past_each(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(owls("voles"))
        await engine.add(owls("voles"), collection="other")
        clock("2026-03-01")
        await engine.add(owls("frogs"))
        assert len(await engine.past.versions("owls.md")) == 2
        assert len(await engine.past.versions("owls.md", "other")) == 1
        hits = await engine.search(QUESTION, collection="other", as_of="2026-02-15")
        assert all("voles" in hit.chunk.text for hit in hits)
        await engine.delete("owls.md", all_versions=True)
        assert await engine.search(QUESTION, collection="other", as_of="2026-02-15") == hits


async def test_too_many_to_be_named_are_sifted(
    tmp_path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glede.retrieval.past.MOST_NAMED", 1)
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
        for day, prey in PREY.items():
            assert await prey_of(engine, day) == [prey]


async def test_a_rebuild_writes_the_past_again(tmp_path: Path, clock: SetClock) -> None:
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        await changed(engine, clock)
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder(), afresh=True) as engine:
        await engine.care.rebuild()
        assert await prey_of(engine, "2026-03-01") == ["voles"]
        assert (await engine.care.check(deep=True)).problems == []
    async with Engine.open(kept(tmp_path), embedder=FakeEmbedder()) as engine:
        other = FakeEmbedder(48)
        other.model = "fake:others@1"
        await engine.care.embed_again(other)
        for day, prey in PREY.items():
            assert await prey_of(engine, day) == [prey]
        assert (await engine.care.check(deep=True)).problems == []
