"""What clauses state: the verb between two things, by short patterns and a list of verbs; no parser.

A clause is read from its first finite verb: before it stands what the clause is about (a pronoun means what
the text is about), behind it what is said to be tied to it. Where a name or term is known there, it is the
entity; else the words themselves are.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from glede.extractors.nlp_parts import Found
from glede.extractors.nlp_verbs import AFTER_VERB, AUXILIARY, DETERMINERS, FINITE, PARTICIPLES, PRONOUNS
from glede.extractors.nlp_words import NO_TERMS, words_of

LONGEST_LABEL = 6
LONGEST_PHRASE = 5
"""Words of a tie, and of what is no name or term."""
MOST_TARGETS = 6
"""Things that one verb ties to its subject."""
MOST_EXTRA = 3
"""Words of a tie between its verb and the thing, as in "is capital of"."""
FAR = 24
"""Characters before the first known thing from which on the words before it are told as well."""
_CLAUSE = re.compile(r"[^.!?;:\n()\"“”|]+(?:\.(?=\S)[^.!?;:\n()\"“”|]*)*")
_WORD = re.compile(r"[^\s,]+|,")
_BE = frozenset(("is", "are", "was", "were"))
_JOINING = frozenset(
    ("and", "or", "but", "that", "which", "who", "while", "when", "because", "if", "as", "where")
)
_BY = frozenset(("by", "in", "on", "as", "with", "from", "for", "at", "to", "of"))
_PLURAL = frozenset(("people", "children", "men", "women", "police"))
_EDGES = "'’-—–*_`"
_EMPTY = (
    PRONOUNS
    | NO_TERMS
    | words_of(
        """others free long short similar open closed full empty true false same alone available possible
        necessary needed ready able unable unknown famous popular successful complete incomplete present
        absent common rare simple complex easy hard difficult fast slow young early late rich poor strong
        weak safe dangerous more less most least best worst none nobody everywhere there away together"""
    )
)
"""Words that by themselves name nothing that two documents could have in common."""


class Tie(NamedTuple):
    """What a clause states."""

    source: str
    label: str
    target: str


class Clauses:
    """The clauses of one text; `about` is what pronouns mean until something else is the subject."""

    def __init__(self, text: str, nodes: Sequence[Found], about: str) -> None:
        self._text = text
        self._nodes = nodes
        self._starts = [node.start for node in nodes]
        self._about = about

    def ties(self) -> Iterator[Tie]:
        """What they state of names and terms."""
        for clause in _CLAUSE.finditer(self._text):
            start, end = clause.span()
            # Most clauses of tables and lists have no verb, and their words need no places.
            if end - start > 12 and not FINITE.isdisjoint(clause[0].replace(",", " ").split()):
                places = list(_WORD.finditer(self._text, start, end))
                yield from self._of_clause([place[0] for place in places], places)

    def _of_clause(self, words: Sequence[str], places: Sequence[re.Match[str]]) -> Iterator[Tie]:
        verb, source = _verb(words, 1), ""
        while verb:
            behind = _behind(words, verb)
            source = self._source(words, places, _subject(words, verb), verb) or source
            if source:
                yield from self._targets(source, words, places, verb, behind)
            verb = _verb(words, behind + 1)

    def _source(self, words: Sequence[str], places: Sequence[re.Match[str]], first: int, verb: int) -> str:
        """What a clause is about; empty where it goes on with the subject before."""
        inside = words[first:verb]
        if not inside:
            return ""
        if len(inside) <= 2 and inside[-1].lower() in PRONOUNS:
            return self._about
        found = self._between(places[first].start(), places[verb - 1].end())
        if found:
            if found[0].name[:1].isupper() and not self._about:
                self._about = found[0].name
            return found[0].name
        return _phrase(inside[-LONGEST_PHRASE:]) if inside[0] not in FINITE else ""

    def _targets(
        self, source: str, words: Sequence[str], places: Sequence[re.Match[str]], verb: int, behind: int
    ) -> Iterator[Tie]:
        """The ties of a subject and a verb to what follows, up to the next verb that has its own subject."""
        tie = _Tying(list(words[verb:behind]))
        nodes = self._between(places[verb].end(), places[-1].end())
        place, told = behind, 0
        for node in nodes[:MOST_TARGETS]:
            while place < len(words) and places[place].start() < node.start and tie.take(words, place):
                place += 1
            if place < len(words) and places[place].start() < node.start:
                break
            if label := tie.label():
                yield Tie(source, label, node.name)
                told += 1
            while place < len(words) and places[place].start() < node.end:
                place += 1
            tie.after()
        far = bool(nodes) and behind < len(places) and nodes[0].start > places[behind].start() + FAR
        if (far or not told) and (phrase := _phrase(words[behind : behind + LONGEST_PHRASE + 1])):
            group = words[verb:behind]
            yield Tie(source, "is a" if len(group) == 1 and group[0] in _BE else " ".join(group), phrase)

    def _between(self, start: int, end: int) -> list[Found]:
        first = bisect_left(self._starts, start)
        found: list[Found] = []
        while first < len(self._nodes) and self._nodes[first].start < end and len(found) < MOST_TARGETS:
            found.append(self._nodes[first])
            first += 1
        return found


class _Tying:
    """The words of a tie as they come: the verb, a noun or two, the small word before the thing."""

    def __init__(self, verb: list[str]) -> None:
        self._small = verb.pop() if len(verb) > 1 and verb[-1] in AFTER_VERB else ""
        self._verb = verb
        self._extra: list[str] = []

    def take(self, words: Sequence[str], place: int) -> bool:
        """Take one more word; false where another clause begins with it."""
        word = words[place]
        following = words[place + 1] if place + 1 < len(words) else ""
        if word in PARTICIPLES or (
            word in FINITE and following in _BY and word.endswith(("ed", "en", "wn", "n"))
        ):
            self._verb, self._extra, self._small = [word], [], ""
        elif word in FINITE and word not in AFTER_VERB and words[place - 1].lower() not in DETERMINERS:
            return False
        elif word in AFTER_VERB:
            self._extra += [self._small] if self._small and self._extra else []
            self._small = word
        elif word not in DETERMINERS and word != "," and word not in _JOINING:
            self._extra += [*([self._small] if self._small else []), word]
            self._small = ""
        return True

    def label(self) -> str:
        """The tie as it stands; empty where too much stands between the verb and the thing."""
        words = [*self._verb, *self._extra, *([self._small] if self._small else [])]
        return " ".join(words) if len(words) <= LONGEST_LABEL and len(self._extra) <= MOST_EXTRA else ""

    def after(self) -> None:
        """A thing was tied: what follows may be tied by the same verb."""
        self._extra = []


def _verb(words: Sequence[str], first: int) -> int:
    """The place of the next finite verb; 0 where there is none."""
    for place in range(first, len(words)):
        word = words[place]
        if word in FINITE:
            before = words[place - 1]
            lower = before.lower()
            if (lower in DETERMINERS and lower not in PRONOUNS) or lower in AFTER_VERB or before == ",":
                continue
            if (
                not _is_base(word)
                or before.endswith(("s", "n", "e"))
                or lower in PRONOUNS
                or lower in AUXILIARY
            ):
                return place
    return 0


def _is_base(word: str) -> bool:
    return not word.endswith(("s", "d")) and f"{word}s" in FINITE


def _behind(words: Sequence[str], verb: int) -> int:
    """Where the verb group ends: helping verbs, the verb itself, one small word after it."""
    place = verb + 1
    while place < len(words) and place < verb + LONGEST_LABEL - 1:
        word, before = words[place], words[place - 1]
        helped = before in AUXILIARY and (word in FINITE or word.endswith(("ed", "en", "wn", "ing")))
        if not (helped or word in AUXILIARY):
            break
        place += 1
    return place + (place < len(words) and words[place] in AFTER_VERB)


def _subject(words: Sequence[str], verb: int) -> int:
    """Where the subject of a verb begins: behind the last comma or joining word."""
    place = verb
    while place and words[place - 1] != "," and words[place - 1] not in _JOINING:
        place -= 1
    return place


def _phrase(words: Sequence[str]) -> str:
    """Words without the small ones at both ends; empty where nothing of meaning is among them."""
    texts: list[str] = []
    for word in words:
        if word == "," or word in _JOINING:
            break
        texts += [stripped] if (stripped := word.strip(_EDGES)) else []
    while texts and (
        texts[0].lower() in DETERMINERS or texts[0].lower() in AFTER_VERB or texts[0] in AUXILIARY
    ):
        texts = texts[1:]
    while texts and (texts[-1] in AFTER_VERB or texts[-1] in DETERMINERS or texts[-1] in AUXILIARY):
        texts = texts[:-1]
    alone = len(texts) == 1 and (len(texts[0]) < 4 or texts[0].lower() in _EMPTY)
    return "" if alone else " ".join(texts)


def outermost(found: Sequence[Found]) -> list[Found]:
    """Names in the order of the text, those left out that lie within a longer one."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept
