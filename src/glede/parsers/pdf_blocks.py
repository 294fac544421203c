"""From the layout blocks of liteparse to ours: kinds, boxes, tables, lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.parsers.building import one_line, table_markdown, without_empty_rows
from glede.parsers.pdf_captions import around_captions, captioned, drawn_figures
from glede.parsers.pdf_pictures import Pictures
from glede.parsers.pdf_text import printed, visible
from glede.types import Block, BlockType, Box, Cell, Table

if TYPE_CHECKING:
    from liteparse.types import AnnotationRect, LayoutBlock, LayoutCell, ParsedPage


def page_blocks(page: ParsedPage, pictures: Pictures) -> list[Block]:
    """The blocks of a page in reading order, not yet placed below headings.

    Captions are part of what they describe, the items of one list are one block, and pictures that say
    nothing are left out.
    """
    struck = "~~" not in page.text
    found = [_block(layout, page.page_num, pictures, struck=struck) for layout in page.blocks or ()]
    if not any(block and block.text for block in found) and page.text.strip():
        found.append(Block("text", visible(page.text).strip(), page=page.page_num))
    blocks = captioned(_joined_lists([block for block in found if block is not None]))
    if page.complexity and page.complexity.layout and page.complexity.layout.figure_count:
        blocks = drawn_figures(blocks)
    return [block for block in blocks if block.text or block.picture]


def with_captions(blocks: Sequence[Block], page: ParsedPage) -> list[Block]:
    """The finished blocks of a page, with the boxes of figures and tables around their captions too."""
    if not any(block.caption for block in blocks):
        return list(blocks)
    struck = "~~" not in page.text
    texts = [
        (one_line(_kind_and_text(layout, struck=struck)[1]), box)
        for layout in page.blocks or ()
        if layout.kind not in ("table", "figure") and (box := _box(layout.bbox)) is not None
    ]
    return around_captions(blocks, texts)


def _block(layout: LayoutBlock, page: int, pictures: Pictures, *, struck: bool) -> Block | None:
    """Our block for one of theirs; `None` for rules, empty blocks and pictures that decorate every page."""
    box = _box(layout.bbox)
    if layout.kind == "table":
        return _table(layout, page, box)
    if layout.kind == "figure":
        if pictures.decorates(layout.id):
            return None
        return Block("image", "", page=page, box=box, picture=pictures.picture(layout.id))
    kind, text = _kind_and_text(layout, struck=struck)
    if not text.strip():
        return None
    return Block(kind, text, level=(layout.level or 1) if kind == "heading" else 0, page=page, box=box)


def _box(rectangle: AnnotationRect | None) -> Box | None:
    if rectangle is None:
        return None
    return Box(rectangle.x, rectangle.y, rectangle.x + rectangle.width, rectangle.y + rectangle.height)


def _kind_and_text(layout: LayoutBlock, *, struck: bool) -> tuple[BlockType, str]:
    if layout.kind == "heading":
        return "heading", one_line(visible(layout.text or ""))
    if layout.kind == "list_item":
        text = printed(layout.text or "", struck=struck)
        return "list", f"{'  ' * (layout.level or 0)}{layout.marker or '-'} {text}" if text.strip() else ""
    if layout.lines is not None:
        return "code" if layout.kind == "code" else "text", visible("\n".join(layout.lines))
    return "text", printed(layout.text or "", struck=struck)


def _table(layout: LayoutBlock, page: int, box: Box | None) -> Block | None:
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
    return Cell(row, column, one_line(visible(cell.text)), header=header, box=_box(cell.bbox))


def _joined_lists(blocks: Sequence[Block]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if last is not None and last.type == block.type == "list":
            box = last.box.union(block.box) if last.box and block.box else last.box or block.box
            joined[-1] = replace(last, text=f"{last.text}\n{block.text}", box=box)
        else:
            joined.append(block)
    return joined
