"""Parses come back from JSON as they were, and nothing else is taken for one."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.adding.parsed_json import FORMAT, dump_parsed, load_parsed
from glede.errors import MalformedError
from glede.parsers.building import table_from_grid
from glede.types import Block, Box, Cell, Page, Parsed, Picture, Table

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBER = st.floats(0, 1e6)
BOX = st.builds(Box, NUMBER, NUMBER, NUMBER, NUMBER)
CELL = st.builds(Cell, st.integers(0, 9), st.integers(0, 9), TEXT, header=st.booleans(), box=st.none() | BOX)
BLOCK = st.builds(
    Block,
    st.sampled_from(["heading", "text", "list", "table", "image", "equation", "code"]),
    TEXT,
    st.lists(TEXT, max_size=3).map(tuple),
    st.integers(0, 6),
    st.none() | st.integers(1, 9),
    st.none() | BOX,
    st.none() | st.builds(Table, st.just(10), st.just(10), st.lists(CELL, max_size=3).map(tuple)),
    st.none() | st.builds(Picture, TEXT, TEXT, st.integers(0, 9), st.integers(0, 9), TEXT),
    st.none() | TEXT,
    st.none() | TEXT,
    st.floats(0, 1),
)
PAGE = st.builds(Page, st.integers(1, 9), NUMBER, NUMBER, st.lists(TEXT, max_size=2).map(tuple))
PARSED = st.builds(
    Parsed,
    TEXT,
    TEXT,
    st.lists(BLOCK, max_size=4).map(tuple),
    st.lists(PAGE, max_size=2).map(tuple),
    TEXT,
    st.lists(TEXT, max_size=2).map(tuple),
    st.dictionaries(TEXT, st.binary(), max_size=2),
)


@given(PARSED)
def test_comes_back_as_it_was(parsed: Parsed) -> None:
    assert load_parsed(dump_parsed(parsed), parsed.assets) == parsed


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 6), st.lists(TEXT, min_size=25, max_size=25))
def test_a_plain_table_comes_back_and_is_kept_without_its_places(
    rows: int, columns: int, headers: int, texts: list[str]
) -> None:
    grid = [texts[row * columns :][:columns] for row in range(rows)]
    block = Block("table", "", table=table_from_grid(grid, headers))
    parsed = Parsed("text/csv", "delimited", (block, Block("text", "after")))
    data = dump_parsed(parsed)
    assert b"row_span" not in data
    assert load_parsed(data, {}) == parsed


def test_what_was_kept_cell_by_cell_is_still_read() -> None:
    parsed = Parsed("text/csv", "delimited", (Block("table", "", table=table_from_grid([["a"], ["1"]])),))
    assert load_parsed(b"glede-parse-1\n" + orjson.dumps(parsed), {}) == parsed


def test_holds_no_pictures() -> None:
    assert b"secret" not in dump_parsed(Parsed("text/plain", "plain", (), assets={"a": b"secret"}))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "another version"),
        (b"glede-parse-999\n{}", "another version"),
        (FORMAT, "damaged"),
        (FORMAT + b"{}", "damaged"),
        (FORMAT + b"[[9,1,1,[]]]\n{}", "damaged"),
        (FORMAT + b'[]\n{"media_type":"a","parser":"b","blocks":[{"type":"song","text":""}]}', "damaged"),
        (dump_parsed(Parsed("text/plain", "plain", (Block("text", "Hello"),)))[:-9], "damaged"),
    ],
)
def test_anything_else_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(MalformedError, match=what):
        load_parsed(data, {})
