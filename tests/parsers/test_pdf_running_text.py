"""What liteparse takes for a table, and is none."""

from __future__ import annotations

import pytest

from glede.parsers.building import table_from_grid, table_markdown
from glede.parsers.pdf_running_text import with_running_text
from glede.types import Block, Box, Cell, Table

COLUMNS = [
    ["of the kites that were seen in", "had been ringed in the spring of"],
    ["the valley most were young, and", "the year before by those who"],
    ["some of them had never been", "watch them. The others were"],
]
PROSE = "The kites that were seen in the valley were young. " * 5


def block(grid: list[list[str]], caption: str | None = None) -> Block:
    table = table_from_grid(grid)
    return Block("table", table_markdown(table, caption), page=3, table=table, caption=caption)


def test_columns_of_running_text_are_read_one_after_the_other() -> None:
    left, right = with_running_text([block(COLUMNS)])
    assert (left.type, right.type) == ("text", "text")
    assert (
        left.text
        == "of the kites that were seen in\nthe valley most were young, and\nsome of them had never been"
    )
    assert right.text.startswith("had been ringed")
    assert left.page == right.page == 3
    assert left.table is None


def test_the_boxes_are_those_of_the_columns() -> None:
    cells = tuple(
        Cell(row, column, text, box=Box(100 * column, 10 * row, 100 * column + 90, 10 * row + 9))
        for row, line in enumerate(COLUMNS)
        for column, text in enumerate(line)
    )
    table = Block("table", "", page=1, box=Box(0, 0, 190, 29), table=Table(3, 2, cells))
    assert [one.box for one in with_running_text([table])] == [Box(0, 0, 90, 29), Box(100, 0, 190, 29)]


@pytest.mark.parametrize(
    "grid", [[["function add(a, b) {"], ["return a + b"], ["}"]], [[PROSE, "in three steps:"]]]
)
def test_a_frame_around_text_is_no_table(grid: list[list[str]]) -> None:
    made = with_running_text([block(grid)])
    assert {one.type for one in made} == {"text"}
    assert "\n".join(one.text for one in made) == "\n".join(cell for row in grid for cell in row)


def test_a_caption_is_kept() -> None:
    assert [one.text for one in with_running_text([block([["one line"]], "Listing 1")])] == [
        "Listing 1",
        "one line",
    ]


@pytest.mark.parametrize(
    "grid",
    [
        [["Station", "Height"], ["Ridge", "1,240 m"], ["Valley", "310 m"]],
        [["07/17/2015", "Actavis, Inc.", "Corona"]],  # what is left over for the next page
        [
            ["term", "what it means to us here"],
            ["segment", "a file of the rows that"],
            ["", "were written last"],
        ],
        [
            ["Name of the user profile.", "It has a setting."],
            ["Name of the function here.", "it is allowed."],
        ],
    ],
)
def test_a_table_stays_one(grid: list[list[str]]) -> None:
    table = block(grid)
    assert with_running_text([table]) == [table]
