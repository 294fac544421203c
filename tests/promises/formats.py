"""A small well-formed file of every format that is read, made in code."""

from __future__ import annotations

import base64
import io
import json
import math
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image, ImageDraw
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Pt
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

SAMPLES = Path(__file__).parents[2] / "samples"
WORDS = "The kite turned over the quarry at noon, and was not seen again before the evening."
ROWS = (("Place", "Height", "Mean wind"), ("Summit mast", 612, 7.4), ("South slope", 455, 4.1))
PARTS = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def picture(kind: str, frames: int = 1) -> bytes:
    """A picture with some variety in it."""
    drawn = []
    for frame in range(frames):
        image = Image.new("RGB", (120, 80), "white")
        pen = ImageDraw.Draw(image)
        for step in range(30):
            spot = (60 + 50 * math.sin(step + frame), 40 + 30 * math.cos(step))
            pen.line([(60, 40), spot], fill=(step * 8, 80, 200 - step))
        drawn.append(image)
    stream = io.BytesIO()
    more = {"save_all": True, "append_images": drawn[1:]} if frames > 1 else {}
    drawn[0].save(stream, kind, **more)
    return stream.getvalue()


def zipped(members: Mapping[str, bytes | str], mimetype: str = "") -> bytes:
    """An archive of members, the media type first where the format asks for it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def pdf(password: str = "") -> bytes:
    """Three pages: text, a table drawn with lines, a picture."""
    stream = io.BytesIO()
    locked = StandardEncryption(password, canPrint=0) if password else None
    canvas = Canvas(stream, pagesize=(595, 842), invariant=True, encrypt=locked)
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(72, 760, "Kites of Aller Ridge")
    canvas.setFont("Helvetica", 11)
    for line in range(8):
        canvas.drawString(72, 720 - 14 * line, WORDS)
    canvas.showPage()
    for number, row in enumerate(ROWS):
        for column, value in enumerate(row):
            canvas.rect(72 + 140 * column, 700 - 20 * number, 140, 20)
            canvas.drawString(76 + 140 * column, 705 - 20 * number, str(value))
    canvas.showPage()
    canvas.drawInlineImage(Image.open(io.BytesIO(picture("png"))), 72, 500, 240, 160)
    canvas.drawString(72, 480, "Figure 1: Rays of light")
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def relations(*targets: tuple[str, str], external: bool = False) -> str:
    """The part that names what another part refers to, as `rId1`, `rId2` ..."""
    mode = ' TargetMode="External"' if external else ""
    lines = (
        f'<Relationship Id="rId{number}" Type="{OFFICE}/relationships/{kind}" Target="{target}"{mode}/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PARTS}/relationships">{"".join(lines)}</Relationships>'


TYPES = f"""<?xml version="1.0"?><Types xmlns="{PARTS}/content-types"><Default Extension="rels" ContentType=
"application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Default Extension="png" ContentType="image/png"/><Override PartName="/word/document.xml" ContentType=
"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
DRAWING = """<w:drawing>
<wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">
<wp:extent cx="914400" cy="609600"/><wp:docPr id="1" name="Rays" descr="Rays of light"/>
<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData
uri="http://schemas.openxmlformats.org/drawingml/2006/picture">
<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill>
<a:blip r:embed="rId1"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"""


def docx(body: str = "", prologue: str = "", /, **more: bytes | str) -> bytes:
    """A Word document; `body` takes the place of what it says, `more` are further parts or others."""
    rows = "".join(
        "<w:tr>"
        + "".join(f"<w:tc><w:p><w:r><w:t>{value}</w:t></w:r></w:p></w:tc>" for value in row)
        + "</w:tr>"
        for row in ROWS
    )
    usual = f"""<w:p><w:pPr><w:pStyle w:val="H1"/></w:pPr><w:r><w:t>Kites</w:t></w:r></w:p>
    <w:p><w:r><w:t>{WORDS}</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>
    <w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId
    w:val="1"/></w:numPr></w:pPr><w:r><w:t>One</w:t></w:r></w:p>
    <w:tbl><w:tblGrid><w:gridCol w:w="100"/><w:gridCol w:w="100"/><w:gridCol
    w:w="100"/></w:tblGrid>{rows}</w:tbl>
    <w:p><w:r>{DRAWING}</w:r></w:p><w:p><m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r>
    <m:t>b</m:t></m:r></m:den></m:f></m:oMath></w:p>"""
    document = f"""<?xml version="1.0"?>{prologue}
    <w:document xmlns:w="{WORD}" xmlns:r="{OFFICE}/relationships"
    xmlns:m="{OFFICE}/math"><w:body>{body or usual}</w:body></w:document>"""
    styles = f"""<w:styles xmlns:w="{WORD}"><w:style w:type="paragraph" w:styleId="H1">
    <w:name w:val="heading 1"/>
    </w:style></w:styles>"""
    numbering = f"""<w:numbering xmlns:w="{WORD}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">
    <w:start
    w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1">
    <w:abstractNumId w:val="0"/></w:num></w:numbering>"""
    notes = f"""<w:footnotes xmlns:w="{WORD}"><w:footnote w:id="2"><w:p><w:r><w:t>Seen in
    May.</w:t></w:r></w:p>
    </w:footnote></w:footnotes>"""
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relations(("officeDocument", "word/document.xml")),
        "word/document.xml": document,
        "word/_rels/document.xml.rels": relations(
            ("image", "media/image1.png"), ("styles", "styles.xml"), ("numbering", "numbering.xml"),
            ("footnotes", "footnotes.xml"),
        ),
        "word/styles.xml": styles,
        "word/numbering.xml": numbering,
        "word/footnotes.xml": notes,
        "word/media/image1.png": picture("png"),
    }  # fmt: skip
    return zipped({**parts, **more})


