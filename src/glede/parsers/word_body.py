"""The body of a Word document as blocks, in the order in which it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from glede.parsers.building import Draft, one_line
from glede.parsers.word_figures import FigureReader, shows_picture
from glede.parsers.word_inline import Formula, InlineReader, Piece, Words, text_of, tidy
from glede.parsers.word_lists import Lists
from glede.parsers.word_notes import Notes
from glede.parsers.word_numbering import Numbering
from glede.parsers.word_sections import Sections, ends_section
from glede.parsers.word_styles import Styles
from glede.parsers.word_tables import TableGrid
from glede.parsers.word_xml import W, child, number, unwrapped, value
from glede.types import Block, Link

_READ = frozenset(f"{W}{name}" for name in ("p", "tbl", "altChunk"))
_EQUATION_NUMBER = re.compile(r"\s*[(\[]?\s*((?:[A-Z]\.?)?\d+(?:[.\-–]\d+)*[a-z]?)\s*[)\]]\s*")
_LONGEST_HEADING = 300
_BODY_LEVEL = 10
_DEEPEST_LIST = 8


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph with its style and the number that is printed before it."""

    words: Words
    style: str | None
    marker: str | None = None
    list_id: int = 0
    level: int = 0


class BodyReader:
    """Adds what a container holds to a draft."""

    def __init__(
        self,
        draft: Draft,
        styles: Styles,
        numbering: Numbering,
        inline: InlineReader,
        figures: FigureReader,
        notes: Notes,
        sections: Sections,
    ) -> None:
        self.title = ""
        """The first title that stands in the text."""
        self.levels_below_title = 0
        self._draft = draft
        self._styles = styles
        self._numbering = numbering
        self._inline = inline
        self._figures = figures
        self._notes = notes
        self._sections = sections
        self._lists = Lists(draft)
        self._caption = ""
        self._uncaptioned = False
        """Whether the last block is a picture or a table that may have its caption below."""

    def read(self, container: etree._Element) -> None:
        """Add all that is in the body, a text box or a cell."""
        elements = [element for element in unwrapped(container) if element.tag in _READ]
        joined: list[etree._Element] = []
        for element, below in zip(elements, [*elements[1:], None], strict=True):
            if element.tag == f"{W}p":
                joined.append(element)
                if _mark_removed(element) and below is not None and below.tag == f"{W}p":
                    continue
                self._paragraph(element, self._inline.read(joined), below)
                joined = []
            elif element.tag == f"{W}tbl":
                self._table(element)
            else:
                self._warn("A document that is embedded in this one was left out.")
        self._flush()

    def _warn(self, warning: str) -> None:
        if warning not in self._draft.warnings:
            self._draft.warnings.append(warning)

    def _flush(self) -> None:
        for words in self._lists.flush():
            self._add_notes(words)

    def _paragraph(self, element: etree._Element, words: Words, below: etree._Element | None) -> None:
        item = self._item(element, words)
        if words.text or self._styles.is_code(item.style):
            self._text(element, item, below)
        if words.figures:
            self._flush()
            self._add_figures(words.figures)
        if words.notes and not self._lists.pending:
            self._add_notes(words)
        if ends_section(element):
            self._flush()
            self._sections.end()

    def _item(self, element: etree._Element, words: Words) -> Item:
        """The paragraph, counted where it is numbered."""
        style = value(element, "pPr/pStyle") or self._styles.default
        list_id, level = self._styles.list_of(style)
        own_id, own_level = number(element, "pPr/numPr/numId"), number(element, "pPr/numPr/ilvl")
        list_id = list_id if own_id is None else own_id
        level = min((level if own_level is None else own_level) or 0, _DEEPEST_LIST)
        if not list_id or not (words.text or words.figures):
            return Item(words, style)
        return Item(words, style, self._numbering.marker(list_id, level), list_id, level)

    def _text(self, element: etree._Element, item: Item, below: etree._Element | None) -> None:
        words = item.words
        if self._styles.is_code(item.style):
            self._lists.code(words)
            return
        level = self._heading_level(element, item)
        if level is None and (entry := self._styles.contents_level(item.style)) is not None:
            self._lists.entry(words, entry - 1)
        elif level is None and item.marker is not None:
            self._lists.item(words, item.marker, item.list_id, item.level)
        else:
            self._flush()
            if level is not None:
                self._heading(item, level)
            elif self._is_caption(item):
                self._add_caption(item, below)
            else:
                self._add_words(words)
            return
        self._uncaptioned = False

    def _heading_level(self, element: etree._Element, item: Item) -> int | None:
        if len(item.words.plain) > _LONGEST_HEADING or not item.words.plain:
            return None
        if self._styles.has_name(item.style, "title"):
            return 1
        own = number(element, "pPr/outlineLvl")
        level = self._styles.heading_level(item.style) if own is None else own + 1
        return None if level is None or not 0 < level < _BODY_LEVEL else level + self.levels_below_title

    def _heading(self, item: Item, level: int) -> None:
        text = one_line(item.words.plain)
        if self._styles.has_name(item.style, "title"):
            self.title = self.title or text
        numbered = item.marker and item.marker != "-"
        self._draft.heading(f"{item.marker} {text}" if numbered else text, level)
        self._add_links(len(self._draft.blocks) - 1, item.words.links)
        self._uncaptioned = False

    # Captions

    def _is_caption(self, item: Item) -> bool:
        if item.words.formulas and not self._styles.has_name(item.style, "caption"):
            return False
        return self._styles.has_name(item.style, "caption") or (
            "SEQ" in item.words.fields and len(item.words.text) <= _LONGEST_HEADING
        )

    def _add_caption(self, item: Item, below: etree._Element | None) -> None:
        """The caption of a picture above it, else of what is below, else of a table above it."""
        text = item.words.plain
        last = self._draft.blocks[-1] if self._uncaptioned else None
        table_below = below is not None and below.tag == f"{W}tbl"
        if any(shows_picture(figure) for figure in item.words.figures):
            self._caption = text
        elif last is not None and last.type == "image" and not (table_below and _names_table(text)):
            self._recaption(last, text)
        elif table_below or (below is not None and _holds_picture(below)):
            self._caption = text
        elif last is not None and last.type == "table":
            self._recaption(last, text)
        else:
            self._add_words(item.words)
        self._uncaptioned = False

    def _recaption(self, block: Block, caption: str) -> None:
        self._draft.blocks.pop()
        if block.table is not None:
            self._draft.table(block.table, caption)
        else:
            alt = block.picture.alt if block.picture is not None else block.text
            self._draft.image(alt, caption, block.picture)
        if block.links:
            self._add_links(len(self._draft.blocks) - 1, block.links)

    def _take_caption(self) -> str:
        caption, self._caption = self._caption, ""
        return caption

    # Text and formulas

    def _add_words(self, words: Words) -> None:
        """A paragraph; formulas on lines of their own, or without any words, are blocks of their own."""
        self._uncaptioned = False
        first = len(self._draft.blocks)
        number_beside = _EQUATION_NUMBER.fullmatch(words.beside_formulas)
        if words.formulas and (number_beside or not words.beside_formulas):
            self._add_equations(words.formulas, number_beside[1] if number_beside else "")
            return
        pending: list[Piece] = []
        for piece in words.pieces:
            if isinstance(piece, Formula) and piece.display:
                self._draft.text(tidy(text_of(pending)))
                self._draft.equation(piece.latex)
                pending = []
            else:
                pending.append(piece)
        self._draft.text(tidy(text_of(pending)))
        self._add_links(first, words.links)

    def _add_equations(self, formulas: Sequence[Formula], tag: str = "") -> None:
        for formula in formulas[:-1]:
            self._draft.equation(formula.latex)
        latex = formulas[-1].latex
        self._draft.equation(f"{latex} \\tag{{{tag}}}" if tag and r"\tag" not in latex else latex)

    def _add_links(self, first: int, links: Sequence[Link]) -> None:
        """Give each link to the first block, of those from `first` on, that has its words."""
        for link in links:
            for place in range(first, len(self._draft.blocks)):
                block = self._draft.blocks[place]
                if one_line(link.text) in one_line(block.text):
                    self._draft.blocks[place] = replace(block, links=(*block.links, link))
                    break

    def _add_notes(self, words: Words) -> None:
        for mark in words.notes:
            if text := self._notes.shown(mark):
                self._draft.blocks.append(Block("footnote", text, heading_path=self._draft.outline.path))

    def add_endnotes(self) -> None:
        """Add the notes that stand at the end of the document."""
        for text in self._notes.at_end():
            self._draft.blocks.append(Block("footnote", text, heading_path=self._draft.outline.path))

    def _add_figures(self, figures: Sequence[etree._Element]) -> None:
        for figure in figures:
            before = len(self._draft.blocks)
            caption = self._take_caption() if shows_picture(figure) else ""
            boxes = self._figures.add(figure, caption)
            self._uncaptioned = not caption and len(self._draft.blocks) > before
            for box in boxes:
                self.read(box)

    # Tables

    def _table(self, element: etree._Element) -> None:
        self._flush()
        grid = TableGrid(element, self._styles)
        if len(grid.cells) == 1 and grid.rows == 1:
            self.read(grid.cells[0])
            return
        contents = [list(self._cell(cell)) for cell in grid.cells]
        items = [item for content in contents for item in content if isinstance(item, Item)]
        if grid.rows == 1 and (tag := _numbered_equation(items)) is not None:
            formulas = [formula for item in items for formula in item.words.formulas]
            self._add_equations(formulas, tag)
        else:
            table = grid.table(_cell_text(content) for content in contents)
            caption, before = self._take_caption(), len(self._draft.blocks)
            self._draft.table(table, caption)
            if len(self._draft.blocks) > before:
                self._add_links(before, [link for item in items for link in item.words.links])
            elif caption:
                self._draft.text(caption)
            self._uncaptioned = not caption and len(self._draft.blocks) > before
        self._after_table(contents)

    def _after_table(self, contents: Sequence[Sequence[Item | etree._Element]]) -> None:
        """What stands in cells and is no text: pictures, tables, notes."""
        for content in contents:
            for part in content:
                if not isinstance(part, Item):
                    self._table(part)
                    self._uncaptioned = False
                    continue
                if part.words.figures:
                    self._add_figures(part.words.figures)
                    self._uncaptioned = False
                self._add_notes(part.words)

    def _cell(self, cell: etree._Element) -> Iterator[Item | etree._Element]:
        """The paragraphs of a cell, and the tables that stand in it."""
        joined: list[etree._Element] = []
        elements = [element for element in unwrapped(cell) if element.tag in _READ]
        for element, below in zip(elements, [*elements[1:], None], strict=True):
            if element.tag == f"{W}tbl":
                yield element
            elif element.tag == f"{W}p":
                joined.append(element)
                if not (_mark_removed(element) and below is not None and below.tag == f"{W}p"):
                    yield self._item(element, self._inline.read(joined))
                    joined = []


