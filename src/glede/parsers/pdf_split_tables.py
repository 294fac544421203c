"""Tables that liteparse finds twice in one place, each time with other columns filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from glede.parsers.building import table_markdown
from glede.types import Block, Box, Cell, Table

COVERED = 0.8
"""The part of the smaller table that lies within the other."""


def with_whole_tables(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of a page, such tables made one."""
    made = list(blocks)
    tables = [place for place, block in enumerate(blocks) if block.table is not None]
    gone: set[int] = set()
    for place in tables:
        for other in tables:
            if place == other or place in gone or other in gone:
                continue
            table = _filled(made[place], made[other])
            if table is not None:
                caption = made[place].caption or made[other].caption
                text = table_markdown(table, caption)
                made[place] = replace(made[place], table=table, caption=caption, text=text)
                gone.add(other)
    return [block for place, block in enumerate(made) if place not in gone]


def _filled(first: Block, second: Block) -> Table | None:
    """The first table with the columns of the second in place of its empty ones, if they fit."""
    ours, theirs = first.table, second.table
    if ours is None or theirs is None or ours.rows != theirs.rows or first.box is None or second.box is None:
        return None
    empty = [
        column
        for column in range(ours.columns)
        if not any(cell.text for cell in ours.cells if cell.column == column)
    ]
    if len(empty) != theirs.columns or len(empty) == ours.columns or not _covers(first.box, second.box):
        return None
    if any(cell.row_span * cell.column_span > 1 for cell in (*ours.cells, *theirs.cells)):
        return None
    kept = [cell for cell in ours.cells if cell.column not in empty]
    return replace(ours, cells=tuple(sorted([*kept, *_moved(theirs.cells, empty)], key=_place)))


def _moved(cells: Sequence[Cell], columns: Sequence[int]) -> list[Cell]:
    return [replace(cell, column=columns[cell.column]) for cell in cells]


def _place(cell: Cell) -> tuple[int, int]:
    return cell.row, cell.column


def _covers(first: Box, second: Box) -> bool:
    across = min(first.x1, second.x1) - max(first.x0, second.x0)
    down = min(first.y1, second.y1) - max(first.y0, second.y0)
    return min(across, down) > 0 and across * down >= COVERED * (second.x1 - second.x0) * (
        second.y1 - second.y0
    )
