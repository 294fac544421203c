"""The values that travel through Glede: frozen, comparable, free of clients.

Coordinates are points (1/72 inch) from the top left of a page; pages count from 1. Scores are
comparable within one result only. Identifiers are hexadecimal digits of SHA-256 over what the value
stands for, so that doing a thing twice is doing it once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

BlockType = Literal[
    "heading", "text", "list", "table", "image", "equation", "code",
    "footnote", "header", "footer", "page_number",
]  # fmt: skip
Modality = Literal["text", "table", "image", "equation"]
Standing = Literal["searchable", "disabled", "past"]
"""Whether a document is live, left out of every answer, or was live once."""
Mode = Literal["naive", "local", "global", "hybrid", "mix", "auto"]
MetadataValue = str | int | float | bool

MODALITIES: tuple[Modality, ...] = ("text", "table", "image", "equation")
FURNITURE: frozenset[BlockType] = frozenset({"header", "footer", "page_number"})
"""What runs along on every page: kept as blocks, and in no chunk."""
OPEN_BOOK = "–"
"""Between the two numbers of a page that shows two of a book."""


def content_hash(*parts: str | bytes, length: int = 32) -> str:
    """The first `length` hexadecimal digits of SHA-256 over the parts, each prefixed with its length."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()[:length]


def sha256_of(data: bytes) -> str:
    """The SHA-256 of bytes, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in points from its top left corner."""

    x0: float
    y0: float
    x1: float
    y1: float

    def union(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1)
        )

    def rounded(self) -> list[float]:
        """`[x0, y0, x1, y1]` to a hundredth of a point, as the command line prints it."""
        return [round(value, 2) for value in (self.x0, self.y0, self.x1, self.y1)]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `row` and `column` count from 0 and name its top left corner in the grid.

    `page` is set only where a table goes on over pages and the cell is not on the first of them.
    """

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1
    header: bool = False
    box: Box | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of `rows` x `columns` places, covered by cells that may span several."""

    rows: int
    columns: int
    cells: tuple[Cell, ...]

    def grid(self) -> list[list[str]]:
        """The texts as a full rectangle; a spanning cell is repeated in each place it covers."""
        grid = [[""] * self.columns for _ in range(self.rows)]
        for cell in self.cells:
            for row in range(cell.row, min(cell.row + cell.row_span, self.rows)):
                for column in range(cell.column, min(cell.column + cell.column_span, self.columns)):
                    grid[row][column] = cell.text
        return grid

    def header_rows(self) -> int:
        """How many rows at the top consist of header cells only."""
        headers = dict.fromkeys(range(self.rows), True)
        for cell in self.cells:
            if not cell.header and cell.text:
                for row in range(cell.row, min(cell.row + cell.row_span, self.rows)):
                    headers[row] = False
        count = 0
        while count < self.rows and headers[count]:
            count += 1
        return count if count < self.rows else min(1, self.rows)

    def row_box(self, row: int) -> Box | None:
        """The box around the cells of a row, where the parser knew them."""
        boxes = [cell.box for cell in self.cells if cell.row == row and cell.box is not None]
        return union_of(boxes)

    def row_page(self, row: int) -> int | None:
        """The page of a row that is not on the table's first page."""
        return next((cell.page for cell in self.cells if cell.row == row and cell.page is not None), None)


