"""Looks at the graph from one entity: who it is, what is said of it and where, and how it reaches another.

Everything is read at the time of asking and bounded, whatever a hub holds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from glede.errors import NotFoundError, UsageError
from glede.graph import near_names
from glede.graph.chains import chains_between
from glede.graph.names import entity_of
from glede.graph.other_names import with_other_names
from glede.graph.paths import TOGETHER
from glede.graph.senses import Use, company_of, senses_of
from glede.graph.themes import Theme
from glede.graph.untitled import FileNames
from glede.graph.views import Entity, Relation, ShownTheme, View, entity_id, evidence_of, type_of
from glede.knowledge import ALL, Named, Naming, WholeGraph
from glede.ports import Catalogue, StoredChunk
from glede.results import Filter

MOST_ENTITIES = 200
MOST_DEPTH = 4
MOST_SOURCES = 20
MOST_SCANNED = 20_000
"""Entities whose names are compared with one that is not found."""
_EVIDENCE = 3
_PLACES = 48
_FACTS = 200
_ID = re.compile(r"([0-9a-f]{16})(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class _Link:
    """What ties two numbers, and the chunks that say so."""

    source: int
    target: int
    label: str
    chunks: tuple[int, ...]
    descriptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sense:
    """One meaning of an entity that was asked for, and the documents that mean it."""

    entity: Entity
    documents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Viewing:
    """Reads of the graph beside the catalogue that it belongs to; methods block."""

    catalogue: Catalogue
    graph: WholeGraph

    def find(self, collection: str, name: str, where: Filter) -> tuple[int, ...]:
        """The entities that a name means, the likeliest first; a name may also be an id.

        Raises `NotFoundError` with the nearest names.
        """
        asked = [number for number in (entity_of(name), _number(name)) if number]
        meant = self.graph.canonical(collection, asked, where)
        numbers = list(dict.fromkeys(one for entity in asked for one in meant.get(entity, (entity,))))
        named = self.graph.named(collection, numbers, where)
        found = tuple(dict.fromkeys(named[number].entity for number in numbers if number in named))
        if found:
            return found
        near = self.near(collection, name, where)
        hint = f"Did you mean {', '.join(near)}?" if near else "`glede graph stats` lists what is there."
        raise NotFoundError(f"the graph has no {_shown(name)}", hint=hint)

    def entities(self, collection: str, entities: Sequence[int]) -> tuple[Entity, ...]:
        """The entities of some numbers, those that mean the same once."""
        named = self._named(collection, entities, ALL)
        kept = {named[one].entity: named[one] for one in entities if one in named}
        return tuple(_entity(one, ()) for one in kept.values())

    def near(self, collection: str, name: str, where: Filter, most: int = 5) -> list[str]:
        """Names that are written like one, the nearest first."""
        parts = [number for part in near_names.parts_of(name) if (number := entity_of(part))]
        known = self.graph.named(collection, parts, where)
        within = list(dict.fromkeys(known[part].names[0] for part in parts if part in known))
        if len(within) >= most or where != ALL:
            return [_shown(one) for one in within[:most]]
        listed = self.graph.entities(collection, 0, MOST_SCANNED)
        alike = near_names.nearest(name, (one.name for one in listed), most)
        return [_shown(one) for one in dict.fromkeys((*within, *alike))][:most]

    def show(self, collection: str, name: str, depth: int, limit: int, where: Filter) -> View:
        """The entities of that name, what is said of them, and what they are said with.

        At most `limit` other entities, up to `depth` steps away; senses that documents tell apart are apart.
        """
        if not 1 <= depth <= MOST_DEPTH or not 1 <= limit <= MOST_ENTITIES:
            raise UsageError(
                f"a depth of {depth} and {limit} entities cannot be shown",
                hint=f"The depth is 1 to {MOST_DEPTH}, the limit 1 to {MOST_ENTITIES}.",
            )
        asked = self.find(collection, name, where)
        reached = dict.fromkeys(asked)
        links: dict[tuple[int, int, str], _Link] = {}  # what is seen from both ends counts once
        edge: Sequence[int] = asked
        more = False
        for _ in range(depth):
            found = self._links(collection, edge, where, limit)
            fresh = dict.fromkeys(end for link in found for end in (link.source, link.target))
            edge = [one for one in fresh if one not in reached][: limit + len(asked) - len(reached)]
            more |= any(one not in reached and one not in edge for one in fresh)
            reached |= dict.fromkeys(edge)
            links |= {_key(link): link for link in found if _key(link) not in links}
        inside = [link for link in links.values() if link.source in reached and link.target in reached]
        return self._view(collection, asked, list(reached), inside, where, more=more)

    def path(self, collection: str, start: str, goal: str, where: Filter) -> View:
        """The shortest chains of facts and shared chunks from one entity to another, with their evidence."""
        first, last = (self.find(collection, name, where)[0] for name in (start, goal))
        if first == last:
            raise UsageError(
                f"{_shown(start)} and {_shown(goal)} are the same entity",
                hint="`glede graph show` has what is said of it, `glede graph edits` what was merged.",
            )
        chains = chains_between(self.graph, collection, first, last, where)
        links: dict[tuple[int, int, str], dict[int, None]] = defaultdict(dict)
        for step in (step for chain in chains for step in chain):
            ends = (step.target, step.source) if step.backwards else (step.source, step.target)
            links[(*ends, step.label)][step.chunk] = None
        reached = dict.fromkeys([first, *(step.target for chain in chains for step in chain), last])
        made = [_Link(*key, tuple(chunks)) for key, chunks in links.items()]
        view = self._view(collection, (), list(reached), made, where, more=False)
        paths = tuple((entity_id(first), *(entity_id(step.target) for step in chain)) for chain in chains)
        return replace(view, asked=(entity_id(first), entity_id(last)), paths=paths)

    def theme(self, collection: str, theme: Theme, where: Filter) -> tuple[ShownTheme, tuple[str, ...]]:
        """A theme with names in the place of numbers, and its passages."""
        named = self._named(collection, theme.entities, where)
        names = [name for one in theme.entities if one in named for name in named[one].names]
        stored = self._chunks(collection, theme.chunks)
        passages = [stored[chunk] for chunk in theme.chunks if chunk in stored]
        shown = ShownTheme(
            theme.id,
            tuple(_entity(named[one], ()) for one in theme.entities if one in named),
            tuple(evidence_of(one.chunk, one.source, [[name] for name in names]) for one in passages),
            tuple(dict.fromkeys(one.source for one in passages)),
            theme.size,
        )
        return shown, tuple(one.chunk.text for one in passages)

    def _links(self, collection: str, entities: Sequence[int], where: Filter, limit: int) -> list[_Link]:
        """What is stated of entities, then what they are most often named together with."""
        stated: dict[tuple[int, int, str], dict[int, str]] = defaultdict(dict)
        for facts in self.graph.facts(collection, entities, _FACTS, where).values():
            for fact in facts:
                stated[fact.source, fact.target, fact.label][fact.chunk] = fact.description
        links = [
            _Link(*key, tuple(said), tuple(dict.fromkeys(one for one in said.values() if one)))
            for key, said in stated.items()
        ]
        links.sort(key=lambda link: (-len(link.chunks), link.source, link.target, link.label))
        tied = {frozenset((link.source, link.target)) for link in links}
        beside = self._together(collection, entities, where, limit)
        return links + [link for link in beside if frozenset((link.source, link.target)) not in tied]

    def _together(self, collection: str, entities: Sequence[int], where: Filter, limit: int) -> list[_Link]:
        places = self.graph.places(collection, entities, _PLACES, where)
        chunks = list({place.chunk for each in places.values() for place in each[:_PLACES]})
        contents = self.graph.contents(collection, chunks, where)
        links = []
        for entity in (one for one in entities if one in places):
            shared: dict[int, list[int]] = defaultdict(list)
            weights: dict[int, float] = defaultdict(float)
            for place in places[entity][:_PLACES]:
                inside = contents.get(place.chunk, [])
                for content in inside:
                    if content.entity != entity:
                        shared[content.entity].append(place.chunk)
                        weights[content.entity] += (1 + content.subject) / (1 + len(inside)) ** 0.5
            best = sorted(shared, key=lambda one: (-weights[one], one))[:limit]
            links += [_Link(entity, other, TOGETHER, tuple(shared[other])) for other in best]
        return links

    def _view(
        self,
        collection: str,
        asked: Sequence[int],
        reached: Sequence[int],
        links: Sequence[_Link],
        where: Filter,
        *,
        more: bool,
    ) -> View:
        """Numbers become names, chunks become evidence, and senses are told apart."""
        named = self._named(collection, reached, where)
        senses = {entity: self._senses(collection, named[entity], where) for entity in asked}
        shown = [link for link in links if link.source in named and link.target in named]
        stored = self._chunks(collection, [chunk for link in shown for chunk in link.chunks[:_EVIDENCE]])
        sources = _sources(shown, stored)
        own = [sense.entity for each in senses.values() for sense in each]
        others = [_entity(named[one], sources[one]) for one in reached if one in named and one not in senses]
        relations = [part for link in shown for part in _relations(link, named, senses, stored)]
        return View((*own, *others), tuple(relations), tuple(one.id for one in own), more=more)

    def _named(self, collection: str, entities: Sequence[int], where: Filter) -> dict[int, Named]:
        """How the entities are called, those of untitled documents by file."""
        found = self.graph.named(collection, entities, where)
        return FileNames(self.catalogue, self.graph, collection).called(found)

    def _chunks(self, collection: str, chunks: Sequence[int]) -> dict[int, StoredChunk]:
        ids = self.graph.chunk_ids(collection, list(dict.fromkeys(chunks)))
        stored = self.catalogue.chunks(collection, list(ids.values()))
        return {number: stored[key] for number, key in ids.items() if key in stored}

    def _senses(self, collection: str, named: Named, where: Filter) -> list[_Sense]:
        """The meanings that documents have of one entity; one of them where nothing tells them apart."""
        namings = self.graph.namings(collection, named.entity, _PLACES, where)
        named = with_other_names(self.graph, collection, named, namings)
        groups = senses_of(self._uses(collection, named.entity, namings, where))
        documents = [frozenset(use.document_id for use in group) for group in groups] or [frozenset()]
        sources = [
            self._sources(collection, [one for one in namings if one.document_id in ids]) for ids in documents
        ]
        if len(documents) == 1:
            return [_Sense(_entity(named, sources[0]), documents[0])]
        return [
            _Sense(_sense(named, place, [one for one in namings if one.document_id in ids], found), ids)
            for place, (ids, found) in enumerate(zip(documents, sources, strict=True), 1)
        ]

    def _uses(self, collection: str, entity: int, namings: Sequence[Naming], where: Filter) -> list[Use]:
        chunks = list({chunk for one in namings for chunk in one.chunks[:_EVIDENCE]})
        inside = self.graph.contents(collection, chunks, where)
        contents = {chunk: [one.entity for one in found] for chunk, found in inside.items()}
        uses: dict[str, Use] = {}
        for one in namings:
            company = company_of(contents, one.chunks, entity)
            before = uses.get(one.document_id, Use(one.document_id, one.type, frozenset(), 0))
            uses[one.document_id] = replace(
                before, company=before.company | company, mentions=before.mentions + one.mentions
            )
        return list(uses.values())

    def _sources(self, collection: str, namings: Sequence[Naming]) -> tuple[str, ...]:
        """The sources of the documents, by a chunk of each."""
        chunks = {one.document_id: one.chunks[0] for one in namings if one.chunks}
        stored = self._chunks(collection, list(chunks.values())[:MOST_SOURCES])
        return tuple(dict.fromkeys(one.source for one in stored.values()))


def _key(link: _Link) -> tuple[int, int, str]:
    """Names a link; being named together has no direction."""
    if link.label == TOGETHER:
        return min(link.source, link.target), max(link.source, link.target), link.label
    return link.source, link.target, link.label


def _number(name: str) -> int:
    """The number that an id stands for; 0 where it is no id."""
    found = _ID.fullmatch(name.strip().lower())
    return int(found[1], 16) if found and int(found[1], 16) < 2**63 else 0


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:79]}…")


def _entity(named: Named, sources: Iterable[str]) -> Entity:
    return Entity(
        id=entity_id(named.entity),
        name=named.names[0],
        type=type_of(named.types),
        mentions=named.mentions,
        documents=named.documents,
        sources=tuple(dict.fromkeys(sources))[:MOST_SOURCES],
        names=named.names,
        types=named.types,
        descriptions=named.descriptions,
    )


def _sense(named: Named, place: int, own: Sequence[Naming], sources: tuple[str, ...]) -> Entity:
    """One sense of an entity, as its own documents call it."""
    ordered = sorted(own, key=lambda naming: -naming.mentions)
    names = tuple(dict.fromkeys(naming.name for naming in ordered))
    types = tuple(dict.fromkeys(naming.type for naming in ordered))
    return Entity(
        id=f"{entity_id(named.entity)}.{place}",
        name=names[0],
        type=type_of(types),
        mentions=sum(naming.mentions for naming in own),
        documents=len({naming.document_id for naming in own}),
        sources=sources,
        names=names,
        types=types,
    )


def _sources(links: Sequence[_Link], stored: Mapping[int, StoredChunk]) -> defaultdict[int, list[str]]:
    """Where each end of the links was seen."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for link in links:
        seen = [stored[chunk].source for chunk in link.chunks[:_EVIDENCE] if chunk in stored]
        for end in (link.source, link.target):
            found[end] += seen
    return found


def _relations(
    link: _Link,
    named: Mapping[int, Named],
    senses: Mapping[int, Sequence[_Sense]],
    stored: Mapping[int, StoredChunk],
) -> list[Relation]:
    """The relation of a link; several where documents mean several senses of an end."""
    names = [named[link.source].names, named[link.target].names]
    made: dict[tuple[str, str], Relation] = {}
    for chunk in link.chunks[:_EVIDENCE]:
        if chunk not in stored:
            continue
        one = evidence_of(stored[chunk].chunk, stored[chunk].source, names)
        ends = (_end(link.source, one.document_id, senses), _end(link.target, one.document_id, senses))
        before = made.get(ends) or Relation(
            names[0][0], names[1][0], link.label, *ends, (), link.descriptions
        )
        made[ends] = replace(before, evidence=(*before.evidence, one))
    return list(made.values())


def _end(number: int, document_id: str, senses: Mapping[int, Sequence[_Sense]]) -> str:
    """The id of an end, which tells the sense where there are several."""
    of = senses.get(number, ())
    if len(of) < 2:
        return entity_id(number)
    return next((one.entity.id for one in of if document_id in one.documents), of[0].entity.id)
