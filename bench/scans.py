"""Scans of known text: a page is written, drawn as pixels, turned, and read back by OCR."""

from __future__ import annotations

import io
from collections import Counter

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from glede.parsers.recognition import is_installed
from glede.parsers.rendering import open_pdf
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions

TEXT = (
    "The red kite returned to the Aller valley in 1996, when seventeen pairs were counted.",
    "Since then the number of pairs has grown by about eight percent a year; in 2025 there were 212.",
    "Nests are built of sticks in oak, beech and pine, between 12 and 20 metres above the ground.",
    "Adults weigh 800 to 1300 grams. Their wings span 175 to 179 centimetres, and the tail is forked.",
    "Young birds leave the nest after 48 to 60 days, but return to be fed for another three weeks.",
    "Voles, rabbits and carrion make up most of the diet; worms matter in wet springs.",
    "Collisions with power lines and poisoned bait were the main causes of death before 2010.",
)
DPI = 200


def scanned(turns: int) -> bytes:
    """A PDF whose one page is a picture of the text, turned by so many quarter turns."""
    from PIL import Image

    written = io.BytesIO()
    style = getSampleStyleSheet()["BodyText"]
    SimpleDocTemplate(written, pagesize=A4).build([Paragraph(line, style) for line in TEXT * 3])
    with open_pdf(written.getvalue()) as pages:
        pixels = pages.render(1, dpi=DPI).pixels
    picture = Image.fromarray(pixels[:, :, ::-1].copy()).rotate(90 * turns, expand=True)
    drawn = io.BytesIO()
    width, height = (side * 72 / DPI for side in picture.size)
    canvas = Canvas(drawn, pagesize=(width, height))
    canvas.drawImage(ImageReader(picture), 0, 0, width, height)
    canvas.save()
    return drawn.getvalue()


def word_f1(found: str, true: str) -> float:
    """Agreement of the words of two texts, each as often as it stands there."""
    one, other = Counter(found.split()), Counter(true.split())
    return 2 * (one & other).total() / (one.total() + other.total())


async def scan_scores() -> None:
    """Word F1 of the page upright and turned."""
    if not is_installed():
        print("scans: OCR is not installed (pip install 'glede[ocr]')")
        return
    pool = ParserPool(ParseLimits())
    for turns in range(4):
        parsed = await pool.parse(scanned(turns), "application/pdf", "pdf", ParseOptions())
        text = " ".join(block.text for block in parsed.blocks)
        print(f"scan turned by {turns * 90} degrees: word F1 {word_f1(text, ' '.join(TEXT * 3)):.3f}")
    await pool.close()
