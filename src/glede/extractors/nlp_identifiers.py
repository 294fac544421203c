"""Names that machines read: code, paths, versions, options; and acronyms with what they stand for.

Acronyms after Schwartz and Hearst 2003, "A Simple Algorithm for Identifying Abbreviation Definitions in
Biomedical Text": the letters of the short form are looked for from right to left in the words before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from glede.extractors.nlp_parts import Found

_EDGE = "\"'“”‘’«»„()[]{}<>,;:!?*`。，、"
_SUSPECT = re.compile(r"[_./\\:@=-]|[a-z][A-Z]|\(\)|\d")
_CAMEL = re.compile("[a-z]+[A-Z]")
_IDENTIFIER = re.compile(
    r"""
      [A-Za-z]\w*(?:_\w+)+(?:\(\))?                                # snake_case  ERR_CONN_RESET
    | (?:[a-z]+[A-Z]\w*|\w{2,})\(\)                                # getUser()
    | [a-z]+(?:[A-Z][a-z0-9]+)+                                    # getUser
    | (?![a-z]+\.[A-Z][a-z]+$)[A-Za-z_]\w{2,}(?:(?:\.|::|->)[A-Za-z_]\w+)+(?:\(\))?  # collection.insert()
    | v\d+(?:\.\d+){1,3}(?:[-.]?(?:rc|beta|alpha|dev)\.?\d*)?      # v2.4
    | \d+(?:\.\d+){2,3}(?:[-.]?(?:rc|beta|alpha|dev)\.?\d*)?       # 2.4.1
    | (?:~|\.{1,2})?(?:/[\w.+-]+){2,}/?                            # /etc/hosts
    | [\w.+-]+(?:/[\w.+-]+)*\.(?:py|js|ts|json|ya?ml|toml|md|txt|csv|html?|cpp|java|go|rs|sh|xml|ini|cfg|log
                                 |sql|ipynb)
    | --[a-z][\w-]+                                                # --home
    | 0x[0-9A-Fa-f]{2,}
    """,
    re.VERBOSE,
)
LONGEST_IDENTIFIER = 120

_SHORT = re.compile(r" ?[(（]([A-Z][\w&./-]{1,9}s?)(?:[,;] [^()]{1,40})?[)）]")
_EXPANDED = re.compile(r"\b([A-Z][A-Z0-9&-]{1,7}) \(([A-Za-z][^()]{5,80})\)")
_WORDS_BEFORE = 100


class Expansion(NamedTuple):
    """An acronym and what it stands for, and where the long form begins."""

    short: str
    long: str
    start: int


def identifiers_in(text: str) -> Iterator[Found]:
    """The identifiers in a text, in order."""
    place = 0
    for token in [one for one in text.split() if not (one.isalpha() and one[1:].islower())]:
        name = token.strip(_EDGE).rstrip(".")
        if name.isalpha() and not _CAMEL.match(name):
            continue
        if token.endswith("()") or name.endswith("("):
            name = name.rstrip("(") + "()"
        if 3 <= len(name) <= LONGEST_IDENTIFIER and _is_identifier(name):
            place = max(text.find(name.removesuffix("()"), place), place)
            yield Found(name, place, place + len(name))


@lru_cache(maxsize=2**14)
def _is_identifier(name: str) -> bool:
    """Whether a word is one by its letters; most that may be stand again and again."""
    return _SUSPECT.search(name) is not None and _IDENTIFIER.fullmatch(name) is not None


def expansions_in(text: str) -> Iterator[Expansion]:
    """Acronyms in brackets behind their long form, or before it."""
    if "(" not in text and "（" not in text:
        return
    for match in _SHORT.finditer(text):
        short = match[1]
        if sum(letter.isupper() for letter in short) * 2 >= len(short):
            start = max(0, match.start() - _WORDS_BEFORE)
            before = re.split(r"[\n.;:()]", text[start : match.start()])[-1]
            words = before.split()
            count = len(short.rstrip("s"))
            candidate = " ".join(words[-min(count + 5, count * 2) :])
            if long := long_form(short.rstrip("s") or short, candidate):
                yield Expansion(short, long, match.start() - len(long))
    for match in _EXPANDED.finditer(text):
        long = long_form(match[1], match[2].strip())
        if long and len(long) >= len(match[2].strip()) - 4:
            yield Expansion(match[1], long, match.start(2))


def long_form(short: str, candidate: str) -> str:
    """The end of the candidate whose words the letters of the short form stand for; empty where none does.

    First each letter is to begin a word, then only the first of them.
    """
    for strict in (True, False):
        start = _start_of(short, candidate, strict)
        long = candidate[start:] if start >= 0 else ""
        if len(long.split()) > 1 and len(long) > len(short) and short not in long.split():
            return long
    return ""


def _start_of(short: str, candidate: str, strict: bool) -> int:
    """Where the letters of the short form begin, looked for from right to left; -1 where they are not."""
    place = len(candidate)
    for index in range(len(short) - 1, -1, -1):
        letter = short[index].casefold()
        if not letter.isalnum():
            continue
        place -= 1
        while place >= 0 and not (
            candidate[place].casefold() == letter
            and (not (strict or index == 0) or place == 0 or not candidate[place - 1].isalnum())
        ):
            place -= 1
        if place < 0:
            return -1
    return place
