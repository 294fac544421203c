"""Numbers as cells print them: `1,234.5`, `1.234,5`, `(12)`, `-$5`, `38 %`, `3 Mio. €`, `1st`, `½`.

A cell is read in two steps: first its parts, then, when the whole column has been seen, its value: only the
column tells whether `1.234` is a thousand or one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from glede.tables.words import (
    BRIEF_FACTORS,
    FACTORS,
    LONGEST,
    NO_UNIT,
    Unit,
    cleaned,
    unit_phrase,
    unit_word,
    without_footnotes,
)

_SIGNS = r"(?:US\$|U\.S\.\$|HK\$|NT\$|[ACRS]\$|RMB|EUR|USD|GBP|CHF|Rs\.?|[$€£¥₽₹₩₪])"
_NUMBER = re.compile(
    rf"""(?P<about>[~≈#]|c\.|ca\.|approx\.?|circa|No\.|Nr\.)?\s*
    (?P<sign1>[-+])?\s*(?P<open1>\()?\s*(?P<sign2>[-+])?\s*(?P<currency>{_SIGNS})?\s*
    (?P<open2>\()?\s*(?P<sign3>[-+])?\s*
    (?P<body>\d{{1,3}}(?:[ ]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,']\d+)*|[.,]\d+)
    (?P<ordinal>(?:st|nd|rd|th)\b|[.º](?=$|\s))?
    (?P<rest>.*)""",
    re.VERBOSE | re.IGNORECASE,
)
_REST = re.compile(
    r"\s*(?P<close1>\))?\s*(?P<minus>-)?\s*(?P<unit>[^\d()\[\]{}<>=;:?!+–—|\"]{1,30}?)?\s*(?P<close2>\))?"
    r"(?:\s*±\s*[\d.,]+|\s+[\d.,]+\s*[^\W\d_]{1,4}²?)?(?:\s+\(.*\))?"
)
_FRACTION = re.compile(r"([-+])?(?:(\d+)\s+)?(\d{1,2})/(2|3|4|5|6|8|10|12|16|32|64)")
_VULGAR = {
    "½": 0.5,
    "¼": 0.25,
    "¾": 0.75,
    "⅓": 1 / 3,
    "⅔": 2 / 3,
    "⅛": 0.125,
    "⅜": 0.375,
    "⅝": 0.625,
    "⅞": 0.875,
}
_SPELLED = {
    word: number
    for words in (
        "zero one two three four five six seven eight nine ten eleven twelve",
        "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
        "ноль один два три четыре пять шесть семь восемь девять десять",
        "零 一 二 三 四 五 六 七 八 九 十",
    )
    for number, word in enumerate(words.split())
}
_VULGAR_NUMBER = re.compile(r"([-+])?(\d+)?\s*([½¼¾⅓⅔⅛⅜⅝⅞])")


@dataclass(frozen=True, slots=True)
class Numeral:
    """The parts of a printed number; `fixed` is its value where no separator leaves a doubt."""

    body: str
    negative: bool = False
    unit: Unit = NO_UNIT
    suffix: str = ""
    fixed: float | None = None

    @property
    def known(self) -> bool:
        """Whether nothing stands behind it that is no unit."""
        return not self.suffix

    @property
    def coded(self) -> bool:
        """Whether it is a code rather than a count: `007`."""
        return len(self.body) > 1 and self.body[0] == "0" and self.body.isdecimal()

    @property
    def yearlike(self) -> bool:
        """Whether it could be a year: four digits, and nothing else."""
        plain = len(self.body) == 4 and self.body.isdecimal() and self.known and self.unit == NO_UNIT
        return plain and 1000 <= int(self.body) <= 2200 and not self.negative

    def value(self, decimal: str) -> float:
        """Its value where `decimal` ("." or ",") separates the fraction; a factor of its own is applied."""
        number = self.fixed
        if number is None:
            number = _body_value(self.body, decimal)
        if number is None:
            number = _body_value(self.body, "," if decimal == "." else ".")
        if number is None:  # a slip such as 11,54 where commas group
            number = float(re.sub(r"[^\d]", "", self.body))
        number *= self.unit.factor
        return -number if self.negative else number


def numeral(text: str) -> Numeral | None:
    """The number that a cell holds, `None` where it holds something else."""
    return _numeral(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=200_000)
def _numeral(text: str) -> Numeral | None:
    text = without_footnotes(cleaned(text))
    if special := _written(text):
        return special
    figures = len(text) <= 80 and any(one.isdigit() for one in text)
    match = _NUMBER.fullmatch(text) if figures else None
    if match is None or (match["body"] == "000" and match["currency"]):  # £000 is a unit
        return None
    rest = _REST.fullmatch(match["rest"])
    if rest is None or not _grouped(match["body"]) or _glued(match["body"], match["rest"]):
        return None
    opened = bool(match["open1"] or match["open2"])
    if opened != bool(rest["close1"] or rest["close2"]):
        return None
    negative = opened or bool(rest["minus"]) or "-" in (match["sign1"], match["sign2"], match["sign3"])
    unit, suffix = _unit_of(match["currency"] or "", rest["unit"] or "")
    return Numeral(match["body"], negative, unit, suffix)


def _written(text: str) -> Numeral | None:
    """A number that is written in another way than with figures alone."""
    if text.lower() in _SPELLED:
        return Numeral(text, fixed=float(_SPELLED[text.lower()]))
    if match := _FRACTION.fullmatch(text):
        upper, lower = int(match[3]), int(match[4])
        if upper < lower:
            return Numeral(text, match[1] == "-", fixed=int(match[2] or 0) + upper / lower)
    if match := _VULGAR_NUMBER.fullmatch(text):
        return Numeral(text, match[1] == "-", fixed=int(match[2] or 0) + _VULGAR[match[3]])
    return None


def _grouped(body: str) -> bool:
    """Whether its separators can be those of one number: not `01.03.2019`, not `1.2.3`."""
    parts = re.split(r"[., ']", body)
    if len(parts) <= 2:
        return True
    separators = re.findall(r"[., ']", body)
    inner = parts[1:] if len(set(separators)) == 1 else parts[1:-1]
    if len(set(separators)) > 2 or (len(set(separators)) == 2 and separators.count(separators[-1]) > 1):
        return False
    return (
        bool(parts[0]) and all(len(part) == 3 for part in inner[-1:]) and all(len(p) in (2, 3) for p in inner)
    )


def _glued(body: str, rest: str) -> bool:
    """A letter right behind is part of a name (`5th Avenue`, `3D`, `747B`) unless it is a unit."""
    word = re.match(r"[^\W\d_]+", rest)
    return word is not None and unit_phrase(word[0]) is None


def _unit_of(currency: str, behind: str) -> tuple[Unit, str]:
    """The unit of a cell, and what stands behind the number that is none."""
    own = unit_word(currency) if currency else None
    behind = behind.strip(" .-")
    unit = own or NO_UNIT
    if not behind:
        return unit, ""
    if own is not None and behind.lower() in BRIEF_FACTORS:
        return Unit(unit.name, BRIEF_FACTORS[behind.lower()]), ""
    if behind.lower().rstrip(".") in FACTORS and behind.lower() != "000":
        return Unit(unit.name, FACTORS[behind.lower().rstrip(".")]), ""
    found = unit_phrase(behind)
    if found is None:
        return unit, behind
    return Unit(unit.name or found.name, found.factor), ""


def _body_value(body: str, decimal: str) -> float | None:
    """The value where `decimal` is the mark of the fraction; `None` where that cannot be."""
    group = "," if decimal == "." else "."
    whole, mark, part = body.rpartition(decimal)
    if not mark:
        whole, part = body, ""
    if decimal in whole or group in part:
        return None
    pieces = re.split(rf"[{re.escape(group)} ']", whole)
    if len(pieces) > 1 and (len(pieces[-1]) != 3 or not all(len(piece) <= 3 for piece in pieces)):
        return None
    return float("".join(pieces) + "." + part if part else "".join(pieces) or "0")


def decimal_votes(numerals: Iterable[Numeral]) -> Counter[str]:
    """How many of the numbers can only be read with "." or only with "," before the fraction."""
    votes: Counter[str] = Counter()
    for one in numerals:
        if one.fixed is None and ("." in one.body or "," in one.body):
            votes[_decimal_of(one.body)] += 1
    return votes


def _decimal_of(body: str) -> str:
    """The mark of the fraction, or nothing where the number leaves it open."""
    marks = [one for one in body if one in ".,"]
    last = marks[-1]
    other = "," if last == "." else "."
    if len(set(marks)) == 2:
        return last
    if len(marks) > 1:
        return other
    before, _, after = body.partition(last)
    if len(after) != 3 or len(before) > 3 or before in ("", "0") or " " in before or "'" in before:
        return last
    return ""


def decimal_mark(votes: Counter[str], table: str) -> str:
    """The mark of a column from its votes; where they leave it open, that of the table."""
    if votes["."] == votes[","]:
        return table
    return "." if votes["."] > votes[","] else ","
