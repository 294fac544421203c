"""Display equations of PDFs: told by their fonts and their place, and kept with their picture."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from liteparse.types import ParsedPage, TextItem
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from glede.parsers.pdf import PdfParser
from glede.parsers.pdf_crops import Crops
from glede.parsers.pdf_equations import with_equations
from glede.parsers.rendering import LazyPages
from glede.parsing import ParseOptions
from glede.types import Block, Box

SHARED = os.environ.get("GLEDE_SHARED", "")


def word(text: str, x: float, y: float, font: str | None = "Times", height: float = 10) -> TextItem:
    return TextItem(text, x, y, 5 * len(text), height, font_name=font)


def formula(text: str, x: float, y: float, height: float = 12) -> TextItem:
    """As liteparse gives what it has made LaTeX of."""
    return word(text, x, y, None, height)


@pytest.fixture
def crops() -> Crops:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(600, 800))
    canvas.drawString(200, 500, "x")
    canvas.save()
    return Crops(LazyPages(stream.getvalue()))


def made(crops: Crops, text: str, *items: TextItem) -> list[tuple[str, str]]:
    box = Box(
        min(i.x for i in items), min(i.y for i in items), max(i.x + i.width for i in items),
        max(i.y + i.height for i in items),
    )  # fmt: skip
    page = ParsedPage(1, 600, 800, text, text_items=list(items))
    blocks = with_equations([Block("text", text, page=1, box=box)], page, 10, crops)
    assert all((block.picture is not None) == (block.type == "equation") for block in blocks)
    assert all(block.latex is None for block in blocks)
    assert {block.picture.asset for block in blocks if block.picture} == set(crops.assets)
    return [(block.type, block.text) for block in blocks]


def test_block_of_formulas(crops: Crops) -> None:
    assert made(crops, "$a^{2}+8=12$", formula("$a^{2}+8=12$", 200, 300)) == [("equation", "$a^{2}+8=12$")]


def test_between_the_lines_of_a_paragraph(crops: Crops) -> None:
    items = (
        word("The kite turns so that", 60, 280),
        formula("$a^{2}+8=12$", 200, 300),
        word("holds for all.", 60, 320),
    )
    text = "The kite turns so that $a^{2}+8=12$ holds for all."
    assert made(crops, text, *items) == [
        ("text", "The kite turns so that"),
        ("equation", "$a^{2}+8=12$"),
        ("text", "holds for all."),
    ]


def test_lines_of_one_equation_with_their_number(crops: Crops) -> None:
    items = (
        word("The kite turns so that", 60, 280),
        formula("$a^{2}=b+12$", 60, 300),
        word("(3.1)", 480, 300),
        formula("$b^{2}=c+13$", 200, 320),
        word("holds.", 60, 340),
    )
    text = "The kite turns so that $a^{2}=b+12$ (3.1) $b^{2}=c+13$ holds."
    assert made(crops, text, *items)[1] == ("equation", "$a^{2}=b+12$ (3.1)\n$b^{2}=c+13$")


def test_fonts_of_formulas(crops: Crops) -> None:
    items = [
        word(text, 200 + 20 * place, 300, "ABCDEF+CMMI10") for place, text in enumerate(("ab", "=", "cd"))
    ]
    assert made(crops, "ab = cd", *items) == [("equation", "ab = cd")]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "so $a^{2}=b+12$ holds",
            [word("so", 60, 300), formula("$a^{2}=b+12$", 80, 300), word("holds here", 200, 300)],
        ),
        ("$W_{i}$", [formula("$W_{i}$", 200, 300)]),
        ("i = 1 + n", [word("i = 1 + n", 200, 300, "CMMI6", 5)]),
        ("a proof in slanted words =", [word("a proof in slanted words =", 200, 300, "CMMI10")]),
        ("a = b + c", [word("a = b + c", 200, 300)]),
    ],
    ids=["inline", "letter", "small", "words", "plain"],
)
def test_no_equations(crops: Crops, text: str, items: Sequence[TextItem]) -> None:
    assert [kind for kind, _ in made(crops, text, *items)] == ["text"]


def test_limits_of_a_sum_belong_to_it(crops: Crops) -> None:
    sum_, limit = formula("$\\sum _{i}a_{i}=12$", 200, 300), word("i=1", 205, 313, "CMMI6", 6)
    page = ParsedPage(1, 600, 800, "", text_items=[sum_, limit])
    blocks = [
        Block("text", sum_.text, page=1, box=Box(200, 300, 300, 312)),
        Block("text", "i=1", page=1, box=Box(205, 313, 220, 319)),
    ]
    (block,) = with_equations(blocks, page, 10, crops)
    assert (block.type, block.text, block.box) == ("equation", f"{sum_.text} i=1", Box(200, 300, 300, 319))


@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
def test_real_documents() -> None:
    data = (Path(SHARED) / "corpus" / "code_and_formula.pdf").read_bytes()
    parsed = PdfParser().parse(data, "application/pdf", ParseOptions())
    (block,) = [block for block in parsed.blocks if block.type == "equation"]
    assert block.text == "$a^{2}+8=12$"
    assert block.picture is not None
    picture = Image.open(io.BytesIO(parsed.assets[block.picture.asset]))
    assert picture.size == (block.picture.width, block.picture.height)
    assert min(picture.convert("L").getdata()) < 100
