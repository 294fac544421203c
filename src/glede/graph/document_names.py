"""What one document names, as it says it itself: for looking at a document, not at the graph of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from glede.graph.names import entity_of
from glede.graph.views import entity_id, type_of
from glede.knowledge import Mention

_PARTS = frozenset({"document", "section", "image", "table", "equation"})
"""Types of nodes that stand for parts of the document itself."""


@dataclass(frozen=True, slots=True)
class NamedHere:
    """An entity that a document names, how often and in how many chunks; `id` finds it in the graph."""

    id: str
    name: str
    type: str
    mentions: int
    chunks: int


def named_here(mentions: Sequence[Mention], most: int) -> list[NamedHere]:
    """The `most` entities that are named most often, what chunks are about before what is merely named."""
    groups: dict[int, list[Mention]] = {}
    for mention in mentions:
        if mention.type not in _PARTS and (entity := entity_of(mention.name)):
            groups.setdefault(entity, []).append(mention)
    weights = {entity: (sum(one.subject for one in group), _count(group)) for entity, group in groups.items()}
    first = sorted(groups, key=lambda entity: (*(-one for one in weights[entity]), entity))[:most]
    return [_named(entity, groups[entity]) for entity in first]


def _count(group: Sequence[Mention]) -> int:
    return sum(one.count for one in group)


def _named(entity: int, group: Sequence[Mention]) -> NamedHere:
    names, types = Counter[str](), Counter[str]()
    for one in group:
        names[one.name] += one.count
        types[one.type] += one.count
    return NamedHere(
        entity_id(entity),
        names.most_common(1)[0][0],
        type_of([kind for kind, _ in types.most_common()]),
        _count(group),
        len({one.chunk for one in group}),
    )
