"""A table in words, for search: a card that tells what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from glede.tables.values import Column, Rows, Value
from glede.text.sentences import count_tokens

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
