"""Word documents: paragraphs, headings, lists, formulas, tracked changes, notes."""

from __future__ import annotations

import os
import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from glede.parsers.word import DOCX, WordParser
from glede.parsers.word_numbering import formatted
from glede.testing.parser_contract import ParserContract
from glede.types import Link, Parsed
from tests.parsers.word_files import (
    EVERYTHING,
    FOOTNOTES,
    blocks,
    cell,
    docx,
    field,
    item,
    math,
    paragraph,
    picture,
    read,
    reference,
    row,
    table,
    text,
)

SHARED = os.environ.get("GLEDE_SHARED", "")
NUMBER = field("PAGE", "2")


class TestWordContract(ParserContract):
    parser = WordParser()
    samples = ((EVERYTHING, DOCX), (docx(paragraph("They soar.")), DOCX))


def test_everything_is_there_in_order() -> None:
    parsed = read(EVERYTHING)
    assert [(block.type, block.text) for block in parsed.blocks] == [
        ("heading", "Kites"),
        ("heading", "Food"),
        ("list", "1. mice\n  1.a) young"),
        ("text", "They soar.[^1]"),
        ("footnote", "[^1]: See Smith."),
        ("table", "| bird | years | years |\n| --- | --- | --- |\n| kite | 1 | 2 |"),
        ("image", "A kite"),
        ("equation", "$$E$$"),
    ]
    assert [block.level for block in parsed.blocks[:2]] == [1, 2]
    assert parsed.title == "Kites"


# Headings


def test_headings_by_style_inheritance_and_outline() -> None:
    parsed = read(
        docx(
            paragraph("One", "H1")
            + paragraph("Two", "Mine")
            + paragraph("Three", properties='<w:outlineLvl w:val="2"/>')
            + paragraph("Not one", "H1", '<w:outlineLvl w:val="9"/>')
            + paragraph("", "H1")
            + paragraph("Loop", "Loop")
            + paragraph("x" * 400, "H1")
        )
    )
    assert [(block.type, block.level) for block in parsed.blocks] == [
        ("heading", 1),
        ("heading", 2),
        ("heading", 3),
        ("text", 0),
        ("text", 0),
        ("text", 0),
    ]
    assert parsed.title == ""


def test_headings_carry_their_numbers_but_no_marks() -> None:
    found = blocks(
        paragraph("Birds", "N1") + paragraph(text("Kites") + reference("footnote", 5), "N1"), FOOTNOTES
    )
    assert found == [("heading", "I Birds"), ("heading", "II Kites"), ("footnote", "[^1]: See Smith.")]


def test_title_of_the_properties() -> None:
    core = (
        b'<c:p xmlns:c="x" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title> On\nkites</dc:title></c:p>'
    )
    assert read(docx(paragraph("x"), files={"docProps/core.xml": core})).title == "On kites"


# Lists


def test_lists_go_on_and_begin_anew() -> None:
    assert blocks(
        item("a", 2)
        + item("b", 2, 1)
        + item("c", 2, 1)
        + item("d", 2)
        + item("e", 2, 1)
        + paragraph("between")
        + item("f", 2)
        + item("g", 4)
        + item("h", 4)
        + item("i", 1)
        + item("j", 1, 1)
        + item("none", 0)
    ) == [
        ("list", "1. a\n  1.a) b\n  1.b) c\n2. d\n  2.a) e"),
        ("text", "between"),
        ("list", "3. f"),
        ("list", "7. g\n8. h"),
        ("list", "- i\n  - j"),
        ("text", "none"),
    ]


def test_lines_of_an_item_and_the_picture_in_it() -> None:
    assert blocks(item(text("a") + "<w:r><w:br/></w:r>" + text("b"), 1) + item(picture(alt="kite"), 1)) == [
        ("list", "- a\n  b"),
        ("image", "kite"),
    ]


@pytest.mark.parametrize(
    ("count", "form", "expected"),
    [
        (4, "decimal", "4"),
        (4, "decimalZero", "04"),
        (1999, "lowerRoman", "mcmxcix"),
        (4, "upperRoman", "IV"),
        (28, "lowerLetter", "bb"),
        (3, "upperLetter", "C"),
        (22, "ordinal", "22nd"),
        (11, "ordinal", "11th"),
        (21, "chineseCounting", "二十一"),
        (7, "cardinalText", "7"),
        (7, "none", ""),
        (0, "lowerRoman", "0"),
    ],
)
def test_formats_of_numbers(count: int, form: str, expected: str) -> None:
    assert formatted(count, form) == expected


