"""DocVortex's roles as our blocks; without DocVortex, what is said to who asks for it."""

from __future__ import annotations

import asyncio
import io
import os
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import psutil  # type: ignore[import-untyped]
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from glede.errors import GledeError, LimitError, MalformedError, NeedsOcrError, PasswordError
from glede.parsers import docvortex, pdf_selection
from glede.parsers.docvortex import DocVortexParser
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract
from glede.types import Block, Parsed

PDF = "application/pdf"
SHARED = os.environ.get("GLEDE_SHARED", "")
WIDTH, HEIGHT = A4
needs_docvortex = pytest.mark.skipif(find_spec("docvortex") is None, reason="docvortex is not installed")

BIRDS = ("kite", "buzzard", "harrier", "eagle", "falcon", "osprey", "hobby", "merlin", "owl", "vulture")
PLACES = ("open fields", "old quarries", "wide marshes", "steep valleys", "lakes and rivers", "pine woods")


def lines(number: int) -> tuple[str, ...]:
    """A paragraph unlike those of other numbers."""
    bird, place = BIRDS[number % len(BIRDS)], PLACES[number % len(PLACES)]
    return (
        f"The {bird} number {number} glides over {place} for most of the day, and turns its",
        f"tail like a rudder when the wind of {place} changes. It was rare for a century, and",
        f"has come back to {number} valleys since people stopped to hunt the {bird} there.",
    )[number // 10 % 2 :]


HEADINGS = ("Nests in old crows' nests", "Where the kites live", "Measures", "Colours", "Who counted them")
VALUES = (
    ("Bird", "Wing span in cm", "Weight in g"),
    ("Red kite", "170", "1100"),
    ("Buzzard", "130", "900"),
    ("Harrier", "120", "450"),
    ("Osprey", "160", "1500"),
    ("Merlin", "60", "210"),
)


def picture() -> ImageReader:
    shown = Image.new("RGB", (120, 80))
    shown.putdata([(x % 256, y * 3 % 256, (x * y) % 256) for y in range(80) for x in range(120)])
    return ImageReader(shown)


def frame(canvas: Canvas, number: int) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(72, HEIGHT - 36, "Annals of the field ornithologists")
    canvas.drawCentredString(WIDTH / 2, 30, str(number))


def paragraph(canvas: Canvas, top: float, number: int) -> float:
    canvas.setFont("Times-Roman", 11)
    for line in lines(number):
        canvas.drawString(72, HEIGHT - top, line)
        top += 14
    return top + 14


def heading(canvas: Canvas, top: float, text: str) -> float:
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(72, HEIGHT - top, text)
    return top + 28


def table(canvas: Canvas, top: float) -> float:
    canvas.setFont("Helvetica", 10)
    for row, texts in enumerate(VALUES):
        for column, text in enumerate(texts):
            canvas.drawString(78 + 120 * column, HEIGHT - top - 14 - 20 * row, text)
    bottom = top + 20 * len(VALUES)
    for row in range(len(VALUES) + 1):
        canvas.line(72, HEIGHT - top - 20 * row, 432, HEIGHT - top - 20 * row)
    for column in range(4):
        canvas.line(72 + 120 * column, HEIGHT - top, 72 + 120 * column, HEIGHT - bottom)
    return top + 160


def pdf(pages: int = 4) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=True)
    for number in range(1, pages + 1):
        frame(canvas, number)
        top = 90.0
        for above in range(number % 3):
            top = paragraph(canvas, top, 10 * number + above)
        top = heading(canvas, top + 10, HEADINGS[number % len(HEADINGS)])
        for below in range(3, 6):
            top = paragraph(canvas, top, 10 * number + below)
        if number == 2:
            top = table(canvas, top)
        if number == 3:
            canvas.drawImage(picture(), 150, HEIGHT - top - 160, 240, 160)
            canvas.setFont("Times-Roman", 10)
            canvas.drawString(150, HEIGHT - top - 175, "Figure 1: The colours of a kite in spring.")
            top += 210
        if number == 4:
            canvas.linkURL("https://example.org/kites", (72, HEIGHT - top - 4, 260, HEIGHT - top + 12))
        paragraph(canvas, top, 10 * number)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def locked(password: str) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, encrypt=password)
    paragraph(canvas, 90, 1)
    paragraph(canvas, 160, 2)
    canvas.save()
    return stream.getvalue()


def read(data: bytes, options: ParseOptions | None = None) -> Parsed:
    return DocVortexParser().parse(data, PDF, options or ParseOptions())


def of_type(parsed: Parsed, kind: str) -> list[Block]:
    return [block for block in parsed.blocks if block.type == kind]


def test_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docvortex, "find_spec", lambda name: None)
    missing = DocVortexParser().available(PDF)
    assert not missing
    assert missing.reason == "DocVortex is not installed"
    assert missing.hint == "pip install 'glede[docvortex]'"
    monkeypatch.setattr(docvortex, "find_spec", lambda name: object())
    assert DocVortexParser().available(PDF)


@needs_docvortex
class TestContract(ParserContract):
    parser = DocVortexParser()
    samples: ClassVar = [(pdf(), PDF), (pdf(2), PDF)]


