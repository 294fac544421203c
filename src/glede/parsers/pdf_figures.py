"""Figures that are drawn, not embedded: the region of the drawing above or below a caption, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glede.errors import DocumentError
from glede.parsers.building import one_line
from glede.parsers.pdf_captions import FIGURE
from glede.parsers.pdf_crops import Crops
from glede.parsers.rendering import LazyPages
from glede.types import Block, Box, Picture, union_of

if TYPE_CHECKING:
    from liteparse.types import ParsedPage

FIGURE_DPI = 144.0
"""Drawings are large and their letters are not small."""

FAR = 60.0
"""Points between a caption and the part of its drawing that is nearest."""
GAP = 30.0
"""Points between parts of one drawing."""
LEAST = (24.0, 16.0)
"""Width and height of a drawing; what is smaller is a rule or a bullet."""
MOST_OF_PAGE = 0.9
PARAGRAPH = 80
"""Characters from which a block is no label of a drawing."""
CROSSES = 8.0
"""Points by which a line of a drawing reaches beyond a label."""
FRAME = 60.0
"""Points of height from which something around a caption is the frame of a figure."""
MARGIN = 0.05
"""The part of a page at its top and bottom where titles and numbers run along."""
PARTS = 1500
LABELS = 1500
"""Characters of labels that are kept."""
_EDGE = 6.0


@dataclass(frozen=True, slots=True)
class _Sheet:
    """How high a page is, and the parts of the drawings on it."""

    height: float
    parts: Sequence[Box]


def with_drawings(blocks: Sequence[Block], page: ParsedPage, source: LazyPages, crops: Crops) -> list[Block]:
    """The blocks of a page, its drawn figures with their pictures, and with the labels in them as text."""
    made = [_undone(block) for block in blocks]
    captions = [place for place, block in enumerate(made) if block.type == "image" and block.picture is None]
    if not captions:
        return list(blocks)
    try:
        sheet = _Sheet(page.height, _parts(source.opened().drawings(page.page_num), page))
    except DocumentError:  # liteparse has read the page
        return list(blocks)
    taken: set[int] = set()
    for place in captions:
        region = _region(made, place, sheet)
        picture = crops.picture(page.page_num, region, FIGURE_DPI, margin=0.0) if region else None
        if region is None or picture is None:
            made[place] = blocks[place]
            continue
        labels = [
            other
            for other, one in enumerate(made)
            if other not in taken and other != place and _is_label(one, region, sheet)
        ]
        taken |= set(labels)
        made[place] = _figure(made[place], picture, region, [made[other] for other in labels])
    return [block for place, block in enumerate(made) if place not in taken]


def _undone(block: Block) -> Block:
    """A figure, where its labels were taken for a table that its caption belongs to."""
    if block.table is None or not block.caption or not FIGURE.match(block.caption):
        return block
    cells = [cell.text for cell in block.table.cells]
    full = [text for text in cells if text]
    if len(full) * 3 > len(cells) * 2 and sum(map(len, full)) > 4 * len(full):
        return block
    return replace(block, type="image", table=None, text="\n".join([block.caption, " ".join(full)]))


def _parts(boxes: Sequence[Box], page: ParsedPage) -> list[Box]:
    """The parts of drawings, without backgrounds and rules across the page; of very many, the largest."""
    parts = [
        box
        for box in boxes
        if (box.x1 - box.x0) * (box.y1 - box.y0) < MOST_OF_PAGE * page.width * page.height
        and not (box.y1 - box.y0 < 2 and box.x1 - box.x0 > page.width / 2)
        and 0 <= box.x0 <= box.x1 <= page.width + 1
        and 0 <= box.y0 <= box.y1 <= page.height + 1
    ]
    return sorted(parts, key=lambda box: box.x0 + box.y0 - box.x1 - box.y1)[:PARTS]


def _region(blocks: Sequence[Block], place: int, sheet: _Sheet) -> Box | None:
    """Where the drawing of a caption lies: around it, above it, or else below; a page's text bounds it."""
    box = blocks[place].box
    if box is None:
        return None
    if frame := _frame(blocks, place, sheet):
        return frame
    others = [one for other, one in enumerate(blocks) if other != place and one.box is not None]
    text = [one.box for one in others if one.box and _is_beside(one.box, box) and _is_text(one, sheet)]
    top = max((one.y1 for one in text if one.y1 <= box.y0 + 1), default=0.0)
    bottom = min((one.y0 for one in text if one.y0 >= box.y1 - 1), default=float("inf"))
    above = [part for part in sheet.parts if top - 2 <= part.y0 and part.y1 <= box.y0 + 2]
    below = [part for part in sheet.parts if box.y1 - 2 <= part.y0 and part.y1 <= bottom + 2]
    found = _cluster(above, box) or _cluster(below, box)
    if found is None:
        return None
    labels = [one.box for one in others if one.box and not _is_text(one, sheet) and _touches(one.box, found)]
    around = union_of([found, *labels]) or found
    if found.y0 >= box.y1 - 2:
        top = box.y1
    else:
        bottom = box.y0
    return Box(
        around.x0 - _EDGE / 2, max(around.y0 - _EDGE / 2, top), around.x1 + _EDGE / 2, min(around.y1, bottom)
    )


