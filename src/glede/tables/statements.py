"""The SQL of a table's sure forms: one SELECT over `rows`, whose hidden column `_place` numbers its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from glede.tables.grounding import Cell, Sheet
from glede.tables.values import Rows, Value

Said = Literal["printed", "number", "percent", "literal"]
"""How the result reads: the cells as the table prints them (the first value is then the place of their row),
a computed number or percentage, or the values as they are."""


@dataclass(frozen=True, slots=True)
class SqlResult:
    """The names of the columns of a result, and its rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


class Run(Protocol):
    """Runs one SELECT over a table; raises a `glede.errors.GledeError` where it cannot."""

    def __call__(self, sql: str, rows: Rows) -> Sequence[tuple[object, ...]]:
        """The result's rows; in the statement the table is called `rows`."""
        ...

    def selected(self, sql: str, rows: Rows) -> SqlResult:
        """The same, with the names of the result's columns."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """A question as a statement: what kind it is, and from 0 to 1 how well its words are grounded.

    `report` tells tables whose columns are years from lists. `rows` and `columns` are the numbers of those
    that the answer rests on; of printed cells, `columns` begin with those of the result, in its order. `most`
    is how many rows an answer may have before it is doubted. `agreed` is how sure another form with the same
    statement is, `strange` whether the question has words that stand nowhere near the table.
    """

    form: str
    sql: str
    grounding: float
    said: Said
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    most: int = 1
    report: bool = False
    agreed: float = 0.0
    strange: bool = False


def name(rows: Rows, column: int) -> str:
    """A column in SQL."""
    return '"' + rows.columns[column].key.replace('"', '""') + '"'


def literal(value: Value) -> str:
    """A value in SQL."""
    if value is None or isinstance(value, bool):
        return "NULL" if value is None else str(value).upper()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(int(value)) if value == int(value) else repr(value)


def this_row(rows: Rows, row: int) -> str:
    """The condition that only that row meets, by its label where that is unique."""
    for label in rows.labels:
        value = rows.values[row][label]
        if value is not None and sum(values[label] == value for values in rows.values) == 1:
            return f"{name(rows, label)} = {literal(value)}"
    return f'"_place" = {rows.places[row]}'


def places(rows: Rows, numbers: Iterable[int]) -> str:
    """The places of rows, as a list in SQL."""
    return ", ".join(str(rows.places[number]) for number in sorted(set(numbers)))


def number(sheet: Sheet, cell: Cell) -> str:
    """The number of a cell, by its column's name; 0 for a dash, and read from the text where need be."""
    column = name(sheet.rows, cell.column)
    if sheet.rows.columns[cell.column].type != "number":
        column = numeric(sheet.rows, cell.column)
    return f"coalesce({column}, 0)" if sheet.is_none(cell) else column


def numeric(rows: Rows, column: int) -> str:
    """A column as numbers: the first one in each text where it holds texts."""
    key = name(rows, column)
    if rows.columns[column].type == "number":
        return key
    plain = f"replace(CAST({key} AS VARCHAR), ',', '')"
    return f"TRY_CAST(regexp_extract({plain}, '-?[0-9]+(\\.[0-9]+)?') AS DOUBLE)"


def select(what: str, where: str = "", order: str = "", limit: int = 0, source: str = "rows") -> str:
    """One SELECT; `what` and the other parts are already SQL."""
    parts = ["SELECT", what]
    for word, part in (("FROM", source), ("WHERE", where), ("ORDER BY", order)):
        parts += [word, part] if part else []
    return " ".join(parts + (["LIMIT", str(limit)] if limit else []))


def expression(sheet: Sheet, pattern: str, cells: Sequence[Cell]) -> str:
    """A statement that puts the numbers of cells into a pattern such as "{0} - {1}"."""
    if len({cell.row for cell in cells}) == 1:
        filled = pattern.format(*(number(sheet, cell) for cell in cells))
        return select(filled, this_row(sheet.rows, cells[0].row))
    parts = [select(number(sheet, cell), this_row(sheet.rows, cell.row)) for cell in cells]
    return select(pattern.format(*(f"({part})" for part in parts)), source="")


def printed(sheet: Sheet, cells: Sequence[Cell]) -> str:
    """A statement that gives cells of one row, or of one column, with the place of their row first."""
    rows = sheet.rows
    columns = ", ".join(name(rows, column) for column in dict.fromkeys(cell.column for cell in cells))
    what = f'"_place", {columns}'
    if len({cell.row for cell in cells}) == 1:
        return select(what, this_row(rows, cells[0].row))
    return select(what, f'"_place" IN ({places(rows, (cell.row for cell in cells))})', '"_place"')
