"""Numbers as a spreadsheet shows them: its number formats for dates, percent, currencies and thousands."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm",
    37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)",
    41: "#,##0;-#,##0", 42: "$#,##0;-$#,##0", 43: "#,##0.00;-#,##0.00", 44: "$#,##0.00;-$#,##0.00",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""The formats that files name by number only; dates that follow the reader's country are ISO dates here."""
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?:.)|\*(?:.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<noon>AM/PM|A/P|上午/下午)|(?P<exponent>E[+-])"
    r"|(?P<date>y+|m+|d+|h+|s+|e+|b+)|(?P<digits>[0#?][0#?,.]*|\.[0#?]+)|(?P<slash>/\s*[?0#\d]+)|(?P<text>@)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_LAST_DAY = 2_958_466
_LONGEST = 255
"""What a format may have in characters, as in the programs that write it."""
_MOST_DIGITS = 30


@dataclass(frozen=True, slots=True)
class _Section:
    """One of up to four parts of a format: tokens of a kind and a text."""

    tokens: tuple[tuple[str, str], ...]
    condition: tuple[str, float] | None = None
    elapsed: str = ""

    @property
    def dated(self) -> bool:
        return bool(self.elapsed) or any(kind == "date" for kind, _ in self.tokens)


@dataclass(frozen=True)
class NumberFormat:
    """A format code, taken apart; `is_1904` says that days count from the year 1904."""

    code: str
    is_1904: bool = False
    sections: tuple[_Section, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = _split(self.code[:_LONGEST] or "General")
        object.__setattr__(self, "sections", tuple(_section(part) for part in parts[:4]))

    @property
    def dated(self) -> bool:
        """Whether numbers are days and times."""
        return self.sections[0].dated


def shown(text: str, pattern: NumberFormat) -> str:
    """The number in `text` as it is shown in this format; what is no number as it is."""
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    section, signed = _chosen(number, pattern)
    if section is None:
        return general(number)
    if section.dated:
        return _dated(number, section, pattern.is_1904)
    return _formatted(number if signed else abs(number), section)


def shown_text(text: str, pattern: NumberFormat) -> str:
    """A text in this format: only a fourth section, or one for text alone, adds to it."""
    section = pattern.sections[3] if len(pattern.sections) == 4 else None
    if (
        section is None
        and len(pattern.sections) == 1
        and any(k == "text" for k, _ in pattern.sections[0].tokens)
    ):
        section = pattern.sections[0]
    if section is None or not any(kind == "text" for kind, _ in section.tokens):
        return text
    return "".join(text if kind == "text" else part for kind, part in section.tokens)


def general(number: float) -> str:
    """Without a format: at most 11 significant digits, as a cell shows them, no trailing zeros."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    text = f"{number:.11g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa}E{exponent}"
    return text


def _split(code: str) -> list[str]:
    """At semicolons that are neither quoted nor escaped."""
    parts = re.findall(r'(?:"[^"]*"?|\\.|[_*].|\[[^\]]*\]|[^;"\\_*\[]|[\\_*\[])*(?:;|$)', code, re.DOTALL)
    return [part.removesuffix(";") for part in parts[: code.count(";") + 1]] or [""]


def _section(code: str) -> _Section:
    tokens: list[tuple[str, str]] = []
    condition: tuple[str, float] | None = None
    elapsed = ""
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or ""
        text = match[kind] if kind else ""
        if kind == "bracket":
            if found := _CONDITION.fullmatch(text):
                condition = (found[1], float(found[2]))
            elif re.fullmatch(r"h+|m+|s+", text, re.IGNORECASE):
                elapsed = text[0].lower()
                tokens.append(("elapsed", text.lower()))
            elif text.startswith("$"):
                tokens.append(("literal", text[1:].partition("-")[0]))
        elif kind in ("quoted", "escaped", "other"):
            tokens.append(("percent" if kind == "other" and text == "%" else "literal", text))
        elif kind:
            tokens.append((kind, text))
    return _Section(tuple(tokens), condition, elapsed)


def _chosen(number: float, pattern: NumberFormat) -> tuple[_Section | None, bool]:
    """The section for a number, and whether its sign is still to be shown."""
    sections = pattern.sections
    numeric = sections[:3]
    if any(section.condition for section in numeric):
        for section in numeric:
            if section.condition is None or _holds(number, section.condition):
                return _usable(section), True
        return None, True
    if number < 0 and len(numeric) > 1:
        return _usable(numeric[1]), False
    if number == 0 and len(numeric) > 2:
        return _usable(numeric[2]), True
    return _usable(numeric[0]), True


def _usable(section: _Section) -> _Section | None:
    kinds = {kind for kind, _ in section.tokens}
    return None if kinds <= {"general", "text"} and kinds else section


def _holds(number: float, condition: tuple[str, float]) -> bool:
    sign, limit = condition
    return {
        "<": number < limit,
        ">": number > limit,
        "=": number == limit,
        "<=": number <= limit,
        ">=": number >= limit,
        "<>": number != limit,
    }[sign]


def _formatted(number: float, section: _Section) -> str:
    kinds = [kind for kind, _ in section.tokens]
    percent = kinds.count("percent")
    sign = "-" if number < 0 else ""
    value = abs(number)
    if "slash" in kinds:
        return sign + _fraction(value, section)
    try:
        exact = Decimal(repr(value)) * 100**percent
    except InvalidOperation:
        return general(number)
    text, patterns = _digits(exact, section)
    if not patterns and "general" in kinds:
        text = general(float(exact))
    body = ""
    used = False
    for kind, part in section.tokens:
        if kind in ("digits", "general"):
            body += "" if used else text
            used = True
        elif kind == "percent":
            body += "%"
        elif kind == "literal":
            body += part
    if sign and not re.search(r"[1-9]", text):
        sign = ""
    return (sign + body).strip()


def _digits(value: Decimal, section: _Section) -> tuple[str, list[str]]:
    """The digits by the patterns of `0`, `#`, `?`, comma and point of a section."""
    patterns = [part for kind, part in section.tokens if kind == "digits"]
    exponent = any(kind == "exponent" for kind, _ in section.tokens)
    if not patterns:
        return "", patterns
    pattern = patterns[0] if exponent else "".join(patterns)
    whole, point, decimals = pattern.partition(".")
    decimals = decimals.replace(".", "")
    if exponent:
        return _scientific(value, whole, decimals, patterns[1:]), patterns
    tail = re.search(r",+$", pattern if not point else whole) or re.search(r",+$", decimals)
    if tail:
        value /= Decimal(1000) ** len(tail[0])
    places = [sign for sign in decimals if sign != ","][:_MOST_DIGITS]
    rounded = value.quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP) if value < 10**20 else value
    left, _, right = f"{rounded:f}".partition(".")
    while right and places[len(right) - 1 :][:1] in (["#"], ["?"]) and right.endswith("0"):
        right = right[:-1]
    least = min(whole.count("0"), _MOST_DIGITS)
    left = left.lstrip("0").rjust(least, "0")
    if "," in whole.rstrip(","):
        left = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", left)
    return f"{left}.{right}" if right else left or ("" if least == 0 and point else left), patterns


def _scientific(value: Decimal, whole: str, decimals: str, power: list[str]) -> str:
    digits = min(len(decimals), _MOST_DIGITS)
    mantissa, _, exponent = f"{value:.{digits}E}".partition("E")
    width = max((len(part) for part in power), default=2)
    number = int(exponent)
    return f"{mantissa}E{'-' if number < 0 else '+'}{abs(number):0{min(width, 9)}d}"


def _fraction(value: float, section: _Section) -> str:
    slash = next(part for kind, part in section.tokens if kind == "slash")
    below = slash[1:].strip()
    whole = math.floor(value)
    rest = Fraction(value - whole)
    if below.isdigit() and int(below):
        part = Fraction(round(rest * int(below)), 1)
        over, under = int(part), int(below)
    else:
        found = rest.limit_denominator(10 ** min(len(below), 4) - 1)
        over, under = found.numerator, found.denominator
    if over == under:
        whole, over = whole + 1, 0
    if not over:
        return str(whole)
    return f"{whole} {over}/{under}" if whole else f"{over}/{under}"


def _dated(number: float, section: _Section, is_1904: bool) -> str:
    moment = moment_of(number, is_1904)
    if moment is None:
        return general(number)
    halves = any(kind == "noon" for kind, _ in section.tokens)
    text = ""
    tokens = section.tokens
    skipped = False
    for place, (kind, part) in enumerate(tokens):
        if skipped:
            skipped = False
        elif kind == "elapsed":
            text += _elapsed(number, part)
        elif kind == "date":
            text += _date_part(moment, part.lower(), _is_minutes(tokens, place), halves=halves)
        elif kind == "noon":
            text += "AM" if moment.hour < 12 else "PM"
        elif kind == "digits" and part.startswith("."):
            text += f".{moment.microsecond // 1000:03d}"[: len(part)]
        elif kind in ("literal", "digits", "slash"):
            text += part
    return text.strip()


def moment_of(number: float, is_1904: bool) -> datetime | None:
    """The date and time of a day's number; the day 60 of 1900 never was."""
    if not 0 <= number < _LAST_DAY:
        return None
    start = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 31 if number < 60 else 30)
    try:
        moment = start + timedelta(days=number)
    except OverflowError:
        return None
    return (moment + timedelta(microseconds=500)).replace(
        microsecond=(moment + timedelta(microseconds=500)).microsecond // 1000 * 1000
    )


