"""Tables made up for tests, as they come out of a parser."""

from __future__ import annotations

from collections.abc import Sequence

from glede.tables.typing import typed
from glede.tables.values import Rows
from glede.types import Cell, Table


def rows_of(lines: str, caption: str = "", header: int = 1) -> Rows:
    """A table of lines whose cells are parted by `|`."""
    grid = [[cell.strip() for cell in line.split("|")] for line in lines.strip().splitlines()]
    found = typed(table_of(grid, header), caption)
    assert found is not None
    return found


def table_of(grid: Sequence[Sequence[str]], header: int = 1) -> Table:
    """A table of texts; the first `header` rows are marked as headers."""
    cells = (
        Cell(row, column, text, header=row < header)
        for row, texts in enumerate(grid)
        for column, text in enumerate(texts)
    )
    return Table(len(grid), max(map(len, grid)), tuple(cells))


REPORT = rows_of(
    """
    ($ in millions) | 2021 | 2020 | 2019
    Income: | | |
    Ferry tickets | $ 420.5 | $ 400.0 | $ 310.0
    Harbour dues | 80.0 | 100.0 | 90.0
    Other | (12.5) | — | 4.0
    Total income | $ 488.0 | $ 500.0 | $ 404.0
    Margin | 12.5% | 10.0% | 9.0%
    """
)
FERRIES = rows_of(
    """
    Ship | Home port | Built | Passengers | Length
    Aurora | Bergen | 1998 | 420 | 88
    Boreas | Stavanger | 2004 | 650 | 120
    Cirrus | Bergen | 2011 | 1,200 | 164
    Dione | Oslo | 2015 | 980 | 141
    Eos | Bergen | 2019 | 300 | 75
    Total | | | 3,550 |
    """,
    "Ferries of the western line",
)
