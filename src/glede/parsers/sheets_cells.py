"""The cells of one sheet as they are shown, and what is said of them beside their values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from glede.errors import LimitError
from glede.parsers.office_package import RELATION_ID, Package, elements
from glede.parsers.sheets_formats import NumberFormat, shown, shown_text
from glede.parsers.sheets_workbook import Style, Workbook, rich_text

MOST_VALUES = 2_000_000
"""Cells that hold anything, in the whole workbook."""
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
MOST_MERGED = 200_000
"""Merged areas of a sheet."""
MOST_SHOWN = 100_000_000
"""Characters that all cells of a sheet show; many may show one text, and what is no ASCII counts twice."""
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_HYPERLINK = re.compile(r'HYPERLINK\("([^"]+)"', re.IGNORECASE)
_SHORT = 12
"""Digits of a whole number that is shown as it is."""
_PLAIN = Style(NumberFormat("General"), bold=False)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells; rows and columns count from 0, the last ones belong to it."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Whether that cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


@dataclass(slots=True)
class Row:
    """The values of a row by their columns; `bold` and `numbers` have a bit for each column."""

    values: dict[int, str] = field(default_factory=dict)
    bold: int = 0
    numbers: int = 0


@dataclass(slots=True)
class Grid:
    """All that a sheet says: rows by their numbers, merged areas, links by cell, rows that stay in sight."""

    rows: dict[int, Row] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    links: dict[tuple[int, int], str] = field(default_factory=dict)
    filters: list[Area] = field(default_factory=list)
    frozen: int = 0
    drawings: list[str] = field(default_factory=list)
    margins: list[tuple[str, str]] = field(default_factory=list)
    count: int = 0
    shown: int = 0

    def text(self, row: int, column: int) -> str:
        """What a cell shows."""
        return self.rows[row].values.get(column, "") if row in self.rows else ""


def read_grid(package: Package, part: str, workbook: Workbook, most: int = MOST_VALUES) -> Grid:
    """Raises `LimitError` where more than `most` cells are filled."""
    grid = Grid()
    reading = _Reading(grid, workbook, most)
    names = ("row", "mergeCell", "hyperlink", "pane", "autoFilter", "drawing", "oddHeader", "oddFooter")
    addresses = {one.id: one.target for one in package.relations(part) if one.external}
    for element in elements(package, part, *names, most=MOST_COLUMNS):
        name = etree.QName(element).localname
        if name == "row":
            reading.row(element)
        elif name == "mergeCell":
            grid.merged += _areas(element)
            if len(grid.merged) > MOST_MERGED:
                raise LimitError(
                    f"a sheet has more than {MOST_MERGED:,} merged cells",
                    hint="Unmerge those that hold nothing, and save the workbook again.",
                )
        elif name == "hyperlink":
            address = addresses.get(element.get(f"{RELATION_ID}id") or "", "")
            for area in _areas(element) if address else ():
                grid.links[area.top, area.left] = address
        elif name == "autoFilter":
            grid.filters += _areas(element)
        elif name == "drawing":
            grid.drawings.append(element.get(f"{RELATION_ID}id") or "")
        elif name == "pane":
            grid.frozen = _frozen(element)
        else:
            grid.margins.append((name, element.text or ""))
    return grid


def weight_of(text: str) -> int:
    """How much of `MOST_SHOWN` a text takes."""
    return len(text) if text.isascii() else 2 * len(text)


def check_shown(weight: int) -> None:
    """Raises `LimitError` where a sheet shows too much."""
    if weight > MOST_SHOWN:
        raise LimitError(
            f"a sheet shows more than {MOST_SHOWN:,} characters",
            hint="Split it into several files, or shorten the texts that many cells repeat.",
        )


def place_of(reference: str) -> tuple[int, int] | None:
    """Row and column, from 0, of a reference such as `B2`; `None` of no cell that there can be."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    row = int(match[2])
    return (row - 1, column - 1) if 0 < row <= MOST_ROWS and column <= MOST_COLUMNS else None


def area_of(reference: str) -> Area | None:
    """The rectangle of a reference such as `A1:B2`."""
    first, _, last = reference.partition(":")
    start, end = place_of(first), place_of(last or first)
    if start is None or end is None or end < start or end[1] < start[1]:
        return None
    return Area(*start, *end)


