"""The time that a plain question is about, in a table whose rows have dates."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from glede.tables.dates import MONTHS
from glede.tables.mentions import Reading
from glede.tables.plain_ranges import MONTH, YEAR, stretch_of
from glede.tables.plain_words import OPERATIONS, keys_in
from glede.tables.statements import literal, name
from glede.tables.values import Rows, Value

_YEAR = rf"(?P<year>{YEAR})"
_MONTH = rf"(?P<month>{MONTH})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
_PERIODS = (
    re.compile(rf"\bon (?:the )?{_DAY} (?:of )?{_MONTH},? {_YEAR}"),
    re.compile(rf"\bon {_MONTH} {_DAY},? {_YEAR}"),
    re.compile(rf"\b(?:in|of|during|for|throughout) (?:the )?(?:month of )?{_MONTH},? (?:of )?{_YEAR}"),
    re.compile(rf"\b(?:in|of|during|for|throughout) (?:the )?(?:year )?{_YEAR}"),
)
_ANY_YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20)\d\d(?!\d)")
_TOLD = re.compile(r"\d{4}(?:-\d\d){0,2}")
_QUARTER = re.compile(r"\d{4}-Q[1-4]")
_WHOLE_DAY = re.compile(r"-\d\d-\d\d$")
_YEARS = (1500, 2100)
_MONTH_WORDS = frozenset(one for one in MONTHS if len(one) > 2)


@dataclass(frozen=True, slots=True)
class Period:
    """Rows whose date in a column begins like this: `2024`, `2024-03`; said at `start` to `end`.

    Where there is an `after`, those from `begins` up to that, which is no more of the period.
    """

    column: int
    begins: str
    rows: frozenset[int]
    start: int
    end: int
    after: str = ""

    def holds(self, value: Value) -> bool:
        """Whether a date is of it."""
        if not isinstance(value, str):
            return False
        return self.begins <= value < self.after if self.after else value.startswith(self.begins)


def period_of(reading: Reading) -> Period | None:
    """The one time that the question names, if rows are of it; `None` where its column cannot be told.

    "Since 2024" and "until May" are no such time, and a change "from 2019 to 2021" is of two.
    """
    column = _column(reading)
    if column is None:
        return None
    found = _stretch(reading, column) or _single(reading, column)
    if found is None or any(
        _says(found, reading, year) for years in reading.sheet.header_years for year in years
    ):
        return None
    values = [values[column] for values in reading.sheet.rows.values]
    rows = {row for row, value in enumerate(values) if found.holds(value)} - set(reading.sheet.rows.totals)
    return replace(found, rows=frozenset(rows)) if rows else None


def _says(found: Period, reading: Reading, year: int) -> bool:
    return str(year) in reading.asked.text[found.start : found.end]


def _single(reading: Reading, column: int) -> Period | None:
    """A day, a month or a year."""
    text = reading.asked.text
    match = next((found for one in _PERIODS if (found := one.search(text))), None)
    if match is None or len(_ANY_YEAR.findall(text)) != 1:
        return None
    return Period(column, _iso(match), frozenset(), match.start(), match.end())


def _stretch(reading: Reading, column: int) -> Period | None:
    """Several days, months or years, in a column whose dates tell so much."""
    text = reading.asked.text
    if OPERATIONS["change"].search(text) or OPERATIONS["difference"].search(text):
        return None
    held = [value for row in reading.sheet.rows.values if isinstance(value := row[column], str)]
    found = stretch_of(text, {int(value[:4]) for value in held if value[:4].isdecimal()})
    if found is None or _ANY_YEAR.search(text[: found.start] + " " + text[found.end :]):
        return None
    begins, after = found.first, found.after
    if found.quarter and all(_QUARTER.fullmatch(value) for value in held):
        begins, after = found.quarter, ""
    elif not all(_TOLD.fullmatch(value) and len(value) >= found.unit for value in held):
        return None
    return Period(column, begins, frozenset(), found.start, found.end, after)


def _iso(match: re.Match[str]) -> str:
    found = match.groupdict()
    parts = [found["year"]]
    if found.get("month"):
        parts.append(f"{MONTHS[found['month']]:02d}")
    if found.get("day"):
        parts.append(f"{int(found['day']):02d}")
    return "-".join(parts)


def _column(reading: Reading) -> int | None:
    """The column of dates: the only one, or of several the one that the question names."""
    columns = reading.sheet.rows.columns
    dates = [place for place, column in enumerate(columns) if column.type == "date"]
    if len(dates) > 1:
        said = keys_in(reading.asked.text)
        dates = [place for place in dates if keys_in(columns[place].name) & said]
    return dates[0] if len(dates) == 1 else None


def within(reading: Reading, period: Period) -> str:
    """The condition that rows of that time meet."""
    column = name(reading.sheet.rows, period.column)
    if period.after:
        return f"{column} >= {literal(period.begins)} AND {column} < {literal(period.after)}"
    return f"starts_with({column}, {literal(period.begins)})"


def holds_years(rows: Rows, column: int) -> bool:
    """Whether a column of numbers holds years."""
    held = [values[column] for values in rows.values if values[column] is not None]
    return bool(held) and not rows.columns[column].unit and all(map(_is_year, held))


def _is_year(value: Value) -> bool:
    return isinstance(value, float) and value == int(value) and _YEARS[0] <= value <= _YEARS[1]


def holds_days(rows: Rows, column: int) -> bool:
    """Whether a column of dates tells days, and not only months or years."""
    held = [str(values[column]) for values in rows.values if values[column] is not None]
    return bool(held) and all(map(_WHOLE_DAY.search, held))


def time_of(rows: Rows) -> int | None:
    """The column that tells the time of a row, if it is one: of dates, or of years that name the rows."""
    found = [place for place, column in enumerate(rows.columns) if column.type == "date"]
    if not found:
        numbers = [place for place in rows.labels if rows.columns[place].type == "number"]
        found = [place for place in numbers if holds_years(rows, place)]
    return found[0] if len(found) == 1 else None


def is_month(word: str) -> bool:
    """Whether a word is the name of a month: "in May" is a time, and no other word for "perhaps"."""
    return word in _MONTH_WORDS
