"""Where the header rows of a table end, and what they call its columns.

What a parser marked as header is evidence and no more: Markdown has no table without a header, and many
parsers mark one row of three. The rest is told from the rows below: words above numbers are a header.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from glede.tables.dates import dated
from glede.tables.numbers import numeral
from glede.tables.words import LONGEST, Unit, cleaned, is_none, unit_phrase, unit_within

Grid = Sequence[Sequence[str]]
Kind = Literal["none", "year", "number", "date", "text"]
MOST_HEADERS = 6
_SAMPLE = 200
_DOMINANT = 0.6
_HANGING = re.compile(
    r"\b(?:of|the|and|for|in|to|at|by|from|per|on|with|und|der|des)$|[-/&(]$", re.IGNORECASE
)
JOINT = " > "
"""Stands between the parts of a name that comes from several header rows."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The header of a table: a name for each column, "" where there is none, and where the body begins."""

    names: tuple[str, ...]
    body: int
    unit: Unit | None = None
    title: str = ""


def kind_of(text: str) -> Kind:
    """What a cell looks like by itself."""
    return _kind_of(text) if len(text) <= LONGEST else "text"


@lru_cache(maxsize=100_000)
def _kind_of(text: str) -> Kind:
    if is_none(cleaned(text)):
        return "none"
    if number := numeral(text):
        if number.yearlike:
            return "year"
        return "number" if number.known else "text"
    return "date" if dated(text) else "text"


def layout_of(grid: Grid, flagged: int) -> Layout:
    """The layout of a grid of which a parser marked the first `flagged` rows as header."""
    titles = _titles(grid)
    body = _header_end(grid, titles, flagged)
    titles = min(titles, body)
    rows = [[cleaned(text) for text in row] for row in grid[titles:body]]
    unit, rows = _without_units(rows)
    title = " ".join(dict.fromkeys(next(text for text in row if text) for row in grid[:titles]))
    if title:
        unit = unit or unit_phrase(title) or unit_within(title)
        title = "" if unit_phrase(title) else title
    return Layout(_names(rows, len(grid[0])), body, unit, title)


def _titles(grid: Grid) -> int:
    """How many rows at the top hold one text for the whole table, above a row that holds several."""
    count = 0
    while count < min(len(grid) - 2, 3) and len(grid[0]) > 1 and _is_title(grid[count]):
        count += 1
    if count and _is_title(grid[count]):
        return 0  # one text a row: a list, not a table below a title
    return count


def _is_title(row: Sequence[str]) -> bool:
    texts = {text for text in row if text}
    if len(texts) != 1 or kind_of(next(iter(texts))) != "text":
        return False
    return all(row) or (bool(row[0]) and len(row) > 1)


def _header_end(grid: Grid, start: int, flagged: int) -> int:
    """The first row of the body."""
    most = min(len(grid) - 1, start + MOST_HEADERS)
    end = min(flagged, most) if flagged > 1 else start
    if end == start:
        end = min(_first_header(grid, start, marked=flagged > 0), most)
        if end == start:
            return start
    while end < most and _goes_on(grid, start, end):
        end += 1
    return end


def _first_header(grid: Grid, start: int, *, marked: bool) -> int:
    """The row after the first one that is surely a header; above it rows that are hardly filled."""
    for place in range(start, min(start + 3, len(grid) - 1)):
        if _is_header(grid, place, marked=marked and place == start):
            return place + 1
        filled = [number for number, text in enumerate(grid[place]) if text]
        if len(filled) * 2 > len(grid[place]) or any(kind_of(grid[place][one]) == "number" for one in filled):
            break
    return start


def _is_header(grid: Grid, place: int, *, marked: bool) -> bool:
    """Whether the first row names the columns."""
    row = grid[place]
    if _counts_up(row):
        return marked
    pro, contra = _evidence(grid, place)
    if contra:
        return pro > contra or (marked and pro == contra)
    return pro > 0 or marked or _all_words_header(grid, place)


def _counts_up(row: Sequence[str]) -> bool:
    """A row such as `| | 1 | 2 | 3 |`."""
    numbers = [text for text in row if kind_of(text) in ("number", "year")]
    return len(numbers) > 1 and all(
        text.isdecimal() and int(text) == int(numbers[0]) + step if numbers[0].isdecimal() else False
        for step, text in enumerate(numbers)
    )


def _all_words_header(grid: Grid, place: int) -> bool:
    """In a table of words only: names that are distinct, short, and stand nowhere below."""
    row = [text for text in grid[place] if text]
    if len(row) < len(grid[place]) - 1 or len(set(row)) < len(row) or len(row) < 2:
        return False
    below = {text for other in grid[place + 1 : place + _SAMPLE] for text in other}
    return all(len(text) <= 40 and text not in below for text in row) and len(grid) - place > 2


