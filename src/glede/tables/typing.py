"""Makes data of a table: header and body told apart, columns named and typed, rows labelled.

`typed` never guesses a number: what it cannot read is no value, and stays in the texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from glede.tables.columns import Typed, column_of, table_mark
from glede.tables.headers import Grid, layout_of
from glede.tables.markdown import one_line
from glede.tables.sections import Body, body_of, labelled, totals_of
from glede.tables.values import Column, Rows, Value
from glede.tables.words import NO_UNIT, Unit, cleaned, unit_said, unit_within
from glede.types import Block, Table

_NO_KEY = re.compile(r"[^\w]+")
_LONGEST_KEY = 40
_MOST_LABELS = 3
_DISTINCT = 0.5
AROUND = 2
"""How many blocks before a table may name the unit of its numbers."""
AROUND_CHARACTERS = 600


def typed_among(blocks: Sequence[Block], place: int) -> Rows | None:
    """The table of a block as data, read with what stands before it; `None` of a block without one."""
    block = blocks[place]
    return typed(block.table, block.caption, _before(blocks, place)) if block.table is not None else None


def _before(blocks: Sequence[Block], place: int) -> str:
    """What stands before a table, up to its heading: "(in thousands)" is often said there."""
    near: list[str] = []
    for block in reversed(blocks[max(0, place - AROUND) : place]):
        if block.type not in ("text", "heading"):
            break
        near.insert(0, block.text[-AROUND_CHARACTERS:])
        if block.type == "heading":
            break
    return "\n".join(near)


def typed(table: Table, caption: str | None, context: str = "") -> Rows | None:
    """The table as data, `None` where it has no row or no column to compute with.

    `caption` and then `context`, the text around it, may name the unit of all numbers ("in millions").
    """
    if table.columns < 1 or all(cell.header for cell in table.cells if cell.text):
        return None
    grid = [[one_line(text) for text in row] for row in table.grid()]
    layout = layout_of(grid, _flagged(table))
    body = body_of(grid, layout.body)
    if not body.places:
        return None
    caption = one_line(caption or "") or layout.title
    unit = _table_unit(layout.unit, caption, context)
    kept = [one for one in range(table.columns) if _any(grid, body, one) or _named(layout.names, one)]
    names = [layout.names[one] for one in kept]
    texts = [[grid[place][column] for place in body.places] for column in kept]
    mark = table_mark(texts)
    columns = [column_of(own, name, unit, mark) for own, name in zip(texts, names, strict=True)]
    return _rows(names, columns, texts, body, caption, _row_headers(table, layout.body, kept))


def _flagged(table: Table) -> int:
    return table.header_rows() if any(cell.header and cell.row == 0 for cell in table.cells) else 0


def _table_unit(inner: Unit | None, caption: str, context: str) -> Unit | None:
    """Each of them may name the factor or the sign: `(in millions)` in the corner, `$` in the caption."""
    named = [one for one in (inner, unit_within(caption, loose=True), unit_said(context)) if one]
    if not named:
        return None
    name = next((one.name for one in named if one.name), "")
    return Unit(name, next((one.factor for one in named if one.factor != 1), NO_UNIT.factor))


def _named(names: Sequence[str], column: int) -> bool:
    """Whether a name is a column's own, and not that at its left."""
    return bool(names[column]) and (column == 0 or names[column] != names[column - 1])


def _any(grid: Grid, body: Body, column: int) -> bool:
    return any(grid[place][column] for place in body.places)


def _row_headers(table: Table, start: int, kept: Sequence[int]) -> list[int]:
    """The columns, as numbers among the kept, whose cells a parser marked as headers of their rows."""
    marked = {cell.column for cell in table.cells if cell.header and cell.row >= start and cell.text}
    plain = {cell.column for cell in table.cells if not cell.header and cell.row >= start and cell.text}
    return [number for number, column in enumerate(kept) if column in marked - plain]


def _rows(
    names: Sequence[str],
    columns: Sequence[Typed],
    texts: Sequence[Sequence[str]],
    body: Body,
    caption: str,
    headers: Sequence[int],
) -> Rows:
    labels = tuple(headers[:_MOST_LABELS]) or _labels(columns)
    if any(body.sections) and 0 not in labels:
        labels = (0, *labels)
    printed = [_label(texts, labels, row) for row in range(len(body.places))]
    numbers = [column.values for column in columns if column.type == "number"]
    totals = totals_of(printed, numbers)
    keyed = zip(_keys(names), names, columns, strict=True)
    values = [list(column.values) for column in columns]
    kinds = [column.type for column in columns]
    if any(body.sections):
        kinds[0] = "text"
        values[0] = [
            labelled(cleaned(text), sections, total=row in totals) or None
            for row, (text, sections) in enumerate(zip(texts[0], body.sections, strict=True))
        ]
    return Rows(
        columns=tuple(
            Column(
                key,
                name,
                kind,
                typed.unit if kind == "number" else "",
                typed.scale if kind == "number" else 1.0,
            )
            for (key, name, typed), kind in zip(keyed, kinds, strict=True)
        ),
        values=tuple(zip(*values, strict=True)),
        texts=tuple(zip(*texts, strict=True)),
        places=body.places,
        caption=caption,
        labels=labels,
        totals=totals,
        notes=body.notes,
    )


def _label(texts: Sequence[Sequence[str]], labels: Sequence[int], row: int) -> str:
    return " ".join(dict.fromkeys(texts[column][row] for column in labels if texts[column][row]))


def _labels(columns: Sequence[Typed]) -> tuple[int, ...]:
    """The columns that name the rows: the first of distinct words; two of words where only both tell."""
    words = [number for number, column in enumerate(columns) if column.type == "text"]
    if words[:2] == [0, 1] and not _tells(columns[0].values) and _tells(_pairs(columns)):
        return (0, 1)
    for number in words:
        if _tells(columns[number].values):
            return (number,)
    return (0,)


def _pairs(columns: Sequence[Typed]) -> list[Value]:
    return [f"{one}{two}" for one, two in zip(columns[0].values, columns[1].values, strict=True)]


def _tells(values: Sequence[Value]) -> bool:
    """Whether the values are mostly there and mostly distinct."""
    held = [value for value in values if value is not None]
    return bool(held) and len(held) * 2 > len(values) and len(set(held)) > _DISTINCT * len(held)


def _keys(names: Sequence[str]) -> list[str]:
    """Names for SQL: lower case, words joined by `_`, unique; `label` for a first column without a name."""
    keys: list[str] = []
    for place, name in enumerate(names):
        key = _NO_KEY.sub("_", cleaned(name).lower()).strip("_")[:_LONGEST_KEY].strip("_")
        key = key or ("label" if place == 0 and not name and any(names) else f"c{place + 1}")
        key = f"c_{key}" if key[0].isdigit() else key
        keys.append(_unique(key, keys))
    return keys


def _unique(key: str, taken: Sequence[str]) -> str:
    number, candidate = 1, key
    while candidate in taken:
        number += 1
        candidate = f"{key}_{number}"
    return candidate