def _is_minutes(tokens: tuple[tuple[str, str], ...], place: int) -> bool:
    """An `m` is minutes behind hours or before seconds."""
    clock = [
        (number, part.lower()[0]) for number, (kind, part) in enumerate(tokens) if kind in ("date", "elapsed")
    ]
    index = next(number for number, (at, _) in enumerate(clock) if at == place)
    before = clock[index - 1][1] if index else ""
    after = clock[index + 1][1] if index + 1 < len(clock) else ""
    return before == "h" or after == "s"


def _date_part(moment: datetime, part: str, minutes: bool, *, halves: bool) -> str:
    letter, width = part[0], len(part)
    if letter in "ye":
        return f"{moment.year:04d}" if width > 2 or letter == "e" else f"{moment.year % 100:02d}"
    if letter == "b":
        return str(moment.year + 543)
    if letter == "d" and width > 2:
        return _DAYS[moment.weekday()] if width > 3 else _DAYS[moment.weekday()][:3]
    if letter == "m" and not minutes and width > 2:
        name = _MONTHS[moment.month - 1]
        return name[0] if width == 5 else name if width == 4 else name[:3]
    hour = (moment.hour % 12 or 12) if halves else moment.hour
    number = {
        "d": moment.day,
        "h": hour,
        "s": moment.second,
        "m": moment.minute if minutes else moment.month,
    }[letter]
    return f"{number:02d}" if width > 1 else str(number)


def _elapsed(number: float, part: str) -> str:
    seconds = round(number * 86_400)
    value = {"h": seconds // 3600, "m": seconds // 60, "s": seconds}[part[0]]
    return f"{value:0{min(len(part), 9)}d}"
