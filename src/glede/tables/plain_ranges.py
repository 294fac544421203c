"""Stretches of time that a plain question names: "between March and May 2024", "in Q2 2023".

Both ends are within. Without a year it is that of the table, where all its dates are of one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from glede.tables.dates import MONTHS

YEAR = r"(?:1[6-9]|20)\d\d(?![\d,.-]*\d)"
MONTH = rf"(?:{'|'.join(sorted((one for one in MONTHS if one.isascii()), key=len, reverse=True))})\.?"
DAY = r"\d{1,2}(?:st|nd|rd|th|\.)?"
_IN = r"(?:\b(?:in|of|during|for|throughout|over|within) )?(?:the )?"
_FROM = rf"{_IN}(?:months? |years? |days? |period |time )?\b(?:between|from) (?:the )?"
_TO = r" ?(?:and|to|until|till|through|-|–) ?(?:the )?"
_RANGES = (
    re.compile(
        rf"{_FROM}(?P<d1>{DAY}) (?:of )?(?P<m1>{MONTH})(?:,? (?P<y1>{YEAR}))?{_TO}"
        rf"(?P<d2>{DAY}) (?:of )?(?P<m2>{MONTH})(?:,? (?P<y2>{YEAR}))?(?!\w)"
    ),
    re.compile(
        rf"{_FROM}(?P<m1>{MONTH}) (?P<d1>{DAY})(?:,? (?P<y1>{YEAR}))?{_TO}"
        rf"(?P<m2>{MONTH}) (?P<d2>{DAY})(?:,? (?P<y2>{YEAR}))?(?!\w)"
    ),
    re.compile(
        rf"{_FROM}(?P<m1>{MONTH})(?:,? (?:of )?(?P<y1>{YEAR}))?{_TO}"
        rf"(?P<m2>{MONTH})(?:,? (?:of )?(?P<y2>{YEAR}))?(?!\w)"
    ),
    re.compile(rf"{_FROM}(?P<y1>{YEAR}){_TO}(?P<y2>{YEAR})"),
)
_NTH = "first|second|third|fourth|last|1st|2nd|3rd|4th"
_PARTS = (
    re.compile(
        rf"{_IN}\b(?P<nth>{_NTH}) (?P<part>quarter|half)(?:(?: of)?,? (?:the year )?(?P<year>{YEAR}))?(?!\w)"
    ),
    re.compile(rf"{_IN}\bq(?P<nth>[1-4])(?:(?: of)?,? ?(?P<year>{YEAR}))?(?!\w)"),
    re.compile(rf"{_IN}(?P<year>{YEAR})[ -]q(?P<nth>[1-4])(?!\w)"),
)
_PLACES = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_LATER = re.compile(r"\b(?:fiscal|financial|fy|gj|school|academic)\b")
"""Years that begin in another month, or may."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a date in ISO form up to one that is no more of it; said at `start` to `end`.

    `unit` is what both are told by: a year, a month or a day. `quarter` is how columns of quarters write it.
    """

    first: str
    after: str
    unit: int
    start: int
    end: int
    quarter: str = ""


def stretch_of(text: str, years: Collection[int]) -> Stretch | None:
    """The one stretch of time in a question to a table whose dates are of these years."""
    if _LATER.search(text):
        return None
    found = [one for one in (*_ranges(text, years), *_parts(text, years)) if one.first < one.after]
    return found[0] if found else None


def _ranges(text: str, years: Collection[int]) -> Iterator[Stretch]:
    only = next(iter(years)) if len(years) == 1 else None
    for match in filter(None, (pattern.search(text) for pattern in _RANGES)):
        said = match.groupdict()
        last = int(said["y2"]) if said["y2"] else only
        if last is None or (said["y1"] and not said["y2"]):
            return
        ends = [_point(said, "1", int(said["y1"] or last)), _point(said, "2", last)]
        if None in ends:
            return
        (first, _), (_, after) = (end for end in ends if end is not None)
        unit = 10 if said.get("d1") else 7 if said.get("m1") else 4
        yield Stretch(first, after, unit, match.start(), match.end())
        return


def _point(said: dict[str, str | None], end: str, year: int) -> tuple[str, str] | None:
    """A day, month or year as it begins, and what comes next."""
    month, day = said.get(f"m{end}"), said.get(f"d{end}")
    if month is None:
        return str(year), str(year + 1)
    number = MONTHS[month.rstrip(".")]
    if day is None:
        return _month(year, number), _month(year, number + 1)
    try:
        begins = date(year, number, int(re.sub(r"\D", "", day)))
    except ValueError:
        return None
    return begins.isoformat(), (begins + timedelta(days=1)).isoformat()


def _month(year: int, number: int) -> str:
    """The month of that number; the 13th is the first of the next year."""
    return f"{year + (number - 1) // 12}-{(number - 1) % 12 + 1:02d}"


def _parts(text: str, years: Collection[int]) -> Iterator[Stretch]:
    """Quarters and halves of calendar years."""
    for match in filter(None, (pattern.search(text) for pattern in _PARTS)):
        said = match.groupdict()
        length = 6 if said.get("part") == "half" else 3
        nth = 12 // length if said["nth"] == "last" else _PLACES.get(said["nth"], 0) or int(said["nth"][0])
        if nth * length > 12 or (not said["year"] and len(years) != 1):
            return
        year = int(said["year"]) if said["year"] else next(iter(years))
        first, after = _month(year, (nth - 1) * length + 1), _month(year, nth * length + 1)
        quarter = f"{year}-Q{nth}" if length == 3 else ""
        yield Stretch(first, after, 7, match.start(), match.end(), quarter)
        return
