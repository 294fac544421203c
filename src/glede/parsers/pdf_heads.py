"""The heads of tables without rulings, read again: liteparse makes one row of all their lines.

What stands lowest in each column is its own heading; what stands above, apart from it, spans the columns
whose middle it marks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from glede.parsers.building import one_line, table_markdown
from glede.parsers.pdf_text import visible
from glede.types import Block, Box, Cell, Table, union_of

if TYPE_CHECKING:
    from liteparse.types import ParsedPage

LEAST_COLUMNS = 4
MOST_COLUMNS = 60
APART = 0.5
"""Parts of a line's height between two lines that are not one heading."""
WORD_GAP = 1.0
"""Parts of a line's height between words that belong together."""
BARE = 4.0
"""What it counts, in points, that a column stands below no heading that spans several."""
_ABOVE = 12.0
_HIGHEST = 60.0
_WORD = re.compile(r"\S+")
_ALL = re.compile(r"\S(?:.*\S)?")


def with_heads(blocks: Sequence[Block], page: ParsedPage) -> list[Block]:
    """The blocks of a page, the heads of its tables with all their rows and spans."""
    made = list(blocks)
    gone: set[int] = set()
    for place, block in enumerate(blocks):
        if block.table is None or block.box is None or not _has_head(block.table):
            continue
        lines = _lines_above(blocks, place, page)
        head = _read(block.table, union_of(box for one in lines if (box := blocks[one].box)), page)
        if lines and (head is None or head.rows == block.table.rows):
            lines, head = [], None
        if head is None and _is_doubtful(block.table):
            head = _read(block.table, None, page)
        elif not lines and not _is_doubtful(block.table):
            continue
        if head is not None:
            box = union_of(box for one in [place, *lines] if (box := blocks[one].box))
            made[place] = replace(block, table=head, text=table_markdown(head, block.caption), box=box)
            gone |= set(lines)
    return [block for place, block in enumerate(made) if place not in gone]


def _has_head(table: Table) -> bool:
    """Whether the first row is the head of a table with several columns."""
    return (
        LEAST_COLUMNS <= table.columns <= MOST_COLUMNS
        and table.rows >= 3
        and table.header_rows() == 1
        and all(cell.header for cell in table.cells if cell.row == 0)
    )


def _is_doubtful(table: Table) -> bool:
    """Whether a heading lies over several columns, or over none."""
    bands = _bands(table) or ()
    heads = [cell for cell in table.cells if cell.row == 0]
    return any(cell.box is None for cell in heads if cell.column) or any(
        sum(cell.box.x0 < band.right - 2 and cell.box.x1 > band.left + 2 for band in bands) > 1
        for cell in heads
        if cell.box
    )


@dataclass(frozen=True, slots=True)
class _Band:
    """From where to where the cells of a column reach, and the halves of the gaps beside it."""

    x0: float
    x1: float
    left: float
    right: float

    def around(self, heading: _Words | None) -> _Band:
        """The column with its own heading."""
        if heading is None:
            return self
        return replace(self, x0=min(self.x0, heading.box.x0), x1=max(self.x1, heading.box.x1))


def _bands(table: Table) -> list[_Band] | None:
    """The columns by what stands below the head; `None` where they cannot be told apart."""
    edges: list[tuple[float, float]] = []
    for column in range(table.columns):
        boxes = [
            one.box for one in table.cells if one.column == column and one.row > 0 and one.box is not None
        ]
        if not boxes:
            return None
        edges.append((min(box.x0 for box in boxes), max(box.x1 for box in boxes)))
    if any(after[0] < before[1] for before, after in pairwise(edges)):
        return None
    halves = [(before[1] + after[0]) / 2 for before, after in pairwise(edges)]
    return [
        _Band(x0, x1, left, right)
        for (x0, x1), left, right in zip(edges, [-1e6, *halves], [*halves, 1e6], strict=True)
    ]


def _lines_above(blocks: Sequence[Block], place: int, page: ParsedPage) -> list[int]:
    """The short block right above a table that may belong to its head: it begins over no name of a row."""
    table, above = blocks[place].box, place - 1
    if table is None or above < 0:
        return []
    block, box = blocks[above], blocks[above].box
    if (
        block.type in ("text", "heading")
        and box is not None
        and box.x0 > table.x0
        and box.x1 < table.x1
        and box.y1 - box.y0 <= _HIGHEST
        and -box.y1 + table.y0 <= _ABOVE
        and box.y0 < table.y0
        and (grid := blocks[place].table) is not None
        and (bands := _bands(grid)) is not None
        and (words := _words(page, box, bands))
        and (top := [word for word in words if word.box.y0 <= box.y0 + 2])
        and all(word.box.x0 > bands[0].right for word in top)
        and len(_phrases(sorted(top, key=lambda word: word.box.x0))) > 1
    ):
        return [above]
    return []


@dataclass(frozen=True, slots=True)
class _Words:
    """Words that stand together in a line."""

    text: str
    box: Box

    @property
    def middle(self) -> float:
        """Where it stands across."""
        return (self.box.x0 + self.box.x1) / 2


