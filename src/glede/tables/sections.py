"""The rows of a table that are no plain rows: sections, totals, repeated headers, notes below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from glede.tables.headers import JOINT, Grid, kind_of
from glede.tables.values import Value
from glede.tables.words import cleaned, without_footnotes

_TOTAL = re.compile(
    r"(?:grand |sub-?|overall |combined )?totals?\b|sum\b|sum total|in total\b|all\s*$|overall\s*$"
    r"|(?:gesamt|summe|insgesamt"
    r"|zusammen|zwischensumme)\w*\b|(?:итого|всего|сумма)\b|合计|合計|总计|總計|小计|共计|(?:المجموع|الإجمالي|إجمالي|مجموع)"
    r"|(?:average|mean|median|durchschnitt|среднее|平均)\s*$",
    re.IGNORECASE,
)
_PERHAPS = re.compile(r"net\b|balance\b|нетто|netto", re.IGNORECASE)
_NOTE = re.compile(
    r"\(?(?:notes?|source|sources|quelle|anmerkung|источник|примечание|注|资料来源|المصدر)\b|[*†‡§¹²³]|\(\w\)\s|\[\w\]\s",
    re.IGNORECASE,
)
_LONG = 100


@dataclass(frozen=True, slots=True)
class Body:
    """The rows that hold values: their places in the grid, the sections above each, and the notes."""

    places: tuple[int, ...]
    sections: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def body_of(grid: Grid, start: int) -> Body:
    """The rows from `start` on that hold values."""
    headers = [row for row in grid[:start] if len(set(row)) > 1]
    end, notes = _without_notes(grid, start)
    width = sum(any(column) for column in zip(*grid[start:], strict=True))
    places: list[int] = []
    sections: list[tuple[str, ...]] = []
    path: tuple[str, ...] = ()
    after_section = False
    for place in range(start, end):
        row = grid[place]
        if not any(row) or any(_repeats(row, header) for header in headers):
            continue
        if _is_section(row) and _holds(grid, place, end, width):
            text = without_footnotes(cleaned(next(one for one in row if one))).rstrip(" :")
            path = (path[-1], text) if after_section else (*path[:-1], text)
            after_section = True
            continue
        path = path if len(path) < 3 else path[-2:]
        after_section = False
        places.append(place)
        sections.append(path)
    return Body(tuple(places), tuple(sections), notes)


def _repeats(row: Sequence[str], header: Sequence[str]) -> bool:
    """Whether a row says a header again; of several columns, some may say other dates."""
    same = sum(one == other for one, other in zip(row, header, strict=True) if one)
    return same > 0 and (tuple(row) == tuple(header) or (same > 2 and same * 2 >= sum(map(bool, row))))


def _without_notes(grid: Grid, start: int) -> tuple[int, tuple[str, ...]]:
    """Where the rows end, and the texts of those below that are notes."""
    end = len(grid)
    notes: list[str] = []
    while end - 1 > start and _is_note(grid[end - 1]):
        text = next((one for one in grid[end - 1] if one), "")
        notes[:0] = [text] if text else []
        end -= 1
    return end, tuple(notes)


def _is_note(row: Sequence[str]) -> bool:
    texts = {text for text in row if text}
    if not texts:
        return True
    if len(texts) > 1 or len(row) < 2 or not (row[0] and (not any(row[1:]) or all(row))):
        return False
    (text,) = texts
    return bool(_NOTE.match(text)) or len(text) > _LONG


def _is_section(row: Sequence[str]) -> bool:
    """One text for the whole row, alone in the first place or spanning it."""
    if len(row) < 2 or not row[0] or kind_of(row[0]) == "number":
        return False
    if not any(row[1:]):
        return True
    return len(row) > 2 and len(set(row)) == 1 and kind_of(row[0]) == "text"


def _holds(grid: Grid, place: int, end: int, width: int) -> bool:
    """Whether rows with values follow a section row, or at once another section.

    In a table of two columns it may as well be a row whose one value is missing: there it takes a colon, or
    two rows below.
    """
    below = (not _is_section(grid[row]) for row in range(place + 1, end))
    if width > 2 or grid[place][0].endswith(":"):
        return any(below)
    return list(islice(below, 2)) == [True, True]


def labelled(text: str, sections: Sequence[str], *, total: bool) -> str:
    """A row's label below its sections: `Assets > Cash`; a bare total stays one."""
    if not sections or (total and not text):
        return text
    return JOINT.join((*sections, text) if text else sections)


def totals_of(labels: Sequence[str], numbers: Sequence[Sequence[Value]]) -> tuple[int, ...]:
    """The numbers of rows that sum up others; `numbers[j]` are the values of number column j."""
    found: list[int] = []
    last = len(labels) - 1
    for place, label in enumerate(labels):
        if not any(column[place] is not None for column in numbers):
            continue
        words = cleaned(label).strip(" :")
        if _TOTAL.match(words) or (
            (not words or _PERHAPS.match(words) or place == last) and _adds_up(numbers, place, found)
        ):
            found.append(place)
    return tuple(found)


def _adds_up(numbers: Sequence[Sequence[Value]], place: int, totals: Sequence[int]) -> bool:
    """Whether a row is the sum of the rows above, those since the last total or all, in most columns."""
    since = max(totals, default=-1) + 1
    for start in {since, 0}:
        above = [row for row in range(start, place) if row not in totals]
        if len(above) < 2:
            continue
        checked = [column for column in numbers if isinstance(column[place], float)]
        right = sum(_is_sum(column, above, place) for column in checked)
        if checked and right * 3 >= len(checked) * 2:
            return True
    return False


def _is_sum(column: Sequence[Value], above: Sequence[int], place: int) -> bool:
    parts = [value for row in above if isinstance(value := column[row], float)]
    whole = column[place]
    if not isinstance(whole, float) or len(parts) < 2 or not whole:
        return False
    return abs(sum(parts) - whole) <= max(abs(whole) * 1e-4, 1e-9)
