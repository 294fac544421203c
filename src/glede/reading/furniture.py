"""What runs along on the pages of a document: its headers, footers and page numbers.

A block at the edge of its page is furniture where its words come back at the same place on other pages. Their
numbers must stay or go on with the pages, so that "Chapter 1" and "Chapter 2" are no header.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from glede.text.numerals import roman_value
from glede.types import Block, BlockType, Box, Page

BAND = 0.14
"""The part of a page's height, at the top and at the bottom, in which furniture stands."""
LONGEST = 300
HIGHEST = 60.0
"""Characters and points of furniture; what is larger is content."""
HIGHEST_HEADING = 18.0
"""A heading that is set larger than this heads a page of its own, as on slides."""
SAME_PLACE = 3
"""Points by which the same furniture may stand higher or lower on another page."""
LAYERS = 3
"""Lines of furniture, one below the other."""
TELLING = 8
"""Letters of words that are hardly the same by chance."""
NEAR = 4
"""How many pages with the same words are looked at for numbers that fit."""
BESIDE_TABLE = 6.0
"""Points between a table and the header row that stands alone above it."""

_NUMBER = r"(?P<number>\d{1,5}|[ivxlcdm]{1,9}|[IVXLCDM]{1,9})"
_COUNT = r"(?:\s*(?:of|von|de|di|sur|out of|из|/)\s*\d{1,5})"
_NAMED = r"(?:(?:page|seite|página|pagina|strona|страница|pag\.|pg\.|p\.|s\.|стр\.)\s*|第\s*)"
_LONE = re.compile(rf"[\s|\[(·•–—-]*{_NAMED}?{_NUMBER}{_COUNT}?\s*页?[\s|\])·•–—-]*", re.IGNORECASE)
_SURE = re.compile(
    rf"\s*(?:{_NAMED}{_NUMBER}{_COUNT}?\s*页?|\d{{1,5}}{_COUNT}|[–—-]\s*\d{{1,5}}\s*[–—-])\s*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_FIRST = re.compile(r"^(\d{1,5}|[ivxlcdm]{1,9})(?:\s+[|·•–—-])?(?=\s)\s+")
_LAST = re.compile(r"\s+(?:[|·•–—-]\s+)?(\d{1,5}|[ivxlcdm]{1,9})$")

Edge = Literal["header", "footer"]


def marked(blocks: Sequence[Block], pages: Sequence[Page]) -> list[Block]:
    """The blocks, those that run along on the pages as headers, footers and page numbers."""
    sheets = _Sheets(blocks, pages)
    kinds: dict[int, BlockType] = {}
    kinds.update(dict.fromkeys(_page_numbers(sheets), "page_number"))
    edges: tuple[Edge, Edge] = ("header", "footer")
    for edge in edges if len(sheets.heights) > 2 else ():
        for _ in range(LAYERS):
            found = _running(sheets, edge, kinds.keys())
            if not found:
                break
            kinds.update(dict.fromkeys(found, edge))
            kinds.update(dict.fromkeys(sheets.lone_numbers_beside(found), "page_number"))
    for place in _said_nowhere_else(blocks, kinds):
        del kinds[place]
    return [
        replace(block, type=kinds[place], level=0, table=None, text=_words(block))
        if place in kinds
        else block
        for place, block in enumerate(blocks)
    ]


@dataclass(frozen=True, slots=True)
class _Strip:
    """A block at an edge of its page: how far from it, its words less numbers, and these numbers.

    `counter` is the number that begins or ends it, as that of the page does.
    """

    place: int
    page: int
    distance: float
    height: float
    words: str
    numbers: tuple[int, ...]
    counter: int | None

    def goes_with(self, other: _Strip) -> bool:
        """Whether it is the other one, which stands on a later page, as it would stand on its own."""
        pages = other.page - self.page
        return (
            pages > 0
            and abs(self.distance - other.distance) <= SAME_PLACE
            and len(self.numbers) == len(other.numbers)
            and all(b - a in (0, pages) for a, b in zip(self.numbers, other.numbers, strict=True))
            and self._counts_up_to(other, pages)
        )

    def _counts_up_to(self, other: _Strip, pages: int) -> bool:
        """Whether the counters agree; pages may be missing between the two where the words are many."""
        if self.counter is None or other.counter is None:
            return len(self.words) >= TELLING or self.counter == other.counter
        more = other.counter - self.counter
        return more in (0, pages) or (len(self.words) >= TELLING and more > pages)

    def counts_with(self, other: _Strip) -> bool:
        """Whether a number in it goes on with the pages up to the other."""
        return self.counter != other.counter or self.numbers != other.numbers


class _Sheets:
    """The blocks of each page that have a place on it."""

    def __init__(self, blocks: Sequence[Block], pages: Sequence[Page]) -> None:
        self.blocks = blocks
        self.heights = {page.number: page.height for page in pages if page.height > 0}
        self._places: dict[int, list[int]] = defaultdict(list)
        for place, block in enumerate(blocks):
            if block.page in self.heights and block.box is not None:
                self._places[block.page].append(place)

    def strips(self, edge: Edge, gone: Container[int]) -> Iterator[_Strip]:
        """What may be furniture and has nothing but furniture, the blocks that are gone, further out."""
        for page, places in self._places.items():
            left = [place for place in places if place not in gone]
            for place in left:
                strip = self.strip(place, page, edge)
                if (
                    strip is not None
                    and not any(self._is_beyond(other, place, edge) for other in left)
                    and not self._heads_table(place, left, edge)
                ):
                    yield strip

    def strip(self, place: int, page: int, edge: Edge) -> _Strip | None:
        """The block as a strip of that edge, where it is near and small enough."""
        block, box, height = self.blocks[place], self._box(place), self.heights[page]
        distance = box.y0 if edge == "header" else height - box.y1
        far = box.y1 if edge == "header" else height - box.y0
        if far > BAND * height or box.y1 - box.y0 > HIGHEST or not _may_run(block, box):
            return None
        return _Strip(place, page, distance, box.y1 - box.y0, *_words_and_numbers(_words(block)))

    def at(self, edge: Edge) -> Iterator[_Strip]:
        """All strips of an edge, in whatever line they stand."""
        for page, places in self._places.items():
            for place in places:
                if (strip := self.strip(place, page, edge)) is not None:
                    yield strip

    def lone_numbers_beside(self, found: Sequence[int]) -> Iterator[int]:
        """The numbers that stand alone in a line with furniture, or were taken for it."""
        for place in found:
            box = self._box(place)
            for other in self._places[self.blocks[place].page or 0]:
                theirs = self._box(other)
                if min(box.y1, theirs.y1) - max(box.y0, theirs.y0) > (theirs.y1 - theirs.y0) / 2:
                    match = _LONE.fullmatch(_words(self.blocks[other]))
                    if match is not None and _value(match["number"]):
                        yield other

    def _box(self, place: int) -> Box:
        return self.blocks[place].box or Box(0.0, 0.0, 0.0, 0.0)

    def _is_beyond(self, other: int, place: int, edge: Edge) -> bool:
        """Whether the other block stands nearer to the edge."""
        ours, theirs = self._box(place), self._box(other)
        return theirs.y1 <= ours.y0 + 1 if edge == "header" else theirs.y0 >= ours.y1 - 1

    def _heads_table(self, place: int, others: Sequence[int], edge: Edge) -> bool:
        """Whether it is the header row of the table right below it."""
        box = self._box(place)
        return edge == "header" and any(
            self.blocks[other].type == "table"
            and -1 <= self._box(other).y0 - box.y1 <= BESIDE_TABLE
            and self._box(other).x0 - 5 <= box.x0
            and box.x1 <= self._box(other).x1 + 5
            for other in others
            if other != place
        )


def _may_run(block: Block, box: Box) -> bool:
    if block.type == "heading" and box.y1 - box.y0 > HIGHEST_HEADING:
        return False
    if block.table is not None and block.table.rows > 2:
        return False
    return block.type in ("text", "heading", "list", "table") and 0 < len(block.text) <= LONGEST


def _words(block: Block) -> str:
    if block.table is None:
        return block.text
    return " ".join(" ".join(cell.text.split()) for cell in block.table.cells if cell.text.strip())


def _words_and_numbers(text: str) -> tuple[str, tuple[int, ...], int | None]:
    """The words with a sign for each number in them, these numbers, and the one that begins or ends it."""
    text = " ".join(text.split()).casefold()
    counter = None
    for end in (_FIRST, _LAST):
        match = end.search(text)
        if match is not None and (value := _value(match[1])):
            text, counter = text[: match.start()] + text[match.end() :], value
            break
    numbers = tuple(int(digits[:12]) for digits in _DIGITS.findall(text))
    return _DIGITS.sub("#", text), numbers, counter


def _value(digits: str) -> int:
    """What a number is worth, Arabic or Roman; 0 of letters that are none."""
    return int(digits) if digits.isdecimal() else roman_value(digits)


def _page_numbers(sheets: _Sheets) -> list[int]:
    """The blocks that hold the number of their page and nothing else."""
    pages: dict[tuple[bool, int], set[int]] = defaultdict(set)
    found: list[tuple[int, bool, tuple[bool, int]]] = []
    edges: tuple[Edge, Edge] = ("header", "footer")
    for strip in (strip for edge in edges for strip in sheets.at(edge)):
        text = _words(sheets.blocks[strip.place])
        match = _LONE.fullmatch(text)
        if match is None:
            continue
        if value := _value(match["number"]):
            series = (match["number"].isdecimal(), value - strip.page)
            pages[series].add(strip.page)
            found.append((strip.place, _SURE.fullmatch(text) is not None, series))
    enough = 2 if len(sheets.heights) <= 4 else 3
    return [place for place, sure, series in found if sure or len(pages[series]) >= enough]


def _running(sheets: _Sheets, edge: Edge, gone: Container[int]) -> list[int]:
    """The outermost blocks at an edge that come back on other pages, and what else stands in their place."""
    strips = list(sheets.strips(edge, gone))
    repeated, counted = _repeated(strips)
    places = _Places(strips, repeated)
    found = []
    for strip in strips:
        again, all_there = places.support(strip.distance)
        if strip.place in repeated:
            few = len(sheets.heights) <= 4 or strip.place in counted
            if again >= (2 if few else 3) and again * 2 >= all_there:
                found.append(strip.place)
        elif again >= 4 and again * 3 >= all_there * 2 and places.is_as_high(strip):
            found.append(strip.place)
    return found


def _repeated(strips: Sequence[_Strip]) -> tuple[set[int], set[int]]:
    """The blocks that come back on another page, and those of them that count pages."""
    alike: dict[str, list[_Strip]] = defaultdict(list)
    for strip in strips:
        alike[strip.words].append(strip)
    repeated: set[int] = set()
    counted: set[int] = set()
    for group in alike.values():
        for number, strip in enumerate(group):
            for other in group[number + 1 : number + 1 + NEAR]:
                if strip.goes_with(other):
                    repeated |= {strip.place, other.place}
                    if strip.counts_with(other):
                        counted |= {strip.place, other.place}
    return repeated, counted


class _Places:
    """On how many pages something stands at a distance from the edge, and on how many it comes back."""

    def __init__(self, strips: Sequence[_Strip], repeated: set[int]) -> None:
        self._all: dict[int, set[int]] = defaultdict(set)
        self._repeated: dict[int, set[int]] = defaultdict(set)
        self._heights: set[tuple[int, int]] = set()
        self._known: dict[int, tuple[int, int]] = {}
        for strip in strips:
            self._all[round(strip.distance)].add(strip.page)
            if strip.place in repeated:
                self._repeated[round(strip.distance)].add(strip.page)
                self._heights.add((round(strip.distance), round(strip.height)))

    def is_as_high(self, strip: _Strip) -> bool:
        """Whether something as high as the strip comes back in its place."""
        distance, height = round(strip.distance), round(strip.height)
        return any(
            (distance + up, height + more) in self._heights
            for up in range(-SAME_PLACE, SAME_PLACE + 1)
            for more in (-1, 0, 1)
        )

    def support(self, distance: float) -> tuple[int, int]:
        """Pages with what comes back about there, and pages with anything there."""
        around = round(distance)
        if around not in self._known:
            near = range(around - SAME_PLACE, around + SAME_PLACE + 1)
            again: set[int] = set().union(*(self._repeated.get(one, set()) for one in near))
            anything: set[int] = set().union(*(self._all.get(one, set()) for one in near))
            self._known[around] = len(again), len(anything)
        return self._known[around]


def _said_nowhere_else(blocks: Sequence[Block], kinds: Mapping[int, BlockType]) -> list[int]:
    """Of headings that run along and stand nowhere else, the first: a title on every page is said once."""
    standing = {
        _plain(block) for place, block in enumerate(blocks) if block.type == "heading" and place not in kinds
    }
    first: dict[str, int] = {}
    for place in sorted(kinds):
        if blocks[place].type == "heading" and kinds[place] == "header":
            first.setdefault(_plain(blocks[place]), place)
    return [place for text, place in first.items() if text not in standing and not _DIGITS.search(text)]


def _plain(block: Block) -> str:
    return " ".join(block.text.split()).casefold()
