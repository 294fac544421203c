"""What a collection is about as a whole: groups of its entities, found when they are first asked for.

They are kept in the catalogue with a stamp of the collection's growth, and found again once a tenth of its
documents has changed. Until then what is new belongs where the entities beside it belong. What is shown of a
theme is read at the time of asking, so that filters bind it. After the communities of GraphRAG (arXiv
2404.16130), which summarises all of them beforehand.
"""

from __future__ import annotations

import base64
import heapq
import json
import math
import threading
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from glede.graph.communities import central, communities, ties
from glede.knowledge import Content, Graph, GraphListing, Growth, Listed
from glede.ports import Catalogue
from glede.results import Filter
from glede.types import content_hash

MOST_ENTITIES = 20_000
"""The most specific entities of a collection, which themes are made of."""
MOST_SCANNED = 200_000
"""Entities that are looked at for that; their numbers are hashes, so that the first are a fair sample."""
CHANGED = 0.1
"""The share of documents that may come and go before themes are found again."""
NAMED = 2.0
"""What the entities of a question count beside its best chunk."""
CENTRAL = 24
CHUNKS = 8
MOST_TRIED = 200
"""Themes that are looked at for some that the filter lets through."""
_PLACES = 32
_PAGE = 500
_NOTE = "themes"
_NO_THEME = frozenset({"date", "quantity", "section", "document"})
"""Types that stand beside everything and are what nothing is about."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Entities that belong together by their numbers, the central ones first, and chunks that stand for them.

    `size` is how many entities belong to it in all, `weight` how well it fits what was asked for.
    """

    id: str
    entities: tuple[int, ...]
    chunks: tuple[int, ...]
    size: int
    weight: float = 0.0


@dataclass(frozen=True)
class _Kept:
    """The groups of a collection, and how far it had grown when they were found."""

    last: int
    documents: int
    groups: tuple[tuple[int, ...], ...]

    @cached_property
    def home(self) -> Mapping[int, int]:
        """The group of each entity."""
        return {entity: place for place, group in enumerate(self.groups) for entity in group}

    def aged(self, growth: Growth) -> bool:
        """Whether more than a tenth of the documents has come or gone since."""
        gone = self.documents - (growth.documents - growth.added)
        return growth.added + max(0, gone) > CHANGED * max(self.documents, 1)

    def packed(self) -> str:
        """The groups as text."""
        numbers = np.array([entity for group in self.groups for entity in group], dtype="<i8")
        packed = base64.b85encode(zlib.compress(numbers.tobytes(), level=1)).decode()
        sizes = [len(group) for group in self.groups]
        made = {"last": self.last, "documents": self.documents, "sizes": sizes, "numbers": packed}
        return json.dumps(made)


def _unpacked(text: str) -> _Kept:
    value = json.loads(text)
    numbers = np.frombuffer(zlib.decompress(base64.b85decode(value["numbers"])), dtype="<i8").tolist()
    left = iter(numbers)
    groups = tuple(tuple(next(left) for _ in range(size)) for size in value["sizes"])
    return _Kept(value["last"], value["documents"], groups)


