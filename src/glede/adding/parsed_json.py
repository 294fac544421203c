"""What a parser made of a document as JSON: how it leaves the parser process, and how it is kept.

A plain table, one cell in each place and no more known of it than its text, is kept as its texts, in a line
of its own: with names and defaults for each cell a million of them take ten times the bytes, and a gigabyte
to read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product, takewhile
from typing import TYPE_CHECKING

import orjson

from glede.errors import MalformedError
from glede.types import Cell, Parsed, Table

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = b"glede-parse-2\n"
"""The first line; a change of the values in `glede.types` that old JSON does not fit needs a new one."""
_CELL_BY_CELL = b"glede-parse-1\n"
"""The first line of a parse that was kept before plain tables had a line of their own."""


def dump_parsed(parsed: Parsed) -> bytes:
    """Everything but the bytes of the pictures."""
    plain = {number: block.table for number, block in enumerate(parsed.blocks) if _is_plain(block.table)}
    grids = [
        [number, _headers(table), table.columns, _texts(table)] for number, table in plain.items() if table
    ]
    blocks = (
        replace(block, table=None) if number in plain else block for number, block in enumerate(parsed.blocks)
    )
    rest = replace(parsed, assets={}, blocks=tuple(blocks)) if plain else replace(parsed, assets={})
    return FORMAT + orjson.dumps(grids) + b"\n" + orjson.dumps(rest)


def load_parsed(data: bytes, assets: Mapping[str, bytes]) -> Parsed:
    """What was dumped, with the pictures' bytes; raises `MalformedError` for anything else."""
    try:
        if data.startswith(_CELL_BY_CELL):
            parsed = _validated(data[len(_CELL_BY_CELL) :])
        elif data.startswith(FORMAT):
            end = data.index(b"\n", len(FORMAT))
            grids = orjson.loads(data[len(FORMAT) : end])
            parsed = _with_tables(_validated(data[end + 1 :]), grids)
        else:
            raise MalformedError("the parse is of another version of Glede", hint="Add the document again.")
    except (ValueError, TypeError, IndexError) as error:  # of which those of pydantic and orjson are
        raise MalformedError("the parse is damaged", hint="Add the document again.") from error
    return replace(parsed, assets=dict(assets))


def _is_plain(table: Table | None) -> bool:
    """Whether the texts of its places, and how many rows at its top are header cells, say all of it."""
    if table is None or len(table.cells) != table.rows * table.columns or not table.cells:
        return False
    headers = _headers(table)
    return all(
        cell.row == place // table.columns
        and cell.column == place % table.columns
        and cell.row_span == cell.column_span == 1
        and cell.header == (cell.row < headers)
        and cell.box is None
        and cell.page is None
        for place, cell in enumerate(table.cells)
    )


def _headers(table: Table) -> int:
    """How many rows at its top begin with a header cell."""
    firsts = takewhile(lambda cell: cell.header, table.cells[:: table.columns])
    return sum(1 for _ in firsts)


def _texts(table: Table) -> list[str]:
    return [cell.text for cell in table.cells]


def _with_tables(parsed: Parsed, grids: Sequence[tuple[int, int, int, list[str]]]) -> Parsed:
    if not grids:
        return parsed
    blocks = list(parsed.blocks)
    for number, headers, columns, texts in grids:
        blocks[number] = replace(blocks[number], table=_table(headers, columns, texts))
    return replace(parsed, blocks=tuple(blocks))


def _table(headers: int, columns: int, texts: Sequence[str]) -> Table:
    rows = len(texts) // columns
    places = zip(product(range(rows), range(columns)), texts, strict=True)
    cells = tuple(Cell(row, column, text, header=row < headers) for (row, column), text in places)
    return Table(rows, columns, cells)


def _validated(data: bytes) -> Parsed:
    return _adapter().validate_json(data)


@cache
def _adapter() -> TypeAdapter[Parsed]:
    from pydantic import TypeAdapter  # only who reads needs it, not the parser process

    return TypeAdapter(Parsed)
