from __future__ import annotations

import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from glede import Content, Engine, Settings
from glede.care.dump import dumped
from glede.errors import DocumentError, GledeError, ModelMismatchError
from glede.testing.fakes import FakeEmbedder
from tests.promises.damaging import texts

SEED = 11


def state(engine: Engine) -> Any:  # noqa: ANN401 - JSON, compared with what is expected
    return dumped(engine.catalogue, engine.blobs, canonical=True)


async def exported(home: Path, file: Path) -> Any:  # noqa: ANN401 - JSON, compared with what is expected
    async with Engine.open(Settings(home=home), embedder=FakeEmbedder()) as engine:
        await engine.add(*texts(), Content("# Owls\n\nThe barn owl hunts voles by sound alone.\n", "copy.md"))
        await engine.graph.merge("red kite", "barn owl")
        made = await engine.care.export(file)
        assert (made.documents, made.size) == (3, file.stat().st_size)
        return state(engine)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "birds.zip"


async def test_an_export_comes_back_whole_without_parse_or_embedding(tmp_path: Path, file: Path) -> None:
    before = await exported(tmp_path / "one", file)
    embedder = FakeEmbedder()
    settings = Settings(home=tmp_path / "two")
    async with Engine.open(settings, embedder=embedder) as engine:
        added = await engine.care.take_in(file)
        assert [one.status for one in added] == ["searchable"] * 3
        assert embedder.texts == 0
        after = state(engine)
        assert after["collections"] == before["collections"]
        assert (await engine.care.check(deep=True)).problems == []
        assert "copy.md" in {hit.source for hit in await engine.search("barn owl voles")}
        again = await engine.care.take_in(file)
        assert [one.status for one in again] == ["unchanged"] * 3
        other = await engine.care.take_in(file, "other")
        assert [one.status for one in other] == ["searchable"] * 3
        assert (await engine.care.check(deep=True)).problems == []


async def test_a_document_that_is_there_is_never_replaced(tmp_path: Path, file: Path) -> None:
    await exported(tmp_path / "one", file)
    async with Engine.open(Settings(home=tmp_path / "two"), embedder=FakeEmbedder()) as engine:
        await engine.add(Content("# Mine\n\nMy own kites.\n", "kites.md"))
        added = {one.source: one for one in await engine.care.take_in(file)}
        error = added["kites.md"].error
        assert error is not None
        assert "another document" in error.message
        assert (await engine.document("kites.md")).title == "Mine"
        assert added["eggs.csv"].status == "searchable"


async def test_another_embedding_model_is_refused_with_both_ways_out(tmp_path: Path, file: Path) -> None:
    await exported(tmp_path / "one", file)
    async with Engine.open(Settings(home=tmp_path / "two"), embedder=FakeEmbedder(dimension=32)) as engine:
        with pytest.raises(ModelMismatchError) as refused:
            await engine.care.take_in(file)
        assert "GLEDE_EMBED" in refused.value.hint
        assert "originals" in refused.value.hint
        assert await engine.documents() == []


async def test_damaged_and_cut_off_files_bring_nothing_that_is_not_true(tmp_path: Path, file: Path) -> None:
    truth = await exported(tmp_path / "one", file)
    whole = file.read_bytes()
    chance = random.Random(SEED)
    true = {doc["id"]: doc for doc in truth["collections"]["default"]["documents"]}
    async with Engine.open(Settings(home=tmp_path / "two"), embedder=FakeEmbedder()) as engine:
        for case in range(60):
            data = bytearray(whole)
            if case % 3 == 0:
                del data[chance.randrange(len(data)) :]
            else:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            file.write_bytes(data)
            try:
                await engine.care.take_in(file, f"case{case}")
            except GledeError as error:
                assert error.hint
        found = state(engine)
        for collection in found["collections"].values():
            for document in collection["documents"]:
                assert document["chunks"] == true[document["id"]]["chunks"]
        assert (await engine.care.check(deep=True)).problems == []


def rewritten(file: Path, name: str, data: bytes, method: int = zipfile.ZIP_STORED) -> None:
    """The archive with another member in the place of one, or beside all."""
    with zipfile.ZipFile(file) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    members[name] = data
    with zipfile.ZipFile(file, "w", method) as archive:
        for member, held in members.items():
            archive.writestr(member, held)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("manifest.json", b"{}", "manifest"),
        ("manifest.json", b'{"format": 1' + b" " * 100, "manifest"),
        ("documents.jsonl", b"{}\n", "SHA-256"),
        ("documents.jsonl", b"0" * 50_000_000, "tighter"),
    ],
)
async def test_hostile_members_are_refused(
    tmp_path: Path, file: Path, name: str, data: bytes, said: str
) -> None:
    await exported(tmp_path / "one", file)
    rewritten(file, name, data, zipfile.ZIP_DEFLATED)
    async with Engine.open(Settings(home=tmp_path / "two"), embedder=FakeEmbedder()) as engine:
        with pytest.raises(DocumentError, match=said):
            await engine.care.take_in(file)
        assert await engine.documents() == []


async def test_members_of_other_names_go_nowhere(tmp_path: Path, file: Path) -> None:
    await exported(tmp_path / "one", file)
    rewritten(file, "../../escaped", b"x")
    async with Engine.open(Settings(home=tmp_path / "two"), embedder=FakeEmbedder()) as engine:
        assert all(one.status == "searchable" for one in await engine.care.take_in(file))
    assert not list(tmp_path.rglob("escaped"))


async def test_what_is_no_export_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "no.zip"
    async with Engine.open(Settings(home=tmp_path / "two"), embedder=FakeEmbedder()) as engine:
        with pytest.raises(DocumentError, match="no file"):
            await engine.care.take_in(path)
        path.write_bytes(b"PK")
        with pytest.raises(DocumentError, match="no file of"):
            await engine.care.take_in(path)
