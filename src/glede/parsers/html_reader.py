"""Walks an HTML tree once, without recursion, and drafts its blocks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from glede.parsers.building import Draft, ListText
from glede.parsers.html_math import MATH
from glede.parsers.html_tables import (
    BLOCKS,
    element_text,
    flat,
    inline_math,
    layout_tables,
    read_table,
    tidy,
)
from glede.parsers.pictures import embedded_picture, kept_picture
from glede.types import Picture

Files = Callable[[str], bytes | None]
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset(["ul", "ol", "dl", "menu"])
_ITEMS = frozenset(["li", "dt"])
_EQUATION = re.compile(r"\$\$(.+)\$\$|\\\[(.+)\\\]", re.DOTALL)
_PERMALINK = re.compile(r"\s*[¶§#🔗]\s*$")


class Reader:
    """Reads what is below one element into a draft; what is not to be read was dropped before.

    `files` gives the bytes of pictures that come with the page, by the address that it names them by. Text
    collects until a block begins or ends. Inside a list it goes to the list; a table, formula or
    picture there comes between the parts of the list.
    """

    def __init__(self, draft: Draft, max_pixels: int, files: Files | None = None) -> None:
        self._draft = draft
        self._files = files
        self._max_pixels = max_pixels
        self._text: list[str] = []
        self._pictures: list[HtmlElement] = []
        self._list = ListText()
        self._layout: set[HtmlElement] = set()
        self._captions: dict[HtmlElement, HtmlElement] = {}
        self._captioning: set[HtmlElement] = set()

    def read(self, root: HtmlElement) -> None:
        """Add all blocks of `root` to the draft."""
        self._layout = layout_tables(root)
        self._find_captions(root)
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, node in walker:
            element = cast("HtmlElement", node)
            if event == "start":
                if self._consume(element):
                    walker.skip_subtree()
                else:
                    self._open(element)
            else:
                self._close(element)
                if element is not root:
                    self._text.append(flat(element.tail))
        self._end_lists()

    def _find_captions(self, root: HtmlElement) -> None:
        """A figure's caption belongs to the picture or table in it."""
        for caption in root.iter("figcaption"):
            figure = caption.getparent()
            shown = None if figure is None else next(figure.iter("img", "table"), None)
            if shown is not None and shown not in self._layout and shown not in self._captions:
                self._captions[shown] = caption
                self._captioning.add(caption)

    def _consume(self, element: HtmlElement) -> bool:
        """Read an element that is a unit of its own; false where its children are to be walked."""
        tag = str(element.tag)
        if tag in _HEADINGS:
            self._heading(element, _HEADINGS[tag])
        elif tag == "table" and element not in self._layout:
            self._interrupt()
            self._table(element)
        elif tag == "pre":
            self._code(element)
        elif tag == "img":
            self._picture(element)
        elif tag == MATH:
            self._math(element)
        else:
            return element in self._captioning
        return True

    def _open(self, element: HtmlElement) -> None:
        tag = str(element.tag)
        if tag == "br":
            self._text.append("\n")
        elif tag in BLOCKS:
            self._flush()
        if tag in _LISTS:
            self._list.open(_first_number(element) if tag == "ol" else None)
        elif tag in _ITEMS and self._list.depth:
            self._list.item()
        elif tag == "a":
            self._link(element)
        self._text.append(flat(element.text))

    def _link(self, element: HtmlElement) -> None:
        if address := element.get("href"):
            self._draft.link(element_text(element), address)

    def _close(self, element: HtmlElement) -> None:
        if element.tag in BLOCKS:
            self._flush()
        if element.tag in _LISTS:
            self._list.close()
            if not self._list.depth:
                self._end_lists()

    def _flush(self) -> None:
        """End the paragraph, if one has begun."""
        text = tidy("".join(self._text))
        self._text = []
        if text and self._list.depth:
            self._list.add(text)
        elif match := _EQUATION.fullmatch(text):
            self._draft.equation(match[1] or match[2])
        else:
            self._draft.text(text)
        if not self._list.depth:
            self._add_pictures()

    def _interrupt(self) -> None:
        """End the paragraph, and the part of the list before a block that cannot stand in a list."""
        self._flush()
        if self._list.depth:
            self._draft.list(self._list.take())
            self._add_pictures()

    def _end_lists(self) -> None:
        self._flush()
        self._draft.list(self._list.take())
        self._add_pictures()

    def _heading(self, element: HtmlElement, level: int) -> None:
        self._flush()
        text = _PERMALINK.sub("", element_text(element))
        for link in element.iter("a"):
            self._link(link)
        if self._list.depth:
            self._list.add(text)
        else:
            self._draft.heading(text, level)

    def _code(self, element: HtmlElement) -> None:
        self._flush()
        for line_break in element.iter("br"):
            line_break.text = "\n"
        text = str(element.text_content()).strip("\n")
        if self._list.depth:
            self._list.add(text)
        else:
            self._draft.code(text)

    def _table(self, element: HtmlElement) -> None:
        own = element.find("caption")
        caption = own if own is not None else self._captions.get(element)
        for link in element.iter("a"):
            self._link(link)
        self._draft.table(read_table(element), element_text(caption) if caption is not None else None)

    def _math(self, element: HtmlElement) -> None:
        if element.get("display") == "block":
            self._interrupt()
            self._draft.equation(element.text or "")
        else:
            self._text.append(inline_math(element))

    def _picture(self, element: HtmlElement) -> None:
        """A picture inside a sentence or a list waits for its end."""
        self._pictures.append(element)
        if not self._list.depth and not "".join(self._text).strip():
            self._add_pictures()

    def _add_pictures(self) -> None:
        for element in self._pictures:
            caption = self._captions.get(element)
            alt = tidy(element.get("alt", ""))
            picture = self._kept(element.get("src", ""), alt)
            self._draft.image(alt, element_text(caption) if caption is not None else None, picture)
        self._pictures = []

    def _kept(self, source: str, alt: str) -> Picture | None:
        data = self._files(source) if self._files is not None else None
        if data is not None:
            return kept_picture(self._draft, data, alt, self._max_pixels)
        return embedded_picture(self._draft, source, alt, self._max_pixels)


def _first_number(element: HtmlElement) -> int:
    start = element.get("start", "1").strip()
    return int(start) if re.fullmatch(r"\d{1,9}", start) else 1
