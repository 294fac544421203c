"""Tables kept as data: the rows of each as Parquet, and a card by which it is found."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from glede.processing import Tools
from glede.tables.cards import card
from glede.tables.parquet import packed
from glede.tables.typing import typed_among
from glede.tables.values import Rows
from glede.types import Block, Parsed, sha256_of


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
        blocks[place] = _with_rows(block, typed_among(parsed.blocks, place), assets)
    return replace(parsed, blocks=tuple(blocks), assets=assets) if assets != parsed.assets else parsed


def _with_rows(block: Block, rows: Rows | None, assets: dict[str, bytes]) -> Block:
    if rows is None:
        return block
    data = packed(rows)
    key = sha256_of(data)
    assets[key] = data
    aid = "\n".join(part for part in (block.aid, card(rows)) if part)
    return replace(block, data=key, aid=aid)