@needs_docvortex
def test_roles() -> None:
    parsed = read(pdf())
    assert [block.text for block in of_type(parsed, "heading")] == [
        HEADINGS[number] for number in range(1, 5)
    ]
    assert {block.text for block in of_type(parsed, "header")} == {"Annals of the field ornithologists"}
    assert [block.text for block in of_type(parsed, "page_number")] == ["1", "2", "3", "4"]
    assert " ".join(lines(13)) in [block.text for block in of_type(parsed, "text")]
    assert parsed.title == HEADINGS[1]
    assert [page.number for page in parsed.pages] == [1, 2, 3, 4]
    first = of_type(parsed, "heading")[0].box
    assert first is not None
    assert (round(first.x0 / 10), round(first.y0 / 10)) == (7, 13)


@needs_docvortex
def test_a_line_of_a_paragraph_is_no_running_header() -> None:
    """The engine takes it for one, where it is alike on many pages."""
    parsed = read(pdf())
    said = " ".join(block.text for block in parsed.blocks if block.page == 1)
    assert " ".join(lines(10)) in said


@needs_docvortex
def test_table() -> None:
    (block,) = of_type(read(pdf()), "table")
    assert block.page == 2
    assert block.table is not None
    assert block.table.grid() == [list(row) for row in VALUES]
    assert [cell.header for cell in block.table.cells] == [True] * 3 + [False] * 15


@needs_docvortex
def test_picture_with_its_caption() -> None:
    parsed = read(pdf())
    (block,) = of_type(parsed, "image")
    assert block.caption == "Figure 1: The colours of a kite in spring."
    assert block.picture is not None
    assert abs(block.picture.width - 480) < 12
    assert abs(block.picture.height - 320) < 12
    assert block.picture.asset in parsed.assets
    assert sum("colours of a kite" in block.text for block in parsed.blocks) == 1


@needs_docvortex
def test_links() -> None:
    links = [link for block in read(pdf()).blocks for link in block.links]
    assert [link.address for link in links] == ["https://example.org/kites"]
    assert links[0].text in " ".join(lines(40))


@needs_docvortex
def test_only_the_pages_that_are_wanted() -> None:
    whole = read(pdf())
    parsed = read(pdf(), ParseOptions(pages=(4, 2, 9)))
    assert [page.number for page in parsed.pages] == [2, 4]
    wanted = [(block.type, block.text) for block in whole.blocks if block.page in (2, 4)]
    assert [(block.type, block.text) for block in parsed.blocks] == wanted


@needs_docvortex
def test_long_documents_are_read_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_selection, "WHOLE", 3)
    monkeypatch.setattr(pdf_selection, "CONTEXT", 1)
    parsed = read(pdf(8), ParseOptions(pages=(6,)))
    assert [page.number for page in parsed.pages] == [6]
    assert {block.page for block in parsed.blocks} == {6}
    assert of_type(parsed, "heading")[0].text == HEADINGS[6 % 5]
    assert [block.text for block in of_type(parsed, "page_number")] == ["6"]


@needs_docvortex
def test_password() -> None:
    data = locked("kite")
    assert "The buzzard number 1" in read(data, ParseOptions(password="kite")).blocks[0].text
    with pytest.raises(PasswordError, match="is encrypted"):
        read(data)
    with pytest.raises(PasswordError, match="is wrong"):
        read(data, ParseOptions(password="owl"))


@needs_docvortex
def test_limits_and_damage() -> None:
    with pytest.raises(LimitError):
        read(pdf(), ParseOptions(max_pages=3))
    with pytest.raises(MalformedError):
        read(b"")
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4)
    canvas.drawImage(picture(), 0, 0, WIDTH, HEIGHT)
    canvas.save()
    with pytest.raises(NeedsOcrError, match="page 1"):
        read(stream.getvalue())


# In the parser process


async def through_the_pool(data: bytes, seconds: float = 30) -> tuple[Parsed | GledeError, list[int]]:
    """What came of it, and the processes there are below the worker after the parse."""
    pool = ParserPool(ParseLimits(seconds=seconds), modules=["glede.parsers.docvortex"])
    here = psutil.Process()
    before = {child.pid for child in here.children()}
    try:
        parsed = await pool.parse(data, PDF, "glede.parsers.docvortex:DocVortexParser", ParseOptions())
        workers = [child for child in here.children() if child.pid not in before]
        return parsed, [below.pid for worker in workers for below in worker.children(recursive=True)]
    except GledeError as error:
        return error, []
    finally:
        await pool.close()


@needs_docvortex
def test_starts_no_processes_of_its_own() -> None:
    parsed, left = asyncio.run(through_the_pool(pdf(), seconds=4))
    assert isinstance(parsed, Parsed)
    assert of_type(parsed, "image")
    assert left == []


@needs_docvortex
@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
@pytest.mark.parametrize("name", ["formbomb.pdf", "flate.pdf", "loop.pdf", "hugebox.pdf"])
def test_attacks_are_ended(name: str) -> None:
    data = (Path(SHARED) / "corpus" / "adversarial" / name).read_bytes()
    error, _ = asyncio.run(through_the_pool(data, seconds=3))
    assert isinstance(error, GledeError)


@needs_docvortex
@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
def test_formulas_are_shown_with_the_letters_in_them() -> None:
    parsed = read((Path(SHARED) / "corpus" / "code_and_formula.pdf").read_bytes())
    (equation,) = of_type(parsed, "equation")
    assert equation.text == "a 2 + 8 = 12"
    assert equation.latex is None
    assert equation.picture is not None
