"""Dates, years, and numbers with their units."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glede.extractors.nlp_parts import Found

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni|juli|oktober|dezember|января|февраля|"
    r"марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)"
)
_YEAR = re.compile(r"\d{4}(?!\d)")
_BEFORE_YEAR = re.compile(
    rf"(?:\b\d{{1,2}}(?:st|nd|rd|th)?\.? (?:of )?)?\b{_MONTH}\.?,? $"
    rf"|\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? $"
    r"|\b\d{1,2}\.\d{1,2}\.$",
    re.IGNORECASE,
)
_AFTER_YEAR = re.compile(r"年(?:\d{1,2}月(?:\d{1,2}日)?)?|-\d{2}-\d{2}(?!\d)")
_NO_YEAR = re.compile(r"[\w%]|[.,]\d| ?(?:km|kg|m|people|tons|years)\b")
EARLIEST, LATEST = 1000, 2100
LONGEST_DATE = 24

_NUMBER = re.compile(r"\d{1,3}(?:[,\u00a0]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?")
_EACH = r"(?:/(?:s²?|h|min|day|month|year|m²|m³|km²?|kg|l|L|kWh|MWh|person|capita))?"
"""Metres a second are no metres."""
_UNIT = re.compile(
    r"\s?(?:%|‰|°C|°F|percent\b|Prozent\b|(?:km²|km|m²|m³|m|kg|mg|µg|g|t|cm|mm|nm|µm|ms|s|h|Hz|kHz|MHz|GHz|kW|MW|"
    r"GW|W|kWh|MWh|V|A|ml|l|L|mol|KB|MB|GB|TB|KiB|MiB|GiB|bits?|bytes?|USD|EUR|GBP|dollars?|euros?|years?|days?|"
    r"hours?|minutes?|seconds?|months?|weeks?|miles?|feet|ft|acres?|hectares?|tons?|tonnes?|metres?|meters?|"
    r"kilometres?|kilometers?|inhabitants|degrees?|Jahren?|Tagen?|Stunden|Meter|Kilometer|Einwohner|km²|км|кг|лет|"
    r"человек|руб)" + _EACH + r"\b|公里|米|元|人|年|岁|°|"
    r"(?:million|billion|trillion|Millionen|Milliarden|млн|млрд)\b\.?(?:\s(?:dollars|euros|people|years|tons|USD|EUR))?"
    r"|[万亿]+[元人]?)"
)
_CURRENCY = "$€£¥"
_SCALE = re.compile(r"\s(?:million|billion|trillion|bn|m)\b")


def dates_in(text: str) -> Iterator[Found]:
    """Days, months and years; the year of a longer date also by itself."""
    for match in _YEAR.finditer(text):
        start, end = match.span()
        if start and (text[start - 1].isalnum() or text[start - 1] in ",$€£/_"):
            continue
        longer = _AFTER_YEAR.match(text, end)
        if longer is None and _NO_YEAR.match(text, end):
            continue
        before = _BEFORE_YEAR.search(text, max(0, start - LONGEST_DATE), start) if start else None
        if before or longer:
            begin, stop = before.start() if before else start, longer.end() if longer else end
            yield Found(text[begin:stop], begin, stop)
        if EARLIEST <= int(match[0]) < LATEST:
            yield Found(match[0], start, end)


def quantities_in(text: str) -> Iterator[Found]:
    """Numbers with a unit or a currency."""
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        before = text[start - 1] if start else ""
        if before.isalnum() or before in "._-":
            continue
        if before and before in _CURRENCY:
            scale = _SCALE.match(text, end)
            yield Found(text[start - 1 : scale.end() if scale else end], start - 1, end)
        elif unit := _UNIT.match(text, end):
            yield Found(text[start : unit.end()], start, unit.end())
