"""Drawings of Word: pictures, charts, diagrams and text boxes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree

from glede.errors import MalformedError
from glede.parsers.building import Draft, one_line
from glede.parsers.office_charts import chart_of
from glede.parsers.office_package import DAMAGE, Package
from glede.parsers.office_pictures import kept_picture
from glede.parsers.slides_graphics import diagram_text
from glede.parsers.word_xml import ALTERNATE, R, W, shown_choice

_BOX = f"{W}txbxContent"
_MACHINE_MADE = re.compile(
    r"\s*(?:Description automatically generated|AI-generated content may be incorrect)"
    r"(?: with \w+ confidence)?\.?\s*"
)


class FigureReader:
    """Adds what drawings show to a draft; what is damaged is left out with a warning."""

    def __init__(self, package: Package, part: str, draft: Draft, max_pixels: int) -> None:
        self._package = package
        self._part = part
        self._draft = draft
        self._max_pixels = max_pixels

    def add(self, figure: etree._Element, caption: str = "") -> list[etree._Element]:
        """Add the pictures, charts and diagrams; gives the text boxes, which are not read."""
        boxes: list[etree._Element] = []
        seen: set[str] = set()
        for element in _shown(figure):
            if element.tag == _BOX:
                boxes.append(element)
                continue
            add = _READERS.get(etree.QName(element).localname)
            key = next((str(value) for name, value in element.attrib.items() if name in _KEYS), "")
            if add is None or not key or key in seen:
                continue
            seen.add(key)
            if add(self, key, _words_for(element, figure), caption):
                caption = ""
        return boxes

    def _picture(self, key: str, alt: str, caption: str) -> bool:
        target = self._package.target(self._part, key)
        if target is None:
            if self._package.address(self._part, key):
                self._warn("A picture that is only linked to was not fetched.")
            self._draft.image(alt, caption)
            return bool(caption)
        try:
            data = self._package.read(target)
        except MalformedError as error:
            self._warn(error.message)
            data = b""
        picture = kept_picture(self._draft, data, alt, self._max_pixels) if data else None
        self._draft.image(alt, caption, picture)
        return bool(picture or caption)

    def _chart(self, key: str, alt: str, caption: str) -> bool:
        root = self._tree(key)
        if root is None:
            return False
        try:
            chart = chart_of(root)
        except DAMAGE:
            self._warn("A chart is damaged and was left out.")
            return False
        title = caption or chart.title or alt
        for table in chart.tables:
            self._draft.table(table, title)
        if not chart.tables:
            self._draft.image(alt, title)
        return True

    def _diagram(self, key: str, alt: str, caption: str) -> bool:
        root = self._tree(key)
        if root is None:
            return False
        if caption:
            self._draft.text(caption)
        self._draft.list(diagram_text(root))
        return bool(caption)

    def _tree(self, key: str) -> etree._Element | None:
        target = self._package.target(self._part, key)
        if target is None:
            return None
        try:
            return self._package.tree(target)
        except MalformedError as error:
            self._warn(error.message)
            return None

    def _warn(self, warning: str) -> None:
        if warning not in self._draft.warnings:
            self._draft.warnings.append(warning)


_READERS: dict[str, Callable[[FigureReader, str, str, str], bool]] = {
    "blip": FigureReader._picture,
    "imagedata": FigureReader._picture,
    "chart": FigureReader._chart,
    "relIds": FigureReader._diagram,
}
_KEYS = frozenset({f"{R}embed", f"{R}link", f"{R}id", f"{R}dm"})


def shows_picture(figure: etree._Element) -> bool:
    """Whether there is more in it than text boxes."""
    return any(etree.QName(element).localname in _READERS for element in _shown(figure))


def _shown(figure: etree._Element) -> Iterator[etree._Element]:
    """The elements in order, of alternatives one, and none within a text box."""
    for element in figure:
        if not isinstance(element.tag, str):
            continue
        if element.tag == ALTERNATE:
            choice = shown_choice(element)
            if choice is not None:
                yield from _shown(choice)
            continue
        yield element
        if element.tag != _BOX:
            yield from _shown(element)


def _words_for(element: etree._Element, figure: etree._Element) -> str:
    """The alternative text of the nearest shape around it that has one."""
    for above in element.iterancestors():
        for name in ("{*}nvPicPr/{*}cNvPr", "{*}docPr"):
            found = above.find(name)
            if found is not None and (text := _alternative(found.get("descr") or found.get("title"))):
                return text
        if text := _alternative(above.get("alt")):
            return text
        if above is figure:
            break
    return _alternative(element.get("{urn:schemas-microsoft-com:office:office}title"))


def _alternative(text: str | None) -> str:
    return one_line(_MACHINE_MADE.sub(" ", text or ""))
