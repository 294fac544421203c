"""Names in German, which capitalises all nouns: what follows an article or an adjective is none by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from glede.extractors.nlp_parts import Found, is_name
from glede.extractors.nlp_words import NOUN_ENDINGS, NOUN_SIGNALS, ROLE_ENDINGS
from glede.text.languages import STOPWORDS

_APART = re.compile(
    r"[ \u00a0](?:der|des|den|dem|die|das|und|vom|zum|zur|für|et|y|e|&)"
    r"(?:[ \u00a0](?:der|die|des|den))?[ \u00a0]"
)
_OF_WHOM = re.compile(r"^([^\W\d_]+)[ \u00a0]von[ \u00a0](?=[^\W\d_]+[ \u00a0])")
"""One word before somebody's whole name, as in "Plänen von Ernst Habermehl"."""
_FLOWS = re.compile(r"\b(?:mündet|münden|fließt|fließen)\b[^.!?]{0,60}? in (?:die|den|das) ([A-ZÄÖÜ]\w{2,})")
_HOUSES = (
    "gruppe", "werke", "werk", "zentrum", "verein", "gesellschaft", "stiftung", "universität", "verlag",
    "hochschule", "akademie", "institut", "mann",
)  # fmt: skip
"""Endings of what is named by the word beside it, and of family names."""
_LINK = frozenset(("von", "van", "de", "da", "di", "of", "the", "al", "bin", "la", "le", "zu"))
_SIGNAL_ENDINGS = ("e", "en", "er", "es", "em")


def german_names(text: str, start: int, run: str, first: bool, small: Set[str]) -> Iterator[Found]:
    """Of a run of capitalised words its names: several that are no nouns, or one that nothing makes one."""
    if whom := _OF_WHOM.match(run):
        start, run, first = start + whom.end(), run[whom.end() :], False
    places = [0, *(place for match in _APART.finditer(run) for place in match.span()), len(run)]
    for one, two in zip(places[::2], places[1::2], strict=True):
        begin, end = _trimmed(run, one, two)
        if begin >= end:
            continue
        name = run[begin:end]
        headed = _headed(run, one, begin)
        if headed < begin:
            yield Found(run[headed:end], start + headed, start + end)
        sentence = first and begin == 0
        if " " in name or (
            not sentence and not _after_signal(text, start + begin) and is_name(name, sentence, small)
        ):
            yield Found(name, start + begin, start + end)


def _trimmed(run: str, begin: int, end: int) -> tuple[int, int]:
    """A part of a run without small words and plain nouns at its ends."""
    words = [match.span() for match in re.finditer(r"\S+", run[begin:end])]
    while words and _leads(run[begin + words[0][0] : begin + words[0][1]], alone=len(words) == 1):
        words.pop(0)
    while words and _plain(last := run[begin + words[-1][0] : begin + words[-1][1]]):
        if len(words) > 1 and last.casefold().endswith(_HOUSES):
            break
        words.pop()
    return (begin + words[0][0], begin + words[-1][1]) if words else (begin, begin)


def flowing_names(text: str) -> Iterator[Found]:
    """Waters that others flow into: their names have an article, as plain nouns do."""
    for match in _FLOWS.finditer(text):
        yield Found(match[1], match.start(1), match.end(1))


def _headed(run: str, first: int, begin: int) -> int:
    """Where a house begins that is named by what follows it, as in "Universität Bernstedt"."""
    words = run[first:begin].split()
    if not words or not words[-1].casefold().endswith(_HOUSES) or words[-1].casefold().endswith("mann"):
        return begin
    return run.rindex(words[-1], first, begin)


def _leads(word: str, *, alone: bool) -> bool:
    """Whether a word before a name is no part of it: a plain noun, or what somebody is."""
    return _plain(word) or (not alone and word.casefold().endswith(ROLE_ENDINGS))


def _plain(word: str) -> bool:
    lower = word.casefold()
    return lower in STOPWORDS["de"] or lower in NOUN_SIGNALS or lower in _LINK or lower.endswith(NOUN_ENDINGS)


def _after_signal(text: str, start: int) -> bool:
    """Whether the word before says that a noun follows: an article, a pronoun, an adjective, a number."""
    before = text[max(0, start - 24) : start].split()
    if not before:
        return False
    word = before[-1].strip("(„\"'")
    inflected = word.islower() and word.endswith(_SIGNAL_ENDINGS) and word not in STOPWORDS["de"]
    return word.casefold() in NOUN_SIGNALS or inflected or word[:1].isdigit()
