"""The zip of an Office file (Open Packaging): its parts, and the relations between them, under limits.

Parts are unpacked one at a time, when they are asked for. Strict files are read as transitional ones: only
the names of their namespaces differ.
"""

from __future__ import annotations

import io
import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from glede.errors import LimitError, MalformedError, PasswordError

MOST_PARTS = 50_000
MOST_BYTES = 2**30
"""Of all parts together, unpacked."""
MOST_XML = 256 * 2**20
"""Of one part that is read as a tree, unpacked."""
MOST_CHILDREN = 2**16
"""Of an element of a part that is read piece by piece."""
DAMAGE = (etree.XMLSyntaxError, ValueError, LookupError, TypeError, ArithmeticError)
"""What reading damaged XML raises: names, numbers and references that are none."""
_UNPACKING = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, struct.error,
    NotImplementedError, RuntimeError,
)  # fmt: skip
_PIECE = 2**20
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/([A-Za-z]+)/")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to: `kind` is the last word of the relation's type; `target` a part, or outside."""

    id: str
    kind: str
    target: str
    external: bool


class Package:
    """Raises `MalformedError`, `PasswordError` or `LimitError` where it cannot be opened."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except _UNPACKING as error:
            raise MalformedError("the file is damaged: it is no complete Office document") from error
        members = self._archive.infolist()
        if any(member.flag_bits & 0x1 for member in members):
            raise PasswordError("the parts of the file are encrypted")
        if len(members) > MOST_PARTS:
            raise LimitError(f"the file has more than {MOST_PARTS:,} parts")
        # No more than the size that is declared is ever unpacked of a member.
        if sum(member.file_size for member in members) > MOST_BYTES:
            raise LimitError(f"the file unpacks to more than {MOST_BYTES // 2**20} MiB")
        self._members = {member.filename.lstrip("/").lower(): member for member in members}
        self.relations = lru_cache(maxsize=None)(self._relations)

    def has(self, part: str) -> bool:
        """Whether there is such a part; names differ in more than case."""
        return part.lower() in self._members

    def size(self, part: str) -> int:
        """How many bytes it unpacks to; 0 of a part that is missing."""
        member = self._members.get(part.lower())
        return 0 if member is None else member.file_size

    def main(self) -> str:
        """The part that the document begins with."""
        for relation in self.relations(""):
            if relation.kind == "officeDocument" and self.has(relation.target):
                return relation.target
        raise MalformedError("the file is damaged: its main part is missing")

    def read(self, part: str) -> bytes:
        """The bytes of a part; raises `MalformedError` where it is missing or damaged."""
        return b"".join(self.pieces(part))

    def pieces(self, part: str) -> Iterator[bytes]:
        """The bytes of a part, unpacked as they are asked for."""
        member = self._members.get(part.lower())
        if member is None:
            raise MalformedError(f"the file is damaged: {part} is missing")
        try:
            with self._archive.open(member) as stream:
                while piece := stream.read(_PIECE):
                    yield piece
        except _UNPACKING as error:
            raise MalformedError(f"the file is damaged: {part} cannot be unpacked") from error

    def tree(self, part: str) -> etree._Element:
        """A part of XML as a tree."""
        member = self._members.get(part.lower())
        if member is not None and member.file_size > MOST_XML:
            raise LimitError(f"{part} unpacks to more than {MOST_XML // 2**20} MiB")
        data = checked_xml(self.read(part), part)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
        )
        try:
            return etree.fromstring(_STRICT.sub(_TRANSITIONAL, data), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise MalformedError(
                f"the file is damaged: {part} is no XML ({' '.join(str(error).split())})"[:200]
            ) from error

    def related(self, part: str, kind: str) -> str | None:
        """The first part that `part` has this kind of relation to, if it is there."""
        for relation in self.relations(part):
            if relation.kind == kind and not relation.external and self.has(relation.target):
                return relation.target
        return None

    def relation(self, part: str, key: str | None) -> Relation | None:
        """The relation of that id."""
        return next((relation for relation in self.relations(part) if relation.id == key), None)

    def target(self, part: str, key: str | None) -> str | None:
        """The part that a relation of this id leads to, if it is there."""
        relation = self.relation(part, key)
        if relation is None or relation.external or not self.has(relation.target):
            return None
        return relation.target

    def address(self, part: str, key: str | None) -> str:
        """The address outside that a relation of this id leads to; else nothing."""
        relation = self.relation(part, key)
        return relation.target if relation is not None and relation.external else ""

    def _relations(self, part: str) -> tuple[Relation, ...]:
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(path):
            return ()
        return tuple(
            _relation(element, folder) for element in self.tree(path).iterchildren("{*}Relationship")
        )


def elements(package: Package, part: str, *names: str, most: int = MOST_CHILDREN) -> Iterator[etree._Element]:
    """The elements of these names in a part too large for a tree; each is gone when the next comes.

    Raises `LimitError` where one holds more than `most` others, before it is read to its end.
    """
    parser = etree.XMLPullParser(
        ("start", "end"),
        tag=[f"{{*}}{name}" for name in names],
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    total = 0
    opened: list[etree._Element] = []
    try:
        for piece in package.pieces(part):
            parser.feed(piece if total else _STRICT.sub(_TRANSITIONAL, checked_xml(piece, part)))
            total += len(piece)
            if total > MOST_XML:
                raise LimitError(f"{part} unpacks to more than {MOST_XML // 2**20} MiB")
            yield from _consumed(parser, opened, most, part)
        parser.close()
        yield from _consumed(parser, opened, most, part)
    except etree.XMLSyntaxError as error:
        raise MalformedError(
            f"the file is damaged: {part} is no XML ({' '.join(str(error).split())})"[:200]
        ) from error


def _consumed(
    parser: etree.XMLPullParser, opened: list[etree._Element], most: int, part: str
) -> Iterator[etree._Element]:
    """What ended; `opened` is what has begun and not ended, and may already hold too much."""
    for event, element in parser.read_events():
        if not isinstance(element, etree._Element):
            continue
        if event == "start":
            opened.append(element)
            continue
        opened.pop()
        _check_children(element, most, part)
        yield element
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]
    for element in opened:
        _check_children(element, most, part)


def _check_children(element: etree._Element, most: int, part: str) -> None:
    if len(element) > most:
        name = etree.QName(element).localname
        raise LimitError(
            f"a {name} of {part} holds more than {most:,} elements",
            hint="Save the document again with the program that it belongs to.",
        )


def checked_xml(start: bytes, part: str) -> bytes:
    """The same bytes; Office writes no document types, and those who do have entities in mind."""
    if b"<!DOCTYPE" in start[:4096].replace(b"\x00", b""):
        raise MalformedError(f"{part} declares a document type, as no Office document does")
    return start


def _relation(element: etree._Element, folder: str) -> Relation:
    target = element.get("Target") or ""
    external = element.get("TargetMode") == "External"
    if not external:
        target = posixpath.normpath(posixpath.join("/", folder, target.partition("#")[0])).lstrip("/")
    kind = (element.get("Type") or "").rpartition("/")[2]
    return Relation(id=element.get("Id") or "", kind=kind, target=target, external=external)
