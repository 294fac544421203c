from __future__ import annotations

import base64
import json
from io import BytesIO

import pytest
from PIL import Image

from glede.errors import MalformedError
from glede.media import detect
from glede.media.types import CONTENT_LIST
from glede.parsers.content_list import ContentListParser
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract
from glede.types import Box, Parsed


def png() -> str:
    stream = BytesIO()
    Image.new("RGB", (20, 10), "red").save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


FIRST: list[dict[str, object]] = [
    {"type": "header", "text": "Running head", "page_idx": 0},
    {"type": "text", "text": "Kites", "text_level": 1, "page_idx": 0, "bbox": [10, 20, 500, 40]},
    {"type": "text", "text": r"It costs \$5 for \*one\* kite, $a\_b$.", "page_idx": 0},
    {"type": "equation", "img_path": "", "text": "$$\nE = mc^2\n$$", "text_format": "latex", "page_idx": 0},
    {
        "type": "table",
        "img_path": "images/t.jpg",
        "table_caption": ["Table 1: Pairs."],
        "table_footnote": ["* counted in May"],
        "table_body": "<table><tr><th>Year</th><th>Pairs</th></tr><tr><td>2024</td><td>14</td></tr></table>",
        "page_idx": 1,
    },
    {"type": "image", "img_path": png(), "image_caption": ["Figure 1: A kite."], "page_idx": 1},
    {"type": "code", "sub_type": "code", "code_body": "```python\nfly()\n```", "code_caption": ["Listing"],
     "page_idx": 1},
    {"type": "list", "sub_type": "text", "list_items": ["- one", "- two"], "page_idx": 2},
    {"type": "page_number", "text": "3", "page_idx": 2},
]  # fmt: skip
SECOND = [
    [],
    [
        {"type": "title", "content": {"title_content": [{"type": "text", "content": "Kites"}], "level": 2}},
        {
            "type": "paragraph",
            "content": {
                "paragraph_content": [
                    {"type": "text", "content": "See "},
                    {"type": "hyperlink", "url": "x", "children": [{"type": "text", "content": "here"}]},
                    {"type": "equation_inline", "content": "x^2"},
                ]
            },
            "bbox": [1, 2, 3, 4],
        },
        {"type": "equation_interline", "content": {"math_content": "a+b", "math_type": "latex"}},
        {
            "type": "table",
            "content": {
                "table_caption": [{"type": "text", "content": "Pairs"}],
                "html": "<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>",
            },
        },
        {
            "type": "list",
            "content": {
                "list_items": [{"item_type": "text", "item_content": [{"type": "text", "content": "one"}]}]
            },
        },
    ],
]
FOURTH = {
    "pages": [
        {
            "page_idx": 0,
            "page_size": [600, 800],
            "blocks": [
                {"type": "doc_title", "content": "Kites", "level": 1, "bbox": [0.1, 0.1, 0.9, 0.2]},
                {"type": "text", "content": "They fly.", "bbox": [0.1, 0.3, 0.9, 0.4]},
                {"type": "table", "content": "| a | b |\n| --- | --- |\n| 1 | 2 |", "captions": ["Pairs"]},
            ],
        }
    ],
    "metadata": {},
    "is_full_document": True,
}
ANYTHING: list[dict[str, object]] = [
    {"type": "text", "text": "Plain text.", "page_idx": 0},
    {"type": "table", "table_body": "| a | b |\n|---|---|\n| 1 | 2 |", "table_caption": ["T"], "page_idx": 1},
    {"type": "equation", "latex": "P(d|q)", "text": "Relevance of a document", "page_idx": 2},
    {"type": "image", "img_path": "/tmp/figure.jpg", "image_caption": ["Figure 1"], "page_idx": 3},
    {"type": "custom", "content": "Whatever it is.", "page_idx": 4},
]


def parse(value: object) -> Parsed:
    data = json.dumps(value).encode()
    return ContentListParser().parse(data, CONTENT_LIST, ParseOptions())


