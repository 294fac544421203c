"""Answers that tables compute: the tables among the hits, each asked by one SELECT over its rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from glede.answering.citing import cite
from glede.answering.fitting import fits
from glede.endpoints import ChatModel
from glede.errors import GledeError, ModelError, SqlError
from glede.ports import Blobs, Catalogue
from glede.results import Citation, Computed, Hit
from glede.tables.values import Computation, Rows
from glede.types import Chunk

if TYPE_CHECKING:  # most questions meet no table, and need none of this
    from glede.tables.statements import Run

TABLES = 5
"""How many of the tables among the hits are asked."""
EACH_PLACE = 0.03
"""What a table's place among the hits takes from how sure its answer is."""
FAR_ABOVE = 0.2
"""The score by which a table stands above all of other documents; counted on questions of two public sets."""
QUOTED_ROWS = 3
"""Rows that are cited, if the answer rests on more."""
AFFIXED = frozenset({"%"})


@dataclass(frozen=True, slots=True)
class Result:
    """What was computed, from which hit."""

    computation: Computation
    hit: Hit
    rows: tuple[tuple[str, ...], ...]

    @property
    def said(self) -> str:
        """The value with its unit."""
        value, unit = ", ".join(self.computation.value), self.computation.unit
        if not unit or unit in value or not value.rstrip(")")[-1:].isdigit():
            return value
        return f"{value}{unit}" if unit in AFFIXED else f"{value} {unit}"

    @property
    def shown(self) -> Computed:
        """The statement and what it gave, as the answer tells them."""
        chunk = self.hit.chunk
        return Computed(self.computation.sql, self.rows, chunk.document_id, self.hit.source, self.said)


@dataclass(frozen=True, slots=True)
class Computing:
    """What computing needs, put together by `glede.build`; `asset_key` names the blob of an asset.

    With a `chat` model a question that no sure form fits is turned into a statement by it.
    """

    catalogue: Catalogue
    blobs: Blobs
    run: Run
    asset_key: Callable[[str], str]
    chat: ChatModel | None = None

    async def compute(self, question: str, hits: Sequence[Hit]) -> Result | None:
        """The surest answer that a table among the hits gives; `None` where none is sure."""
        tables = _tables(hits)
        if not tables:
            return None
        found = await asyncio.to_thread(self._sure, question, hits, tables)
        if found is not None or self.chat is None:
            return found
        return await self._written(self.chat, question, tables)

    def _sure(self, question: str, hits: Sequence[Hit], tables: Sequence[tuple[int, Hit]]) -> Result | None:
        """The surest answer, if the table that gives it is the one that is meant.

        Other tables may answer as surely. So the document must be the best of the hits and no other table may
        say otherwise, or the table must stand far above those of other documents.
        """
        found = [
            (result.computation.confidence - EACH_PLACE * place, result)
            for place, hit in tables
            if (result := self._computed(question, hit)) is not None
        ]
        if not found:
            return None
        _, best = max(found, key=lambda one: one[0])
        chosen = best.hit.chunk.document_id
        rivals = [hit.score for hit in hits if hit.chunk.document_id != chosen]
        if best.hit.score - max(rivals, default=0.0) >= FAR_ABOVE:
            return best
        alike = all(result.computation.value == best.computation.value for _, result in found)
        return best if alike and hits[0].chunk.document_id == chosen else None

    def _computed(self, question: str, hit: Hit) -> Result | None:
        """What one table gives for sure."""
        from glede.tables.answers import computed

        rows = self._rows(hit)
        try:
            computation = computed(question, rows, self.run, _context(hit)) if rows else None
            if computation is None or rows is None or not fits(question, computation.value):
                return None
            return Result(computation, hit, _printed(self.run(computation.sql, rows)))
        except SqlError:  # this table cannot tell: another may
            return None

    async def _written(
        self, chat: ChatModel, question: str, tables: Sequence[tuple[int, Hit]]
    ) -> Result | None:
        """The model's statement over the first table that the question can be about."""
        from glede.tables.answers import planned
        from glede.tables.written import asked

        for _, hit in tables:
            rows = await asyncio.to_thread(self._rows, hit)
            if rows is None or not await asyncio.to_thread(planned, question, rows, _context(hit)):
                continue
            try:
                computation = await asked(chat, question, rows, self.run)
            except ModelError:
                return None  # the answer is then written without it
            if computation is None or not fits(question, computation.value):
                return None
            given = await asyncio.to_thread(self.run, computation.sql, rows)
            return Result(computation, hit, _printed(given))
        return None

    def _rows(self, hit: Hit) -> Rows | None:
        """The rows of a table; `None` where they are not kept, or damaged."""
        from glede.tables.parquet import unpacked

        if hit.chunk.asset is None:
            return None
        try:
            return unpacked(self.blobs.get(self.asset_key(hit.chunk.asset)))
        except GledeError:
            return None

    def citations(self, collection: str, result: Result) -> list[Citation]:
        """The rows that the result rests on, as they stand in the table's chunks."""
        wanted = result.computation.rows[:QUOTED_ROWS]
        chunks = [result.hit.chunk]
        if any(_line(chunks[0], place) is None for place in wanted):
            own = self.catalogue.document_chunks(collection, chunks[0].document_id)
            chunks += [chunk for chunk in own if chunk.asset == chunks[0].asset]
        cited: list[Citation] = []
        for place in wanted:
            for chunk in chunks:
                if line := _line(chunk, place):
                    cited.append(cite(len(cited) + 1, result.hit, line, chunk))
                    break
        if not cited:
            first = result.hit.chunk.text.strip().splitlines()[0]
            cited.append(cite(1, result.hit, first))
        return cited


def _tables(hits: Sequence[Hit]) -> list[tuple[int, Hit]]:
    """The different tables among the hits, with their places."""
    seen: dict[str, tuple[int, Hit]] = {}
    for place, hit in enumerate(hits):
        if hit.chunk.modality == "table" and hit.chunk.asset is not None:
            seen.setdefault(hit.chunk.asset, (place, hit))
    return list(seen.values())[:TABLES]


def _context(hit: Hit) -> str:
    name = PurePath(hit.source).stem.replace("_", " ").replace("-", " ")
    return "\n".join((name, *hit.chunk.heading_path, hit.chunk.lead))


def _line(chunk: Chunk, place: int) -> str | None:
    """The row of the table as it stands in the chunk."""
    for span in chunk.spans:
        if span.row == place:
            return chunk.text[span.start : span.end].strip()
    return None


def _printed(given: Sequence[tuple[object, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple("" if cell is None else str(cell) for cell in row) for row in given)
