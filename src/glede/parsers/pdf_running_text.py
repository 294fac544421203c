"""Running text that liteparse takes for a table: columns of a page side by side, and text in a frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from itertools import groupby, pairwise

from glede.types import Block, Box, Cell, Table

FLOWING = 0.5
"""The part of the cells that go on with the sentence above them, from which columns are running text."""
FILLED = 0.8
"""The part of the cells that hold something; a table leaves what is meant from above empty."""
WORDS = 4
"""Words of a cell, on average; names and figures flow into nothing."""
PARAGRAPH = 40
"""Words of a single row's cell from which it is text."""
_ENDS = (".", "!", "?", ":", ";", ",")


def with_running_text(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of a page, such tables made text, one column after the other."""
    return [made for block in blocks for made in _parted(block)]


def _parted(block: Block) -> Iterator[Block]:
    table = block.table
    if table is None or not (table.columns == 1 or _is_paragraph(table) or _flows(table)):
        yield block
        return
    bare = replace(block, type="text", table=None)
    if block.caption:
        yield replace(bare, text=block.caption, caption=None)
    for cells in _columns(table):
        boxes = [cell.box for cell in cells if cell.box is not None]
        text = "\n".join(cell.text for cell in cells)
        yield replace(bare, text=text, caption=None, box=reduce(Box.union, boxes) if boxes else block.box)


def _is_paragraph(table: Table) -> bool:
    """Whether it is one row that holds a paragraph; another single row may go on from the page before."""
    return table.rows == 1 and any(len(cell.text.split()) >= PARAGRAPH for cell in table.cells)


def _columns(table: Table) -> list[list[Cell]]:
    """The cells that hold something, by columns."""
    filled = sorted((cell for cell in table.cells if cell.text), key=lambda cell: (cell.column, cell.row))
    return [list(cells) for _, cells in groupby(filled, lambda cell: cell.column)]


def _flows(table: Table) -> bool:
    """Whether its cells are lines of sentences that go on below."""
    columns = _columns(table)
    filled = sum(map(len, columns))
    words = sum(len(cell.text.split()) for column in columns for cell in column)
    if filled < FILLED * table.rows * table.columns or words < WORDS * filled:
        return False
    pairs = [(above.text, below.text) for column in columns for above, below in pairwise(column)]
    going_on = [not above.endswith(_ENDS) and below[:1].islower() for above, below in pairs]
    return bool(pairs) and sum(going_on) >= FLOWING * len(pairs)