def _mark_removed(paragraph: etree._Element) -> bool:
    """Whether the end of the paragraph was removed by a tracked change, so that the next one joins it."""
    return any(child(paragraph, f"pPr/rPr/{name}") is not None for name in ("del", "moveFrom"))


def _names_table(text: str) -> bool:
    return text.casefold().startswith(("tab", "таб", "表"))


def _holds_picture(element: etree._Element) -> bool:
    return element.tag == f"{W}p" and any(
        shows_picture(figure) for figure in element.iter(f"{W}drawing", f"{W}pict", f"{W}object")
    )


def _cell_text(content: Sequence[Item | etree._Element]) -> str:
    lines = []
    for item in content:
        if isinstance(item, Item) and (text := item.words.text):
            indent = "  " * item.level if item.marker else ""
            lines.append(f"{indent}{item.marker} {text}" if item.marker else text)
    return "\n".join(lines)


def _numbered_equation(items: Sequence[Item]) -> str | None:
    """The number of the formula that a row of a table holds, empty of none; `None` where there is more."""
    beside = " ".join(item.words.beside_formulas for item in items).strip()
    markers = [item.marker for item in items if item.marker]
    beside = beside or " ".join(markers)
    found = _EQUATION_NUMBER.fullmatch(beside)
    holders = [item for item in items if item.words.formulas]
    if len(holders) != 1 or len(markers) > 1 or (beside and found is None):
        return None
    return found[1] if found else ""