class ListedGraph(Graph, GraphListing, Protocol):
    """What themes need of a graph."""


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes of each collection of a catalogue; methods block, the first one of a collection for long."""

    graph: ListedGraph
    catalogue: Catalogue
    _known: dict[str, _Kept] = field(default_factory=dict)
    _building: threading.Lock = field(default_factory=threading.Lock)

    def themes_for(
        self, collection: str, entities: Sequence[int], chunks: Sequence[int], where: Filter, limit: int = 3
    ) -> list[Theme]:
        """The themes that entities and chunks (best first) belong to, the most fitting first.

        Only chunks that the filter lets through stand for a theme; one that has none is left out.
        """
        kept = self._current(collection)
        scores: dict[int, float] = defaultdict(float)
        for group in self._homes(collection, kept, entities, where):
            scores[group] += NAMED / len(entities)
        contents = self.graph.contents(collection, chunks, where)
        for rank, chunk in enumerate(chunks):
            for group, share in _shares(kept, contents.get(chunk, ())).items():
                scores[group] += share / (rank + 1)
        best = sorted(scores, key=lambda group: (-scores[group], group))
        return self._shown(collection, kept, [(group, scores[group]) for group in best], where, limit)

    def all(self, collection: str, where: Filter, limit: int = 20) -> list[Theme]:
        """The themes of a collection, the largest first."""
        kept = self._current(collection)
        sized = [(place, float(len(group))) for place, group in enumerate(kept.groups)]
        return self._shown(collection, kept, sized, where, limit)

    def _homes(self, collection: str, kept: _Kept, entities: Sequence[int], where: Filter) -> Iterator[int]:
        """The group of each entity; of a new one, that of most entities beside it."""
        fresh = []
        for entity in entities:
            if entity in kept.home:
                yield kept.home[entity]
            else:
                fresh.append(entity)
        places = self.graph.places(collection, fresh, CHUNKS, where) if fresh else {}
        chunks = list({place.chunk for each in places.values() for place in each})
        contents = self.graph.contents(collection, chunks, where)
        for each in places.values():
            votes: dict[int, float] = defaultdict(float)
            for place in each:
                for group, share in _shares(kept, contents.get(place.chunk, ())).items():
                    votes[group] += share
            if votes:
                yield max(votes, key=lambda group: (votes[group], -group))

    def _shown(
        self,
        collection: str,
        kept: _Kept,
        chosen: Sequence[tuple[int, float]],
        where: Filter,
        limit: int,
    ) -> list[Theme]:
        found: list[Theme] = []
        for group, weight in chosen[:MOST_TRIED]:
            if len(found) == limit:
                break
            members = kept.groups[group]
            theme = self._theme(collection, members, weight, where)
            if theme is not None:
                found.append(theme)
        return found

    def _theme(self, collection: str, members: Sequence[int], weight: float, where: Filter) -> Theme | None:
        """A theme by what the filter lets through of it."""
        places = self.graph.places(collection, members[:CENTRAL], _PLACES, where)
        scores: dict[int, float] = defaultdict(float)
        for rank, entity in enumerate(members[:CENTRAL]):
            for place in places.get(entity, ())[:_PLACES]:
                scores[place.chunk] += (1 + place.subject) / (1 + 0.1 * rank)
        if not scores:
            return None
        best = heapq.nsmallest(CHUNKS, scores, key=lambda chunk: (-scores[chunk], chunk))
        entities = tuple(entity for entity in members[:CENTRAL] if entity in places)
        key = content_hash("theme", *map(str, sorted(members)), length=16)
        return Theme(key, entities, tuple(best), len(members), weight)

    def _current(self, collection: str) -> _Kept:
        """The groups as they were kept, or found anew where there are none or too much has changed."""
        with self._building:
            kept = self._known.get(collection) or self._recalled(collection)
            if kept is None or kept.aged(self.graph.growth(collection, kept.last)):
                kept = self._found(collection)
                self.catalogue.remember(f"{_NOTE}:{collection}", kept.packed())
            self._known[collection] = kept
            return kept

    def _recalled(self, collection: str) -> _Kept | None:
        text = self.catalogue.recall(f"{_NOTE}:{collection}")
        return _unpacked(text) if text else None

    def _found(self, collection: str) -> _Kept:
        growth = self.graph.growth(collection, 0)
        chosen = self._kept(collection, _chosen(self._listed(collection), growth.documents))
        inside: dict[int, list[int]] = defaultdict(list)
        weights: dict[int, float] = {}
        for page in _pages(chosen):
            for entity, places in self.graph.places(collection, page, _PLACES, Filter()).items():
                weights[entity] = math.log(1 + growth.documents / len(places)) + 0.1
                for place in places[:_PLACES]:
                    inside[place.chunk].append(entity)
        edges = ties(inside.values(), weights)
        groups = tuple(central(edges, communities(edges)))
        return _Kept(growth.last, growth.documents, groups)

    def _listed(self, collection: str) -> Iterator[Listed]:
        after, seen = 0, 0
        while seen < MOST_SCANNED and (page := self.graph.entities(collection, after, _PAGE * 4)):
            yield from page
            after, seen = page[-1].entity, seen + len(page)

    def _kept(self, collection: str, entities: Sequence[int]) -> list[int]:
        """The numbers under which entities answer, each once."""
        kept: dict[int, None] = {}
        for page in _pages(entities):
            meant = self.graph.canonical(collection, page)
            kept |= dict.fromkeys(meant.get(entity, (entity,))[0] for entity in page)
        return list(kept)


def _chosen(listed: Iterator[Listed], documents: int) -> list[int]:
    """The entities that tie documents together and are not everywhere."""

    def worth(one: Listed) -> float:
        return math.log(1 + documents / one.documents) * math.log(1 + one.documents)

    fitting = (one for one in listed if one.type not in _NO_THEME and one.documents > 0)
    return [one.entity for one in heapq.nlargest(MOST_ENTITIES, fitting, key=worth)]


def _shares(kept: _Kept, contents: Sequence[Content]) -> dict[int, float]:
    """How much of a chunk's entities, those aside that belong to none, belongs to each group."""
    counts = Counter(kept.home[one.entity] for one in contents if one.entity in kept.home)
    whole = counts.total() or 1
    return {group: count / whole for group, count in counts.items()}


def _pages(entities: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(entities), _PAGE):
        yield entities[start : start + _PAGE]
