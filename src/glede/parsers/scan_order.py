"""From lines with boxes to paragraphs in reading order: columns one after another, rows of cells as rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from glede.parsers.recognition import Line
from glede.types import Box

SAME_ROW = 0.5
"""The part of the lower height by which pieces of one row overlap."""
WORD_GAP = 1.2
"""Heights between two pieces of one line."""
LINE_GAP = 0.5
"""Heights between two lines of one paragraph."""
HEIGHTS = 1.4
"""How much higher one line of a paragraph may be than the next."""
PROSE = 20
"""Characters a line, from which several lines below each other are a column of text and no cells."""
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad]$")
_MARKED = re.compile(r"(?:[•◦▪■●–—*-]|\(?\d{1,3}[.)])\s*[^\W\d_]")
"""How an item of a list begins."""
_NO_SPACES = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
"""Scripts that put no space between words."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together, with the box around them; `rows` if they are rows of cells."""

    lines: tuple[Line, ...]
    box: Box
    rows: bool = False

    @property
    def text(self) -> str:
        """The lines as one, hyphenated words made whole; rows and items of lists are lines still."""
        text = ""
        for line in (line.text.strip() for line in self.lines):
            apart = text and (self.rows or _MARKED.match(line))
            text = f"{text}\n{line}" if apart else _joined(text, line)
        return text

    @property
    def score(self) -> float:
        """The mean score of its lines, weighted with their length."""
        letters = sum(len(line.text) for line in self.lines)
        return sum(line.score * len(line.text) for line in self.lines) / max(letters, 1)


def paragraphs(lines: Sequence[Line]) -> list[Paragraph]:
    """The lines of a page as paragraphs in reading order."""
    stacks = _stacked(_rows(lines, WORD_GAP))
    prose = [stack for stack in stacks if _is_prose(stack)]
    cells = [line for stack in stacks if not _is_prose(stack) for line in stack]
    alone = set(cells)
    found = [Paragraph(tuple(stack), _around(stack)) for stack in prose]
    for stack in _stacked(_rows(cells, None)):
        found.append(Paragraph(tuple(stack), _around(stack), rows=not alone.issuperset(stack)))
    return _ordered(found)


def _joined(text: str, line: str) -> str:
    if not text or not line:
        return text or line
    if _HYPHEN.search(text) and line[0].islower():
        return text[:-1] + line
    if _NO_SPACES.match(text[-1]) and _NO_SPACES.match(line[0]):
        return text + line
    return f"{text} {line}"


def _rows(lines: Sequence[Line], gap: float | None) -> list[Line]:
    """The pieces of each row joined, where no more than `gap` heights lie between them; from the top."""
    rows: list[Line] = []
    for line in sorted(lines, key=lambda line: line.box.x0):
        for place, row in enumerate(rows):
            if _in_a_row(row.box, line.box, gap):
                rows[place] = _one_line(row, line)
                break
        else:
            rows.append(line)
    return sorted(rows, key=lambda row: (row.box.y0, row.box.x0))


def _in_a_row(left: Box, right: Box, gap: float | None) -> bool:
    height = min(left.y1 - left.y0, right.y1 - right.y0)
    if min(left.y1, right.y1) - max(left.y0, right.y0) < SAME_ROW * height:
        return False
    between = right.x0 - left.x1
    return between > -height and (gap is None or between <= gap * height)


def _one_line(left: Line, right: Line) -> Line:
    letters = max(len(left.text) + len(right.text), 1)
    score = (left.score * len(left.text) + right.score * len(right.text)) / letters
    return Line(_joined(left.text, right.text), score, left.box.union(right.box))


def _stacked(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that follow each other closely, of about one height, one below the other."""
    stacks: list[list[Line]] = []
    for line in lines:
        fitting = [stack for stack in stacks if _follows(stack[-1].box, line.box)]
        if fitting:
            max(fitting, key=lambda stack: stack[-1].box.y0).append(line)
        else:
            stacks.append([line])
    return stacks


def _follows(above: Box, below: Box) -> bool:
    heights = sorted((above.y1 - above.y0, below.y1 - below.y0))
    if heights[1] > HEIGHTS * heights[0] or below.y0 - above.y1 > LINE_GAP * heights[0]:
        return False
    if below.y0 < above.y0 + heights[0] / 2:
        return False
    return _overlap(above, below) >= 0.5 * min(above.x1 - above.x0, below.x1 - below.x0)


def _overlap(one: Box, other: Box) -> float:
    """How far they lie one above the other."""
    return min(one.x1, other.x1) - max(one.x0, other.x0)


def _is_prose(stack: Sequence[Line]) -> bool:
    lengths = [len(line.text) for line in stack]
    return median(lengths) >= PROSE * (2 if len(stack) == 1 else 1)


def _around(lines: Sequence[Line]) -> Box:
    box = lines[0].box
    for line in lines[1:]:
        box = box.union(line.box)
    return box


def _ordered(found: Sequence[Paragraph]) -> list[Paragraph]:
    """In reading order (Breuel, High performance document layout analysis, 2003, section 5).

    One comes before another if it stands above it, or left of it with nothing across both in between.
    """
    left = sorted(found, key=lambda one: (one.box.y0, one.box.x0))
    ordered: list[Paragraph] = []
    while left:
        first = next(
            (one for one in left if not any(_before(o, one, found) for o in left if o is not one)), left[0]
        )
        left.remove(first)
        ordered.append(first)
    return ordered


def _before(one: Paragraph, other: Paragraph, all_of_them: Sequence[Paragraph]) -> bool:
    if _overlap(one.box, other.box) > 0:
        return one.box.y0 < other.box.y0
    if one.box.x0 > other.box.x0:
        return False
    top, bottom = sorted((one.box.y0, other.box.y0))
    return not any(
        top < third.box.y0 < bottom
        and _overlap(third.box, one.box) > 0
        and _overlap(third.box, other.box) > 0
        for third in all_of_them
    )
