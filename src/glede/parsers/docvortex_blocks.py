"""From the roles that DocVortex sees on a page to our blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.parsers.building import Draft, one_line, table_markdown
from glede.parsers.docvortex_crops import Crops
from glede.parsers.html import read_markup
from glede.parsers.pdf_text import visible
from glede.types import FURNITURE, Block, BlockType, Box, Link, Page, Table, union_of

if TYPE_CHECKING:
    from docvortex.schema import BlockBase, InlineSpan, PageInfo

_ROLES: dict[str, BlockType] = {
    "doc_title": "heading",
    "paragraph_title": "heading",
    "header": "header",
    "footer": "footer",
    "page_number": "page_number",
    "page_footnote": "footnote",
}
_VISUAL = frozenset({"table", "image", "chart", "code"})
_LISTS = frozenset({"list", "index"})
_BULLET = re.compile(r"[•▪◦‣●■❖➢✓]\s+")
_MARKED = re.compile(r"(?:[-–—*•▪◦‣●■]|\(?\w{1,4}[.)\]]|\[\w+\]|\d+(?:\.\d+)*)\s")
_LETTER = re.compile(r"\w")
_LONG_WORD = re.compile(r"[^\W\d_]{3,}")
_RELATION = re.compile(r"[=<>≤≥≈≡∼→⇒⇔∈⊂⊆:]")
_OPERATOR = re.compile(r"a?(?:sin|cos|tan|cot)h?|log|lim|max|min|sup|inf|exp|det|dim|ker|mod|arg|deg|gcd")
WORDY, WORDY_WITH_RELATION = 0.4, 0.6
"""The part of the signs that stands in words from which what looks like a formula is a line of text."""


def page_blocks(page: PageInfo, of: Page, crops: Crops) -> list[Block]:
    """The blocks of a page in reading order, not yet placed below headings.

    `page.page_idx` is the page's place among those that were analysed, `of` what it is in the document.
    """
    reader = _Reader(of, page.page_idx + 1, crops)
    blocks = [made for block in page.blocks for made in reader.read(block)]
    said = [block for block in blocks if block.text.strip() or block.picture]
    once = list(dict.fromkeys(said))  # a figure is found once for each picture in it
    return _joined_lists(_believed(once))


class _Reader:
    """Reads the blocks of one page."""

    def __init__(self, of: Page, place: int, crops: Crops) -> None:
        self._of = of
        self._place = place
        self._crops = crops

    def read(self, block: BlockBase) -> list[Block]:
        """What one block of theirs is with us."""
        kind = str(block.type)
        if kind in _VISUAL:
            return self._visual(block, kind)
        if kind in _LISTS:
            return [self._made("list", "\n".join(_items(block)), block)]
        if kind == "equation":
            return [self._equation(block)]
        text, links = inline(block.content)
        made = self._made(_ROLES.get(kind, "text"), text, block)
        if made.type == "heading":
            return [_heading(made, block.level)]
        if made.type == "text" and (bullet := _BULLET.match(text)):
            made = replace(made, type="list", text=f"- {text[bullet.end() :]}")
        return [replace(made, links=links)]

    def _made(self, kind: BlockType, text: str, block: BlockBase) -> Block:
        return Block(kind, text.strip(), page=self._of.number, box=self._box(block))

    def _box(self, block: BlockBase) -> Box | None:
        if block.bbox is None:
            return None
        left, top, right, bottom = block.bbox
        width, height = self._of.width, self._of.height
        return Box(left * width, top * height, right * width, bottom * height)

    def _equation(self, block: BlockBase) -> Block:
        """The formula as it is drawn, with the letters in it: the engine does not read them."""
        made = self._made("equation", block.content, block)
        if made.box is None:
            return made
        text = made.text or self._crops.letters(self._place, made.box)
        if not is_formula(text):
            return replace(made, type="text", text=text)
        return replace(made, text=one_line(text), picture=self._crops.picture(self._place, made.box))

    def _visual(self, block: BlockBase, kind: str) -> list[Block]:
        """A table, figure or piece of code, with its captions, and its notes after it."""
        parts: dict[str, list[BlockBase]] = {"body": [], "caption": [], "footnote": []}
        for part in block.content:
            parts[str(part.type).rpartition("_")[2]].append(part)
        caption = " ".join(inline(part.content)[0] for part in parts["caption"]).strip()
        notes = [self._made("footnote", inline(part.content)[0], part) for part in parts["footnote"]]
        bodies = [body for part in parts["body"] for body in self._body(part, kind, caption)]
        return [*bodies, *notes]

    def _body(self, part: BlockBase, kind: str, caption: str) -> list[Block]:
        if kind == "table":
            return self._table(part, caption)
        if kind == "code":
            said = part.content if isinstance(part.content, str) else inline(part.content)[0]
            code = replace(self._made("code", "", part), text=said.strip("\n"))
            return [self._made("text", caption, part), code]
        said = "\n".join(part for part in (one_line(caption), part.content.strip()) if part)
        made = replace(self._made("image", said, part), caption=one_line(caption) or None)
        picture = None if made.box is None else self._crops.picture(self._place, made.box)
        return [replace(made, picture=picture)]

    def _table(self, part: BlockBase, caption: str) -> list[Block]:
        inner = Draft()
        if part.content.strip():
            read_markup(part.content, inner, max_pixels=0)
        made: list[Block] = []
        for found in inner.blocks:
            if found.table is None:
                made.append(self._made("text", found.text, part))
                continue
            table = _with_header(found.table)
            block = self._made("table", table_markdown(table, caption), part)
            made.append(replace(block, table=table, caption=one_line(caption) or None))
            caption = ""
        if caption:
            made.insert(0, self._made("text", caption, part))
        return made


def inline(spans: Iterable[InlineSpan]) -> tuple[str, tuple[Link, ...]]:
    """The characters of a run of text, and the links in it."""
    texts: list[str] = []
    links: list[Link] = []
    for span in spans:
        if span.type == "hyperlink":
            text = inline(span.content)[0]
            links.append(Link(text.strip(), span.url))
        elif span.type == "equation_inline":
            text = f"${span.content.strip()}$"
        else:
            text = span.content
        texts.append(text)
    return visible("".join(texts)).strip(), tuple(links)


def _heading(block: Block, level: int) -> Block:
    """A heading is one line with letters in it; what is none is text."""
    text = one_line(block.text)
    if not _LETTER.search(text):
        return replace(block, type="text", text=text)
    return replace(block, text=text, level=max(1, level))


def is_formula(text: str) -> bool:
    """Whether it is signs more than words; what has no text at all is a drawn formula."""
    signs = len("".join(text.split()))
    words = sum(len(word) for word in _LONG_WORD.findall(text) if not _OPERATOR.fullmatch(word.casefold()))
    return words <= signs * (WORDY_WITH_RELATION if _RELATION.search(text) else WORDY)


def _items(block: BlockBase, depth: int = 0) -> list[str]:
    """The lines of a list, those of lists inside it indented."""
    lines: list[str] = []
    for item in block.content:
        if str(item.type) in _LISTS:
            lines += _items(item, depth + 1)
            continue
        text = one_line(inline(item.content)[0])
        if bullet := _BULLET.match(text):
            text = f"- {text[bullet.end() :]}"
        elif text and str(block.type) == "list" and not _MARKED.match(text):
            text = f"- {text}"
        if text:
            lines.append("  " * depth + text)
    return lines


def _with_header(table: Table) -> Table:
    """The table with its first row as header where nothing is marked as one."""
    if any(cell.header for cell in table.cells) or table.rows < 2:
        return table
    return replace(table, cells=tuple(replace(cell, header=cell.row == 0) for cell in table.cells))


def _believed(blocks: Sequence[Block]) -> list[Block]:
    """The blocks; what should be furniture but stands between text is text, below what is above it."""
    kept = list(blocks)
    for block in blocks:
        above = [other for other in blocks if _stands_on(other, block)] if block.type in FURNITURE else []
        if above and any(_stands_on(block, other) for other in blocks):
            kept.remove(block)
            kept.insert(kept.index(max(above, key=_bottom)) + 1, replace(block, type="text"))
    return kept


def _bottom(block: Block) -> float:
    return block.box.y1 if block.box else 0.0


def _stands_on(upper: Block, lower: Block) -> bool:
    """Whether a block of text stands above the other, in the same column."""
    if upper.box is None or lower.box is None or {upper.type, lower.type} <= FURNITURE:
        return False
    apart = upper.box.x0 >= lower.box.x1 or lower.box.x0 >= upper.box.x1
    return not apart and upper.box.y0 < lower.box.y0 and upper.box.y1 < lower.box.y1


def _joined_lists(blocks: Sequence[Block]) -> list[Block]:
    """Items that follow each other are one list."""
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if last is not None and last.type == block.type == "list":
            box = union_of(box for box in (last.box, block.box) if box is not None)
            text = f"{last.text}\n{block.text}"
            joined[-1] = replace(last, text=text, box=box, links=last.links + block.links)
        else:
            joined.append(block)
    return joined
