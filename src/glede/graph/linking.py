"""What a question names: stretches of it that may be names, and which of them the graph knows.

Every stretch is looked up by the number of its key, all in one read, so that no dictionary of names has to
be in memory and no model is asked. Where a question is written with capitals, a name begins and ends with one
(or with a digit, or stands in quotes); lower-cased questions and scripts without case are looked up whole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from glede.graph.names import entity_of
from glede.text.keywords import language_of
from glede.text.languages import stopwords_of

LONGEST_WORDS = 12
LONGEST_UNSURE = 8
"""Words of a name that is not written as one."""
LONGEST_WIDE = 8
"""Characters of a name in scripts that do not set words apart."""
LONGEST_JOINED = 3
"""Words that are also looked up written as one: "Li Hua" as "LiHua"."""
MOST = 600
"""Stretches looked up for one question; the surest come first."""

_WIDE = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_WIDE}]+(?:[·・][{_WIDE}]+)*|[^\W{_WIDE}](?:[\w.’'&/+#-]*[\w+#])?")
_IS_WIDE = re.compile(rf"[{_WIDE}]")
_GENITIVE = re.compile(r"(?<=\w{4})(?<!s)s(?=[ \u00a0]|$)")
_QUOTED = re.compile(r"[\"“„«‘「『《]([^\"“”„«»’「」『』《》]{2,200})[\"”“»’」』》]")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters `start` to `end` of a question; `sure` where they are written as a name."""

    start: int
    end: int
    text: str
    entity: int
    sure: bool
    words: int = 1


@dataclass(frozen=True, slots=True)
class _Spot:
    """A stretch that is not looked up yet; `name` is what it may be written as in documents."""

    start: int
    end: int
    name: str
    sure: bool
    words: int = 1


def stretches(question: str) -> list[Stretch]:
    """All that may be a name, the surest and then the longest first, at most `MOST`."""
    spots = {
        (one.start, one.end, one.name): one
        for one in (*_wide(question), *_worded(question), *_quoted(question))
    }
    ordered = sorted(spots.values(), key=lambda one: (not one.sure, one.start - one.end, one.start))
    found = [
        Stretch(one.start, one.end, question[one.start : one.end], entity_of(one.name), one.sure, one.words)
        for one in ordered[:MOST]
    ]
    return [one for one in found if one.entity]


def may_name(question: str) -> bool:
    """Whether a question may name something: not if it begins with a capital and has no other, nor quotes."""
    if not question.strip()[:1].isupper():
        return True
    return _is_cased(_words(question)) or next(_quoted(question), None) is not None


def longest(found: Sequence[Stretch], known: Collection[int]) -> list[Stretch]:
    """Those known that lie within no other one that is known, in the order of the question."""
    kept: list[Stretch] = []
    for one in sorted(found, key=lambda one: (one.start - one.end, not one.sure, one.start)):
        inside = any(_holds(other, one) for other in kept)
        if one.entity in known and not inside:
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _holds(other: Stretch, one: Stretch) -> bool:
    """Whether it stands within the other; another reading of the same characters does not."""
    wider = other.end - other.start > one.end - one.start
    return wider and other.start <= one.start and one.end <= other.end


def _quoted(question: str) -> Iterator[_Spot]:
    for match in _QUOTED.finditer(question):
        text = match.group(1)
        yield _Spot(match.start(1), match.end(1), text, sure=True, words=len(text.split()))


def _words(question: str) -> list[re.Match[str]]:
    return [match for match in _WORD.finditer(question) if not _IS_WIDE.match(match.group())]


def _is_cased(words: Sequence[re.Match[str]]) -> bool:
    """Whether names are shown by capitals, as the words after the first tell."""
    return any(match.group()[0].isupper() for match in words[1:])


def _worded(question: str) -> Iterator[_Spot]:
    """Runs of words; of a question that shows names by capitals, only those that begin with one."""
    words = _words(question)
    language = language_of(question)
    common, german = stopwords_of(language), language == "de"
    cased = _is_cased(words)
    for first in range(len(words)):
        for last in range(first, min(first + LONGEST_WORDS, len(words))):
            run = words[first : last + 1]
            if all(match.group().casefold() in common for match in run):
                continue
            start, end = run[0].start(), run[-1].end()
            named = _as_name(run)
            if named or (len(run) <= LONGEST_UNSURE and (not cased or _begun(run[0].group(), common))):
                yield _Spot(start, end, question[start:end], named, len(run))
                if named and german and (nominative := _nominative(question[start:end])):
                    yield _Spot(start, end, nominative, named, len(run))
            if named and 1 < len(run) <= LONGEST_JOINED:
                yield _Spot(start, end, "".join(match.group() for match in run), named, len(run))


def _nominative(name: str) -> str:
    """A German name without the endings of its genitive, "Wasserturms Grünfelde"; empty where it has none."""
    found = _GENITIVE.sub("", name)
    return found if found != name else ""


def _as_name(run: Sequence[re.Match[str]]) -> bool:
    """Both ends have a capital or are numbers, and one has a capital."""
    first, last = run[0].group(), run[-1].group()
    ends = all(any(letter.isupper() or letter.isdigit() for letter in word) for word in (first, last))
    return ends and any(any(letter.isupper() for letter in match.group()) for match in run)


def _begun(word: str, common: AbstractSet[str]) -> bool:
    """Whether a name may begin with the word and go on in small letters, or has no case at all."""
    return word.lower() == word.upper() or (word[0].isupper() and word.casefold() not in common)


def _wide(question: str) -> Iterator[_Spot]:
    """Parts of runs in scripts that do not set words apart."""
    for match in _WORD.finditer(question):
        if _IS_WIDE.match(match.group()):
            for start in range(match.start(), match.end() - 1):
                for end in range(start + 2, min(start + LONGEST_WIDE, match.end()) + 1):
                    yield _Spot(start, end, question[start:end], sure=False)
