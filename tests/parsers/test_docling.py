"""Docling's documents as our blocks."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

from glede.adding.chunkers import chunks_of
from glede.adding.chunking import Chunking
from glede.errors import GledeError, LimitError, MalformedError, UnsupportedError
from glede.media import detect
from glede.parsers.docling import HIERARCHICAL, DoclingParser
from glede.parsers.docling_sheets import check_sheets
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions
from glede.types import Block, Box, Parsed

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHARED = os.environ.get("GLEDE_SHARED", "")
needs_docling = pytest.mark.skipif(find_spec("docling") is None, reason="docling is not installed")


def png() -> bytes:
    """A picture too large to be taken for a spacer."""
    stream = io.BytesIO()
    Image.new("RGB", (200, 100), "red").save(stream, "PNG")
    return stream.getvalue()


PNG = png()


def read(data: bytes, media_type: str, name: str = "", chunker: str = "") -> Parsed:
    return DoclingParser().parse(data, media_type, ParseOptions(name=name, chunker=chunker))


def outline(parsed: Parsed) -> list[tuple[str, str]]:
    return [(block.type, block.text) for block in parsed.blocks]


# Formats

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DRAWING = (
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
    'wordprocessingDrawing"><wp:extent cx="2540000" cy="1270000"/><wp:docPr id="1" name="dot"/>'
    '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData '
    'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="1" '
    'name="dot"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rId2"/></pic:blipFill>'
    "<pic:spPr/></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
_EQUATION = (
    '<w:p><m:oMathPara xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:oMath><m:sSup>'
    "<m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>"
    "</m:oMathPara></w:p>"
)
_TABLE = (
    '<w:tbl><w:tblGrid><w:gridCol w:w="1"/><w:gridCol w:w="1"/></w:tblGrid>'
    "<w:tr><w:tc><w:p><w:r><w:t>bird</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>years</w:t></w:r></w:p></w:tc>"
    '</w:tr><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>kite</w:t></w:r></w:p></w:tc>'
    "</w:tr></w:tbl>"
)


def paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(body: str) -> bytes:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name.replace(" ", "")}"><w:name w:val="{name}"/></w:style>'
        for name in ("Normal", "Title", "Heading 1", "Heading 2")
    )
    package = "application/vnd.openxmlformats-"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="{package}package.relationships+xml"/>'
        '<Default Extension="png" ContentType="image/png"/>'
        f'<Override PartName="/word/document.xml" ContentType="{DOCX}.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{DOCX.rsplit(".", 1)[0]}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_KINDS}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_KINDS}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId2" Type="{_KINDS}/image" Target="media/dot.png"/></Relationships>',
        "word/styles.xml": f'<w:styles xmlns:w="{_WORD}">{styles}</w:styles>',
        "word/document.xml": f'<w:document xmlns:w="{_WORD}" xmlns:r="{_KINDS}"><w:body>{body}</w:body>'
        "</w:document>",
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        archive.writestr("word/media/dot.png", PNG)
    return stream.getvalue()


@needs_docling
def test_word() -> None:
    body = [paragraph("Birds", "Title"), paragraph("Kites", "Heading1"), paragraph("They soar."), _TABLE]
    data = docx("".join([*body, paragraph("Formulas", "Heading2"), _EQUATION, _DRAWING]))
    assert detect(data, "birds.docx") == DOCX
    parsed = read(data, DOCX)
    assert outline(parsed) == [
        ("heading", "Birds"),
        ("heading", "Kites"),
        ("text", "They soar."),
        ("table", "| bird | years |\n| --- | --- |\n| kite | kite |"),
        ("heading", "Formulas"),
        ("equation", "$$x^{2}$$"),
        ("image", ""),
    ]
    assert parsed.title == "Birds"
    assert [block.level for block in parsed.blocks if block.type == "heading"] == [1, 2, 3]
    assert parsed.blocks[5].heading_path == ("Birds", "Kites", "Formulas")
    assert parsed.blocks[5].latex == "x^{2}"
    table = parsed.blocks[3].table
    assert table is not None
    assert [(cell.text, cell.header, cell.column_span) for cell in table.cells] == [
        ("bird", True, 1),
        ("years", True, 1),
        ("kite", False, 2),
    ]
    picture = parsed.blocks[6].picture
    assert picture is not None
    assert (picture.media_type, picture.width, picture.height) == ("image/png", 200, 100)
    assert parsed.assets[picture.asset].startswith(b"\x89PNG")


MARKDOWN = b"""---
title: Birds of prey
---
# Kites

Red [kites](x.md) are *big*, and soar.

## Food

| what | how much |
|------|----------|
| mice | many     |

3. first
   - inner
4. second

