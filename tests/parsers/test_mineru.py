"""MinerU's command: a script stands in for it; the real one is asked where GLEDE_MINERU names it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from glede.errors import (
    ConfigurationError,
    GledeError,
    LimitError,
    MalformedError,
    NeedsOcrError,
    PasswordError,
    UnsupportedError,
)
from glede.parsers import mineru_output
from glede.parsers.mineru import MineruParser
from glede.parsers.mineru_output import Output
from glede.parsers.mineru_text import unmarked
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions
from glede.types import Box, Link, Parsed

PDF = "application/pdf"
REAL = os.environ.get("GLEDE_MINERU", "")
_SCRIPT = """#!{python}
import json, os, sys, time
from pathlib import Path
here = Path(__file__).resolve().parent.parent
(here / "asked.json").write_text(json.dumps([sys.argv[1:], dict(os.environ)]))
{body}
"""
_WRITES = """
import shutil
shutil.copy(here / "answer.zip", sys.argv[sys.argv.index("-o") + 1])
"""


def pdf(pages: int = 3, password: str | None = None) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(600, 800), invariant=True, encrypt=password)
    for number in range(1, pages + 1):
        canvas.drawString(72, 700, f"Page {number} of the kites")
        canvas.drawString(250, 500, "a + b = c")
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def jpeg() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(stream, "JPEG")
    return stream.getvalue()


def page(number: int) -> dict[str, object]:
    """A page as MinerU 4 writes it."""
    return {
        "page_idx": number - 1,
        "blocks": [
            {"type": "header", "bbox": [0.1, 0.02, 0.5, 0.04], "content": "Annals"},
            {
                "type": "paragraph_title",
                "level": 2,
                "bbox": [0.1, 0.1, 0.5, 0.2],
                "content": f"Part {number}",
            },
            {
                "type": "text",
                "bbox": [0.1, 0.2, 0.9, 0.3],
                "content": "**Kites**<sup>1</sup> [soar](https://a.org) &lt;high&gt;",
            },
            {
                "type": "equation",
                "bbox": [0.4, 0.35, 0.6, 0.4],
                "content": "",
                "image_source": "images/equation.jpg",
            },
            {
                "type": "table",
                "bbox": [0.1, 0.5, 0.9, 0.6],
                "content": "| bird | years |\n| --- | --- |\n| **kite** | 10 |",
                "captions": [{"content": "Table 1. Ages"}],
                "footnotes": [],
                "image_source": "../outside.jpg",
            },
            {"type": "page_footnote", "bbox": [0.1, 0.8, 0.9, 0.9], "content": "1 Not all."},
            {"type": "page_number", "bbox": [0.5, 0.95, 0.6, 0.97], "content": str(number)},
        ],
    }


def archive(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return stream.getvalue()


def answer(pages: int = 3, **members: bytes) -> bytes:
    structure = json.dumps({"pages": [page(number) for number in range(1, pages + 1)], "metadata": {}})
    return archive({"structured_content.json": structure.encode(), "images/equation.jpg": jpeg(), **members})


class Command:
    """A script that stands in for `mineru-kit`, in a folder like a virtual environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        self.does(_WRITES)
        self.answers(answer())

    def does(self, body: str) -> None:
        script = self.folder / "bin" / "mineru-kit"
        script.write_text(_SCRIPT.format(python=sys.executable, body=body))
        script.chmod(0o755)

    def answers(self, data: bytes) -> None:
        (self.folder / "answer.zip").write_bytes(data)

    def asked(self) -> tuple[list[str], dict[str, str]]:
        arguments, environment = json.loads((self.folder / "asked.json").read_text())
        return arguments, environment


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    monkeypatch.setenv("GLEDE_MINERU", str(tmp_path))
    monkeypatch.delenv("GLEDE_MINERU_TIER", raising=False)
    yield Command(tmp_path)


def read(data: bytes, options: ParseOptions | None = None) -> Parsed:
    return MineruParser().parse(data, PDF, options or ParseOptions())


def test_blocks(command: Command) -> None:
    parsed = read(pdf())
    first = [block for block in parsed.blocks if block.page == 1]
    assert [(block.type, block.text) for block in first] == [
        ("header", "Annals"),
        ("heading", "Part 1"),
        ("text", "Kites1 soar <high>"),
        ("equation", "a + b = c"),
        ("table", "Table 1. Ages\n\n| bird | years |\n| --- | --- |\n| kite | 10 |"),
        ("footnote", "1 Not all."),
        ("page_number", "1"),
    ]
    assert first[2].links == (Link("soar", "https://a.org"),)
    assert first[2].heading_path == ("Part 1",)
    assert first[1].box == Box(60, 80, 300, 160)
    picture = first[3].picture
    assert picture is not None
    assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", 40, 20)
    assert parsed.assets == {picture.asset: jpeg()}
    assert [(one.number, one.width, one.height, one.parser) for one in parsed.pages] == [
        (number, 600, 800, "mineru") for number in (1, 2, 3)
    ]


