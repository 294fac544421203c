"""Which lines that an engine takes for headings are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from glede.reading.readings import squeezed
from glede.types import Block, Box

LONGEST = 200
FLOOD = 8
"""Headings of a page from which they are counted: a form is no outline."""
MOST = 0.5
"""The part of a page's paragraphs that may be headings then."""
_NEAR = 16.0
"""Points between a line and the one that goes on with its sentence."""
_NUMBERED = re.compile(r"(?:\d+(?:\.\d+)*\.|\d+(?:\.\d+)+|[A-Z]\.|[IVX]+\.|Chapter|Part|§)\s", re.IGNORECASE)
_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|tab(?:le|elle|\.)?|abb(?:ildung|\.)?|listing|chart|plate)\s*\d", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.;,:]$")


def doubted_headings(blocks: Sequence[Block], agreed: frozenset[str]) -> list[Block]:
    """The blocks; a heading that is part of a sentence, or one of a flood, is text unless both agree.

    `agreed` are the squeezed texts of what another engine takes for headings as well.
    """
    if not blocks:
        return []
    spoken = [block for block in blocks if block.type in ("heading", "text", "list")]
    alone = [block for block in spoken if block.type == "heading" and squeezed(block.text) not in agreed]
    flood = len(alone) > FLOOD and len(alone) > MOST * len(spoken)
    after = [*blocks[1:], None]
    return [
        replace(block, type="text", level=0)
        if block.type == "heading" and (not is_heading(block, later) or (flood and block in alone))
        else block
        for block, later in zip(blocks, after, strict=True)
    ]


def is_heading(block: Block, after: Block | None) -> bool:
    """Whether a line reads like a heading: it begins as one, ends as one, and no sentence runs on from it."""
    text = block.text.strip()
    if not text or len(text) > LONGEST or text[0].islower() or text[-1] in ",;" or _CAPTION.match(text):
        return False
    if _SENTENCE_END.search(text) and len(text.split()) > 5 and not _NUMBERED.match(text):
        return False
    return after is None or after.type != "text" or not _runs_on(block, after)


def _runs_on(block: Block, after: Block) -> bool:
    begins = after.text.lstrip()[:1]
    return begins.islower() and _follows(block.box, after.box)


def _follows(upper: Box | None, lower: Box | None) -> bool:
    if upper is None or lower is None:
        return False
    apart = upper.x0 >= lower.x1 or lower.x0 >= upper.x1
    return not apart and -_NEAR < lower.y0 - upper.y1 < _NEAR
