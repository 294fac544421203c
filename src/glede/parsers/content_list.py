"""Content lists: documents that MinerU, or any program that writes as RAG-Anything reads, has taken apart.

Read are MinerU's `content_list.json` and `content_list_v2.json`, `structured_content.json` of its version
4, and lists of `{"type": "text", "text": ..., "page_idx": 0}` and the like.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from glede.media.types import CONTENT_LIST
from glede.parsers.building import Draft, one_line, table_from_grid
from glede.parsers.content_list_items import Item, items_of, plain
from glede.parsers.html import read_markup
from glede.parsers.json import load_value
from glede.parsers.pictures import embedded_picture
from glede.parsing import Feature, ParseOptions, always_available
from glede.text.decoding import decode
from glede.types import Block, BlockType, Page, Parsed, Picture, Table

_HEADINGS = {"title": 1, "doc_title": 1, "heading": 1, "paragraph_title": 2}
_FRAME: Mapping[str, BlockType] = {
    "header": "header", "page_header": "header", "footer": "footer", "page_footer": "footer",
    "page_number": "page_number", "page_footnote": "footnote",
}  # fmt: skip
_DROPPED = frozenset({"discarded", "abandon"})
_ESCAPED = re.compile(r"((?<!\\)\$(?:[^$\\\n]|\\.)+\$)|\\([*_$#~`])")
_RULE = re.compile(r"\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")
_BAR = re.compile(r"(?<!\\)\|")


class ContentListParser:
    """Keeps the order, headings, tables, formulas, captions and footnotes, and the pages of the list.

    Pictures are kept from `data:` URIs; a path is never opened.
    """

    name = "content_list"
    version = "2"
    media_types = frozenset({CONTENT_LIST})
    cost = 0.001
    recovers: frozenset[Feature] = frozenset(
        {"text", "headings", "lists", "tables", "spans", "pictures", "equations", "boxes", "furniture"}
    )
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `MalformedError` where it is no list of items."""
        items = items_of(load_value(decode(data)[0], options.max_depth))
        draft = drafted(items, options)
        title = next((block.text for block in draft.blocks if block.type == "heading"), "")
        return replace(draft.parsed(media_type, self.name, title), pages=_pages(items))


def no_file(_: str) -> bytes | None:
    """What is read of the files beside a list that came alone."""
    return None


def drafted(
    items: Sequence[Item], options: ParseOptions, picture_file: Callable[[str], bytes | None] = no_file
) -> Draft:
    """The blocks of a list; `picture_file` gives the bytes of a picture that the list names, if it may."""
    reading = _Reading(options, picture_file)
    for item in items:
        reading.add(item)
    if reading.elsewhere:
        said = f"{reading.elsewhere} pictures lie in files beside the list and were not read."
        reading.draft.warnings.append(said)
    return reading.draft


