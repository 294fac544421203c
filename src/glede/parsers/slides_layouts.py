"""What the placeholders of a slide inherit from its layout and master: their places and their bullets."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from glede.parsers.office_package import Package
from glede.parsers.slides_shapes import P, Placeholder, own_box, placeholder_of
from glede.parsers.slides_text import A
from glede.types import BlockType, Box

TITLES = frozenset({"title", "ctrTitle"})
FURNITURE: dict[str, BlockType] = {"ftr": "footer", "dt": "footer", "hdr": "header", "sldNum": "page_number"}
"""The placeholders of what runs along on every slide."""
_BODIES = frozenset({"body", "obj", "subTitle", "tbl", "chart", "dgm", "clipArt", "media", "pic"})


class Layout:
    """A layout and its master, either of which may be missing; many slides share one."""

    def __init__(self, package: Package, layout: str | None) -> None:
        master = package.related(layout, "slideMaster") if layout else None
        self._layout = package.tree(layout) if layout else None
        self._master = package.tree(master) if master else None

    def box(self, placeholder: Placeholder) -> Box | None:
        """Where a placeholder lies that does not say so itself."""
        return next((box for shape in self._ancestors(placeholder) if (box := own_box(shape))), None)

    def styles(self, placeholder: Placeholder | None) -> list[etree._Element]:
        """The list styles that a shape inherits from, the nearest first."""
        styles = []
        name = "otherStyle"
        if placeholder is not None:
            for shape in self._ancestors(placeholder):
                own = shape.find(f"{P}txBody/{A}lstStyle")
                if own is not None:
                    styles.append(own)
            name = "titleStyle" if placeholder.kind in TITLES else "bodyStyle"
            name = "otherStyle" if placeholder.kind in FURNITURE else name
        inherited = None if self._master is None else self._master.find(f"{P}txStyles/{P}{name}")
        return [*styles, inherited] if inherited is not None else styles

    def _ancestors(self, placeholder: Placeholder) -> Iterator[etree._Element]:
        kind = placeholder.kind
        if self._layout is not None:
            found = _matching(self._layout, placeholder, by_index=True)
            if found is not None:
                yield found
                own = placeholder_of(found)
                kind = own.kind if own is not None else kind
        if self._master is not None:
            kind = "title" if kind in TITLES else "body" if kind in _BODIES else kind
            found = _matching(self._master, Placeholder(kind, ""), by_index=False)
            if found is not None:
                yield found


def _matching(root: etree._Element, wanted: Placeholder, *, by_index: bool) -> etree._Element | None:
    """The placeholder of a layout by its number, else its role; of a master by its role."""
    shapes = [
        (placeholder, element)
        for element in root.iterfind(f"{P}cSld/{P}spTree/*")
        if (placeholder := placeholder_of(element)) is not None
    ]
    if by_index and wanted.kind not in TITLES:
        for placeholder, element in shapes:
            if placeholder.index == wanted.index and placeholder.kind not in TITLES:
                return element
    kinds = TITLES if wanted.kind in TITLES else {wanted.kind}
    return next((element for placeholder, element in shapes if placeholder.kind in kinds), None)
