"""HTML: the tree is read without network, entities or recursion, and rid of what is not the document."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from glede.errors import LimitError, MalformedError
from glede.parsers.building import Draft, one_line
from glede.parsers.html_math import save_math
from glede.parsers.html_reader import Files, Reader
from glede.parsing import Feature, ParseOptions, always_available
from glede.text.decoding import decode
from glede.types import Parsed

_XML_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*>", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset=[\"'\s]*([\w-]+)", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,8})|(\d{1,8}));?", re.IGNORECASE)
_DROPPED_TAGS = frozenset(
    ["script", "style", "nav", "template", "noscript", "svg", "iframe", "object", "embed", "applet", "canvas",
     "audio", "video", "button", "select", "input", "textarea", "datalist", "dialog", "head", "title"]
)  # fmt: skip
_DROPPED_ROLES = frozenset(
    ["navigation", "search", "menu", "menubar", "toolbar", "dialog", "alertdialog", "tooltip", "banner"]
)
_DROPPED_CLASSES = frozenset(
    ["mw-editsection", "mw-jump-link", "mw-portlet", "mw-indicators", "vector-dropdown", "vector-menu",
     "navbox", "noprint", "catlinks", "printfooter", "headerlink", "anchorjs-link",
     "skip-link", "visually-hidden"]
)  # fmt: skip
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_FRAME_TAGS = ("header", "footer", "aside", "form")
_MAIN_SHARE = 0.5


class HtmlParser:
    """Reads HTML and XHTML: the main part of a page where it says which, else all but its chrome.

    Nothing is fetched; a picture is kept only from a `data:` URI, of others the words about them.
    """

    name = "html"
    version = "3"
    media_types = frozenset({"text/html", "application/xhtml+xml"})
    cost = 0.01
    recovers: frozenset[Feature] = frozenset(
        {"text", "headings", "lists", "tables", "spans", "pictures", "equations", "links"}
    )
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `LimitError` where elements nest deeper than 255 levels."""
        root = _tree(_decode(data))
        title = one_line(root.findtext(".//title") or "")
        draft = Draft(options.max_picture)
        Reader(draft, options.max_pixels).read(_main_part(_cleaned(root)))
        return draft.parsed(media_type, self.name, title or _first_heading(draft))


def read_page(data: bytes, draft: Draft, max_pixels: int, files: Files) -> None:
    """Add the blocks of a page that is a part of a larger document, with the pictures that come with it."""
    Reader(draft, max_pixels, files).read(_cleaned(_tree(_decode(data))))


def read_markup(markup: str, draft: Draft, max_pixels: int) -> None:
    """Add the blocks of a piece of HTML, which may be a fragment with tags left open."""
    Reader(draft, max_pixels).read(_cleaned(_tree(f"<html><body>{markup}</body></html>")))


def _decode(data: bytes) -> str:
    """UTF-8 if it is that, else what the page says, else what it looks like."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        declared = _CHARSET.search(data[:4096])
        if declared and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            try:
                return data.decode(declared[1].decode())
            except (LookupError, UnicodeDecodeError):
                pass
    return decode(data)[0]


def _tree(text: str) -> HtmlElement:
    parser = lxml_html.HTMLParser(
        encoding="utf-8", huge_tree=False, no_network=True, remove_comments=True, remove_pis=True
    )
    text = _REFERENCE.sub(_legal_reference, _ILLEGAL.sub(" ", text))
    text = _XML_DECLARATION.sub("", text, count=1) if text.lstrip().startswith("<?") else text
    try:
        root = lxml_html.document_fromstring(text.encode(), parser=parser)
    except etree.LxmlError as error:
        raise MalformedError(f"The page cannot be read: {error}.") from error
    for entry in parser.error_log:
        if "XML_PARSE_HUGE" in entry.message or "huge" in entry.message:
            raise LimitError(f"The page is too deep or too large: {entry.message}.")
    return root


def _legal_reference(reference: re.Match[str]) -> str:
    """A reference may name what no tree can hold, such as a control character."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    legal = code < 0x110000 and not 0xD800 <= code < 0xE000 and not _ILLEGAL.match(chr(code))
    return reference[0] if legal else "\ufffd"


def _cleaned(root: HtmlElement) -> HtmlElement:
    """The body, its formulas saved and its chrome dropped."""
    body = root.find("body")
    body = root if body is None else body
    save_math(body)
    for element in [element for element in body.iter() if element is not body and _is_chrome(element)]:
        if element.getparent() is not None:
            element.drop_tree()
    return body


def _is_chrome(element: HtmlElement) -> bool:
    if element.tag in _DROPPED_TAGS:
        return True
    attributes = element.attrib
    if not attributes:
        return False
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or attributes.get("role") in _DROPPED_ROLES
        or not _DROPPED_CLASSES.isdisjoint(attributes.get("class", "").split())
        or _HIDDEN_STYLE.search(attributes.get("style", "")) is not None
    )


def _main_part(body: HtmlElement) -> HtmlElement:
    """`<main>`, or the only `<article>`, if it holds most of the text once the frame of the page is gone."""
    candidates = list(body.iter("main")) or body.xpath(".//*[@role='main']") or list(body.iter("article"))
    if candidates:
        _drop_frame(body, candidates)
    if len(candidates) == 1 and _length(candidates[0]) >= _MAIN_SHARE * _length(body):
        return candidates[0]
    return body


def _drop_frame(body: HtmlElement, parts: Sequence[HtmlElement]) -> None:
    """Drop header, footer, asides and forms, save those inside the main parts and around them."""
    kept = {element for part in parts for element in (*part.iter(), *part.iterancestors())}
    for element in [element for element in body.iter(*_FRAME_TAGS) if element not in kept]:
        if element.getparent() is not None:
            element.drop_tree()


def _length(element: HtmlElement) -> int:
    return sum(len(text.strip()) for text in element.itertext())


def _first_heading(draft: Draft) -> str:
    return next((block.text for block in draft.blocks if block.type == "heading"), "")
