"""Rows of tables as citations: the lines that a computed answer rests on, by row and column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from glede.answering.citing import cite, row_of
from glede.results import Citation, Hit
from glede.tables.markdown import cells_of, header_of
from glede.tables.values import Computation, Rows
from glede.types import Chunk

QUOTED_ROWS = 3
"""Rows that are cited, if the answer rests on more."""
MOST_CITED = 6
"""Citations in all: the columns of a wide table may stand in several chunks."""


def cited_rows(hit: Hit, chunks: Sequence[Chunk], rows: Rows, computation: Computation) -> list[Citation]:
    """The rows that the result rests on, as they stand in the chunks of their table; those of its hit first.

    Of a wide table the chunks are quoted that hold the columns that were used.
    """
    used = [place for place, column in enumerate(rows.columns) if column.key in computation.columns]
    column = _column(rows, used)
    first = first_row(chunks)
    cited: list[Citation] = []
    for place in computation.rows[:QUOTED_ROWS]:
        for chunk in _holding(chunks, place, _cells(rows, place, used)):
            if len(cited) < MOST_CITED:
                line = line_of(chunk, place) or ""
                one = cite(len(cited) + 1, hit, line, chunk)
                cited.append(replace(one, row=row_of(chunk, line, first), column=column))
    if cited:
        return cited
    whole = hit.chunk.text.strip().splitlines()[0]
    return [replace(cite(1, hit, whole), column=column)]


def _column(rows: Rows, used: Sequence[int]) -> str | None:
    """The name of the one column that the answer rests on beside those that name the rows."""
    values = [place for place in used if place not in rows.labels] or list(used)
    return rows.columns[values[0]].name or None if len(values) == 1 else None


def _cells(rows: Rows, place: int, used: Sequence[int]) -> list[tuple[str, str]]:
    """Of a row the used columns, and how their cells are printed."""
    row = rows.places.index(place) if place in rows.places else None
    return [(rows.columns[column].name, "" if row is None else rows.texts[row][column]) for column in used]


def _holding(chunks: Sequence[Chunk], place: int, cells: Sequence[tuple[str, str]]) -> list[Chunk]:
    """The fewest chunks that hold the row with all of its cells that were used."""
    left = list(cells)
    chosen: list[Chunk] = []
    candidates = [chunk for chunk in chunks if line_of(chunk, place) is not None]
    while candidates and (left or not chosen):
        best = max(candidates, key=lambda chunk: len(_held(chunk, place, left)))
        held = _held(best, place, left)
        if chosen and not held:
            break
        chosen.append(best)
        candidates.remove(best)
        left = [cell for cell in left if cell not in held]
    return chosen


def _held(chunk: Chunk, place: int, cells: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Which of the cells stand in the chunk; of a column called otherwise there, its cell anywhere."""
    header, line = header_of(chunk.text), cells_of(line_of(chunk, place) or "")
    named = set(zip(header, line, strict=False))
    return [cell for cell in cells if cell in named or (cell[0] not in header and cell[1] in line)]


def line_of(chunk: Chunk, place: int) -> str | None:
    """The row of the table as it stands in the chunk; `place` counts header rows, from 0."""
    for span in chunk.spans:
        if span.row == place:
            return chunk.text[span.start : span.end].strip()
    return None


def first_row(chunks: Sequence[Chunk]) -> int | None:
    """The place of the first row below the header, of a table that is there from its beginning."""
    rows = [span.row for chunk in chunks for span in chunk.spans if span.row is not None]
    return min(rows, default=None)


def counted(citations: Sequence[Citation], chunks_of: Callable[[str], Sequence[Chunk]]) -> list[Citation]:
    """The citations with the row of those that stand so far down a table that their chunk cannot tell it.

    `chunks_of` gives all chunks of a document.
    """
    return [one if is_told(one) else _counted(one, chunks_of(one.document_id)) for one in citations]


def is_told(citation: Citation) -> bool:
    """Whether its row is known, or it has none."""
    return citation.modality != "table" or citation.row is not None or citation.is_given


def _counted(citation: Citation, chunks: Sequence[Chunk]) -> Citation:
    own = next((chunk for chunk in chunks if chunk.id == citation.chunk_id), None)
    if own is None or not own.spans:
        return citation
    block = own.spans[-1].block
    first = first_row([chunk for chunk in chunks if chunk.spans and chunk.spans[-1].block == block])
    return replace(citation, row=row_of(own, citation.quote, first))
