"""The part of the graph around a question: its entities, the best chunks, and what ties them; bounded.

A handful of reads, whatever the size of the collection: each asks for many entities or chunks at once, and
for a limited number of places of each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from glede.graph.linking import Stretch, longest, stretches
from glede.graph.meaning import not_meant
from glede.graph.reading import NODE_BITS
from glede.knowledge import Content, Graph, Place
from glede.results import Filter
from glede.text.keywords import analyse

ASKED_PLACES = 32
"""Chunks read for an entity of the question."""
PLACES = 16
"""Chunks read for any other entity; of one that has more, only the chunks that are about it count."""
HUB = 128
"""Chunks that are taken to name an entity of which more than `PLACES` do."""
NEAREST = 3
"""Chunks of one document that an entity leads to."""
ENTITIES = 150
"""Entities followed from the chunks at hand, the weightiest first."""
SUBJECT = 3.0
"""What a chunk about an entity counts beside one that only names it."""
FAINT = 1e-2
"""What entities count of chunks that have no strength of their own."""
SEVERAL = 3
"""Words that make a name of what a document's title says in just these words."""
OFTEN = 2
"""Chunks in which a word of a name stands, for each that uses it as that name."""


@dataclass(frozen=True, slots=True)
class View:
    """The graph as one search sees it: of one collection of `total` chunks, and through its filter.

    `frequencies` tells in how many chunks the question's words stand, by their stems.
    """

    graph: Graph
    collection: str
    where: Filter
    total: int
    frequencies: Mapping[str, int] = field(default_factory=dict)

    def rarity(self, frequency: int) -> float:
        """How telling an entity is that so many chunks name: from nearly 0, of all chunks, to 1, of one."""
        total = max(1, self.total)
        return math.log(1 + total / max(1, frequency)) / math.log(1 + total)

    def is_name(self, text: str, frequency: int) -> bool:
        """Whether words that so many chunks use as a name are seldom anything else, as far as is known."""
        rarest = self.rarest(text)
        return rarest is not None and rarest <= OFTEN * frequency + 1

    def rarest(self, text: str) -> int | None:
        """In how many chunks the rarest word stands; `None` where it is no word of the question."""
        known = [self.frequencies[word] for word in analyse(text) if word in self.frequencies]
        return min(known, default=None)


@dataclass(frozen=True, slots=True)
class Asked:
    """An entity that the question names, and the chunks that name it.

    `telling` where it is written as a name, or its words are hardly ever anything else. `others` are
    documents that mean another thing by the name than the question does.
    """

    entity: int
    stretch: Stretch
    places: tuple[Place, ...]
    rarity: float
    telling: bool
    others: frozenset[int] = frozenset()

    @property
    def subjects(self) -> list[int]:
        """The chunks that are about it."""
        return [place.chunk for place in self.places if place.subject]

    @property
    def more(self) -> bool:
        """Whether more chunks name it than were read."""
        return len(self.places) > ASKED_PLACES


