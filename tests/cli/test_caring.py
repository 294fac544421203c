from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede import Content, Settings
from glede import Engine as AsyncEngine
from glede.blocking import Engine
from glede.lock import hold
from glede.testing.fakes import FakeEmbedder
from tests.cli.running import glede

OWLS = "The barn owl hunts voles by sound alone.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with two documents, added to its data folder."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "kites.md").write_text("# Kites\n\nThe red kite has a forked tail.\n")
    (tmp_path / "docs" / "owls.txt").write_text(OWLS)
    assert glede("add", "docs", cwd=tmp_path).code == 0
    yield tmp_path


def first_file(folder: Path, pattern: str) -> Path:
    return sorted((folder / "data").glob(pattern))[0]


def test_a_damaged_index_is_a_clear_error_that_rebuild_mends(folder: Path) -> None:
    file = first_file(folder, "index.db/**/*.parquet")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    asked = glede("search", "owl", "--json", cwd=folder)
    assert (asked.code, asked.json["error"]["code"]) == (4, "damaged")
    assert "glede rebuild" in asked.json["error"]["hint"]
    bad = glede("doctor", "--json", cwd=folder)
    assert bad.code == 1
    found = [one for one in bad.json["checks"] if not one["ok"]]
    assert any(one["code"] == "damaged" and file.name in one["detail"] for one in found)
    done = glede("rebuild", "--json", cwd=folder)
    assert (done.code, done.json["rows"], done.json["lost"]) == (0, 2, [])
    assert glede("search", "owl", "--json", cwd=folder).json["hits"]
    assert glede("doctor", "--deep", cwd=folder).code == 0


def test_a_lost_original_comes_back_from_its_file_or_is_named(folder: Path) -> None:
    for file in (folder / "data" / "blobs" / "originals").rglob("*"):
        if file.is_file():
            file.unlink()
    (folder / "docs" / "owls.txt").write_text("Something else.\n")
    bad = glede("doctor", "--json", cwd=folder)
    assert [one["code"] for one in bad.json["checks"] if not one["ok"]] == ["blob_missing"] * 2 + ["faults"]
    done = glede("rebuild", "--json", cwd=folder)
    assert done.code == 1
    assert len(done.json["made"]) == 1
    (lost,) = done.json["lost"]
    assert "owls.txt" in lost["hint"]
    assert "add it again" in lost["hint"]


def test_disable_and_enable(folder: Path) -> None:
    done = glede("disable", "owls.txt", "--json", cwd=folder)
    assert [one["status"] for one in done.json["documents"]] == ["disabled"]
    listed = {
        Path(one["source"]).name: one["status"]
        for one in glede("docs", "--json", cwd=folder).json["documents"]
    }
    assert listed == {"kites.md": "searchable", "owls.txt": "disabled"}
    hits = glede("search", "barn owl voles", "--json", cwd=folder).json["hits"]
    assert not [hit for hit in hits if hit["source"].endswith("owls.txt")]
    assert glede("disable", "owls.txt", cwd=folder).code == 2
    shown = glede("show", "owls.txt", "--json", cwd=folder).json
    assert shown["document"]["status"] == "disabled"
    assert [len(shown["chunks"]), "barn owl" in shown["blocks"][0]["text"]] == [1, True]
    assert "in no answer" in glede("show", "owls.txt", cwd=folder).out
    assert glede("enable", "owls.txt", cwd=folder).code == 0
    hits = glede("search", "barn owl voles", "--json", cwd=folder).json["hits"]
    assert hits[0]["source"].endswith("owls.txt")


def test_export_and_import(folder: Path) -> None:
    made = glede("export", "birds.zip", "--json", cwd=folder)
    assert (made.code, made.json["documents"]) == (0, 2)
    done = glede("import", folder / "birds.zip", "--home", folder / "other", "--json", cwd=folder)
    assert done.code == 0, done.err
    assert [one["status"] for one in done.json["documents"]] == ["searchable"] * 2
    assert done.json["usage"]["embedded_texts"] == 0
    hits = glede("search", "barn owl voles", "--home", folder / "other", "--json", cwd=folder).json["hits"]
    assert hits[0]["source"].endswith("owls.txt")
    (folder / "birds.zip").write_bytes(b"no zip")
    bad = glede("import", "birds.zip", "--json", cwd=folder)
    assert (bad.code, bad.json["error"]["code"]) == (1, "malformed")


@pytest.mark.parametrize("command", ["rebuild", "disable", "enable", "export", "import"])
def test_no_command_of_a_second_process_touches_the_folder(folder: Path, command: str) -> None:
    """R16: exit code 4 with the owner's process id and a hint; nothing is changed."""
    arguments = [] if command == "rebuild" else ["owls.txt"]
    index = sorted(path for path in (folder / "data" / "index.db").rglob("*"))
    with hold(folder / "data"):
        done = glede(command, *arguments, "--json", cwd=folder)
    assert (done.code, done.json["error"]["code"]) == (4, "locked")
    assert done.json["error"]["hint"]
    assert sorted(path for path in (folder / "data" / "index.db").rglob("*")) == index


async def test_another_model_is_refused_until_it_has_embedded_all(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "data")
    async with AsyncEngine.open(settings, embedder=FakeEmbedder()) as engine:
        await engine.add(Content(OWLS, "owls.txt"))
    asked = glede("search", "owl", "--json", cwd=tmp_path)
    assert (asked.code, asked.json["error"]["code"]) == (3, "model_mismatch")
    assert "`glede rebuild --embed`" in asked.json["error"]["hint"]
    done = glede("rebuild", "--embed", "--json", cwd=tmp_path)
    assert (done.code, done.json["rows"], done.json["lost"]) == (0, 1, [])
    with Engine(settings) as again:
        assert again.search("Which bird hunts by sound?")[0].source == "owls.txt"
        assert again.care.check(deep=True).problems == []
        assert again.care.embed_again(FakeEmbedder(32)).rows == 1
        assert again.care.embed_again(FakeEmbedder(32)).rows == 0


def test_care_without_async(folder: Path) -> None:
    with Engine(Settings(home=folder / "data"), afresh=True) as engine:
        assert engine.care.rebuild().rows == 2
        assert engine.care.check(deep=True).problems == []
        engine.care.disable("owls.txt")
        assert engine.care.check().disabled == 1
        engine.care.enable("owls.txt")
        assert engine.care.export(folder / "all.zip").documents == 2
        assert len(engine.care.take_in(folder / "all.zip", "copy")) == 2
