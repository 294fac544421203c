"""The tables on a sheet: islands of cells with empty rows and columns around them, and their headers."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from glede.errors import LimitError
from glede.parsers.sheets_cells import Area, Grid, check_shown, weight_of
from glede.types import Cell, Table

_MOST_PLACES = 4_000_000
"""Of one table, empty ones too: a table is written out in full for who reads it."""
_MOST_DEPTH = 40
_MOST_HEADERS = 6
_YEAR = re.compile(r"(?:19|20)\d\d")

_Filled = list[tuple[int, list[int]]]
"""Rows in order, of each its filled columns in order."""


@dataclass(frozen=True, slots=True)
class Island:
    """A rectangle on a sheet that is read as one; `title` is the line above the table in it."""

    area: Area
    table: Table
    title: str = ""
    titled_at: tuple[int, int] | None = None


def islands_of(grid: Grid, objects: Sequence[tuple[Area, int]]) -> list[Island]:
    """The islands by their top left corners; `objects` are what was made a table, and its header rows."""
    merged = _Merged(grid)
    filled = _filled(grid, merged)
    areas: list[tuple[Area, int | None]] = []
    for area, headers in objects:
        inside = _part(filled, area)
        if inside:
            areas.append((area, headers))
            filled = _without(filled, area)
    areas += [(area, None) for area in _rejoined(list(_cut(filled, 0)), grid)]
    islands = [_island(area, headers, grid, merged) for area, headers in areas]
    return sorted(islands, key=lambda island: (island.area.top, island.area.left))


class _Merged:
    """The merged areas, as far as they reach into what is filled, by row and column of their corners."""

    def __init__(self, grid: Grid) -> None:
        self.areas: dict[tuple[int, int], Area] = {}
        self.covered: dict[int, set[int]] = {}
        last_row = max(grid.rows, default=-1)
        last_column = max((max(row.values) for row in grid.rows.values()), default=-1)
        places = 0
        for area in grid.merged:
            if not grid.text(area.top, area.left):
                continue
            cut = Area(area.top, area.left, min(area.bottom, last_row), min(area.right, last_column))
            places += (cut.bottom - cut.top + 1) * (cut.right - cut.left + 1)
            if places > _MOST_PLACES:
                raise LimitError(f"merged cells of a sheet cover more than {_MOST_PLACES:,} places")
            self._take(cut, grid)

    def _take(self, area: Area, grid: Grid) -> None:
        """Areas that overlap are damage: the first one counts. Values below a merged cell are not shown."""
        rows = range(area.top, area.bottom + 1)
        columns = range(area.left, area.right + 1)
        if any(not self.covered.get(row, set()).isdisjoint(columns) for row in rows):
            return
        for row in rows:
            self.covered.setdefault(row, set()).update(columns)
            if row in grid.rows:
                for column in columns:
                    if (row, column) != (area.top, area.left):
                        grid.rows[row].values.pop(column, None)
        self.areas[area.top, area.left] = area


def _filled(grid: Grid, merged: _Merged) -> _Filled:
    rows = sorted(grid.rows.keys() | merged.covered.keys())
    found = []
    for row in rows:
        values = grid.rows[row].values.keys() if row in grid.rows else set()
        columns = values | merged.covered[row] if row in merged.covered else values
        if columns:
            found.append((row, sorted(columns)))
    return found


def _cut(filled: _Filled, depth: int) -> Iterator[Area]:
    """Cut at empty rows, what is left at empty columns, and so on until nothing can be cut."""
    for rows in _row_runs(filled):
        spans = _column_runs(rows)
        if len(spans) == 1 or depth > _MOST_DEPTH:
            yield Area(rows[0][0], spans[0][0], rows[-1][0], spans[-1][1])
            continue
        for left, right in spans:
            area = Area(rows[0][0], left, rows[-1][0], right)
            yield from _cut(_part(rows, area), depth + 1)


def _row_runs(filled: _Filled) -> Iterator[_Filled]:
    start = 0
    for place in range(1, len(filled) + 1):
        if place == len(filled) or filled[place][0] > filled[place - 1][0] + 1:
            yield filled[start:place]
            start = place


def _column_runs(rows: _Filled) -> list[tuple[int, int]]:
    used: set[int] = set()
    for _, columns in rows:
        used.update(columns)
    spans: list[tuple[int, int]] = []
    for column in sorted(used):
        if spans and spans[-1][1] == column - 1:
            spans[-1] = (spans[-1][0], column)
        else:
            spans.append((column, column))
    return spans


def _part(filled: _Filled, area: Area) -> _Filled:
    parts = []
    for row, columns in filled[bisect_left(filled, (area.top,)) :]:
        if row > area.bottom:
            break
        inside = columns[bisect_left(columns, area.left) : bisect_left(columns, area.right + 1)]
        if inside:
            parts.append((row, inside))
    return parts


def _without(filled: _Filled, area: Area) -> _Filled:
    parts = []
    for row, columns in filled:
        rest = [column for column in columns if not area.holds(row, column)]
        if rest:
            parts.append((row, rest))
    return parts


def _rejoined(areas: Sequence[Area], grid: Grid) -> list[Area]:
    """A table goes on below one empty row, where what follows is as wide and has no header of its own."""
    joined: list[Area] = []
    for area in areas:
        last = joined[-1] if joined else None
        if (
            last is not None
            and area.top == last.bottom + 2
            and (last.left, last.right) == (area.left, area.right)
            and area.right > area.left
            and last.bottom > last.top
            and _is_body(grid, area.top, area)
        ):
            joined[-1] = Area(last.top, last.left, area.bottom, area.right)
        else:
            joined.append(area)
    return joined


def _is_body(grid: Grid, number: int, area: Area) -> bool:
    """Whether a row has numbers in it, and is not all bold."""
    row = grid.rows.get(number)
    mask = _mask(area)
    return row is not None and bool(row.numbers & mask) and not _all_bold(grid, number, area)


def _island(area: Area, headers: int | None, grid: Grid, merged: _Merged) -> Island:
    title, titled_at = "", None
    if headers is None and area.bottom - area.top > 1 and area.right > area.left:
        title, titled_at = _title(area, grid, merged)
        if titled_at is not None:
            below = titled_at[0] + 1
            area = Area(below, area.left, area.bottom, area.right)
    rows, columns = area.bottom - area.top + 1, area.right - area.left + 1
    if rows * columns > _MOST_PLACES:
        raise LimitError(
            f"a table of a sheet spans {rows:,} x {columns:,} cells, most of them empty",
            hint="Delete what stands far outside the table and save the workbook again.",
        )
    count = _header_rows(area, grid, merged) if headers is None else headers
    cells = tuple(_cells(area, count, grid, merged))
    # A merged cell is written out in each place that it covers.
    check_shown(sum(weight_of(cell.text) * cell.row_span * cell.column_span for cell in cells))
    return Island(area, Table(rows, columns, cells), title, titled_at)


def _title(area: Area, grid: Grid, merged: _Merged) -> tuple[str, tuple[int, int] | None]:
    """A single cell that stands above the rest, alone in its row, or merged across all of it."""
    row = grid.rows.get(area.top)
    columns = [column for column in row.values if area.left <= column <= area.right] if row else []
    if len(columns) != 1:
        return "", None
    corner = (area.top, columns[0])
    span = merged.areas.get(corner)
    below = sum(area.left <= column <= area.right for column in grid.rows.get(area.top + 1, _NO_ROW).values)
    whole = span is not None and span.left == area.left and span.right == area.right
    if (span is not None and (span.bottom > area.top or not whole)) or (below < 2 and not whole):
        return "", None
    return grid.text(*corner), corner


@dataclass(frozen=True, slots=True)
class _Empty:
    values: tuple[int, ...] = ()


_NO_ROW = _Empty()


def _cells(area: Area, headers: int, grid: Grid, merged: _Merged) -> Iterator[Cell]:
    for number in range(area.top, area.bottom + 1):
        row = grid.rows.get(number)
        if row is None:
            continue
        for column in sorted(row.values):
            if not area.left <= column <= area.right:
                continue
            span = merged.areas.get((number, column))
            down = min(span.bottom, area.bottom) - number + 1 if span else 1
            across = min(span.right, area.right) - column + 1 if span else 1
            is_header = number - area.top < headers
            yield Cell(
                number - area.top, column - area.left, row.values[column], down, across, header=is_header
            )


def _header_rows(area: Area, grid: Grid, merged: _Merged) -> int:
    """How many rows at the top name the columns: told from what the author did, then from the values."""
    height = area.bottom - area.top + 1
    if height < 2:
        return 0
    frozen = grid.frozen - area.top
    if 0 < frozen <= _MOST_HEADERS and frozen < height:
        return frozen
    for filtered in grid.filters:
        if area.top <= filtered.top < min(area.top + _MOST_HEADERS, area.bottom) and area.holds(
            filtered.top, filtered.left
        ):
            return filtered.top - area.top + 1
    bold = 0
    while bold < min(height, _MOST_HEADERS + 1) and _all_bold(grid, area.top + bold, area):
        bold += 1
    if 0 < bold <= _MOST_HEADERS and bold < height:
        return bold
    return _named(area, grid, merged)


def _named(area: Area, grid: Grid, merged: _Merged) -> int:
    """A first row of words, as far down as its merged cells reach, and one more below wide ones."""
    if area.left == area.right and not _below_are_numbers(area, grid):
        return 0
    count = 1
    while count < min(_MOST_HEADERS, area.bottom - area.top):
        row = area.top + count - 1
        spans = [span for (top, left), span in merged.areas.items() if top == row and area.holds(top, left)]
        reach = max((span.bottom for span in spans), default=row)
        wide = any(span.right > span.left for span in spans)
        if reach <= row and not wide:
            break
        count = max(count + 1, reach - area.top + 1)
    count = min(count, area.bottom - area.top)
    return count if all(_names_columns(grid, area.top + row, area) for row in range(count)) else 0


def _below_are_numbers(area: Area, grid: Grid) -> bool:
    row = grid.rows.get(area.top + 1)
    return row is not None and bool(row.numbers & _mask(area))


def _names_columns(grid: Grid, number: int, area: Area) -> bool:
    """Words, none of them twice in a row; years may stand among them."""
    row = grid.rows.get(number)
    if row is None:
        return False
    values = {column: text for column, text in row.values.items() if area.left <= column <= area.right}
    words = [text for column, text in values.items() if not row.numbers >> column & 1]
    figures = [text for column, text in values.items() if row.numbers >> column & 1]
    named = bool(words) or number > area.top
    return named and len(set(words)) == len(words) and all(_YEAR.fullmatch(text) for text in figures)


def _all_bold(grid: Grid, number: int, area: Area) -> bool:
    row = grid.rows.get(number)
    if row is None:
        return False
    used = [column for column in row.values if area.left <= column <= area.right]
    return bool(used) and all(row.bold >> column & 1 for column in used)


def _mask(area: Area) -> int:
    return ((1 << (area.right - area.left + 1)) - 1) << area.left
