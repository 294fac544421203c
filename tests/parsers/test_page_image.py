"""Pages of a PDF as pictures."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from glede.errors import LimitError, MalformedError, PasswordError
from glede.parsers.page_image import MAX_PIXELS, PageImage
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions
from glede.types import Parsed

PDF = "application/pdf"
SHARED = os.environ.get("GLEDE_SHARED", "")


def pdf(
    *sizes: tuple[float, float],
    encrypt: StandardEncryption | None = None,
    color: tuple[float, float, float] = (1, 0, 0),
) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt=encrypt)
    for width, height in sizes:
        canvas.setPageSize((width, height))
        canvas.setFillColorRGB(*color)
        canvas.rect(0, height / 2, width, height / 2, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def draw(data: bytes, *pages: int, password: str | None = None) -> Parsed:
    return PageImage().parse(data, PDF, ParseOptions(pages=pages, password=password))


def picture(parsed: Parsed) -> Image.Image:
    (block,) = parsed.blocks
    assert block.picture is not None
    image = Image.open(io.BytesIO(parsed.assets[block.picture.asset]))
    assert image.size == (block.picture.width, block.picture.height)
    return image


def test_page_as_it_is_shown() -> None:
    parsed = draw(pdf((300, 300), (720, 360)), 2)
    image = picture(parsed)
    assert image.size == (1100, 550)
    assert image.convert("RGB").getpixel((5, 5)) == (255, 0, 0)
    assert image.convert("RGB").getpixel((5, 545)) == (255, 255, 255)
    assert [(page.number, page.width, page.height) for page in parsed.pages] == [(2, 720, 360)]
    assert parsed.blocks[0].page == 2
    assert parsed.blocks[0].box is not None
    assert parsed.blocks[0].box.rounded() == [0, 0, 720, 360]


def test_pages_without_colours_are_grey() -> None:
    assert picture(draw(pdf((300, 300), color=(0, 0, 0)), 1)).mode == "L"


def test_first_page_and_several() -> None:
    data = pdf((300, 300), (400, 300))
    assert [page.number for page in draw(data).pages] == [1]
    assert [page.number for page in draw(data, 1, 2).pages] == [1, 2]


@pytest.mark.parametrize("size", [(14_000, 14_000), (14_400, 20)])
def test_large_pages_stay_within_the_budget(size: tuple[float, float]) -> None:
    image = picture(draw(pdf(size), 1))
    assert image.width * image.height <= MAX_PIXELS * 1.01


@pytest.mark.parametrize("page", [0, -1, 3, 10**9])
def test_pages_that_are_not_there(page: int) -> None:
    with pytest.raises(LimitError, match="has 2"):
        draw(pdf((300, 300), (300, 300)), page)


def test_encrypted() -> None:
    data = pdf((300, 300), encrypt=StandardEncryption("kite", "owner", strength=128))
    with pytest.raises(PasswordError):
        draw(data, 1)
    assert picture(draw(data, 1, password="kite"))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"text", pdf((300, 300))[:300]])
def test_damaged(data: bytes) -> None:
    with pytest.raises(MalformedError):
        draw(data, 1)


@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
@pytest.mark.parametrize("name", ["hugebox", "loop"])
def test_adversarial(name: str) -> None:
    data = (Path(SHARED) / "corpus" / "adversarial" / f"{name}.pdf").read_bytes()
    try:
        image = picture(draw(data, 1))
    except (MalformedError, LimitError) as error:
        assert error.message
    else:
        assert image.width * image.height <= MAX_PIXELS * 1.01


async def test_in_the_parser_process() -> None:
    pool = ParserPool(ParseLimits(), modules=["glede.parsers.page_image"])
    try:
        parsed = await pool.parse(
            pdf((300, 300)), PDF, "glede.parsers.page_image:PageImage", ParseOptions(pages=(1,))
        )
    finally:
        await pool.close()
    assert picture(parsed)
