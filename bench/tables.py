"""Scores of table structure: which cells lie beside which, as the ICDAR 2013 table competition counts.

Goebel, Hassan, Oro, Orsi: A methodology for evaluating algorithms for table understanding in PDF documents
(DocEng 2012). Blank cells are skipped, texts are compared without white space, and the relations of tables
that are none count as false ones.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from lxml import etree

from bench.metrics import Score
from glede.types import Cell, Table

Relation = tuple[str, str, str]
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


def agreement(found: Counter[Relation], true: Counter[Relation]) -> Score:
    """How much of what was found is true, and how much of what is true was found."""
    right = (found & true).total()
    return Score(right / (found.total() or 1), right / (true.total() or 1))


def relations(tables: Iterable[Table]) -> Counter[Relation]:
    """The pairs of neighbours in all tables, with the direction in which the second lies."""
    counted: Counter[Relation] = Counter()
    for table in tables:
        grid: list[list[int | None]] = [[None] * table.columns for _ in range(table.rows)]
        for number, cell in enumerate(table.cells):
            if normal(cell.text):
                for row in range(cell.row, min(cell.row + cell.row_span, table.rows)):
                    for column in range(cell.column, min(cell.column + cell.column_span, table.columns)):
                        grid[row][column] = number
        pairs = _pairs(grid, "right") | _pairs(list(map(list, zip(*grid, strict=True))), "below")
        counted.update(
            (normal(table.cells[one].text), normal(table.cells[other].text), direction)
            for one, other, direction in pairs
        )
    return counted


def _pairs(lines: Sequence[Sequence[int | None]], direction: str) -> set[tuple[int, int, str]]:
    found = set()
    for line in lines:
        cells = [cell for cell in line if cell is not None]
        found |= {(one, other, direction) for one, other in pairwise(cells) if one != other}
    return found


def normal(text: str) -> str:
    """The text as it is compared: without white space, in compatibility form, dashes alike."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).casefold().split())


def true_tables(path: Path) -> list[Table]:
    """The regions of tables in a structure file of the competition (`*-str.xml`)."""
    root = etree.parse(str(path), etree.XMLParser(resolve_entities=False)).getroot()
    tables = []
    for region in root.iter("region"):
        cells = [_cell(element) for element in region.iter("cell")]
        rows = max((cell.row + cell.row_span for cell in cells), default=0)
        columns = max((cell.column + cell.column_span for cell in cells), default=0)
        tables.append(Table(rows, columns, tuple(cells)))
    return tables


def _cell(element: etree._Element) -> Cell:
    row, column = int(element.get("start-row", "0")), int(element.get("start-col", "0"))
    return Cell(
        row,
        column,
        element.findtext("content") or "",
        int(element.get("end-row", row)) - row + 1,
        int(element.get("end-col", column)) - column + 1,
    )
