"""The keyword channel: BM25 as an inner product of sparse vectors.

A document's vector holds the saturated frequencies of its terms, a question's vector their inverse
document frequencies, so that the product is BM25 (Robertson and Zaragoza 2009, "The Probabilistic
Relevance Framework", eq. 3.15). The average length is frozen, since rows cannot be rewritten each time it
moves; document frequencies are counted live, in SQL.
"""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from glede.ports import TermStatistics
from glede.text import languages
from glede.text.languages import MOST_SEEN, stem, stopwords_of

K1 = 0.9
B = 0.4
AVERAGE_LENGTH = 60.0
"""Words in a chunk of the usual size, after stopwords; frozen, see above."""
LONGEST = 64
"""Characters of a word that count: what is longer is data, not language."""
_MOST_NUMBERS = 2**32 - 2
"""Milvus keeps neither 0 for us nor 2**32 - 1 for anyone."""
PAIR = 0.3
"""What two adjacent words in common count beside the words themselves."""

_WIDE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_HUMP = "\x1f"  # stands between the words of MilvusLite
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff"
_LETTER = rf"[^\W_{_WIDE}]"
_TOKEN = re.compile(
    rf"""
      (?P<wide>[{_WIDE}]+)                                     # scripts without spaces
    | (?P<number>\d+(?:[.,]\d+)+)(?!{_LETTER})                 # 65,535  3.14
    | (?P<name>{_LETTER}+(?:\+\+|\#)(?!\w))                    # c++  c#
    | (?P<word>{_LETTER}(?:{_LETTER}|[{_MARKS}])*)
      (?P<joined>(?:(?:[.{_HUMP}]|_+){_LETTER}(?:{_LETTER}|[{_MARKS}])*)+)?  # milvus_lite  v2.4.1  MilvusLite
    """,
    re.VERBOSE,
)
_ASCII_TOKEN = re.compile(
    rf"""
      \d+(?:[.,]\d+)+(?![a-z0-9])
    | [a-z0-9]+ (?: (?:\+\+|\#)(?!\w) | (?:(?:[.{_HUMP}]|_+)[a-z0-9]+)+ )?
    """,
    re.VERBOSE | re.ASCII,
)
"""What `_TOKEN` finds in plain ASCII, in a third of the time; of what kind one is, its characters tell."""
_WIDE_START = re.compile(f"[{_WIDE}]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_FIGURES = re.compile(r"[\d.,]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_HUMPS = re.compile(r"(?=[A-Z][a-z]{2})(?<=[a-z]{3})")
_AFFIX = re.compile(
    r"(?<=\w)['’](?:s|t|d|ll|re|ve|m)\b|\b(?:l|d|j|qu|n|s|c|m|t|dell|all|nell|sull)['’](?=\w)"
)
_JOINTS = re.compile(rf"[._{_HUMP}]+")


def analyse(text: str, language: str | None = None) -> list[str]:
    """The terms of a text in order: stems, numbers, identifiers whole and in parts, pairs of characters.

    A sentence too short to tell its language is better analysed in that of the text around it.
    """
    words = _words(text)
    known = _known_in(language or languages.language_of(words[: languages.SAMPLE]))
    return [term.text for word in words if (term := known[word])]


def language_of(text: str) -> str:
    """The ISO 639-1 code of the language a text is in, or `und`."""
    return languages.language_of(_words(text[:4000])[: languages.SAMPLE])


@dataclass(frozen=True)
class Weights:
    """A document's sparse vector; `terms` are the numbers of its distinct words, `length` counts words."""

    weights: Mapping[int, float]
    terms: frozenset[int]
    length: int


def weigh(text: str) -> Weights:
    """The document side of BM25, words and adjacent pairs of words."""
    words = _words(text)
    known = _known_in(languages.language_of(words[: languages.SAMPLE]))
    terms = [term for word in words if (term := known[word])]
    length = _length(terms)
    norm = K1 * (1 - B + B * length / AVERAGE_LENGTH)
    counts = Counter([term.number for term in terms])
    weights = _saturated(counts, norm, 1)
    pairs = _saturated(Counter(_pair_numbers(terms)), norm, PAIR)
    if not weights.keys().isdisjoint(pairs):
        for both in weights.keys() & pairs.keys():
            pairs[both] += weights[both]
    return Weights(weights | pairs, frozenset(counts), length)


def _saturated(counts: Mapping[int, int], norm: float, share: float) -> dict[int, float]:
    """What so many of each count for; most stand once."""
    gains = {count: share * count * (K1 + 1) / (count + norm) for count in set(counts.values())}
    return {term: gains[count] for term, count in counts.items()}


@dataclass(frozen=True)
class QueryTerms:
    """A question's words, each a group of term numbers that mean the same, and its adjacent pairs.

    `texts` are the words as `analyse` gives them, in the order of `groups`; a pair is its number and the
    places of its two words.
    """

    texts: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    pairs: tuple[tuple[int, int, int], ...] = ()

    @property
    def terms(self) -> frozenset[int]:
        """The numbers whose frequencies `weights` and `ideal` need."""
        return frozenset(term for group in self.groups for term in group)

    def weights(self, statistics: TermStatistics) -> dict[int, float]:
        """The question's sparse vector: the IDF of each word, estimated for pairs."""
        idfs = self._idfs(statistics)
        weights: dict[int, float] = {}
        for group, idf in zip(self.groups, idfs, strict=True):
            for term in group:
                weights[term] = weights.get(term, 0.0) + idf
        for pair, left, right in self.pairs:
            weights[pair] = weights.get(pair, 0.0) + (idfs[left] + idfs[right]) / 2
        return weights

    def ideal(self, statistics: TermStatistics) -> float:
        """The sum of the words' IDF: about the score of a document that has them all once."""
        return sum(self._idfs(statistics))

    def rarity(self, statistics: TermStatistics) -> dict[str, float]:
        """The IDF of each term that `analyse` finds in the question."""
        return dict(zip(self.texts, self._idfs(statistics), strict=True))

    def frequencies(self, statistics: TermStatistics) -> dict[str, int]:
        """In how many chunks each term stands that `analyse` finds in the question."""
        found = statistics.frequencies
        counts = (sum(found.get(term, 0) for term in group) for group in self.groups)
        return dict(zip(self.texts, counts, strict=True))

    def _idfs(self, statistics: TermStatistics) -> list[float]:
        return [_idf(group, statistics) for group in self.groups]


def query_terms(question: str) -> QueryTerms:
    """The terms of a question; where its language is in doubt, a word's stems in several languages."""
    words = _words(question)
    language = languages.language_of(words)
    stopwords = stopwords_of(language)
    kept = [word for word in words if word not in stopwords]
    spoken = (language, "en")
    groups = tuple(tuple(number_of(term) for term in languages.stems(word, spoken)) for word in kept)
    texts = tuple(stem(word, language) for word in kept)
    return QueryTerms(texts, groups, tuple(_pairs([_SEEN[text] for text in texts])))


def _idf(group: tuple[int, ...], statistics: TermStatistics) -> float:
    """Of alternatives as of one term (Pirkola 1998, "structured queries")."""
    total = statistics.chunks
    frequency = min(total, sum(statistics.frequencies.get(term, 0) for term in group))
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True, slots=True)
class _Term:
    """What is asked of a term each time it stands somewhere; `before` is the checksum of it and a space.

    One that is `odd` counts otherwise than as one word: it is `wide` or of `figures`.
    """

    text: str
    number: int
    odd: bool
    wide: bool
    figures: bool
    characters: int
    encoded: bytes
    before: int


