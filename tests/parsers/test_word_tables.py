"""Tables and pictures of Word documents: spans, header rows, captions, drawings."""

from __future__ import annotations

import pytest

from glede.types import Cell
from tests.parsers.word_files import (
    blocks,
    cell,
    docx,
    field,
    item,
    paragraph,
    picture,
    png,
    read,
    row,
    table,
    text,
)

BOLD = "<w:b/>"


def cells(*rows: str, properties: str = "") -> list[Cell]:
    block = next(block for block in read(docx(table(*rows, properties=properties))).blocks if block.table)
    assert block.table is not None
    return list(block.table.cells)


def places(found: list[Cell]) -> list[tuple[str, int, int, int, int]]:
    return [(one.text, one.row, one.column, one.row_span, one.column_span) for one in found]


def test_spans_in_both_directions() -> None:
    found = cells(
        row(cell("a", '<w:gridSpan w:val="2"/>'), cell("b", '<w:vMerge w:val="restart"/>')),
        row("c", "d", cell("", "<w:vMerge/>")),
        row(cell("e", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), cell("", "<w:vMerge/>")),
    )
    assert places(found) == [
        ("a", 0, 0, 1, 2),
        ("b", 0, 2, 3, 1),
        ("c", 1, 0, 1, 1),
        ("d", 1, 1, 1, 1),
        ("e", 2, 0, 1, 2),
    ]


def test_a_merge_that_continues_nothing_is_a_cell() -> None:
    found = cells(
        row("a", "b"),
        row(cell("c", "<w:vMerge/>"), "d"),
        row(cell("e", '<w:vMerge w:val="restart"/>'), "f"),
        row(cell("g", '<w:vMerge/><w:gridSpan w:val="2"/>')),
    )
    assert [one.text for one in found] == list("abcdefg")


def test_rows_that_begin_late() -> None:
    found = cells(row("a", "b"), row("c", properties='<w:gridBefore w:val="1"/>'))
    assert places(found)[2] == ("c", 1, 1, 1, 1)


@pytest.mark.parametrize(
    ("rows", "properties", "headers"),
    [
        ([row("a", "b", properties="<w:tblHeader/>"), row("c", "d")], "", 1),
        ([row("a", properties="<w:tblHeader/>")] * 2 + [row("c")], "", 2),
        ([row("a", "b"), row("c", "d")], '<w:tblStyle w:val="Grid"/><w:tblLook w:firstRow="1"/>', 1),
        ([row("a", "b"), row("c", "d")], '<w:tblStyle w:val="Grid"/><w:tblLook w:val="04A0"/>', 1),
        ([row("a", "b"), row("c", "d")], '<w:tblStyle w:val="Grid"/><w:tblLook w:firstRow="0"/>', 0),
        ([row("a", "b"), row("c", "d")], '<w:tblLook w:firstRow="1"/>', 0),
        ([row(cell(paragraph(text("a", BOLD))), ""), row("c", "d")], "", 1),
        ([row(cell(paragraph(text("a", BOLD)))), row(cell(paragraph(text("b", BOLD))))], "", 0),
    ],
)
def test_header_rows(rows: list[str], properties: str, headers: int) -> None:
    found = cells(*rows, properties=properties)
    assert {one.row for one in found if one.header} == set(range(headers))


def test_cells_with_lists_and_lines() -> None:
    inside = paragraph("They eat:") + item("mice", 1) + item("voles", 1, 1)
    assert cells(row("a", "b"), row(cell(inside), "d"))[2].text == "They eat:\n- mice\n  - voles"


def test_tables_and_pictures_in_cells_follow_the_table() -> None:
    inner = table(row("x", "y"), row("z", "w"))
    outer = table(
        row("a", cell(f"<w:p>{text('b')}</w:p>{inner}")), row(cell(paragraph(picture(alt="kite"))), "d")
    )
    assert blocks(outer) == [
        ("table", "| a | b |\n| --- | --- |\n|  | d |"),
        ("table", "| x | y |\n| --- | --- |\n| z | w |"),
        ("image", "kite"),
    ]


def test_one_cell_is_only_a_frame() -> None:
    frame = table(row(cell(paragraph("Note", "H1") + paragraph("Mind the kites.") + item("all", 1))))
    assert blocks(frame) == [("heading", "Note"), ("text", "Mind the kites."), ("list", "- all")]


# Pictures


def figure(*content: str, outside: str = "wps:wsp") -> str:
    inside = "".join(content)
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><a:graphic><{outside}>{inside}'
        f"</{outside}></a:graphic></w:drawing></mc:Choice><mc:Fallback><w:pict>{inside}</w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


def box(content: str) -> str:
    return f"<wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx>"


def test_a_picture_its_words_and_its_bytes() -> None:
    alt = "A kite&#10;&#10;Description automatically generated with medium confidence"
    parsed = read(docx(paragraph(text("Look: ") + picture(alt=alt))))
    assert [(block.type, block.text) for block in parsed.blocks] == [("text", "Look:"), ("image", "A kite")]
    found = parsed.blocks[1].picture
    assert found is not None
    assert (found.width, found.height, found.alt, found.media_type) == (20, 10, "A kite", "image/png")
    assert parsed.assets == {found.asset: png()}


