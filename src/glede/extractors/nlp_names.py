"""Proper names of scripts that have capitals: runs of capitalised words, their parts, and what is quoted.

A run goes on over small words (of, de, van) and is taken apart at "and". The first word of a sentence is
capitalised for no reason of its own, so that it counts only where the document writes it no other way.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Set
from functools import lru_cache

from glede.extractors.nlp_german import flowing_names, german_names
from glede.extractors.nlp_parts import CAPITAL, STOPPED, Found, parts_of
from glede.extractors.nlp_words import COMMON, STARTERS
from glede.graph.spelling import PLACES
from glede.text.languages import stopwords_of

_WORD = (
    rf"[{CAPITAL}](?:(?:\.[{CAPITAL}])+\.?|\.(?=[ \u00a0]?[{CAPITAL}])"
    rf"|[^\W_]*(?:(?:['’](?!s\b)|[-‐‑])[^\W_]+)*(?:(?<=in)['’](?=[ ][{CAPITAL}]))?)"
)
_SMALL = (
    r"of|de|van|von|der|den|di|da|del|della|dello|dei|degli|des|du|do|dos|das|la|le|les|los|las|el|al|bin|ibn|"
    r"ben|y|e|et|und|and|zu|zum|zur|ten|ter|the|for|af|av|på|och|og|и|фон|ван|де|ди|дер|ибн|à|aux|sur|upon|&"
)
_ABBREVIATED = (
    r"(?:(?<=\bSt)|(?<=\bDr)|(?<=\bMr)|(?<=\bMs)|(?<=\bMt)|(?<=\bFt)|(?<=\bLt)|(?<=\bMrs)|(?<=\bCol)|"
    r"(?<=\bGen)|(?<=\bRev)|(?<=\bSen)|(?<=\bGov)|(?<=\bSgt)|(?<=\bMaj)|(?<=\bProf)|(?<=\bCapt))\."
)
_JOINT = (
    rf"(?:{_ABBREVIATED}|['’]s)?[ \u00a0]"
    rf"(?:(?:{_SMALL})[ \u00a0](?:(?:the|la|los|las|der|den|l['’])[ \u00a0])?)?"
)
_NUMBER = r"(?:[ \u00a0]\d{1,3}(?![\w.,%:/-]*\d|\w|%|[ \u00a0](?:[a-z]|million|billion|percent)))?"
_RUN = re.compile(rf"{_WORD}{_NUMBER}(?:{_JOINT}{_WORD}{_NUMBER})*")
"""A capitalised word, and those that follow it, small words between them."""
_QUOTED = re.compile(
    r'(?<![\w"])"([^"\n]{2,80})"(?!\w)|“([^“”"\n]{2,80})”|«\s?([^«»\n]{2,80}?)\s?»|„([^„“”\n]{2,80})[“”]'
)
_MARKS = frozenset('"“«„')
_STOPS = frozenset('.!?:;\n"“”„«»()•*|>–—…。')
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SPACED = {code: " " for code in range(128) if not chr(code).isalnum()}
LONGEST_RUN = 12
"""Words of a run that is a name; a longer one is a line in capitals."""
_RUSSIAN_PLAIN = re.compile(
    r"(?:ая|яя|ое|ее|ые|ие|ый|ий|ой|ого|его|ому|ему|ых|их|ым|им|ыми|ими|ую|юю|но|ся|ть|ет|ют|ут|ат|ят|ла|ли|ло|ние|ция)$"
)
"""Endings of Russian words that begin a sentence and are no name by themselves."""
_RUSSIAN_ADJECTIVE = re.compile(
    r"[а-яё](?:ого|его|их|ых|ая|яя|ое|ее|ые|ие|ую|юю|ими|ыми|ым|им|[сц]ком|[сц]кой)$"
)
_RUSSIAN_NOUN = re.compile(r"[ \u00a0][а-яё]{4,}")
_RANKS = (
    "Duke|Duchess|Archduke|Earl|Count|Countess|Prince|Princess|Baron|Baroness|Marquess|Viscount|Lord|Lady|King|Queen|"
    "Elector|Margrave|Landgrave|Bishop"
)
_BEHIND = re.compile(
    rf", (?:(?:the )?(?:\d+(?:st|nd|rd|th) )?(?:{_RANKS}) (?:of (?:the )?)?{_WORD}(?: (?:of )?{_WORD})*"
    rf"|(?:Jr|Sr|Inc|Ltd|LLC)\b\.?|(?:{'|'.join(sorted(name.title() for name in PLACES))})\b)"
)
"""What belongs to a name although a comma stands before it: a rank, a company's form, the place it is in."""