```python
soar()
```
"""


@needs_docling
def test_markdown() -> None:
    parsed = read(MARKDOWN, "text/markdown", chunker=HIERARCHICAL)
    assert outline(parsed) == [
        ("heading", "Kites"),
        ("text", "Red kites are big, and soar."),
        ("heading", "Food"),
        ("table", "| what | how much |\n| --- | --- |\n| mice | many |"),
        ("list", "3. first\n  - inner\n4. second"),
        ("code", "soar()"),
    ]
    assert parsed.title == "Birds of prey"
    assert parsed.pieces == ((1,), (3,), (4,), (5,))
    chunks = chunks_of(MARKDOWN, parsed, "d", "v", Chunking(name=HIERARCHICAL))
    assert [chunk.modality for chunk in chunks] == ["text", "table", "text", "text"]
    assert chunks[1].heading_path == ("Kites", "Food")
    assert read(MARKDOWN, "text/markdown").pieces == ()


@needs_docling
def test_html_keeps_captions_and_its_own_pictures() -> None:
    source = f"""<html><body><h1>Kites</h1><p>They <b>soar</b>, 飞<i>翔</i>.</p>
    <figure><img src="data:image/png;base64,{base64.b64encode(PNG).decode()}"><figcaption>Figure 1: a dot
    </figcaption></figure><img src="file:///etc/hostname" alt="host">
    <table><caption>Table 1</caption><tr><th>bird<th>years<tr><td>kite<td>10</table></body></html>"""
    parsed = read(source.encode(), "text/html")
    image = next(block for block in parsed.blocks if block.picture is not None)
    assert (image.text, image.caption) == ("Figure 1: a dot", "Figure 1: a dot")
    table = next(block for block in parsed.blocks if block.type == "table")
    assert table.caption == "Table 1"
    assert ("text", "They soar, 飞翔.") in outline(parsed)
    assert sum("Figure 1" in block.text for block in parsed.blocks) == 1
    assert len(parsed.assets) == 1


@needs_docling
@pytest.mark.parametrize(
    ("media_type", "name", "source"),
    [
        ("text/asciidoc", "birds.adoc", "= Birds\n\n== Kites\n\nThey soar.\n"),
        ("text/asciidoc", "", "= Birds\n\n== Kites\n\nThey soar.\n"),
        ("text/plain", "birds.txt", "# Birds\n\n## Kites\n\nThey soar.\n"),
        ("application/xhtml+xml", "", "<html><body><h1>Birds</h1><h2>Kites</h2><p>They soar.</body></html>"),
    ],
)
def test_one_document_in_many_formats(media_type: str, name: str, source: str) -> None:
    parsed = read(source.encode(), media_type, name)
    assert outline(parsed) == [("heading", "Birds"), ("heading", "Kites"), ("text", "They soar.")]
    assert parsed.blocks[2].heading_path == ("Birds", "Kites")


@needs_docling
def test_csv_in_another_encoding() -> None:
    parsed = read("Vogel,Länge\nGeier,95\n".encode("cp1252"), "text/csv")
    assert outline(parsed) == [("table", "| Vogel | Länge |\n| --- | --- |\n| Geier | 95 |")]


# Places, and what only models find


@needs_docling
def test_places_are_points_from_the_top_left() -> None:
    from docling_core.types.doc import (
        BoundingBox,
        ContentLayer,
        CoordOrigin,
        DocItemLabel,
        DoclingDocument,
        ProvenanceItem,
        Size,
        TableCell,
        TableData,
    )

    from glede.parsers.docling_blocks import Reader

    def place(left: float, top: float, right: float, bottom: float, page: int = 1) -> ProvenanceItem:
        box = BoundingBox(l=left, t=top, r=right, b=bottom, coord_origin=CoordOrigin.BOTTOMLEFT)
        return ProvenanceItem(page_no=page, bbox=box, charspan=(0, 1))

    document = DoclingDocument(name="kites")
    for page in (1, 2):
        document.add_page(page_no=page, size=Size(width=600, height=800))
    document.add_text(
        DocItemLabel.PAGE_HEADER, "page 1", prov=place(0, 790, 9, 780), content_layer=ContentLayer.FURNITURE
    )
    text = document.add_text(DocItemLabel.TEXT, "They soar.", prov=place(50, 700, 300, 650))
    text.prov.append(place(50, 640, 350, 600))
    text.prov.append(place(50, 790, 300, 700, page=2))
    document.add_text(DocItemLabel.FORMULA, text="", orig="E = mc2", prov=place(50, 500, 300, 480))
    cell = TableCell(
        text="kite",
        start_row_offset_idx=0,
        end_row_offset_idx=1,
        start_col_offset_idx=0,
        end_col_offset_idx=1,
        bbox=BoundingBox(l=50, t=100, r=80, b=120),
    )
    document.add_table(
        TableData(table_cells=[cell], num_rows=1, num_cols=1), prov=place(50, 700, 300, 600, 2)
    )
    reader = Reader(document, ParseOptions(), 1.0)
    reader.read()
    assert [(block.type, block.text, block.page, block.box) for block in reader.draft.blocks] == [
        ("text", "They soar.", 1, Box(50, 100, 350, 200)),
        ("equation", "E = mc2", 1, Box(50, 300, 300, 320)),
        ("table", "| kite |\n| --- |", 2, Box(50, 100, 300, 200)),
    ]
    table = reader.draft.blocks[2].table
    assert table is not None
    assert table.cells[0].box == Box(50, 100, 80, 120)


@needs_docling
def test_depth_is_limited() -> None:
    source = "".join(f"{'  ' * depth}- level {depth}\n" for depth in range(60))
    with pytest.raises(LimitError):
        DoclingParser().parse(source.encode(), "text/markdown", ParseOptions(max_depth=20))


def workbook(*references: str) -> bytes:
    rows = "".join(f'<row><c r="{reference}"><v>1</v></c></row>' for reference in references)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
    return stream.getvalue()


def test_cells_far_apart_are_a_limit() -> None:
    check_sheets(workbook("A1", "A1048576"))
    check_sheets(workbook(*(f"Z{row}" for row in range(1, 60_000))))
    with pytest.raises(LimitError) as caught:
        check_sheets(workbook("A1", *("B2",) * 100_000, "XFD1048576"))
    assert "1048576 x 16384" in caught.value.message
    with pytest.raises(MalformedError):
        check_sheets(workbook("A1")[:40])


@needs_docling
def test_damage_is_one_short_error() -> None:
    with pytest.raises(MalformedError) as caught:
        read(docx("")[:600], DOCX)
    assert caught.value.message == "Docling cannot read it: MsWordDocumentBackend could not load document"


# In the parser process


async def through_the_pool(data: bytes, media_type: str, seconds: float = 30) -> Parsed | GledeError:
    pool = ParserPool(ParseLimits(seconds=seconds), modules=["glede.parsers.docling"])
    try:
        return await pool.parse(data, media_type, "glede.parsers.docling:DoclingParser", ParseOptions())
    except GledeError as error:
        return error
    finally:
        await pool.close()


@needs_docling
def test_the_first_document_is_not_charged_for_the_import() -> None:
    parsed = asyncio.run(through_the_pool(docx(paragraph("They soar.")), DOCX, seconds=1))
    assert isinstance(parsed, Parsed)
    assert parsed.blocks == (Block("text", "They soar."),)


@needs_docling
def test_pdf_without_models_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCLING_ARTIFACTS_PATH", str(tmp_path))
    error = asyncio.run(through_the_pool(b"%PDF-1.7\n", "application/pdf"))
    assert isinstance(error, UnsupportedError)
    assert "models" in error.message
    assert "docling-tools models download" in error.hint


@needs_docling
@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
def test_milvus_overview_gives_36_chunks() -> None:
    data = (Path(SHARED) / "corpus" / "milvus_overview_2024-04.md").read_bytes()
    parsed = read(data, "text/markdown", chunker=HIERARCHICAL)
    assert len(chunks_of(data, parsed, "d", "v", Chunking(name=HIERARCHICAL))) == 36


SOURCES = [
    (
        b"\\documentclass{article}\n\\title{Kites}\n\\begin{document}\n\\maketitle\n\\section{Energy}\n"
        b"Known: $E=mc^2$.\n\\begin{equation}\na^2+b^2=c^2\n\\end{equation}\n\\end{document}",
        ["heading", "heading", "text", "equation"],
    ),
    (b"WEBVTT\n\n00:01.000 --> 00:04.000\nIt nests in oaks.\n", ["text"]),
    (
        b"<?xml version='1.0'?><!DOCTYPE article PUBLIC '-//NLM//DTD JATS (Z39.96) Journal Archiving and "
        b"Interchange DTD v1.2 20190208//EN' 'JATS-archivearticle1.dtd'><article><front><article-meta>"
        b"<title-group><article-title>Kites</article-title></title-group></article-meta></front><body><sec>"
        b"<title>Methods</title><p>Counted.</p><disp-formula><tex-math>$$a=b$$</tex-math></disp-formula>"
        b"</sec></body></article>",
        ["heading", "heading", "text", "equation"],
    ),
]


@needs_docling
@pytest.mark.parametrize(("data", "types"), SOURCES)
def test_markup_that_nothing_else_understands(data: bytes, types: list[str]) -> None:
    parsed = DoclingParser().parse(data, detect(data), ParseOptions())
    assert [block.type for block in parsed.blocks] == types
