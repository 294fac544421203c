"""Word documents put together in code."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from PIL import Image

from glede.parsers.word import DOCX, WordParser
from glede.parsing import ParseOptions
from glede.types import Parsed

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "r": _OFFICE,
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)
STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr>
</w:style>
<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="mine"/><w:basedOn w:val="H2"/></w:style>
<w:style w:type="paragraph" w:styleId="N1"><w:name w:val="Numbered"/><w:basedOn w:val="H1"/>
<w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Cap"><w:name w:val="caption"/></w:style>
<w:style w:type="paragraph" w:styleId="Code"><w:name w:val="Source Code"/></w:style>
<w:style w:type="paragraph" w:styleId="TOC2"><w:name w:val="toc 2"/></w:style>
<w:style w:type="character" w:styleId="Secret"><w:name w:val="secret"/><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Loop"><w:name w:val="loop"/><w:basedOn w:val="Loop"/></w:style>
<w:style w:type="table" w:styleId="Grid"><w:name w:val="grid"/>
<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr></w:tblStylePr></w:style>
"""
_LEVELS = """
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl>
"""
NUMBERING = f"""
<w:abstractNum w:abstractNumId="0">{_LEVELS.format("bullet", "•", "bullet", "–")}</w:abstractNum>
<w:abstractNum w:abstractNumId="1">{_LEVELS.format("decimal", "%1.", "lowerLetter", "%1.%2)")}</w:abstractNum>
<w:abstractNum w:abstractNumId="2">{_LEVELS.format("upperRoman", "%1", "decimal", "%1.%2")}</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/>
</w:lvlOverride></w:num>
"""
_ROOTS = {
    "document": "document", "styles": "styles", "numbering": "numbering", "footnotes": "footnotes",
    "endnotes": "endnotes", "comments": "comments", "settings": "settings", "header1": "hdr",
    "footer1": "ftr",
}  # fmt: skip


def png(width: int = 20, height: int = 10, color: str = "red") -> bytes:
    """A picture too large to be taken for a spacer."""
    stream = io.BytesIO()
    Image.new("RGB", (width, height), color).save(stream, "PNG")
    return stream.getvalue()


def text(words: str, properties: str = "") -> str:
    """A run."""
    style = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{style}<w:t xml:space="preserve">{words}</w:t></w:r>'


def paragraph(content: str, style: str = "", properties: str = "") -> str:
    """A paragraph of words, or of markup where it begins with a tag."""
    inside = content if content.startswith("<") else text(content)
    style = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{style}{properties}</w:pPr>{inside}</w:p>"


def item(words: str, list_id: int, level: int = 0) -> str:
    """A numbered paragraph."""
    place = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
    return paragraph(words, properties=place)


def cell(content: str, properties: str = "") -> str:
    """A cell of words, or of paragraphs."""
    inside = content if content.startswith("<w:p>") or "<w:tbl>" in content else paragraph(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    """A row; words become cells."""
    made = (one if one.startswith("<w:tc>") else cell(one) for one in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(made)}</w:tr>"


def table(*rows: str, properties: str = "") -> str:
    """A table."""
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr>{''.join(rows)}</w:tbl>"


def field(instruction: str, result: str) -> str:
    """A field in its long form."""
    marks = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    begin, separate, end = marks
    return f"{begin}<w:r><w:instrText>{instruction}</w:instrText></w:r>{separate}{text(result)}{end}"


def picture(key: str = "rPic", alt: str = "") -> str:
    """A run with a picture."""
    return (
        f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="{alt}"/><a:graphic>'
        f'<a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="{key}"/></pic:blipFill></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def math(latex: str = "x", display: bool = False) -> str:
    """A formula."""
    formula = f"<m:oMath><m:r><m:t>{latex}</m:t></m:r></m:oMath>"
    return f"<m:oMathPara>{formula}</m:oMathPara>" if display else formula


def docx(
    body: str,
    parts: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    relations: str = "",
    prologue: str = "",
) -> bytes:
    """A document; `parts` are named without folder and ending, `files` in full."""
    stream = io.BytesIO()
    found = {"styles": STYLES, "numbering": NUMBERING} | dict(parts or {})
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:

        def write(name: str, content: str) -> None:
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), content)

        write(
            "_rels/.rels",
            f'<Relationships><Relationship Id="r" Type="{_OFFICE}/officeDocument" '
            'Target="word/document.xml"/>'
            '<Relationship Id="c" Type="x/core-properties" Target="docProps/core.xml"/></Relationships>',
        )
        write(
            "word/document.xml", f"{prologue}<w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>"
        )
        related = "".join(
            f'<Relationship Id="{name}" Type="{_OFFICE}/{name.rstrip("1")}" Target="{name}.xml"/>'
            for name in found
        )
        pictured = f'<Relationship Id="rPic" Type="{_OFFICE}/image" Target="media/image1.png"/>'
        write(
            "word/_rels/document.xml.rels", f"<Relationships>{related}{pictured}{relations}</Relationships>"
        )
        for name, content in found.items():
            root = _ROOTS[name]
            write(f"word/{name}.xml", f"<w:{root} {_NAMESPACES}>{content}</w:{root}>")
        for name, data in ({"word/media/image1.png": png()} | dict(files or {})).items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), data)
    return stream.getvalue()


def read(data: bytes) -> Parsed:
    """What the parser makes of it."""
    return WordParser().parse(data, DOCX, ParseOptions())


def blocks(body: str, parts: Mapping[str, str] | None = None, relations: str = "") -> list[tuple[str, str]]:
    """Types and texts of the blocks of a document with that body."""
    return [(block.type, block.text) for block in read(docx(body, parts, relations=relations)).blocks]


FOOTNOTES = {
    "footnotes": '<w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="5"><w:p>'
    f"<w:r><w:footnoteRef/></w:r>{text(' See Smith.')}</w:p></w:footnote>",
    "endnotes": f'<w:endnote w:id="1"><w:p>{text("The end.")}</w:p></w:endnote>',
    "comments": f'<w:comment w:id="3" w:author="Zoë"><w:p>{text("Really?")}</w:p></w:comment>',
}


def reference(kind: str, key: int) -> str:
    return f'<w:r><w:{kind}Reference w:id="{key}"/></w:r>'


EVERYTHING = docx(
    paragraph("Kites", "T")
    + paragraph("Food", "H1")
    + item("mice", 2)
    + item("young", 2, 1)
    + paragraph(text("They soar.") + reference("footnote", 5))
    + table(row("bird", cell("years", '<w:gridSpan w:val="2"/>')), row("kite", "1", "2"), properties="")
    + paragraph(picture(alt="A kite"))
    + paragraph(math("E", display=True)),
    FOOTNOTES,
)
