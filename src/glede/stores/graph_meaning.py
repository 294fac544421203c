# ruff: noqa: S608 - nothing but integers gets into the statements
"""Which numbers mean an entity, and which entity a number means: edits first, then what documents explain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from glede.graph.reading import MOST_MEANINGS
from glede.stores.graph_rows import Seen, selected
from glede.stores.sql import rows_of

MOST_AT_HAND = 256
"""Merged numbers of a collection that are read at once; where there are more, each is looked up."""


class Meanings:
    """What numbers mean in one collection, as the documents have it that are seen."""

    def __init__(self, connection: Connection, scope: int, seen: Seen) -> None:
        self._connection = connection
        self._scope = scope
        self._where = f"scope = {scope}"
        self._seen = seen
        statement = f"SELECT entity, kept FROM graph_identities WHERE {self._where} LIMIT {MOST_AT_HAND + 1}"
        self._at_hand: dict[int, int] = dict(rows_of(connection, statement))

    def final(self, entities: Iterable[int], short: Iterable[int] | None = None) -> dict[int, int]:
        """The number under which each entity answers, where that is another than its own.

        Where it is known which of them may be acronyms, only those are looked up in what documents explain.
        """
        numbers = list(dict.fromkeys(entities))
        kept = self._kept(numbers)
        likely = numbers if short is None else short
        explained = self._explained([number for number in likely if number not in kept])
        meant = self._kept({other for others in explained.values() for other in others})
        for number, others in explained.items():
            ends = {meant.get(other, other) for other in others}
            if len(ends) == 1 and any(others.values()):
                kept[number] = ends.pop()
        return {number: end for number, end in kept.items() if end != number}

    def meanings(self, entities: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """All that each number may stand for, the likeliest first."""
        explained = self._explained(entities)
        every = {*entities, *(other for others in explained.values() for other in others)}
        parted = self._parted(every)
        final = self.final(every | {other for others in parted.values() for other in others})
        found: dict[int, tuple[int, ...]] = {}
        for entity in entities:
            first = final.get(entity, entity)
            numbers = [entity, *explained.get(entity, ())]
            others = {*numbers[1:], *(one for number in numbers for one in parted.get(number, ()))}
            ends = {final.get(one, one) for one in others} - {first}
            found[entity] = (first, *sorted(ends)[: MOST_MEANINGS - 1])
        return found

    def members(self, entities: Iterable[int]) -> dict[int, list[int]]:
        """The numbers that mean each of these entities, which are final, its own among them."""
        ends = list(dict.fromkeys(entities))
        means = {entity: entity for entity in ends}
        statement = f"SELECT entity, kept FROM graph_identities WHERE {self._where} AND kept IN ({{}})"
        means.update(selected(self._connection, statement, ends))
        statement = (
            f"SELECT DISTINCT a.entity FROM graph_aliases a WHERE a.{self._where} AND a.other IN ({{}})"
            f" AND a.binds = 1{self._seen.condition('a.number')}"
        )
        short = {row[0] for row in selected(self._connection, statement, list(means))}
        final = self.final(short)
        means.update((one, final[one]) for one in short if final.get(one) in means)
        found: dict[int, list[int]] = defaultdict(list)
        for number, end in means.items():
            found[end].append(number)
        return {entity: sorted(found[entity]) for entity in ends}

    def _kept(self, numbers: Iterable[int]) -> dict[int, int]:
        if len(self._at_hand) <= MOST_AT_HAND:
            return {number: self._at_hand[number] for number in numbers if number in self._at_hand}
        statement = f"SELECT entity, kept FROM graph_identities WHERE {self._where} AND entity IN ({{}})"
        return dict(selected(self._connection, statement, list(numbers)))

    def _explained(self, numbers: Sequence[int]) -> dict[int, dict[int, bool]]:
        """What the documents that are seen explain these numbers by, and whether that binds others."""
        statement = (
            f"SELECT a.entity, a.other, MAX(a.binds) FROM graph_aliases a WHERE a.{self._where}"
            f" AND a.entity IN ({{}}){self._seen.condition('a.number')} GROUP BY a.entity, a.other"
        )
        found: dict[int, dict[int, bool]] = defaultdict(dict)
        for entity, other, binds in selected(self._connection, statement, numbers):
            found[entity][other] = bool(binds)
        return found

    def _parted(self, numbers: Iterable[int]) -> dict[int, list[int]]:
        statement = (
            f"SELECT DISTINCT entity, other FROM graph_splits WHERE {self._where} AND entity IN ({{}})"
        )
        found: dict[int, list[int]] = defaultdict(list)
        for entity, other in selected(self._connection, statement, list(numbers)):
            found[entity].append(other)
        return found
