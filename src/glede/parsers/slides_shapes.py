"""The shapes of a slide: where they lie, groups resolved, and the order in which one reads them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from glede.errors import LimitError
from glede.parsers.office_pictures import described
from glede.parsers.slides_text import A
from glede.types import Box, union_of

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
POINT = 12_700
"""English Metric Units to a point."""
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_KINDS = frozenset({"sp", "pic", "graphicFrame", "cxnSp"})
_SHAPES = _KINDS | {"grpSp"}
_MOST_SHAPES = 20_000
_MOST_CUT = 300
"""Shapes beside one another that are worth the cutting; nobody reads more in any order."""
_OVERLAP = 6.0
"""Points that neighbours may overlap by and still lie one after the other."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """The role that a layout gives to a shape, such as `title`, `body`, `ftr` or `sldNum`."""

    kind: str
    index: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape that is no group; `kind` is the name of its element, `box` its place on the slide."""

    element: etree._Element
    kind: str
    box: Box | None
    placeholder: Placeholder | None
    name: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class _Scale:
    """From the coordinates inside a group to those of the slide."""

    x: float = 0.0
    y: float = 0.0
    across: float = 1.0
    down: float = 1.0

    def applied(self, box: Box) -> Box:
        return Box(
            self.x + box.x0 * self.across,
            self.y + box.y0 * self.down,
            self.x + box.x1 * self.across,
            self.y + box.y1 * self.down,
        )


def shapes_of(
    slide: etree._Element, inherited: Callable[[Placeholder], Box | None], max_depth: int
) -> list[Shape]:
    """All that is shown on a slide, in reading order, groups resolved.

    `inherited` is where the layout puts a placeholder that does not say itself where it lies.
    """
    tree = slide.find(f"{P}cSld/{P}spTree")
    if tree is None:
        return []
    shapes: list[Shape] = []
    for node in _Walk(inherited, max_depth).below(tree, _Scale(), 0):
        shapes += node
    return shapes


class _Walk:
    """One walk over a slide; what lies in a group comes as one, so that it is read together."""

    def __init__(self, inherited: Callable[[Placeholder], Box | None], max_depth: int) -> None:
        self._inherited = inherited
        self._max_depth = max_depth
        self._left = _MOST_SHAPES

    def below(self, tree: etree._Element, scale: _Scale, depth: int) -> list[list[Shape]]:
        """The shapes and groups of a tree in reading order, each a list of shapes."""
        if depth > self._max_depth:
            raise LimitError(f"groups nest deeper than {self._max_depth} levels")
        nodes: list[list[Shape]] = []
        for element in _shown(tree):
            self._left -= 1
            if self._left < 0:
                raise LimitError(f"a slide has more than {_MOST_SHAPES:,} shapes")
            if etree.QName(element).localname == "grpSp":
                inner = self.below(element, _inside(element, scale), depth + 1)
                nodes.append([shape for node in inner for shape in node])
            else:
                nodes.append([self._shape(element, scale)])
        return reading_order([node for node in nodes if node])

    def _shape(self, element: etree._Element, scale: _Scale) -> Shape:
        named = element.find(f"{P}nv{_title(element)}Pr")
        properties = None if named is None else named.find(f"{P}cNvPr")
        placeholder = placeholder_of(element)
        box = own_box(element)
        if box is None and placeholder is not None:
            box = self._inherited(placeholder)
        elif box is not None:
            box = scale.applied(box)
        return Shape(
            element=element,
            kind=etree.QName(element).localname,
            box=box,
            placeholder=placeholder,
            name="" if properties is None else properties.get("name") or "",
            alt="" if properties is None else described(properties.get("descr")),
        )


def placeholder_of(element: etree._Element) -> Placeholder | None:
    """The role of a shape on a slide, a layout or a master."""
    found = element.find(f"{P}nv{_title(element)}Pr/{P}nvPr/{P}ph")
    return None if found is None else Placeholder(found.get("type") or "obj", found.get("idx") or "0")


def own_box(element: etree._Element) -> Box | None:
    """Where a shape says that it lies, in points, turned as it is turned."""
    place = element.find(f"{P}spPr/{A}xfrm")
    if place is None:
        place = element.find(f"{P}xfrm")
    if place is None:
        return None
    offset, extent = place.find(f"{A}off"), place.find(f"{A}ext")
    if offset is None or extent is None:
        return None
    x, y = _points(offset, "x"), _points(offset, "y")
    width, height = abs(_points(extent, "cx")), abs(_points(extent, "cy"))
    turned = abs(_number(place.get("rot"))) / 60_000 % 180
    if 45 <= turned < 135:  # on its side
        x, y = x + (width - height) / 2, y + (height - width) / 2
        width, height = height, width
    return Box(x, y, x + width, y + height)