class _Terms(dict[str, _Term]):
    """Those that were met lately."""

    def __missing__(self, term: str) -> _Term:
        if len(self) >= MOST_SEEN:
            self.clear()
        encoded = term.encode("utf-8", "surrogatepass")
        wide = _WIDE_START.match(term) is not None
        figures = term[:1].isdigit() and term.replace(".", "").isdecimal()
        number, before = _numbered(zlib.crc32(encoded)), zlib.crc32(encoded + b" ")
        found = self[term] = _Term(term, number, wide or figures, wide, figures, len(term), encoded, before)
        return found


_SEEN = _Terms()


class _Known(dict[str, "_Term | None"]):
    """The terms of words of one language that were met lately; `None` of stopwords."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language, self._stopwords = language, stopwords_of(language)

    def __missing__(self, word: str) -> _Term | None:
        if len(self) >= MOST_SEEN:
            self.clear()
        found = self[word] = None if word in self._stopwords else _SEEN[stem(word, self._language)]
        return found


@lru_cache(maxsize=64)
def _known_in(language: str) -> Mapping[str, _Term | None]:
    """The terms of all case-folded words."""
    return _Known(language)


def number_of(term: str) -> int:
    """A term's number, from 1 on."""
    return _SEEN[term].number


def _numbered(checksum: int) -> int:
    return checksum % _MOST_NUMBERS + 1


