"""Tables of Word, with their spans and the rows that are headers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from glede.errors import LimitError
from glede.parsers.word_styles import Styles
from glede.parsers.word_xml import W, child, number, switch, unwrapped, value
from glede.types import Cell, Table

MAX_CELLS = 1_000_000
_MAX_SPAN = 1000


@dataclass(slots=True)
class _Place:
    """A cell and the grid places it covers."""

    element: etree._Element
    row: int
    column: int
    column_span: int
    row_span: int = 1
    continues: bool = False
    joins_left: bool = False


class TableGrid:
    """Where the cells of a table lie, before their texts are read."""

    def __init__(self, table: etree._Element, styles: Styles) -> None:
        self._table = table
        self._styles = styles
        self._rows = [
            row
            for row in unwrapped(table)
            if row.tag == f"{W}tr" and child(row, "trPr/del") is None and not switch(row, "trPr/hidden")
        ]
        self._places: list[_Place] = []
        self._columns = 0
        open_cells: dict[int, _Place] = {}
        for number_of_row, row in enumerate(self._rows):
            open_cells = self._read_row(number_of_row, row, open_cells)
            if len(self._rows) * self._columns > MAX_CELLS:
                raise LimitError(f"a table has more than {MAX_CELLS:,} places")
        self._headers = self._header_rows()

    @property
    def cells(self) -> list[etree._Element]:
        """The cells that show something of their own, row by row."""
        return [place.element for place in self._places]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def table(self, texts: Iterable[str]) -> Table:
        """The table, each of `cells` with its text."""
        cells = tuple(
            Cell(
                row=place.row,
                column=place.column,
                text=text,
                row_span=place.row_span,
                column_span=place.column_span,
                header=place.row < self._headers,
            )
            for place, text in zip(self._places, texts, strict=True)
        )
        return Table(rows=len(self._rows), columns=self._columns, cells=cells)

    def _read_row(
        self, number_of_row: int, row: etree._Element, above: dict[int, _Place]
    ) -> dict[int, _Place]:
        """Place the cells of a row; gives the cells that the row below may continue, by column."""
        column = _clamped(number(row, "trPr/gridBefore"), 0)
        open_cells: dict[int, _Place] = {}
        left: _Place | None = None
        for element in unwrapped(row):
            if element.tag != f"{W}tc" or child(element, "tcPr/cellDel") is not None:
                continue
            place = _place(element, number_of_row, column)
            column += place.column_span
            over = above.get(place.column)
            if place.joins_left and left is not None:
                left.column_span += place.column_span
            elif place.continues and over is not None and over.column_span == place.column_span:
                over.row_span += 1
                open_cells[place.column] = over
            else:
                self._places.append(place)
                left = place
                if child(element, "tcPr/vMerge") is not None:
                    open_cells[place.column] = place
        self._columns = max(self._columns, column)
        return open_cells

    def _header_rows(self) -> int:
        """Rows that repeat on each page; else the first, where its style or bold sets it apart."""
        count = 0
        while count < len(self._rows) and switch(self._rows[count], "trPr/tblHeader"):
            count += 1
        if count or len(self._rows) < 2:
            return count
        marked = _looks_at_first_row(self._table) and self._styles.marks_first_row(
            value(self._table, "tblPr/tblStyle")
        )
        return int(marked or (self._is_bold(self._rows[0]) and not self._is_bold(self._rows[1])))

    def _is_bold(self, row: etree._Element) -> bool:
        runs = [
            run for run in row.iter(f"{W}r") if "".join(text.text or "" for text in run.iter(f"{W}t")).strip()
        ]
        return bool(runs) and all(self._is_bold_run(run) for run in runs)

    def _is_bold_run(self, run: etree._Element) -> bool:
        own = switch(run, "rPr/b")
        if own is None:
            own = self._styles.bold(value(run, "rPr/rStyle"))
        if own is None:
            paragraph = next(run.iterancestors(f"{W}p"), None)
            own = self._styles.bold(value(paragraph, "pPr/pStyle"))
        return bool(own)


def _place(element: etree._Element, row: int, column: int) -> _Place:
    merge, sideways = child(element, "tcPr/vMerge"), child(element, "tcPr/hMerge")
    return _Place(
        element=element,
        row=row,
        column=column,
        column_span=max(1, _clamped(number(element, "tcPr/gridSpan"), 1)),
        continues=merge is not None and merge.get(f"{W}val") in (None, "continue"),
        joins_left=sideways is not None and sideways.get(f"{W}val") in (None, "continue"),
    )


def _clamped(count: int | None, default: int) -> int:
    return default if count is None else max(0, min(count, _MAX_SPAN))


def _looks_at_first_row(table: etree._Element) -> bool:
    look = child(table, "tblPr/tblLook")
    if look is None:
        return False
    said = look.get(f"{W}firstRow")
    if said is not None:
        return said in ("1", "true", "on")
    try:
        return bool(int(str(look.get(f"{W}val") or "0"), 16) & 0x20)
    except ValueError:
        return False
