"""From the layout blocks of liteparse to ours: kinds, boxes, tables, captions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.parsers.building import one_line, table_markdown, without_empty_rows
from glede.parsers.pdf_pictures import Pictures
from glede.types import Block, BlockType, Box, Cell, Table

if TYPE_CHECKING:
    from liteparse.types import AnnotationRect, LayoutBlock, LayoutCell

CAPTION_GAP = 36.0
"""The most points between a figure or table and the caption above or below it."""

_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|tab(?:le|elle|\.)?|abb(?:ildung|\.)?|chart|plate|рис(?:унок|\.)?|табл(?:ица|\.)?|"
    r"图|表|شكل|جدول)\s*[\dIVXA-Z]{0,3}[\d.]*\s*[:.–—-]?\s",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def block_of(layout: LayoutBlock, page: int, pictures: Pictures) -> Block | None:
    """Our block for one of theirs; `None` for rules, empty blocks and pictures that decorate every page."""
    box = box_of(layout.bbox)
    if layout.kind == "table":
        return _table_block(layout, page, box)
    if layout.kind == "figure":
        if pictures.decorates(layout.id):
            return None
        return Block("image", "", page=page, box=box, picture=pictures.picture(layout.id))
    kind, text = _kind_and_text(layout)
    if not text.strip():
        return None
    return Block(kind, text, level=(layout.level or 1) if kind == "heading" else 0, page=page, box=box)


def box_of(rectangle: AnnotationRect | None) -> Box | None:
    """A rectangle of liteparse as a box."""
    if rectangle is None:
        return None
    return Box(rectangle.x, rectangle.y, rectangle.x + rectangle.width, rectangle.y + rectangle.height)


def _kind_and_text(layout: LayoutBlock) -> tuple[BlockType, str]:
    text = _clean(layout.text or "\n".join(layout.lines or ()))
    if layout.kind == "heading":
        return "heading", one_line(text)
    if layout.kind == "list_item":
        indent = "  " * (layout.level or 0)
        return "list", f"{indent}{layout.marker or '-'} {text}"
    if layout.kind == "code":
        return "code", text
    return "text", text


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)


def _table_block(layout: LayoutBlock, page: int, box: Box | None) -> Block | None:
    rows = [row for row in (layout.header, *(layout.rows or ())) if row]
    width = max((len(row) for row in rows), default=0)
    cells = [
        _cell(number, column, cell, header=number == 0 and bool(layout.header))
        for number, row in enumerate(rows)
        for column, cell in enumerate(row)
    ]
    table = without_empty_rows(Table(len(rows), width, tuple(cells)))
    if not table.rows:
        return None
    return Block("table", table_markdown(table, None), page=page, box=box, table=table)


def _cell(row: int, column: int, cell: LayoutCell, *, header: bool) -> Cell:
    return Cell(row, column, one_line(_clean(cell.text)), header=header, box=box_of(cell.bbox))


def captioned(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of a page, with captions moved into the figures and tables that they belong to.

    Items of one list become one block. Figures without a picture and without a caption are dropped.
    """
    merged = _merge_lists(blocks)
    taken: set[int] = set()
    made: list[Block] = []
    for place, block in enumerate(merged):
        found = _caption_of(merged, place, taken) if block.type in ("image", "table") else None
        if found is None:
            made.append(block)
        else:
            taken.add(found)
            made.append(_with_caption(block, one_line(merged[found].text)))
    kept = [block for place, block in enumerate(made) if place not in taken]
    return [block for block in kept if block.type != "image" or block.picture or block.caption]


def _caption_of(blocks: Sequence[Block], place: int, taken: set[int]) -> int | None:
    """The place of the caption next to a block: figures have theirs below first, tables above."""
    order = (place + 1, place - 1) if blocks[place].type == "image" else (place - 1, place + 1)
    for other in order:
        if 0 <= other < len(blocks) and other not in taken and _captions(blocks[other], blocks[place]):
            return other
    return None


def _captions(text: Block, block: Block) -> bool:
    if text.type not in ("text", "heading") or not _CAPTION.match(text.text):
        return False
    if text.box is None or block.box is None:
        return True
    gap = max(text.box.y0 - block.box.y1, block.box.y0 - text.box.y1)
    return gap <= CAPTION_GAP


def _with_caption(block: Block, caption: str) -> Block:
    if block.table is not None:
        return replace(block, caption=caption, text=table_markdown(block.table, caption))
    return replace(block, caption=caption, text=caption)


def _merge_lists(blocks: Sequence[Block]) -> list[Block]:
    merged: list[Block] = []
    for block in blocks:
        last = merged[-1] if merged else None
        if last is not None and last.type == block.type == "list":
            box = last.box.union(block.box) if last.box and block.box else last.box
            merged[-1] = replace(last, text=f"{last.text}\n{block.text}", box=box)
        else:
            merged.append(block)
    return merged
