"""The cells of a sheet as blocks: its islands with their links, and what was remarked of a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from glede.parsers.building import Draft, one_line
from glede.parsers.sheets_cells import Area, Grid
from glede.parsers.sheets_islands import Island, islands_of
from glede.types import Link

Thing = tuple[tuple[int, int], Callable[[], None]]
"""The row and column that something on a sheet begins at, and what adds it to the draft."""
_LETTERS = 26


def open_section(draft: Draft, name: str, number: int) -> None:
    """Begin a sheet; one whose name cannot be seen is called by its number."""
    draft.heading(name if name.strip() else f"Sheet {number}", 1)


def cell_things(draft: Draft, grid: Grid, objects: Sequence[tuple[Area, int]]) -> Iterator[Thing]:
    """The tables and single cells; `objects` as `islands_of` takes them."""
    for island in islands_of(grid, objects):
        yield (island.area.top, island.area.left), partial(_add, draft, island, grid)


def add_comment(draft: Draft, row: int, column: int, text: str) -> None:
    """What was remarked of a cell, which is named as on the sheet."""
    draft.text(f"Comment on {_letters(column)}{row + 1}: {text}")


def _add(draft: Draft, island: Island, grid: Grid) -> None:
    start = len(draft.blocks)
    if _is_prose(island, grid):
        draft.text("\n".join(cell.text for cell in island.table.cells))
    else:
        draft.table(island.table, island.title)
    links = tuple(
        Link(one_line(grid.text(row, column)), address)
        for (row, column), address in sorted(grid.links.items())
        if (island.area.holds(row, column) or (row, column) == island.titled_at) and grid.text(row, column)
    )
    if links and len(draft.blocks) > start:
        draft.blocks[-1] = replace(draft.blocks[-1], links=links)


def _is_prose(island: Island, grid: Grid) -> bool:
    """A single cell, or one column of nothing but texts without a header."""
    table, column = island.table, island.area.left
    if len(table.cells) == 1:
        return True
    if table.columns > 1 or any(cell.header for cell in table.cells):
        return False
    return not any(grid.rows[island.area.top + cell.row].numbers >> column & 1 for cell in table.cells)


def _letters(column: int) -> str:
    """The name of a column: 0 is A."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, _LETTERS)
        text = chr(ord("A") + rest) + text
    return text
