"""Markdown's inline tokens as text that reads, with the pictures and display formulas among it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import html as lxml_html
from lxml.html import defs
from markdown_it.token import Token

from glede.parsers.html_tables import BLOCKS

_TAG_NAME = re.compile(r"</?([A-Za-z][\w-]*)")
_DOUBLE_SPACE = re.compile(r"(?<=\S)  +(?=\S)")
_GAP = re.compile(r"[ \t]*\n\s*")
_ABSOLUTE = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_POINTER = re.compile(
    r"(?:click |see |read )?(?:here|(?:this )?(?:link|page|site|website|file|one)|this|download|source|more)",
    re.IGNORECASE,
)
_KNOWN_TAGS = frozenset(defs.tags) | frozenset(["mark", "details", "summary", "figure", "figcaption"])


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text without a display formula in it."""

    text: str


@dataclass(frozen=True, slots=True)
class Equation:
    """A display formula, as LaTeX without delimiters."""

    latex: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture; `title` is what stood in quotation marks behind its address."""

    alt: str
    source: str
    title: str


Piece = Text | Equation | Image


def inline_pieces(tokens: Sequence[Token]) -> Iterator[Piece]:
    """Text, cut only at display formulas; pictures in the place where they stand, or after the text around.

    A picture before any text comes first, one inside a sentence follows it.
    """
    parts: list[str] = []
    images: list[Image] = []
    links: list[tuple[int, str]] = []
    for token in tokens:
        image = _image_of(token)
        if image is not None:
            images.append(image)
            if not "".join(parts).strip():
                yield from images
                images = []
        elif token.type in ("math_inline_double", "bracket_math"):
            yield from _text(parts)
            parts = []
            yield Equation(token.content)
        elif token.type == "link_open":
            links.append((len(parts), str(token.attrs.get("href", ""))))
        elif token.type == "link_close" and links:
            start, address = links.pop()
            parts.append(_address("".join(parts[start:]), address))
        else:
            parts.append(_shown(token))
    yield from _text(parts)
    yield from images


def inline_text(tokens: Sequence[Token]) -> str:
    """All on one run, a picture by its alternative text: for headings and the cells of tables."""
    parts: list[str] = []
    for token in tokens:
        image = _image_of(token)
        if image is not None:
            parts.append(image.alt)
        elif token.type in ("math_inline_double", "bracket_math"):
            parts.append(f"$${token.content}$$")
        else:
            parts.append(_shown(token))
    return _tidy(parts)


def inline_links(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """The words of each link, and its address."""
    start: int | None = None
    for place, token in enumerate(tokens):
        if token.type == "link_open":
            start = place
        elif token.type == "link_close" and start is not None:
            yield inline_text(tokens[start:place]), str(tokens[start].attrs.get("href", ""))
            start = None


def _text(parts: Sequence[str]) -> Iterator[Text]:
    if text := _tidy(parts):
        yield Text(text)


def _tidy(parts: Sequence[str]) -> str:
    """Without the gaps that dropped tags and pictures leave."""
    text = "".join(parts)
    if "  " in text:
        text = _DOUBLE_SPACE.sub(" ", text)
    return (_GAP.sub("\n", text) if "\n" in text else text).strip()


def _shown(token: Token) -> str:
    """A token as text; marks of emphasis are empty tokens."""
    if token.type == "math_inline":
        return f"${token.content}$"
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.type == "html_inline":
        return _shown_tag(token.content)
    return token.content if token.type in ("text", "code_inline", "text_special", "bracket_inline") else ""


def _shown_tag(tag: str) -> str:
    """A tag is not shown, but `<host>` is no tag: it stands for something."""
    name = _TAG_NAME.match(tag)
    if name is None:
        return ""
    if name[1].lower() == "br" or name[1].lower() in BLOCKS:
        return "\n"
    return "" if name[1].lower() in _KNOWN_TAGS or "-" in name[1] else tag


def _address(text: str, address: str) -> str:
    """Only a link such as "here" needs its address to be understood."""
    if _ABSOLUTE.match(address) and _POINTER.fullmatch(text.strip()):
        return f" ({address})"
    return ""


def _image_of(token: Token) -> Image | None:
    if token.type == "image":
        attributes = token.attrs
        alt = inline_text(token.children or [])
        return Image(alt, str(attributes.get("src", "")), str(attributes.get("title", "")))
    if token.type == "html_inline" and token.content[:4].lower() == "<img":
        element = lxml_html.fragment_fromstring(token.content)
        return Image(element.get("alt", ""), element.get("src", ""), element.get("title", ""))
    return None
