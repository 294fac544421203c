from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.errors import DimensionError, ModelMismatchError, ModelTimeoutError, UnavailableError
from glede.pictures.features import pictures_of
from glede.places import PlacedIndex, Places
from glede.ports import Vectors, fingerprint_of
from glede.testing.fakes import FakeEmbedder, MemoryCatalogue, MemoryIndex
from tests.processors.test_image import png

BIRDS = [Content(f"# Bird {n}\n\nBird number {n} sings {n} songs on hill {n}.", f"{n}.md") for n in range(40)]


class OtherEmbedder(FakeEmbedder):
    """Another model, that can be held up, and fail from some call on."""

    def __init__(self, dimension: int = 32, fails_at: int = 0) -> None:
        super().__init__(dimension)
        self.model = "other:words@1"
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails_at = fails_at

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked.set()
        await self.gate.wait()
        if self.fails_at and self.calls + 1 >= self.fails_at:
            raise ModelTimeoutError("the model is away")
        return await super().embed(texts)


def placed(engine: Engine) -> PlacedIndex:
    index = engine.lines.store.index
    assert isinstance(index, PlacedIndex)
    return index


async def found(engine: Engine, query: str) -> str:
    return (await engine.search(query, limit=1))[0].source


async def vectors_kept(engine: Engine) -> int:
    return len(engine.blobs.keys("vectors"))


async def test_questions_are_answered_until_all_is_swapped_at_once(tmp_path: Path) -> None:
    old, new = FakeEmbedder(), OtherEmbedder()
    async with Engine.open(Settings(home=tmp_path), embedder=old) as engine:
        await engine.add(*BIRDS, Content(png(), "kite.png"))
        new.gate.clear()
        again = asyncio.create_task(engine.care.embed_again(new))
        await new.asked.wait()
        assert await found(engine, "hill 7") == "7.md"
        await engine.add(Content("An owl waits in the barn.", "owl.md"))
        await engine.delete("8.md")
        assert await found(engine, "owl barn") == "owl.md"
        assert placed(engine).fingerprint("default") == fingerprint_of(old)
        new.gate.set()
        rebuilt = await again
        assert rebuilt.made == ("vectors of the collection default",)
        assert rebuilt.lost == ()
        assert placed(engine).fingerprint("default") == fingerprint_of(new)
        assert engine.lines.store.embedder is new
        assert await found(engine, "hill 7") == "7.md"
        assert await found(engine, "owl barn") == "owl.md"
        assert "8.md" not in [hit.source for hit in await engine.search("hill 8", limit=60)]
        chunks = sum(document.chunks for document in await engine.documents())
        assert placed(engine).count("default") == chunks
        assert placed(engine).index.fingerprint("default") is None
        assert placed(engine).index.fingerprint(pictures_of("default")) is None
        assert placed(engine).count(pictures_of("default")) == 1
        assert (await engine.care.check(deep=True)).problems == []
        assert (await engine.care.embed_again()).rows == 0
    texts = new.texts
    async with Engine.open(Settings(home=tmp_path), embedder=new) as engine:
        assert await found(engine, "hill 7") == "7.md"
        await engine.add(Content("A wren.", "wren.md"), *BIRDS[:3])
        assert new.texts - texts <= 3, "a question, the wren, and nothing that was there"


