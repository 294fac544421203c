"""Tables that were found twice in one place."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from glede.parsers.building import table_from_grid, table_markdown
from glede.parsers.pdf_split_tables import with_whole_tables
from glede.types import Block, Box


def block(grid: Sequence[Sequence[str]], box: Box, caption: str | None = None) -> Block:
    table = table_from_grid(grid)
    return Block("table", table_markdown(table, caption), page=1, box=box, table=table, caption=caption)


WHOLE = Box(60, 100, 540, 300)
NAMES = block([["Place", "", ""], ["Mast", "", ""]], WHOLE)
FIGURES = block([["Height", "Wind"], ["612 m", "7.4"]], Box(130, 100, 540, 300), "Table 1: Places")


@pytest.mark.parametrize("between", [[], [Block("text", "Words.", page=1)]])
def test_one_table(between: list[Block]) -> None:
    table, *rest = with_whole_tables([NAMES, *between, FIGURES])
    assert table.table is not None
    assert table.table.grid() == [["Place", "Height", "Wind"], ["Mast", "612 m", "7.4"]]
    assert table.table.header_rows() == 1
    assert table.caption == "Table 1: Places"
    assert table.text == table_markdown(table.table, table.caption)
    assert rest == between


@pytest.mark.parametrize(
    "blocks",
    [
        [NAMES, block([["Height", "Wind"]], FIGURES.box or WHOLE)],
        [NAMES, block([["Height"], ["612 m"]], FIGURES.box or WHOLE)],
        [NAMES, block([["Height", "Wind"], ["612 m", "7.4"]], Box(130, 290, 540, 500))],
        [FIGURES, FIGURES],
    ],
    ids=["rows", "columns", "place", "full"],
)
def test_other_tables(blocks: list[Block]) -> None:
    assert with_whole_tables(blocks) == blocks
