from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.blocking import Engine as BlockingEngine
from glede.errors import LockedError, ModelMismatchError, NotFoundError, UsageError
from glede.testing.fakes import FakeEmbedder

SAMPLES = Path(__file__).parents[1] / "samples"


async def test_another_embedding_model_is_refused_with_the_ways_out(tmp_path: Path) -> None:
    text = Content("The red kite has a forked tail.", "kite.txt")
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder(dimension=64)) as engine:
        await engine.add(text)
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder(dimension=32)) as engine:
        with pytest.raises(ModelMismatchError) as caught:
            await engine.add(text)
        assert "GLEDE_EMBED" in caught.value.hint
        assert "--collection" in caught.value.hint
        with pytest.raises(ModelMismatchError):
            await engine.search("tail")
        report = await engine.add(text, collection="other")
        assert not report.failed
        assert len(await engine.search("tail", collection="other")) == 1


async def test_a_folder_is_held_by_one_engine(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()):
        with pytest.raises(LockedError):
            async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()):
                pass
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        assert await engine.documents() == []


async def test_adding_and_searching_side_by_side(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(Content("The red kite has a forked tail.", "kite.txt"))

        async def add(number: int) -> None:
            await engine.add(*(Content(f"Owl {number} {n} hoots.", f"{number}-{n}.txt") for n in range(5)))

        async def search() -> None:
            hits = await engine.search("red kite forked tail")
            assert hits[0].source == "kite.txt"

        await asyncio.gather(*(add(number) for number in range(4)), *(search() for _ in range(12)))
        assert len(await engine.documents()) == 21


async def test_one_bad_document_does_not_stop_the_others(tmp_path: Path) -> None:
    things = [Content("Good text about kites.", f"{n}.txt") for n in range(1)]
    things += [Content(b"\x00\x01\x02\xff" * 100, "bad.bin"), Content("", "empty.txt")]
    things += [Content(b"%PDF-1.7\ngarbage", "cut.pdf"), Content("More good text about owls.", "z.txt")]
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        report = await engine.add(*things)
        codes = [document.error.code if document.error else None for document in report.documents]
        assert codes == [None, "unsupported", "unreadable", "malformed", None]
        assert len(await engine.documents()) == 2


async def test_nothing_is_left_of_what_failed_half_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the index and the commit leaves what no reader sees and the next opening sweeps."""

    class StoppedError(Exception):
        pass

    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(Content("The owl hoots at night.", "owl.txt"))
        store = engine.lines.store

        def stop(*_: object) -> None:
            raise StoppedError

        with monkeypatch.context() as patched, pytest.raises(BaseExceptionGroup):
            patched.setattr(store.catalogue, "commit", stop)
            await engine.add(Content("The kite soars at noon.", "kite.txt"))
        assert store.index.count("default") == 2
        assert [hit.source for hit in await engine.search("kite soars at noon")] == ["owl.txt"]
        assert len(store.catalogue.retired()) == 1
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        assert engine.lines.store.index.count("default") == 1
        assert engine.catalogue.retired() == []
        assert len(engine.blobs.keys("originals")) == 1
        await engine.add(Content("The kite soars at noon.", "kite.txt"))
        assert (await engine.search("kite soars at noon"))[0].source == "kite.txt"


async def test_documents_are_named_by_id_path_or_its_end(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(
            Content("One kite.", "/birds/kite.txt"),
            Content("Two kites.", "/more/kite.txt"),
            Content("One owl.", "/birds/100%_owl.txt"),
        )
        owl = await engine.document("100%_owl.txt")
        assert (await engine.document(owl.id[:8])).id == owl.id
        assert (await engine.document("birds/kite.txt")).source == "/birds/kite.txt"
        with pytest.raises(UsageError, match="names 2 documents"):
            await engine.document("kite.txt")
        for nothing in ("%_owl.txt", "_irds/kite.txt", "nothing"):
            with pytest.raises(NotFoundError):
                await engine.document(nothing)


def test_the_blocking_engine_is_the_same(tmp_path: Path) -> None:
    with BlockingEngine(Settings(home=tmp_path)) as engine:
        report = engine.add(SAMPLES / "faq.txt", SAMPLES / "report.pdf")
        assert not report.failed
        answer = engine.ask("Which wind speed was measured at the summit mast?")
        (citation,) = answer.citations
        assert "7.4 m/s" in answer.text
        assert citation.modality == "table"
        assert citation.page == 1
        assert citation.box is not None
        assert citation.verified
        assert engine.last_citation(1) == citation
        document = engine.document("report.pdf")
        (picture,) = [block.picture for block in engine.blocks(document) if block.picture]
        assert engine.asset(picture.asset).startswith(b"\x89PNG")
        assert engine.original(document) == (SAMPLES / "report.pdf").read_bytes()
        assert engine.search("breeding pairs", types=["image"])[0].chunk.asset == picture.asset
        assert {Path(one.source).name for one in engine.documents()} == {"faq.txt", "report.pdf"}
        assert len(engine.chunks(document)) == document.chunks
        engine.delete("report.pdf")
        with pytest.raises(NotFoundError):
            engine.document("report.pdf")


@pytest.mark.parametrize("name", ["", "../x", "a b", "x" * 64, "\udc80", "-a"])
async def test_names_of_collections_are_checked(tmp_path: Path, name: str) -> None:
    async with Engine.open(Settings(home=tmp_path)) as engine:
        with pytest.raises(UsageError):
            await engine.add(Content("Kites soar.", "kites.txt"), collection=name)
        with pytest.raises(UsageError):
            await engine.search("kites", collection=name)


@pytest.mark.parametrize("name", ["", "../../catalogue.db", "0" * 63, "\udc80", "A" * 64])
async def test_names_of_assets_are_checked(tmp_path: Path, name: str) -> None:
    async with Engine.open(Settings(home=tmp_path)) as engine:
        with pytest.raises(NotFoundError):
            await engine.asset(name)
