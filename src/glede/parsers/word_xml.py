"""Names of WordprocessingML, and its switches and values."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
REMOVED = frozenset({f"{W}del", f"{W}moveFrom"})
"""What a tracked change took away."""
_WRAPPERS = frozenset(f"{W}{name}" for name in ("customXml", "ins", "moveTo", "sdtContent", "smartTag"))
_SHOWN = ("{*}txbxContent", "{*}blip", "{*}imagedata", "{*}chart", "{*}relIds", f"{W}t", f"{M}oMath")


def child(element: etree._Element | None, path: str) -> etree._Element | None:
    """The descendant along names of WordprocessingML, such as `pPr/numPr`."""
    for tag in _tags(path):
        if element is None:
            return None
        element = _first(element, tag)
    return element


def _first(element: etree._Element, tag: str) -> etree._Element | None:
    for one in element:
        if one.tag == tag:
            return one
    return None


@lru_cache(maxsize=256)
def _tags(path: str) -> tuple[str, ...]:
    return tuple(W + name for name in path.split("/"))


def value(element: etree._Element | None, path: str, attribute: str = "val") -> str | None:
    """An attribute of that descendant."""
    found = child(element, path)
    text = None if found is None else found.get(W + attribute)
    return None if text is None else str(text)


def number(element: etree._Element | None, path: str) -> int | None:
    """A whole number that a descendant names; `None` where it names none."""
    text = value(element, path)
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None


def switch(element: etree._Element | None, path: str) -> bool | None:
    """Whether a property is on, `None` where nothing is said."""
    found = child(element, path)
    return None if found is None else found.get(f"{W}val") not in ("0", "false", "off")


def shown_choice(element: etree._Element) -> etree._Element | None:
    """The first alternative that shows something; each shows the same by other means."""
    return next((one for one in element if next(one.iter(*_SHOWN), None) is not None), None)


def unwrapped(container: etree._Element) -> Iterator[etree._Element]:
    """The children, with those of content controls and insertions in their places; nothing removed."""
    for element in container:
        if element.tag in REMOVED:
            continue
        if element.tag == f"{W}sdt":
            content = child(element, "sdtContent")
            if content is not None and not is_placeholder(element):
                yield from unwrapped(content)
        elif element.tag in _WRAPPERS:
            yield from unwrapped(element)
        elif element.tag == ALTERNATE:
            choice = shown_choice(element)
            if choice is not None:
                yield from unwrapped(choice)
        else:
            yield element


def is_placeholder(control: etree._Element) -> bool:
    """Whether a content control shows only what to fill in."""
    return bool(switch(control, "sdtPr/showingPlcHdr"))
