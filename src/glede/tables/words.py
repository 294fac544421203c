"""What the cells and headers of tables say beside their numbers: units, factors, marks for "none".

In English, German, Russian, Arabic and Chinese, with what is international. Also the cleaning of a cell:
digits of other scripts, the many minus signs and spaces, footnote marks.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

NONE = frozenset(
    """- – — ― -- --- –– —— . .. ... … _ __ ___ ? * / n/a na n.a. n/m nm n.m. nil null nan none tba tbd tbc
    unknown k.a.
    entf. keine нет н/д н.д. 无 无数据 不适用 暂无 － لا·يوجد غير·متاح not·applicable not·available
    not·meaningful not·known keine·angabe нет·данных""".replace("\n", " ").split()
)
"""Texts that stand for no value, lower case; `·` is a space."""
TRUE = frozenset("yes true ja wahr да 是 نعم ✓ ✔ ☑ ✅ oui sí".split())  # noqa: SIM905 - read as a row of words
FALSE = frozenset("no false nein falsch нет 否 لا ✗ ✘ ☐ ❌ non".split())  # noqa: SIM905 - as above

FACTORS = {
    "thousand": 1e3, "thousands": 1e3, "k": 1e3, "000s": 1e3, "'000": 1e3, "000": 1e3, "tsd": 1e3,
    "tausend": 1e3,
    "тыс": 1e3, "тысяч": 1e3, "ألف": 1e3, "千": 1e3,
    "万": 1e4, "萬": 1e4, "lakh": 1e5, "crore": 1e7, "百万": 1e6, "千万": 1e7,
    "million": 1e6, "millions": 1e6, "mn": 1e6, "mio": 1e6, "mill": 1e6, "millionen": 1e6,
    "млн": 1e6,
    "миллионов": 1e6, "مليون": 1e6, "亿": 1e8, "億": 1e8,
    "billion": 1e9, "billions": 1e9, "bn": 1e9, "mrd": 1e9, "milliarden": 1e9, "млрд": 1e9, "миллиардов": 1e9,
    "مليار": 1e9, "十亿": 1e9, "trillion": 1e12, "trillions": 1e12, "трлн": 1e12,
}  # fmt: skip
BRIEF_FACTORS = {"k": 1e3, "m": 1e6, "mm": 1e6, "b": 1e9, "t": 1e12}
"""What these letters mean beside a currency: `$5m`; elsewhere `mm` are millimetres."""
FACTOR_NAMES = {
    1e3: "thousand", 1e4: "ten thousand", 1e5: "hundred thousand", 1e6: "million", 1e7: "ten million",
    1e8: "hundred million", 1e9: "billion", 1e12: "trillion",
}  # fmt: skip
CURRENCIES = {
    "$": "$", "us$": "$", "usd": "$", "dollar": "$", "dollars": "$", "u.s.$": "$", "доллар": "$",
    "долл": "$",
    "美元": "$", "دولار": "$", "€": "€", "eur": "€", "euro": "€", "euros": "€", "евро": "€",
    "欧元": "€", "يورو": "€",
    "£": "£", "gbp": "£", "pounds·sterling": "£", "¥": "¥", "jpy": "¥", "yen": "¥", "日元": "¥",
    "rmb": "RMB", "cny": "RMB", "yuan": "RMB", "元": "RMB", "人民币": "RMB", "₽": "₽", "rub": "₽", "руб": "₽",
    "рублей": "₽", "₹": "₹", "inr": "₹", "rs": "₹", "chf": "CHF", "sfr": "CHF", "a$": "A$", "aud": "A$",
    "c$": "C$",
    "cad": "C$", "hk$": "HK$", "hkd": "HK$", "nt$": "NT$", "r$": "R$", "₩": "₩", "krw": "₩",
    "₪": "₪", "nis": "₪",
    "sek": "SEK", "nok": "NOK", "dkk": "DKK", "sar": "SAR", "ريال": "SAR", "درهم": "AED",
    "aed": "AED", "s$": "S$",
}  # fmt: skip
SIGNS = frozenset(CURRENCIES.values())
PERCENT = frozenset("% ％ ٪ percent per·cent pct prozent процент процентов بالمئة 百分比 v.h.".split())  # noqa: SIM905
UNITS = frozenset(
    """kg g mg µg t lb lbs oz km m cm mm nm µm mi ft in yd m² m³ km² cm² ha sq·mi sq·ft sq·km km2 m2 m3 acres
    °c °f sec min h hr hrs ms µs hz khz mhz ghz w kw mw gw kwh mwh gwh twh kv ma kb mb gb tb kib mib gib
    l ml gal bar pa kpa hpa mph km/h m/s kn pts bps bp pp years yrs months weeks days hours minutes
    seconds miles meters metres feet inches tons tonnes barrels ppm
    db nmi кг г т км м см мм га чел шт лет кв·км ч мин с л
    كم كجم متر سنة 公里 公斤 米 人 吨 平方公里 年 天 小时 个 岁
    jahre tage stunden einwohner stück mann euro/t people persons
    per·share""".replace("\n", " ").split()
)  # fmt: skip
_FILLERS = frozenset(
    """in of u.s. us a the expressed amounts amount figures values value total all except der die das den
    в сумма сумме angaben alle beträge and 单位 الوحدة بال""".split()  # noqa: SIM905 - as above
)

LONGEST = 200
"""Characters of a cell that may be a number or a date; what is longer is prose."""
_CONTROLS = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad\u061c]")
_TRANSLATED = str.maketrans(
    {
        "−": "-", "﹣": "-", "－": "-", "٫": ".", "٬": ",", "，": ",", "．": ".", "％": "%", "٪": "%",
        "（": "(",
        "）": ")", "’": "'", "‘": "'", "＄": "$", "￥": "¥", "￡": "£", "：": ":",
    }
)  # fmt: skip
_SPACES = re.compile(r"\s+")
_DASHED_NUMBER = re.compile(r"^([($€£¥\s]*)[–‐‑‒](?=[\s$€£¥]*[\d.])")
_FOOTNOTES = re.compile(
    r"(?<=[\w%).:])(?:\s*(?:\[[^\[\]]{1,24}\]|[*†‡§¶#]|\([a-z]\)|\(\d\)(?=$))|(?<=[\d)%])[¹²³⁰⁴-⁹]+)+$"
)


def cleaned(text: str) -> str:
    """The text with ASCII digits, signs and spaces of one kind, one line."""
    return _cleaned_short(text) if len(text) <= LONGEST else _cleaned(text)


def _cleaned(text: str) -> str:
    if text.isascii():
        return _SPACES.sub(" ", text).strip()
    text = _CONTROLS.sub("", text).translate(_TRANSLATED)
    text = "".join(_ascii_digit(one) for one in text)
    text = _SPACES.sub(" ", text).strip()
    return _DASHED_NUMBER.sub(r"\1-", text)


_cleaned_short = lru_cache(maxsize=100_000)(_cleaned)


def _ascii_digit(one: str) -> str:
    if one.isascii() or unicodedata.category(one) != "Nd":
        return one
    return str(unicodedata.decimal(one))


def without_footnotes(text: str) -> str:
    """A cleaned text without the marks at its end: `1,234*`, `56 [3]`, `7†`, `8 (a)`."""
    head, tail = text[:-LONGEST], text[-LONGEST:]
    return (head + _FOOTNOTES.sub("", tail)).strip()


def is_none(text: str) -> bool:
    """Whether a cleaned text stands for no value in a column of numbers or dates."""
    bare = text.strip("$€£¥% ").lower()  # `$—` is none too
    return not bare or bare.replace(" ", "·") in NONE


@dataclass(frozen=True, slots=True)
class Unit:
    """What numbers count: `name` is "$", "%", "kg" or nothing, `factor` 1000 for thousands."""

    name: str = ""
    factor: float = 1.0

    @property
    def label(self) -> str:
        """As it is said: `million $`, `%`, `kg`."""
        return " ".join(part for part in (FACTOR_NAMES.get(self.factor, ""), self.name) if part)

    @property
    def scale(self) -> float:
        """What turns the numbers into plain ones: .01 of percent."""
        return 0.01 if self.name == "%" else self.factor


NO_UNIT = Unit()


def unit_word(word: str) -> Unit | None:
    """The unit that one word or sign is, `None` where it is none."""
    key = word.lower().strip().replace(" ", "·")
    bare = key.rstrip(".:")
    for one in (key, bare):
        if one in PERCENT:
            return Unit("%")
        if one in CURRENCIES:
            return Unit(CURRENCIES[one])
        if one in FACTORS:
            return Unit("", FACTORS[one])
        if one in UNITS:
            return Unit(word.strip().rstrip(":"))
    return None


_WORDS = re.compile(
    r"'000s?|[$€£¥₽₹₩₪%]|(?:us|a|c|hk|nt|r|s|u\.s\.)\$|百万|千万|十亿|人民币|[\u4e00-\u9fff]{2,3}|[\u4e00-\u9fff]"
    r"|(?<=\D)000\b|[^\s,;:$€£¥₽₹₩₪%()'\u4e00-\u9fff]+",
    re.IGNORECASE,
)
_TIMES_THOUSAND = re.compile(r"[x×]\s*1[ ,.']?000", re.IGNORECASE)
_EXCEPT = re.compile(r"\b(?:except|unless|other than|ausgenommen|außer|кроме)\b.*", re.IGNORECASE)


def unit_phrase(text: str) -> Unit | None:
    """The unit where a text says nothing else: `in millions of U.S. dollars`, `$ million`, `Tsd. EUR`."""
    text = _EXCEPT.sub("", text).strip(" ()[]{}:;,.")
    if not text or len(text) > 60:
        return None
    if _TIMES_THOUSAND.fullmatch(text):
        return Unit("", 1e3)
    if single := unit_word(text):
        return single
    found = NO_UNIT
    for word in _split_words(text):
        bare = word.lower().rstrip(".")
        if word.lower() in _FILLERS or bare in _FILLERS:
            continue
        brief = BRIEF_FACTORS.get(bare) if found.name in SIGNS else None
        unit = Unit("", brief) if brief else unit_word(word)
        if unit is None:
            return None
        if unit.name and found.name and unit.name != found.name:
            return None  # "400 m h": no unit of one thing
        found = Unit(found.name or unit.name, found.factor if unit.factor == 1 else unit.factor)
    return found if found != NO_UNIT else None


def _split_words(text: str) -> list[str]:
    words: list[str] = []
    for word in _WORDS.findall(text):
        compact = re.fullmatch(r"[\u4e00-\u9fff]{2,}", word)
        if compact and unit_word(word) is None and word not in _FILLERS:
            words += list(word)  # 万元: each sign is a word
        else:
            words.append(word)
    return words


_IN_UNITS = re.compile(
    r"\(?(?:\b(?:in|dollars?|euros?|amounts?|figures)\b|[$€£¥]|\bRMB|\bUS\$)[^()\d]{0,40}?"
    r"\b(?:thousands?|millions?|billions?|mio|mrd|tsd|bn)\b[^()\n]{0,30}|"
    r"\bв\s+(?:тыс|млн|млрд)[^()\n]{0,20}|单位[:\s]*\S{1,8}|\(\s*(?:百万|千万|十亿|万|亿|千)?(?:元|美元|人民币)\s*\)|"
    r"\([^()]{1,60}\)",
    re.IGNORECASE,
)


_SAID = re.compile(
    r"\([^()]{1,80}\)|\b(?:amounts?|figures|dollars|numbers|values|expressed|stated|presented|angaben|beträge)"
    r"(?:\s+are)?\s+(?:expressed\s+)?(?:in|of)\s+[^().;:\n]{0,30}\b(?:thousands?|millions?|billions?|mio|mrd|tsd)\b"
    r"|单位[:\s]*\S{1,8}",
    re.IGNORECASE,
)


def unit_said(text: str) -> Unit | None:
    """The factor that prose around a table says of its numbers: `(in thousands)`, `amounts in millions`."""
    for match in _SAID.finditer(cleaned(text)):
        phrase = re.sub(
            r"\bare\b|\bsaid\b|\bstated\b|\bpresented\b|\bnumbers\b", "", match[0], flags=re.IGNORECASE
        )
        unit = unit_phrase(phrase)
        if unit is not None and unit.factor != 1:
            return unit
    return None


def unit_within(text: str, *, loose: bool = False) -> Unit | None:
    """The unit that a caption or corner names somewhere: `Assets (in thousands)`, `€ million`.

    `loose` accepts a phrase with other words after it, where a factor is named.
    """
    text = cleaned(text)
    for match in _IN_UNITS.finditer(text):
        phrase = match[0]
        if unit := unit_phrase(phrase):
            return unit
        if loose and (unit := _leading_unit(phrase)):
            return unit
    return None


def _leading_unit(phrase: str) -> Unit | None:
    words = _split_words(_EXCEPT.sub("", phrase).strip(" ()"))
    for count in range(len(words), 0, -1):
        unit = unit_phrase(" ".join(words[:count]))
        if unit and unit.factor != 1:
            return unit
    return None


_HEADER_UNIT = re.compile(r"^(?P<name>.*?\S)\s*[(\[](?P<unit>[^()\[\]]{1,40})[)\]]\s*[*†]?$")
_AFTER = re.compile(r"^(?P<name>.*?\S)(?:,\s*|\s+in\s+|\s+(?=[%$€£]))(?P<unit>[^,()]{1,30})$", re.IGNORECASE)


def header_unit(name: str) -> Unit | None:
    """The unit that a header names: `Weight (kg)`, `Weight, kg`, `Price in €`, `% of total`, `$ million`."""
    name = cleaned(name).strip()
    whole = unit_phrase(name.split(" > ")[-1])
    if whole is not None and (whole.factor != 1 or whole.name == "%" or whole.name in SIGNS):
        return whole  # and not "Pts" or "Age, years": the name says as much
    for pattern in (_HEADER_UNIT, _AFTER):
        match = pattern.match(name)
        if match and (unit := unit_phrase(match["unit"])):
            return unit
    words = name.split()
    for count in (3, 2, 1):  # Sales EUR million
        unit = unit_phrase(" ".join(words[-count:])) if len(words) > count else None
        if unit is not None and unit.factor != 1:
            return unit
    return (
        Unit("%") if re.search(r"(?:^|\s)%|%$|\bpercent(?:age)?\b|\bprozent\b", name, re.IGNORECASE) else None
    )
