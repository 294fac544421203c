from __future__ import annotations

import base64
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glede.errors import DocumentError, LimitError, MalformedError
from glede.parsers.markdown import MarkdownParser
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract
from glede.types import Parsed

GOLDEN = Path(__file__).parent / "golden"
DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGNkYGBgYGACAAANAAPGoAj5"
    "AAAAAElFTkSuQmCC"
)


def parse(text: str, *, max_pixels: int = 1000) -> Parsed:
    return MarkdownParser().parse(text.encode(), "text/markdown", ParseOptions(max_pixels=max_pixels))


def texts(text: str) -> list[tuple[str, str]]:
    return [(block.type, block.text) for block in parse(text).blocks]


class TestMarkdownContract(ParserContract):
    parser = MarkdownParser()
    samples = (
        ((GOLDEN / "guide.md").read_bytes(), "text/markdown"),
        (f"![dot]({DOT})\n\n# A\n\n### B\n\n## C\n\ntext".encode(), "text/markdown"),
    )


@pytest.mark.parametrize(
    "formula",
    [r"\int_0^1 x\,dx \\ y", r"a_1 * b_2 * c", r"\text{<b>} & \& [x](y)", r"\\[2pt] `x`"],
)
@pytest.mark.parametrize("frame", ["$${}$$", "$$\n{}\n$$", "```math\n{}\n```", "- item\n\n  $$\n  {}\n  $$"])
def test_display_formulas_keep_every_character(formula: str, frame: str) -> None:
    equations = [block for block in parse(frame.format(formula)).blocks if block.type == "equation"]
    assert [block.latex for block in equations] == [formula]
    assert equations[0].text == f"$${formula}$$"


@pytest.mark.parametrize("frame", [r"\[{}\]", "\\[\n{}\n\\]", "para\n\\[\n{}\n\\]\npara"])
def test_bracketed_formulas(frame: str) -> None:
    latex = "a = b\n- \\frac{c}{d}"
    assert ("equation", f"$$\n{latex}\n$$") in texts(frame.format(latex))


def test_brackets_that_are_only_escaped() -> None:
    assert texts(r"see \[1\] and \(note\)") == [("text", "see [1] and (note)")]


def test_inline_formulas_stay_in_their_sentence() -> None:
    source = r"If $a_1*b*c \, d$ then \(x_2 = 3\), for $5 or $6."
    assert texts(source) == [("text", source)]


def test_display_formula_inside_a_paragraph_cuts_it() -> None:
    assert texts(r"we see $$a\,b$$ here") == [("text", "we see"), ("equation", r"$$a\,b$$"), ("text", "here")]


def test_links_and_placeholders() -> None:
    source = "[guide](https://a.b) [here](https://c.d) [x](y.md) <https://e.f> <host>:<port> <b>bold</b>"
    assert texts(source) == [("text", "guide here (https://c.d) x https://e.f <host>:<port> bold")]


def test_picture_of_a_data_uri() -> None:
    parsed = parse(f"See ![a dot]({DOT}) there.")
    picture = parsed.blocks[1].picture
    assert parsed.blocks[0].text == "See there."
    assert picture is not None
    assert (picture.width, picture.height, picture.media_type) == (4, 4, "image/png")
    assert picture.asset in parsed.assets


def test_picture_beyond_the_limit_is_left_out() -> None:
    parsed = parse(f"![a dot]({DOT})", max_pixels=15)
    assert parsed.blocks[0].picture is None
    assert parsed.warnings == ("A picture of 4 x 4 pixels was left out.",)
    assert not parsed.assets


def test_html_lists_inside_cells() -> None:
    (block,) = parse("| a |\n|---|\n| <ul><li>x</li><li>y</li></ul> z<br>w |").blocks
    assert block.table is not None
    assert block.table.grid() == [["a"], ["x\ny\nz\nw"]]
    assert block.text.endswith("| x y z w |")


def test_front_matter() -> None:
    parsed = parse('---\nid: 7\ntitle: "A: b"\n---\n\ntext')
    assert parsed.title == "A: b"
    assert [block.text for block in parsed.blocks] == ["text"]


