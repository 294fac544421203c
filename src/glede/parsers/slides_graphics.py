"""What the frames of a slide hold beside text: tables, and the lists that a SmartArt drawing shows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from lxml import etree

from glede.errors import LimitError
from glede.parsers.building import ListText
from glede.parsers.slides_shapes import POINT
from glede.parsers.slides_text import A, Address, plain_text
from glede.types import Box, Cell, Link, Table

_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_MOST_CELLS = 200_000
_SHOWN_POINTS = frozenset({"node", "asst", None})


def table_of(
    element: etree._Element, frame: Box | None, styles: Sequence[etree._Element], address: Address
) -> tuple[Table, tuple[Link, ...]]:
    """A table with its spans, and the links in it; cells have boxes where the frame has one."""
    widths = [_number(column.get("w")) for column in element.iterfind(f"{A}tblGrid/{A}gridCol")]
    records = list(element.iterchildren(f"{A}tr"))
    heights = [_number(record.get("h")) for record in records]
    columns = max([len(widths), *(len(record.findall(f"{A}tc")) for record in records)], default=0)
    if columns * len(records) > _MOST_CELLS:
        raise LimitError(f"a table has more than {_MOST_CELLS:,} places")
    widths += [0.0] * (columns - len(widths))
    properties = element.find(f"{A}tblPr")
    has_head = properties is not None and properties.get("firstRow") in ("1", "true")
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    links: dict[Link, None] = {}
    for row, record in enumerate(records):
        for column, node in enumerate(record.iterchildren(f"{A}tc")):
            if (row, column) in taken or node.get("hMerge") == "1" or node.get("vMerge") == "1":
                continue
            down = _span(node.get("rowSpan"), len(records) - row)
            across = _free(taken, row, column, _span(node.get("gridSpan"), columns - column))
            taken |= {(row + i, column + j) for i in range(down) for j in range(across)}
            text, found = plain_text(node.find(f"{A}txBody"), styles, address)
            links |= dict.fromkeys(found)
            place = _place(frame, widths, heights, (column, column + across), (row, row + down))
            cells.append(Cell(row, column, text, down, across, has_head and row == 0, place))
    return Table(len(records), columns, tuple(cells)), tuple(links)


def diagram_text(root: etree._Element) -> str:
    """The texts of a SmartArt drawing as a list, nested as they are."""
    texts = {
        point.get("modelId"): _point_text(point)
        for point in root.iterfind(f"{_DIAGRAM}ptLst/{_DIAGRAM}pt")
        if point.get("type") in _SHOWN_POINTS
    }
    below: dict[str | None, list[tuple[float, str | None]]] = defaultdict(list)
    children: set[str | None] = set()
    for link in root.iterfind(f"{_DIAGRAM}cxnLst/{_DIAGRAM}cxn"):
        if link.get("type") in ("parOf", None) and link.get("destId") in texts:
            below[link.get("srcId")].append((_number(link.get("srcOrd")), link.get("destId")))
            children.add(link.get("destId"))
    tops = [point.get("modelId") for point in root.iter(f"{_DIAGRAM}pt") if point.get("type") == "doc"]
    listing = ListText()
    seen: set[str | None] = set()
    for top in tops:
        _branch(top, texts, below, listing, seen)
    lost = [key for key in texts if key not in seen and key not in children]
    listing.open(None)
    for key in lost:
        _point(key, texts, below, listing, seen)
    listing.close()
    return listing.take()


def _branch(
    top: str | None,
    texts: dict[str | None, str],
    below: dict[str | None, list[tuple[float, str | None]]],
    listing: ListText,
    seen: set[str | None],
) -> None:
    listing.open(None)
    for _, key in sorted(below.get(top, ()), key=lambda entry: entry[0]):
        _point(key, texts, below, listing, seen)
    listing.close()


def _point(
    key: str | None,
    texts: dict[str | None, str],
    below: dict[str | None, list[tuple[float, str | None]]],
    listing: ListText,
    seen: set[str | None],
) -> None:
    if key in seen or listing.depth > 100:
        return
    seen.add(key)
    if texts[key]:
        listing.item()
        listing.add(texts[key])
    _branch(key, texts, below, listing, seen)


def _point_text(point: etree._Element) -> str:
    body = point.find(f"{_DIAGRAM}t")
    paragraphs = [] if body is None else body.findall(f"{A}p")
    texts = ["".join(node.text or "" for node in paragraph.iter(f"{A}t")) for paragraph in paragraphs]
    return "\n".join(text.strip() for text in texts if text.strip())


def _place(
    frame: Box | None,
    widths: Sequence[float],
    heights: Sequence[float],
    columns: tuple[int, int],
    rows: tuple[int, int],
) -> Box | None:
    """The part of the frame that a cell takes; rows grow with their text, so theirs is an estimate."""
    if frame is None or not sum(widths) or not sum(heights):
        return None
    across = (frame.x1 - frame.x0) / sum(widths)
    down = (frame.y1 - frame.y0) / sum(heights)
    return Box(
        frame.x0 + sum(widths[: columns[0]]) * across,
        frame.y0 + sum(heights[: rows[0]]) * down,
        frame.x0 + sum(widths[: columns[1]]) * across,
        frame.y0 + sum(heights[: rows[1]]) * down,
    )


def _free(taken: set[tuple[int, int]], row: int, column: int, span: int) -> int:
    """As much of the span as no other cell covers."""
    return next((width for width in range(1, span) if (row, column + width) in taken), span)


def _span(text: str | None, most: int) -> int:
    return max(1, min(int(_number(text) * POINT), most))


def _number(text: str | None) -> float:
    """In points; numbers of a file may be anything."""
    return int(text) / POINT if text and re.fullmatch(r"\d{1,10}", text) else 0.0