def test_how_the_command_is_asked(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/ours")
    monkeypatch.setenv("GLEDE_MINERU_TIER", "standard")
    read(pdf())
    arguments, environment = command.asked()
    assert arguments[0] == "parse"
    assert arguments[2] == "-o"
    assert arguments[4:] == ["-f", "zip", "--tier", "standard"]
    assert "PYTHONPATH" not in environment
    assert environment["MINERU_MODEL_SOURCE"] == "local"
    assert not Path(arguments[1]).exists()
    assert "ocr" in MineruParser().recovers


def test_pages_of_the_document_and_of_the_excerpt(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glede.parsers.pdf_selection.WHOLE", 2)
    monkeypatch.setattr("glede.parsers.pdf_selection.CONTEXT", 1)
    parsed = read(pdf(9), ParseOptions(pages=(8,)))
    assert [one.number for one in parsed.pages] == [8]
    assert {block.page for block in parsed.blocks} == {8}
    assert "Part 2" in [block.text for block in parsed.blocks]  # the second page of 7 to 9


def test_password(command: Command) -> None:
    assert read(pdf(password="kite"), ParseOptions(password="kite")).blocks
    with pytest.raises(PasswordError):
        read(pdf(password="kite"))


def test_availability(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLEDE_MINERU", str(tmp_path))
    assert MineruParser().available(PDF).reason.startswith("GLEDE_MINERU names")
    monkeypatch.delenv("GLEDE_MINERU")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    missing = MineruParser().available(PDF)
    assert missing.reason == "MinerU is not installed"
    assert "GLEDE_MINERU" in missing.hint
    with pytest.raises(UnsupportedError, match="not installed"):
        read(pdf())
    Command(tmp_path)
    assert MineruParser().available(PDF)
    (tmp_path / "lib/python3.11/site-packages/mineru-4.0.12.dist-info").mkdir(parents=True)
    assert MineruParser().version == "1+flash+4.0.12"
    monkeypatch.setenv("GLEDE_MINERU_TIER", "best")
    with pytest.raises(ConfigurationError, match="best"):
        read(pdf())


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (
            "print('Error: Failed to parse /a.pdf: Model repo M is not ready; missing: y')\nsys.exit(1)",
            UnsupportedError,
            r"models for the tier flash are not there \(Model repo M is not ready",
        ),
        (
            "print('Error: Failed to parse /tmp/in.pdf: no\\n  such page')\nsys.exit(1)",
            MalformedError,
            "MinerU cannot read it: no such page$",
        ),
        ("sys.exit(3)", MalformedError, "exit code 3"),
        ("pass", MalformedError, "exit code 0"),
        ("os.kill(os.getpid(), 9)", MalformedError, "signal 9"),
    ],
)
def test_failures(command: Command, body: str, kind: type[GledeError], message: str) -> None:
    command.does(body)
    with pytest.raises(kind, match=message) as caught:
        read(pdf())
    if kind is UnsupportedError:
        assert caught.value.hint == "mineru-kit models download --tier basic"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"no zip", MalformedError),
        (answer()[:300], MalformedError),
        (archive({"markdown.md": b"# kite"}), MalformedError),
        (archive({"structured_content.json": b"[1, 2"}), MalformedError),
        (archive({"structured_content.json": b'{"pages": [3]}'}), MalformedError),
        (archive({"structured_content.json": b'{"pages": []}'}), NeedsOcrError),
        (archive({"structured_content.json": b"[" * 5000}), LimitError),
    ],
)
def test_what_the_command_writes_is_not_trusted(
    command: Command, data: bytes, kind: type[GledeError]
) -> None:
    command.answers(data)
    with pytest.raises(kind):
        read(pdf())


def test_limits_of_the_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(archive({"a.txt": b"kite" * 100, "b.jpg": b"x" * 50, "../c.jpg": b"y"}))
    with Output(path) as output:
        assert output.text("a.txt").startswith("kite")
        assert output.picture("b.jpg") == b"x" * 50
        assert output.picture("/b.jpg") is None
        assert output.picture("a.txt") is None
    for name, most in (("MOST_MEMBERS", 2), ("MOST_BYTES", 100), ("MOST_TEXT", 10)):
        with monkeypatch.context() as patch:
            patch.setattr(mineru_output, name, most)
            with pytest.raises(LimitError), Output(path) as output:
                output.text("a.txt")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("**a** *b* ~~c~~ d<sub>2</sub>", "a b c d2"),
        ("2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"),
        ("$a*b*c$ **x**", "$a*b*c$ x"),
        ("<strong>**x**</strong> &amp; y", "x & y"),
        ("[1] and [two]", "[1] and [two]"),
    ],
)
def test_markdown_is_turned_into_words(text: str, words: str) -> None:
    assert unmarked(text) == (words, ())


# In the parser process


async def through_the_pool(data: bytes, seconds: float = 30) -> Parsed | GledeError:
    pool = ParserPool(ParseLimits(seconds=seconds, seconds_per_page=0.01), modules=["glede.parsers.mineru"])
    try:
        return await pool.parse(data, PDF, "glede.parsers.mineru:MineruParser", ParseOptions())
    except GledeError as error:
        return error
    finally:
        await pool.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_the_command_ends_with_the_parser_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command(tmp_path)
    command.does('(here / "pid").write_text(str(os.getpid()))\ntime.sleep(60)')
    monkeypatch.setattr("glede.parsers.worker.PASSED_ON", ("PATH", "HOME", "GLEDE_MINERU"))
    monkeypatch.setenv("GLEDE_MINERU", str(tmp_path))
    error = asyncio.run(through_the_pool(pdf(), seconds=2))
    assert isinstance(error, LimitError)
    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while (
        alive(pid) and time.monotonic() < deadline
    ):  # the kill was sent to it as well, and may take a moment
        time.sleep(0.02)
    assert not alive(pid)


@pytest.mark.skipif(not REAL, reason="GLEDE_MINERU names no command")
def test_the_real_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glede.parsers.worker.PASSED_ON", ("PATH", "HOME", "GLEDE_MINERU"))
    parsed = asyncio.run(through_the_pool(pdf(), seconds=60))
    assert isinstance(parsed, Parsed)
    assert "Page 2 of the kites" in " ".join(block.text for block in parsed.blocks if block.page == 2)
    assert {page.number for page in parsed.pages} == {1, 2, 3}