def test_contents_and_code() -> None:
    entry = paragraph(
        f'<w:hyperlink w:anchor="x">{text("Food")}<w:r><w:tab/></w:r>{field("PAGEREF x", "3")}</w:hyperlink>',
        "TOC2",
    )
    code = paragraph("if x:", "Code") + paragraph("", "Code") + paragraph("    soar()", "Code")
    assert blocks(entry + entry + code) == [
        ("list", "  Food 3\n  Food 3"),
        ("code", "if x:\n\n    soar()"),
    ]


# Runs


def test_characters_of_runs() -> None:
    run = (
        "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t>"
        '<w:softHyphen/><w:sym w:font="Symbol" w:char="F061"/><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
    )
    assert blocks(paragraph(run)) == [("text", "a b\nc\u2011dα☑")]


def test_hidden_text_is_left_out() -> None:
    hidden = text("one ", "<w:vanish/>") + text("two ", '<w:rStyle w:val="Secret"/>')
    shown = text("three", '<w:rStyle w:val="Secret"/><w:vanish w:val="0"/>')
    assert blocks(paragraph(hidden + shown)) == [("text", "three")]


def test_tracked_changes_are_accepted() -> None:
    changed = (
        paragraph(f"{text('a ')}<w:del><w:r><w:delText>b</w:delText></w:r></w:del><w:ins>{text('c')}</w:ins>")
        + paragraph(f"<w:moveFrom>{text('gone')}</w:moveFrom><w:moveTo>{text('moved')}</w:moveTo>")
        + paragraph(text("one "), properties="<w:rPr><w:del/></w:rPr>")
        + paragraph("two")
        + table(row("x", "y"), row("gone", "gone", properties="<w:del/>"), row("z", "w"))
    )
    assert blocks(changed) == [
        ("text", "a c"),
        ("text", "moved"),
        ("text", "one two"),
        ("table", "| x | y |\n| --- | --- |\n| z | w |"),
    ]


def test_content_controls_keep_their_place() -> None:
    def control(content: str, properties: str = "") -> str:
        return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"

    inline = paragraph(
        text("to ") + control(text("Zoë")) + control(text("Click here"), "<w:showingPlcHdr/>") + text(".")
    )
    body = control(inline + control(paragraph("inside"))) + control(
        table(control(row("a", "b")), row("c", "d"))
    )
    assert blocks(body) == [
        ("text", "to Zoë."),
        ("text", "inside"),
        ("table", "| a | b |\n| --- | --- |\n| c | d |"),
    ]


def test_ruby() -> None:
    ruby = f"<w:r><w:ruby><w:rt>{text('とう')}</w:rt><w:rubyBase>{text('東')}</w:rubyBase></w:ruby></w:r>"
    assert blocks(paragraph(ruby)) == [("text", "東(とう)")]


# Links and fields


def test_links() -> None:
    relations = (
        '<Relationship Id="r1" Type="x/hyperlink" Target="https://example.org/a" TargetMode="External"/>'
        '<Relationship Id="r2" Type="x/hyperlink" Target="file:///etc/passwd" TargetMode="External"/>'
    )
    body = (
        paragraph(
            text("See ")
            + f'<w:hyperlink r:id="r1" w:anchor="b">{text("this")}</w:hyperlink>'
            + f'<w:hyperlink r:id="r2">{text(" file")}</w:hyperlink> '
            + field('HYPERLINK "https://example.org/c" \\l "d" \\o "tip"', "that")
        )
        + item(f'<w:hyperlink r:id="r1">{text("item")}</w:hyperlink>', 1)
        + table(row("a", f'<w:p><w:hyperlink r:id="r1">{text("cell")}</w:hyperlink></w:p>'), row("b", "c"))
    )
    parsed = read(docx(body, relations=relations))
    assert parsed.blocks[0].text == "See this filethat"
    assert parsed.blocks[0].links == (
        Link("this", "https://example.org/a#b"),
        Link("that", "https://example.org/c#d"),
    )
    assert parsed.blocks[1].links == (Link("item", "https://example.org/a"),)
    assert parsed.blocks[2].links == (Link("cell", "https://example.org/a"),)


