"""What liteparse leaves out at the top and bottom of a page: kept, and told apart once all pages are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from glede.errors import DocumentError
from glede.parsers.pdf_text import visible
from glede.parsers.rendering import LazyPages
from glede.reading.furniture import BAND
from glede.types import Block, Box, union_of

if TYPE_CHECKING:
    from liteparse.types import ParsedPage, TextItem

_APART = 24.0
"""Points between words of one line from which they are two blocks, as a title and a page number are."""
_UPRIGHT = 2.0
_TELLING = 6
"""Letters that are hardly part of a heading by chance."""
_SLACK = 1.0


def with_margins(blocks: Sequence[Block], page: ParsedPage) -> list[Block]:
    """The blocks of a page between the lines at its edges that are in none of them."""
    band = BAND * page.height
    left = [item for item in page.text_items if _is_at_edge(item, page.height, band)]
    if not left:
        return list(blocks)
    boxes = [_grown(box) for box in _boxes(page)]
    headings = [_letters(block.text) for block in blocks if block.type == "heading"]
    left = [item for item in left if not any(_holds(box, item) for box in boxes)]
    lines = [line for line in _lines(left) if not _is_told(_letters(line.text), headings)]
    above = [line for line in lines if line.box is not None and line.box.y1 <= band]
    below = [line for line in lines if line.box is not None and line.box.y1 > band]
    number = page.page_num
    return [
        *(Block("text", line.text, page=number, box=line.box) for line in above),
        *blocks,
        *(Block("text", line.text, page=number, box=line.box) for line in below),
    ]


def with_lost_numbers(blocks: list[Block], page: ParsedPage, source: LazyPages) -> list[Block]:
    """The blocks with the number of the page where liteparse left it out, as it does with narrow ones."""
    band = BAND * page.height
    edge = (item for item in page.text_items if _is_at_edge(item, page.height, band))
    if any(one.isdecimal() for item in edge for one in item.text):
        return blocks
    try:
        lost = source.opened().lone_numbers(page.page_num, band)
    except DocumentError:  # the page could be read, and that counts
        return blocks
    return [*blocks, *(Block("page_number", text, page=page.page_num, box=box) for text, box in lost)]


def _is_at_edge(item: TextItem, height: float, band: float) -> bool:
    if not item.text.strip() or min(item.rotation % 360, -item.rotation % 360) > _UPRIGHT:
        return False
    return item.y >= 0 and (item.y + item.height <= band or height - band <= item.y < height)


def _boxes(page: ParsedPage) -> list[Box]:
    return [
        Box(box.x, box.y, box.x + box.width, box.y + box.height)
        for layout in page.blocks or ()
        if layout.kind != "rule" and (box := layout.bbox) is not None
    ]


def _grown(box: Box) -> Box:
    return Box(box.x0 - _SLACK, box.y0 - _SLACK, box.x1 + _SLACK, box.y1 + _SLACK)


def _holds(box: Box, item: TextItem) -> bool:
    x, y = item.x + item.width / 2, item.y + item.height / 2
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1


def _lines(items: Sequence[TextItem]) -> list[Block]:
    """The words as lines from the top, those far apart in a line as several."""
    rows: list[list[TextItem]] = []
    for item in sorted(items, key=lambda item: (item.y + item.height / 2, item.x)):
        last = rows[-1][-1] if rows else None
        if last is not None and abs(_middle(item) - _middle(last)) <= max(item.height, last.height) / 2:
            rows[-1].append(item)
        else:
            rows.append([item])
    return [_line(part) for row in rows for part in _parts(sorted(row, key=lambda item: item.x))]


def _middle(item: TextItem) -> float:
    return item.y + item.height / 2


def _parts(row: Sequence[TextItem]) -> list[list[TextItem]]:
    parts: list[list[TextItem]] = []
    for item in row:
        last = parts[-1][-1] if parts else None
        if last is not None and item.x - last.x - last.width <= _APART:
            parts[-1].append(item)
        else:
            parts.append([item])
    return parts


def _line(items: Sequence[TextItem]) -> Block:
    text = " ".join(visible(item.text).strip() for item in items)
    return Block("text", text, box=union_of(Box(i.x, i.y, i.x + i.width, i.y + i.height) for i in items))


def _is_told(letters: str, headings: Sequence[str]) -> bool:
    """Whether a heading says it, whose box holds only the first of its lines."""
    return len(letters) >= _TELLING and any(letters in heading for heading in headings)


def _letters(text: str) -> str:
    return "".join(text.split()).casefold()
