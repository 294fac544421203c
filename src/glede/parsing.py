"""The seam to parsers: what one is given, what it tells of itself, and where it is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from glede.types import Parsed

MAX_PICTURE = 20 * 2**20
"""Bytes of the largest picture that is kept from a document, where nothing else is set."""


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """What a parser may need beside the bytes; `name` is the file's own name and only ever a hint.

    `chunker` is the name of the chunker that follows; a parser that knows it fills in `Parsed.pieces`.
    A picture of more than `max_pixels`, or of more than `max_picture` bytes, is left out.
    `pages` are the only ones that are wanted, all of them where it is empty.
    """

    name: str = ""
    password: str | None = None
    max_pages: int = 5000
    max_depth: int = 200
    max_pixels: int = 100_000_000
    max_picture: int = MAX_PICTURE
    chunker: str = ""
    pages: tuple[int, ...] = ()


Feature = Literal[
    "text", "headings", "lists", "tables", "spans", "pictures", "equations",
    "boxes", "links", "footnotes", "furniture", "ocr",
]  # fmt: skip
"""What a parser recovers beside the words: `spans` of table cells, `furniture` of pages, LaTeX or the places
of `equations`."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a parser can run here: true without a `reason`; else `hint` says what to do."""

    reason: str = ""
    hint: str = ""

    def __bool__(self) -> bool:
        return not self.reason


AVAILABLE = Availability()


def always_available(_: object, media_type: str) -> Availability:
    """The method `available` of a parser that needs nothing beside Glede."""
    return AVAILABLE


class Parser(Protocol):
    """Reads one family of formats; runs inside the parser process, so that it may crash or hang.

    `version` changes whenever the output for the same bytes may change. `cost` is the seconds of processor
    time that a usual page takes: of those that are available, the cheapest parser of a type is asked first,
    one of infinite cost only where it is named.
    `parse` raises a `glede.errors.DocumentError`; what it leaves in `blocks` is in reading order and loses
    no text.
    """

    name: str
    version: str
    media_types: frozenset[str]
    cost: float
    recovers: frozenset[Feature]

    def available(self, media_type: str) -> Availability:
        """Whether what it needs for that type is installed; told without loading any of it."""
        ...

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Read `data`, which was recognised as `media_type`."""
        ...


class Parse(Protocol):
    """Runs parsers in a process of their own, under limits, so that a hostile document does no harm."""

    async def parse(self, data: bytes, media_type: str, parser: str, options: ParseOptions) -> Parsed:
        """What the named parser makes of the bytes.

        Raises a `glede.errors.DocumentError`: an `ExhaustedError` where it had to be ended.
        """
        ...


class PageImages(Protocol):
    """Draws pages of documents, in a process of their own, under limits."""

    async def page_image(self, data: bytes, media_type: str, number: int, password: str | None) -> bytes:
        """The page, counted from 1, as PNG; raises a `glede.errors.DocumentError`."""
        ...