@dataclass(frozen=True, slots=True)
class Link:
    """Words of a block that lead to an address, or to `#page=N` of the same document."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture taken out of a document; `asset` is the SHA-256 of its bytes, and its key in Blobs.

    Who looked at it (`glede.pictures.features`) adds the rest: `hash` is perceptual, 16 hexadecimal digits,
    `feature` a vector for comparing pictures with pictures, in base64, and `kind` what it seems to be. A
    model that sees names the `objects` in it, and how they are tied: `relations` are source, label, target.
    """

    asset: str
    media_type: str
    width: int
    height: int
    alt: str = ""
    hash: str = ""
    feature: str = ""
    kind: str = ""
    objects: tuple[str, ...] = ()
    relations: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document in reading order.

    `text` is what a reader sees: of a table its Markdown, of an equation its LaTeX between dollars, of an
    image its caption, alternative text or nothing. `heading_path` holds the headings above the block, the
    outermost first, and for a heading not the heading itself. `level` is the depth of a heading from 1.
    `aid` is what it is also found by, and neither shown nor cited: what processors say of a table, a picture
    or an equation. `data` is the asset that holds the rows of a table as Parquet. From the character
    `derived_from` on, the words of `text` are not the document's: a model says them of what it was shown.
    """

    type: BlockType
    text: str
    heading_path: tuple[str, ...] = ()
    level: int = 0
    page: int | None = None
    box: Box | None = None
    table: Table | None = None
    picture: Picture | None = None
    latex: str | None = None
    caption: str | None = None
    confidence: float = 1.0
    links: tuple[Link, ...] = ()
    aid: str = ""
    data: str | None = None
    derived_from: int | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a parser does not trust what it made of a page, and what another one would have to recover."""

    feature: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page's size in points, who read it and why, and what was noticed.

    `reason` is why `parser` was chosen; `failed` is why the page is missing from a document that is
    otherwise there. `label` is the number that is printed on it, or what the file calls it; it is empty where
    pages are called by their places.
    """

    number: int
    width: float
    height: float
    warnings: tuple[str, ...] = ()
    parser: str = ""
    doubts: tuple[Doubt, ...] = ()
    reason: str = ""
    confidence: float = 1.0
    failed: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An item of which only that is known which stood in no one's way, and why; `glede retry` completes it.

    `code` and `message` are those of the error, `retryable` tells whether it may pass by itself, and `block`
    is the number of the item's block. What is missing in the graph is told of a document in reports only.
    """

    kind: BlockType | Literal["graph"]
    code: str
    message: str
    retryable: bool = False
    block: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser makes of bytes; `assets` maps the SHA-256 of each picture to its bytes.

    `pieces` are the chunks of a parser that cuts by itself, each the numbers of its blocks in order.
    """

    media_type: str
    parser: str
    blocks: tuple[Block, ...]
    pages: tuple[Page, ...] = ()
    title: str = ""
    warnings: tuple[str, ...] = ()
    assets: Mapping[str, bytes] = field(default_factory=dict)
    pieces: tuple[tuple[int, ...], ...] = ()
    unfinished: tuple[Unfinished, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is kept.

    `id` follows from the content, the metadata and the parser asked for; `version` from the id and the
    way it was read and cut. `sources` are the paths or names under which this same content was added.
    `partial` tells which pages and items are missing or known in part only, and why; `unfinished` are those
    items. `plan` names how the bytes were read, so that nobody needs to read them again.
    """

    id: str
    version: str
    sha256: str
    media_type: str
    size: int
    parser: str
    sources: tuple[str, ...]
    title: str = ""
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    pages: int = 0
    chunks: int = 0
    blocks: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    added_at: str = ""
    unfinished: tuple[Unfinished, ...] = ()
    plan: str = ""

    @property
    def source(self) -> str:
        """The name under which it was added last."""
        return self.sources[-1] if self.sources else self.id


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a chunk's text stand in block `block` of the document.

    `type` is that block's; `row` the table row, counted from 0, where the span is one row of a table.
    What is `derived` does not stand in the document: a model says it of what stands there. `label` is what
    the page calls itself, where that is not its number.
    """

    start: int
    end: int
    block: int
    type: BlockType = "text"
    page: int | None = None
    box: Box | None = None
    row: int | None = None
    derived: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document that is searched and cited as one.

    `heading_path`, `lead` (the sentence that introduces a table, picture or equation) and `aid` (what
    processors say of it) are embedded with the text but are no part of it; `tokens` is an estimate (see
    `glede.text.sentences.count_tokens`). `asset` holds the picture, or the rows of the table as Parquet.
    What is `words_only` has no vector of its own: further rows of a table that has very many.
    """

    id: str
    document_id: str
    ordinal: int
    text: str
    modality: Modality
    heading_path: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    tokens: int = 0
    asset: str | None = None
    lead: str = ""
    aid: str = ""
    words_only: bool = False

    @property
    def page(self) -> int | None:
        """The page it begins on."""
        return self.spans[0].page if self.spans else None

    def label_of(self, page: int | None) -> str:
        """What one of its pages calls itself, where that is not its number."""
        return next((span.label for span in self.spans if span.page == page and span.label), "")

    @property
    def box(self) -> Box | None:
        """The box around what stands on that first page."""
        return union_of(span.box for span in self.spans if span.box is not None and span.page == self.page)

    @property
    def own_text(self) -> str:
        """The text without what is derived: the document's own words, which alone can be quoted."""
        return self.text if not self.derived_text else self._spoken(derived=False)

    @property
    def derived_text(self) -> str:
        """What of the text does not stand in the document."""
        return self._spoken(derived=True)

    def _spoken(self, *, derived: bool) -> str:
        spans = [span for span in self.spans if span.derived == derived]
        return "\n".join(self.text[span.start : span.end] for span in spans)

    def embedding_text(self) -> str:
        """What models and the keyword index see: headings not in the text, what leads to it, text, aid."""
        own = set(self.text.split("\n\n", len(self.heading_path)))
        above = " > ".join(heading for heading in self.heading_path if heading not in own)
        return "\n".join(part for part in (above, self.lead, self.text, self.aid) if part)

    def vector_text(self) -> str:
        """What the embedder sees; nothing of a chunk that is found by its words only."""
        return "" if self.words_only else self.embedding_text()


def union_of(boxes: Iterable[Box]) -> Box | None:
    """The box around all of them, or `None` of none."""
    result: Box | None = None
    for box in boxes:
        result = box if result is None else result.union(box)
    return result


def metadata_text(value: MetadataValue) -> str:
    """A metadata value as it is compared: `true`, `2020`, `0.5`, or the text itself."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def block_counts(blocks: Iterable[Block]) -> dict[str, int]:
    """How many blocks of each modality there are, those aside that run along on every page."""
    counts: dict[str, int] = dict.fromkeys(MODALITIES, 0)
    for block in blocks:
        counts[modality_of(block)] += block.type not in FURNITURE
    return counts


def modality_of(block: Block) -> Modality:
    """The modality a block is searched as."""
    if block.type in ("table", "image", "equation"):
        return block.type
    return "text"