def _read(table: Table, above: Box | None, page: ParsedPage) -> Table | None:
    """The table with its head read from the words of the page; `None` where they make no head."""
    bands = _bands(table)
    region = union_of([box for cell in table.cells if cell.row == 0 and (box := cell.box) is not None])
    body = [box for cell in table.cells if cell.row == 1 and (box := cell.box) is not None]
    if bands is None or region is None or not body:
        return None
    region = replace(region, y1=max(region.y1, min(box.y0 for box in body)))
    words = _words(page, region.union(above) if above else region, bands)
    leaves, rest = _leaves(words, bands)
    levels = _levels(rest)
    bands = [band.around(leaves.get(column)) for column, band in enumerate(bands)]
    if not leaves or (above and not levels):
        return None
    cells: list[Cell] = []
    free = [0] * len(bands)
    for row, level in enumerate(levels):
        for phrase, (first, last) in zip(level, _spans(level, bands), strict=True):
            if last < first:
                return None
            covered = range(first, last + 1)
            cells += [
                Cell(one, column, "", header=True) for column in covered for one in range(free[column], row)
            ]
            cells.append(Cell(row, first, phrase.text, 1, len(covered), header=True, box=phrase.box))
            for column in covered:
                free[column] = row + 1
    rows = len(levels) + 1
    for column in range(len(bands)):
        leaf = leaves.get(column)
        text, box = (leaf.text, leaf.box) if leaf else ("", None)
        cells.append(Cell(free[column], column, text, row_span=rows - free[column], header=True, box=box))
    if not _said(cell for cell in table.cells if cell.row == 0) <= _said(cells):
        return None
    below = [replace(cell, row=cell.row + rows - 1) for cell in table.cells if cell.row > 0]
    return Table(table.rows + rows - 1, table.columns, (*cells, *below))


def _said(cells: Iterable[Cell]) -> Counter[str]:
    return Counter(word for cell in cells for word in cell.text.split())


def _words(page: ParsedPage, region: Box, bands: Sequence[_Band]) -> list[_Words]:
    """What stands in a region; what lies over several columns word by word, its width shared out."""
    found = []
    for item in page.text_items:
        middle = item.y + item.height / 2
        if not (
            region.y0 <= middle <= region.y1 and region.x0 - 1 <= item.x + item.width / 2 <= region.x1 + 1
        ):
            continue
        over = sum(item.x < band.x1 and item.x + item.width > band.x0 for band in bands)
        wide = item.width / max(len(item.text), 1)
        for match in (_WORD if over > 1 else _ALL).finditer(item.text):
            left, right = item.x + wide * match.start(), item.x + wide * match.end()
            found.append(_Words(visible(match[0]), Box(left, item.y, right, item.y + item.height)))
    return found


def _leaves(words: Sequence[_Words], bands: Sequence[_Band]) -> tuple[dict[int, _Words], list[_Words]]:
    """The heading of each column, and the words that stand above those."""
    leaves: dict[int, _Words] = {}
    rest: list[_Words] = []
    for column, band in enumerate(bands):
        own = [word for word in words if band.left <= word.middle < band.right]
        own.sort(key=lambda word: -word.box.y1)
        taken: list[_Words] = []
        for word in own:
            high = word.box.y1 - word.box.y0
            if not taken or min(one.box.y0 for one in taken) - word.box.y1 <= APART * high:
                taken.append(word)
            else:
                rest.append(word)
        if taken and (found := _together(taken)):
            leaves[column] = found
    return leaves, rest


def _together(words: Sequence[_Words]) -> _Words | None:
    lines = sorted(words, key=lambda word: (round((word.box.y0 + word.box.y1) / 8), word.box.x0))
    box = union_of(word.box for word in words)
    return _Words(one_line(" ".join(word.text for word in lines)), box) if box else None


def _levels(words: Sequence[_Words]) -> list[list[_Words]]:
    """The lines above the columns' own headings, each as the phrases that it consists of."""
    levels: list[list[_Words]] = []
    for word in sorted(words, key=lambda word: (word.box.y0 + word.box.y1, word.box.x0)):
        last = levels[-1][0] if levels else None
        if last and (word.box.y0 + word.box.y1) / 2 <= last.box.y1:
            levels[-1].append(word)
        else:
            levels.append([word])
    return [_phrases(sorted(level, key=lambda word: word.box.x0)) for level in levels]


def _phrases(line: Sequence[_Words]) -> list[_Words]:
    phrases: list[_Words] = []
    for word in line:
        last = phrases[-1] if phrases else None
        if last and word.box.x0 - last.box.x1 <= WORD_GAP * (word.box.y1 - word.box.y0):
            phrases[-1] = _Words(f"{last.text} {word.text}", last.box.union(word.box))
        else:
            phrases.append(word)
    return phrases


def _spans(level: Sequence[_Words], bands: Sequence[_Band]) -> list[tuple[int, int]]:
    """The first and last column of each phrase, so that all of them stand over the middles of theirs.

    The first column names the rows, and is spanned by none; a column with none above it counts `BARE`.
    """
    count, columns = len(level), len(bands)
    infinite = float("inf")
    # best[k][c]: what the first k phrases cost over the columns before c, and how they got there.
    best = [[infinite] * (columns + 1) for _ in range(count + 1)]
    came: dict[tuple[int, int], tuple[int, int] | None] = {}
    best[0][1] = 0.0
    for done in range(count + 1):
        for end in range(1, columns + 1):
            cost = best[done][end]
            if cost == infinite:
                continue
            if end < columns and cost + BARE < best[done][end + 1]:
                best[done][end + 1] = cost + BARE
                came[done, end + 1] = None
            if done == count:
                continue
            for last in range(end, columns):
                off = abs((bands[end].x0 + bands[last].x1) / 2 - level[done].middle)
                if cost + off < best[done + 1][last + 1]:
                    best[done + 1][last + 1] = cost + off
                    came[done + 1, last + 1] = (end, last)
    return _traced(came, count, columns)


def _traced(
    came: dict[tuple[int, int], tuple[int, int] | None], count: int, columns: int
) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    done, end = count, columns
    while done > 0:
        step = came.get((done, end))
        if step is None:
            if (done, end) not in came:
                return [(0, -1)] * count
            end -= 1
        else:
            spans.append(step)
            done, end = done - 1, step[0]
    return spans[::-1]
