from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.errors import DocumentError, LimitError, MalformedError
from glede.parsers.json import JsonParser
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract
from glede.types import Parsed


def parse(text: str, media_type: str = "application/json") -> Parsed:
    return JsonParser().parse(text.encode(), media_type, ParseOptions())


class TestJsonContract(ParserContract):
    parser = JsonParser()
    samples = (
        (b'{"a": 1, "b": {"c": [1, 2]}, "d": [{"x": 1}, {"x": 2}]}', "application/json"),
        (b'{"text": "One."}\n{"k": "two"}\n', "application/jsonl"),
        (b'["x", {"content": "y", "z": null}]', "application/json"),
    )


def test_object_as_lines_under_headings() -> None:
    blocks = parse('{"v": 1.10, "a": {"b": {"c": true}, "l": [1, "x"]}, "n": null}').blocks
    assert [block.text for block in blocks] == ["v: 1.10\nn: null", "a", "a.b.c: true\na.l: 1, x"]
    assert blocks[2].heading_path == ("a",)


def test_like_objects_are_a_table() -> None:
    blocks = parse('{"a": {"rows": [{"x": 1, "y": 2}, {"x": 3}], "z": 4}}').blocks
    assert [block.type for block in blocks] == ["heading", "table", "text"]
    assert blocks[1].caption == "a.rows"
    assert blocks[1].table is not None
    assert blocks[1].table.grid() == [["x", "y"], ["1", "2"], ["3", ""]]


def test_lines_and_bad_lines() -> None:
    parsed = parse('{"text": "One.", "id": 1}\n{oops\n\n{"k": "v"}\n', "application/jsonl")
    assert [block.text for block in parsed.blocks] == ["One.\n\nid: 1", "k: v"]
    assert parsed.warnings == ("Line 2 is not JSON and was left out.",)


@pytest.mark.parametrize("text", ["{", "oops\n[1\n"])
def test_no_json(text: str) -> None:
    for media_type in ("application/json", "application/jsonl"):
        with pytest.raises(MalformedError, match="line"):
            parse(text, media_type)


@pytest.mark.parametrize("text", ["{}", "[]", '""'])
def test_no_text(text: str) -> None:
    with pytest.raises(MalformedError, match="holds no text"):
        parse(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
@pytest.mark.parametrize("media_type", ["application/json", "application/jsonl"])
def test_deep_nesting(text: str, media_type: str) -> None:
    with pytest.raises(LimitError, match="200"):
        parse(text, media_type)


def test_brackets_in_strings_are_no_nesting() -> None:
    text = json.dumps({"a": "[" * 1000 + '\\"'})
    assert parse(text).blocks[0].text == "a: " + "[" * 1000 + '\\"'


def test_keys_that_come_twice_and_what_is_no_character() -> None:
    assert parse('{"a": 1, "a": "\\ud800\\u0000"}').blocks[0].text == "a: 1\na (2): \ufffd\ufffd"


VALUES = st.recursive(
    st.from_regex("[a-z]{1,9}", fullmatch=True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("KLMN"), inner, max_size=3),
)


@given(VALUES)
def test_every_value_survives_once(value: object) -> None:
    text = json.dumps(value)
    try:
        blocks = parse(text).blocks
    except DocumentError:
        blocks = ()
    found = "".join(block.text for block in blocks)
    assert sorted(filter(str.islower, found)) == sorted(filter(str.islower, text))
