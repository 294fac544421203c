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

from glede.ports import TermStatistics
from glede.text import languages
from glede.text.languages import stem, stopwords_of

K1 = 0.9
B = 0.4
AVERAGE_LENGTH = 60.0
"""Words in a chunk of the usual size, after stopwords; frozen, see above."""
LONGEST = 64
"""Characters of a word that count: what is longer is data, not language."""
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
      (?P<number>\d+(?:[.,]\d+)+)(?![a-z0-9])
    | (?P<name>[a-z0-9]+(?:\+\+|\#)(?!\w))
    | (?P<word>[a-z0-9]+)(?P<joined>(?:(?:[.{_HUMP}]|_+)[a-z0-9]+)+)?
    """,
    re.VERBOSE | re.ASCII,
)
"""What `_TOKEN` finds in plain ASCII, in half the time."""
_WIDE_START = re.compile(f"[{_WIDE}]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
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
    language = language or languages.language_of(words[: languages.SAMPLE])
    stopwords = stopwords_of(language)
    return [stem(word, language) for word in words if word not in stopwords]


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
    terms = analyse(text)
    length = _length(terms)
    norm = K1 * (1 - B + B * length / AVERAGE_LENGTH)
    counts = Counter(map(number_of, terms))
    weights = {term: count * (K1 + 1) / (count + norm) for term, count in counts.items()}
    for pair, count in Counter(number for number, _, _ in _pairs(terms)).items():
        weights[pair] = weights.get(pair, 0.0) + PAIR * count * (K1 + 1) / (count + norm)
    return Weights(weights, frozenset(counts), length)


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
    return QueryTerms(texts, groups, tuple(_pairs(texts)))


def _idf(group: tuple[int, ...], statistics: TermStatistics) -> float:
    """Of alternatives as of one term (Pirkola 1998, "structured queries")."""
    total = statistics.chunks
    frequency = min(total, sum(statistics.frequencies.get(term, 0) for term in group))
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))


@lru_cache(maxsize=2**16)
def number_of(term: str) -> int:
    """A term's number, 1 to 2**32 - 2: Milvus keeps neither 0 for us nor 2**32 - 1 for anyone."""
    return _number(term)


def _number(term: str) -> int:
    return zlib.crc32(term.encode("utf-8", "surrogatepass")) % (2**32 - 2) + 1


def _pairs(terms: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """The numbers of adjacent words and the places of the two; characters are in pairs already."""
    wide = list(map(_is_wide, terms))
    for place in range(len(terms) - 1):
        if not wide[place] and not wide[place + 1]:
            yield _number(f"{terms[place]} {terms[place + 1]}"), place, place + 1


@lru_cache(maxsize=2**16)
def _is_wide(term: str) -> bool:
    return _WIDE_START.match(term) is not None


def _length(terms: Sequence[str]) -> int:
    """How many words; where words are not set apart, about one for two characters.

    Of two numbers one counts: rows of them make a table long, which yet is about no more than its labels say.
    """
    wide = sum(map(_is_wide, terms))
    characters = sum(1 for term in terms if len(term) > 1 and _is_wide(term)) if wide else 0
    numbers = sum(map(_is_number, terms))
    return len(terms) - wide - numbers // 2 + (characters + 1) // 2


def _is_number(term: str) -> bool:
    return term[0].isdigit() and term.replace(".", "").isdecimal()


def _words(text: str) -> list[str]:
    """The case-folded words of a text, identifiers also in parts."""
    jointed = _HUMPS.sub(_HUMP, unicodedata.normalize("NFKC", text))
    plain = jointed.casefold()
    if "'" in plain or "’" in plain:
        plain = _AFFIX.sub(" ", plain)
    words: list[str] = []
    for match in (_ASCII_TOKEN if plain.isascii() else _TOKEN).finditer(plain):
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
