"""A table in words, for search: a card that tells what it holds, and a line for each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from glede.sentences import count_tokens
from glede.tables.values import Column, Rows, Value

CARD_TOKENS = 300
_CAPTION_CHARACTERS = 240
_COLUMN_TOKENS = 160
_NAME_TOKENS = 60
_ROW_CHARACTERS = 110
_SAMPLES = 3
_DISTINCT = 5
_WORD_CHARACTERS = 32


def card(rows: Rows) -> str:
    """Caption, columns with types, units and what they range over, and the first rows; about 300 tokens."""
    caption = rows.caption[:_CAPTION_CHARACTERS] or "Table"
    parts = [f"{caption.rstrip('.')}. {len(rows.values)} rows, {len(rows.columns)} columns."]
    parts += _described(rows)
    plain = [row for row in range(len(rows.values)) if row not in rows.totals]
    parts += [_sample(rows.texts[row]) for row in plain[:_SAMPLES]]
    return "\n".join(parts)


def row_text(rows: Rows, row: int) -> str:
    """One row in words: `Caption. label: column = value unit; ...`; empty cells are left out."""
    texts, labels = rows.texts[row], [_label(rows, row, column) for column in rows.labels]
    cells = [
        f"{column.name or column.key} = {_with_unit(text, column)}"
        for number, (column, text) in enumerate(zip(rows.columns, texts, strict=True))
        if text and number not in rows.labels
    ]
    label = " ".join(dict.fromkeys(one for one in labels if one))
    said = ": ".join(part for part in (label, "; ".join(cells)) if part)
    return f"{rows.caption.rstrip('.')}. {said}" if rows.caption else said


def _label(rows: Rows, row: int, column: int) -> str:
    """The name of a row, its sections included."""
    value = rows.values[row][column]
    return (
        value if isinstance(value, str) and rows.columns[column].type == "text" else rows.texts[row][column]
    )


def _with_unit(text: str, column: Column) -> str:
    """The cell with what its column's unit adds: `$ 5` in millions is `$ 5 million`."""
    missing = [word for word in column.unit.split() if word.lower() not in text.lower()]
    return " ".join([text, *missing])


def _described(rows: Rows) -> list[str]:
    """A line for each column while there is room, then only names, then how many more there are."""
    lines: list[str] = []
    room = _COLUMN_TOKENS
    for number, column in enumerate(rows.columns):
        values = [one[number] for row, one in enumerate(rows.values) if row not in rows.totals]
        line = f"{column.name or column.key} ({_kind(column)}): {_summary(column, values)}".rstrip(": ")
        room -= count_tokens(line) + 1
        if room < 0:
            return [*lines, *_rest([one.name or one.key for one in rows.columns[number:]])]
        lines.append(line)
    return lines


def _rest(names: Sequence[str]) -> list[str]:
    said: list[str] = []
    room = _NAME_TOKENS
    for name in names:
        room -= count_tokens(name) + 1
        if room < 0:
            break
        said.append(name)
    more = len(names) - len(said)
    line = ", ".join([*said, f"{more} more columns"] if more else said)
    return [f"also: {line}"]


def _kind(column: Column) -> str:
    return f"{column.type}, {column.unit}" if column.unit else column.type


def _summary(column: Column, values: Iterable[Value]) -> str:
    held = [value for value in values if value is not None]
    distinct = list(dict.fromkeys(held))
    numbers = [value for value in held if isinstance(value, float)]
    if column.type == "number" and len(distinct) > _DISTINCT:
        low, high, mean = min(numbers), max(numbers), fmean(numbers)
        return f"{_number(low)} to {_number(high)}, mean {_number(mean)}"
    if column.type == "date" and len(distinct) > _DISTINCT:
        dates = sorted(str(value) for value in held)
        return f"{dates[0]} to {dates[-1]}"
    said = ", ".join(_said(value) for value in distinct[:_DISTINCT])
    return f"{said} ({len(distinct)} distinct)" if len(distinct) > _DISTINCT else said


def _said(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _number(value) if isinstance(value, float) else _cut(str(value), _WORD_CHARACTERS)


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.1f}"


def _sample(texts: Sequence[str]) -> str:
    return _cut(" | ".join(_cut(text, _WORD_CHARACTERS) for text in texts), _ROW_CHARACTERS)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
