"""Answers that tables compute: the tables among the hits, each asked by one SELECT over its rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from glede.answering.fitting import fits
from glede.answering.given import Given
from glede.answering.quoted_rows import cited_rows
from glede.endpoints import ChatModel
from glede.errors import GledeError, ModelError, SqlError
from glede.ports import Blobs, Readable
from glede.results import Citation, Computed, Hit
from glede.tables.values import Computation, Rows
from glede.text.defining import asked_term
from glede.types import Chunk

if TYPE_CHECKING:  # most questions meet no table, and need none of this
    from glede.tables.statements import Plan, Run, SqlResult

TABLES = 5
"""How many of the tables among the hits are asked."""
EACH_PLACE = 0.03
"""What a table's place among the hits takes from how sure its answer is."""
FAR_ABOVE = 0.2
"""The score by which a table stands above all of other documents; counted on questions of two public sets."""
MEANT = 0.2
"""How sure a reading is with which a model is asked for a statement. Of questions to tables one in twenty is
read less surely (two public sets), and nearly all that share no more than a word with one."""
AFFIXED = frozenset({"%"})
SMALL = 64_000
"""Bytes of a stored table that is kept as it was read, which takes ten times as many."""
TABLES_AT_HAND = 32


@dataclass(frozen=True, slots=True)
class Asked:
    """A table that is asked, with the ways of reading the question, the surest first.

    `place` is its own among the hits; the `chunks` are of one that came with the question.
    """

    hit: Hit
    rows: Rows
    plans: tuple[Plan, ...]
    place: int = 0
    chunks: tuple[Chunk, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What was computed, from which table."""

    computation: Computation
    asked: Asked
    given: SqlResult

    @property
    def hit(self) -> Hit:
        """Where the table was found."""
        return self.asked.hit

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
        names = {column.key: column.name or column.key for column in self.asked.rows.columns}
        return Computed(
            self.computation.sql,
            _printed(self.given.rows),
            self.hit.chunk.document_id,
            self.hit.source,
            self.said,
            tuple(names.get(column, column) for column in self.given.columns),
        )


@dataclass(frozen=True, slots=True)
class Computing:
    """What computing needs, put together by `glede.build`; `asset_key` names the blob of an asset.

    With a `chat` model a question that no sure form fits is turned into a statement by it.
    """

    catalogue: Readable
    blobs: Blobs
    run: Run
    asset_key: Callable[[str], str]
    chat: ChatModel | None = None

    async def compute(self, question: str, hits: Sequence[Hit], given: Given | None = None) -> Result | None:
        """The surest answer that a table gives; `None` where none is sure.

        Tables that were given with the question come before those among the hits.
        """
        tables = [] if _told_in_words(question, hits) else _tables(hits)
        if given is None and not tables:
            return None
        found, own, others = await asyncio.to_thread(self._surest, question, hits, given, tables)
        if found is not None or self.chat is None:
            return found
        return await self._written(self.chat, question, own, others)

    def _surest(
        self, question: str, hits: Sequence[Hit], given: Given | None, tables: Sequence[tuple[int, Hit]]
    ) -> tuple[Result | None, Sequence[Asked], Sequence[Asked]]:
        """The surest answer, the tables that were given, and those among the hits where they were needed."""
        own = _given(question, given)
        found = self._surest_given(question, own)
        if found is not None:
            return found, own, ()
        read = [self._asked(question, place, hit) for place, hit in tables]
        others = [asked for asked in read if asked is not None]
        return self._sure(question, hits, others), own, others

    def _surest_given(self, question: str, tables: Sequence[Asked]) -> Result | None:
        """The surest answer of the given tables, if no other of them says otherwise."""
        found = [result for one in tables if (result := self._computed(question, one)) is not None]
        best = max(found, key=lambda result: result.computation.confidence, default=None)
        alike = best is not None and all(one.computation.value == best.computation.value for one in found)
        return best if alike else None

    def _sure(self, question: str, hits: Sequence[Hit], tables: Sequence[Asked]) -> Result | None:
        """The surest answer, if the table that gives it is the one that is meant.

        Other tables may answer as surely. So the document must be the best of the hits and no other table may
        say otherwise, or the table must stand far above those of other documents.
        """
        found = [
            (result.computation.confidence - EACH_PLACE * asked.place, result)
            for asked in tables
            if (result := self._computed(question, asked)) is not None
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

    def _computed(self, question: str, asked: Asked) -> Result | None:
        """What one table gives for sure."""
        from glede.tables.answers import carried_out

        try:
            computation = carried_out(asked.plans, asked.rows, self.run)
            if computation is None or not fits(question, computation.value):
                return None
            return Result(computation, asked, self.run.selected(computation.sql, asked.rows))
        except SqlError:  # this table cannot tell: another may
            return None

    async def _written(
        self, chat: ChatModel, question: str, own: Sequence[Asked], others: Sequence[Asked]
    ) -> Result | None:
        """The model's statement over the first table that the question can be about, a given one first."""
        chosen = _first_meant(own) or next(iter(own), None)
        if chosen is not None and (found := await self._stated(chat, question, chosen)) is not None:
            return found
        meant = _first_meant(others)
        return None if meant is None else await self._stated(chat, question, meant)

    async def _stated(self, chat: ChatModel, question: str, asked: Asked) -> Result | None:
        """What the model's statement over one table gives; without it the answer is written all the same."""
        from glede.tables.written import asked as written

        try:
            computation = await written(chat, question, asked.rows, self.run)
        except ModelError:
            return None
        if computation is None or not fits(question, computation.value):
            return None
        given = await asyncio.to_thread(self.run.selected, computation.sql, asked.rows)
        return Result(computation, asked, given)

    def _asked(self, question: str, place: int, hit: Hit) -> Asked | None:
        """A table among the hits; `None` where its rows are not kept, or damaged."""
        if hit.chunk.asset is None:
            return None
        try:
            rows = _rows(self.blobs.get(self.asset_key(hit.chunk.asset)))
        except GledeError:
            return None
        return Asked(hit, rows, _plans(question, rows, hit), place)

    def citations(self, collection: str, result: Result) -> list[Citation]:
        """The rows that the result rests on, as they stand in the table's chunks."""
        asked, hit = result.asked, result.hit
        return cited_rows(
            hit, asked.chunks or self._chunks(collection, hit.chunk), asked.rows, result.computation
        )

    def _chunks(self, collection: str, chunk: Chunk) -> list[Chunk]:
        """All chunks of a table, the one that was found first."""
        own = self.catalogue.document_chunks(collection, chunk.document_id)
        return [chunk, *(one for one in own if one.asset == chunk.asset and one.id != chunk.id)]


def _rows(data: bytes) -> Rows:
    """The rows of a stored table; those of small ones are kept."""
    from glede.tables.parquet import unpacked

    return _small(data) if len(data) <= SMALL else unpacked(data)


@lru_cache(maxsize=TABLES_AT_HAND)
def _small(data: bytes) -> Rows:
    from glede.tables.parquet import unpacked

    return unpacked(data)


def _given(question: str, given: Given | None) -> list[Asked]:
    """The tables that came with the question, of those that can be computed with."""
    if given is None:
        return []
    kept = [(given.hit(table.chunks[0]), table) for table in given.tables]
    return [
        Asked(hit, table.rows, _plans(question, table.rows, hit), chunks=table.chunks)
        for hit, table in kept
        if table.rows is not None
    ]


def _tables(hits: Sequence[Hit]) -> list[tuple[int, Hit]]:
    """The different tables among the hits, with their places."""
    seen: dict[str, tuple[int, Hit]] = {}
    for place, hit in enumerate(hits):
        if hit.chunk.modality == "table" and hit.chunk.asset is not None:
            seen.setdefault(hit.chunk.asset, (place, hit))
    return list(seen.values())[:TABLES]


def _told_in_words(question: str, hits: Sequence[Hit]) -> bool:
    """Whether the best hit says what the term is that is asked for, which no cell of a table does better."""
    term = asked_term(question)
    if term is None or not hits or hits[0].chunk.modality != "text":
        return False
    return term.said_in(hits[0].chunk.text) > 0


def _plans(question: str, rows: Rows, hit: Hit) -> tuple[Plan, ...]:
    from glede.tables.answers import planned

    return planned(question, rows, _context(hit))


def _first_meant(tables: Sequence[Asked]) -> Asked | None:
    """The first table that the question can well be about."""
    from glede.tables.answers import confidence

    return next((one for one in tables if one.plans and confidence(one.plans[0]) >= MEANT), None)


def _context(hit: Hit) -> str:
    name = PurePath(hit.source).stem.replace("_", " ").replace("-", " ")
    return "\n".join((name, *hit.chunk.heading_path, hit.chunk.lead))


def _printed(given: Sequence[tuple[object, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(_cell, row)) for row in given)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.15g}"  # 612, not 612.0
    return "" if value is None else str(value)
