"""Cuts a document into chunks along its structure.

A chunk stays within one section; a table, a picture and an equation are chunks of their own; nothing is
lost, and nothing stands twice but the header of a table that had to be split, and the labels of a wide one.
Of a document that has changed, what is unchanged is cut as it was (`glede.adding.seams`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from glede.adding.seams import NONE, Seams
from glede.tables.parts import Part, parts_of
from glede.text.sentences import count_tokens, sentence_spans, split_text
from glede.types import (
    FURNITURE,
    Block,
    Box,
    Cell,
    Chunk,
    Modality,
    Span,
    content_hash,
    modality_of,
    union_of,
)

VERSION = "2"
SEPARATOR = "\n\n"


@dataclass(frozen=True, slots=True)
class Chunking:
    """How to cut: chunks of text of at most `tokens`, tables of at most `table_tokens`.

    `name` is the chunker's (see `glede.adding.chunkers`).
    """

    tokens: int = 160
    table_tokens: int = 480
    name: str = "structure"

    @property
    def fingerprint(self) -> str:
        """Names this way of cutting; another one makes another version of a document."""
        return f"{self.name}@{VERSION}:{self.tokens}:{self.table_tokens}"


Where: TypeAlias = "tuple[int | None, Box | None]"
"""Page and box."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a block on its way into a chunk; `where` it stands, if not where the block does.

    What is `derived` does not stand in the document.
    """

    text: str
    block: int
    row: int | None = None
    where: Where | None = None
    derived: bool = False


def whole(block: Block, number: int) -> list[Piece]:
    """A block as one piece, or as two where its words are the document's only in part."""
    first = len(block.text) if block.derived_from is None else block.derived_from
    parts = [(block.text[:first].strip(), False), (block.text[first:].strip(), True)]
    return [Piece(text, number, derived=derived) for text, derived in parts if text] or [Piece("", number)]


def cut(
    blocks: Sequence[Block], document_id: str, version: str, how: Chunking, before: Seams = NONE
) -> list[Chunk]:
    """The chunks of a document in reading order, cut along its structure."""
    return numbered(drafts(blocks, how, before), document_id, version)


def numbered(parts: Iterable[Chunk], document_id: str, version: str) -> list[Chunk]:
    """The chunks with their places and ids, which follow from the version, the place and the text."""
    chunks = []
    for ordinal, draft in enumerate(parts):
        identity = content_hash("chunk", version, str(ordinal), draft.text)
        chunks.append(replace(draft, id=identity, document_id=document_id, ordinal=ordinal))
    return chunks


def drafts(blocks: Sequence[Block], how: Chunking, before: Seams = NONE) -> Iterator[Chunk]:
    """The chunks without place and id; what stands between the same seams as `before` is cut there again."""
    pending: list[int] = []  # headings and text of one section, not yet cut
    before_it = ""  # the text that leads to what is not text
    for number, block in enumerate(blocks):
        if not block.text.strip() or block.type in FURNITURE:
            continue
        if modality_of(block) == "text":
            if block.type == "heading" and not _only_headings(blocks, pending):
                yield from _text_chunks(blocks, pending, how, before)
                pending = []
            pending.append(number)
            before_it = block.text if block.type != "heading" else ""
            continue
        if not _only_headings(blocks, pending):
            yield from _text_chunks(blocks, pending, how, before)
            pending = []
        yield from _special_chunks(blocks, pending, number, _last_sentence(before_it), how)
        pending = []
    yield from _text_chunks(blocks, pending, how, before)


def _only_headings(blocks: Sequence[Block], numbers: Sequence[int]) -> bool:
    return all(blocks[number].type == "heading" for number in numbers)


def _last_sentence(text: str) -> str:
    spans = sentence_spans(text)
    return text[spans[-1][0] : spans[-1][1]] if spans else ""


def _text_chunks(
    blocks: Sequence[Block], numbers: Sequence[int], how: Chunking, before: Seams
) -> Iterator[Chunk]:
    """Chunks of one section: whole blocks where they fit the budget, else their sentences."""
    pieces = list(_text_pieces(blocks, numbers, how.tokens))
    groups = _packed(blocks, pieces, how.tokens) if before == NONE else _mended(blocks, pieces, how, before)
    for group in groups:
        yield _text_chunk(blocks, group)


def _packed(blocks: Sequence[Block], pieces: Iterable[Piece], budget: int) -> Iterator[list[Piece]]:
    group: list[Piece] = []
    size = 0
    for piece in pieces:
        tokens = count_tokens(piece.text)
        # A heading never stands alone at the end of a chunk: it goes with what follows it.
        if group and size + tokens > budget and blocks[group[-1].block].type != "heading":
            yield group
            group, size = [], 0
        group.append(piece)
        size += tokens
    if group:
        yield group


def _mended(
    blocks: Sequence[Block], pieces: Sequence[Piece], how: Chunking, before: Seams
) -> list[list[Piece]]:
    """What was a chunk is one again; what is new between is packed, and neighbours that fit are joined.

    Packed neighbours never fit together, so that only those at a change are joined, and chunks do not become
    smaller with each change.
    """
    texts = [piece.text for piece in pieces]
    groups: list[list[Piece]] = []
    new: list[Piece] = []
    place = 0
    while place < len(pieces):
        after_heading = bool(new) and blocks[new[-1].block].type == "heading"
        length = 0 if after_heading else before.kept(texts, place)
        if length:
            groups += [*_packed(blocks, new, how.tokens), list(pieces[place : place + length])]
            new = []
        else:
            new.append(pieces[place])
        place += length or 1
    return _joined_up([*groups, *_packed(blocks, new, how.tokens)], how.tokens)


