"""Rows of the graph as values, each entity's own put together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import orjson

from glede.graph.reading import MOST_CONTENTS, MOST_DESCRIPTIONS, MOST_NAMES
from glede.knowledge import Content, Named, Naming, Place, Stated
from glede.stores.graph_spots import Said
from glede.stores.schema_graph import ABOUT, MAY_BIND, NODES, STATES, count_of, node_of
from glede.stores.sql import Row

Packed = tuple[Sequence[int], Sequence[int], Sequence[int]]
"""Entities of a chunk, their counts, and their bits."""
PackedFact = tuple[int, int, str, str]
"""Source, target, label and description, as they are kept."""


def places_of(members: Sequence[Sequence[int]], limit: int) -> list[Place]:
    """The first chunks that the codes of each number name which means an entity, those about it first.

    Where that is one number only, no chunk comes twice, and its codes are sorted.
    """
    if len(members) > 1:
        return _joined_places(members, limit)
    (codes,) = members
    about = [code for code in codes if code & ABOUT][:limit]  # they come first, and in order
    beside: list[int] = []
    if len(about) < limit:
        beside = sorted([code & NODES for code in codes if not code & ABOUT])[: limit - len(about)]
    return [Place(node_of(code), count_of(code), bool(code & ABOUT)) for code in (*about, *beside)]


def _joined_places(members: Sequence[Sequence[int]], limit: int) -> list[Place]:
    counts: dict[int, int] = defaultdict(int)
    asides: dict[int, int] = {}
    for code in (code for codes in members for code in codes):
        node = node_of(code)
        counts[node] += count_of(code)
        asides[node] = ~code & ABOUT & asides.get(node, ABOUT)
    spots = sorted((asides[node], node, count) for node, count in counts.items())
    return [Place(node, count, not aside) for aside, node, count in spots[:limit]]


def stating_of(said: Said, limit: int) -> list[int]:
    """The first chunks of a document that state something of an entity."""
    return [node_of(code) for code in said.codes if code & STATES][:limit]


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
    if final.keys().isdisjoint(entities):  # as of most chunks, which name each number once
        return [
            Content(entity, count, bool(one & ABOUT))
            for entity, count, one in zip(entities[:MOST_CONTENTS], counts, bits, strict=False)
        ]
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
    final: Mapping[int, int], said: Iterable[Said], stated: Mapping[int, Sequence[PackedFact]], limit: int
) -> list[Stated]:
    """What chunks state of the entities that documents name, in the order of the documents."""
    found: dict[Stated, bool] = {}
    for one in said:
        for node in stating_of(one, limit):
            for source, target, label, description in stated.get(node, ()):
                if one.entity in (source, target):
                    ends = final.get(source, source), final.get(target, target)
                    fact = Stated(*ends, label, node, description)
                    if ends[0] != ends[1]:
                        found[fact] = one.aside and found.get(fact, True)
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
    """How rows of `(number, entity, name, type, description, count)` call an entity."""
    names: Counter[str] = Counter()
    types: Counter[str] = Counter()
    descriptions: dict[str, None] = {}
    for _, _, name, kind, description, count in rows:
        names[name] += count
        types[kind] += 1
        if description:
            descriptions[description] = None
    return Named(
        entity=entity,
        names=tuple(sorted(names, key=lambda name: (-names[name], name)))[:MOST_NAMES],
        types=tuple(sorted(types, key=lambda kind: (kind == "name", -types[kind], kind)))[:MOST_NAMES],
        mentions=sum(row[5] for row in rows),
        documents=len({row[0] for row in rows}),
        descriptions=tuple(descriptions)[:MOST_DESCRIPTIONS],
    )


def naming_of(document_id: str, said: Said, row: Row) -> Naming:
    """What a document says of an entity, from a row as for `named_by`."""
    return Naming(document_id, row[2], row[3], row[5], tuple(map(node_of, said.codes)))