def _pairs(terms: Sequence[_Term]) -> Iterator[tuple[int, int, int]]:
    """The numbers of adjacent words and the places of the two; characters are in pairs already."""
    for place, (one, other) in enumerate(pairwise(terms)):
        if not (one.wide or other.wide):
            yield _numbered(zlib.crc32(other.encoded, one.before)), place, place + 1


def _pair_numbers(terms: Sequence[_Term]) -> list[int]:
    """The numbers alone, in a third of the time."""
    checksum, most = zlib.crc32, _MOST_NUMBERS
    return [
        checksum(other.encoded, one.before) % most + 1
        for one, other in pairwise(terms)
        if not (one.wide or other.wide)
    ]


def _length(terms: Sequence[_Term]) -> int:
    """How many words; where words are not set apart, about one for two characters.

    Of two numbers one counts: rows of them make a table long, which yet is about no more than its labels say.
    """
    odd = [term for term in terms if term.odd]
    if not odd:
        return len(terms)
    wide = sum([term.wide for term in odd])
    characters = sum([term.wide and term.characters > 1 for term in odd])
    figures = sum([term.figures for term in odd])
    return len(terms) - wide - figures // 2 + (characters + 1) // 2


def _words(text: str) -> list[str]:
    """The case-folded words of a text, identifiers also in parts."""
    jointed = _HUMPS.sub(_HUMP, unicodedata.normalize("NFKC", text))
    plain = jointed.casefold()
    if "'" in plain or "’" in plain:
        plain = _AFFIX.sub(" ", plain)
    return _ascii_words(plain) if plain.isascii() else _any_words(plain)


def _ascii_words(plain: str) -> list[str]:
    words: list[str] = []
    for token in _ASCII_TOKEN.findall(plain):
        if token.isalnum():
            words.append(token[:LONGEST])
        elif token[-1] in "+#":
            words += _split_name(token)
        else:
            words += (_split_number if _FIGURES.fullmatch(token) else _split_joined)(token)
    return words


def _any_words(plain: str) -> list[str]:
    words: list[str] = []
    for match in _TOKEN.finditer(plain):
        kind = match.lastgroup
        if kind == "word":
            words.append(match.group()[:LONGEST])
        elif kind is not None:
            words.extend(_SPLIT[kind](match.group()))
    return words


def _split_wide(run: str) -> list[str]:
    """Pairs of characters, and each Chinese character, which may be a word."""
    pairs = [run[place : place + 2] for place in range(max(1, len(run) - 1))]
    return pairs + _HAN.findall(run) if len(run) > 1 else pairs


def _split_number(number: str) -> list[str]:
    if _THOUSANDS.fullmatch(number):
        return [number.replace(",", "").replace(".", "")[:LONGEST]]
    return [number.replace(",", ".")[:LONGEST]]


def _split_name(name: str) -> list[str]:
    return [name[:LONGEST]]


def _split_joined(word: str) -> list[str]:
    parts = [part[:LONGEST] for part in _JOINTS.split(word) if len(part) > 1]
    return [*parts, word.replace(_HUMP, "")[:LONGEST]]


_SPLIT = {"wide": _split_wide, "number": _split_number, "name": _split_name, "joined": _split_joined}
