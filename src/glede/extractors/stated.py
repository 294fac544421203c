"""What users state themselves, taken word for word; all other documents are left to another extractor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from glede.graph.stating import ENTITY_HEADER, RELATION_HEADER
from glede.knowledge import Alias, Continuing, DocumentGraph, Extractor, Fact, Mention
from glede.types import Chunk, Parsed

PARSER = "knowledge"
SAME = frozenset({"same as", "alias of", "also known as"})
"""Labels that say that two names mean one entity."""


@dataclass(frozen=True, slots=True)
class StatedExtractor:
    """Reads documents of the parser `knowledge` exactly; `base` reads all others, or nothing does."""

    base: Extractor | None

    @property
    def fingerprint(self) -> str:
        """That of the other extractor: what is stated follows from the parser's version alone."""
        return self.base.fingerprint if self.base is not None else "none"

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        """All that the document says."""
        if parsed.parser != PARSER:
            if self.base is not None:
                return await self.base.extract(parsed, chunks)
            return DocumentGraph(_document(chunks), self.fingerprint)
        return self._stated(parsed, chunks)

    async def go_on(self, parsed: Parsed, chunks: Sequence[Chunk], known: DocumentGraph) -> DocumentGraph:
        """All that the document says, where only the `unread` chunks of what is known are read."""
        if parsed.parser != PARSER and isinstance(self.base, Continuing):
            return await self.base.go_on(parsed, chunks, known)
        return await self.extract(parsed, chunks)

    def _stated(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        rows = list(_rows(parsed, chunks))
        return DocumentGraph(
            _document(chunks),
            self.fingerprint,
            mentions=tuple(
                Mention(name, kind, chunk, subject=True, description=said)
                for header, (name, kind, said, *_), chunk in rows
                if header == ENTITY_HEADER
            ),
            facts=tuple(_facts(rows)),
            aliases=tuple(
                Alias(cells[0], cells[2], chunk)
                for header, cells, chunk in rows
                if header == RELATION_HEADER and cells[1].casefold() in SAME
            ),
        )


def with_stated(base: Extractor | None) -> Extractor:
    """The extractor, with what users state taken word for word before it."""
    return StatedExtractor(base)


def _document(chunks: Sequence[Chunk]) -> str:
    return chunks[0].document_id if chunks else ""


_Row = tuple[tuple[str, ...], list[str], int]


def _rows(parsed: Parsed, chunks: Sequence[Chunk]) -> Iterator[_Row]:
    """Each row of the tables below its header, with the place of the chunk that holds it."""
    places: dict[tuple[int, int | None], int] = {}
    for place, chunk in enumerate(chunks):
        for span in chunk.spans:
            places.setdefault((span.block, span.row), place)
    for number, block in enumerate(parsed.blocks):
        grid = block.table.grid() if block.table is not None else []
        header = tuple(grid[0]) if grid else ()
        if header in (ENTITY_HEADER, RELATION_HEADER):
            whole = places.get((number, None), 0)
            for row, cells in enumerate(grid[1:], 1):
                yield header, cells, places.get((number, row), whole)


def _facts(rows: Sequence[_Row]) -> Iterator[Fact]:
    for header, cells, chunk in rows:
        if header == RELATION_HEADER and cells[1].casefold() not in SAME:
            source, label, target, said = cells
            yield Fact(source, label, target, chunk, said)