def test_captions_find_what_they_caption() -> None:
    number = field("SEQ Figure", "1")
    caption = paragraph(text("Figure ") + number + text(": a kite"))
    rows = table(row("a", "b"), row("c", "d"))
    found = read(
        docx(
            paragraph(picture(alt="Bird"))
            + caption
            + paragraph("Table 1", "Cap")
            + rows
            + paragraph("between")
            + rows
            + paragraph("Table 2", "Cap")
            + paragraph("Above", "Cap")
            + paragraph(picture())
            + paragraph("Lost", "Cap")
            + paragraph("end")
            + paragraph("Nothing here", "Cap")
        )
    ).blocks
    assert [(block.type, block.caption, block.text.split("\n")[0]) for block in found] == [
        ("image", "Figure 1: a kite", "Figure 1: a kite"),
        ("table", "Table 1", "Table 1"),
        ("text", None, "between"),
        ("table", "Table 2", "Table 2"),
        ("image", "Above", "Above"),
        ("text", None, "Lost"),
        ("text", None, "end"),
        ("text", None, "Nothing here"),
    ]


def test_text_boxes_once_after_their_paragraph() -> None:
    shape = figure(box(paragraph("Boxed") + item("item", 1)))
    assert blocks(paragraph(text("before ") + shape + text("after")) + paragraph("next")) == [
        ("text", "before after"),
        ("text", "Boxed"),
        ("list", "- item"),
        ("text", "next"),
    ]


def test_vml_pictures_and_boxes() -> None:
    old = (
        '<w:r><w:pict><v:shape alt="Old kite"><v:imagedata r:id="rPic"/></v:shape>'
        f"<v:shape><v:textbox><w:txbxContent>{paragraph('Old box')}</w:txbxContent></v:textbox></v:shape>"
        "</w:pict></w:r>"
    )
    found = read(docx(paragraph(old))).blocks
    assert [(block.type, block.text) for block in found] == [("image", "Old kite"), ("text", "Old box")]
    assert found[0].picture is not None


def test_pictures_that_cannot_be_shown() -> None:
    relations = (
        '<Relationship Id="rOut" Type="x/image" Target="https://example.org/k.png" TargetMode="External"/>'
        '<Relationship Id="rEmf" Type="x/image" Target="media/k.emf"/>'
    )
    body = (
        paragraph(picture("rOut", "outside"))
        + paragraph(picture("rEmf", "emf"))
        + paragraph(picture("r0", "none"))
    )
    parsed = read(docx(body, relations=relations, files={"word/media/k.emf": b"\x01\x00\x00\x00" * 30}))
    assert [block.text for block in parsed.blocks] == ["outside", "emf", "none"]
    assert not any(block.picture for block in parsed.blocks)
    assert len(parsed.warnings) == 2


CHART = """<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:chart>
<c:title><c:tx><c:rich><a:p><a:r><a:t>Kites</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart>
<c:ser><c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>red</c:v></c:pt></c:strCache></c:strRef></c:tx>
<c:cat><c:strRef><c:strCache><c:pt idx="0"><c:v>2020</c:v></c:pt></c:strCache></c:strRef></c:cat>
<c:val><c:numRef><c:numCache><c:pt idx="0"><c:v>7</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser>
</c:barChart></c:plotArea></c:chart></c:chartSpace>"""
DIAGRAM = """<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst><dgm:pt modelId="1" type="doc"/>
<dgm:pt modelId="2"><dgm:t><a:p><a:r><a:t>Soar</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst><dgm:cxnLst>
<dgm:cxn modelId="3" srcId="1" destId="2" srcOrd="0"/></dgm:cxnLst></dgm:dataModel>"""


def test_charts_and_diagrams() -> None:
    relations = (
        '<Relationship Id="rC" Type="x/chart" Target="charts/c.xml"/>'
        '<Relationship Id="rD" Type="x/diagramData" Target="diagrams/d.xml"/>'
        '<Relationship Id="rX" Type="x/chart" Target="charts/x.xml"/>'
    )
    shapes = "".join(
        f"<w:r><w:drawing><a:graphic><a:graphicData>{one}</a:graphicData></a:graphic></w:drawing></w:r>"
        for one in ('<c:chart r:id="rC"/>', '<dgm:relIds r:dm="rD"/>', '<c:chart r:id="rX"/>')
    )
    files = {
        "word/charts/c.xml": CHART.encode(),
        "word/diagrams/d.xml": DIAGRAM.encode(),
        "word/charts/x.xml": b"<torn",
    }
    parsed = read(docx(paragraph(shapes), relations=relations, files=files))
    assert [(block.type, block.caption) for block in parsed.blocks] == [("table", "Kites"), ("list", None)]
    assert parsed.blocks[0].text.endswith("| 2020 | 7 |")
    assert parsed.blocks[1].text == "- Soar"
    assert len(parsed.warnings) == 1
