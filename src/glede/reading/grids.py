"""How much a grid of cells looks like a table that was read rightly."""

from __future__ import annotations

import math
import re

from glede.types import Table

LONG = 120
"""Characters of a cell from which it is a paragraph."""
CLEARLY = 1.3
"""How many times better another grid must be before it takes the place of one whose cells have boxes."""
BELIEVED = 0.5
"""The score from which a grid is taken for a table that only one engine sees."""
_CRAMMED = re.compile(r"\d\.\d{2,}\.\d|(?:[\d.,%()±*-]*\d[\d.,%()±*-]*\s+){3,}")
_NUMBER = re.compile(r"\d")


def grid_score(table: Table) -> float:
    """From 0 to 1: full, more than one cell to a row, no paragraphs, no cells of several run together."""
    said = [cell for cell in table.cells if cell.text.strip()]
    if table.rows < 2 or table.columns < 2 or not said:
        return 0.0
    filled = sum(cell.row_span * cell.column_span for cell in said) / (table.rows * table.columns)
    in_row: dict[int, int] = {}
    for cell in said:
        in_row[cell.row] = in_row.get(cell.row, 0) + 1
    shared = sum(count > 1 for count in in_row.values()) / table.rows
    crammed = sum(bool(_CRAMMED.search(cell.text)) for cell in said) / len(said)
    prose = sum(len(cell.text) > LONG for cell in said) / len(said)
    return math.sqrt(min(1.0, filled)) * shared * (1 - crammed) * (1 - prose)


def is_believed(table: Table) -> bool:
    """Whether what another engine took for text is a table after all: it is one of numbers, or faultless."""
    said = [cell.text for cell in table.cells if cell.text.strip()]
    numbers = sum(bool(_NUMBER.search(text)) for text in said) / len(said) if said else 0.0
    return grid_score(table) * (0.5 + numbers) >= BELIEVED


def is_clearly_better(other: Table, than: Table) -> bool:
    """Whether the structure of `other` is richer, enough to give up the boxes of cells."""
    return _richness(other) > CLEARLY * _richness(than)


def _richness(table: Table) -> float:
    return grid_score(table) * math.sqrt(sum(bool(cell.text.strip()) for cell in table.cells))