class _Reading:
    """A list as it is read."""

    def __init__(self, options: ParseOptions, picture_file: Callable[[str], bytes | None]) -> None:
        self.draft = Draft(options.max_picture)
        self.elsewhere = 0
        self._max_pixels = options.max_pixels
        self._picture_file = picture_file

    def add(self, item: Item) -> None:
        """Add the blocks of an item, each with its place; of an unknown type whatever text it has."""
        if item.type in _DROPPED:
            return
        before = len(self.draft.blocks)
        read: Callable[[_Reading, Item], None] = _READERS.get(item.type, _Reading._text)
        read(self, item)
        self.draft.text(_notes(item))
        self.draft.blocks[before:] = [
            replace(block, page=item.page, box=item.box) for block in self.draft.blocks[before:]
        ]

    def _text(self, item: Item) -> None:
        kind = item.type
        text = item.words("text", f"{kind}_content", "title_content", "paragraph_content", "content")
        if text and (frame := _FRAME.get(kind)) is not None:
            self.draft.blocks.append(Block(frame, _unescaped(text), heading_path=self.draft.outline.path))
            return
        level = item.number("text_level", "level") if kind in _HEADINGS or "text_level" in item.fields else 0
        if level or kind in _HEADINGS:
            self.draft.heading(_unescaped(text), level or _HEADINGS[kind])
        elif text:
            self.draft.text(_unescaped(text))
        else:
            self._image(item)

    def _list(self, item: Item) -> None:
        entries = item.fields.get("list_items")
        lines = [plain(entry).strip() for entry in entries] if isinstance(entries, list) else []
        text = "\n".join(_unescaped(line) for line in lines if line)
        self.draft.list(text or _unescaped(item.words("text", "content")))

    def _code(self, item: Item) -> None:
        self.draft.text(_caption(item))
        names = ("code_body", "code_content", "algorithm_content", "text", "content")
        self.draft.code(_unfenced(item.words(*names, between="\n")))

    def _equation(self, item: Item) -> None:
        latex = item.words("latex", "math_content", "equation")
        text = item.words("text", "content")
        if latex:
            self.draft.equation(_undelimited(latex))
            if _undelimited(text) != _undelimited(latex):
                self.draft.text(text)
        elif text:
            self.draft.equation(_undelimited(text))
        else:
            before = len(self.draft.blocks)
            self._image(item)
            self.draft.blocks[before:] = [
                replace(block, type="equation", caption=None) for block in self.draft.blocks[before:]
            ]

    def _table(self, item: Item) -> None:
        caption = _caption(item)
        body = item.words("table_body", "html", "table_data", "text", "content", between="\n")
        if not self._tables(body, caption):
            self._image(item)

    def _image(self, item: Item) -> None:
        picture = self._picture(item)
        said = item.words("content", "text", "description")
        is_table = bool(re.search(r"<table\b|^\s*\|.*\|\s*\n\s*\|[ :-]+\|", said))
        self.draft.image("" if is_table else one_line(said), _caption(item), picture)
        if is_table:
            self._tables(said, "")

    def _tables(self, body: str, caption: str) -> bool:
        """Add the tables of HTML or Markdown, or what else that holds; false of nothing."""
        if not body:
            return False
        if "<" not in body or body.lstrip().startswith("|"):
            rows = _pipe_rows(body)
            if rows:
                self.draft.table(rows, caption)
            else:
                self.draft.text("\n".join(part for part in (caption, body) if part))
            return True
        inner = Draft(self.draft.max_picture)
        read_markup(body, inner, self._max_pixels)
        self.draft.assets.update(inner.assets)
        self.draft.warnings += inner.warnings
        if caption and not any(block.table for block in inner.blocks):
            self.draft.text(caption)
        for block in inner.blocks:
            if block.table is not None:
                self.draft.table(block.table, caption or block.caption)
                caption = ""
            else:
                self.draft.text(block.text)
        return bool(inner.blocks)

    def _picture(self, item: Item) -> Picture | None:
        source = item.words("img_path", "image_path", "image_source")
        if isinstance(within := item.fields.get("image_source"), dict):
            source = source or plain(within.get("path"))
        if source and not source.lstrip().lower().startswith("data:"):
            data = self._picture_file(source)
            if data is None:
                self.elsewhere += 1
                return None
            source = f"data:;base64,{base64.b64encode(data).decode()}"
        return embedded_picture(self.draft, source, _caption(item), self._max_pixels)


_READERS: Mapping[str, Callable[[_Reading, Item], None]] = {
    "list": _Reading._list, "index": _Reading._list,
    "code": _Reading._code, "algorithm": _Reading._code,
    "equation": _Reading._equation, "equation_interline": _Reading._equation,
    "interline_equation": _Reading._equation, "display_formula": _Reading._equation,
    "table": _Reading._table, "chart": _Reading._image, "image": _Reading._image,
    "figure": _Reading._image, "seal": _Reading._image,
}  # fmt: skip


def _caption(item: Item) -> str:
    names = [f"{item.type}_caption", "img_caption", "captions", "caption"]
    return one_line(_unescaped(item.words(*names)))


def _notes(item: Item) -> str:
    return _unescaped(item.words(f"{item.type}_footnote", "img_footnote", "footnotes", between="\n"))


def _unescaped(text: str) -> str:
    """Without the backslashes of Markdown, which stay inside formulas."""
    return _ESCAPED.sub(lambda found: found[1] or found[2], text)


def _undelimited(latex: str) -> str:
    """LaTeX without the signs around it."""
    latex = latex.strip()
    for begin, end in (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$")):
        if latex.startswith(begin) and latex.endswith(end) and len(latex) >= len(begin) + len(end):
            return latex[len(begin) : len(latex) - len(end)].strip()
    return latex


def _unfenced(code: str) -> str:
    fenced = re.fullmatch(r"```[^\n]*\n(.*?)\n?```", code.strip(), re.DOTALL)
    return fenced[1] if fenced else code


def _pipe_rows(text: str) -> Table | None:
    """The table of Markdown; `None` where the text is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or not all("|" in line for line in lines):
        return None
    rows = [
        [cell.strip().replace("\\|", "|") for cell in _BAR.split(line.removeprefix("|").removesuffix("|"))]
        for line in lines
        if not _RULE.fullmatch(line)
    ]
    return table_from_grid(rows) if rows else None


def _pages(items: list[Item]) -> tuple[Page, ...]:
    """The pages, where the size of every one that has items is known."""
    sizes = {item.page: item.page_size for item in items if item.page is not None}
    return tuple(
        Page(number, size[0], size[1])
        for number, size in sorted(sizes.items())
        if size is not None and None not in sizes.values()
    )
