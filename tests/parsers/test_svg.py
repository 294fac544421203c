from __future__ import annotations

import pytest

from glede.errors import DocumentError
from glede.media import detect
from glede.media.types import SVG
from glede.parsers.svg import SvgParser
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract

DRAWING = b"""<?xml version="1.0"?>
<!-- a drawing -->
<svg xmlns="http://www.w3.org/2000/svg"><title>Kites</title><style>text {}</style>
<g><desc>A chart of pairs.</desc><text>2024: <tspan>14</tspan> pairs</text></g><script>run()</script></svg>"""
HOSTILE = b"""<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY f SYSTEM "file:///etc/passwd">]>
<svg xmlns="http://www.w3.org/2000/svg"><text>Words &a;&f; after</text></svg>"""


class TestSvgContract(ParserContract):
    parser = SvgParser()
    samples = ((DRAWING, SVG),)


def test_the_words_in_order() -> None:
    parsed = SvgParser().parse(DRAWING, SVG, ParseOptions())
    assert [block.text for block in parsed.blocks] == ["Kites", "A chart of pairs.", "2024: 14 pairs"]
    assert parsed.title == "Kites"


def test_entities_stay_what_they_are() -> None:
    (block,) = SvgParser().parse(HOSTILE, SVG, ParseOptions()).blocks
    assert block.text == "Words after"


def test_nesting_ends() -> None:
    deep = b"<svg>" + b"<g>" * 100_000 + b"<text>x</text>"
    with pytest.raises(DocumentError):
        SvgParser().parse(deep, SVG, ParseOptions())


@pytest.mark.parametrize("data", [DRAWING, HOSTILE, b"<svg><text>x</text></svg>"])
def test_told_by_its_root(data: bytes) -> None:
    assert detect(data, "x.txt") == SVG


def test_a_page_with_a_drawing_is_a_page() -> None:
    assert detect(b"<html><body><svg></svg></body></html>", "x.html") == "text/html"
