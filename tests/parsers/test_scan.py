"""Scans: pages made here of known text, upright and turned; what is chosen for OCR, with and without it."""

from __future__ import annotations

import io
import re
from collections import Counter

import numpy as np
import pytest
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from glede.errors import MalformedError, NeedsOcrError, UnsupportedError
from glede.parsers import pdf_scans, recognition, scan
from glede.parsers.pdf import PdfParser
from glede.parsers.pdf_scans import Remark, is_garbled, summary
from glede.parsers.picture import PictureParser
from glede.parsers.rendering import Raster, decoded, fitting_scale, open_pdf
from glede.parsers.scan import ScanParser, read_page
from glede.parsing import ParseOptions
from glede.reading.pages import named
from glede.types import Block, Parsed
from tests.parsers.scripted_engine import ScriptedEngine

PDF = "application/pdf"
SIZE = (595, 842)
TITLE = "A Year of Red Kites"
BODY = """The red kite turned over the quarry at noon and was not seen again before the evening. Two of the
older birds had left their roost in the morning, when the wind came from the west at 7.4 m/s, and flew along
the ridge to the visitor hut. Nobody counted them there. In 2025 there were 41 breeding pairs, four more
than in 2019, and each of them raised two young on average. The keeper of the observatory writes every
sighting into a book that has been kept since 1931; its first pages are hard to read.""".replace("\n", " ")

with_ocr = pytest.mark.skipif(not recognition.is_installed(), reason="the extra ocr is not installed")


def written(canvas: Canvas) -> None:
    """A title, and the text twice in lines of about 70 characters."""
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(72, 760, TITLE)
    canvas.setFont("Times-Roman", 12)
    words, top = (BODY + " " + BODY).split(), 720.0
    while words:
        count = next((n for n in range(len(words), 0, -1) if len(" ".join(words[:n])) <= 75), 1)
        canvas.drawString(72, top, " ".join(words[:count]))
        words, top = words[count:], top - 16


def text_pdf() -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=SIZE, invariant=True)
    written(canvas)
    canvas.save()
    return stream.getvalue()


def page_picture(turns: int = 0, dpi: float = 150) -> Image.Image:
    with open_pdf(text_pdf()) as pdf:
        pixels = pdf.render(1, dpi).pixels
    return Image.fromarray(np.ascontiguousarray(np.rot90(pixels[:, :, ::-1], turns)))


def scanned_pdf(*pictures: Image.Image, text_page: bool = False, stamp: str = "") -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=SIZE, invariant=True)
    for picture in pictures:
        size = SIZE if picture.height >= picture.width else SIZE[::-1]
        canvas.setPageSize(size)
        canvas.drawImage(ImageReader(picture), 0, 0, *size)
        canvas.drawString(20, 20, stamp)
        canvas.showPage()
    if text_page:
        canvas.setPageSize(SIZE)
        written(canvas)
    canvas.save()
    return stream.getvalue()


def word_f1(read: str, known: str) -> float:
    found, wanted = (Counter(re.findall(r"\w+", text.casefold())) for text in (read, known))
    return 2 * (found & wanted).total() / (found.total() + wanted.total())


def text_of(parsed: Parsed) -> str:
    return "\n".join(block.text for block in parsed.blocks)


KNOWN = f"{TITLE} {BODY} {BODY}"


# Read by the engine itself.


@with_ocr
@pytest.mark.parametrize("turns", range(4))
def test_turned_pages_are_read(turns: int) -> None:
    parsed = PdfParser().parse(scanned_pdf(page_picture(turns)), PDF, ParseOptions())
    assert word_f1(text_of(parsed), KNOWN) >= 0.98
    assert parsed.blocks[0].text == TITLE
    turned = f", turned by {(4 - turns) % 4 * 90} degrees" if turns else ""
    (warning,) = parsed.warnings
    assert re.fullmatch(
        f"page 1: a picture without text; read by OCR{turned}, confidence (0.9.|1.00)", warning
    )
    assert all(block.page == 1 and block.confidence > 0.9 for block in parsed.blocks)
    (page,) = parsed.pages
    box = parsed.blocks[0].box
    assert box is not None
    edges = box.x0, page.height - box.y1, page.width - box.x1, box.y0
    start_of_title = (edges[0], edges[1], edges[2], edges[3])[turns]
    assert start_of_title == pytest.approx(72, abs=5)


@with_ocr
def test_only_the_scan_is_recognised() -> None:
    parsed = PdfParser().parse(scanned_pdf(page_picture(), text_page=True), PDF, ParseOptions())
    assert [bool(page.warnings) for page in parsed.pages] == [True, False]
    assert word_f1(text_of(parsed), f"{KNOWN} {KNOWN}") >= 0.98
    assert {block.confidence for block in parsed.blocks if block.page == 2} == {1.0}


@with_ocr
def test_a_picture_tells_its_words() -> None:
    stream = io.BytesIO()
    page_picture().save(stream, "PNG")
    parsed = PictureParser().parse(stream.getvalue(), "image/png", ParseOptions(name="old_page.png"))
    (block,) = parsed.blocks
    assert block.text.startswith(f"old page\n\n{TITLE}")
    assert word_f1(block.text, f"old page {KNOWN}") >= 0.98
    assert 0.9 < block.confidence <= 1


@with_ocr
def test_the_scan_parser_reads_pictures_and_text_pages() -> None:
    stream = io.BytesIO()
    page_picture().save(stream, "JPEG", dpi=(150, 150))
    for data, kind in ((stream.getvalue(), "image/jpeg"), (text_pdf(), PDF)):
        parsed = ScanParser().parse(data, kind, ParseOptions())
        assert word_f1(text_of(parsed), KNOWN) >= 0.98
        assert [(round(page.width), round(page.height)) for page in parsed.pages] == [SIZE]


