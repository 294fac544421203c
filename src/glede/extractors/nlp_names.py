"""Proper names of scripts that have capitals: runs of capitalised words, their parts, and what is quoted.

A run goes on over small words (of, de, van) and is taken apart at "and". The first word of a sentence is
capitalised for no reason of its own, so that it counts only where the document writes it no other way.
German capitalises all nouns: there, what follows an article or an adjective is no name.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Set
from functools import lru_cache
from typing import NamedTuple

from glede.extractors.nlp_words import COMMON, NOUN_ENDINGS, NOUN_SIGNALS, ROLES, STARTERS
from glede.languages import STOPWORDS


class Found(NamedTuple):
    """A name and where it stands in the text; `quoted` where marks set it apart."""

    name: str
    start: int
    end: int
    quoted: bool = False


def _capitals() -> str:
    """All capital letters as a character class."""
    letters = [chr(code) for code in range(0x41, 0x1FFF) if chr(code).isupper() or chr(code).istitle()]
    ranges: list[list[str]] = []
    for letter in letters:
        if ranges and ord(letter) == ord(ranges[-1][1]) + 1:
            ranges[-1][1] = letter
        else:
            ranges.append([letter, letter])
    return "".join(first if first == last else f"{first}-{last}" for first, last in ranges)


CAPITAL = _capitals()
_WORD = (
    rf"[{CAPITAL}](?:(?:\.[{CAPITAL}])*\.(?=[ \u00a0]?[{CAPITAL}])|[^\W_]*(?:(?:['’](?!s\b)|[-‐‑])[^\W_]+)*)"
)
_SMALL = (
    r"of|de|van|von|der|den|di|da|del|della|dello|dei|degli|des|du|do|dos|das|la|le|les|los|las|el|al|bin|ibn|"
    r"ben|y|e|et|und|and|zu|zum|zur|ten|ter|the|for|af|av|på|och|og|и|à|aux|sur|upon|&"
)
_ABBREVIATED = (
    r"(?:(?<=\bSt)|(?<=\bDr)|(?<=\bMr)|(?<=\bMs)|(?<=\bMt)|(?<=\bFt)|(?<=\bLt)|(?<=\bMrs)|(?<=\bCol)|"
    r"(?<=\bGen)|(?<=\bRev)|(?<=\bSen)|(?<=\bGov)|(?<=\bSgt)|(?<=\bMaj)|(?<=\bProf)|(?<=\bCapt))\."
)
_JOINT = (
    rf"(?:{_ABBREVIATED})?[ \u00a0](?:(?:{_SMALL})[ \u00a0](?:(?:the|la|los|las|der|den|l['’])[ \u00a0])?)?"
)
_NUMBER = r"(?:[ \u00a0]\d{1,3}(?![\w.,%:/-]*\d|\w|%|[ \u00a0](?:[a-z]|million|billion|percent)))?"
_RUN = re.compile(rf"{_WORD}{_NUMBER}(?:{_JOINT}{_WORD}{_NUMBER})*")
"""A capitalised word, and those that follow it, small words between them."""
_QUOTED = re.compile(
    r'(?<![\w"])"([^"\n]{2,80})"(?!\w)|“([^“”"\n]{2,80})”|«\s?([^«»\n]{2,80}?)\s?»|„([^„“”\n]{2,80})[“”]'
)
_SPLIT = re.compile(r"[ \u00a0](?:and|und|et|y|e|og|och|и|&)[ \u00a0](?:the[ \u00a0])?")
_STOPS = frozenset('.!?:;\n"“”„«»()•*|>–—…。')
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
LONGEST_RUN = 12
"""Words of a run that is a name; a longer one is a line in capitals."""
_STOPPED = STOPWORDS["en"] | STOPWORDS["ru"]


def plain_words(text: str) -> frozenset[str]:
    """The words that a text writes in small letters: what is in it capitalised as well is no name alone."""
    return frozenset(word for word in _WORDS.findall(text) if word[0].islower())


def names_in(text: str, language: str, small: Set[str]) -> Iterator[Found]:
    """The names in a text, in order; `small` are the words its document writes in small letters."""
    for match in _RUN.finditer(text):
        start = match.start()
        if start and (text[start - 1].isalnum() or text[start - 1] in "_@#/\\$`"):
            if not (match.end() - start > 1 and _hump(text, start)):
                continue
            start = _hump_start(text, start)
        yield from _of_run(text, start, match.end(), language, small)
    yield from _quoted(text)


def _hump(text: str, start: int) -> bool:
    """Whether a capital stands inside a name as in iPhone."""
    return _hump_start(text, start) != start


def _hump_start(text: str, start: int) -> int:
    for back in (1, 2):
        if (
            text[max(0, start - back) : start].islower()
            and not text[max(0, start - back - 1) : start - back].isalnum()
        ):
            return start - back
    return start


def _of_run(text: str, start: int, end: int, language: str, small: Set[str]) -> Iterator[Found]:
    run = text[start:end]
    first = _begins(text, start)
    if language == "de":
        yield from _german(text, start, run, first, small)
        return
    offset = _skipped(run, first, small)
    run = run[offset:].lstrip()
    start = end - len(run)
    if not run or run.count(" ") >= LONGEST_RUN:
        return
    yield from _parts(run, start, offset == 0 and first, small)


def _begins(text: str, start: int) -> bool:
    """Whether a sentence, a line or a bracket begins there."""
    place = start - 1
    while place >= 0 and text[place] in " \u00a0\t'‘’-":
        place -= 1
    return place < 0 or text[place] in _STOPS


def _skipped(run: str, first: bool, small: Set[str]) -> int:
    """How many characters at the beginning of a run are no part of a name."""
    offset = 0
    while match := _WORDS.match(run, offset):
        word = match[0]
        lower = word.casefold()
        if not (lower in STARTERS or lower in _STOPPED or (first and offset == 0 and lower in COMMON)):
            break
        if word.isupper() and len(word) > 1 and lower not in ("the", "and", "of"):
            break
        offset = match.end()
        offset += len(run[offset:]) - len(run[offset:].lstrip(" \u00a0.’'"))
        offset += _small_ahead(run, offset)
    return offset


_AHEAD = re.compile(rf"(?:(?:{_SMALL})[ \u00a0])+")


def _small_ahead(run: str, offset: int) -> int:
    match = _AHEAD.match(run, offset)
    return match.end() - offset if match else 0


def _parts(run: str, start: int, first: bool, small: Set[str]) -> Iterator[Found]:
    """The run, or what stands on both sides of "and" in it; both where it may be either."""
    places = [(match.start(), match.end()) for match in _SPLIT.finditer(run)]
    if not places:
        if _is_name(run, first, small):
            yield Found(run, start, start + len(run))
        return
    bounds = [0, *(place for pair in places for place in pair), len(run)]
    parts = [(bounds[place], bounds[place + 1]) for place in range(0, len(bounds), 2)]
    if len(parts) == 2 and (
        all(" " not in run[one:two] for one, two in parts) or "&" in run or " of " in run
    ):
        yield Found(run, start, start + len(run))
    for one, two in parts:
        part = run[one:two]
        if _is_name(part, first and one == 0, small):
            yield Found(part, start + one, start + two)


def _is_name(run: str, first: bool, small: Set[str]) -> bool:
    """Whether a run is more than a word that begins a sentence."""
    if len(run) < 2:
        return False
    if " " in run:
        return True
    lower = run.casefold()
    if lower in COMMON or lower in _STOPPED or lower in ROLES:
        return run.isupper() and len(run) > 1 and not first
    return not (first and (lower in small or _plain_form(lower) in small or _derived(lower)))


def _plain_form(lower: str) -> str:
    return lower[:-1] if lower.endswith("s") else lower + "s"


@lru_cache(maxsize=2**14)
def _derived(lower: str) -> bool:
    """Whether a word is by its ending an adverb, a participle or an abstract noun."""
    return lower.isascii() and lower.endswith(
        ("ly", "ing", "tion", "tions", "ment", "ments", "ness", "ities", "ists", "ously", "ers", "ings")
    )


def _german(text: str, start: int, run: str, first: bool, small: Set[str]) -> Iterator[Found]:
    """Of a German run, what is a name: several capitalised words, or one that no article makes a noun."""
    offset = _skipped(run, first, small)
    name = run[offset:].lstrip()
    begin = start + len(run) - len(name)
    for found in _parts(name, begin, first and offset == 0, small):
        words = found.name.split()
        if len(words) > 1:
            while words and _is_noun(words[0]) and len(words) > 1:
                words = words[1:]
            cut = " ".join(words)
            yield Found(cut, found.end - len(cut), found.end)
        elif not first and not _is_noun(found.name) and not _after_signal(text, found.start):
            yield found


def _is_noun(word: str) -> bool:
    return word.casefold().endswith(NOUN_ENDINGS)


def _after_signal(text: str, start: int) -> bool:
    """Whether the word before says that a noun follows: an article, a pronoun, an adjective, a number."""
    before = text[max(0, start - 24) : start].split()
    if not before:
        return False
    word = before[-1].strip("(„\"'")
    return (
        word.casefold() in NOUN_SIGNALS
        or (word.islower() and word.endswith(("e", "en", "er", "es", "em")) and word not in STOPWORDS["de"])
        or word[:1].isdigit()
    )


def _quoted(text: str) -> Iterator[Found]:
    """What stands in quotation marks and looks like a title: short, with a capital, no sentence."""
    for match in _QUOTED.finditer(text):
        name = match[match.lastindex or 0].strip(" ,.;")
        words = name.split()
        if (1 <= len(words) <= 8 and name[:1].isupper() and name[-1:] not in "!?…") or len(words) == 1:
            yield Found(sys.intern(name) if len(name) < 20 else name, match.start(), match.end(), quoted=True)
