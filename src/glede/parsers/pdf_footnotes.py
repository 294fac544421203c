"""Footnotes: small text at the foot of a column that begins with a mark which stands in the text above."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.types import Block, Box

if TYPE_CHECKING:
    from liteparse.types import ParsedPage, TextItem

SMALLER = 0.92
"""How high the letters of footnotes are at most, compared with those of the text."""
MANY = 0.25
"""The part of the letters from which those of one height are text."""
HIGHEST = 0.6
"""The part of a page that footnotes may fill; what fills more is set small, as references are."""
UPPER = 0.25
"""The part of a page at its top in which no footnote begins."""
FOOT = 0.9
"""Where on a page its number and running title may stand below the footnotes."""
_LINES = 1.6
_TELLING = 12
"""Characters by which the beginning of a line is found in the text."""
_MARK = re.compile(r"(?P<mark>\d{1,3}|[*†‡§¶]{1,3})(?![\d.):%,/\-–°])\s?(?=[^\s\d])")
_BEFORE = r"(?:[^\W\d_]|[.,;:!?)\]\"'’”“»›])\s?(?:\$\^\{?|\^\{?)?"


def body_height(pages: Iterable[ParsedPage]) -> float:
    """How high the letters of the text are, in points: the higher ones, where footnotes are as long as it."""
    heights: Counter[float] = Counter()
    for page in pages:
        for item in page.text_items:
            heights[round(item.height * 2) / 2] += len(item.text)
    many = MANY * heights.total()
    return max((height for height, count in heights.items() if count >= many), default=0.0) or (
        heights.most_common(1)[0][0] if heights else 0.0
    )


def with_footnotes(blocks: Sequence[Block], page: ParsedPage, body: float) -> list[Block]:
    """The blocks of a page with its footnotes at their end, one block each."""
    first = [
        place
        for place, block in enumerate(blocks)
        if block.type in ("text", "heading", "list")
        and block.box is not None
        and block.box.y0 > UPPER * page.height
        and _MARK.match(block.text)
    ]
    if not first:
        return list(blocks)
    foot = _Foot(blocks, page, body)
    taken: set[int] = set()
    for place in first:
        if place not in taken:
            taken |= foot.notes_from(place)
    if not taken:
        return list(blocks)
    notes = _joined([block for place, block in enumerate(blocks) if place in taken])
    text = [block for place, block in enumerate(blocks) if place not in taken]
    return [*text, *(one for note in notes for one in _separated(note, page.text_items))]


class _Foot:
    """The blocks of a page, and which of them stand small at the foot of a column."""

    def __init__(self, blocks: Sequence[Block], page: ParsedPage, body: float) -> None:
        self._blocks = blocks
        self._page = page
        self._body = body
        self._small: dict[int, bool] = {}

    def notes_from(self, place: int) -> set[int]:
        """The blocks from there to the foot of the column, if they are footnotes."""
        start = self._blocks[place]
        if start.box is None or not self._is_small(place):
            return set()
        top = start.box.y0
        below = {
            other
            for other, block in enumerate(self._blocks)
            if block.box is not None
            and block.box.y0 >= top - 1
            and _is_above(start.box, block.box)
            and not self._is_at_foot(block)
        } | {place}
        bottom = max(block.box.y1 for other in below if (block := self._blocks[other]).box is not None)
        if bottom - top > HIGHEST * self._page.height or not all(map(self._is_small, below)):
            return set()
        return below if self._is_noted(start, below) else set()

    def _is_small(self, place: int) -> bool:
        if place not in self._small:
            block = self._blocks[place]
            lines = _items_in(self._page.text_items, block.box) if block.box else []
            high = sorted(item.height for item in lines for _ in range(len(item.text)))
            self._small[place] = (
                block.type in ("text", "heading", "list")
                and bool(high)
                and high[len(high) // 2] <= SMALLER * self._body
            )
        return self._small[place]

    def _is_at_foot(self, block: Block) -> bool:
        """Whether it may be the number of the page, or a title that runs along."""
        box = block.box
        return (
            box is not None
            and box.y0 > FOOT * self._page.height
            and box.y1 - box.y0 < _LINES * self._body
            and not _MARK.match(block.text)
        )

    def _is_noted(self, start: Block, notes: set[int]) -> bool:
        """Whether the mark is raised, or stands in the text."""
        match = _MARK.match(start.text)
        if match is None or start.box is None:
            return False
        lines = _items_in(self._page.text_items, start.box)
        if (
            len(lines) > 1
            and lines[0].text.strip() == match["mark"]
            and lines[0].height < 0.8 * lines[1].height
        ):
            return True
        if start.box.y0 > FOOT * self._page.height:  # where the number of the page stands beside its title
            return False
        said = re.compile(rf"{_BEFORE}{re.escape(match['mark'])}(?![\w%])")
        return any(said.search(block.text) for place, block in enumerate(self._blocks) if place not in notes)


def _is_above(first: Box, second: Box) -> bool:
    return min(first.x1, second.x1) - max(first.x0, second.x0) > 0


def _items_in(items: Sequence[TextItem], box: Box) -> list[TextItem]:
    """The words of a block, line by line."""
    within = [
        item
        for item in items
        if box.x0 - 1 <= item.x + item.width / 2 <= box.x1 + 1
        and box.y0 - 1 <= item.y + item.height / 2 <= box.y1 + 1
        and item.text.strip()
    ]
    return sorted(within, key=lambda item: (round(item.y / 4), item.x))


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """One block for each that begins with a mark; those after it belong to it."""
    notes: list[Block] = []
    for block in blocks:
        if not notes or _MARK.match(block.text):
            notes.append(replace(block, type="footnote", level=0))
        else:
            last = notes[-1]
            box = last.box.union(block.box) if last.box and block.box else last.box
            notes[-1] = replace(last, text=_together(last.text, block.text), box=box)
    return notes


def _together(first: str, second: str) -> str:
    if re.search(r"[^\W\d]-$", first) and second[:1].islower():
        return first[:-1] + second
    return f"{first} {second}"


def _separated(note: Block, items: Sequence[TextItem]) -> list[Block]:
    """The notes in a block, where the next number begins a line of it."""
    match = _MARK.match(note.text)
    if match is None or note.box is None or not match["mark"].isdecimal():
        return [note]
    notes, rest, expected = [], note, int(match["mark"]) + 1
    lines = _items_in(items, note.box)
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        begin = line.text.strip()
        if after is not None and begin == str(expected):
            begin = f"{begin} {after.text.strip()}"
        if rest.box is None or not re.match(rf"{expected}(?!\d)\s?\D", begin):
            continue
        cut = rest.text.find(begin[:_TELLING])
        if cut > 0:
            notes.append(replace(rest, text=rest.text[:cut].rstrip(), box=replace(rest.box, y1=line.y)))
            rest = replace(rest, text=rest.text[cut:], box=replace(rest.box, y0=line.y))
            expected += 1
    return [*notes, rest]
