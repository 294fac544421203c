"""The words by which plain questions say what to do: operations, dimensions such as "tall", light words.

English; `glede.tables.questions` turns the German cues into these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from glede.tables.questions import words_of
from glede.text.languages import stem

Degree = Literal["base", "comparative", "superlative"]

OPERATIONS: Mapping[str, re.Pattern[str]] = {
    "many": re.compile(r"\bhow (?:many|much)\b|\bnumber of\b|\bcount of\b"),
    "change": re.compile(
        r"\b(?:change[ds]?|increase[ds]?|decrease[ds]?|growth|grow|grew|grown|rise|rose|risen|declined?|fall"
        r"|fell|fallen|drop|dropped|gained)\b"
    ),
    "percent": re.compile(r"\b(?:percent|percentage|per cent|share|proportion)\b|%"),
    "difference": re.compile(r"\bdifference\b"),
    "average": re.compile(r"\b(?:average|mean|on average)\b"),
    "total": re.compile(
        r"\b(?:in all|altogether|in total|totals?|sum|overall|combined|together|all told|all)\b"
    ),
    "than": re.compile(r"\bthan\b"),
    "or": re.compile(r"\bor\b"),
}
"""What a question asks to be done, by name."""
RISING = re.compile(r"\b(?:increase[ds]?|growth|grow|grew|grown|rise|rose|risen|gained|changed?)\b")
SINKING = re.compile(r"\b(?:decrease[ds]?|declined?|fall|fell|fallen|drop|dropped)\b")
IDLE = re.compile(
    r"\b(?:of|list|name|show|give(?: me)?) all(?: of)?\b|\bat all\b|(?<=\brain )(?:fell|fallen|fall)\b"
    r"|(?<=\bsnow )(?:fell|fallen|fall)\b"
)
"""Where "all" sums nothing up, and what falls does not become less."""
PERIOD = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|mon|tue|wed|thu|fri|sat|sun|q[1-4]|week)"
    r"[a-zä]*\.?(?: ?\d+)?"
)
"""Headers that are months, weekdays, quarters or weeks."""
COMPARED = re.compile(
    r"\b(?:(?P<ge>at least|no less than|(?:a )?minimum of)"
    r"|(?P<le>at most|no more than|(?:a )?maximum of|up to)"
    r"|(?P<gt>over|above)|(?P<lt>under|below)|(?P<word>\w+) than)"
    r" \$?€?(?P<number>\d[\d,]*(?:\.\d+)?)"
    r"(?P<unit> ?(?:(?:mm|cm|m|km|m/s|km/h|kg|mg|g|t|ml|l|hpa|years?(?: old)?|euros?|dollars?)\b|[€%]))?"
    r"(?![\w.,]*\d)"
)
_DOUBTED = """not no nor never without except before after above below under over between than or other same
    only once each few again more most until against out off up down least per respectively why
    both if every"""
DOUBTED = frozenset(_DOUBTED.split())
"""Words that are no content, and yet change what is asked: all must be accounted for."""
_LIGHT = """is are was were be been there list show give tell please name names find recorded counted measured
    noted observed reported registered amount value number figure count according table shown listed
    level come came have has had gab gibt betrug beträgt betragen lag liegt nenne zeige zähle wert
    many much does say said among stand stands stood time altogether exist score scored scores get
    gets got receive received"""
LIGHT = frozenset(_LIGHT.split())
"""Words that only hold a question together."""
PEOPLE = frozenset(("people", "person", "persons", "who", "members", "everyone", "those"))
RECORDS = frozenset(("rows", "row", "entries", "entry", "items", "item", "records", "record"))
YEARS = frozenset(("year", "years", "when"))
TIMES = frozenset(
    ("day", "date", "month", "year", "time", "week", "quarter", "tag", "datum", "monat", "jahr")
)
"""Words of headers that say of a time what it is, and not of what."""
PLACES = "city town country location place home residence village region state stadt ort wohnort land"
SITES = "station site valley venue stadium district county province port harbour airport mountain lake river"
"""Headers of rows that are places."""
THINGS = "order invoice item product article instrument path month week day date year id number"
"""Headers of rows that are nobody."""
VERBS: Mapping[str, str] = {
    **dict.fromkeys(("live", "lives", "lived", "living", "from", "where", "located", "based"), PLACES),
    **dict.fromkeys(("cost", "costs"), "price cost preis kosten"),
    **dict.fromkeys(("weigh", "weighs", "weighed"), "weight gewicht mass"),
    **dict.fromkeys(("costing",), "price cost preis"),
}
"""Verbs and the headers that they call for."""
LATER = frozenset(("last", "latest", "newest"))
EARLIER = frozenset(("first", "earliest", "oldest"))
"""What orders by a year that the question names."""
UP: Mapping[str, Degree] = {
    "more": "comparative", "greater": "comparative", "higher": "comparative", "larger": "comparative",
    "bigger": "comparative", "most": "superlative", "greatest": "superlative", "highest": "superlative",
    "largest": "superlative", "biggest": "superlative", "maximum": "superlative",
    "stronger": "comparative", "strongest": "superlative",
}  # fmt: skip
DOWN: Mapping[str, Degree] = {
    "fewer": "comparative", "less": "comparative", "lower": "comparative", "smaller": "comparative",
    "fewest": "superlative", "least": "superlative", "lowest": "superlative", "smallest": "superlative",
    "minimum": "superlative", "weaker": "comparative", "weakest": "superlative",
}  # fmt: skip
_DIMENSIONS = (
    ("height größe höhe", "tall taller tallest", "short shorter shortest"),
    ("elevation altitude height höhe größe", "high higher highest", "low lower lowest"),
    ("age alter", "old older oldest", "young younger youngest"),
    ("born birth built founded opened geboren baujahr", "new newer newest", "old older oldest"),
    ("born birth geboren", "young younger youngest", "old older oldest"),
    ("length duration distance länge dauer", "long longer longest", "short shorter shortest"),
    ("weight mass gewicht", "heavy heavier heaviest", "light lighter lightest"),
    ("area size population fläche größe einwohner", "large larger largest", "small smaller smallest"),
    ("area size population fläche größe einwohner", "big bigger biggest", "small smaller smallest"),
    ("price cost preis", "expensive dearer dearest", "cheap cheaper cheapest"),
    ("speed geschwindigkeit", "fast faster fastest", "slow slower slowest"),
    ("depth tiefe", "deep deeper deepest", "shallow shallower shallowest"),
    ("width breite", "wide wider widest", "narrow narrower narrowest"),
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the question and where it stands."""

    raw: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Graded:
    """A word that orders: whether towards more, how strongly, and the column that it calls for, if any."""

    word: Word
    up: bool
    degree: Degree
    column: int | None


