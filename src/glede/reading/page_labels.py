"""What a page calls itself: the number that is printed on it, where that is not its place in the file.

A printed number is believed where it runs along with the pages of its document; two run along where each
page shows two of an open book. What the file itself calls a page holds where nothing is printed on it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from glede.text.numerals import roman, roman_value
from glede.types import FURNITURE, OPEN_BOOK, Block, Page

ENOUGH = 3
"""Pages that a number must run along with; two of a document of four pages or fewer."""
DENSE = 3
"""Of as many pages from the first to the last of a run, at least one bears its number."""
LONGEST = 16
"""Characters of what a page is called."""

_NUMBER = re.compile(
    r"(?<![\w.,/–-])(?P<before>[A-Z]{1,2}[-.–]?|\d{1,2}[-–](?=\d))?(?P<number>\d{1,5})(?![\w,/]|[.–-]\w)"
)
_NUMERAL = re.compile(
    r"^\W*(?P<first>[ivxlcdm]{1,9}|[IVXLCDM]{1,9})(?!\S)|(?<!\S)(?P<last>[ivxlcdm]{1,9})\W*$"
)


@dataclass(frozen=True, slots=True)
class _Run:
    """Numbers that grow by `step` from page to page: what stands before them, and their script."""

    before: str
    script: str
    step: int
    offset: int

    def on(self, page: int) -> str:
        """What it says on a page; nothing where no page has such a number."""
        value = self.offset + self.step * page
        if value < 1:
            return ""
        written = roman(value) if self.script else str(value)
        return self.before + (written.upper() if self.script == "upper" else written)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What some pages are called, and how many of them bear it."""

    pages: range
    runs: tuple[_Run, ...]
    borne: int

    def on(self, page: int) -> str:
        """The label of a page."""
        return OPEN_BOOK.join(name for run in self.runs if (name := run.on(page)))


def labelled(blocks: Sequence[Block], pages: Sequence[Page]) -> tuple[Page, ...]:
    """The pages with what they are called; no names where all are called by their places in the file."""
    printed = _printed(blocks, {page.number for page in pages})
    named = {page.number: printed.get(page.number) or page.label.strip() for page in pages}
    kept = {number: name for number, name in named.items() if 0 < len(name) <= LONGEST}
    if all(name == str(number) for number, name in kept.items()):
        kept = {}
    return tuple(replace(page, label=kept.get(page.number, "")) for page in pages)


def _printed(blocks: Sequence[Block], known: set[int]) -> Mapping[int, str]:
    """What runs along, for the pages that it runs along with; the run that most pages bear comes first."""
    borne: dict[_Run, set[int]] = defaultdict(set)
    for block in blocks:
        if block.type in FURNITURE and block.page in known:
            for run in _runs(block.text, block.page):
                borne[run].add(block.page)
    enough = ENOUGH if len(known) > ENOUGH + 1 else 2
    held = {run: places for run, places in borne.items() if len(places) >= enough and _is_dense(places)}
    claims = sorted(_claims(held), key=lambda claim: claim.borne)
    return {page: claim.on(page) for claim in claims for page in claim.pages if page in known}


def _is_dense(places: set[int]) -> bool:
    return max(places) - min(places) < DENSE * len(places)


def _claims(held: Mapping[_Run, set[int]]) -> Iterator[_Claim]:
    """The runs that may number pages: one by itself, or the two of an open book."""
    for run, places in held.items():
        if run.step == 1:
            yield _Claim(_reach(places), (run,), len(places))
        elif (right := replace(run, offset=run.offset + 1)) in held:
            both = places | held[right]
            yield _Claim(_reach(both), (run, right), len(both))


def _reach(places: set[int]) -> range:
    """The pages of a run with those between them, which may bear no number."""
    return range(min(places), max(places) + 1)


def _runs(text: str, page: int) -> Iterator[_Run]:
    """The runs that the numbers in a header, a footer or a page number may belong to."""
    text = " ".join(text.split())
    for found in _NUMBER.finditer(text):
        for step in (1, 2):
            yield _Run(found["before"] or "", "", step, int(found["number"]) - step * page)
    for found in _NUMERAL.finditer(text):
        letters = found["first"] or found["last"]
        if value := roman_value(letters):
            yield _Run("", "upper" if letters.isupper() else "lower", 1, value - page)
