"""Headings that are no larger than the text below them."""

from __future__ import annotations

import io

import pytest
from liteparse.types import ParsedPage, TextItem
from reportlab.pdfgen.canvas import Canvas

from glede.parsers.pdf import PdfParser
from glede.parsers.pdf_headings import with_headings
from glede.parsing import ParseOptions
from glede.types import Block, Box

WIDE = "The kite turned over the quarry at noon and was not seen again."


def line(text: str, top: float, font: str = "SFRM1000") -> TextItem:
    return TextItem(text, 60, top, 5 * len(text), 12, font_name=font)


def parted(*items: TextItem) -> list[tuple[str, int, str]]:
    text = " ".join(item.text for item in items)
    box = Box(60, items[0].y, 60 + 5 * len(WIDE), items[-1].y + 12)
    page = ParsedPage(1, 600, 800, text, text_items=[*items, line(WIDE, 700), line(WIDE, 712)])
    made = with_headings([Block("text", text, page=1, box=box)], page)
    assert " ".join(block.text for block in made) == text
    return [(block.type, block.level, block.text) for block in made]


def test_heading_between_paragraphs() -> None:
    assert parted(
        line(WIDE, 100),
        line("5.1 Nests in old oaks", 124, "SFBX1000"),
        line(WIDE, 140),
        line(WIDE, 152),
    ) == [("text", 0, WIDE), ("heading", 3, "5.1 Nests in old oaks"), ("text", 0, f"{WIDE} {WIDE}")]


@pytest.mark.parametrize("font", ["Times-Bold", "ABCDEF+NimbusRomNo9L-Medi", "Arial,BoldItalic"])
def test_heading_above_a_paragraph(font: str) -> None:
    assert parted(line("5 Nests", 100, font), line(WIDE, 116))[0] == ("heading", 2, "5 Nests")


@pytest.mark.parametrize(
    "items",
    [
        (line("5.1 Nests in old oaks", 100), line(WIDE, 116)),
        (line("5.1 Nests in old oaks", 100, "SFBX1000"), line(WIDE, 112)),
        (line("5.1 Nests in old oaks and", 100, "SFBX1000"), line("bushes of the ridge", 116, "SFBX1000")),
        (line("12 kites were counted.", 100, "SFBX1000"), line(WIDE, 116)),
        (line("Nests in old oaks", 100, "SFBX1000"), line(WIDE, 116)),
        (line("5.1 Nests in the oldest of the oaks along the ridge and", 100, "SFBX1000"), line(WIDE, 116)),
    ],
    ids=["plain", "close", "two lines", "sentence", "no number", "wide"],
)
def test_no_heading(items: tuple[TextItem, ...]) -> None:
    assert [kind for kind, _, _ in parted(*items)] == ["text"]


def test_documents_in_bold_stay() -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, 842), invariant=True)
    canvas.setFont("Helvetica-Bold", 11)
    for number, text in enumerate(["1 Nests", WIDE, WIDE]):
        canvas.drawString(72, 700 - 15 * number, text)
    canvas.save()
    parsed = PdfParser().parse(stream.getvalue(), "application/pdf", ParseOptions())
    assert "Nests" in parsed.blocks[0].text