def reading_order(nodes: Sequence[list[Shape]]) -> list[list[Shape]]:
    """Cut where the widest gap is, from side to side or from top to bottom; what has no place comes last."""
    placed = [(box, node) for node in nodes if (box := union_of(s.box for s in node if s.box)) is not None]
    lost = [node for node in nodes if not any(shape.box for shape in node)]
    return [node for _, node in _ordered(placed)] + lost


def _ordered(items: list[tuple[Box, list[Shape]]]) -> list[tuple[Box, list[Shape]]]:
    """Recursion ends: each part is smaller than the whole."""
    if len(items) < 2:
        return items
    if len(items) > _MOST_CUT:
        return _by_rows(items)
    rows = _cut([(box.y0, box.y1) for box, _ in items])
    columns = _cut([(box.x0, box.x1) for box, _ in items])
    if rows is None and columns is None:
        return _by_rows(items)
    before: list[bool] = []
    if rows is not None and (columns is None or rows[0] >= columns[0]):
        before = [box.y0 + box.y1 < 2 * rows[1] for box, _ in items]
    elif columns is not None:
        before = [box.x0 + box.x1 < 2 * columns[1] for box, _ in items]
    first = [item for item, is_first in zip(items, before, strict=True) if is_first]
    rest = [item for item, is_first in zip(items, before, strict=True) if not is_first]
    if not first or not rest:
        return _by_rows(items)
    return _ordered(first) + _ordered(rest)


def _by_rows(items: list[tuple[Box, list[Shape]]]) -> list[tuple[Box, list[Shape]]]:
    return sorted(items, key=lambda item: (round(item[0].y0 / _OVERLAP), item[0].x0))


def _cut(spans: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """The widest gap between spans, and where it lies; a little overlap is a gap, too."""
    best: tuple[float, float] | None = None
    ordered = sorted(spans)
    reach = ordered[0][1]
    for start, end in ordered[1:]:
        gap = start - reach
        if gap > -_OVERLAP and (best is None or gap > best[0]) and start > ordered[0][0]:
            best = (gap, (start + reach) / 2)
        reach = max(reach, end)
    return best


def _shown(tree: etree._Element) -> Iterator[etree._Element]:
    """The shapes right below, without the hidden ones; of alternatives the first that holds shapes."""
    for child in tree:
        if child.tag == f"{_COMPATIBILITY}AlternateContent":
            for choice in child:
                found = list(_shown(choice))
                if found:
                    yield from found
                    break
        elif etree.QName(child).localname in _SHAPES and not _hidden(child):
            yield child


def _hidden(element: etree._Element) -> bool:
    properties = element.find(f"{P}nv{_title(element)}Pr/{P}cNvPr")
    return properties is not None and properties.get("hidden") in ("1", "true")


def _title(element: etree._Element) -> str:
    """The part of the element's name in the names of its properties: `sp` has `nvSpPr`."""
    name = etree.QName(element).localname
    return name[:1].upper() + name[1:]


def _inside(group: etree._Element, outer: _Scale) -> _Scale:
    place = group.find(f"{P}grpSpPr/{A}xfrm")
    parts = [] if place is None else [place.find(f"{A}{name}") for name in ("off", "ext", "chOff", "chExt")]
    if len(parts) != 4 or any(part is None for part in parts):
        return outer
    offset, extent, inner, inner_extent = [part for part in parts if part is not None]
    across = _ratio(_points(extent, "cx"), _points(inner_extent, "cx"))
    down = _ratio(_points(extent, "cy"), _points(inner_extent, "cy"))
    return _Scale(
        outer.x + (_points(offset, "x") - _points(inner, "x") * across) * outer.across,
        outer.y + (_points(offset, "y") - _points(inner, "y") * down) * outer.down,
        across * outer.across,
        down * outer.down,
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if part > 0 and whole > 0 else 1.0


def _points(element: etree._Element, name: str) -> float:
    return _number(element.get(name)) / POINT


def _number(text: str | None) -> float:
    """Numbers of a file may be anything."""
    if not text or not re.fullmatch(r"-?\d{1,12}(?:\.\d{1,9})?", text):
        return 0.0
    value = float(text)
    return value if math.isfinite(value) else 0.0