def pptx() -> bytes:
    """A presentation with a title, bullets, a table, a picture, a chart and notes."""
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text = "Kites of Aller Ridge"
    slide.placeholders[1].text = f"{WORDS}\nAnother point"
    slide.notes_slide.notes_text_frame.text = "Speak slowly."
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.shapes.title.text = "Numbers"
    table = slide.shapes.add_table(3, 3, Pt(50), Pt(100), Pt(300), Pt(100)).table
    for number, row in enumerate(ROWS):
        for column, value in enumerate(row):
            table.cell(number, column).text = str(value)
    slide.shapes.add_picture(io.BytesIO(picture("png")), Pt(50), Pt(250))
    data = CategoryChartData()
    data.categories = ["2024", "2025"]
    data.add_series("Pairs", (13, 14))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Pt(200), Pt(250), Pt(200), Pt(100), data)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def xlsx() -> bytes:
    """A workbook with two sheets, a merged cell, a formula, a chart and a picture."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Wind"
    for row in ROWS:
        sheet.append(row)
    sheet["A5"] = "=SUM(B2:B3)"
    sheet["A7"] = "Merged over three"
    sheet.merge_cells("A7:C7")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    sheet.add_chart(chart, "F2")
    sheet.add_image(SheetImage(io.BytesIO(picture("png"))), "F20")
    book.create_sheet("More")["B2"] = WORDS
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def epub(chapter: str = "", opf: str = "", /, **more: bytes | str) -> bytes:
    """A book with one chapter; `opf` is put in front of the package."""
    package = f"""<?xml version="1.0"?>{opf}<package xmlns="http://www.idpf.org/2007/opf" version="3.0">
    <metadata
    xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Kites</dc:title></metadata><manifest>
    <item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>
    <item id="kite" href="kite.png" media-type="image/png"/></manifest><spine><itemref idref="one"/></spine>
    </package>"""
    usual = f'<h1>Nests</h1><p>{WORDS}</p><img src="kite.png" alt="A kite"/>'
    container = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
    version="1.0"><rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/>
    </rootfiles></container>"""
    parts: dict[str, bytes | str] = {
        "META-INF/container.xml": container,
        "book.opf": package,
        "one.xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{chapter or usual}</body></html>',
        "kite.png": picture("png"),
    }
    return zipped({**parts, **more}, "application/epub+zip")


def eml() -> bytes:
    """A message with a page, a picture and a note attached."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "a@example.org",
        "b@example.org",
        "Kites over the ridge",
    )
    message["Message-ID"], message["Date"] = "<1@example.org>", "Mon, 03 Nov 2025 10:00:00 +0000"
    message.set_content(WORDS)
    message.add_alternative(f"<p>{WORDS}</p><ul><li>One</li></ul>", subtype="html")
    message.add_attachment(picture("png"), maintype="image", subtype="png", filename="kite.png")
    message.add_attachment("Another note about kites.", filename="note.txt")
    return message.as_bytes()


def content_list(**first: object) -> bytes:
    """A content list; `first` are fields of its first item."""
    shown = "data:image/png;base64," + base64.b64encode(picture("png")).decode()
    table = "<table><tr><th>Year</th><th>Pairs</th></tr><tr><td>2024</td><td>14</td></tr></table>"
    items: list[dict[str, object]] = [
        {"type": "text", "text": "Kites", "text_level": 1, "page_idx": 0, "bbox": [10, 20, 500, 40], **first},
        {"type": "text", "text": WORDS, "page_idx": 0},
        {
            "type": "equation",
            "img_path": "",
            "text": "$$\nE = mc^2\n$$",
            "text_format": "latex",
            "page_idx": 0,
        },
        {"type": "table", "table_caption": ["Table 1: Pairs."], "table_body": table, "page_idx": 1},
        {"type": "image", "img_path": shown, "image_caption": ["Figure 1: A kite."], "page_idx": 1},
    ]
    return json.dumps(items).encode()


SVG = f"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="200" height="100">
<title>Kites</title>
<g><text x="10" y="20">{WORDS}</text><rect width="10" height="10"/></g></svg>""".encode()


def files() -> dict[str, bytes]:
    """Each format by the name of a file."""
    csv = (SAMPLES / "readings.csv").read_bytes()
    records = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
    note = (SAMPLES / "faq.txt").read_bytes()
    return {
        "faq.txt": note,
        "handbook.md": (SAMPLES / "handbook.md").read_bytes(),
        "station.html": (SAMPLES / "station.html").read_bytes(),
        "readings.csv": csv,
        "readings.tsv": csv.replace(b",", b"\t"),
        "wind.json": json.dumps({"places": records, "note": WORDS}, indent=1).encode(),
        "wind.jsonl": "\n".join(json.dumps(record) for record in records * 3).encode(),
        "kites.pdf": pdf(),
        "kites.docx": docx(),
        "kites.pptx": pptx(),
        "wind.xlsx": xlsx(),
        "kites.epub": epub(),
        "kites.eml": eml(),
        "kite.png": picture("png"),
        "kite.jpg": picture("jpeg"),
        "kite.gif": picture("gif", 3),
        "kite.bmp": picture("bmp"),
        "kite.webp": picture("webp"),
        "kite.tiff": picture("tiff", 2),
        "kites.svg": SVG,
        "kites_content_list.json": content_list(),
        "kites.zip": zipped({"faq.txt": note, "inner/readings.csv": csv, "wind.xlsx": xlsx()}),
    }