async def test_opened_with_another_model_it_says_what_to_do(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(*BIRDS[:3])
        await engine.care.disable("2.md")
    async with Engine.open(Settings(home=tmp_path), embedder=OtherEmbedder()) as engine:
        with pytest.raises(ModelMismatchError) as raised:
            await engine.search("hill 1")
        assert "glede rebuild --embed" in raised.value.hint
        with pytest.raises(ModelMismatchError):
            await engine.add(Content("A wren.", "wren.md"))
        await engine.care.embed_again()
        assert await found(engine, "hill 1") == "1.md"
        await engine.care.enable("2.md")
        assert await found(engine, "hill 2") == "2.md"
        assert (await engine.care.check(deep=True)).problems == []


async def test_what_a_killed_move_leaves_is_named_and_swept(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(*BIRDS[:3])
        with pytest.raises(ModelTimeoutError):
            await engine.care.embed_again(OtherEmbedder(fails_at=1))
        (begun,) = (await engine.care.check()).problems
        assert (begun.code, begun.place) == ("move_begun", "index default.1")
        assert "rebuild --embed" in begun.hint
        await engine.care.embed_again()
        assert (await engine.care.check()).problems == []
        places = placed(engine).places
        place = places.begin("default")
        placed(engine).beside(["default"]).create("default", fingerprint_of(FakeEmbedder()), 64)
        places._note("default", replace(place, next="", left=(place.next,)))
        assert [one.code for one in (await engine.care.check()).problems] == ["move_begun"]
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        assert placed(engine).places.of("default").left == ()
        assert placed(engine).index.fingerprint(place.next) is None
        assert (await engine.care.check()).problems == []
        assert await found(engine, "hill 1") == "1.md"


async def test_a_model_that_fails_in_the_middle_is_gone_on_with(tmp_path: Path) -> None:
    old, broken = FakeEmbedder(), OtherEmbedder(fails_at=2)
    async with Engine.open(Settings(home=tmp_path), embedder=old) as engine:
        await engine.add(*BIRDS)
        with pytest.raises(ModelTimeoutError):
            await engine.care.embed_again(broken)
        assert await found(engine, "hill 7") == "7.md"
        whole = OtherEmbedder()
        await engine.care.embed_again(whole)
        assert broken.texts > 0
        assert whole.texts + broken.texts == len(BIRDS)
        assert await found(engine, "hill 7") == "7.md"


async def test_what_a_third_model_begins_anew_or_the_first_takes_back_is_left_nowhere(tmp_path: Path) -> None:
    old = FakeEmbedder()
    async with Engine.open(Settings(home=tmp_path), embedder=old) as engine:
        await engine.add(*BIRDS)
        kept = await vectors_kept(engine)
        for model in (OtherEmbedder(fails_at=2), OtherEmbedder(dimension=48, fails_at=2)):
            model.model = f"other:{model.dimension}"
            with pytest.raises(ModelTimeoutError):
                await engine.care.embed_again(model)
        assert await vectors_kept(engine) > kept
        await engine.care.embed_again(old)
        assert await vectors_kept(engine) == kept
        assert placed(engine).places.of("default").next == ""
        assert await found(engine, "hill 7") == "7.md"
        assert (await engine.care.check(deep=True)).problems == []


class Turncoat(FakeEmbedder):
    """Begins to give vectors of another length in the middle of its work."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        found = await super().embed(texts)
        return found if self.calls == 1 else found[:, :48]


async def test_other_dimensions_in_the_middle_of_an_add_lose_nothing(tmp_path: Path) -> None:
    many = [
        Content("\n\n".join(f"# Part {p}\n\nBird {n} in {p}." for p in range(300)), f"{n}.md")
        for n in range(4)
    ]
    async with Engine.open(Settings(home=tmp_path), embedder=Turncoat()) as engine:
        report = await engine.add(*many)
        assert {one.error.code for one in report.failed if one.error} == {DimensionError.code}
        assert 0 < len(report.failed) < 4
        assert all("(" in one.error.message for one in report.failed if one.error)
        done = [one.source for one in report.documents if one.status == "searchable"]
        assert [one.source for one in await engine.documents()] == done
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        again = await engine.add(*many)
        assert not again.failed
        assert len([one for one in again.documents if one.status == "unchanged"]) == len(done)
        assert (await engine.care.check(deep=True)).problems == []


def test_who_reads_a_place_that_is_gone_is_told() -> None:
    index = PlacedIndex(MemoryIndex(), Places(MemoryCatalogue()))
    index.create("birds", "old", 2)
    reader = index.anew()
    index.places.begin("birds")
    index.beside(["birds"]).create("birds", "new", 2)
    reader.pin(["birds"])
    index.places.swap("birds")
    assert (reader.fingerprint("birds"), index.fingerprint("birds")) == ("old", "new")
    index.sweep("birds")
    with pytest.raises(UnavailableError, match="another embedding model"):
        reader.count("birds")
    assert index.index.fingerprint("birds") is None
    assert Places(index.places.notes).of("birds") == index.places.of("birds")
