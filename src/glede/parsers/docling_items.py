"""Single items of a DoclingDocument as our values: places, tables, and the text of a line in parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from glede.types import Box, Cell, Table, union_of

if TYPE_CHECKING:
    from docling_core.types.doc import BoundingBox, DocItem, DoclingDocument, TableItem

_NO_SPACE_BEFORE = frozenset(".,;:!?)]}%’”»…。，、；：！？）】」』")
_NO_SPACE_AFTER = frozenset("([{‘“«（【「『")


def place_of(item: DocItem, document: DoclingDocument, points: float | None) -> tuple[int | None, Box | None]:
    """The page that the item begins on, and its box there; `points` to one unit, `None` of no box at all."""
    if not item.prov:
        return None, None
    page = item.prov[0].page_no
    boxes = [_box(place.bbox, document, page, points) for place in item.prov if place.page_no == page]
    return page, union_of(box for box in boxes if box is not None)


def _box(box: BoundingBox, document: DoclingDocument, page: int, points: float | None) -> Box | None:
    """From the top left corner, whichever corner the format counts from."""
    if points is None or page not in document.pages:
        return None
    height = document.pages[page].size.height
    left, top, right, bottom = box.l, box.t, box.r, box.b
    if box.coord_origin.value == "BOTTOMLEFT":
        top, bottom = height - top, height - bottom
    if left == right or top == bottom:
        return None  # what stands on no page, such as the notes to a slide
    return Box(
        min(left, right) * points,
        min(top, bottom) * points,
        max(left, right) * points,
        max(top, bottom) * points,
    )


def table_of(item: TableItem, document: DoclingDocument, points: float | None) -> Table:
    """The cells with their spans; the places of cells are on the page that the table begins on."""
    page = item.prov[0].page_no if item.prov else 0
    cells = tuple(
        Cell(
            row=cell.start_row_offset_idx,
            column=cell.start_col_offset_idx,
            text=cell.text.strip(),
            row_span=max(1, cell.end_row_offset_idx - cell.start_row_offset_idx),
            column_span=max(1, cell.end_col_offset_idx - cell.start_col_offset_idx),
            header=cell.column_header or cell.row_header,
            box=None if cell.bbox is None else _box(cell.bbox, document, page, points),
        )
        for cell in item.data.table_cells
    )
    return Table(rows=item.data.num_rows, columns=item.data.num_cols, cells=cells)


def joined_text(parts: Iterable[str]) -> str:
    """The parts of a line as one text; some formats keep the spaces between them, others drop them."""
    text = ""
    for part in parts:
        if text and part and _apart(text[-1], part[0]):
            text += " "
        text += part
    return text.strip()


def _apart(last: str, first: str) -> bool:
    if last.isspace() or first.isspace():
        return False
    if first in _NO_SPACE_BEFORE or last in _NO_SPACE_AFTER:
        return False
    return not (_is_ideograph(last) and _is_ideograph(first))


def _is_ideograph(character: str) -> bool:
    """Written without spaces between words: Chinese and Japanese."""
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff"