def _joined_up(groups: Iterable[list[Piece]], budget: int) -> list[list[Piece]]:
    made: list[list[Piece]] = []
    for group in groups:
        if made and sum(count_tokens(piece.text) for piece in (*made[-1], *group)) <= budget:
            made[-1] = made[-1] + group
        else:
            made.append(group)
    return made


def _text_chunk(blocks: Sequence[Block], group: Sequence[Piece]) -> Chunk:
    """A chunk of text, with what processors say of its blocks."""
    chunk = joined(blocks, group, "text")
    aids = dict.fromkeys(blocks[piece.block].aid for piece in group if blocks[piece.block].aid)
    return replace(chunk, aid="\n".join(aids)) if aids else chunk


def _text_pieces(blocks: Sequence[Block], numbers: Iterable[int], budget: int) -> Iterator[Piece]:
    for number in numbers:
        text = blocks[number].text.strip()
        if count_tokens(text) <= budget:
            yield Piece(text, number)
        else:
            for start, end in _split_block(blocks[number], text, budget):
                yield Piece(text[start:end], number)


def _split_block(block: Block, text: str, budget: int) -> list[tuple[int, int]]:
    """Lists and code split at their lines, prose at its sentences."""
    if block.type not in ("list", "code"):
        return split_text(text, budget)
    pieces: list[tuple[int, int]] = []
    start = 0
    for line in text.splitlines(keepends=True):
        end = start + len(line)
        stop = start + len(line.rstrip())
        if pieces and count_tokens(text[pieces[-1][0] : stop]) <= budget:
            pieces[-1] = (pieces[-1][0], stop)
        elif line.strip():
            inner = (
                split_text(text[start:stop], budget)
                if count_tokens(line) > budget
                else [(0, len(line.rstrip()))]
            )
            pieces.extend((start + left, start + right) for left, right in inner)
        start = end
    return pieces


def _special_chunks(
    blocks: Sequence[Block], headings: Sequence[int], number: int, lead: str, how: Chunking
) -> Iterator[Chunk]:
    """A table, picture or equation, under the headings that had nothing else below them."""
    block = blocks[number]
    above = [Piece(blocks[heading].text.strip(), heading) for heading in headings]
    modality = modality_of(block)
    asset = block.data or (block.picture.asset if block.picture else None)
    if modality != "table":
        pieces = [*above, *whole(block, number)]
        yield replace(joined(blocks, pieces, modality), lead=lead, asset=asset, aid=block.aid)
        return
    places = _row_places(block)
    for place, part in enumerate(parts_of(block, how.table_tokens)):
        pieces = _table_pieces(block, number, part, places)
        aid = "" if place else block.aid
        made = joined(blocks, pieces if place else [*above, *pieces], modality)
        yield replace(made, lead=lead, asset=asset, aid=aid, words_only=part.words_only)


def _table_pieces(block: Block, number: int, part: Part, places: Mapping[int, Where]) -> list[Piece]:
    """The rows of a part below their head, with the page and box of each."""
    derived = block.derived_from is not None
    lines = [Piece(line.text, number, line.row, places.get(line.row), derived) for line in part.lines]
    return [Piece(part.head, number, derived=derived), *lines] if part.head else lines


def _row_places(block: Block) -> dict[int, Where]:
    """Page and box of each row of a table that goes on over pages, or whose cells have boxes."""
    cells: dict[int, list[Cell]] = {}
    for cell in block.table.cells if block.table else ():
        if cell.page is not None or cell.box is not None:
            cells.setdefault(cell.row, []).append(cell)
    return {row: _row_place(block, own) for row, own in cells.items()}


def _row_place(block: Block, cells: Sequence[Cell]) -> Where:
    box = union_of(cell.box for cell in cells if cell.box is not None)
    page = next((cell.page for cell in cells if cell.page is not None), None)
    return (block.page, box or block.box) if page is None else (page, box)


def joined(blocks: Sequence[Block], pieces: Sequence[Piece], modality: Modality) -> Chunk:
    """One chunk of the pieces, without place and id; its spans say where each of them stands."""
    text, spans = "", []
    for place, piece in enumerate(pieces):
        if place:
            text += _between(blocks, pieces[place - 1], piece)
        block = blocks[piece.block]
        page, box = piece.where or (block.page, block.box)
        end = len(text) + len(piece.text)
        spans.append(Span(len(text), end, piece.block, block.type, page, box, piece.row, piece.derived))
        text += piece.text
    return Chunk("", "", 0, text, modality, _path(blocks, pieces), tuple(spans), count_tokens(text))


def _between(blocks: Sequence[Block], before: Piece, after: Piece) -> str:
    if before.block != after.block:
        return SEPARATOR
    return "\n" if after.derived or blocks[after.block].type in ("table", "list", "code") else " "


def _path(blocks: Sequence[Block], pieces: Sequence[Piece]) -> tuple[str, ...]:
    """The headings above, and those that the chunk begins with."""
    path = blocks[pieces[0].block].heading_path
    for piece in pieces:
        block = blocks[piece.block]
        if block.type != "heading":
            break
        path = (*block.heading_path, piece.text)
    return path
