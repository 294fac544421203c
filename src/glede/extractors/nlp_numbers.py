"""Dates, years, and numbers with their units."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glede.extractors.nlp_names import Found

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni|juli|oktober|dezember|января|февраля|марта|апреля|"
    r"мая|июня|июля|августа|сентября|октября|ноября|декабря)"
)
_DATE = re.compile(
    rf"\b\d{{1,2}}\.? {_MONTH}\.?,? \d{{4}}\b|\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b"
    rf"|\b{_MONTH}\.?,? \d{{4}}\b|\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}\.\d{{1,2}}\.\d{{4}}\b"
    r"|\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\w.,$€£/-])(?:1[0-9]|20)\d\d(?![\w%]|[.,]\d| ?(?:km|kg|m|people|tons)\b)")
_QUANTITY = re.compile(
    r"(?:[$€£¥]\s?)?(?<![\w.])\d{1,3}(?:[,.\u00a0]\d{3})*(?:\.\d+)?(?:\s?(?:%|‰|°C|°F|percent|Prozent|km²|km/h|km|m²|m³|"
    r"kg|mg|µg|g|t|cm|mm|nm|µm|ms|s|h|Hz|kHz|MHz|GHz|kW|MW|GW|W|kWh|MWh|V|A|°|ml|l|L|mol|KB|MB|GB|TB|KiB|MiB|GiB|"
    r"bits?|bytes?|USD|EUR|GBP|dollars?|euros?|million|billion|trillion|Millionen|Milliarden|years?|days?|hours?|"
    r"minutes?|seconds?|months?|weeks?|miles?|feet|ft|acres?|hectares?|tons?|tonnes?|metres?|meters?|kilometres?|"
    r"people|inhabitants|degrees?|км|кг|млн|млрд|руб|公里|万|亿|元|米|人)(?![\w])"
    r"(?:\s(?:dollars|euros|people|years|tons|USD|EUR))?)"
)
_MONEY = re.compile(r"[$€£¥]\s?\d[\d,.]*\d?(?:\s(?:million|billion|trillion|bn|m))?")


def dates_in(text: str) -> Iterator[Found]:
    """Days, months and years; the year of a longer date also by itself."""
    for match in _DATE.finditer(text):
        yield Found(match[0], match.start(), match.end())
    for match in _YEAR.finditer(text):
        yield Found(match[0], match.start(), match.end())


def quantities_in(text: str) -> Iterator[Found]:
    """Numbers with a unit or a currency."""
    for pattern in (_QUANTITY, _MONEY):
        for match in pattern.finditer(text):
            yield Found(match[0].strip(), match.start(), match.end())
