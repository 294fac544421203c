"""Vectors that nobody needs any more do not stay on the disk for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.adding.blob_keys import vectors_of
from glede.care.books import books_of
from glede.care.packing import MOST_PACKS, Packs
from glede.stores.books import SqlBooks
from glede.testing.fakes import FakeEmbedder
from tests.promises.crashing import Lives, Step

BIRDS = [f"The bird number {number} sings in wood {number} at dawn." for number in range(10)]
KILLED = -9


def text(sentences: Sequence[str]) -> str:
    """A chunk for each sentence."""
    return "".join(f"# Part {sentence.split()[3]}\n\n{sentence}\n\n" for sentence in sentences)


def changed(*places: int) -> list[str]:
    return [one.replace("sings", "sleeps") if place in places else one for place, one in enumerate(BIRDS)]


def rows(engine: Engine) -> list[int]:
    """How many vectors each blob on the disk holds."""
    blobs = engine.lines.store.blobs
    return sorted(len(vectors_of(key, blobs.get(key), 64)) for key in blobs.keys("vectors/"))


async def healthy(engine: Engine) -> bool:
    """Whether all is right and each vector is found, so that nothing would be embedded again."""
    return (await engine.care.check(deep=True)).problems == []


async def test_little_that_is_left_is_written_again(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    async with Engine.open(Settings(home=tmp_path), embedder=embedder) as engine:
        await engine.add(Content(text(BIRDS), "a.md"))
        await engine.add(Content(text(changed(0, 1, 2)), "a.md"))
        assert rows(engine) == [3, 10]  # most of the first is needed
        await engine.add(Content(text(changed(0, 1, 2, 3, 4, 5)), "a.md"))
        assert rows(engine) == [3, 3, 4]
        assert await healthy(engine)
        (hit, *_) = await engine.search("bird number 9", limit=1)
        assert "number 9 sings" in hit.chunk.text
        embedder.texts = 0
        await engine.add(Content(text(changed(0, 1, 2, 3, 4, 5)), "b.md"), Content(text(BIRDS[6:]), "c.md"))
        assert embedder.texts == 0
        await engine.delete("a.md", "b.md", "c.md")
        assert rows(engine) == []


async def test_what_another_document_needs_as_well_stays(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(Content(text(BIRDS), "a.md"))
        await engine.add(Content(text([*BIRDS, "The owl is no singer."]), "b.md"))
        await engine.add(Content(text(changed(*range(9))), "a.md"))
        assert rows(engine) == [1, 9, 10]
        await engine.delete("b.md")
        assert rows(engine) == [9, 10]
        assert await healthy(engine)
        await engine.care.rebuild()
        assert rows(engine) == [1, 9]
        assert await healthy(engine)


async def test_many_changes_do_not_make_many_blobs(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        sentences = list(BIRDS)
        for place in range(3 * MOST_PACKS):
            sentences.append(f"The bird number {20 + place} is new.")
            await engine.add(Content(text(sentences), "a.md"))
            assert len(rows(engine)) <= MOST_PACKS + 1
        assert sum(rows(engine)) == len(sentences)
        assert await healthy(engine)


async def test_only_what_was_changed_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(*(Content(f"The owl of wood {number}.", f"{number}.md") for number in range(40)))
        await engine.add(Content(text(BIRDS), "a.md"))
        asked: list[str] = []
        sole = SqlBooks.sole_packs

        def counted(books: SqlBooks, collection: str, document_id: str) -> dict[str, int]:
            asked.append(document_id)
            return sole(books, collection, document_id)

        monkeypatch.setattr(SqlBooks, "sole_packs", counted)
        await engine.add(Content(text(changed(*range(8))), "a.md"), Content("The kite is new.", "k.md"))
        assert asked == [(await engine.document("a.md")).id]


async def test_former_versions_keep_theirs_until_they_are_purged(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path, history=True), embedder=FakeEmbedder()) as engine:
        await engine.add(Content(text(BIRDS), "a.md"))
        await engine.add(Content(text(changed(*range(8))), "a.md"))
        assert rows(engine) == [8, 10]
        assert await engine.past.purge("2100-01-01") == 1
        assert rows(engine) == [2, 8]
        assert await healthy(engine)


async def test_what_is_damaged_stays_as_it_is(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        store = engine.lines.store
        await engine.add(Content(text(BIRDS), "a.md"))
        await engine.add(Content(text([*BIRDS, "The owl is no singer."]), "a.md"))
        document = await engine.document("a.md")
        (first,) = [key for key in store.blobs.keys("vectors/") if document.version not in key]
        store.blobs.delete(first)
        packs = Packs(books_of(engine.catalogue))
        packs.note("default", [document.id, "0" * 32])
        assert packs.compact(store) == 0 and packs.noted == {}


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    with Lives() as running:
        yield running


BEGUN: Step = ("add", [["a.md", text(BIRDS)]])
CHANGED: Step = ("add", [["a.md", text(changed(*range(8)))]])
PLACES = ("announce.before@2", "announce.inside@2", "announce.after@2", "books.before", "books.inside",
          "books.after", "blobs.delete@1", "blobs.deleted@1", "purged.before")  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_kill_loses_no_vector(place: str, tmp_path: Path, lives: Lives) -> None:
    assert lives.live(tmp_path, BEGUN).code == 0
    name, _, time = place.partition("@")
    armed: Step = ("arm", f"{name}=kill@{time}" if time else f"{name}=kill")
    killed = lives.live(tmp_path, armed, CHANGED)
    assert killed.code == KILLED, (place, killed.events)
    looked = lives.live(tmp_path, ("state",), CHANGED, ("state",))
    states = [one for one in looked.events if one["event"] == "state"]
    assert [state["problems"] for state in states] == [[], []], looked.events
