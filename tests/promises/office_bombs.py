"""Documents of Office and books that ask for very much."""

# ruff: noqa: E501 - markup is no easier to read in pieces

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from tests.promises.bombs import DAMAGED, LIMIT, READ, Bomb, bomb_zip, png, zlib_stream
from tests.promises.formats import OFFICE, WORD, docx, epub, pptx, xlsx

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LEVELS = "".join(f"<!ENTITY a{number} '{f'&a{number - 1};' * 10}'>" for number in range(1, 12))
LAUGHS = f"<!DOCTYPE x [<!ENTITY a0 'ha'>{_LEVELS}]>"
QUADRATIC = f"<!DOCTYPE x [<!ENTITY a '{'h' * 100_000}'>]>"
LAUGH = "&a11;"
REFUSED = (LIMIT, DAMAGED, "unsupported")


def changed(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The document with one part changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()) if name == part else content)
    return made.getvalue()


def inflating(data: bytes, part: str, size: int = 2**30) -> bytes:
    """The document with a part that inflates to a gigabyte."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return bomb_zip(members, part, size, members[part][:200])


def crowded(data: bytes, folder: str, count: int = 60_000) -> bytes:
    """The document with very many parts more."""
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        for number in range(count):
            archive.writestr(f"{folder}/{number}.xml", "")
    return stream.getvalue()


def paragraph(text: str = "Kite", properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def nested_tables(depth: int) -> str:
    return "<w:tbl><w:tr><w:tc>" * depth + paragraph() + "<w:p/></w:tc></w:tr></w:tbl>" * depth


def numbered(kind: str, start: int) -> bytes:
    """Lists whose numbers are written out."""
    numbering = f"""<w:numbering xmlns:w="{WORD}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start
    w:val="{start}"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{"%1" * 50}"/></w:lvl></w:abstractNum>
    <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""
    item = paragraph("One", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
    return docx(item * 1000, **{"word/numbering.xml": numbering})


def spans(attribute: str, count: int) -> bytes:
    cell = f"<w:tc><w:tcPr>{attribute}</w:tcPr>{paragraph('x')}</w:tc>"
    return docx(f"<w:tbl>{f'<w:tr>{cell}</w:tr>' * count}</w:tbl>")


def styles_in_a_circle() -> bytes:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="S{number}"><w:basedOn w:val="S{(number + 1) % 20_000}"/></w:style>'
        for number in range(20_000)
    )
    body = "".join(paragraph("Kite", f'<w:pStyle w:val="S{number}"/>') for number in range(20_000))
    return docx(body, **{"word/styles.xml": f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>'})


def sheet(rows: str, more: str = "") -> bytes:
    """A workbook whose first sheet has these rows."""
    return changed(
        xlsx(),
        "xl/worksheets/sheet1.xml",
        lambda _: f'<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData>{more}</worksheet>',
    )


def cell(place: str, value: str = "1", kind: str = "n") -> str:
    return f'<c r="{place}" t="{kind}"><v>{value}</v></c>'


def with_strings(data: bytes, text: str = "kite", before: str = "") -> bytes:
    """The workbook with a part of shared texts, which openpyxl leaves out here."""
    strings = f'<?xml version="1.0"?>{before}<sst xmlns="{SHEET}"><si><t>{text}</t></si></sst>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    declared = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    related = (
        f'<Relationship Id="rId99" Type="{OFFICE}/relationships/sharedStrings" Target="sharedStrings.xml"/>'
    )
    data = changed(data, "[Content_Types].xml", lambda old: old.replace("</Types>", declared))
    data = changed(
        data,
        "xl/_rels/workbook.xml.rels",
        lambda old: old.replace("</Relationships>", f"{related}</Relationships>"),
    )
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", strings)
    return stream.getvalue()


def shared_string(size: int, count: int) -> bytes:
    """One long text that very many cells show."""
    rows = "".join(f'<row r="{row}">{cell(f"A{row}", "0", "s")}</row>' for row in range(1, count))
    return with_strings(sheet(rows), "kite " * (size // 5))


def merged_cells(count: int) -> bytes:
    merges = "".join(f'<mergeCell ref="A{row}:XFD{row}"/>' for row in range(1, count))
    return sheet(f'<row r="1">{cell("A1")}</row>', f"<mergeCells>{merges}</mergeCells>")


def slide(change: Callable[[str], str]) -> bytes:
    return changed(pptx(), "ppt/slides/slide1.xml", change)


def groups(depth: int) -> bytes:
    start, end = "<p:grpSp><p:nvGrpSpPr/><p:grpSpPr/>", "</p:grpSp>"
    return slide(lambda text: text.replace("</p:spTree>", start * depth + end * depth + "</p:spTree>"))


def with_entities(kind: str, declared: str) -> Callable[[str], str]:
    """Put a declaration before the root, and its use into the texts."""
    use = LAUGH if declared == LAUGHS else "&a;" * 100_000

    def change(text: str) -> str:
        head, _, rest = text.partition("?>")
        return f"{head}?>{declared}{rest}".replace(f"</{kind}>", f"{use}</{kind}>", 1)

    return change


BOMBS = (
    Bomb("part.docx", lambda: inflating(docx(), "word/document.xml")),
    Bomb("styles-part.docx", lambda: inflating(docx(), "word/styles.xml"), (LIMIT, READ)),
    Bomb("picture-part.docx", lambda: inflating(docx(), "word/media/image1.png"), (LIMIT, READ)),
    Bomb("picture.docx", lambda: docx(**{"word/media/image1.png": png(60_000, 60_000, zlib_stream(2**29, b"\0"))}),
         (LIMIT, READ)),
    Bomb("parts.docx", lambda: crowded(docx(), "word"), (LIMIT, DAMAGED, READ)),
    Bomb("laughs.docx", lambda: docx(paragraph(LAUGH), LAUGHS), REFUSED),
    Bomb("quadratic.docx", lambda: docx(paragraph("&a;" * 100_000), QUADRATIC), REFUSED),
    Bomb("styles-laughs.docx", lambda: changed(docx(), "word/styles.xml", lambda text: LAUGHS + text), REFUSED),
    Bomb("nested-tables.docx", lambda: docx(nested_tables(30_000)), (LIMIT, DAMAGED)),
    Bomb("nested.docx", lambda: docx("<w:sdt><w:sdtContent>" * 50_000 + "</w:sdtContent></w:sdt>" * 50_000),
         (LIMIT, DAMAGED)),
    Bomb("nested-formula.docx", lambda: docx(
        f"<w:p><m:oMath>{'<m:rad><m:e>' * 30_000}{'</m:e></m:rad>' * 30_000}</m:oMath></w:p>"), (LIMIT, DAMAGED)),
    Bomb("roman.docx", lambda: numbered("upperRoman", 2_000_000_000), (LIMIT, DAMAGED, READ)),
    Bomb("letters.docx", lambda: numbered("lowerLetter", 2_000_000_000), (LIMIT, DAMAGED, READ)),
    Bomb("span.docx", lambda: spans('<w:gridSpan w:val="1000000000"/>', 10), (LIMIT, DAMAGED, READ)),
    Bomb("spans.docx", lambda: spans('<w:gridSpan w:val="10000"/>', 10_000), (LIMIT, DAMAGED, READ)),
    Bomb("levels.docx", lambda: docx(paragraph("x", '<w:numPr><w:ilvl w:val="999999999"/><w:numId w:val="1"/></w:numPr>')),
         (READ,)),
    Bomb("circle.docx", styles_in_a_circle, (LIMIT, READ)),
    Bomb("sparse.xlsx", lambda: sheet(f'<row r="1">{cell("A1")}</row><row r="1048576">{cell("XFD1048576")}</row>'),
         (LIMIT, READ)),
    Bomb("diagonal.xlsx", lambda: sheet("".join(
        f'<row r="{row * 60}">{cell(f"XF{chr(65 + row % 4)}{row * 60}")}</row>' for row in range(1, 17_000))),
        (LIMIT, READ)),
    Bomb("part.xlsx", lambda: inflating(xlsx(), "xl/worksheets/sheet1.xml")),
    Bomb("strings-part.xlsx", lambda: inflating(with_strings(xlsx()), "xl/sharedStrings.xml")),
    Bomb("shared-string.xlsx", lambda: shared_string(30_000, 50_000)),
    Bomb("merged.xlsx", lambda: merged_cells(1_000_000)),
    Bomb("merged-all.xlsx", lambda: sheet(f'<row r="1">{cell("A1")}</row>',
         '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), (LIMIT, READ)),
    Bomb("row.xlsx", lambda: sheet(f'<row r="1">{cell("A1") * 2_000_000}</row>')),
    Bomb("laughs.xlsx", lambda: with_strings(sheet(f'<row r="1">{cell("A1", "0", "s")}</row>'), LAUGH, LAUGHS), REFUSED),
    Bomb("part.pptx", lambda: inflating(pptx(), "ppt/slides/slide1.xml"), (LIMIT, READ)),
    Bomb("laughs.pptx", lambda: slide(with_entities("a:t", LAUGHS)), (*REFUSED, READ)),
    Bomb("quadratic.pptx", lambda: slide(with_entities("a:t", QUADRATIC)), (*REFUSED, READ)),
    Bomb("groups.pptx", lambda: groups(50_000), (LIMIT, DAMAGED, READ)),
    Bomb("parts.pptx", lambda: crowded(pptx(), "ppt"), (LIMIT, DAMAGED, READ)),
    Bomb("part.epub", lambda: inflating(epub(), "one.xhtml")),
    Bomb("laughs.epub", lambda: epub("", LAUGHS), (*REFUSED, READ)),
    Bomb("nested.epub", lambda: epub("<div>" * 200_000), (LIMIT, DAMAGED)),
    Bomb("spans.epub", lambda: epub('<table><tr><td colspan="1000000000">x</td></tr></table>'), (LIMIT, READ)),
)  # fmt: skip
