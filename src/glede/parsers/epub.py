"""EPUB: the chapters of a book in the order in which they are read, with their pictures."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from urllib.parse import unquote, urldefrag

from lxml import etree

from glede.errors import MalformedError, PasswordError
from glede.parsers.building import Draft, one_line
from glede.parsers.html import read_page
from glede.parsers.office_package import Package
from glede.parsing import Feature, ParseOptions, always_available
from glede.types import Parsed

MEDIA_TYPE = "application/epub+zip"
_PAGES = frozenset({"application/xhtml+xml", "text/html"})
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Ways of hiding fonts, which keep nobody from reading."""


class EpubParser:
    """Reads books without copy protection; the table of contents is left out, since it repeats headings."""

    name = "epub"
    version = "1"
    media_types = frozenset({MEDIA_TYPE})
    cost = 0.01
    recovers: frozenset[Feature] = frozenset(
        {"text", "headings", "lists", "tables", "spans", "pictures", "equations", "links"}
    )
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `PasswordError` for a protected book."""
        package = Package(data)
        _check_protection(package)
        place = _book(package)
        book = package.tree(place)
        draft = Draft(options.max_picture)
        for chapter in _chapters(book, posixpath.dirname(place)):
            if package.has(chapter):
                _read(package, chapter, draft, options.max_pixels)
        title = one_line(book.findtext(".//{*}metadata/{*}title") or "")
        return draft.parsed(media_type, self.name, title)


def _check_protection(package: Package) -> None:
    """Whether more is encrypted than fonts."""
    if not package.has("META-INF/encryption.xml"):
        return
    encrypted = package.tree("META-INF/encryption.xml").iterfind(".//{*}EncryptedData/{*}EncryptionMethod")
    if not all(method.get("Algorithm", "") in _FONTS for method in encrypted):
        raise PasswordError("the book is copy-protected", hint="Add a copy without copy protection.")


def _book(package: Package) -> str:
    """Where the book describes itself."""
    root = package.tree("META-INF/container.xml").find(".//{*}rootfile")
    place = "" if root is None else root.get("full-path", "")
    if not place:
        raise MalformedError("the book is damaged: it does not say where it begins")
    return place


def _chapters(book: etree._Element, folder: str) -> list[str]:
    """The pages in reading order, without the one that only navigates."""
    pages = {
        item.get("id", ""): posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        for item in book.iterfind(".//{*}manifest/{*}item")
        if item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    }
    order = [reference.get("idref", "") for reference in book.iterfind(".//{*}spine/{*}itemref")]
    return list(dict.fromkeys(pages[key] for key in order if key in pages))


def _read(package: Package, chapter: str, draft: Draft, max_pixels: int) -> None:
    folder = posixpath.dirname(chapter)

    def files(address: str) -> bytes | None:
        """A picture of the book itself; anything else is not followed."""
        part = posixpath.normpath(posixpath.join(folder, unquote(urldefrag(address)[0])))
        return package.read(part) if package.has(part) else None

    first = len(draft.blocks)
    read_page(package.read(chapter), draft, max_pixels, files)
    # Addresses within the book lead nowhere once it is read.
    draft.blocks[first:] = [
        replace(block, links=tuple(link for link in block.links if ":" in link.address))
        for block in draft.blocks[first:]
    ]
