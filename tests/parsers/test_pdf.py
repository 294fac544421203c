"""PDF: the sample report block by block, and small documents made here for all that can go wrong."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from glede.errors import DocumentError, LimitError, MalformedError, NeedsOcrError, PasswordError
from glede.parsers import recognition
from glede.parsers.pacing import listen
from glede.parsers.pdf import PdfParser
from glede.parsers.pdf_captions import around_captions, captioned, drawn_figures
from glede.parsers.pdf_text import printed
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract
from glede.types import Block, Box, Parsed, Picture, sha256_of

REPORT = Path(__file__).parents[2] / "samples" / "report.pdf"
PDF = "application/pdf"
WORDS = "The kite turned over the quarry at noon and was not seen again before the evening."
HEIGHT = 842


def pdf(*pages: Callable[[Canvas], object], encrypt: StandardEncryption | None = None) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, HEIGHT), invariant=True, encrypt=encrypt)
    for page in pages:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def writes(text: str = WORDS, top: float = 100, size: float = 11) -> Callable[[Canvas], None]:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        canvas.drawString(72, HEIGHT - top, text)

    return page


def shows(
    color: str = "red",
    at: tuple[float, float] = (72, 200),
    size: tuple[int, int] = (300, 200),
    pixels: int = 64,
) -> Callable[[Canvas], None]:
    picture = ImageReader(Image.new("RGB", (pixels, pixels), color))

    def page(canvas: Canvas) -> None:
        canvas.drawImage(picture, at[0], HEIGHT - at[1] - size[1], *size)

    return page


def both(*parts: Callable[[Canvas], object]) -> Callable[[Canvas], None]:
    def page(canvas: Canvas) -> None:
        for part in parts:
            part(canvas)

    return page


def blank(_: Canvas) -> None:
    """Nothing on it."""


def parse(data: bytes, options: ParseOptions | None = None) -> Parsed:
    return PdfParser().parse(data, PDF, options or ParseOptions())


class TestPdfParser(ParserContract):
    parser = PdfParser()
    samples: ClassVar[Sequence[tuple[bytes, str]]] = (
        (REPORT.read_bytes(), PDF),
        (pdf(both(writes(), shows()), writes()), PDF),
    )


def test_report() -> None:
    parsed = parse(REPORT.read_bytes())
    assert parsed.title == "Yearly report 2025"
    assert [(page.number, round(page.width), round(page.height)) for page in parsed.pages] == [
        (1, 595, 842),
        (2, 595, 842),
    ]
    assert parsed.warnings == ()
    outline = [(block.type, block.page, " > ".join(block.heading_path)) for block in parsed.blocks]
    top = "Yearly report 2025"
    assert outline == [
        ("heading", 1, ""),
        ("text", 1, top),
        ("heading", 1, top),
        ("text", 1, f"{top} > Wind"),
        ("table", 1, f"{top} > Wind"),
        ("heading", 1, top),
        ("text", 1, f"{top} > Rain"),
        ("heading", 2, top),
        ("text", 2, f"{top} > Red kites"),
        ("image", 2, f"{top} > Red kites"),
        ("heading", 2, top),
        ("text", 2, f"{top} > Outlook"),
    ]
    headings = [(block.level, block.text) for block in parsed.blocks if block.type == "heading"]
    assert headings == [(1, top), (2, "Wind"), (2, "Rain"), (2, "Red kites"), (2, "Outlook")]


def test_report_table() -> None:
    (block,) = [block for block in parse(REPORT.read_bytes()).blocks if block.type == "table"]
    assert block.caption == "Table 1: Wind speeds measured at the four places in 2025"
    assert block.table is not None
    assert block.table.grid() == [
        ["Place", "Height", "Mean wind", "Strongest gust", "Day of the gust"],
        ["Summit mast", "612 m", "7.4 m/s", "31.2 m/s", "18 January"],
        ["South slope", "455 m", "4.1 m/s", "22.8 m/s", "18 January"],
        ["Quarry roost", "380 m", "3.3 m/s", "19.5 m/s", "2 December"],
        ["Visitor hut", "290 m", "2.6 m/s", "17.1 m/s", "18 January"],
    ]
    assert block.table.header_rows() == 1
    assert block.text.startswith(f"{block.caption}\n\n| Place | Height |")
    gust = next(cell for cell in block.table.cells if cell.text == "31.2 m/s")
    assert gust.box is not None
    assert [round(edge) for edge in gust.box.rounded()] == [310, 285, 410, 307]


def test_report_figure() -> None:
    parsed = parse(REPORT.read_bytes())
    (block,) = [block for block in parsed.blocks if block.type == "image"]
    assert block.text == block.caption == "Figure 1: Breeding pairs of red kites on Aller Ridge, 2019 to 2025"
    assert block.picture is not None
    assert block.picture.media_type == "image/png"
    data = parsed.assets[block.picture.asset]
    assert sha256_of(data) == block.picture.asset
    assert Image.open(io.BytesIO(data)).size == (block.picture.width, block.picture.height)
    assert block.box is not None
    assert [round(edge) for edge in block.box.rounded()] == [78, 183, 518, 414]  # with the caption


def test_pages_are_told_before_they_are_read() -> None:
    told: list[int | None] = []
    listen(lambda count, hard: told.append(count))
    parse(pdf(*[writes()] * 3))
    assert told == [3]


def test_encrypted() -> None:
    data = pdf(writes(), encrypt=StandardEncryption("kite", "owner", strength=128))
    for password, what in ((None, "encrypted"), ("buzzard", "wrong")):
        with pytest.raises(PasswordError, match=what):
            parse(data, ParseOptions(password=password))
    assert WORDS in parse(data, ParseOptions(password="kite")).blocks[0].text


@pytest.fixture
def no_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "is_installed", lambda: False)


@pytest.mark.usefixtures("no_ocr")
def test_pictures_only_need_ocr() -> None:
    with pytest.raises(NeedsOcrError, match="pages 1, 3 must be read by OCR") as caught:
        parse(pdf(shows(), blank, shows("blue")))
    assert caught.value.hint == "pip install 'glede[ocr]'"
    with pytest.raises(NeedsOcrError, match="page 1 must"):
        parse(pdf(shows(at=(0, 0), size=(595, HEIGHT))))


@pytest.mark.usefixtures("no_ocr")
def test_page_without_text_is_a_warning() -> None:
    parsed = parse(pdf(writes(), shows(), blank))
    warning = "page 2: a picture without text; needs OCR (pip install 'glede[ocr]')"
    assert [page.warnings for page in parsed.pages] == [(), (warning,), ()]
    assert parsed.warnings == (warning,)


@pytest.mark.usefixtures("no_ocr")
def test_scan_with_a_stamp_is_a_warning() -> None:
    parsed = parse(pdf(both(shows(at=(0, 0), size=(595, HEIGHT)), writes("No. 7")), writes()))
    assert parsed.warnings == (
        "page 1: a picture with hardly any text; needs OCR (pip install 'glede[ocr]')",
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"A text about kites.",
        b"%PDF-1.7\n",
        b"%PDF-1.7\n" + bytes(range(256)) * 20,
        pdf(writes())[:600],
        pdf(blank),
        b"PK\x03\x04" + bytes(2000),
    ],
    ids=["nothing", "text", "head", "noise", "truncated", "blank", "zip"],
)
def test_damaged(data: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        parse(data)
    assert len(caught.value.message) < 80
    assert "liteparse" not in caught.value.message


def test_truncated_anywhere_is_text_or_one_error() -> None:
    data = REPORT.read_bytes()
    for end in range(0, len(data), len(data) // 40):
        try:
            assert parse(data[:end]).blocks
        except DocumentError as error:
            assert error.message


def test_more_pages_than_allowed() -> None:
    data = pdf(*[writes()] * 4)
    assert len(parse(data, ParseOptions(max_pages=4)).pages) == 4
    with pytest.raises(LimitError, match="4 pages; the limit is 3"):
        parse(data, ParseOptions(max_pages=3))


def test_decoration_is_left_out() -> None:
    logo = shows("green", at=(400, 20), size=(60, 30))
    dot = shows("black", at=(72, 300), size=(4, 4), pixels=4)
    pages = [both(logo, dot, writes(f"{WORDS} {number}")) for number in range(4)]
    pages[2] = both(pages[2], shows("blue"))
    parsed = parse(pdf(*pages))
    pictures = [block for block in parsed.blocks if block.type == "image"]
    assert [block.page for block in pictures] == [3]
    assert len(parsed.assets) == 1


def test_narrow_numbers_of_pages_are_kept() -> None:
    """liteparse leaves out a number of two small figures in the middle of a line."""

    def numbered(number: int) -> Callable[[Canvas], None]:
        def page(canvas: Canvas) -> None:
            writes()(canvas)
            canvas.drawString(290, 30, str(number))

        return page

    found = [block for block in parse(pdf(numbered(21), numbered(22))).blocks if block.type == "page_number"]
    assert [(block.text, block.page) for block in found] == [("21", 1), ("22", 2)]
    box = found[0].box
    assert box is not None
    assert box.x0 == pytest.approx(290, abs=3)
    assert box.y1 == pytest.approx(HEIGHT - 30, abs=3)


def test_pages_are_called_what_the_file_calls_them() -> None:
    def called(canvas: Canvas) -> None:
        canvas.addPageLabel(0, "ROMAN_LOWER", 1)
        canvas.addPageLabel(1, "ARABIC", 7, "F-")
        writes()(canvas)

    parsed = parse(pdf(called, writes(), writes()))
    assert [page.label for page in parsed.pages] == ["i", "F-7", "F-8"]
    assert [page.label for page in parse(pdf(writes(), writes())).pages] == ["", ""]


def test_drawn_figure_is_kept_by_its_caption() -> None:
    def drawing(canvas: Canvas) -> None:
        for step in range(30):
            canvas.line(100, 500 + step, 300 - step * 3, 650 - step)
            canvas.circle(200 + step, 560, 10 + step)

    parsed = parse(pdf(both(writes(), drawing, writes("Figure 3: How a kite turns", top=380))))
    figures = [block for block in parsed.blocks if block.type == "image"]
    assert [figure.caption for figure in figures] == ["Figure 3: How a kite turns"]


def test_words_are_those_on_the_page() -> None:
    text = "Call f(*args) with a_b, x*y*z, c:\\temp and 5 % of $7 or __init__ today, please."
    assert parse(pdf(writes(text))).blocks[0].text == text


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("a *word* and **two** or ***three***", "a word and two or three"),
        ("2 \\* 3 \\_x\\_ \\\\ y", "2 * 3 _x_ \\ y"),
        ("*Man-* *uals* and *on* *two lines*", "Manuals and on two lines"),
        ("costs $5 *or* $6", "costs $5 or $6"),
        ("a set $\\{x\\ast y_{1}*2\\}$ *here*", "a set $\\{x\\ast y_{1}*2\\}$ here"),
        ("~~10~~ and ~~ alone", "10 and ~~ alone"),
    ],
)
def test_marks_of_emphasis_go(marked: str, plain: str) -> None:
    assert printed(marked, struck=True) == plain


def test_struck_marks_stay_where_the_page_has_them() -> None:
    assert printed("~~kite~~", struck=False) == "~~kite~~"


PICTURE = Picture("0" * 64, "image/png", 90, 90)


def _image(x0: float, y0: float, x1: float, y1: float) -> Block:
    return Block("image", "", page=1, box=Box(x0, y0, x1, y1), picture=PICTURE)


def _text(text: str, y0: float, x0: float = 72, x1: float = 500) -> Block:
    return Block("text", text, page=1, box=Box(x0, y0, x1, y0 + 12))


@pytest.mark.parametrize(
    "caption",
    [
        "Figure 1: A kite",
        "Fig. 12a. A kite",
        "FIGURE IV A kite",
        "Abbildung 2.3: Ein Milan",
        "Abb. 7 Ein Milan",
        "Рисунок 5 – Коршун",
        "图 3 红鸢",
        "Figure A-2 | A kite",
        "Table 2. Kites, as a picture",
        "Figure 9",
    ],
)
def test_captions(caption: str) -> None:
    (block,) = captioned([_image(100, 100, 300, 200), _text(caption, 206)])
    assert (block.caption, block.text) == (caption, caption)


@pytest.mark.parametrize(
    "text",
    [
        "Figure 1 shows a kite.",
        "Table of contents",
        "Figure out how it flies.",
        "Plate the cake with care.",
        "Tables 7.4 to 7.6 turn to the roost.",
        "Table 3-2 lists the variables.",
        "Abbildung. Dann gilt es.",
        "Figure 1: " + "much too long " * 80,
    ],
)
def test_no_captions(text: str) -> None:
    assert len(captioned([_image(100, 100, 300, 200), _text(text, 206)])) == 2


def test_caption_must_be_near() -> None:
    image = _image(100, 100, 300, 200)
    assert len(captioned([image, _text("Figure 1: A kite", 300)])) == 2
    assert len(captioned([image, _text("Figure 1: A kite", 206, x0=310)])) == 2


def test_pictures_side_by_side_share_a_caption() -> None:
    blocks = captioned([_image(72, 100, 200, 200), _image(210, 100, 340, 200), _text("Figure 1: Kites", 206)])
    assert [block.caption for block in blocks] == ["Figure 1: Kites"] * 2


def test_each_picture_takes_the_caption_below() -> None:
    blocks = [
        _image(72, 100, 300, 200),
        _text("Figure 1: First", 206),
        _image(72, 220, 300, 320),
        _text("Figure 2: Second", 326),
    ]
    assert [block.caption for block in captioned(blocks)] == ["Figure 1: First", "Figure 2: Second"]


def test_boxes_are_around_captions_too_and_pictures_are_not() -> None:
    parsed = parse(pdf(both(writes(), shows(pixels=640), writes("Figure 3: How a kite turns", top=420))))
    (figure,) = [block for block in parsed.blocks if block.type == "image"]
    assert figure.caption == "Figure 3: How a kite turns"
    assert figure.box is not None
    assert figure.box.y0 == pytest.approx(200, abs=2)
    assert 418 < figure.box.y1 < 430
    assert figure.picture is not None
    drawn = Image.open(io.BytesIO(parsed.assets[figure.picture.asset])).convert("RGB")
    assert drawn.getpixel((drawn.width // 2, drawn.height - 1)) == (255, 0, 0)


def test_captions_far_off_or_beside_are_not_gone_around() -> None:
    image = replace(_image(100, 100, 300, 200), caption="Figure 1")
    boxes = [Box(100, 206, 300, 218), Box(310, 120, 400, 130), Box(100, 400, 300, 412)]
    near, beside, far = ([("Figure 1", box)] for box in boxes)
    assert around_captions([image], [*far, *beside, *near])[0].box == Box(100, 100, 300, 218)
    assert around_captions([image], [*far, *beside]) == [image]
    assert around_captions([replace(image, type="table")], [("Other", boxes[0])])[0].box == image.box


def test_only_captions_stand_for_drawn_figures() -> None:
    blocks = [_text("Figure 2: Rings", 100), _text("Figure 2 shows rings", 120), _text("Other words", 140)]
    assert [block.type for block in drawn_figures(blocks)] == ["image", "text", "text"]
