"""The text of shapes in a presentation: paragraphs, lists with their numbers, formulas and links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from glede.parsers.omml import latex_of
from glede.types import Link

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BULLETS = frozenset({f"{A}buChar", f"{A}buBlip"})
_NUMERALS = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
             (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MOST_LETTERED = 700
_SPACES = re.compile(r"[^\S\n]+")

Address = Callable[[str | None], str]
"""From the id of a relation to an address outside the document, or to nothing."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, a list or a display equation of one text frame."""

    kind: Literal["text", "list", "equation"]
    text: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    latex: str | None
    links: tuple[Link, ...]


@dataclass(slots=True)
class _Listing:
    """The list that is being read: its lines, and the number that each level has come to."""

    lines: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    numbers: dict[int, tuple[str, int]] = field(default_factory=dict)

    def marker(self, bullet: etree._Element, level: int) -> str:
        for deeper in [number for number in self.numbers if number > level]:
            del self.numbers[deeper]
        if bullet.tag in _BULLETS:
            self.numbers.pop(level, None)
            return "-"
        style = bullet.get("type") or "arabicPeriod"
        before, number = self.numbers.get(level, ("", 0))
        number = number + 1 if before == style else _whole(bullet.get("startAt"), 1)
        self.numbers[level] = (style, number)
        return _numbered(number, style)


def passages(
    body: etree._Element | None, styles: Sequence[etree._Element], address: Address
) -> Iterator[Passage]:
    """What a text body says; `styles` are the list styles it inherits from, the nearest first."""
    if body is None:
        return
    own = body.find(f"{A}lstStyle")
    chain = [*([own] if own is not None else []), *styles]
    listing = _Listing()
    for element in body.iterchildren(f"{A}p"):
        paragraph = _read(element, address)
        if not paragraph.text:
            continue
        level = _level(element)
        bullet = _bullet(element, level, chain)
        lines = paragraph.text.split("\n")
        if bullet is not None:
            marker = listing.marker(bullet, level)
            lines = [f"{marker} {lines[0]}", *(f"  {line}" for line in lines[1:])]
        elif not (listing.lines and level and paragraph.latex is None):
            yield from _taken(listing)
            listing = _Listing()
            yield _passage(paragraph)
            continue
        else:
            lines = [f"  {line}" for line in lines]
        listing.lines += ["  " * level + line for line in lines]
        listing.links += paragraph.links
    yield from _taken(listing)


def plain_text(
    body: etree._Element | None, styles: Sequence[etree._Element], address: Address
) -> tuple[str, tuple[Link, ...]]:
    """All that a text body says, each paragraph on a line of its own, and the links in it."""
    parts = list(passages(body, styles, address))
    return "\n".join(part.text for part in parts), tuple(link for part in parts for link in part.links)


def largest_size(body: etree._Element) -> int:
    """The size of the largest letters whose size is given, in hundredths of a point."""
    return max((_whole(run.get("sz"), 0) for run in body.iter(f"{A}rPr")), default=0)


def _passage(paragraph: _Paragraph) -> Passage:
    if paragraph.latex is not None:
        return Passage("equation", paragraph.latex)
    return Passage("text", paragraph.text, paragraph.links)


def _taken(listing: _Listing) -> Iterator[Passage]:
    if listing.lines:
        indent = min(len(line) - len(line.lstrip(" ")) for line in listing.lines)
        yield Passage("list", "\n".join(line[indent:] for line in listing.lines), tuple(listing.links))


def _read(paragraph: etree._Element, address: Address) -> _Paragraph:
    """The text, with formulas between dollars; `latex` where it is nothing but a formula."""
    parts: list[str] = []
    formulas: list[str] = []
    links: dict[Link, None] = {}
    for node in _inline(paragraph):
        if node.tag == f"{A}br":
            parts.append("\n")
        elif node.tag == f"{_MATH}oMath":
            formulas.append(latex_of(node).strip())
            parts.append(f"${formulas[-1]}$" if formulas[-1] else "")
        else:
            parts.append(_run_text(node))
            if link := _link(node, parts[-1], address):
                links[link] = None
    lines = [_SPACES.sub(" ", line).strip() for line in "".join(parts).split("\n")]
    text = "\n".join(line for line in lines if line)
    alone = len(formulas) == 1 and text == f"${formulas[0]}$"
    return _Paragraph(text, formulas[0] if alone else None, tuple(links))


def _inline(paragraph: etree._Element) -> Iterator[etree._Element]:
    """Runs, fields, breaks and formulas; of alternatives the first, which is the one for new programs."""
    for child in paragraph:
        name = etree.QName(child).localname
        if child.tag in (f"{A}r", f"{A}fld", f"{A}br"):
            yield child
        elif name == "m":
            yield from child.iter(f"{_MATH}oMath")
        elif name == "AlternateContent":
            yield from _inline(child[0]) if len(child) else ()


def _run_text(run: etree._Element) -> str:
    return "".join(node.text or "" for node in run.iterchildren(f"{A}t")).replace("\v", "\n")


def _link(run: etree._Element, text: str, address: Address) -> Link | None:
    click = run.find(f"{A}rPr/{A}hlinkClick")
    target = "" if click is None else address(click.get(_RELATION_ID))
    return Link(text.strip(), target) if target and text.strip() else None


def _level(paragraph: etree._Element) -> int:
    properties = paragraph.find(f"{A}pPr")
    return 0 if properties is None else min(max(_whole(properties.get("lvl"), 0), 0), 8)


def _bullet(paragraph: etree._Element, level: int, styles: Iterable[etree._Element]) -> etree._Element | None:
    """The element that says how the paragraph is marked, its own or inherited; `None` of no mark."""
    levels = [paragraph.find(f"{A}pPr"), *(style.find(f"{A}lvl{level + 1}pPr") for style in styles)]
    for properties in levels:
        if properties is None:
            continue
        for child in properties:
            if child.tag == f"{A}buNone":
                return None
            if child.tag in _BULLETS or child.tag == f"{A}buAutoNum":
                return child
    return None


def _numbered(number: int, style: str) -> str:
    digits = str(number)
    if not 0 < number < _MOST_LETTERED:
        pass
    elif style.startswith("alpha"):
        digits = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    elif style.startswith("roman"):
        digits = _roman(number)
    if "Uc" in style:
        digits = digits.upper()
    if style.endswith("ParenBoth"):
        return f"({digits})"
    return f"{digits})" if style.endswith("ParenR") else f"{digits}."


def _roman(number: int) -> str:
    text = ""
    for value, letters in _NUMERALS:
        text += letters * (number // value)
        number %= value
    return text


def _whole(text: str | None, default: int) -> int:
    """Numbers of a file may be anything."""
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else default