@dataclass(frozen=True, slots=True)
class Tie:
    """A chunk names an entity; `weight` grows with rarity and count, and where the chunk is about it."""

    chunk: int
    entity: int
    weight: float
    subject: bool


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What was read: the ties, the chunks of each entity, the entities of the chunks it began from."""

    ties: tuple[Tie, ...]
    places: Mapping[int, Sequence[Place]]
    contents: Mapping[int, Sequence[Content]]
    rarity: Mapping[int, float]


def asked_entities(view: View, question: str) -> list[Asked]:
    """The entities of the graph that the question names, in its order."""
    found = stretches(question)
    meant = view.graph.canonical(view.collection, list({one.entity for one in found}), view.where)
    wanted = {entity for one in found for entity in meant.get(one.entity, (one.entity,))}
    places = view.graph.places(view.collection, list(wanted), ASKED_PLACES, view.where)
    known = {one.entity for one in found if any(places.get(e) for e in meant.get(one.entity, (one.entity,)))}
    asked: dict[int, Asked] = {}
    for one in longest(found, known):
        for entity in meant.get(one.entity, (one.entity,)):
            if places.get(entity) and entity not in asked:
                at = tuple(places[entity])
                telling = one.sure or one.words >= SEVERAL or view.is_name(one.text, len(at))
                asked[entity] = Asked(entity, one, at, view.rarity(_frequency(view, one, at)), telling)
    return list(asked.values())


def _frequency(view: View, one: Stretch, at: Sequence[Place]) -> int:
    """How many chunks name it; where they are too many to be read, how many hold its rarest word."""
    return len(at) if len(at) <= ASKED_PLACES else max(len(at), view.rarest(one.text) or 0)


def neighbourhood(view: View, asked: Sequence[Asked], strength: Mapping[int, float]) -> Neighbourhood:
    """What lies around the entities of the question and the chunks given with their strength.

    Entities of strong chunks are followed first, and a hub beyond `PLACES` to chunks about it only; in one
    document each leads to `NEAREST` chunks at the most. Of a name with several senses that of the strong
    chunks is followed.
    """
    asked = [_as_meant(view, one, strength) for one in asked]
    begun = {
        place.chunk for one in asked if len(one.places) <= PLACES for place in _nearest(one.places, strength)
    }
    contents = view.graph.contents(view.collection, list(begun | strength.keys()), view.where)
    own = {one.entity: _with_contents(one, contents) for one in asked}
    followed = _followed(contents, strength, own.keys())
    found = view.graph.places(view.collection, followed, PLACES, view.where)
    rarity = {entity: view.rarity(len(at) if len(at) <= PLACES else HUB) for entity, at in found.items()}
    rarity |= {one.entity: one.rarity for one in asked}
    places = {entity: _nearest(_within(at), strength) for entity, at in (found | own).items()}
    telling = {entity: at for entity, at in places.items() if entity in own or len(at) > 1 or _titled(at)}
    return Neighbourhood(tuple(_ties(telling, rarity)), telling, contents, rarity)


def _with_contents(one: Asked, contents: Mapping[int, Sequence[Content]]) -> list[Place]:
    """All places known of an entity: in a long document about it, not all of them were read at first."""
    places = {place.chunk: place for place in one.places}
    for chunk, named in contents.items():
        for content in named:
            if content.entity == one.entity:
                places.setdefault(chunk, Place(chunk, content.count, content.subject))
    return [place for place in places.values() if place.chunk >> NODE_BITS not in one.others]


def _as_meant(view: View, one: Asked, strength: Mapping[int, float]) -> Asked:
    """An entity of the question without the places where its name means something else."""
    others = not_meant(view.graph, view.collection, one.entity, one.subjects, strength, view.where)
    kept = tuple(place for place in one.places if place.chunk >> NODE_BITS not in others)
    return replace(one, places=kept, others=others) if others and kept else one


def _nearest(places: Sequence[Place], strength: Mapping[int, float]) -> list[Place]:
    """Of each document the strongest chunks, then those that name the entity most, then the first."""
    best: dict[int, list[Place]] = {}
    ordered = sorted(places, key=lambda p: (-strength.get(p.chunk, 0.0), not p.subject, -p.count, p.chunk))
    for place in ordered:
        kept = best.setdefault(place.chunk >> NODE_BITS, [])
        if len(kept) < NEAREST:
            kept.append(place)
    return [place for kept in best.values() for place in kept]


def _followed(
    contents: Mapping[int, Sequence[Content]], strength: Mapping[int, float], known: Iterable[int]
) -> list[int]:
    """The entities that the chunks name, by the strength of those chunks."""
    weight: dict[int, float] = {}
    for chunk, named in contents.items():
        for content in named:
            weight[content.entity] = weight.get(content.entity, 0.0) + strength.get(chunk, 0.0) + FAINT
    for entity in known:
        weight.pop(entity, None)
    return sorted(weight, key=lambda entity: (-weight[entity], entity))[:ENTITIES]


def _within(places: Sequence[Place]) -> Sequence[Place]:
    """All places, or of a hub those about it."""
    return places if len(places) <= PLACES else [place for place in places if place.subject]


def _titled(places: Sequence[Place]) -> bool:
    return any(place.subject for place in places)


def _ties(places: Mapping[int, Sequence[Place]], rarity: Mapping[int, float]) -> Iterable[Tie]:
    for entity, at in places.items():
        for place in at:
            weight = rarity[entity] * (1 + math.log(max(1, place.count))) * (SUBJECT if place.subject else 1)
            yield Tie(place.chunk, entity, weight, place.subject)
