"""Numbered headings in bold that liteparse leaves in a paragraph, as they are no larger than its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.types import Block, Box, union_of

if TYPE_CHECKING:
    from liteparse.types import ParsedPage, TextItem

LONGEST = 90
SHORT = 0.85
"""The part of the paragraph's width that the line of a heading takes at most."""
GAP = 2.0
"""Points between a heading and the text below it, more than between lines."""
_BOLD = re.compile(r"Bold|Black|Heavy|Demi|Medi(?!um)|BX\d|-Bd", re.IGNORECASE)
_NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[^\W\d_a-zß-ÿ][^.:;,]*[^\W_][)?!]?")
_MAYBE = re.compile(r"(?:^|\s)\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+[^\W\d_a-zß-ÿ]")


def with_headings(blocks: Sequence[Block], page: ParsedPage) -> list[Block]:
    """The blocks of a page, such headings apart from the paragraphs around them."""
    bold = [item for item in page.text_items if item.font_name and _BOLD.search(item.font_name)]
    if not bold or len(bold) * 2 > len(page.text_items):
        return list(blocks)
    made: list[Block] = []
    for block in blocks:
        if block.type == "text" and block.box is not None and _MAYBE.search(block.text):
            made += _parted(block, block.box, page.text_items)
        else:
            made.append(block)
    return made


def _parted(block: Block, box: Box, items: Sequence[TextItem]) -> list[Block]:
    parts: list[Block] = []
    rest, top = block.text, box.y0
    rows = _rows([item for item in items if item.text.strip() and _lies_in(item, box)])
    for number, row in enumerate(rows):
        text = " ".join(item.text.strip() for item in row)
        match = _NUMBERED.fullmatch(text)
        around = union_of(Box(i.x, i.y, i.x + i.width, i.y + i.height) for i in row)
        if match is None or around is None or not _stands_out(row, around, box, rows[number + 1 :]):
            continue
        start = rest.find(text)
        if start < 0:
            continue
        if before := rest[:start].strip():
            parts.append(replace(block, text=before, box=replace(box, y0=top, y1=max(top, around.y0))))
        level = 2 + match["number"].count(".")
        parts.append(replace(block, type="heading", text=text, level=level, box=around))
        rest, top = rest[start + len(text) :].strip(), around.y1
    if not parts:
        return [block]
    return [*parts, replace(block, text=rest, box=replace(box, y0=min(top, box.y1)))] if rest else parts


def _stands_out(row: Sequence[TextItem], around: Box, box: Box, below: Sequence[Sequence[TextItem]]) -> bool:
    """Whether all of a line is bold, it is short, and the next one, which is not bold, keeps apart."""
    text = sum(len(item.text) for item in row)
    if text > LONGEST or around.x1 - box.x0 > SHORT * (box.x1 - box.x0) or not below:
        return False
    after = below[0]
    return (
        all(_BOLD.search(item.font_name or "") for item in row)
        and not all(_BOLD.search(item.font_name or "") for item in after)
        and min(item.y for item in after) - around.y1 >= GAP
    )


def _lies_in(item: TextItem, box: Box) -> bool:
    x, y = item.x + item.width / 2, item.y + item.height / 2
    return box.x0 - 1 <= x <= box.x1 + 1 and box.y0 - 1 <= y <= box.y1 + 1


def _rows(items: Sequence[TextItem]) -> list[list[TextItem]]:
    rows: list[list[TextItem]] = []
    for item in sorted(items, key=lambda item: item.y + item.height / 2):
        last = rows[-1][0] if rows else None
        if last is not None and last.y <= item.y + item.height / 2 <= last.y + last.height:
            rows[-1].append(item)
        else:
            rows.append([item])
    return [sorted(row, key=lambda item: item.x) for row in rows]
