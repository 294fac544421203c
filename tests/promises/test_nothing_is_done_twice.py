"""R3: the same tree three times, renamed copies, touched times: nothing is embedded or stored again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event

from glede import Content, Engine, Settings
from glede.adding import tracking
from glede.stores.catalogue import SqlCatalogue
from glede.testing.fakes import FakeEmbedder


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


FEW = ("totals", "graph_scopes")
"""Tables of one row a collection."""


async def test_adding_one_more_costs_the_same_in_a_larger_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the number of SQL statements nor what each looks at grows with the corpus."""
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=FakeEmbedder()) as engine:
        assert isinstance(engine.catalogue, SqlCatalogue)
        await engine.add(Content("An owl.", "owl.txt"))  # the first of a collection gives it its numbers
        monkeypatch.setattr(tracking, "ATTEND", 60.0)  # on a slow machine a job would look up its state
        sql = engine.catalogue._database._engine
        seen: list[str] = []
        event.listen(sql, "checkout", lambda connection, *_: connection.set_trace_callback(seen.append))
        counts = []
        for group in range(3):
            for number in range(10 * group + 1):
                seen.clear()
                text = f"Kite {group} {number + 10} flies."  # each of as many words that are its own
                await engine.add(Content(text, f"{group}-{number}.txt"))
            counts.append(len(seen))
            await engine.search("kite")
        assert len(set(counts)) == 1
        await engine.delete("0-0.txt")
        read = [one for one in dict.fromkeys(seen) if one.startswith(("SELECT", "DELETE", "UPDATE"))]
        assert any("graph_scopes" in one for one in read)
        for statement in read:
            _check_plan(sql, statement)


def _check_plan(sql: SqlEngine, statement: str) -> None:
    """Rows are found by an index, and by more of it than the collection that they are all in."""
    with sql.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
    for *_, step in plan:
        assert not step.startswith("SCAN") or " LIMIT " in statement, (step, statement)
        few = any(f" {name} " in step for name in FEW)
        assert few or not step.endswith("(collection=?)"), (step, statement)
