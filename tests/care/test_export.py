from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from glede import Content, Engine, Settings
from glede.aside import past_of
from glede.care.dump import dumped
from glede.errors import (
    DocumentError,
    GledeError,
    MalformedError,
    ModelMismatchError,
    UnavailableError,
    UnreadableError,
)
from glede.testing.fakes import FakeEmbedder
from glede.text import moments
from tests.promises.agreement import disagreements
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


async def test_a_place_that_takes_no_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path / "home"), embedder=FakeEmbedder()) as engine:
        with pytest.raises(UnavailableError) as caught:
            await engine.care.export(tmp_path / "nowhere" / "birds.zip")
    assert "nowhere" in caught.value.message
    assert "Name a file in a folder that is there" in caught.value.hint


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


DAYS = {"2026-03-01": "voles", "2026-04-01": "frogs", "2026-05-01": "beetles"}
OWLS = "What does the barn owl hunt?"


async def grown(home: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection whose one document changes each month, and whose other is removed in May."""
    async with Engine.open(Settings(home=home, history=True), embedder=FakeEmbedder()) as engine:
        for day, prey in DAYS.items():
            monkeypatch.setattr(moments, "now", lambda day=day: f"{day}T12:00:00Z")
            await engine.add(Content(f"# Owls\n\nThe barn owl hunts {prey} by sound.", "owls.md"))
            if prey == "voles":
                await engine.add(Content("# Kites\n\nThe red kite nests in oaks.", "kites.md"))
        await engine.delete("kites.md")
        await engine.care.export(file)


async def found(engine: Engine, day: str, collection: str | None = None) -> set[str]:
    hits = await engine.search(OWLS, as_of=day, collection=collection)
    return {word for word in (*DAYS.values(), "oaks") for hit in hits if word in hit.chunk.text}


async def test_a_collection_takes_its_past_along(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await grown(tmp_path / "one", file, monkeypatch)
    embedder = FakeEmbedder()
    async with Engine.open(Settings(home=tmp_path / "two"), embedder=embedder) as engine:
        for collection in ("default", "other"):
            for _ in range(2):  # the second time all is there
                before = embedder.texts
                added = await engine.care.take_in(file, collection)
                assert embedder.texts == before
                assert [one.source for one in added] == ["owls.md"]
                assert await found(engine, "2026-03-15", collection) == {"voles", "oaks"}
                assert await found(engine, "2026-04-15", collection) == {"frogs", "oaks"}
                assert await found(engine, "2026-05-15", collection) == {"beetles"}
                assert len(await engine.past.versions("owls.md", collection)) == 3
        hits = await engine.search("red kite", as_of="2026-04-15", collection="other")
        assert {one.source for one in hits} == {"owls.md", "kites.md"}
        assert hits[0].version_date == "2026-03-01T12:00:00Z"
        assert (await engine.care.check(deep=True)).problems == []
        assert disagreements(engine) == []
        assert await engine.past.purge("2100-01-01", "other") == 3
        with pytest.raises(GledeError, match="no history"):
            await found(engine, "2026-03-15", "other")
        assert await found(engine, "2026-03-15") == {"voles", "oaks"}
        assert (await engine.care.check(deep=True)).problems == []


async def test_files_of_before_have_no_past(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await grown(tmp_path / "one", file, monkeypatch)
    older = tmp_path / "older.zip"
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(older, "w") as target:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "manifest.json":
                told = {k: v for k, v in json.loads(data).items() if k not in ("past_sha256", "versions")}
                data = json.dumps(told).encode()
            if name != "past.jsonl":
                target.writestr(name, data)
    async with Engine.open(Settings(home=tmp_path / "two"), embedder=FakeEmbedder()) as engine:
        assert [one.status for one in await engine.care.take_in(older)] == ["searchable"]
        with pytest.raises(GledeError, match="no history"):
            await engine.search(OWLS, as_of="2026-03-15")
        assert (await engine.care.check(deep=True)).problems == []


async def test_a_past_that_is_no_past_is_refused(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await grown(tmp_path / "one", file, monkeypatch)
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(bad, "w") as target:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "manifest.json":
                told = json.loads(data)
                for place, version in enumerate(told["versions"]):
                    version["since"] = ("soon", "2999-01-01T00:00:00Z", "", "x" * 99)[place % 4]
                data = json.dumps(told).encode()
            target.writestr(name, data)
    async with Engine.open(Settings(home=tmp_path / "two"), embedder=FakeEmbedder()) as engine:
        await engine.care.take_in(bad)
        assert len(await engine.past.versions("owls.md")) == 1
        assert engine.past.kept().ids_of(past_of("default")) == frozenset()
        assert (await engine.care.check(deep=True)).problems == []


async def test_what_is_no_file_of_an_export_says_what_to_give(tmp_path: Path) -> None:
    (tmp_path / "kites.zip").write_text("Kites.")
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=FakeEmbedder()) as engine:
        with pytest.raises(UnreadableError, match="there is no file") as missing:
            await engine.care.take_in(tmp_path / "nothing.zip")
        assert "path" in missing.value.hint
        with pytest.raises(MalformedError, match="no file of `glede export`") as other:
            await engine.care.take_in(tmp_path / "kites.zip")
        assert "glede export" in other.value.hint