def _evidence(grid: Grid, place: int) -> tuple[int, int]:
    """How many cells of a row are unlike, and how many are like, the figures below them."""
    pro = contra = 0
    for column, text in enumerate(grid[place]):
        own = kind_of(text)
        below = _kind_below(grid, place + 1, column)
        if own == "none" or below in ("none", "text"):
            continue
        if own == below:
            contra += 1
        elif own == "text" or (own in ("year", "date") and below == "number"):
            pro += 1
    return pro, contra


def _kind_below(grid: Grid, start: int, column: int) -> Kind:
    """What most of the cells of a column are, from a row on."""
    counts = Counter(kind_of(row[column]) for row in grid[start : start + _SAMPLE])
    counts["none"] = 0
    total = counts.total()
    if not total:
        return "none"
    if counts["year"] / total < _DOMINANT:
        counts["number"] += counts.pop("year", 0)
    kind, count = counts.most_common(1)[0]
    return kind if count / total >= _DOMINANT else "text"


def _goes_on(grid: Grid, start: int, place: int) -> bool:
    """Whether a row below a header row belongs to the header too.

    It does where it names what the rows above left without a name, or parts what they span.
    """
    row, above = grid[place], grid[place - 1]
    if _is_unit(row):
        return True
    if not any(row[1:]) or any(kind_of(text) == "number" for text in row):
        return False
    pro, contra = _evidence(grid, place)
    if contra or not pro:
        return False
    spans = len({text for text in above[1:] if text}) < len(above[1:])
    return spans or not row[0] or unit_phrase(cleaned(row[0])) is not None


def _is_unit(row: Sequence[str]) -> bool:
    """A row that says in what all numbers are counted, and nothing else: `(In thousands)`."""
    texts = {text for text in row if text}
    return (
        len(texts) == 1 and unit_phrase(cleaned(*texts)) is not None and kind_of(*texts) in ("text", "none")
    )


def _without_units(rows: list[list[str]]) -> tuple[Unit | None, list[list[str]]]:
    """The unit of the whole table that a corner or a row of the header names, and the header without it."""
    found: Unit | None = None
    for row in rows:
        texts = {text for text in row if text}
        for column, text in enumerate(row):
            if text and (column == 0 or len(texts) == 1) and len(row) > 1:
                unit = unit_phrase(text)
                if unit is not None and (unit.factor != 1 or len(text) > 1 or column):
                    row[column] = ""
                elif column == 0:
                    inner = unit_within(text)  # of `Weight (kg)` the unit is that column's alone
                    unit = inner if inner is not None and inner.factor != 1 else None
                found = found or unit
    return found, [row for row in rows if any(row)]


def _names(rows: list[list[str]], columns: int) -> tuple[str, ...]:
    """For each column the distinct texts above it, joined from the top down."""
    names = [""] * columns
    for level, row in enumerate(rows):
        last = level == len(rows) - 1
        filled = row if last else _spread(row, rows[level + 1 :])
        for column, text in enumerate(filled):
            names[column] = _joined(names[column], text)
        if last:
            _shared(names, filled)
    return tuple(names)


def _shared(names: list[str], row: Sequence[str]) -> None:
    """A place without a name of its own in the last row has that at its left: `Change`, in $ and in %."""
    for column in range(2, len(row)):
        if not row[column] and row[column - 1] and names[column] in ("", names[column - 1].split(JOINT)[0]):
            names[column] = names[column - 1]


def _joined(above: str, text: str) -> str:
    if not text or text in above.split(JOINT):
        return above
    if not above:
        return text
    return f"{above}{' ' if _HANGING.search(above) else JOINT}{text}"


def _spread(row: list[str], below: list[list[str]]) -> list[str]:
    """An upper row of a header with each text above all that it seems to span.

    Where the spans were lost, a text stands at the left or in the middle of what it covers, so that each
    place takes the nearest one. A place without any name below is left alone, as is the corner.
    """
    named = [place for place, text in enumerate(row) if text]
    empty = len(row) - 1 - len([place for place in named if place])
    if not named or named == [0] or 2 * empty < len(named):
        return row
    filled = list(row)
    for place in range(1, len(row)):
        if not row[place] and any(other[place] for other in below):
            _, _, nearest = min((abs(one - place), one > place, one) for one in named if one)
            if not _HANGING.search(row[nearest]):
                filled[place] = row[nearest]
    return filled
