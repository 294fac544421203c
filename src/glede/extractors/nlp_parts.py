"""A run of capitalised words taken apart: at "and", behind a role, before "of", behind a possessive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from functools import lru_cache
from typing import NamedTuple

from glede.extractors.nlp_words import COMMON, HEADS, ROLES
from glede.text.languages import STOPWORDS


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
_AND = re.compile(r"[ \u00a0](?:and|und|et|y|e|og|och|и|&)[ \u00a0](?:the[ \u00a0])?")
_OF = re.compile(r"[ \u00a0](?:of|from)[ \u00a0](?=[^\W\d_])(?!the\b)")
_OWNER = re.compile(r"['’]s[ \u00a0]")
_ROLES = "|".join(sorted(role.capitalize() for role in ROLES))
_ROLE = re.compile(rf"\b(?:{_ROLES})\.?(?: of [{CAPITAL}]\w+)?[ \u00a0](?=[{CAPITAL}])")
_HELD = re.compile(
    r"^([^\W\d_]+)-(?:born|based|held|led|owned|speaking|style|language|era|bound|like|American)[ \u00a0]"
)
STOPPED = STOPWORDS["en"] | STOPWORDS["ru"]


def parts_of(run: str, start: int, first: bool, small: Set[str]) -> Iterator[Found]:
    """The names in a run, and the run itself where it may be one; `first` where a sentence begins with it."""
    places = [(match.start(), match.end()) for match in _AND.finditer(run)]
    if not places:
        yield from _whole(run, start, first, small)
        return
    bounds = [0, *(place for pair in places for place in pair), len(run)]
    parts = [(bounds[place], bounds[place + 1]) for place in range(0, len(bounds), 2)]
    if _may_be_one(run, [run[one:two] for one, two in parts]):
        yield Found(run, start, start + len(run))
    for one, two in parts:
        yield from _whole(run[one:two], start + one, first and one == 0, small)


def _may_be_one(run: str, parts: list[str]) -> bool:
    """Whether "and" may stand inside of a name: between two single words, after "of", or written "&"."""
    alone = all(" " not in part for part in parts)
    return "&" in run or (len(parts) == 2 and (alone or " of " in parts[0]))


def _whole(run: str, start: int, first: bool, small: Set[str]) -> Iterator[Found]:
    """A run without "and", and the names that it consists of."""
    end = start + len(run)
    if held := _HELD.match(run):
        yield Found(run[held.end() :], start + held.end(), end)
        yield Found(held[1], start, start + len(held[1]))
        return
    if is_name(run, first, small):
        yield Found(run, start, end)
    if " " not in run:
        return
    for role in _ROLE.finditer(run):
        if " " in run[role.end() :]:
            yield Found(run[role.end() :], start + role.end(), end)
        if before := run[: role.start()].strip():
            yield Found(before, start, start + len(before))
    if owner := _OWNER.search(run):
        yield Found(run[: owner.start()], start, start + owner.start())
    if (of := _OF.search(run)) and _stands_alone(run[: of.start()]):
        yield Found(run[: of.start()], start, start + of.start())
        yield Found(run[of.end() :], start + of.end(), end)


def _stands_alone(name: str) -> bool:
    """Whether what stands before "of" is a name without it, as in "Ada Lovelace of London"."""
    words = name.casefold().split()
    return 2 <= len(words) <= 3 and not any(word in HEADS or word in ROLES for word in words)


def is_name(run: str, first: bool, small: Set[str]) -> bool:
    """Whether a run is more than a word that begins a sentence."""
    if len(run) < 2:
        return False
    if " " in run:
        return True
    lower = run.casefold()
    if lower in COMMON or lower in STOPPED or lower in ROLES:
        return run.isupper() and not first
    return not (first and (lower in small or _other_number(lower) in small or _derived(lower)))


def _other_number(lower: str) -> str:
    return lower[:-1] if lower.endswith("s") else lower + "s"


@lru_cache(maxsize=2**14)
def _derived(lower: str) -> bool:
    """Whether a word is by its ending an adverb, a participle or an abstract noun."""
    return lower.isascii() and lower.endswith(
        ("ly", "ing", "ings", "tion", "tions", "ment", "ments", "ness", "ities", "ists", "ers")
    )
