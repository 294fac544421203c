"""Dates as cells print them, in their ISO form: `1 March 2019`, `03/01/2019`, `Q1 2019`, `2019年3月1日`.

A date without a day is `2019-03`, without a year `--03-01` (as in ISO 8601:2000), a quarter `2019-Q1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from glede.tables.words import LONGEST, cleaned, without_footnotes

_MONTHS = (
    "january jan januar jänner января январь янв يناير janvier enero",
    "february feb februar февраля февраль фев فبراير février febrero",
    "march mar märz mär марта март مارس mars marzo",
    "april apr апреля апрель апр أبريل avril abril",
    "may mai мая май مايو mayo",
    "june jun juni июня июнь июн يونيو juin junio",
    "july jul juli июля июль июл يوليو juillet julio",
    "august aug августа август авг أغسطس août agosto",
    "september sep sept сентября сентябрь сен سبتمبر septembre septiembre",
    "october oct oktober okt октября октябрь окт أكتوبر octobre octubre",
    "november nov ноября ноябрь ноя نوفمبر novembre noviembre",
    "december dec dezember dez декабря декабрь дек ديسمبر décembre diciembre",
)
MONTHS = dict(
    chain.from_iterable(((name, number) for name in names.split()) for number, names in enumerate(_MONTHS, 1))
)
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|montag|dienstag|mittwoch|donnerstag"
    r"|freitag|samstag|sonntag|mo|di|mi|do|fr|sa|so)\.?,?\s+(?=\S)",
    re.IGNORECASE,
)
_DASHED = re.compile(r"(?<=\d)[–‑](?=\d{1,2}[–‑-]\d|\d{4}$)")
_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
)
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")
_CHINESE = re.compile(r"(\d{4})\s*年\s*(?:(\d{1,2})\s*月\s*(?:(\d{1,2})\s*[日号])?)?")
_ORDINAL = r"(?:st|nd|rd|th|\.)?"
_DAY_MONTH = re.compile(
    rf"(\d{{1,2}}){_ORDINAL}[\s-]+(?:of\s+|de\s+)?([^\W\d_]{{3,}})\.?(?:,?[\s-]+(?:de\s+)?(\d{{4}}|'?\d{{2}})(?:\s*г\.?)?)?"
)
_MONTH_DAY = re.compile(rf"([^\W\d_]{{3,}})\.?\s+(\d{{1,2}}){_ORDINAL}(?:,?\s+(\d{{4}}))?")
_MONTH_YEAR = re.compile(r"([^\W\d_]{3,})\.?,?[\s-]+(\d{4})(?:\s*г\.?)?")
_YEAR_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(
    r"Q([1-4])[\s/'-]*(?:FY\s*)?(\d{4}|\d{2})|(\d{4})[\s/-]*Q([1-4])|([1-4])Q\s*(\d{4}|\d{2})|([1-4])[.]?\s*(?:Quartal|квартал)\s+(\d{4})",
    re.IGNORECASE,
)
_FISCAL = re.compile(r"(?:FY|fiscal(?:\s+year)?|GJ)\s*'?(\d{4}|\d{2})|(\d{4})\s*(?:г\.|年|م)", re.IGNORECASE)
_ASIDE = re.compile(r"(?<=\d)\s*\([^()]{1,30}\)$")
"""As in `7 August 1986 (age 27)`."""
_LAST_YEAR = 2200


@dataclass(frozen=True, slots=True)
class Dated:
    """A date, or one of figures only, whose `first` and `second` are day and month in either order."""

    iso: str = ""
    first: int = 0
    second: int = 0
    year: int = 0
    mark: str = ""

    def value(self, *, day_first: bool) -> str | None:
        """Its ISO form; `None` where there is no such day."""
        if self.iso:
            return self.iso
        day, month = (self.first, self.second) if day_first else (self.second, self.first)
        return _iso(self.year, month, day) or _iso(self.year, day, month)


def dated(text: str) -> Dated | None:
    """The date that a cell holds, `None` where it holds something else; a year alone is none."""
    return _dated(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=100_000)
def _dated(text: str) -> Dated | None:
    text = _ASIDE.sub("", without_footnotes(cleaned(text))).strip(" ,")
    if not 4 <= len(text) <= 40 or not any(one.isdigit() for one in text):
        return None
    text = _DASHED.sub("-", _WEEKDAY.sub("", text))
    if match := _NUMERIC.fullmatch(text):
        first, second = int(match[1]), int(match[3])
        if min(first, second) < 1 or min(first, second) > 12 or max(first, second) > 31:
            return None
        return Dated("", first, second, _year(match[4]), match[2])
    iso = _figures(text) or _named(text)
    return Dated(iso) if iso else None


def _figures(text: str) -> str | None:
    if match := _ISO.fullmatch(text):
        return _iso(int(match[1]), int(match[2]), int(match[3]))
    if match := _CHINESE.fullmatch(text):
        return _iso(int(match[1]), int(match[2] or 0), int(match[3] or 0))
    if match := _YEAR_MONTH.fullmatch(text):
        return _iso(int(match[1]), int(match[2]), 0) if 1 <= int(match[2]) <= 12 else None
    if match := _QUARTER.fullmatch(text):
        numbers = [one for one in match.groups() if one]
        quarter, year = sorted(numbers, key=len)
        return f"{_year(year):04}-Q{quarter}"
    if match := _FISCAL.fullmatch(text):
        return f"{_year(match[1] or match[2]):04}"
    return None


def _named(text: str) -> str | None:
    """A date with the name of its month."""
    if match := _DAY_MONTH.fullmatch(text):
        return _iso(_year(match[3] or ""), MONTHS.get(match[2].lower(), 13), int(match[1]))
    if match := _MONTH_DAY.fullmatch(text):
        return _iso(int(match[3] or 0), MONTHS.get(match[1].lower(), 13), int(match[2]))
    if match := _MONTH_YEAR.fullmatch(text):
        return _iso(int(match[2]), MONTHS.get(match[1].lower(), 13), 0)
    return None


def _year(digits: str) -> int:
    """Of two digits the year that is nearest: 00 to 49 are of this century."""
    digits = digits.lstrip("'")
    if len(digits) == 2:
        return int(digits) + (2000 if int(digits) < 50 else 1900)
    return int(digits or 0)


def _iso(year: int, month: int, day: int) -> str | None:
    """What is 0 is left out."""
    if month > 12 or day > 31 or year > _LAST_YEAR or (day == 31 and month in (2, 4, 6, 9, 11)):
        return None
    if not month:
        return f"{year:04}"
    start = f"{year:04}" if year else "-"
    return f"{start}-{month:02}-{day:02}" if day else f"{start}-{month:02}"


def day_first(dates: Iterable[Dated]) -> bool:
    """Whether the days stand before the months in dates of figures only.

    Told by numbers above 12; without one, dots are of places that put the day first, and slashes are not.
    """
    votes = 0
    marks = ""
    for date in dates:
        if not date.iso:
            votes += (date.first > 12) - (date.second > 12)
            marks = marks or date.mark
    return votes > 0 or (votes == 0 and marks != "/")
