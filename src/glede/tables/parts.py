"""A table of Markdown in parts that fit a budget: runs of its rows, of a wide one groups of its columns too.

Each part stands below the caption and the header of its columns. In a wide table the columns that name the
rows stand in every group, so that each row can be read by itself; all other cells stand in one part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from glede.text.sentences import count_tokens, split_text
from glede.types import Block

MOST_VECTORS = 64
"""Parts of one table that have vectors: about 900 rows of ten columns. Further rows are found by their
words, and by SQL: their meaning is that of the rows above, and each vector costs as much as a page."""
_BAR = re.compile(r"(?<!\\)\|")
_LETTER = re.compile(r"[^\W\d_]")
_FORMAT = 2
"""Tokens that bars and dashes take for each column of a header."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a part, or a piece of one that is longer than the budget."""

    text: str
    row: int


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes one chunk: rows below the head they share; `words_only` is found by its words alone."""

    head: str
    lines: tuple[Line, ...]
    words_only: bool = False


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table as lines: what stands above its header, header and ruler, and the body from row `first` on."""

    above: tuple[str, ...]
    head: tuple[str, ...]
    body: tuple[str, ...]
    first: int


def parts_of(block: Block, budget: int) -> list[Part]:
    """The table whole, or in parts, those of the first columns first."""
    grid = _grid_of(block)
    runs = [list(_runs(group, budget)) for group in _groups(grid, budget)]
    # The first rows of all columns have vectors before further rows of the first columns do.
    order = [part for layer in zip_longest(*runs) for part in layer if part is not None]
    late = {id(part) for part in order[MOST_VECTORS:]}
    return [replace(part, words_only=id(part) in late) for run in runs for part in run]


def _grid_of(block: Block) -> _Grid:
    lines = block.text.strip().splitlines()
    for place, line in enumerate(lines):
        if line.startswith("|") and not line.strip("|-: "):
            first = max(1, block.table.header_rows()) if block.table else 1
            start = max(place - 1, 0)
            return _Grid(
                tuple(lines[:start]), tuple(lines[start : place + 1]), tuple(lines[place + 1 :]), first
            )
    return _Grid((), (), tuple(lines), 0)


def _runs(grid: _Grid, budget: int) -> Iterator[Part]:
    """Runs of rows that fit the budget together with their head."""
    head = "\n".join((*grid.above, *grid.head))
    run: list[Line] = []
    size = fixed = count_tokens(head)
    for place, line in enumerate(grid.body):
        for text in _fitting(line, max(budget - fixed, budget // 4)):
            tokens = count_tokens(text) + 1
            if run and size + tokens > budget:
                yield Part(head, tuple(run))
                run, size = [], fixed
            run.append(Line(text, grid.first + place))
            size += tokens
    yield Part(head, tuple(run))


def _fitting(line: str, budget: int) -> list[str]:
    if count_tokens(line) <= budget:
        return [line]
    return [line[start:end] for start, end in split_text(line, budget)]


def _groups(grid: _Grid, budget: int) -> list[_Grid]:
    """The table itself, or where its header takes half of the budget, tables of some of its columns each."""
    if len(grid.head) < 2 or count_tokens("\n".join(grid.head)) * 2 <= budget:
        return [grid]
    head, *body = [_cells(line) for line in (grid.head[0], *grid.body)]
    if not body or any(len(row) != len(head) for row in body):
        return [grid]
    labels = _labels(head, body, budget)
    rest = [column for column in range(len(head)) if column not in labels]
    rows = [head, *body]
    made = []
    for group in _fitting_columns(head, body, rest, budget):
        columns = (*labels, *group)
        line, *lines = [_line([row[column] for column in columns]) for row in rows]
        made.append(_Grid(grid.above, (line, _line(["---"] * len(columns))), tuple(lines), grid.first))
    return made if len(made) > 1 else [grid]


def _fitting_columns(
    head: Sequence[str], body: Sequence[Sequence[str]], columns: Sequence[int], budget: int
) -> Iterator[list[int]]:
    """Runs of columns of which neither the header nor a usual row takes more than a third of the budget."""
    group: list[int] = []
    above = across = 0.0
    for column in columns:
        name = count_tokens(head[column]) + _FORMAT
        cell = sum(count_tokens(row[column]) + 1 for row in body) / len(body)
        if group and max(above + name, across + cell) * 3 > budget:
            yield group
            group, above, across = [], 0.0, 0.0
        group.append(column)
        above, across = above + name, across + cell
    if group:
        yield group


def _labels(head: Sequence[str], body: Sequence[Sequence[str]], budget: int) -> tuple[int, ...]:
    """The columns that name the rows: the first, and the next where only that holds words; no long ones."""
    labels: tuple[int, ...] = (0,)
    if len(head) > 2 and not _is_words(body, 0) and _is_words(body, 1):
        labels = (0, 1)
    longest = max(sum(count_tokens(row[column]) + _FORMAT for column in labels) for row in (head, *body))
    return labels if longest * 4 <= budget else ()


def _is_words(body: Sequence[Sequence[str]], column: int) -> bool:
    return sum(bool(_LETTER.search(row[column])) for row in body) * 2 > len(body)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _BAR.split(line.strip())[1:-1]]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