def test_fields_over_paragraphs_and_torn_ones() -> None:
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    instruction = "<w:r><w:instrText> TOC </w:instrText></w:r>"
    separate = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    whole = paragraph(begin + instruction + separate + text("a")) + paragraph(text("b") + end)
    assert blocks(whole) == [("text", "a"), ("text", "b")]
    assert blocks(paragraph(text("a") + begin + text("lost")) + paragraph("b")) == [
        ("text", "a"),
        ("text", "b"),
    ]
    assert blocks(paragraph(text("a") + field("XE x", "unseen"))) == [("text", "a")]
    simple = f'<w:fldSimple w:instr=" REF x ">{text("Figure 1")}</w:fldSimple>'
    assert blocks(paragraph(text("see ") + simple)) == [("text", "see Figure 1")]


# Notes, headers, footers


def test_notes_of_three_kinds() -> None:
    first = text("a") + reference("footnote", 5) + reference("endnote", 1) + reference("comment", 3)
    assert blocks(paragraph(first) + paragraph(text("b") + reference("footnote", 5)), FOOTNOTES) == [
        ("text", "a[^1][^i]"),
        ("footnote", "[^1]: See Smith."),
        ("footnote", "Comment by Zoë: Really?"),
        ("text", "b[^1]"),
        ("footnote", "[^i]: The end."),
    ]
    assert blocks(paragraph(text("a") + reference("footnote", 77)), FOOTNOTES) == [("text", "a")]


def test_notes_of_lists_and_tables_follow_them() -> None:
    mark = reference("footnote", 5)
    assert blocks(item(text("a") + mark, 1) + item("b", 1), FOOTNOTES) == [
        ("list", "- a[^1]\n- b"),
        ("footnote", "[^1]: See Smith."),
    ]
    found = blocks(table(row("a", "b"), row(cell(paragraph(text("c") + mark)), "d")), FOOTNOTES)
    assert found[1] == ("footnote", "[^1]: See Smith.")


def test_headers_and_footers_once_each() -> None:
    section = '<w:sectPr><w:headerReference w:type="default" r:id="header1"/>'
    section += '<w:footerReference w:type="default" r:id="footer1"/></w:sectPr>'
    parts = {
        "header1": paragraph("Kites of Europe") + paragraph(text("Page ") + NUMBER),
        "footer1": table(row("ACME", "Ltd")),
    }
    found = blocks(
        paragraph("one") + paragraph("two", properties=section) + paragraph("three") + section, parts
    )
    assert found == [
        ("header", "Kites of Europe"),
        ("page_number", "Page 2"),
        ("text", "one"),
        ("text", "two"),
        ("footer", "ACME"),
        ("footer", "Ltd"),
        ("text", "three"),
    ]


# Formulas


def test_formulas_alone_among_text_and_numbered() -> None:
    tab = "<w:r><w:tab/></w:r>"
    layout = table(row("", cell(f"<w:p>{math('c', display=True)}</w:p>"), "(2.1)"))
    assert blocks(
        paragraph(text("so ") + math("x") + text(" is"))
        + paragraph(math("a") + math("b"))
        + paragraph(text("first") + math("y", display=True) + text("last"))
        + paragraph(tab + math("z") + tab + text("(") + field("SEQ Equation", "1") + text(")"))
        + layout
    ) == [
        ("text", "so $x$ is"),
        ("equation", "$$a$$"),
        ("equation", "$$b$$"),
        ("text", "first"),
        ("equation", "$$y$$"),
        ("text", "last"),
        ("equation", r"$$z \tag{1}$$"),
        ("equation", r"$$c \tag{2.1}$$"),
    ]


# Real documents


def plain(words: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<!--.*?-->|[|#*$-]+", " ", words)).strip()


def outline(parsed: Parsed) -> list[str]:
    return [block.text for block in parsed.blocks if block.type == "heading"]


@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
@pytest.mark.parametrize(
    ("name", "least"), [("word_sample", 0.95), ("word_tables", 0.99), ("equations", 0.93)]
)
def test_agrees_with_what_is_known(name: str, least: float) -> None:
    corpus = Path(SHARED) / "corpus"
    parsed = read((corpus / f"{name}.docx").read_bytes())
    known = (corpus / "gt" / f"{name}.docx.md").read_text()
    found = "\n".join(block.text for block in parsed.blocks if block.type != "page_number")
    assert SequenceMatcher(None, plain(found), plain(known), autojunk=False).ratio() > least
    assert outline(parsed) == re.findall(r"^#+ (.+)$", known, re.MULTILINE)
