"""Tables kept as data: the rows of each as Parquet, and a card by which it is found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from glede.processing import Tools
from glede.tables.cards import card
from glede.tables.parquet import packed
from glede.tables.typing import typed
from glede.types import Block, Parsed, sha256_of

AROUND = 2
"""How many blocks before a table may name the unit of its numbers."""
AROUND_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class TableProcessor:
    """Adds to each table that can be computed with its rows, as an asset, and its card."""

    version: str = "1"

    @property
    def fingerprint(self) -> str:
        """Names this way of reading tables."""
        return f"table@{self.version}"

    async def process(self, parsed: Parsed) -> Parsed:
        """The document with its tables as data; one that holds nothing to compute with stays as it is."""
        if not any(block.table for block in parsed.blocks):
            return parsed
        return await asyncio.to_thread(with_data, parsed)


def open_table_processor(_: Tools) -> TableProcessor:
    """Needs no model."""
    return TableProcessor()


def with_data(parsed: Parsed) -> Parsed:
    """The document with `Block.data` and `Block.aid` of its tables, and the assets that hold their rows."""
    blocks = list(parsed.blocks)
    assets = dict(parsed.assets)
    for place, block in enumerate(blocks):
        blocks[place] = _with_rows(block, _context(parsed.blocks, place), assets)
    return replace(parsed, blocks=tuple(blocks), assets=assets) if assets != parsed.assets else parsed


def _with_rows(block: Block, context: str, assets: dict[str, bytes]) -> Block:
    rows = typed(block.table, block.caption, context) if block.table is not None else None
    if rows is None:
        return block
    data = packed(rows)
    key = sha256_of(data)
    assets[key] = data
    aid = "\n".join(part for part in (block.aid, card(rows)) if part)
    return replace(block, data=key, aid=aid)


def _context(blocks: Sequence[Block], place: int) -> str:
    """What stands before a table, up to its heading: "(in thousands)" is often said there."""
    near: list[str] = []
    for block in reversed(blocks[max(0, place - AROUND) : place]):
        if block.type not in ("text", "heading"):
            break
        near.insert(0, block.text[-AROUND_CHARACTERS:])
        if block.type == "heading":
            break
    return "\n".join(near)