def words_in(text: str) -> frozenset[str]:
    """The words of a text as it writes them: one that it also writes in small letters is no name alone."""
    if text.isascii() and "'" not in text:
        return frozenset(text.translate(_SPACED).split())
    return frozenset(_WORDS.findall(text))


def names_in(text: str, language: str, small: Set[str]) -> Iterator[Found]:
    """The names in a text, in order; `small` are the words of its document as it writes them."""
    for match in _RUN.finditer(text):
        start = match.start()
        if text.startswith("_", match.end()):
            continue
        if start and (text[start - 1].isalnum() or text[start - 1] in "_@#/\\$`"):
            if not (match.end() - start > 1 and _hump(text, start)):
                continue
            start = _hump_start(text, start)
        yield from _of_run(text, start, match.end(), language, small)
    if language == "de":
        yield from flowing_names(text)
    if not _MARKS.isdisjoint(text):
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
        yield from german_names(text, start, run, first, small)
        return
    offset = _skipped(run, first, _stopped(language))
    run = run[offset:].lstrip()
    start = end - len(run)
    if not run or run.count(" ") >= LONGEST_RUN:
        return
    if language == "ru":
        if first and not offset and " " not in run and _RUSSIAN_PLAIN.search(run):
            return
        end = _russian_end(text, run, end)
        run = text[start:end]
    yield from parts_of(run, start, offset == 0 and first, small)
    if text.startswith(", ", end) and run.casefold() not in PLACES and (behind := _BEHIND.match(text, end)):
        yield Found(text[start : behind.end()], start, behind.end())


def _russian_end(text: str, run: str, end: int) -> int:
    """Where a name ends that has its noun in small letters behind it, as in "Великих озёр"."""
    if not _RUSSIAN_ADJECTIVE.search(run):
        return end
    noun = _RUSSIAN_NOUN.match(text, end)
    return noun.end() if noun else end


@lru_cache(maxsize=64)
def _stopped(language: str) -> frozenset[str]:
    """Words that begin a run and are no part of a name."""
    return STARTERS | STOPPED | stopwords_of(language)


def _begins(text: str, start: int) -> bool:
    """Whether a sentence, a line or a bracket begins there."""
    place = start - 1
    while place >= 0 and text[place] in " \u00a0\t'‘’-":
        place -= 1
    return place < 0 or text[place] in _STOPS


def _skipped(run: str, first: bool, stopped: Set[str]) -> int:
    """How many characters at the beginning of a run are no part of a name."""
    offset = 0
    while match := _WORDS.match(run, offset):
        word = match[0]
        lower = word.casefold()
        common = first and offset == 0 and lower in COMMON and not _goes_on(run, match.end())
        if not (lower in stopped or common):
            break
        if word.isupper() and len(word) > 1 and lower not in ("the", "and", "of"):
            break
        offset = match.end()
        offset += len(run[offset:]) - len(run[offset:].lstrip(" \u00a0.’'"))
        offset += _small_ahead(run, offset)
    return offset


def _goes_on(run: str, end: int) -> bool:
    """Whether another capitalised word follows, as in "World Health"."""
    return run[end : end + 1] == " " and run[end + 1 : end + 2].isupper()


_AHEAD = re.compile(rf"(?:(?:{_SMALL})[ \u00a0])+")


def _small_ahead(run: str, offset: int) -> int:
    match = _AHEAD.match(run, offset)
    return match.end() - offset if match else 0


def _quoted(text: str) -> Iterator[Found]:
    """What stands in quotation marks and looks like a title: short, with a capital, no sentence."""
    for match in _QUOTED.finditer(text):
        name = match[match.lastindex or 0].strip(" ,.;")
        words = name.split()
        if (1 <= len(words) <= 8 and name[:1].isupper() and name[-1:] not in "!?…") or len(words) == 1:
            yield Found(sys.intern(name) if len(name) < 20 else name, match.start(), match.end(), quoted=True)
