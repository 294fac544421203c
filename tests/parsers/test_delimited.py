from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glede.errors import LimitError, MalformedError
from glede.parsers.delimited import MAX_ROWS, DelimitedParser
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract
from glede.types import Table


def parse(text: str, media_type: str = "text/csv") -> Table:
    (block,) = DelimitedParser().parse(text.encode(), media_type, ParseOptions()).blocks
    assert block.table is not None
    return block.table


class TestDelimitedContract(ParserContract):
    parser = DelimitedParser()
    samples = (
        (b'a,b\n1,"x\ny"\n3\n', "text/csv"),
        ("größe\tmaß\n1\t2\n".encode("utf-16"), "text/tab-separated-values"),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_quotes(delimiter: str) -> None:
    text = f'name{delimiter}note\nAda{delimiter}"two{delimiter}\nlines ""x"""\n'
    assert parse(text).grid() == [["name", "note"], ["Ada", f'two{delimiter}\nlines "x"']]


@pytest.mark.parametrize(
    ("first", "is_header"),
    [
        ("name,year", True),
        ("country,2019", True),
        ("1,2", False),
        ("a,a", False),
        ("x,", False),
        ("x,-3.5", False),
    ],
)
def test_header(first: str, is_header: bool) -> None:
    assert all(cell.header == is_header for cell in parse(f"{first}\nu,7\n").cells if cell.row == 0)


def test_line_for_excel() -> None:
    assert parse("sep=;\na;b\n1;2").grid() == [["a", "b"], ["1", "2"]]


def test_ragged_rows_are_filled_and_told() -> None:
    parsed = DelimitedParser().parse(b"a,b\n1\n1,2,3\n", "text/csv", ParseOptions())
    assert parsed.warnings
    assert parsed.blocks[0].table is not None
    assert parsed.blocks[0].table.grid() == [["a", "b", ""], ["1", "", ""], ["1", "2", "3"]]


def test_limits() -> None:
    with pytest.raises(LimitError, match="rows"):
        parse("a,b\n" * (MAX_ROWS + 1))
    with pytest.raises(LimitError, match="cells"):
        parse("," * 100_000 + "x\n" + "a,b\n" * 40)


def test_no_text() -> None:
    with pytest.raises(MalformedError, match="holds no text"):
        DelimitedParser().parse(b",,\n\n , \n", "text/csv", ParseOptions())


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8))
@example([["", "", ";"]] * 3)
def test_all_cells_survive(rows: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)
    expected = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if expected:
        assert parse(stream.getvalue()).grid() == expected
