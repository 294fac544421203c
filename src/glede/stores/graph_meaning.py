# ruff: noqa: S608 - nothing but integers gets into the statements
"""Which numbers mean an entity, and which entity a number means: edits first, then what documents explain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from glede.graph.reading import MOST_MEANINGS
from glede.stores.graph_rows import Seen, selected
from glede.stores.sql import Row, rows_of

T = TypeVar("T")

MOST_AT_HAND = 1024
"""Rows of a collection's edits, and of what its documents explain, that are read at once; where there are
more, each number is looked up."""


@dataclass(frozen=True, slots=True)
class Told:
    """All that edits and documents say of what numbers mean in a collection.

    `kept` tells what each merged number is kept under, `explained` by what documents explain each and whether
    that binds others, `bound` the same from the other end where it does, `parted` what was split off.
    """

    kept: Mapping[int, int]
    explained: Mapping[int, Mapping[int, bool]]
    bound: Mapping[int, Sequence[int]]
    parted: Mapping[int, Sequence[int]]

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return 300 * (len(self.kept) + 2 * sum(map(len, self.explained.values())) + len(self.parted))


def told_in(connection: Connection, scope: int) -> Told | None:
    """All that is said, as all documents have it; `None` where that is much."""
    limit = f"LIMIT {MOST_AT_HAND + 1}"
    where = f"scope = {scope}"
    statements = (
        f"SELECT entity, kept FROM graph_identities WHERE {where} {limit}",
        f"SELECT entity, other, MAX(binds) FROM graph_aliases WHERE {where} GROUP BY entity, other {limit}",
        f"SELECT DISTINCT entity, other FROM graph_splits WHERE {where} {limit}",
    )
    identities, aliases, splits = (list(rows_of(connection, one)) for one in statements)
    if max(map(len, (identities, aliases, splits))) > MOST_AT_HAND:
        return None
    bound = _listed((other, entity) for entity, other, binds in aliases if binds)
    return Told(dict(identities), _by_entity(aliases), bound, _listed(splits))


class Meanings:
    """What numbers mean in one collection, as the documents have it that are seen.

    Where `told` is known, which is the same for all who see all documents, nothing is looked up.
    """

    def __init__(self, connection: Connection, scope: int, seen: Seen, told: Told | None = None) -> None:
        self._connection = connection
        self._where = f"scope = {scope}"
        self._seen = seen
        self._told = told

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
        means.update(self._merged(means.keys()))
        short = self._bound(means.keys())
        final = self.final(short)
        means.update((one, final[one]) for one in short if final.get(one) in means)
        found: dict[int, list[int]] = defaultdict(list)
        for number, end in means.items():
            found[end].append(number)
        return {entity: sorted(found[entity]) for entity in ends}

    def _merged(self, ends: AbstractSet[int]) -> dict[int, int]:
        """The numbers that edits keep under one of these."""
        if self._told is not None:
            return {number: end for number, end in self._told.kept.items() if end in ends}
        statement = f"SELECT entity, kept FROM graph_identities WHERE {self._where} AND kept IN ({{}})"
        return dict(selected(self._connection, statement, list(ends)))

    def _bound(self, ends: AbstractSet[int]) -> set[int]:
        """The numbers that documents explain by one of these, in a way that binds others."""
        if self._told is not None:
            return {number for numbers in _of(self._told.bound, ends).values() for number in numbers}
        statement = (
            f"SELECT DISTINCT a.entity FROM graph_aliases a WHERE a.{self._where} AND a.other IN ({{}})"
            f" AND a.binds = 1{self._seen.condition('a.number')}"
        )
        return {row[0] for row in selected(self._connection, statement, list(ends))}

    def _kept(self, numbers: Iterable[int]) -> dict[int, int]:
        if self._told is not None:
            return _of(self._told.kept, numbers)
        statement = f"SELECT entity, kept FROM graph_identities WHERE {self._where} AND entity IN ({{}})"
        return dict(selected(self._connection, statement, list(numbers)))

    def _explained(self, numbers: Sequence[int]) -> Mapping[int, Mapping[int, bool]]:
        """What the documents that are seen explain these numbers by, and whether that binds others."""
        if self._told is not None:
            return _of(self._told.explained, numbers)
        statement = (
            f"SELECT a.entity, a.other, MAX(a.binds) FROM graph_aliases a WHERE a.{self._where}"
            f" AND a.entity IN ({{}}){self._seen.condition('a.number')} GROUP BY a.entity, a.other"
        )
        return _by_entity(selected(self._connection, statement, numbers))

    def _parted(self, numbers: Iterable[int]) -> Mapping[int, Sequence[int]]:
        if self._told is not None:
            return _of(self._told.parted, numbers)
        statement = (
            f"SELECT DISTINCT entity, other FROM graph_splits WHERE {self._where} AND entity IN ({{}})"
        )
        return _listed(selected(self._connection, statement, list(numbers)))


def _of(told: Mapping[int, T], numbers: Iterable[int]) -> dict[int, T]:
    return {number: told[number] for number in numbers if number in told} if told else {}


def _by_entity(aliases: Iterable[Row]) -> dict[int, dict[int, bool]]:
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    for entity, other, binds in aliases:
        found[entity][other] = bool(binds)
    return dict(found)


def _listed(pairs: Iterable[Row]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for entity, other in pairs:
        found[entity].append(other)
    return dict(found)
