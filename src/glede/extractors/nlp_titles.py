"""Titles and headings: what the chunks below them are about."""

from __future__ import annotations

import re
from functools import lru_cache

from glede.extractors.nlp_noise import is_noise
from glede.extractors.nlp_parts import CAPITAL
from glede.extractors.nlp_tally import Tally
from glede.extractors.nlp_types import type_of
from glede.extractors.nlp_words import GENERIC, STARTERS
from glede.graph.names import LONGEST_NAME

TITLE_WORDS = 9
"""A title of more words is a sentence, which no other text repeats as a name."""
SUBJECT_WORDS = 5
MOST_TITLES = 2**12
"""Of which is kept what they say: those of a document stand over each of its chunks."""
_NUMBERED = re.compile(
    r"^(?:(?:chapter|section|part|appendix|kapitel|abschnitt|глава|раздел)\s+[\dIVX]+(?:\.\d+)*[.:)]?"
    r"|(?:\d{1,2}|[IVX]+)[.)]|\d+(?:\.\d+)+[.:)]?|第[\d一二三四五六七八九十]+[章节])\s+(?=\S)",
    re.IGNORECASE,
)
"""The number of a heading; one number alone needs a mark behind it, for "3 Dots" is a title."""
_SHORT = re.compile(rf"^([{CAPITAL}][\w'’.-]*(?: [{CAPITAL}][\w'’.-]*){{0,3}})(?:, |: | [-–—] )")
_CAPITAL = re.compile(f"[{CAPITAL}]")


@lru_cache(maxsize=MOST_TITLES)
def heading_name(heading: str) -> str:
    """A heading as a name: without its number, and nothing where every document has one like it."""
    name = _NUMBERED.sub("", " ".join(heading.split())).strip(" .:#*_`") or heading.strip()
    words = name.casefold().split()
    if all(word.strip("&,:") in GENERIC for word in words):
        return ""
    return name[:LONGEST_NAME]


@lru_cache(maxsize=MOST_TITLES)
def title_type(name: str, *, document: bool) -> str:
    """What a title names: a thing of the world where it is short, else a document or section."""
    if len(name.split()) > TITLE_WORDS:
        return "document" if document else "section"
    found = type_of(name)
    return found if found != "name" or _is_named(name) else "term"


def _is_named(name: str) -> bool:
    """Whether all long words of a title are capitalised, as in a name; true of scripts without case."""
    words = [word for word in name.split() if len(word) > 3 and word[0].isalpha()]
    return not words or name.lower() == name.upper() or all(_CAPITAL.match(word) for word in words)


def is_subject(title: str) -> bool:
    """Whether a title names one thing, so that pronouns in the text may mean it."""
    words = title.split()
    if not 1 <= len(words) <= SUBJECT_WORDS or words[0].casefold() in STARTERS:
        return False
    return title_type(title, document=True) not in ("document", "term")


def tell_titles(tally: Tally, title: str, path: tuple[str, ...]) -> None:
    """Title and headings as subjects of a chunk, and what is before the comma or colon in a title."""
    headings = [heading_name(heading) for heading in path]
    name = heading_name(title)
    for place, one in enumerate([name, *headings]):
        if one:
            titled = place == 0 and is_noise(one)  # a film may be called "Seven"
            kind = "document" if titled else title_type(one, document=place == 0)
            tally.add(one, kind, 2 if place == 0 else 1, subject=True)
            short = short_title(one)
            if short:
                tally.add(short, type_of(short), subject=True)


@lru_cache(maxsize=MOST_TITLES)
def short_title(title: str) -> str:
    """What a title is called in short: "Springfield" of "Springfield, Illinois"; empty where it is not."""
    match = _SHORT.match(title)
    short = match[1].strip() if match else ""
    return short if 2 < len(short) < len(title) else ""
