"""Two readings of the same pages as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from glede.outline import placed
from glede.types import Block, Page, Parsed


def merged(first: Parsed, second: Parsed, numbers: frozenset[int]) -> Parsed:
    """The first reading, with the pages named as the second has them, where that is no poorer."""
    theirs = _by_page(second.blocks)
    ours = _by_page(first.blocks)
    better = {
        number for number in numbers if _letters(theirs.get(number, ())) * 2 > _letters(ours.get(number, ()))
    }
    pages = [_read_by(page, second.parser) if page.number in better else page for page in first.pages]
    blocks: list[Block] = []
    for page in pages:
        blocks += theirs[page.number] if page.number in better else ours.get(page.number, [])
    return replace(
        first,
        blocks=tuple(placed(blocks)),
        pages=tuple(pages),
        assets={**first.assets, **second.assets},
        warnings=(*first.warnings, *second.warnings),
        parser=f"{first.parser}+{second.parser}" if better else first.parser,
    )


def _by_page(blocks: Sequence[Block]) -> dict[int, list[Block]]:
    return {number or 0: list(found) for number, found in groupby(blocks, key=lambda block: block.page)}


def _letters(blocks: Sequence[Block]) -> int:
    return sum(len("".join(block.text.split())) for block in blocks)


def _read_by(page: Page, parser: str) -> Page:
    why = "; ".join(doubt.reason for doubt in page.doubts)
    return replace(page, parser=parser, reason=why)
