"""R3: the same tree three times, renamed copies, touched times: nothing is embedded or stored again."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from glede.testing.fakes import FakeEmbedder

from glede import Engine, Settings


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for number in range(12):
        folder = root / f"folder-{number % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.md").write_text(
            f"# Bird {number}\n\nBird number {number} sings {number} songs.\n"
        )
    (root / "table.csv").write_text("bird,songs\n" + "".join(f"bird {n},{n}\n" for n in range(30)))
    return root


async def test_the_same_tree_again_costs_nothing(tmp_path: Path, tree: Path) -> None:
    embedder = FakeEmbedder()
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=embedder) as engine:
        first = await engine.add(tree)
        assert not first.failed
        assert first.usage.embedded_texts == embedder.texts > 0
        chunks = sum(document.chunks for document in await engine.documents())
        embedded = embedder.texts

        for path in tree.rglob("*.md"):
            path.touch()
        for _ in range(2):
            again = await engine.add(tree)
            assert {document.status for document in again.documents} == {"unchanged"}
            assert again.usage.embedded_texts == 0

        shutil.copytree(tree, tmp_path / "copy")
        (tree / "folder-0" / "0.md").rename(tree / "folder-0" / "renamed.md")
        copies = await engine.add(tmp_path / "copy", tree)
        assert {document.status for document in copies.documents} == {"unchanged"}

        assert embedder.texts == embedded
        assert sum(document.chunks for document in await engine.documents()) == chunks
        assert engine.lines.store.index.count("default") == chunks


async def test_copies_in_one_run_are_stored_once(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text("The red kite has a forked tail.")
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=FakeEmbedder()) as engine:
        report = await engine.add(*(tmp_path / name for name in ("a.txt", "b.txt", "c.txt")))
        assert sorted(document.status for document in report.documents) == [
            "searchable",
            "unchanged",
            "unchanged",
        ]
        (document,) = await engine.documents()
        assert sorted(Path(source).name for source in document.sources) == ["a.txt", "b.txt", "c.txt"]

        (tmp_path / "a.txt").write_text("The buzzard has a rounded tail.")
        await engine.add(tmp_path / "a.txt")
        assert len(await engine.documents()) == 2
        await engine.delete("b.txt")
        (left,) = await engine.documents()
        assert left.source.endswith("a.txt")


async def test_metadata_tells_copies_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The red kite has a forked tail.")
    other = tmp_path / "b.txt"
    other.write_text(path.read_text())
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=FakeEmbedder()) as engine:
        await engine.add(path, metadata={"shelf": 1, "open": True})
        await engine.add(other, metadata={"shelf": 2, "open": False})
        for where, name in (({"shelf": 1}, "a.txt"), ({"shelf": "2"}, "b.txt"), ({"open": False}, "b.txt")):
            (hit,) = await engine.search("forked tail", filter=where)
            assert hit.source.endswith(name)


async def test_collections_are_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The red kite has a forked tail.")
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=FakeEmbedder()) as engine:
        await engine.add(path, collection="one")
        await engine.add(path, collection="two")
        await engine.delete("a.txt", collection="one")
        assert await engine.search("forked tail", collection="one") == []
        assert len(await engine.search("forked tail", collection="two")) == 1
        assert await engine.search("forked tail", collection="three") == []


async def test_adding_one_more_costs_the_same_in_a_larger_corpus(tmp_path: Path) -> None:
    """The cost of a document does not grow with the corpus: statements are counted, not seconds."""
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=FakeEmbedder()) as engine:
        statements: list[str] = []
        catalogue = engine.catalogue
        from sqlalchemy import event

        event.listen(catalogue._engine, "before_cursor_execute", lambda *a: statements.append(a[2]))  # type: ignore[attr-defined]
        counts = []
        for number in (1, 2, 40):
            for extra in range(number):
                path = tmp_path / f"{number}-{extra}.txt"
                path.write_text(f"Kite {number} {extra} flies at {time.monotonic_ns()}.")
                statements.clear()
                await engine.add(path)
            counts.append(len(statements))
        assert len(set(counts)) == 1
        for statement in set(statements):
            assert not statement.startswith("SELECT") or "WHERE" in statement or "max(" in statement
