"""Tables and the text of small elements in HTML."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree
from lxml.html import HtmlElement

from glede.errors import LimitError
from glede.parsers.html_math import MATH
from glede.types import Cell, Table

MAX_CELLS = 500_000
MAX_COLUMNS = 16_384
"""As many as the widest sheet of a spreadsheet program."""
MAX_COLUMN_SPAN = 1000  # the HTML standard's own limit
BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div",
     "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "legend",
     "li", "main", "menu", "ol", "optgroup", "option", "p", "pre", "search", "section", "summary", "table",
     "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "h1", "h2", "h3", "h4", "h5", "h6"]
)  # fmt: skip
_SPACES = re.compile(r"\s+")
_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[ \n]*")
_LAYOUT_CONTENT = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "pre"])


def flat(text: str | None) -> str:
    """A text node as it is shown: white space of any length is one space."""
    return _SPACES.sub(" ", text) if text else ""


def tidy(text: str) -> str:
    """Text put together from nodes: no space beside a line break, no empty line."""
    return _BREAKS.sub("\n", _BLANKS.sub(" ", text)).strip()


def inline_math(element: HtmlElement) -> str:
    """A formula between its dollars."""
    sign = "$$" if element.get("display") == "block" else "$"
    return f"{sign}{element.text or ''}{sign}"


def element_text(element: HtmlElement) -> str:
    """All that is shown of an element, blocks on lines of their own, pictures by their alternative text."""
    if not len(element):
        return tidy(flat(element.text))
    parts: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, node in walker:
        if event == "start":
            if node.tag in (MATH, "img"):
                parts.append(inline_math(node) if node.tag == MATH else flat(node.get("alt")))
                walker.skip_subtree()
                continue
            parts += ("\n" if node.tag == "br" or node.tag in BLOCKS else "", flat(node.text))
        elif node is not element:
            parts += ("\n" if node.tag in BLOCKS else "", flat(node.tail))
    return tidy("".join(parts))


def layout_tables(root: HtmlElement) -> set[HtmlElement]:
    """Tables that only arrange: with tables, headings or code inside, of one cell, or said to be."""
    layout: set[HtmlElement] = set()
    cells: Counter[HtmlElement] = Counter()
    open_tables: list[HtmlElement] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            if element.tag == "table":
                open_tables.pop()
            continue
        if open_tables and (element.tag == "table" or element.tag in _LAYOUT_CONTENT):
            layout.add(open_tables[-1])
        elif open_tables and element.tag in ("td", "th"):
            cells[open_tables[-1]] += 1
        if element.tag == "table":
            open_tables.append(element)
            if element.get("role") in ("presentation", "none"):
                layout.add(element)
    return layout | {table for table in root.iter("table") if cells[table] < 2}


def read_table(element: HtmlElement) -> Table:
    """The grid of a table without tables inside; spans are cut to the table, as browsers do."""
    records = list(element.iter("tr"))
    cells: list[Cell] = []
    taken: dict[int, set[int]] = {}
    columns = covered = 0
    for row, record in enumerate(records):
        column = 0
        in_head = _in_head(record)
        for node in record.iterchildren("td", "th"):
            while column in taken.get(row, ()):
                column += 1
            cell = _cell(node, row, column, rows_left=len(records) - row, in_head=in_head)
            covered += cell.row_span * cell.column_span
            if covered > MAX_CELLS:
                raise LimitError(f"A table has more than {MAX_CELLS:,} places.")
            for below in range(row + 1, row + cell.row_span):
                taken.setdefault(below, set()).update(range(column, column + cell.column_span))
            column += cell.column_span
            columns = max(columns, column)
            if columns > MAX_COLUMNS:
                raise LimitError(f"A table has more than {MAX_COLUMNS:,} columns.")
            cells.append(cell)
        if len(records) * columns > MAX_CELLS:
            raise LimitError(f"A table has more than {MAX_CELLS:,} places.")
    return Table(rows=len(records), columns=columns, cells=tuple(cells))


def _cell(node: HtmlElement, row: int, column: int, *, rows_left: int, in_head: bool) -> Cell:
    return Cell(
        row=row,
        column=column,
        text=element_text(node),
        row_span=min(_span(node.get("rowspan")) or rows_left, rows_left),
        column_span=min(_span(node.get("colspan")) or 1, MAX_COLUMN_SPAN),
        header=node.tag == "th" or in_head,
    )


def _span(value: str | None) -> int:
    """1 where it is missing or no number; a row span of 0 means all rows left."""
    match = re.match(r"\s*\+?(\d{1,6})", value or "1")
    return int(match[1]) if match else 1


def _in_head(record: HtmlElement) -> bool:
    parent = record.getparent()
    return parent is not None and parent.tag == "thead"
