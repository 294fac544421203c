"""Markdown as blocks: its tokens, gone through once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from glede.errors import LimitError
from glede.parsers.building import Draft, ListText
from glede.parsers.html import read_markup
from glede.parsers.markdown_inline import Equation, Image, Text, inline_links, inline_pieces, inline_text
from glede.parsers.markdown_rules import bracket_math_plugin, html_table_plugin
from glede.parsers.markdown_tabular import TOKEN as LATEX_TABLE
from glede.parsers.markdown_tabular import latex_table_plugin, latex_tables
from glede.parsers.pictures import embedded_picture
from glede.parsing import ParseOptions
from glede.types import Cell, Table

MAX_NESTING = 100
"""Block levels; a list takes two. Beyond it markdown-it leaves text out, so that is where we stop."""

_HEADING_ID = re.compile(r"\s*\{#[\w.:-]+\}\s*$")
_TITLE = re.compile(r"^title:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_MATH_FENCES = frozenset(["math", "latex", "tex", "katex"])


def read_markdown(text: str, options: ParseOptions) -> tuple[Draft, str]:
    """What the text says, and its title: that of the front matter, else the first heading of level 1."""
    try:
        tokens = _markdown().parse(text)
    except RecursionError as error:
        raise LimitError("Links, pictures or lists nest too deeply.") from error
    if max((token.level for token in tokens), default=0) >= MAX_NESTING - 1:
        raise LimitError(f"Lists and quotations nest deeper than {MAX_NESTING // 2} levels.")
    draft = Draft(options.max_picture)
    reader = _Reader(draft, options.max_pixels)
    reader.read(tokens)
    return draft, reader.title or _first_title(draft)


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    markdown.use(front_matter_plugin)
    markdown.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    return markdown.use(bracket_math_plugin).use(html_table_plugin).use(latex_table_plugin)


class _Reader:
    """Goes through the tokens once; inside a list, text goes to the list."""

    def __init__(self, draft: Draft, max_pixels: int) -> None:
        self.title = ""
        self._draft = draft
        self._max_pixels = max_pixels
        self._list = ListText()
        self._quotes = 0
        self._heading = 0

    def read(self, tokens: Sequence[Token]) -> None:
        table: list[Token] | None = None
        for token in tokens:
            if token.type == "table_open":
                table = []
            elif token.type == "table_close" and table is not None:
                self._end_list_part()
                for cell in table:
                    self._links(cell.children or [])
                self._draft.table(_table_of(table))
                table = None
            elif table is not None:
                table.append(token)
            else:
                self._structure(token)
                self._content(token)

    def _structure(self, token: Token) -> None:
        """Keep track of where we are."""
        if token.type == "heading_open":
            self._heading = int(token.tag[1])
        elif token.type == "heading_close":
            self._heading = 0
        elif token.type in ("blockquote_open", "blockquote_close"):
            self._quotes += token.nesting
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            first = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
            self._list.open(first)
        elif token.type == "list_item_open":
            self._list.item()
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._list.close()
            if not self._list.depth:
                self._end_list_part()

    def _content(self, token: Token) -> None:
        if token.type == "inline":
            self._links(token.children or [])
            self._inline(token.children or [])
        elif _is_formula(token):
            self._equation(token.content)
        elif token.type == LATEX_TABLE:
            self._end_list_part()
            for found in latex_tables(token.content):
                self._draft.table(found.table, found.caption)
        elif token.type in ("fence", "code_block"):
            self._code(token.content.rstrip("\n"))
        elif token.type == "html_block":
            if not self._list.depth or "<table" in token.content.lower():
                self._end_list_part()
            self._html(token.content)
        elif token.type == "front_matter" and (match := _TITLE.search(token.content)):
            self.title = match[1].strip("\"'")

    def _inline(self, children: Sequence[Token]) -> None:
        if self._heading and not self._list.depth and not self._quotes:
            self._draft.heading(_HEADING_ID.sub("", inline_text(children)), self._heading)
            return
        images: list[Image] = []
        for piece in inline_pieces(children):
            if isinstance(piece, Text):
                self._text(piece.text)
            elif isinstance(piece, Equation):
                self._equation(piece.latex)
            elif isinstance(piece, Image):
                images.append(piece)
        if images:
            self._end_list_part()
        for image in images:
            picture = embedded_picture(self._draft, image.source, image.alt, self._max_pixels)
            self._draft.image(image.alt, image.title, picture)

    def _links(self, children: Sequence[Token]) -> None:
        for text, address in inline_links(children):
            self._draft.link(text, address)

    def _text(self, text: str) -> None:
        if self._list.depth:
            self._list.add(text)
        else:
            self._draft.text(text)

    def _code(self, text: str) -> None:
        if self._list.depth:
            self._list.add(text)
        else:
            self._draft.code(text)

    def _equation(self, latex: str) -> None:
        self._end_list_part()
        self._draft.equation(latex)

    def _html(self, markup: str) -> None:
        """Inside a list the blocks of the markup become lines of the list, tables excepted."""
        inner = Draft(self._draft.max_picture)
        inner.outline = self._draft.outline
        inner.assets, inner.warnings = self._draft.assets, self._draft.warnings
        read_markup(markup, inner, self._max_pixels)
        for block in inner.blocks:
            if self._list.depth and block.type not in ("table", "image", "equation"):
                self._list.add(block.text)
            else:
                self._draft.blocks.append(block)

    def _end_list_part(self) -> None:
        """What interrupts a list stands between its parts."""
        if self._list.pending:
            self._draft.list(self._list.take())


def _is_formula(token: Token) -> bool:
    if token.type == "fence":
        return token.info.strip().lower() in _MATH_FENCES
    return token.type in ("math_block", "math_block_label")


def _table_of(tokens: Sequence[Token]) -> Table:
    cells: list[Cell] = []
    row = -1
    column = 0
    header = True
    for token in tokens:
        if token.type == "tr_open":
            row, column = row + 1, 0
        elif token.type in ("th_open", "td_open"):
            header = token.type == "th_open"
        elif token.type == "inline":
            cells.append(Cell(row, column, inline_text(token.children or []), header=header))
            column += 1
    columns = max((cell.column for cell in cells), default=-1) + 1
    return Table(rows=row + 1, columns=columns, cells=tuple(cells))


def _first_title(draft: Draft) -> str:
    return next((block.text for block in draft.blocks if block.type == "heading" and block.level == 1), "")
