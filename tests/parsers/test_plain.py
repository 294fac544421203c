from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.errors import MalformedError
from glede.parsers.plain import PlainParser
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract
from glede.types import Parsed


def parse(text: str) -> Parsed:
    return PlainParser().parse(text.encode(), "text/plain", ParseOptions())


class TestPlainContract(ParserContract):
    parser = PlainParser()
    samples = (
        (b"One paragraph.\n\nAnother?\n\nYes.", "text/plain"),
        ("TITLE OF IT\n\nWörter.\r\n\r\n1.2 Part\n\nMore.".encode("utf-16"), "text/plain"),
    )


def kinds(text: str) -> list[tuple[str, int]]:
    return [(block.type, block.level) for block in parse(text).blocks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is it?\n\nA kite.", [("heading", 2), ("text", 0)]),
        ("What is it?\n\nWho is it?\n\nA kite.", [("text", 0), ("heading", 2), ("text", 0)]),
        ("What is it?\nA kite.", [("text", 0)]),
        ("Is this the end?", [("text", 0)]),
        ("Title\n=====\nBody", [("heading", 1), ("text", 0)]),
        ("=====\nTitle\n=====\n\nBody", [("heading", 1), ("text", 0)]),
        ("INTRODUCTION TO KITES\n\nBody text.", [("heading", 1), ("text", 0)]),
        ("NASA.\n\nBody text.", [("text", 0), ("text", 0)]),
        ("ALL OF IT\n\nIS SHOUTED\n\nAT YOU", [("text", 0)] * 3),
        ("1.2 Scope\n\nBody.", [("heading", 2), ("text", 0)]),
        ("1. Milk\n\n2. Bread\n\nThanks.", [("text", 0), ("heading", 1), ("text", 0)]),
        ("12 people came\n\nBody.", [("text", 0), ("text", 0)]),
    ],
)
def test_headings(text: str, expected: list[tuple[str, int]]) -> None:
    assert kinds(text) == expected


def test_no_text() -> None:
    with pytest.raises(MalformedError, match="holds no text"):
        parse(" \n\n\t\n")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20), max_size=12))
def test_no_character_is_lost_or_doubled(lines: list[str]) -> None:
    source = "\n".join(lines).removeprefix("\ufeff")
    try:
        blocks = parse(source).blocks
    except MalformedError:
        blocks = ()
    found = "".join(block.text for block in blocks)
    rules = re.compile(r"([=\-~*#^_])\1{2,}")  # the line under a title is the one thing left out
    assert rules.sub("", "".join(found.split())) == rules.sub("", "".join(source.split()))
