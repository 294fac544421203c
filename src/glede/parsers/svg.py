"""Drawings in SVG as the words in them: title, descriptions and texts, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from glede.errors import LimitError, MalformedError
from glede.media.types import SVG
from glede.parsers.building import Draft, one_line
from glede.parsing import Feature, ParseOptions, always_available
from glede.types import Parsed

_WORDS = frozenset({"title", "desc", "text"})
_UNSEEN = frozenset({"script", "style", "metadata"})


class SvgParser:
    """Reads the words of a drawing; nothing is drawn, fetched, run or expanded."""

    name = "svg"
    version = "1"
    media_types = frozenset({SVG})
    cost = 0.005
    recovers: frozenset[Feature] = frozenset({"text"})
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `MalformedError` where it is not XML, or holds no word."""
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
            remove_pis=True,
        )  # fmt: skip
        try:
            root = etree.fromstring(data, parser=parser)
        except etree.XMLSyntaxError as error:
            if "huge" in str(error).lower() or "depth" in str(error).lower():
                raise LimitError("the drawing is too deep or too large") from error
            raise MalformedError(f"the drawing is not XML: {error}") from error
        except ValueError as error:
            raise MalformedError("the drawing is not XML") from error
        draft = Draft()
        own = next((child for child in root if _tag(child) == "title"), None)
        title = _text(own) if own is not None else ""
        draft.heading(title, 1)
        for element in root.iter():
            if element is not own and _tag(element) in _WORDS and _is_seen(element):
                draft.text(_text(element))
        return draft.parsed(media_type, self.name, title)


def _tag(element: etree._Element) -> str:
    """The name without its namespace; nothing for what is no element, such as an entity."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element: etree._Element) -> str:
    return one_line(" ".join(_pieces(element)))


def _pieces(element: etree._Element) -> Iterator[str]:
    for node in element.iter():
        if isinstance(node.tag, str):
            yield node.text or ""
        if node is not element:
            yield node.tail or ""


def _is_seen(element: etree._Element) -> bool:
    return not any(_tag(above) in _UNSEEN | {"text"} for above in element.iterancestors())