@with_ocr
def test_a_script_that_is_unknown_is_no_text() -> None:
    engine = recognition.load_engine()
    picture = Image.new("RGB", (1200, 120), "white")
    font = "DejaVuSans.ttf"
    try:
        from PIL import ImageFont

        chosen = ImageFont.truetype(font, 32)
    except OSError:
        pytest.skip("no font with Cyrillic letters")
    ImageDraw.Draw(picture).text((60, 30), "Красный коршун кружил над карьером", font=chosen, fill="black")
    page = read_page(Raster(np.asarray(picture)[:, :, ::-1].copy(), 1.0), 1, engine)
    assert page.letters < 5
    assert page.unread == 1


# Chosen, with an engine that pretends.


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = ScriptedEngine("What the scan says, in a line of some more than fifty letters, is this.")
    monkeypatch.setattr(recognition, "is_installed", lambda: True)
    monkeypatch.setattr(recognition, "load_engine", lambda: engine)
    monkeypatch.setattr(recognition, "crop", lambda pixels, corners: pixels[:40])


GREY = Image.new("RGB", (60, 84), "grey")


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize(
    ("stamp", "reason"),
    [("", "a picture without text"), ("No. 7", "a picture with hardly any text")],
)
def test_scans_are_chosen_page_by_page(stamp: str, reason: str) -> None:
    parsed = PdfParser().parse(scanned_pdf(GREY, text_page=True, stamp=stamp), PDF, ParseOptions())
    assert [page.warnings for page in parsed.pages] == [
        (f"page 1: {reason}; read by OCR, confidence 0.98",),
        (),
    ]
    (scanned,) = [block for block in parsed.blocks if block.page == 1]
    assert scanned.text.startswith("What the scan says")
    assert scanned.box is not None


def test_without_ocr_the_other_pages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "is_installed", lambda: False)
    parsed = PdfParser().parse(scanned_pdf(GREY, GREY, text_page=True), PDF, ParseOptions())
    assert "red kite" in text_of(parsed)
    said = "a picture without text; needs OCR (pip install 'glede[ocr]')"
    assert parsed.warnings == (f"pages 1, 2: {said}",)
    assert [page.warnings for page in parsed.pages] == [(f"page 1: {said}",), (f"page 2: {said}",), ()]


def test_without_ocr_a_scan_parser_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "is_installed", lambda: False)
    recognition.load_engine.cache_clear()
    with pytest.raises(UnsupportedError) as caught:
        ScanParser().parse(text_pdf(), PDF, ParseOptions())
    assert caught.value.hint == "pip install 'glede[ocr]'"


def test_a_scan_without_words_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "is_installed", lambda: True)
    monkeypatch.setattr(pdf_scans, "read_pages", lambda *_: [(1, scan.ScannedPage((), 0))])
    monkeypatch.setattr(recognition, "load_engine", lambda: None)
    with pytest.raises(NeedsOcrError, match="OCR found no text on page 1"):
        PdfParser().parse(scanned_pdf(GREY), PDF, ParseOptions())


@pytest.mark.parametrize(
    ("text", "garbled"),
    [
        (BODY, False),
        ("\ufffd" * 40, True),
        ("\ue012\ue013 \ue044 a b" * 10, True),
        ("(cid:12)(cid:7) x " * 20, True),
        ("\ufffd\ufffd", False),
        (BODY[:200] + "\ufffd" * 10, False),
        ("الحدأة الحمراء تطير فوق المحجر", False),
    ],
)
def test_garbled(text: str, garbled: bool) -> None:
    assert is_garbled(text) is garbled


# The parts.


def test_pages_stay_within_the_pixel_budget() -> None:
    assert fitting_scale((595, 842), 144, 12_000_000) == 2.0
    for width, height in ((2_000_000, 2_000_000), (14_400, 2), (1, 1)):
        scale = fitting_scale((width, height), 200, 1_000_000)
        assert width * scale * height * scale <= 1_000_001
        assert max(width, height) * scale <= 16_000
    with open_pdf(text_pdf()) as pdf:
        raster = pdf.render(1, max_pixels=100_000)
        assert raster.pixels.shape[0] * raster.pixels.shape[1] <= 101_000
        assert raster.pixels.dtype == np.uint8
        assert pdf.size(1) == pytest.approx(SIZE)


def test_pictures_are_decoded_on_white() -> None:
    stream = io.BytesIO()
    Image.new("RGBA", (30, 20), (255, 0, 0, 0)).save(stream, "PNG")
    raster = decoded(stream.getvalue())
    assert raster.pixels.shape == (20, 30, 3)
    assert raster.pixels.min() == 255
    with pytest.raises(MalformedError):
        decoded(stream.getvalue()[:40])


def test_pages_alike_are_named_together() -> None:
    page = scan.ScannedPage((Block("text", "kites", confidence=0.975),), 1)
    remarks = {number: Remark("garbled text", page, used=True) for number in (1, 2, 3, 7)}
    remarks[9] = Remark("garbled text", page, used=False)
    assert summary(remarks) == [
        "pages 1-3, 7: garbled text; read by OCR, confidence 0.97 or more",
        "page 9: garbled text; OCR found no more",
    ]
    assert summary({4: Remark("garbled text", scan.ScannedPage((), 0, unread=8), used=False)}) == [
        "page 4: garbled text; OCR found lines that it cannot read"
    ]
    assert str(remarks[1]) == "garbled text; read by OCR, turned by 90 degrees, confidence 0.97"
    assert named([4, 5]) == "pages 4, 5"