@dataclass(frozen=True, slots=True)
class Sense:
    """What an adjective says: of which headers, how strongly, and whether more of them."""

    headers: str
    degree: Degree
    up: bool


def senses(word: str) -> tuple[Sense, ...]:
    """What a word can say of the headers it calls for, the likeliest first."""
    return _SENSES.get(word, ())


def _read() -> dict[str, tuple[Sense, ...]]:
    found: dict[str, tuple[Sense, ...]] = {}
    degrees: tuple[Degree, ...] = ("base", "comparative", "superlative")
    for headers, *ends in _DIMENSIONS:
        for up, words in zip((True, False), ends, strict=True):
            for word, degree in zip(words.split(), degrees, strict=True):
                found[word] = (*found.get(word, ()), Sense(headers, degree, up))
    return found


_SENSES = _read()
_RAW = re.compile(r"[^\W_]+")


@lru_cache(maxsize=2**14)
def keys_of(word: str) -> frozenset[str]:
    """What a word is known by: its stems in English and German."""
    return frozenset((*words_of(word), stem(word.casefold(), "de")))


@lru_cache(maxsize=2**10)
def keys_in(text: str) -> frozenset[str]:
    """What the words of a text are known by."""
    return frozenset(key for word in raw_words(text) for key in keys_of(word))


def raw_words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case."""
    return tuple(_RAW.findall(text.casefold()))


def without_means(text: str, headers: Iterable[str]) -> str:
    """The text without headers such as "mean wind": those are looked up, and no mean is to be made."""
    for header in (" ".join(one.casefold().split()) for one in headers):
        if " " in header and OPERATIONS["average"].search(header):
            text = re.sub(rf"(?<!\w){re.escape(header)}(?!\w)", " ", text)
    return text