def test_html_table_with_blank_lines() -> None:
    (block,) = parse("<table>\n\n    <tr>\n\n    <td>a</td></tr>\n\n<tr><td>b</td></tr></table>").blocks
    assert block.table is not None
    assert block.table.grid() == [["a"], ["b"]]


def test_code_keeps_its_lines() -> None:
    assert texts("```py\na = 1\n\n    b = 2\n```") == [("code", "a = 1\n\n    b = 2")]


@pytest.mark.parametrize("text", ["", "---\ntitle: x\n---\n", "<!-- nothing -->"])
def test_no_text(text: str) -> None:
    with pytest.raises(MalformedError, match="holds no text"):
        parse(text)


@pytest.mark.measured
@pytest.mark.parametrize(
    "text",
    [
        "".join("  " * depth + "- item\n" for depth in range(1500)),
        "> " * 3000 + "x",
        "![a" * 3000 + "](b)" * 3000,
        "[" * 20_000,
        "\\[ x^2\n" * 5000,
        "<table>\n\nx\n\n" * 5000,
        "\\begin{align}\n" * 5000,
        "*a_ " * 10_000,
    ],
    ids=["lists", "quotes", "pictures", "brackets", "formulas", "tables", "environments", "emphasis"],
)
def test_hostile_nesting_ends_quickly(text: str) -> None:
    start = time.process_time()
    try:
        assert parse(text).blocks
    except DocumentError as error:
        assert isinstance(error, LimitError)
    assert time.process_time() - start < 5


WORDS = st.lists(st.from_regex(r"[a-zäß]{1,8}", fullmatch=True), min_size=1, max_size=4).map(" ".join)
PARAGRAPHS = st.one_of(
    WORDS,
    WORDS.map("# {}".format),
    WORDS.map("**{}**".format),
    WORDS.map("- {}".format),
    WORDS.map("  1. {}".format),
    WORDS.map("> {}".format),
    WORDS.map("    {}".format),
    WORDS.map("| a | {} |\n|---|---|\n| b | c |".format),
    WORDS.map("```\n{}\n```".format),
    WORDS.map("$${}$$".format),
    WORDS.map("<div>{}</div>".format),
    WORDS.map("![{}](x.png)".format),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PARAGRAPHS, min_size=1, max_size=8))
def test_no_word_is_lost_or_doubled(paragraphs: list[str]) -> None:
    words = re.compile(r"[a-zäß]+")
    source = re.sub(r"</?div>|x\.png", "", "\n\n".join(paragraphs))
    blocks = parse("\n\n".join(paragraphs)).blocks
    assert words.findall(" ".join(block.text for block in blocks)) == words.findall(source)


def test_links_stay_with_their_blocks() -> None:
    text = "# The [ridge](https://example.org/r)\n\nSee [**this** one](a.md).\n\n- [item](https://example.org/i)\n"
    text += "\n| [cell](https://example.org/c) |\n|---|\n| x |\n"
    found = [[(link.text, link.address) for link in block.links] for block in parse(text).blocks]
    assert found == [
        [("ridge", "https://example.org/r")],
        [("this one", "a.md")],
        [("item", "https://example.org/i")],
        [("cell", "https://example.org/c")],
    ]


def test_the_largest_picture_is_a_setting() -> None:
    padded = base64.b64decode(DOT.partition(",")[2]) + bytes(3000)
    source = f"![a dot](data:image/png;base64,{base64.b64encode(padded).decode()})"

    def read(most: int) -> Parsed:
        return MarkdownParser().parse(source.encode(), "text/markdown", ParseOptions(max_picture=most))

    left_out, kept = read(3000), read(4000)
    assert (len(left_out.assets), len(kept.assets)) == (0, 1)
    assert [(one.kind, one.code) for one in left_out.unfinished] == [("image", "limit_exceeded")]
    assert left_out.warnings == ("A picture of more than 0.00286102 MiB was left out.",)
    assert kept.unfinished == ()
