"""Drawn figures get a picture of their drawing, and embedded ones that of their own resolution."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from glede.parsers.pdf import PdfParser
from glede.parsing import ParseOptions
from glede.types import Block, Parsed

HEIGHT = 842
SHARED = os.environ.get("GLEDE_SHARED", "")
WORDS = "The kite turned over the quarry at noon and was not seen again before the evening came."


def parse(*draws: Callable[[Canvas], None]) -> Parsed:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, HEIGHT), invariant=True)
    for draw in draws:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return PdfParser().parse(stream.getvalue(), "application/pdf", ParseOptions())


def write(canvas: Canvas, text: str, top: float, left: float = 72) -> None:
    canvas.setFont("Helvetica", 11)
    canvas.drawString(left, HEIGHT - top, text)


def draw_chart(canvas: Canvas, top: float = 200, left: float = 100) -> None:
    """200 points wide and 150 high, in red."""
    canvas.setStrokeColorRGB(1, 0, 0)
    for step in range(30):
        canvas.line(left, HEIGHT - top - 5 * step, left + 200, HEIGHT - top - 150 + 5 * step)
        canvas.circle(left + 100, HEIGHT - top - 75, 10 + step)


def figures(parsed: Parsed) -> list[Block]:
    return [block for block in parsed.blocks if block.type == "image"]


def picture_of(parsed: Parsed, block: Block) -> Image.Image:
    assert block.picture is not None
    picture = Image.open(io.BytesIO(parsed.assets[block.picture.asset]))
    assert picture.size == (block.picture.width, block.picture.height)
    return picture


def test_drawing_above_its_caption() -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, WORDS, 120)
        draw_chart(canvas)
        write(canvas, "over the quarry", 280, 310)
        write(canvas, "Figure 3: How a kite turns", 380)
        write(canvas, WORDS, 500)

    parsed = parse(page)
    (figure,) = figures(parsed)
    assert figure.caption == "Figure 3: How a kite turns"
    assert figure.picture is not None
    assert figure.picture.alt == "over the quarry"
    assert figure.text == "Figure 3: How a kite turns\nover the quarry"
    assert figure.box is not None
    assert figure.box.x0 == pytest.approx(72, abs=1)
    assert figure.box.y0 == pytest.approx(197, abs=4)
    assert figure.box.y1 == pytest.approx(382, abs=4)
    assert figure.picture.height / 2 == pytest.approx(153, abs=20)  # without the caption
    assert len([block for block in parsed.blocks if block.text == WORDS]) == 2
    assert picture_of(parsed, figure).convert("RGB").getextrema()[1] == (0, 255)


def test_drawing_below_its_caption() -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, WORDS, 120)
        write(canvas, "Figure 3: How a kite turns", 180)
        draw_chart(canvas)
        write(canvas, WORDS, 500)

    (figure,) = figures(parse(page))
    assert figure.box is not None
    assert figure.picture is not None
    assert figure.box.y0 == pytest.approx(170, abs=6)
    assert (figure.box.y1 - figure.picture.height / 2) == pytest.approx(197, abs=6)


def test_frame_around_drawing_and_caption() -> None:
    def page(canvas: Canvas) -> None:
        canvas.rect(80, HEIGHT - 400, 300, 250)
        write(canvas, "Figure 3: How a kite turns", 170, 90)
        draw_chart(canvas)
        write(canvas, WORDS, 500)

    (figure,) = figures(parse(page))
    assert figure.box is not None
    assert [round(edge) for edge in figure.box.rounded()] == [79, 149, 381, 401]


def test_text_bounds_the_drawing() -> None:
    """The drawing further up belongs to no caption."""

    def page(canvas: Canvas) -> None:
        draw_chart(canvas, top=80)
        for line in range(3):
            write(canvas, WORDS, 270 + 14 * line)
        draw_chart(canvas, top=330)
        write(canvas, "Figure 3: How a kite turns", 500)

    (figure,) = figures(parse(page))
    assert figure.box is not None
    assert figure.box.y0 > 300


def test_pictures_have_their_own_resolution() -> None:
    pixels = Image.effect_noise((400, 300), 80).convert("RGB")

    def page(canvas: Canvas) -> None:
        write(canvas, WORDS, 120)
        canvas.drawImage(ImageReader(pixels), 72, HEIGHT - 400, 200, 150)

    parsed = parse(page, page)
    assert len(figures(parsed)) == 2
    assert len(parsed.assets) == 1
    assert picture_of(parsed, figures(parsed)[0]).size == pytest.approx((400, 300), abs=3)


def test_pictures_are_at_most_as_fine_as_models_need() -> None:
    pixels = Image.effect_noise((900, 900), 80).convert("RGB")

    def page(canvas: Canvas) -> None:
        write(canvas, WORDS, 120)
        canvas.drawImage(ImageReader(pixels), 72, HEIGHT - 400, 144, 144)

    parsed = parse(page)
    assert picture_of(parsed, figures(parsed)[0]).size == pytest.approx((400, 400), abs=3)


@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
@pytest.mark.parametrize(
    ("name", "page", "box"), [("eu-005", 1, [87, 51, 524, 328]), ("us-001", 2, [52, 53, 553, 506])]
)
def test_real_charts(name: str, page: int, box: list[int]) -> None:
    data = (Path(SHARED) / "corpus" / f"{name}.pdf").read_bytes()
    parsed = PdfParser().parse(data, "application/pdf", ParseOptions(pages=(page,)))
    (figure,) = [block for block in figures(parsed) if block.picture is not None]
    assert figure.box is not None
    assert [round(edge) for edge in figure.box.rounded()] == box
