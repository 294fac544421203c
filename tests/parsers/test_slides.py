"""Presentations, made with python-pptx where it can, else by changing the XML that it writes."""

from __future__ import annotations

import io
import os
import re
import zipfile
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from pptx.presentation import Presentation as Deck
from pptx.util import Pt

from glede.errors import LimitError, MalformedError, PasswordError
from glede.media import detect
from glede.parsers.slides import PRESENTATION, SlidesParser
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract
from glede.types import Box, Link
from tests.parsers.damage import check_flipped_bits
from tests.parsers.slides_files import A, changed, outline, png, presentation, read, textbox, titled

SHARED = os.environ.get("GLEDE_SHARED", "")
DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"


@cache
def birds() -> bytes:
    def build(made: Deck) -> None:
        slide = titled(made, "Kites", 1)
        frame = slide.placeholders[1].text_frame
        frame.text = "They soar"
        for text, level in (("on warm air", 1), ("They eat mice", 0)):
            paragraph = frame.add_paragraph()
            paragraph.text, paragraph.level = text, level
        slide.notes_slide.notes_text_frame.text = "Say it slowly."
        slide = titled(made, "Counts")
        table = slide.shapes.add_table(3, 3, Pt(72), Pt(144), Pt(300), Pt(90)).table
        for number, text in enumerate(("bird", "years", "", "kite", "1999", "2000", "", "10", "12")):
            table.cell(number // 3, number % 3).text = text
        table.cell(0, 1).merge(table.cell(0, 2))
        table.cell(1, 0).merge(table.cell(2, 0))
        slide.shapes.add_picture(png(), Pt(72), Pt(300)).element.nvPicPr.cNvPr.set("descr", "a red dot")

    return presentation(build)


class TestSlidesContract(ParserContract):
    parser = SlidesParser()
    samples = ((birds(), PRESENTATION),)


def test_slides_are_pages() -> None:
    assert detect(birds(), "birds.pptx") == PRESENTATION
    parsed = read(birds())
    assert parsed.title == "Kites"
    assert outline(parsed) == [
        ("heading", "Kites"),
        ("list", "- They soar\n  - on warm air\n- They eat mice"),
        ("text", "Say it slowly."),
        ("heading", "Counts"),
        (
            "table",
            "| bird | years | years |\n| --- | --- | --- |\n| kite | 1999 | 2000 |\n| kite | 10 | 12 |",
        ),
        ("image", "a red dot"),
    ]
    assert [block.page for block in parsed.blocks] == [1, 1, 1, 2, 2, 2]
    assert [(page.number, page.width, page.height) for page in parsed.pages] == [(1, 720, 540), (2, 720, 540)]
    table = parsed.blocks[4]
    assert table.box == Box(72, 144, 372, 234)
    assert table.table is not None
    assert [(cell.text, cell.row_span, cell.column_span, cell.header) for cell in table.table.cells[:3]] == [
        ("bird", 1, 1, True),
        ("years", 1, 2, True),
        ("kite", 2, 1, False),
    ]
    assert table.table.cells[1].box == Box(172, 144, 372, 174)
    picture = parsed.blocks[5].picture
    assert picture is not None
    assert (picture.width, picture.height, picture.alt) == (40, 20, "a red dot")


def test_only_the_pages_that_are_wanted() -> None:
    parsed = read(birds(), ParseOptions(pages=(2,)))
    assert {block.page for block in parsed.blocks} == {2}
    assert [page.number for page in parsed.pages] == [2]
    with pytest.raises(LimitError):
        read(birds(), ParseOptions(max_pages=1))


def test_columns_are_read_one_after_the_other_and_groups_as_one() -> None:
    def build(made: Deck) -> None:
        slide = titled(made, "Two columns")
        textbox(slide, "right 2", 400, 240)
        textbox(slide, "left 2", 50, 240)
        textbox(slide, "right 1", 400, 205)
        textbox(slide, "left 1", 50, 200)
        group = slide.shapes.add_group_shape()
        for text, left in (("in a group, right", 200), ("in a group, left", 50)):
            box = group.shapes.add_textbox(Pt(left), Pt(400), Pt(100), Pt(30))
            box.text_frame.text = text
        group.left, group.top, group.width, group.height = Pt(100), Pt(450), Pt(500), Pt(60)

    parsed = read(presentation(build))
    assert [block.text for block in parsed.blocks] == [
        "Two columns", "left 1", "left 2", "right 1", "right 2", "in a group, left", "in a group, right",
    ]  # fmt: skip
    assert parsed.blocks[5].box == Box(100, 450, 300, 510)


def test_numbers_of_lists() -> None:
    kinds = ("arabicPeriod", "arabicPeriod", "alphaLcParenR", "romanUcPeriod", "arabicPeriod")

    def build(made: Deck) -> None:
        frame = textbox(titled(made, "Lists"), "", 50, 200).text_frame
        for number, kind in enumerate(kinds):
            paragraph = frame.paragraphs[0] if not number else frame.add_paragraph()
            paragraph.text = f"item {number}"
            paragraph.level = int(2 <= number <= 3)
            numbers = etree.SubElement(paragraph._p.get_or_add_pPr(), f"{{{A}}}buAutoNum")
            numbers.set("type", kind)
            if not number:
                numbers.set("startAt", "4")
        frame.add_paragraph().text = "No list any more"

    parsed = read(presentation(build))
    assert outline(parsed)[1:] == [
        ("list", "4. item 0\n5. item 1\n  a) item 2\n  I. item 3\n6. item 4"),
        ("text", "No list any more"),
    ]


def test_comments_and_objects_of_other_programs() -> None:
    def build(made: Deck) -> None:
        slide = titled(made, "Remarks")
        table = io.BytesIO(b"not read")
        frame = slide.shapes.add_ole_object(table, "Excel.Sheet.12", Pt(50), Pt(150), icon_file=png())
        frame.element.nvGraphicFramePr.cNvPr.set("descr", "the counts")
        textbox(slide, "Below", 50, 400)

    relation = (
        b'<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2018/10/relationships/comments" '
        b'Target="../comments/modern1.xml"/></Relationships>'
    )
    said = (
        f'<p188:cmLst xmlns:p188="http://schemas.microsoft.com/office/powerpoint/2018/8/main" xmlns:a="{A}">'
        "<p188:cm><p188:replyLst><p188:reply><p188:txBody><a:p><a:r><a:t>Yes.</a:t></a:r></a:p></p188:txBody>"
        "</p188:reply></p188:replyLst><p188:txBody><a:p><a:r><a:t>Is it true?</a:t></a:r></a:p></p188:txBody>"
        "</p188:cm></p188:cmLst>"
    )

    def remarked(name: str, part: bytes) -> bytes:
        ours = name == "ppt/slides/_rels/slide1.xml.rels"
        return part.replace(b"</Relationships>", relation) if ours else part

    stream = io.BytesIO(changed(presentation(build), remarked))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("ppt/comments/modern1.xml", said)
    parsed = read(stream.getvalue())
    assert outline(parsed) == [
        ("heading", "Remarks"),
        ("image", "the counts"),
        ("text", "Below"),
        ("text", "Comment: Is it true?"),
        ("text", "Comment: Yes."),
    ]
    assert parsed.blocks[1].picture is not None


def test_links_furniture_and_what_is_hidden() -> None:
    def build(made: Deck) -> None:
        slide = titled(made, "Links")
        run = textbox(slide, "See ", 50, 200).text_frame.paragraphs[0].add_run()
        run.text = "the site"
        run.hyperlink.address = "https://example.org/kites"
        textbox(slide, "secret", 50, 300).element.nvSpPr.cNvPr.set("hidden", "1")
        number = textbox(slide, "7", 600, 500)
        etree.SubElement(
            number.element.nvSpPr.nvPr, f"{{{slide.element.nsmap['p']}}}ph", type="sldNum", idx="12"
        )
        titled(made, "Not shown").element.set("show", "0")

    parsed = read(presentation(build))
    assert outline(parsed) == [("heading", "Links"), ("text", "See the site"), ("page_number", "7")]
    assert parsed.blocks[1].links == (Link("the site", "https://example.org/kites"),)
    assert parsed.warnings == ("Slide 2 is hidden and was left out.",)
    assert parsed.pages[1].warnings == parsed.warnings


def test_a_large_first_line_is_the_title() -> None:
    def build(made: Deck) -> None:
        slide = made.slides.add_slide(made.slide_layouts[6])
        textbox(slide, "All about kites", 50, 50).text_frame.paragraphs[0].runs[0].font.size = Pt(40)
        textbox(slide, "They soar.", 50, 200).text_frame.paragraphs[0].runs[0].font.size = Pt(18)

    assert outline(read(presentation(build))) == [("heading", "All about kites"), ("text", "They soar.")]


def test_smart_art_is_a_list() -> None:
    from glede.parsers.slides_graphics import diagram_text

    source = f"""<d:dataModel xmlns:d="{DIAGRAM}" xmlns:a="{A}">
    <d:ptLst><d:pt modelId="0" type="doc"/>
    <d:pt modelId="1"><d:t><a:p><a:r><a:t>Kites</a:t></a:r></a:p></d:t></d:pt>
    <d:pt modelId="2"><d:t><a:p><a:r><a:t>Red</a:t></a:r></a:p></d:t></d:pt>
    <d:pt modelId="3"><d:t><a:p><a:r><a:t>Eagles</a:t></a:r></a:p></d:t></d:pt>
    <d:pt modelId="4" type="pres"/></d:ptLst>
    <d:cxnLst><d:cxn srcId="0" destId="3" srcOrd="1"/><d:cxn srcId="0" destId="1" srcOrd="0"/>
    <d:cxn srcId="1" destId="2" srcOrd="0"/></d:cxnLst></d:dataModel>"""
    assert diagram_text(etree.fromstring(source)) == "- Kites\n  - Red\n- Eagles"


def test_formulas() -> None:
    power = (
        '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:sSup>'
        "<m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>"
    )
    math = f'<a14:m xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main">{power}</a14:m>'

    def build(made: Deck) -> None:
        frame = textbox(titled(made, "Formulas"), "It grows as ", 50, 200).text_frame
        frame.paragraphs[0]._p.append(etree.fromstring(math))
        frame.add_paragraph()._p.append(etree.fromstring(math))

    def alternative(name: str, part: bytes) -> bytes:
        """As PowerPoint writes a shape with formulas: with a picture of it for older programs."""
        if not name.endswith("slides/slide1.xml"):
            return part
        start, end = part.rindex(b"<p:sp>"), part.rindex(b"</p:sp>") + 7
        choice = (
            b'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        )
        shape = part[start:end]
        choice += b'<mc:Choice Requires="a14">' + shape + b"</mc:Choice><mc:Fallback>" + shape
        return part[:start] + choice + b"</mc:Fallback></mc:AlternateContent>" + part[end:]

    for data in (presentation(build), changed(presentation(build), alternative)):
        blocks = read(data).blocks
        assert [(block.type, block.text, block.latex) for block in blocks[1:]] == [
            ("text", "It grows as $x^{2}$", None),
            ("equation", "$$x^{2}$$", "x^{2}"),
        ]


def test_a_damaged_slide_is_missing_and_the_others_are_there() -> None:
    data = changed(birds(), lambda name, part: part[:300] if name.endswith("slide1.xml") else part)
    parsed = read(data)
    assert outline(parsed)[0] == ("heading", "Counts")
    assert parsed.pages[0].failed
    assert "Slide 1 could not be read" in parsed.warnings[0]
    with pytest.raises(MalformedError):
        read(changed(data, lambda name, part: part[:300] if name.endswith("slide2.xml") else part))


def test_strict_files() -> None:
    def strict(_: str, part: bytes) -> bytes:
        return re.sub(
            rb"http://schemas\.openxmlformats\.org/(\w+)/2006/", rb"http://purl.oclc.org/ooxml/\1/", part
        )

    def everything_but_the_zip(name: str, part: bytes) -> bytes:
        return strict(name, part) if name.startswith("ppt/") and not name.endswith(".png") else part

    assert outline(read(changed(birds(), everything_but_the_zip))) == outline(read(birds()))


def test_bombs_are_refused() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    data = changed(birds(), lambda name, part: laughs + part[56:] if name == "ppt/presentation.xml" else part)
    with pytest.raises(MalformedError) as caught:
        read(data)
    assert "document type" in caught.value.message
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("ppt/x.bin", "w") as part,
    ):
        for _ in range(1100):
            part.write(bytes(2**20))
    with pytest.raises(LimitError):
        read(stream.getvalue())
    encrypted = bytearray(birds())
    place = encrypted.rindex(b"PK\x01\x02")
    encrypted[place + 8] |= 1
    with pytest.raises(PasswordError):
        read(bytes(encrypted))


def test_flipped_bits_are_a_result_or_one_error() -> None:
    check_flipped_bits(read, changed(birds(), lambda _, part: part), 331)


@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
def test_the_sample() -> None:
    parsed = read((Path(SHARED) / "corpus" / "powerpoint_sample.pptx").read_bytes())
    found = outline(parsed)
    assert found[0] == ("heading", "Test Table Slide")
    assert found[2] == ("text", "With footnote")
    assert ("list", "1. List item4\n2. List item5\n3. List item6") in found
    assert ("text", "Some notes on the second slide.") in found
    table = parsed.blocks[1].table
    assert table is not None
    assert (table.rows, table.columns) == (9, 7)
