"""Captions of a page: which text belongs to which figure or table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from glede.parsers.building import one_line, table_markdown
from glede.types import Block, Box

GAP = 36.0
"""The most points between a figure or table and the caption above or below it."""
FAR = 2 * GAP
"""The same, where the figure is a drawing."""
LONGEST = 800
"""Characters of a caption; what is longer is a paragraph that begins with the name of a figure."""

_NUMBER = r"\s*\$?(?>\d+(?:[.\-–]\s?\d+)*[a-z]?|[IVX]+\b|[A-Z](?:[.\-]\d+)*\b)"
_END = r"(?=\s*$|\s*[:.|]|\s+[–—-]\s|\s+[^\s\Wa-zß-ÿа-я]|\s+[($\"„“«])"
"""A caption goes on with a sign or a capital; "Table 3 shows" goes on with a verb."""
FIGURE = re.compile(
    rf"(?:(?i:fig(?:ure|\.)?|abb(?:ildung|\.)?|chart|plate|рис(?:унок|\.)?)|图|شكل){_NUMBER}{_END}"
)
_TABLE = re.compile(rf"(?:(?i:tab(?:elle|le|\.)?|табл(?:ица|\.)?)|表|جدول){_NUMBER}{_END}")


def captioned(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with captions moved into what they describe.

    Pictures that stand side by side share the caption below them.
    """
    captions = [place for place, block in enumerate(blocks) if _is_caption(block)]
    made = list(blocks)
    taken: set[int] = set()
    for kind in ("image", "table"):
        for place, block in enumerate(blocks):
            free = [other for other in captions if kind == "image" or other not in taken]
            found = _nearest(blocks, place, free) if block.type == kind else None
            if found is not None:
                taken.add(found)
                made[place] = _with_caption(block, one_line(blocks[found].text))
    return [block for place, block in enumerate(made) if place not in taken]


def around_captions(blocks: Sequence[Block], texts: Sequence[tuple[str, Box]]) -> list[Block]:
    """The blocks, the boxes of figures and tables drawn around their captions too.

    `texts` are the lines and paragraphs of the page. This comes last: until then a box is where the picture
    is cut out, and where the words of the table stand.
    """
    return [_around_caption(block, texts) if block.caption else block for block in blocks]


def _around_caption(block: Block, texts: Sequence[tuple[str, Box]]) -> Block:
    own = block.box
    if own is None or block.type not in ("image", "table"):
        return block
    near = [
        (max(box.y0 - own.y1, own.y0 - box.y1, 0.0), box)
        for text, box in texts
        if text == block.caption and box.x0 <= own.x1 and own.x0 <= box.x1
    ]
    gap, box = min(near, key=lambda one: one[0], default=(FAR, own))
    return replace(block, box=own.union(box)) if gap < FAR else block


def drawn_figures(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of a page with drawings: a caption that no picture took stands for a drawn figure."""
    return [
        replace(block, type="image", caption=one_line(block.text), text=one_line(block.text))
        if block.type == "text" and len(block.text) <= LONGEST / 4 and FIGURE.match(block.text)
        else block
        for block in blocks
    ]


def _is_caption(block: Block) -> bool:
    return (
        block.type in ("text", "heading")
        and len(block.text) <= LONGEST
        and bool(FIGURE.match(block.text) or _TABLE.match(block.text))
    )


def _nearest(blocks: Sequence[Block], place: int, captions: Sequence[int]) -> int | None:
    """The place of the caption of a figure or table: one that names its kind, then the nearest."""
    block = blocks[place]
    kind = FIGURE if block.type == "image" else _TABLE
    near = [
        (not kind.match(blocks[other].text), distance, other)
        for other in captions
        if (distance := _distance(block, blocks[other])) is not None
    ]
    return min(near)[2] if near else None


def _distance(block: Block, text: Block) -> float | None:
    """The points between them up or down; a figure's caption is looked for below it first.

    `None` where they are too far apart, or not one above the other.
    """
    if block.box is None or text.box is None:
        return None
    if text.box.x0 > block.box.x1 or block.box.x0 > text.box.x1:
        return None
    below, above = text.box.y0 - block.box.y1, block.box.y0 - text.box.y1
    gap = max(below, above, 0.0)
    if gap > GAP:
        return None
    return gap + (GAP if (block.type == "image") == (above > below) else 0.0)


def _with_caption(block: Block, caption: str) -> Block:
    if block.table is not None:
        return replace(block, caption=caption, text=table_markdown(block.table, caption))
    return replace(block, caption=caption, text=caption)
