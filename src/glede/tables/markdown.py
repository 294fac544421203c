"""Tables as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from glede.types import Table

_BAR = re.compile(r"(?<!\\)\|")


def one_line(text: str) -> str:
    """The text with every run of white space turned into one space, and none around it."""
    return " ".join(text.split())


def table_markdown(table: Table, caption: str | None) -> str:
    """The table as a Markdown pipe table, below its caption where it has one.

    A spanning cell is repeated in each place it covers, so that every row can be read by itself. Several
    header rows become one, distinct texts joined by a space; without one the first row is the header.
    """
    grid = table.grid()
    headers = max(1, table.header_rows())
    head = [_joined(row[column] for row in grid[:headers]) for column in range(table.columns)]
    lines = [_pipe_row(head), _pipe_row(["---"] * table.columns, escape=False)]
    lines += [_pipe_row(row) for row in grid[headers:]]
    if caption and caption.strip():
        lines[:0] = [one_line(caption), ""]
    return "\n".join(lines)


def _joined(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(text for text in map(one_line, texts) if text))


def _pipe_row(texts: Sequence[str], *, escape: bool = True) -> str:
    if escape:
        texts = [one_line(text).replace("|", "\\|") for text in texts]
    return "| " + " | ".join(texts) + " |"


def cells_of(line: str) -> list[str]:
    """The cells of a row of a pipe table, as they are printed."""
    return [cell.strip().replace("\\|", "|") for cell in _BAR.split(line.strip())[1:-1]]


def header_of(text: str) -> list[str]:
    """The names of the columns of the first pipe table in a text; none where there is none."""
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if place and line.startswith("|") and not line.strip("|-: "):
            return cells_of(lines[place - 1])
    return []
