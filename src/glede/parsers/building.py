"""What the parsers share in building blocks: the headings above a place, and tables as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from glede.errors import LimitError, MalformedError
from glede.parsing import MAX_PICTURE
from glede.reading.outline import Outline
from glede.tables.markdown import one_line, table_markdown
from glede.types import Block, BlockType, Cell, Link, Parsed, Picture, Table, Unfinished

__all__ = ["Draft", "ListText", "one_line", "table_from_grid", "table_markdown", "without_empty_rows"]

LONGEST_ADDRESS = 2000
MOST_WAITING = 500
"""Links whose words have not been shown yet; those of a menu that is left out never are."""
_NO_ADDRESS = re.compile(r"(?:javascript|data|vbscript|file|blob):", re.IGNORECASE)


class Draft:
    """Blocks and assets collected in reading order, each block placed under the headings so far.

    A picture of more than `max_picture` bytes is to be left out.
    """

    def __init__(self, max_picture: int = MAX_PICTURE) -> None:
        self.max_picture = max_picture
        self.outline = Outline()
        self.blocks: list[Block] = []
        self.assets: dict[str, bytes] = {}
        self.warnings: list[str] = []
        self.unfinished: list[Unfinished] = []
        self._links: list[Link] = []

    def left_out(self, kind: BlockType, code: str, why: str) -> None:
        """Note an item that is not kept, so that nobody takes the document for complete."""
        self.unfinished.append(Unfinished(kind, code, why))

    def is_too_large(self, length: int) -> bool:
        """Whether a picture of so many bytes is; it is then noted as left out."""
        if length <= self.max_picture:
            return False
        most = f"{self.max_picture / 2**20:g} MiB"
        warning = f"A picture of more than {most} was left out."
        if warning not in self.warnings:
            self.warnings.append(warning)
        why = f"it has more than {most}, and was left out: raise GLEDE_MAX_PICTURE_MB and `glede retry`"
        self.left_out("image", LimitError.code, why)
        return True

    def link(self, text: str, address: str) -> None:
        """Note that these words, of the next block that holds them, lead somewhere; scripts lead nowhere."""
        text, address = one_line(text), address.strip()
        if text and address and len(address) <= LONGEST_ADDRESS and not _NO_ADDRESS.match(address):
            self._links.append(Link(text, address))

    def _add(self, block: Block) -> None:
        if self._links:
            block = replace(block, links=self._links_of(one_line(block.text)))
        self.blocks.append(block)

    def _links_of(self, shown: str) -> tuple[Link, ...]:
        """The links whose words are shown; the others wait for the next blocks."""
        own: list[Link] = []
        waiting: list[Link] = []
        place = 0
        for link in self._links:
            # They come in the order of the text, which is therefore not gone over for each of them.
            found = shown.find(link.text, place)
            if found < 0 and place and len(waiting) < MOST_WAITING:
                found = shown.find(link.text)
            if found >= 0:
                place = found
                own.append(link)
            else:
                waiting.append(link)
        self._links = waiting[-MOST_WAITING:]
        return tuple(own)

    def heading(self, text: str, level: int) -> None:
        """Add a heading of depth `level`, counted from 1; an empty one is dropped."""
        if text := one_line(text):
            above = self.outline.heading(text, level)
            self._add(Block("heading", text, heading_path=above, level=level))

    def text(self, text: str) -> None:
        """Add a paragraph; one without a visible character is dropped."""
        if text.strip():
            self._add(Block("text", text, heading_path=self.outline.path))

    def list(self, text: str) -> None:
        """Add a list with the markers of its items in the text."""
        if text.strip():
            self._add(Block("list", text, heading_path=self.outline.path))

    def code(self, text: str) -> None:
        """Add code as it stands, without the newlines around it."""
        if text.strip():
            self._add(Block("code", text.strip("\n"), heading_path=self.outline.path))

    def equation(self, latex: str) -> None:
        """Add a display equation given as LaTeX without delimiters."""
        if latex := latex.strip():
            text = f"$$\n{latex}\n$$" if "\n" in latex else f"$${latex}$$"
            self._add(Block("equation", text, heading_path=self.outline.path, latex=latex))

    def table(self, table: Table, caption: str | None = None) -> None:
        """Add a table, less its empty rows; one without any text is dropped."""
        table = without_empty_rows(table)
        if table.rows:
            text = table_markdown(table, caption)
            path = self.outline.path
            self._add(Block("table", text, heading_path=path, table=table, caption=caption or None))

    def image(self, alt: str, caption: str | None = None, picture: Picture | None = None) -> None:
        """Add a picture; one that was not kept and has no words either is dropped."""
        caption = one_line(caption or "")
        alt = one_line(alt)
        text = (
            caption
            if alt.casefold() in caption.casefold()
            else "\n".join(part for part in (caption, alt) if part)
        )
        if text or picture:
            block = Block(
                "image", text, heading_path=self.outline.path, picture=picture, caption=caption or alt or None
            )
            self._add(block)

    def parsed(self, media_type: str, parser: str, title: str = "") -> Parsed:
        """All that was collected; raises `MalformedError` where there is no block at all."""
        if not self.blocks:
            raise MalformedError(f"The {media_type} document holds no text.")
        return Parsed(
            media_type=media_type,
            parser=parser,
            blocks=tuple(self.blocks),
            title=title,
            warnings=tuple(self.warnings),
            assets=self.assets,
            unfinished=tuple(self.unfinished),
        )


class ListText:
    """The text of one list as it is read: each item behind its marker, what is nested in it indented."""

    def __init__(self) -> None:
        self._numbers: list[int | None] = []
        self._lines: list[str] = []
        self._marker = ""

    @property
    def depth(self) -> int:
        """How many lists are open inside one another."""
        return len(self._numbers)

    @property
    def pending(self) -> bool:
        """Whether there are lines that have not been taken."""
        return bool(self._lines)

    def open(self, first: int | None) -> None:
        """Begin a list, numbered from `first` or, of `None`, with dashes."""
        self._numbers.append(first)
        self._marker = ""

    def item(self) -> None:
        """Begin an item of the innermost list."""
        number = self._numbers[-1]
        self._marker = "- " if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1

    def add(self, text: str) -> None:
        """Add lines to the item."""
        indent = "  " * (self.depth - 1)
        for line in text.splitlines():
            self._lines.append(indent + (self._marker or "  ") + line if line.strip() else "")
            self._marker = ""

    def close(self) -> None:
        """End the innermost list."""
        self._numbers.pop()
        self._marker = ""

    def take(self) -> str:
        """What was added since the last call."""
        text, self._lines = "\n".join(self._lines), []
        return text


def table_from_grid(rows: Sequence[Sequence[str]], header_rows: int = 1) -> Table:
    """A table without spans; rows that are short are filled with empty cells."""
    columns = max((len(row) for row in rows), default=0)
    cells = tuple(
        Cell(number, column, row[column] if column < len(row) else "", header=number < header_rows)
        for number, row in enumerate(rows)
        for column in range(columns)
    )
    return Table(rows=len(rows), columns=columns, cells=cells)


def without_empty_rows(table: Table) -> Table:
    """The table without the rows in which no cell has a visible character."""
    full = {
        row
        for cell in table.cells
        if cell.text.strip()
        for row in range(cell.row, min(cell.row + cell.row_span, table.rows))
    }
    if len(full) == table.rows:
        return table
    places = {row: place for place, row in enumerate(sorted(full))}
    cells = []
    for cell in table.cells:
        covered = [places[row] for row in range(cell.row, cell.row + cell.row_span) if row in places]
        if covered:
            cells.append(replace(cell, row=covered[0], row_span=len(covered)))
    return Table(rows=len(full), columns=table.columns, cells=tuple(cells))