class _Reading:
    """Rows as they come; a row or a cell without a reference follows the one before."""

    def __init__(self, grid: Grid, workbook: Workbook, most: int) -> None:
        self._grid = grid
        self._texts = workbook.texts
        self._styles = workbook.styles
        self._most = most
        self._row = -1
        self._shown: dict[tuple[str, str], str] = {}
        self._columns: dict[str, int] = {}

    def row(self, element: etree._Element) -> None:
        number = element.get("r")
        self._row = int(number) - 1 if number and number.isdigit() and len(number) < 8 else self._row + 1
        if not 0 <= self._row < MOST_ROWS:
            return
        row = self._grid.rows.get(self._row) or Row()
        column = -1
        for cell in element:
            if not cell.tag.endswith("}c"):
                continue
            column = self._column(cell.get("r") or "", column + 1)
            self._cell(cell, row, column)
        if row.values:
            self._grid.rows[self._row] = row
            self._grid.count += len(row.values)
            if self._grid.count > self._most:
                raise LimitError(
                    f"the workbook has more than {MOST_VALUES:,} filled cells",
                    hint="Split it into several files, or save the large sheets as CSV in parts.",
                )
            check_shown(self._grid.shown)

    def _column(self, reference: str, default: int) -> int:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            place = place_of(f"{letters}1")
            column = place[1] if place else -1
            if len(self._columns) < 2 * MOST_COLUMNS:
                self._columns[letters] = column
        return default if column < 0 else column

    def _cell(self, cell: etree._Element, row: Row, column: int) -> None:
        number = cell.get("s")
        style = (
            self._styles[int(number)]
            if number and number.isdigit() and int(number) < len(self._styles)
            else _PLAIN
        )
        text, is_number = self._value(cell, style)
        if not text or column >= MOST_COLUMNS:
            return
        row.values[column] = text
        self._grid.shown += weight_of(text)
        row.bold |= style.bold << column
        row.numbers |= is_number << column

    def _value(self, cell: etree._Element, style: Style) -> tuple[str, bool]:
        """What is shown, and whether it is a number, date or time."""
        kind = cell.get("t")
        value = formula = inline = None
        for child in cell:
            name = child.tag.rpartition("}")[2]
            if name == "v":
                value = child.text
            elif name == "f":
                formula = child.text or ""
            elif name == "is":
                inline = child
        if kind == "s" and value:
            place = int(value) if value.isdigit() else len(self._texts)
            text = self._texts[place] if place < len(self._texts) else ""
            return shown_text(text, style.pattern) if text else "", False
        if kind == "inlineStr":
            return rich_text(inline) if inline is not None else "", False
        if formula is not None:
            self._link(cell, formula)
            if not value and kind != "str":
                return f"={formula}" if formula else "", False
        if kind in (None, "n"):
            return (self._number(value.strip(), style), True) if value else ("", False)
        if kind == "b":
            return ("TRUE" if value == "1" else "FALSE") if value else "", False
        return (value or "").strip(), kind == "d"

    def _number(self, value: str, style: Style) -> str:
        if style.pattern.code == "General" and value.isdigit() and len(value) < _SHORT and value[0] != "0":
            return value
        key = (value, style.pattern.code)
        text = self._shown.get(key)
        if text is None:
            text = shown(value, style.pattern)
            if len(self._shown) < 100_000:
                self._shown[key] = text
        return text

    def _link(self, cell: etree._Element, formula: str) -> None:
        match = _HYPERLINK.match(formula)
        place = place_of(cell.get("r") or "") if match else None
        if match and place and "://" in match[1]:
            self._grid.links[place] = match[1]


def _areas(element: etree._Element) -> Iterator[Area]:
    area = area_of(element.get("ref") or "")
    if area is not None:
        yield area


def _frozen(pane: etree._Element) -> int:
    """How many rows at the top stay in sight."""
    if pane.get("state") not in ("frozen", "frozenSplit"):
        return 0
    rows = pane.get("ySplit") or "0"
    return min(int(float(rows)), 100) if re.fullmatch(r"\d{1,7}(?:\.0*)?", rows) else 0
