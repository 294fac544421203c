"""Numbers that are not written in digits: Roman numerals, and the words for small numbers."""

from __future__ import annotations

import re

_ROMAN = re.compile(r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.IGNORECASE)
_WORTH = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_NUMERALS = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_CARDINALS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty",
    "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn zwanzig",
)
NUMBER_WORDS = {word: value for words in _CARDINALS for value, word in enumerate(words.split(), 1)}
"""What the words from one to twenty are worth, in English and German."""


def roman_value(letters: str) -> int:
    """The value of a Roman numeral, 0 where it is none."""
    if not letters or not _ROMAN.fullmatch(letters):
        return 0
    values = [_WORTH[letter] for letter in letters.lower()]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


def roman(number: int) -> str:
    """The Roman numeral of a number above 0, in small letters."""
    text = ""
    for value, letters in _NUMERALS:
        text += letters * (number // value)
        number %= value
    return text
