"""The links of a page: which words of which block lead where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glede.errors import DocumentError
from glede.parsers.building import LONGEST_ADDRESS, one_line
from glede.parsers.pdf_text import visible
from glede.parsers.rendering import LazyPages
from glede.types import Block, Box, Link

if TYPE_CHECKING:
    from liteparse.types import ParsedPage, TextItem

MOST = 200
"""Links of a page that are kept; a drawing or an index may be made of them."""
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)
_AROUND = ' ,;:.()<>[]"“”„'
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class _Area:
    box: Box
    address: str


def linked(blocks: Sequence[Block], page: ParsedPage, source: LazyPages) -> list[Block]:
    """The blocks with the links whose rectangles lie in them; one that is broken over lines is one."""
    found: dict[int, list[Link]] = {}
    last: tuple[int, str] | None = None
    for area in _areas(page, source):
        place = _block_at(blocks, area.box)
        words = _words(page.text_items, area.box)
        if place is None or not words:
            continue
        links = found.setdefault(place, [])
        goes_on = last == (place, area.address) and links
        whole = _whole(links[-1].text, words, one_line(blocks[place].text)) if goes_on else ""
        if whole:
            links[-1] = replace(links[-1], text=whole)
        else:
            links.append(Link(words, area.address))
        last = place, area.address
    return [
        replace(block, links=(*block.links, *map(_trimmed, dict.fromkeys(found[place]))))
        if place in found
        else block
        for place, block in enumerate(blocks)
    ]


def _whole(first: str, second: str, shown: str) -> str:
    """Two pieces of a link as they are shown, nothing where they do not follow each other."""
    ways = [f"{first} {second}", first + second, first.removesuffix("-") + second]
    return next((way for way in ways if way in shown), "")


def _trimmed(link: Link) -> Link:
    """The link without the signs around its words."""
    return replace(link, text=link.text.strip(_AROUND) or link.text)


def _areas(page: ParsedPage, source: LazyPages) -> Iterator[_Area]:
    links = [one for one in page.annotations or () if one.subtype == "link"][:MOST]
    for one in links:
        address = (one.uri or "").strip()
        if one.rect is not None and len(address) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(address):
            rect = one.rect
            yield _Area(Box(rect.x, rect.y, rect.x + rect.width, rect.y + rect.height), address)
    if any(not one.uri for one in links):
        try:
            targets = source.opened().targets(page.page_num)
        except DocumentError:  # liteparse has read the page: without these links it is worth as much
            return
        for box, number in targets[:MOST]:
            yield _Area(box, f"#page={number}")


def _block_at(blocks: Sequence[Block], box: Box) -> int | None:
    """The smallest block around the middle of a rectangle."""
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    around = [
        ((block.box.x1 - block.box.x0) * (block.box.y1 - block.box.y0), place)
        for place, block in enumerate(blocks)
        if block.box is not None
        and block.box.x0 - 1 <= x <= block.box.x1 + 1
        and block.box.y0 - 1 <= y <= block.box.y1 + 1
    ]
    return min(around)[1] if around else None


def _words(items: Sequence[TextItem], box: Box) -> str:
    """The words within a rectangle; of a line, those whose share of its length lies there."""
    found = []
    for item in items:
        middle = item.y + item.height / 2
        if not box.y0 <= middle <= box.y1 or item.x > box.x1 or item.x + item.width < box.x0:
            continue
        wide = item.width / max(len(item.text), 1)
        for word in _WORD.finditer(item.text):
            x = item.x + wide * (word.start() + word.end()) / 2
            if box.x0 <= x <= box.x1:
                found.append(word[0])
    return one_line(visible(" ".join(found)))