def _frame(blocks: Sequence[Block], place: int, sheet: _Sheet) -> Box | None:
    """The frame in which a caption stands with its drawing, and no paragraph."""
    box = blocks[place].box
    if box is None:
        return None
    frames = [
        part
        for part in sheet.parts
        if part.x0 <= box.x0 and part.y0 <= box.y0 and box.y1 <= part.y1 and part.y1 - part.y0 > FRAME
    ]
    frame = union_of(frames)
    if frame is None or any(
        len(one.text) > 2 * PARAGRAPH and one.box and one.type != "table" and _is_within(one.box, frame)
        for one in blocks
    ):
        return None
    return frame


def _cluster(parts: Sequence[Box], caption: Box) -> Box | None:
    """What of the parts hangs together, beginning with those next to the caption."""
    near = sorted(parts, key=lambda part: _distance(part, caption))
    found: Box | None = None
    for part in near:
        if found is None:
            if _distance(part, caption) > FAR or not _is_beside(part, caption):
                continue
            found = part
        elif _distance(part, found) <= GAP:
            found = found.union(part)
    if found is None or found.x1 - found.x0 < LEAST[0] or found.y1 - found.y0 < LEAST[1]:
        return None
    return found


def _distance(first: Box, second: Box) -> float:
    """The points between two boxes, up and down or to the side."""
    down = max(first.y0 - second.y1, second.y0 - first.y1, 0.0)
    across = max(first.x0 - second.x1, second.x0 - first.x1, 0.0)
    return max(down, across)


def _is_beside(first: Box, second: Box) -> bool:
    return min(first.x1, second.x1) - max(first.x0, second.x0) > 0


def _is_text(block: Block, sheet: _Sheet) -> bool:
    """Whether it stands by itself, and is no label that lines of a drawing cross."""
    box = block.box
    if block.type in ("image", "footnote", "header", "footer") or FIGURE.match(block.text):
        return True
    if box is not None and not MARGIN * sheet.height <= (box.y0 + box.y1) / 2 <= (1 - MARGIN) * sheet.height:
        return True
    if block.type not in ("table", "list") and len(block.text) < PARAGRAPH:
        return False
    return box is None or not any(
        _is_beside(part, box)
        and part.y0 < box.y1
        and part.y1 > box.y0
        and (part.y0 < box.y0 - CROSSES or part.y1 > box.y1 + CROSSES)
        for part in sheet.parts
    )


def _touches(label: Box, region: Box) -> bool:
    middle = (label.y0 + label.y1) / 2
    return (
        region.y0 - _EDGE <= middle <= region.y1 + _EDGE
        and label.x1 >= region.x0 - GAP / 2
        and label.x0 <= region.x1 + GAP / 2
    )


def _is_label(block: Block, region: Box, sheet: _Sheet) -> bool:
    return (
        block.type in ("text", "heading", "equation", "table", "list")
        and block.box is not None
        and (block.type == "table" or len(block.text) < 2 * PARAGRAPH)
        and _is_within(block.box, region)
        and not _is_text(block, sheet)
    )


def _is_within(box: Box, region: Box) -> bool:
    return (
        region.x0 - 1 <= box.x0
        and box.x1 <= region.x1 + 1
        and region.y0 - 1 <= box.y0
        and box.y1 <= region.y1 + 1
    )


def _figure(block: Block, picture: Picture, region: Box, labels: Sequence[Block]) -> Block:
    """The figure with its picture; what stands in the drawing is its alternative text."""
    told = block.text.removeprefix(block.caption or "")
    alt = one_line(" ".join([told, *map(_said, labels)]))[:LABELS]
    return replace(
        block,
        text="\n".join(part for part in (block.caption, alt) if part),
        picture=replace(picture, alt=alt),
        box=region,
        links=(*block.links, *(link for label in labels for link in label.links)),
    )


def _said(label: Block) -> str:
    if label.table is None:
        return label.text
    return " ".join(cell.text for cell in label.table.cells if cell.text)