class TestContentListContract(ParserContract):
    parser = ContentListParser()
    samples = tuple((json.dumps(value).encode(), CONTENT_LIST) for value in (FIRST, SECOND, FOURTH, ANYTHING))


def kinds(parsed: Parsed) -> list[tuple[str, str, int | None]]:
    return [(block.type, block.text, block.page) for block in parsed.blocks]


def test_the_first_version_keeps_everything() -> None:
    parsed = parse(FIRST)
    assert parsed.title == "Kites"
    assert kinds(parsed) == [
        ("header", "Running head", 1),
        ("heading", "Kites", 1),
        ("text", r"It costs $5 for *one* kite, $a\_b$.", 1),
        ("equation", "$$E = mc^2$$", 1),
        ("table", "Table 1: Pairs.\n\n| Year | Pairs |\n| --- | --- |\n| 2024 | 14 |", 2),
        ("text", "* counted in May", 2),
        ("image", "Figure 1: A kite.", 2),
        ("text", "Listing", 2),
        ("code", "fly()", 2),
        ("list", "- one\n- two", 3),
        ("page_number", "3", 3),
    ]
    assert parsed.blocks[3].latex == "E = mc^2"
    assert parsed.blocks[4].caption == "Table 1: Pairs."
    assert parsed.blocks[2].box is None
    assert parsed.blocks[2].heading_path == ("Kites",)
    assert len(parsed.assets) == 1


def test_the_second_version_is_read_page_by_page_and_span_by_span() -> None:
    assert kinds(parse(SECOND)) == [
        ("heading", "Kites", 2),
        ("text", "See here$x^2$", 2),
        ("equation", "$$a+b$$", 2),
        ("table", "Pairs\n\n| a | b |\n| --- | --- |\n| 1 | 2 |", 2),
        ("list", "one", 2),
    ]


def test_boxes_are_kept_where_the_size_of_the_page_is_known() -> None:
    parsed = parse(FOURTH)
    assert parsed.blocks[0].box == Box(60, 80, 540, 160)
    assert (parsed.pages[0].width, parsed.pages[0].height) == (600, 800)
    assert [block.type for block in parsed.blocks] == ["heading", "text", "table"]


def test_what_rag_anything_takes() -> None:
    parsed = parse(ANYTHING)
    assert [block.type for block in parsed.blocks] == ["text", "table", "equation", "text", "image", "text"]
    assert parsed.blocks[2].latex == "P(d|q)"
    assert parsed.blocks[4].picture is None
    assert parsed.warnings == ("1 pictures lie in files beside the list and were not read.",)


def test_pages_out_of_order_are_put_in_order() -> None:
    parsed = parse(
        [{"type": "text", "text": "b", "page_idx": 5}, {"type": "text", "text": "a", "page_idx": 2}]
    )
    assert [block.page for block in parsed.blocks] == [3, 6]


@pytest.mark.parametrize("value", [FIRST, SECOND, FOURTH, ANYTHING, [FIRST[5]], {"content_list": [{}]}])
def test_content_lists_are_told_from_other_json(value: object) -> None:
    for indent in (None, 2):
        assert detect(json.dumps(value, indent=indent).encode(), "x.json") == CONTENT_LIST


def test_a_list_that_begins_with_a_large_picture_is_one() -> None:
    large = [{"type": "image", "img_path": "data:image/png;base64," + "A" * 200_000, "page_idx": 0}]
    assert detect(json.dumps(large).encode(), "") == CONTENT_LIST


@pytest.mark.parametrize(
    "value",
    [
        [{"type": "text", "text": "Part of a chat message."}],
        [{"type": "dog", "page_idx": 1}],
        {"pages": [{"title": "a"}]},
        {"pages": 3, "blocks": []},
        [[1, 2], [3]],
        [],
    ],
)
def test_other_json_stays_json(value: object) -> None:
    assert detect(json.dumps(value).encode(), "x.json") == "application/json"


@pytest.mark.parametrize("value", [{}, [1], "x", {"pages": [3]}])
def test_no_content_list(value: object) -> None:
    with pytest.raises(MalformedError):
        parse(value)
