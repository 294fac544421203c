"""Rows of the graph as values, each entity's own put together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import orjson

from glede.graph.reading import MOST_CONTENTS, MOST_DESCRIPTIONS, MOST_NAMES, NODE_BITS
from glede.knowledge import Content, Named, Place, Stated
from glede.stores.graph_rows import Row
from glede.stores.schema_graph import ABOUT, MAY_BIND, STATES, spots_of

Packed = tuple[Sequence[int], Sequence[int], Sequence[int]]
"""Entities of a chunk, their counts, and their bits."""
PackedFact = tuple[int, int, str, str]
"""Source, target, label and description, as they are kept."""


def places_of(rows: Sequence[Row], limit: int) -> list[Place]:
    """The first chunks that rows of `(entity, aside, number, spots)` name, those about the entity first.

    The rows of a number lie together; where there is one only, no chunk comes twice.
    """
    spots = [
        (place & ABOUT ^ ABOUT, row[2] << NODE_BITS | place >> 2, count)
        for row in rows
        for place, count in spots_of(row[3])
    ]
    if rows[0][0] != rows[-1][0]:
        counts: dict[int, int] = defaultdict(int)
        asides: dict[int, int] = {}
        for aside, node, count in spots:
            counts[node] += count
            asides[node] = aside & asides.get(node, ABOUT)
        spots = [(asides[node], node, count) for node, count in counts.items()]
    spots.sort()
    return [Place(node, count, not aside) for aside, node, count in spots[:limit]]


def nodes_of(row: Row) -> Iterator[int]:
    """The chunks that a row names whose last value are its spots."""
    base = row[2] << NODE_BITS
    return (base | place >> 2 for place, _ in spots_of(row[-1]))


def stating_of(row: Row, limit: int) -> list[int]:
    """The first chunks that state something of the entity of a row whose last value are its spots."""
    base = row[2] << NODE_BITS
    return [base | place >> 2 for place, _ in spots_of(row[-1]) if place & STATES][:limit]


def entities_in(packed: Iterable[Packed]) -> tuple[set[int], set[int]]:
    """All entities of chunks, as far as they are read, and those that other documents may explain."""
    every: set[int] = set()
    short: set[int] = set()
    for entities, _, bits in packed:
        every.update(entities[:MOST_CONTENTS])
        short.update(
            entity for entity, one in zip(entities, bits[:MOST_CONTENTS], strict=False) if one & MAY_BIND
        )
    return every, short


def contents_of(
    final: Mapping[int, int], entities: Sequence[int], counts: Sequence[int], bits: Sequence[int]
) -> list[Content]:
    """What a chunk names, under the numbers that are final; each entity once."""
    found: dict[int, Content] = {}
    for number, count, one in zip(entities[:MOST_CONTENTS], counts, bits, strict=False):
        entity = final.get(number, number)
        before = found.get(entity)
        if before is None:
            found[entity] = Content(entity, count, bool(one & ABOUT))
        else:
            found[entity] = Content(entity, before.count + count, before.subject or bool(one & ABOUT))
    return list(found.values())


def facts_of(
    final: Mapping[int, int], rows: Iterable[Row], stated: Mapping[int, Sequence[PackedFact]], limit: int
) -> list[Stated]:
    """What chunks state of the entities of rows, in the order of the rows' own."""
    found: dict[Stated, int] = {}
    for row in rows:
        for node in stating_of(row, limit):
            for source, target, label, description in stated.get(node, ()):
                if row[0] in (source, target):
                    ends = final.get(source, source), final.get(target, target)
                    fact = Stated(*ends, label, node, description)
                    if ends[0] != ends[1]:
                        found[fact] = min(row[1], found.get(fact, 1))
    return sorted(found, key=lambda fact: (found[fact], *order_of(fact)))[:limit]


def order_of(fact: Stated) -> tuple[int, int, int, str]:
    """The order in which facts are listed."""
    return fact.chunk, fact.source, fact.target, fact.label


def behind(after: Stated | None, rows: Iterable[tuple[int, bytes]]) -> list[Stated]:
    """The facts of chunks that come after one, in order."""
    facts = [
        Stated(source, target, label, node, description)
        for node, data in rows
        for source, target, label, description in orjson.loads(data)
    ]
    return sorted((one for one in facts if after is None or order_of(one) > order_of(after)), key=order_of)


def named_by(entity: int, rows: Sequence[Row]) -> Named:
    """How rows of `(entity, aside, number, name, type, description, count)` call an entity."""
    names: Counter[str] = Counter()
    types: Counter[str] = Counter()
    descriptions: dict[str, None] = {}
    for _, _, _, name, kind, description, count in rows:
        names[name] += count
        types[kind] += 1
        if description:
            descriptions[description] = None
    return Named(
        entity=entity,
        names=tuple(sorted(names, key=lambda name: (-names[name], name)))[:MOST_NAMES],
        types=tuple(sorted(types, key=lambda kind: (kind == "name", -types[kind], kind)))[:MOST_NAMES],
        mentions=sum(row[6] for row in rows),
        documents=len({row[2] for row in rows}),
        descriptions=tuple(descriptions)[:MOST_DESCRIPTIONS],
    )
