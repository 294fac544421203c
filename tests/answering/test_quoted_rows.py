"""Rows of tables as citations: which lines are quoted, and how their rows and columns are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from glede.adding.chunking import Chunking, cut
from glede.answering.citing import cite
from glede.answering.quoted_rows import cited_rows, counted, first_row
from glede.results import Hit
from glede.tables.markdown import table_markdown
from glede.tables.typing import typed
from glede.tables.values import Computation, Rows
from glede.types import Block, Chunk
from tests.tables.table_examples import table_of


def table(grid: Sequence[Sequence[str]], header: int = 1) -> tuple[list[Chunk], Rows]:
    """The chunks of a table of its own document, and its rows."""
    made = table_of(grid, header)
    rows = typed(made, None)
    assert rows is not None
    block = Block("table", table_markdown(made, None), table=made)
    return cut([block], "document", "version", Chunking()), rows


def hit(chunk: Chunk) -> Hit:
    return Hit(1, 1.0, chunk, "table.csv", {})


def computation(rows: Rows, places: Sequence[int], *columns: int) -> Computation:
    keys = tuple(rows.columns[column].key for column in columns)
    return Computation("SELECT 1", ("1",), tuple(places), keys, "look-up", 0.9)


PLAIN = [["Valley", "2019", "2022"], ["Aller", "7", "10"], ["Wern", "12", "9"]]
WIDE = [
    ["City", *(f"measurement number {column}" for column in range(120))],
    *([f"City {row}", *(str(1000 * row + column) for column in range(120))] for row in range(1, 31)),
]
TWO_HEADS = [
    ["Valley", "Pairs", "Pairs"],
    ["", "2019", "2022"],
    *([f"valley {row} of the northern district", str(row), str(2 * row)] for row in range(1, 101)),
]


def test_a_row_is_counted_below_the_header() -> None:
    (chunk,), rows = table(PLAIN)
    (one,) = cited_rows(hit(chunk), [chunk], rows, computation(rows, [2], 2))
    assert (one.quote, one.row, one.column) == ("| Wern | 12 | 9 |", 2, "2022")


def test_of_a_wide_table_the_columns_used_are_quoted() -> None:
    chunks, rows = table(WIDE)
    assert len(chunks) > 2
    (one,) = cited_rows(hit(chunks[0]), chunks, rows, computation(rows, [7], 119))
    assert one.quote.startswith("| City 7 | ")
    assert "7118" in one.quote
    assert one.verified
    assert (one.row, one.column) == (7, "measurement number 118")


def test_columns_that_stand_apart_are_quoted_both() -> None:
    chunks, rows = table(WIDE)
    cited = cited_rows(hit(chunks[0]), chunks, rows, computation(rows, [30], 1, 120))
    assert ["30000" in one.quote for one in cited] == [True, False]
    assert ["30119" in one.quote for one in cited] == [False, True]
    assert [(one.marker, one.row, one.column) for one in cited] == [(1, 30, None), (2, 30, None)]


@pytest.mark.parametrize("row", [1, 50, 100])
def test_header_rows_are_not_counted(row: int) -> None:
    """A later part of the table cannot tell how many there are: its first part is asked."""
    chunks, rows = table(TWO_HEADS, header=2)
    assert len(chunks) > 1
    assert first_row(chunks) == 2
    (computed,) = cited_rows(hit(chunks[0]), chunks, rows, computation(rows, [row + 1], 2))
    assert (computed.row, computed.column) == (row, rows.columns[2].name)
    line = f"| valley {row} of the northern district | {row} | {2 * row} |"
    chunk = next(one for one in chunks if line in one.text)
    quoted = cite(1, hit(chunk), line)
    assert quoted.row is None
    (told,) = counted([quoted], lambda _: chunks)
    assert told == replace(quoted, row=row)


def test_a_quote_of_one_cell_names_its_column() -> None:
    (chunk,), _ = table([["Valley", "Ranger"], ["Aller", "Ada Novak"], ["Wern", "Bo Lind"]])
    assert cite(1, hit(chunk), "Bo Lind").column == "Ranger"
    assert cite(1, hit(chunk), "Bo Lind").row == 2
    assert cite(1, hit(chunk), "| Wern | Bo Lind |").column is None
    assert cite(1, hit(chunk), "Carl").row is None


def test_a_quote_of_no_table_has_no_row() -> None:
    (chunk,) = cut([Block("text", "Kites soar over the ridge.")], "document", "version", Chunking())
    cited = cite(1, hit(chunk), "Kites soar")
    assert (cited.row, cited.column) == (None, None)
    assert counted([cited], lambda _: []) == [cited]
