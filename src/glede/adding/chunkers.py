"""Chunkers by name: how a parsed document is cut into the chunks that are searched.

`structure`             along sections, within a budget of tokens (`glede.adding.chunking`): the default
`heading`               the splitter of Milvus's RAG tutorial: the source of a Markdown or text document cut
                        at every "# ", without a budget
`docling:hierarchical`  one chunk for each element of the document, as Docling's HierarchicalChunker has it

What a chunker does not apply to (`heading` to a PDF, `docling:hierarchical` to what another parser read)
is cut by structure.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from glede.adding.chunking import Chunking, drafts, joined, numbered, whole
from glede.adding.seams import NONE, Seams
from glede.errors import ConfigurationError
from glede.text.decoding import decode
from glede.text.sentences import count_tokens, split_text
from glede.types import Block, Chunk, Parsed, Span, modality_of

HEADING_SIGN = "# "
MOST_TOKENS = 8000
"""Where the source has no heading, a piece is still no longer than models take."""
_SOURCE_TYPES = frozenset({"text/markdown", "text/plain"})
MOST_LETTERS = 200
_BEGINNINGS = (32, 16, 8)
"""Letters and digits by which a block is found again in the source, the surest first."""
_UNMISTAKABLE = 24
_NEARBY = 2000
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:.*\n)*?---[ \t]*(?:\n|\Z)")
"""Names the headings as well, and is no block."""
_SIGNS_LEFT = re.compile(r"(?:\A|(?<=\n))#+\Z")
"""What is left of the sign of a deeper heading at the end of the part before it."""

Cut = Callable[[bytes, Parsed, Chunking, Seams], Iterable[Chunk]]


@dataclass(frozen=True, slots=True)
class Chunker:
    """A way of cutting; `parser` is the one that it needs, where that reads the document."""

    name: str
    cut: Cut
    parser: str | None = None


def chunker_named(name: str) -> Chunker:
    """The chunker of that name; raises `ConfigurationError` where there is none."""
    if name not in _CHUNKERS:
        raise ConfigurationError(
            f"there is no chunker named {name!r}", hint=f"Known: {', '.join(sorted(_CHUNKERS))}."
        )
    return _CHUNKERS[name]


def chunks_of(
    data: bytes, parsed: Parsed, document_id: str, version: str, how: Chunking, before: Seams = NONE
) -> list[Chunk]:
    """The chunks of a document in reading order, cut by the chunker that `how` names.

    `before` are the seams of the version that it replaces.
    """
    chunks = numbered(chunker_named(how.name).cut(data, parsed, how, before), document_id, version)
    labels = {page.number: page.label for page in parsed.pages if page.label}
    return [_on_labelled_pages(chunk, labels) for chunk in chunks] if labels else chunks


def _on_labelled_pages(chunk: Chunk, labels: Mapping[int, str]) -> Chunk:
    """The chunk whose spans know what their pages are called."""
    spans = (replace(one, label=labels.get(one.page, "") if one.page else "") for one in chunk.spans)
    return replace(chunk, spans=tuple(spans))


def _by_structure(_: bytes, parsed: Parsed, how: Chunking, before: Seams) -> Iterable[Chunk]:
    return drafts(parsed.blocks, how, before)


def _by_pieces(data: bytes, parsed: Parsed, how: Chunking, before: Seams) -> Iterable[Chunk]:
    if not parsed.pieces:
        return _by_structure(data, parsed, how, before)
    made = (_of_blocks(parsed.blocks, piece) for piece in parsed.pieces)
    return (chunk for chunk in made if chunk.text)


def _of_blocks(blocks: Sequence[Block], numbers: Sequence[int]) -> Chunk:
    """The blocks as one chunk; its modality is that of a block that stands alone."""
    pieces = [piece for number in numbers for piece in whole(blocks[number], number)]
    if len(numbers) > 1:
        return joined(blocks, pieces, "text")
    block = blocks[numbers[0]]
    asset = block.data or (block.picture.asset if block.picture else None)
    return replace(joined(blocks, pieces, modality_of(block)), asset=asset, aid=block.aid)


def _by_heading(data: bytes, parsed: Parsed, how: Chunking, before: Seams) -> Iterable[Chunk]:
    if parsed.media_type not in _SOURCE_TYPES:
        return _by_structure(data, parsed, how, before)
    source, _ = decode(data)
    return _source_chunks(source, parsed.blocks)


def _source_chunks(source: str, blocks: Sequence[Block]) -> Iterator[Chunk]:
    starts = block_places(source, blocks)
    place = 0
    for part in source.split(HEADING_SIGN):
        for start, end in _within_limit(part):
            if text := _SIGNS_LEFT.sub("", part[start:end]).strip():
                yield _of_source(text, place + start + part[start:end].index(text), blocks, starts)
        place += len(part) + len(HEADING_SIGN)


def _within_limit(part: str) -> list[tuple[int, int]]:
    return split_text(part, MOST_TOKENS) if count_tokens(part) > MOST_TOKENS else [(0, len(part))]


def _of_source(text: str, begin: int, blocks: Sequence[Block], starts: Sequence[int]) -> Chunk:
    """What begins at `begin` in the source; each block in it reaches to where the next begins."""
    spans = []
    end = begin + len(text)
    for number in range(max(bisect_right(starts, begin) - 1, 0), bisect_left(starts, end)):
        following = starts[number + 1] if number + 1 < len(blocks) else end
        left, right = max(starts[number], begin), min(following, end)
        if left < right:
            block = blocks[number]
            spans.append(Span(left - begin, right - begin, number, block.type, block.page, block.box))
    return Chunk("", "", 0, text, "text", _path(blocks, spans), tuple(spans), count_tokens(text))


def _path(blocks: Sequence[Block], spans: Sequence[Span]) -> tuple[str, ...]:
    if not spans:
        return ()
    first = blocks[spans[0].block]
    return (*first.heading_path, first.text) if first.type == "heading" else first.heading_path


def block_places(source: str, blocks: Sequence[Block]) -> list[int]:
    """Where in the source each block begins, as its first letters and digits tell; never falling.

    A block that is not found stands where the one before it does.
    """
    places = [place for place, character in enumerate(source) if character.isalnum()]
    letters = "".join(source[place] for place in places)
    starts: list[int] = []
    front = _FRONT_MATTER.match(source)
    reached = bisect_left(places, front.end()) if front else 0
    for block in blocks:
        found = _find(letters, block.text, reached)
        if found is not None:
            reached = found
        starts.append(places[reached] if reached < len(places) else len(source))
        reached += found is not None
    return starts


def _find(letters: str, text: str, reached: int) -> int | None:
    """Few letters may stand anywhere, so that they are looked for nearby only."""
    own = "".join(character for character in text[:MOST_LETTERS] if character.isalnum())
    for length in _BEGINNINGS:
        beginning = own[:length]
        last = len(letters) if len(beginning) >= _UNMISTAKABLE else reached + _NEARBY
        found = letters.find(beginning, reached, last) if beginning else -1
        if found >= 0:
            return found
    return None


_CHUNKERS = {
    chunker.name: chunker
    for chunker in (
        Chunker("structure", _by_structure),
        Chunker("heading", _by_heading),
        Chunker("docling:hierarchical", _by_pieces, parser="docling"),
    )
}
