"""Tables that go on over pages, as one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from glede.tables.markdown import one_line, table_markdown
from glede.types import FURNITURE, Block, Cell, Table

OVERLAP = 0.5
"""The part of the narrower of two columns that lies under the other if they are the same."""
INDENT = 24.0
"""Points by which a table may begin further in on another page."""
ROOM = 0.25
"""The part of a page that may be left below a table that goes on."""

_CONTINUED = re.compile(
    r"[\s(\[–—-]*(?:(?:table\s+)?(?:is\s+)?cont(?:inued|inues|['’.]?d|\.)?(?:\s+(?:on|from)\s+(?:the\s+)?"
    r"(?:next|following|previous|page)(?:\s+(?:page|\d+))?)?|fortsetzung|fortgesetzt|suite|continuación"
    r"|продолжение|续表)[\s.)\]…]*",
    re.IGNORECASE,
)
_REMARK = re.compile(
    rf"(?:(?:table|tabelle|tab\.|таблица|tableau|tabla)\s*[\w.\-]*\s*[:.,]?\s*)?{_CONTINUED.pattern}", re.I
)
_AT_END = re.compile(rf"(?:(?<=\W)|^){_CONTINUED.pattern}$", re.IGNORECASE)
_DIGIT = re.compile(r"\d")


def joined(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with each table that goes on at the top of the next page made one.

    Between its parts stand furniture, footnotes, and at most a remark that it goes on, which is dropped.
    """
    bottom = max((block.box.y1 for block in blocks if block.box and block.type not in FURNITURE), default=0.0)
    chains: dict[int, list[Block]] = {}
    gone: set[int] = set()
    first: int | None = None
    remarks: set[int] = set()
    for place, block in enumerate(blocks):
        if first is not None and _goes_on(chains[first], block, bottom):
            chains[first].append(block)
            gone |= {place, *remarks}
            remarks = set()
        elif block.type == "table":
            first, remarks = place, set()
            chains[place] = [block]
        elif _is_remark(block):
            remarks.add(place)
        elif block.type not in FURNITURE and block.type != "footnote":
            first = None
    return [
        _whole(chains[place]) if place in chains else block
        for place, block in enumerate(blocks)
        if place not in gone
    ]


def _is_remark(block: Block) -> bool:
    return (
        block.type in ("text", "heading")
        and len(block.text) < 60
        and _REMARK.fullmatch(block.text) is not None
    )


def _goes_on(chain: Sequence[Block], block: Block, bottom: float) -> bool:
    """Whether a block is the table that has been read so far, the last part of it on the page before."""
    first, last = chain[0], chain[-1]
    if first.table is None or last.table is None or block.table is None:
        return False
    if last.page is None or block.page != last.page + 1 or last.box is None or block.box is None:
        return False
    if bottom - last.box.y1 > ROOM * bottom or abs(last.box.x0 - block.box.x0) > INDENT:
        return False
    return (
        _is_same_caption(first.caption, block.caption)
        and _same_columns(last.table, block.table)
        and _has_no_head_of_its_own(first.table, block.table)
    )


def _is_same_caption(first: str | None, second: str | None) -> bool:
    if not second:
        return True
    short = _without_remark(second)
    return not short or (first is not None and _without_remark(first).startswith(short))


def _without_remark(caption: str) -> str:
    return _AT_END.sub("", one_line(caption)).casefold().rstrip(" .:,")


def _same_columns(first: Table, second: Table) -> bool:
    """Whether as many columns stand at the same places; those of which no cell has a place agree with all."""
    if first.columns != second.columns or first.columns < 2:
        return False
    ours, theirs = _extents(first), _extents(second)
    known = ours.keys() & theirs.keys()
    return len(known) * 2 >= first.columns and all(_overlap(ours[one], theirs[one]) for one in known)


def _extents(table: Table) -> dict[int, tuple[float, float]]:
    """From where to where each column reaches, by the cells that lie in it alone."""
    found: dict[int, tuple[float, float]] = {}
    for cell in table.cells:
        if cell.box is not None and cell.column_span == 1:
            left, right = found.get(cell.column, (cell.box.x0, cell.box.x1))
            found[cell.column] = min(left, cell.box.x0), max(right, cell.box.x1)
    return found


def _overlap(first: tuple[float, float], second: tuple[float, float]) -> bool:
    common = min(first[1], second[1]) - max(first[0], second[0])
    return common >= OVERLAP * min(first[1] - first[0], second[1] - second[0])


def _has_no_head_of_its_own(first: Table, second: Table) -> bool:
    """Whether the second begins with the header rows of the first, or with a row that is none.

    What the parser took for a header is a row like the others where it holds numbers, and the header none.
    """
    heads = _head(second)
    if not heads or _repeated_rows(first, second):
        return True
    return _figures(heads[0]) > 0.3 and _figures(_rows(first)[0]) == 0


def _head(table: Table) -> list[tuple[str, ...]]:
    flagged = {cell.row for cell in table.cells if cell.header}
    return _rows(table)[: table.header_rows()] if 0 in flagged else []


def _rows(table: Table) -> list[tuple[str, ...]]:
    return [tuple(one_line(text).casefold() for text in row) for row in table.grid()]


def _figures(row: Sequence[str]) -> float:
    """The part of the cells with something in them that hold a digit."""
    full = [text for text in row if text]
    return sum(bool(_DIGIT.search(text)) for text in full) / len(full) if full else 0.0


def _repeated_rows(first: Table, second: Table) -> int:
    """How many rows at the top of the second are the header rows of the first."""
    heads = _head(first) or _rows(first)[:1]
    return len(heads) if heads and _rows(second)[: len(heads)] == heads else 0


def _whole(chain: Sequence[Block]) -> Block:
    """The first part with the rows of the others below its own, less the header said again."""
    first = chain[0]
    if first.table is None or len(chain) == 1:
        return first
    cells = list(first.table.cells)
    rows = first.table.rows
    heads = 0
    for block in chain[1:]:
        if block.table is not None:
            dropped = _repeated_rows(first.table, block.table)
            heads = max(heads, dropped)
            below = rows - dropped
            cells += [_moved(cell, below, block.page) for cell in block.table.cells if cell.row >= dropped]
            rows += block.table.rows - dropped
    # What is said on every page is a header, whatever the parser took it for.
    cells = [replace(cell, header=True) if cell.row < heads else cell for cell in cells]
    table = Table(rows, first.table.columns, tuple(cells))
    return replace(
        first,
        table=table,
        text=table_markdown(table, first.caption),
        confidence=min(block.confidence for block in chain),
        links=tuple(link for block in chain for link in block.links),
    )


def _moved(cell: Cell, below: int, page: int | None) -> Cell:
    return replace(cell, row=cell.row + below, header=False, page=cell.page or page)
