# ruff: noqa: S608 - nothing but integers and hexadecimal digits gets into the statements
"""Bounded reads of where entities are named, from all runs of a collection's index at once."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from glede.stores.graph_rows import Seen, listed, selected
from glede.stores.schema_graph import (
    MOST_CODES,
    STATES,
    codes_of,
    document_of,
    spots_of,
    unpacked_codes,
)
from glede.stores.sql import Row, rows_of

MOST_LISTED = 32
"""Documents of a filter whose own rows are looked at; where there are more, the index is."""
_WIDER = 16


class Said(NamedTuple):
    """Where one document names an entity; it is `aside` where no chunk is about it.

    A tuple, since a hub makes thousands of them while somebody waits: three times as fast to make as a value.
    """

    entity: int
    aside: bool
    number: int
    codes: Sequence[int]


class Spots:
    """Where the documents of a collection name entities, as its runs tell, of those that are seen."""

    def __init__(self, connection: Connection, runs: Sequence[int], seen: Seen) -> None:
        self._connection = connection
        self._runs = runs
        self._seen = seen
        self._shown = set(seen.numbers or ())
        self._asked: set[int] = set()

    def first(self, entities: Sequence[int], limit: int, *, stated: bool = False) -> dict[int, list[int]]:
        """For each entity the codes of its first documents, in their order: those about it, then by age.

        With `stated`, only of documents that state something of it.
        """
        numbers = self._seen.numbers
        if numbers is not None and len(numbers) <= MOST_LISTED:
            found = self._of_documents(entities, numbers)
            return {one: _first(sorted(codes), limit, stated=stated)[0] for one, codes in found.items()}
        return self._of_index(entities, limit, stated=stated)

    def _of_documents(self, entities: Sequence[int], numbers: Sequence[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        statement = (
            f"SELECT entity, number, spots FROM graph_told WHERE number IN ({listed(numbers)})"
            " AND entity IN ({})"
        )
        for entity, number, data in selected(self._connection, statement, entities) if numbers else ():
            found[entity] += codes_of(number, spots_of(data))
        return found

    def _of_index(self, entities: Sequence[int], limit: int, *, stated: bool) -> dict[int, list[int]]:
        """Reads the first parts of all entities, and further ones of those that these are not enough for."""
        found: dict[int, list[int]] = {}
        read: dict[int, list[int]] = defaultdict(list)
        start, end = 0, 2 + limit // MOST_CODES  # one more than is wanted tells of most that there is no more
        waiting = list(entities)
        while waiting and self._runs:
            more, open_at = self._read(waiting, start, end)
            for entity, codes in self._seen_of(more).items():
                read[entity] += codes
            for entity in waiting:
                codes = read[entity]
                codes.sort()
                whole = codes if entity not in open_at else _before(codes, open_at[entity])
                first, documents = _first(whole, limit, stated=stated)
                if entity not in open_at or documents >= limit:
                    found[entity] = first
            waiting = [entity for entity in waiting if entity not in found]
            start, end = end, _WIDER * end
        return {entity: codes for entity, codes in found.items() if codes}

    def _read(
        self, entities: Sequence[int], start: int, end: int
    ) -> tuple[dict[int, list[int]], dict[int, int]]:
        """Parts of entities, and the code from which on there may be more, where there may be."""
        found: dict[int, list[int]] = defaultdict(list)
        open_at: dict[int, int] = {}
        statement = (
            f"SELECT entity, part, codes FROM graph_spots WHERE run IN ({listed(self._runs)})"
            f" AND entity IN ({{}}) AND part >= {start} AND part < {end}"
        )
        for entity, part, data in selected(self._connection, statement, entities):
            codes = unpacked_codes(data)
            found[entity] += codes
            if part == end - 1:
                open_at[entity] = min(codes[-1], open_at.get(entity, codes[-1]))
        return found, open_at

    def _seen_of(self, found: dict[int, list[int]]) -> dict[int, list[int]]:
        """Of codes those that the filter lets through."""
        if self._seen.numbers is None:
            if not self._seen.labels:
                return found
            self._look_up({document_of(code) for codes in found.values() for code in codes})
        shown = self._shown
        return {
            entity: [code for code in codes if document_of(code) in shown] for entity, codes in found.items()
        }

    def _look_up(self, numbers: set[int]) -> None:
        """Which of these documents have the labels of the filter."""
        statement = "SELECT g.number FROM graph_documents g WHERE g.number IN ({})"
        statement += self._seen.condition("g.number")
        asked = sorted(numbers - self._asked)
        self._asked.update(asked)
        self._shown.update(row[0] for row in selected(self._connection, statement, asked))


def _before(codes: list[int], end: int) -> list[int]:
    """Of sorted codes those of documents that lie before that of the end: of these all are there."""
    return codes[: bisect_left(codes, end >> 32 << 32)]


def _first(codes: list[int], limit: int, *, stated: bool) -> tuple[list[int], int]:
    """The codes of the first documents, of sorted ones, and how many documents these are."""
    found: list[int] = []
    start = documents = 0
    while start < len(codes) and documents < limit:
        end = bisect_left(codes, (codes[start] >> 32) + 1 << 32, start)
        if not stated or any(code & STATES for code in codes[start:end]):
            documents += 1
            if stated:
                found += codes[start:end]
        start = end
    return (found if stated else codes[:start]), documents


def documents_in(entity: int, codes: list[int]) -> Iterator[Said]:
    """The documents of sorted codes of an entity."""
    for one in _by_document(codes):
        yield Said(entity, bool(one[0] >> 63), document_of(one[0]), one)


def _by_document(codes: list[int]) -> Iterator[list[int]]:
    first, current = 0, -1
    for place, code in enumerate(codes):
        if code >> 32 != current:
            if place:
                yield codes[first:place]
            first, current = place, code >> 32
    if codes:
        yield codes[first:]


def told_of(connection: Connection, said: Iterable[Said]) -> dict[tuple[int, int], Row]:
    """What documents call entities: `(number, entity, name, type, description, count)` by the first two."""
    pairs = [f"({int(one.number)},{int(one.entity)})" for one in said]
    found: dict[tuple[int, int], Row] = {}
    for start in range(0, len(pairs), 500):
        rows = rows_of(
            connection,
            f"WITH wanted(number, entity) AS (VALUES {','.join(pairs[start : start + 500])})"
            " SELECT t.number, t.entity, t.name, t.type, t.description, t.count"
            " FROM wanted w CROSS JOIN graph_told t"  # SQLite keeps to this order
            " WHERE t.number = w.number AND t.entity = w.entity",
        )
        found.update(((row[0], row[1]), row) for row in rows)
    return found
