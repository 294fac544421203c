"""What the styles of a Word document say of headings, lists, captions, code and hidden text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from glede.parsers.word_xml import W, child, number, switch, value

_HEADING = re.compile(r"heading ([1-9])")
_CODE = re.compile(r"(?:html )?preformatted(?: text)?|(?:source |program )?(?:code|listing)(?: block| text)?")
_MOST_BASES = 50


@dataclass(frozen=True, slots=True)
class Style:
    """One style as it is written down; `None` where it leaves a matter to the style it is based on."""

    name: str
    based_on: str | None
    outline: int | None
    list_id: int | None
    list_level: int | None
    hidden: bool | None
    bold: bool | None
    marks_first_row: bool


class Styles:
    """The styles by id, each with what it inherits."""

    def __init__(self, root: etree._Element | None) -> None:
        self._styles: dict[str, Style] = {}
        self.default: str | None = None
        for element in root.iterchildren(f"{W}style") if root is not None else ():
            key = str(element.get(f"{W}styleId") or "")
            self._styles.setdefault(key, _style(element))
            if element.get(f"{W}default") in ("1", "true") and element.get(f"{W}type") == "paragraph":
                self.default = key

    def chain(self, key: str | None) -> Iterator[Style]:
        """The style and those it is based on."""
        for _ in range(_MOST_BASES):
            style = self._styles.get(key or "")
            if style is None:
                return
            yield style
            key = style.based_on

    def has_name(self, key: str | None, name: str) -> bool:
        """Whether the style, or one it is based on, has that name."""
        return any(style.name == name for style in self.chain(key))

    def heading_level(self, key: str | None) -> int | None:
        """The depth of a heading from 1; 10 and more is text of the body."""
        for style in self.chain(key):
            if style.outline is not None:
                return style.outline + 1
            if match := _HEADING.fullmatch(style.name):
                return int(match[1])
        return None

    def is_code(self, key: str | None) -> bool:
        """Whether paragraphs of that style are lines of code."""
        return any(_CODE.fullmatch(style.name) for style in self.chain(key))

    def contents_level(self, key: str | None) -> int | None:
        """The depth of an entry of a table of contents or of figures."""
        name = next((style.name for style in self.chain(key)), "")
        match = re.fullmatch(r"toc ([1-9])", name)
        return int(match[1]) if match else 1 if name == "table of figures" else None

    def list_of(self, key: str | None) -> tuple[int | None, int | None]:
        """The list and the level that a style numbers its paragraphs by."""
        level: int | None = None
        for style in self.chain(key):
            level = style.list_level if level is None else level
            if style.list_id is not None:
                return style.list_id, level
        return None, None

    def hidden(self, key: str | None) -> bool | None:
        """Whether text of that style is hidden, where it says so."""
        return next((style.hidden for style in self.chain(key) if style.hidden is not None), None)

    def bold(self, key: str | None) -> bool | None:
        """Whether text of that style is bold, where it says so."""
        return next((style.bold for style in self.chain(key) if style.bold is not None), None)

    def marks_first_row(self, key: str | None) -> bool:
        """Whether a style of tables sets the first row apart."""
        return any(style.marks_first_row for style in self.chain(key))


def _style(element: etree._Element) -> Style:
    name = value(element, "name") or ""
    return Style(
        name=name.casefold().strip(),
        based_on=value(element, "basedOn"),
        outline=number(element, "pPr/outlineLvl"),
        list_id=number(element, "pPr/numPr/numId"),
        list_level=number(element, "pPr/numPr/ilvl"),
        hidden=switch(element, "rPr/vanish"),
        bold=switch(element, "rPr/b"),
        marks_first_row=any(
            part.get(f"{W}type") == "firstRow" and child(part, "rPr") is not None
            for part in element.iterchildren(f"{W}tblStylePr")
        ),
    )
