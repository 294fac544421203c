"""Whether an answer is of the kind that was asked for: a time for "when", a number for "how many".

A last check of what a table computes: it only ever refuses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_MONTH = (
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт"
    r"|ноя|дек"
)
_TIME = re.compile(
    rf"\b(?:1[0-9]|20)\d\d\b|\b(?:{_MONTH})\w*\b|\d\d?[:.]\d\d|\bq[1-4]\b|[年月日]"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"[-+−(]?\s*(?:[$€£¥]|us\$|rmb)?\s*\d[\d.,'\s]*\)?\s*(?:%|[^\W\d_]{0,12}[/²³°\w]*)?\s*\)?", re.IGNORECASE
)
_ASKS_TIME = re.compile(
    r"^(?:and )?(?:when\b|(?:on |in |at )?(?:what|which) (?:day|date|year|month|quarter|time)\b|since when"
    r"|wann\b|(?:an |in )?welche[mnr]? (?:tag|jahr|monat)|когда|什么时候|何时|哪一?年|متى)",
    re.IGNORECASE,
)
_ASKS_NUMBER = re.compile(
    r"^(?:and )?(?:how (?:many|much|high|tall|long|old|far|large|big|heavy|fast|deep|wide)\b"
    r"|what (?:is|was|are|were) the (?:\w+ )?(?:number|total|sum|average|mean|median|difference|change"
    r"|percentage|share|highest|lowest|maximum|minimum|largest|smallest|greatest|least|most|biggest|strongest|longest"
    r"|shortest)\b"
    r"|wie (?:viele?|hoch|groß|lang|alt|weit|schwer)\b|сколько|多少|كم)",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"\b(?:name|day|date|year|month|place|city|country|person|player|team|company|title)\b", re.IGNORECASE
)
"""What a superlative may ask of that is no number: "what was the largest city"."""


_COMPARES = re.compile(
    r"\b(?:highest|lowest|largest|smallest|greatest|biggest|longest|shortest|tallest|oldest|youngest|most|least|fewest"
    r"|maximum|minimum|average|mean|median|total|sum|altogether|strongest|weakest|best|worst|cheapest|dearest"
    r"|höchste\w*|niedrigste\w*|größte\w*|kleinste\w*|meisten|wenigsten|durchschnitt\w*|summe|insgesamt)\b"
    r"|сам\w+ |больше всего|меньше всего|всего|最|平均|总|أكبر|أعلى|أقل",
    re.IGNORECASE,
)


def compares(question: str) -> bool:
    """Whether a question is about all rows of a table, so that no single row can be quoted for it."""
    return _COMPARES.search(question) is not None


def fits(question: str, values: Sequence[str]) -> bool:
    """Whether values can answer the question at all."""
    asked = question.strip()
    if not values:
        return False
    if _ASKS_TIME.match(asked):
        return all(_TIME.search(value) for value in values)
    if number := _ASKS_NUMBER.match(asked):
        superlative = number.group().lower().startswith("what")
        if superlative and _NAMES.search(asked[number.end() :]):
            return True
        return all(_NUMBER.fullmatch(value.strip()) and not _is_day(value) for value in values)
    return True


def _is_day(value: str) -> bool:
    """ "18 January" begins like a number with a unit."""
    return re.search(rf"\b(?:{_MONTH})\w*\b", value, re.IGNORECASE) is not None
