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
_LINK = frozenset(("von", "van", "de", "da", "di", "of", "the", "al", "bin", "la", "le", "zu"))
_SIGNAL_ENDINGS = ("e", "en", "er", "es", "em")


def german_names(text: str, start: int, run: str, first: bool, small: Set[str]) -> Iterator[Found]:
    """Of a run of capitalised words its names: several that are no nouns, or one that nothing makes one."""
    places = [0, *(place for match in _APART.finditer(run) for place in match.span()), len(run)]
    for one, two in zip(places[::2], places[1::2], strict=True):
        begin, end = _trimmed(run, one, two)
        if begin >= end:
            continue
        name = run[begin:end]
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
    while words and _plain(run[begin + words[-1][0] : begin + words[-1][1]]):
        words.pop()
    return (begin + words[0][0], begin + words[-1][1]) if words else (begin, begin)


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
