"""Pictures, tables and equations as questions, and `glede retry`: commands as a user runs them."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from glede.testing.model_server import ModelServer
from tests.cli.running import Outcome, glede

PAIRS = """# Red kites

Breeding pairs by valley and year.

| Valley | 2019 | 2022 |
| --- | --- | --- |
| Aller | 7 | 10 |
| Wern | 12 | 9 |
"""
FORMULAS = """# Geometry

In every right triangle the squares of the legs add up to that of the hypotenuse:

$$x^2 + y^2 = z^2$$

The energy of a body at rest is

$$E = m c^2$$
"""
COMMANDS = ("search", "ask")


def drawn(color: str, width: int = 200) -> Image.Image:
    picture = Image.new("RGB", (width, width * 3 // 4), "white")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, 0), (width, width // 3), (width // 4, width // 2)], fill=color)
    draw.ellipse([width // 2, width // 4, width * 3 // 4, width // 2], fill="navy")
    return picture


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with documents of all kinds, added, and files to ask with beside them."""
    made = tmp_path_factory.mktemp("cli")
    docs = made / "docs"
    docs.mkdir()
    (docs / "pairs.md").write_text(PAIRS)
    (docs / "formulas.md").write_text(FORMULAS)
    (docs / "note.txt").write_text("Kites soar over the ridge in the evening.")
    drawn("firebrick").save(docs / "kite in flight.png")
    drawn("firebrick", 330).save(made / "like it.jpg", quality=60)
    (made / "given.csv").write_text("Valley,2019,2022\nAller,7,10\nWern,12,9\n")
    (made / "words.txt").write_text("Just words.")
    with (made / "large.csv").open("wb") as large:
        large.truncate(101 * 2**20)
    (made / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (made / "empty.png").write_bytes(b"")
    done = glede("add", "docs", "--json", cwd=made)
    assert done.code == 0, done.err
    yield made


def found(done: Outcome) -> list[tuple[str, str]]:
    """The sources and kinds that a search or an answer names, the best first."""
    assert done.code == 0, done.err
    hits = done.json["hits"] if "hits" in done.json else done.json["citations"]
    return [(Path(hit["source"]).name, hit["modality"]) for hit in hits]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_picture_is_a_question(folder: Path, command: str) -> None:
    done = glede(command, "--image", "like it.jpg", "--json", cwd=folder)
    assert found(done)[0] == ("kite in flight.png", "image")
    asset = (done.json["hits"] if command == "search" else done.json["citations"])[0]["asset"]
    assert len(asset) == 64
    if command == "search":
        assert done.json["hits"][0]["ranks"]["image"] == 1
    else:
        assert done.json["answered"] is True


@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_is_a_question(folder: Path, command: str) -> None:
    done = glede(command, "--table", "given.csv", "--json", cwd=folder)
    assert found(done)[0] == ("pairs.md", "table")


def test_a_given_table_computes(folder: Path, tmp_path: Path) -> None:
    """With documents and without any; the citation names the file, the row and the column."""
    given = folder / "given.csv"
    for home in (folder / ".glede", tmp_path / "empty"):
        asked = ("ask", "What is the total for 2022?", "--table", str(given), "--home", str(home))
        done = glede(*asked, "--json", cwd=tmp_path)
        assert done.code == 0, done.err
        assert done.json["answer"].startswith("19 ")
        assert done.json["computed"]["sql"].startswith("SELECT sum(")
        assert done.json["computed"]["source"] == str(given)
        told = [(one["source"], one["row"], one["column"]) for one in done.json["citations"]]
        assert told == [(str(given), 1, "2022"), (str(given), 2, "2022")]
    shown = glede(*asked, cwd=tmp_path)
    assert "given.csv · row 1 · column 2022" in shown.out.replace("\n", "")
    opened = glede("open", "2", "--home", str(home), "--json", cwd=tmp_path)
    assert opened.json["citation"]["quote"] == "| Wern | 12 | 9 |"
    assert opened.json["file"] == str(given)


def test_an_equation_is_a_question(folder: Path) -> None:
    done = glede("search", "--equation", "a^2 + b^2 = c^2", "--type", "equation", "--json", cwd=folder)
    assert found(done)[0] == ("formulas.md", "equation")
    assert "x^2 + y^2 = z^2" in done.json["hits"][0]["text"]
    assert done.json["hits"][0]["ranks"]["structure"] == 1
    asked = glede("ask", "--equation", "E = m v^2", "--json", cwd=folder)
    assert found(asked)[0] == ("formulas.md", "equation")


def test_words_come_along(folder: Path) -> None:
    options = ("--table", "given.csv", "--type", "text", "--json")
    done = glede("search", "where kites soar in the evening", *options, cwd=folder)
    assert ("note.txt", "text") in found(done)
    assert done.json["query"] == "where kites soar in the evening"


@pytest.mark.parametrize(
    ("asked", "code", "exit_code"),
    [
        (("search", "--image", "nowhere.png"), "usage", 2),
        (("ask", "--table", "nowhere.csv"), "usage", 2),
        (("ask", "why", "--table", "large.csv"), "limit_exceeded", 1),
        (("search", "--image", "docs"), "usage", 2),
        (("ask", "--image", "broken.png"), "malformed", 1),
        (("search", "--image", "broken.png"), "malformed", 1),
        (("search", "--image", "empty.png"), "malformed", 1),
        (("ask", "--image", "words.txt"), "malformed", 1),
        (("ask", "--table", "words.txt"), "usage", 2),
        (("search", "--table", "broken.png"), "malformed", 1),
        (("search", "--equation", "x" * 5000), "usage", 2),
        (("ask", "--equation", " "), "usage", 2),
        (("search",), "usage", 2),
    ],
    ids=lambda one: " ".join(one)[:30] if isinstance(one, tuple) else "",
)
def test_what_cannot_be_asked_is_told_with_a_hint(
    folder: Path, asked: tuple[str, ...], code: str, exit_code: int
) -> None:
    done = glede(*asked, "--json", cwd=folder)
    assert (done.code, done.json["error"]["code"]) == (exit_code, code), done.out
    assert done.json["error"]["hint"]
    assert "Traceback" not in done.err


# Retry


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        yield running


def test_a_retry_completes_what_a_model_failed(tmp_path: Path, server: ModelServer) -> None:
    env = {
        "GLEDE_VISION": "openai:gpt-4o",
        "OPENAI_BASE_URL": server.url,
        "OPENAI_API_KEY": "sk-test",
        "GLEDE_MODEL_TRIES": "1",
    }
    made = io.BytesIO()
    drawn("firebrick").save(made, "PNG")
    data = base64.b64encode(made.getvalue()).decode()
    (tmp_path / "page.md").write_text(f"# Kites\n\nA kite.\n\n![](data:image/png;base64,{data})\n")
    server.fault("server_error", times=None, route="chat")
    added = glede("add", "page.md", "--json", cwd=tmp_path, env=env)
    (document,) = added.json["documents"]
    assert (added.code, document["status"]) == (0, "searchable")
    (mark,) = document["unfinished"]
    assert {"kind": "image", "code": "model", "retryable": True}.items() <= mark.items()
    assert document["partial"] == [f"1 picture: {mark['message']}"]
    (listed,) = glede("docs", "--json", cwd=tmp_path).json["documents"]
    assert (listed["unfinished"], listed["partial"]) == (document["unfinished"], document["partial"])
    assert glede("show", "page.md", "--json", cwd=tmp_path).json["document"]["unfinished"] == [mark]

    still = glede("retry", cwd=tmp_path, env=env)
    assert still.code == 1
    assert "1 picture" in still.err
    assert "glede retry" in still.err

    server.clear()
    fields = {"kind": "photo", "meaning": "", "text": "", "objects": [], "relations": []}
    said = json.dumps({**fields, "columns": [], "rows": [], "description": "A bird over a lake."})
    server.answer = lambda _: said
    done = glede("retry", "page.md", "--json", cwd=tmp_path, env=env)
    assert done.code == 0, done.err
    assert {"documents", "usage", "seconds"} <= set(done.json)
    (again,) = done.json["documents"]
    assert (again["id"], again["status"], again["unfinished"]) == (document["id"], "searchable", [])
    assert done.json["usage"]["model_calls"] == 1
    hits = glede("search", "bird over a lake", "--json", cwd=tmp_path).json["hits"]
    assert "A bird over a lake." in hits[0]["text"]
    nothing = glede("retry", "--json", cwd=tmp_path, env=env)
    assert (nothing.code, nothing.json["documents"]) == (0, [])
    missing = glede("retry", "nowhere.md", "--json", cwd=tmp_path)
    assert (missing.code, missing.json["error"]["code"]) == (2, "not_found")
