"""Terms: what a document says again and again, and what it defines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import TypeAlias

from glede.extractors.nlp_verbs import AUXILIARY, FINITE
from glede.extractors.nlp_words import NO_TERMS, words_of
from glede.text.languages import MOST_SEEN, STOPWORDS, stopwords_of

LEAST_TIMES = 2
LEAST_TIMES_ALONE = 3
LEAST_LETTERS_ALONE = 5
MOST_ALONE = 12
"""Single words that are terms of a document."""
MOST_TERMS = 400
"""Terms of a document."""
_SMALL_RUN = re.compile(r"[a-zß-ÿа-яё][^\W\d_A-Z]*(?:[ -][a-zß-ÿа-яё][^\W\d_A-Z]*)*")
_HAN = re.compile("[\u3400-\u9fff]")
_NOUN = re.compile(r"\b[A-ZÄÖÜ][a-zäöüß]{3,}(?:-[A-ZÄÖÜ][a-zäöüß]+)*\b")
_ENDINGS = (
    "ly", "ed", "ing", "ous", "ive", "al", "ful", "less", "able", "ible", "ic", "ary", "ish", "er", "est",
)  # fmt: skip
"""Endings of words that are no nouns, or seldom."""
_NOUN_ENDINGS = ("ver", "ter")
_NO_BEGINNING = ("ly", "ing")
_MEANS, _ENDS, _BEGINS, _FINITE, _PLURAL = (1 << place for place in range(5))
"""Of a word: it carries meaning, it may end a term, it may begin one, it may be a verb, it ends in "s"."""
SHORTEST = 3
"""Letters of a word of a term."""
LONGEST_PHRASE = 3
_GLOSSARY = re.compile(
    r"^(?:[-*•] |\d+[.)] )?([^\W_][^\n.:;!?()]{1,48}?)(?: ?\(([A-Z][\w-]{1,9})\))?"
    r"(?:: | [–—-] )(?=\w)([^\n]{12,300})",
    re.MULTILINE,
)
_NO_GLOSSARY = words_of(
    """note example examples warning tip hint caution important figure table fig step question answer q a
    author date from to subject abstract keywords source see todo fixme beispiel hinweis achtung frage
    antwort"""
)
LONGEST_TERM = 5
"""Words of a term that is defined."""


Phrase: TypeAlias = tuple[str, int, int]
"""Words that may be a term, and where they stand; plain, since there are hundreds on a page."""


def phrases_in(text: str, language: str) -> list[Phrase]:
    """Two and three words in a row that carry meaning, and single ones."""
    if language in ("zh", "ja"):
        from glede.extractors.nlp_chinese import chinese_terms  # loaded for such a text only

        return chinese_terms(text)
    if language == "ar":
        from glede.extractors.nlp_arabic import arabic_terms

        return arabic_terms(text)
    kinds = _kinds_in(language)
    found: list[Phrase] = list(_german_nouns(text)) if language == "de" else []
    for run in _SMALL_RUN.finditer(text):
        start, words = run.start(), run[0]
        if start and (text[start - 1].isalnum() or text[start - 1] in "_./\\@'’"):
            words = words.partition(" ")[2]  # the first is the end of another word
            start = run.end() - len(words)
        if words:
            _of_run(text, words.split(" "), start, kinds, found)
    return found


class _Kinds(dict[str, int]):
    """What the words that were met lately may be in a term; 0 of those that are in none."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._empty = stopwords_of(language) | AUXILIARY | NO_TERMS

    def __missing__(self, word: str) -> int:
        if len(self) >= MOST_SEEN:
            self.clear()
        kind = 0
        if len(word) >= SHORTEST and word not in self._empty:
            ends = not word.endswith(_ENDINGS) or word.endswith(_NOUN_ENDINGS)
            begins = not word.endswith(_NO_BEGINNING)
            kind = _MEANS | _ENDS * ends | _BEGINS * begins
            kind |= _FINITE * (word in FINITE) | _PLURAL * word.endswith("s")
        self[word] = kind
        return kind


@lru_cache(maxsize=64)
def _kinds_in(language: str) -> Mapping[str, int]:
    return _Kinds(language)


def _german_nouns(text: str) -> Iterator[Phrase]:
    for match in _NOUN.finditer(text):
        if match[0].casefold() not in STOPWORDS["de"]:
            yield match[0], match.start(), match.end()


def _of_run(
    text: str, words: Sequence[str], start: int, kinds: Mapping[str, int], found: list[Phrase]
) -> None:
    """The phrases of a run of words without a mark between them."""
    group: list[tuple[int, int]] = []
    for word in words:
        kind = kinds[word]
        end = start + len(word)
        if not kind:
            group = []
        else:
            group.append((kind, start))
            if kind & _ENDS:
                _ending_here(text, group, end, found)
        start = end + 1


def _ending_here(text: str, group: Sequence[tuple[int, int]], end: int, found: list[Phrase]) -> None:
    """The phrases of one to three words that end with the last word of a group."""
    kind, place = group[-1]
    alone = len(group) == 1
    if not alone and kind & _FINITE and group[-2][0] & _PLURAL:
        return
    if kind & _BEGINS or not alone:
        found.append((text[place:end], place, end))
    for first, start in group[-LONGEST_PHRASE:-1]:
        if first & _BEGINS and not (first & _FINITE and start == group[0][1]):
            found.append((text[start:end], start, end))


def repeated(phrases: Iterable[Sequence[Phrase]]) -> frozenset[str]:
    """Of the phrases of all chunks the terms: said more than once, and not only within a longer one."""
    counts = Counter([phrase[0] for chunk in phrases for phrase in chunk])
    if any(map(_HAN.match, islice(counts, 8))):
        from glede.extractors.nlp_chinese import repeated_letters

        return frozenset(repeated_letters(counts)[:MOST_TERMS])
    longer = Counter[str]()
    kept: list[str] = []
    for name, count in counts.items():
        if " " in name and count >= LEAST_TIMES:
            for inner in (name.partition(" ")[2], name.rpartition(" ")[0]):
                longer[inner] = max(longer[inner], count)
            kept.append(name)
    terms = [name for name in kept if counts[name] > longer[name]]
    alone = [
        name
        for name, count in counts.items()
        if count - longer[name] >= LEAST_TIMES_ALONE and " " not in name and _may_be_alone(name)
    ]
    for names in (terms, alone):
        names.sort(key=lambda name: -counts[name])
    return frozenset((*terms[:MOST_TERMS], *alone[:MOST_ALONE]))


def _may_be_alone(name: str) -> bool:
    return len(name) >= LEAST_LETTERS_ALONE and name not in FINITE


def definitions_in(text: str) -> Iterator[tuple[str, str, str]]:
    """What stands before a colon or dash where a line begins, its short form, and what is said of it."""
    if ": " not in text and " – " not in text and " — " not in text and " - " not in text:
        return
    for match in _GLOSSARY.finditer(text):
        term = match[1].strip(' *_`"')
        if len(term) > 1 and len(term.split()) <= LONGEST_TERM and term.casefold() not in _NO_GLOSSARY:
            yield term, match[2] or "", match[3]
