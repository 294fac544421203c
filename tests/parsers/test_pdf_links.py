"""Links of PDFs: to addresses and to pages, each in the block that it lies in."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from glede.parsers.pdf import PdfParser
from glede.parsing import ParseOptions
from glede.types import Block, Link

HEIGHT = 842


def canvas_of(stream: io.BytesIO) -> Canvas:
    canvas = Canvas(stream, pagesize=(595, HEIGHT), invariant=True)
    canvas.setFont("Helvetica", 11)
    return canvas


def write(canvas: Canvas, text: str, top: float, left: float = 72) -> None:
    canvas.drawString(left, HEIGHT - top, text)


def rectangle(before: str, words: str, top: float, left: float = 72) -> tuple[float, float, float, float]:
    """Around words behind others in a line."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    start = left + stringWidth(before, "Helvetica", 11)
    return start, HEIGHT - top - 3, start + stringWidth(words, "Helvetica", 11), HEIGHT - top + 9


def parse(stream: io.BytesIO) -> tuple[Block, ...]:
    return PdfParser().parse(stream.getvalue(), "application/pdf", ParseOptions()).blocks


@pytest.mark.parametrize("address", ["https://kites.example/ridge?a=1", "mailto:kite@ridge.example"])
def test_link_to_an_address(address: str) -> None:
    stream = io.BytesIO()
    canvas = canvas_of(stream)
    write(canvas, "All counts are told by the ridge office, and by nobody else.", 100)
    canvas.linkURL(address, rectangle("All counts are told by ", "the ridge office,", 100), relative=0)
    write(canvas, "Nothing leads away from this paragraph, which stands alone here.", 200)
    canvas.save()
    first, second = parse(stream)
    assert first.links == (Link("the ridge office", address),)
    assert second.links == ()


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "https://" + "a" * 3000, ""]
)
def test_other_addresses_are_left_out(address: str) -> None:
    stream = io.BytesIO()
    canvas = canvas_of(stream)
    write(canvas, "All counts are told by the ridge office, and by nobody else.", 100)
    canvas.linkURL(address, rectangle("", "All counts are told", 100), relative=0)
    canvas.save()
    assert [block.links for block in parse(stream)] == [()]


def test_link_over_two_lines_is_one() -> None:
    stream = io.BytesIO()
    canvas = canvas_of(stream)
    first, second = (
        "The counts of all the years are told on the pages of the ridge",
        "office in the valley, day by day.",
    )
    write(canvas, first, 100)
    write(canvas, second, 113)
    address = "https://kites.example"
    canvas.linkURL(
        address,
        rectangle("The counts of all the years are told on the pages of ", "the ridge", 100),
        relative=0,
    )
    canvas.linkURL(address, rectangle("", "office in the valley,", 113), relative=0)
    canvas.save()
    (block,) = parse(stream)
    assert block.links == (Link("the ridge office in the valley", address),)


def test_link_to_a_page() -> None:
    stream = io.BytesIO()
    canvas = canvas_of(stream)
    write(canvas, "What the kites eat is told in the chapter on food.", 100)
    canvas.linkAbsolute("", "food", rectangle("What the kites eat is told in ", "the chapter on food.", 100))
    canvas.showPage()
    write(canvas, "Mice.", 100)
    canvas.showPage()
    canvas.bookmarkPage("food")
    write(canvas, "Kites eat mice and worms.", 100)
    canvas.save()
    assert parse(stream)[0].links == (Link("the chapter on food", "#page=3"),)


def test_link_beside_the_words_is_left_out() -> None:
    stream = io.BytesIO()
    canvas = canvas_of(stream)
    write(canvas, "All counts are told by the ridge office, and by nobody else.", 100)
    canvas.linkURL("https://kites.example", (72, 72, 200, 90), relative=0)
    canvas.save()
    assert [block.links for block in parse(stream)] == [()]
