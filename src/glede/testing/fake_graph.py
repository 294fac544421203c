"""The knowledge graph in dictionaries: what documents say, put together anew for every question."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from glede.graph.identity import Identities, check_edit, replayed
from glede.graph.reading import (
    MOST_CONTENTS,
    MOST_DESCRIPTIONS,
    MOST_DOCUMENTS,
    MOST_MEANINGS,
    MOST_NAMES,
    NODE_BITS,
)
from glede.graph.saying import Saying, Told, aliases_of, read_back, said_by
from glede.knowledge import (
    ALL,
    Alias,
    Content,
    DocumentGraph,
    Edit,
    GraphCounts,
    Growth,
    Listed,
    Named,
    Naming,
    Place,
    Stated,
)
from glede.ports import Catalogue
from glede.results import Filter
from glede.text.labels import label_of, labels_of


@dataclass(frozen=True, slots=True)
class _Read:
    """A document that was read: its number, what was found, and the ids of its chunks in order."""

    number: int
    graph: DocumentGraph
    chunk_ids: tuple[str, ...]

    def node(self, chunk: int) -> int:
        """The number of a chunk."""
        return self.number << NODE_BITS | chunk


@dataclass(frozen=True, slots=True)
class _Scope:
    """A collection: its documents by id, and the log of edits."""

    documents: dict[str, _Read] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)


class _View:
    """What the documents that a filter lets through say together, after edits."""

    def __init__(self, seen: Sequence[_Read], identities: Identities) -> None:
        self.kept = identities.kept
        self.split = identities.split
        self.said: dict[int, tuple[_Read, Saying]] = {}
        self.stands_for: dict[int, dict[int, bool]] = defaultdict(dict)
        for read in sorted(seen, key=lambda read: read.number):
            split = identities.split.get(read.graph.document_id, {})
            saying = said_by(read.graph, len(read.chunk_ids), split)
            self.said[read.number] = (read, saying)
            for one in saying.explained:
                others = self.stands_for[one.entity]
                others[one.other] = one.binds or others.get(one.other, False)

    @cached_property
    def edited(self) -> set[int]:
        """Numbers that edits have to do with."""
        return {*self.kept, *self.kept.values()}

    def final(self, entity: int) -> int:
        """The number under which an entity answers."""
        if entity in self.edited:
            return self.kept.get(entity, entity)
        others = self.stands_for.get(entity, {})
        meant = {self.kept.get(other, other) for other in others}
        return meant.pop() if len(meant) == 1 and any(others.values()) else entity

    def meanings(self, entity: int) -> tuple[int, ...]:
        """All that a number may stand for."""
        first = self.final(entity)
        numbers = [entity, *sorted(self.stands_for.get(entity, {}))]
        parted = (own[one] for one in numbers for own in self.split.values() if one in own)
        others = {self.final(one) for one in (*numbers[1:], *parted)} - {first}
        return (first, *sorted(others)[: MOST_MEANINGS - 1])

    def rows(self, entity: int) -> Iterator[list[tuple[_Read, Saying, Told]]]:
        """For each number that means the entity, what documents say; those first that are about it."""
        by_number = self._by_meaning.get(self.final(entity), {})
        for _, rows in sorted(by_number.items()):
            yield sorted(rows, key=lambda row: (row[2].aside, row[0].number))

    @cached_property
    def _by_meaning(self) -> dict[int, dict[int, list[tuple[_Read, Saying, Told]]]]:
        found: dict[int, dict[int, list[tuple[_Read, Saying, Told]]]] = defaultdict(lambda: defaultdict(list))
        for read, saying in self.said.values():
            for told in saying.told:
                found[self.final(told.entity)][told.entity].append((read, saying, told))
        return found


class MemoryGraph:
    """The graph of the live documents of a catalogue, for as long as the process lives."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._scopes: dict[str, _Scope] = {}
        self._last = 0

    def canonical(
        self, collection: str, entities: Sequence[int], where: Filter = ALL
    ) -> dict[int, tuple[int, ...]]:
        """What each number stands for after merges, aliases and splits; itself where nothing is known."""
        view = self._view(collection, where)
        return {entity: view.meanings(entity) for entity in entities}

    def places(
        self, collection: str, entities: Sequence[int], limit: int, where: Filter
    ) -> dict[int, list[Place]]:
        """The chunks that name each entity; at most `limit` + 1 for each, those with `subject` first."""
        view = self._view(collection, where)
        found: dict[int, list[Place]] = {}
        for entity in entities:
            places: dict[int, Place] = {}
            for read, _, told in (row for rows in view.rows(entity) for row in rows):
                for spot in told.spots:
                    node = read.node(spot.chunk)
                    before = places.get(node, Place(node, 0, False))
                    places[node] = Place(node, before.count + spot.count, before.subject or spot.subject)
            ordered = sorted(places.values(), key=lambda place: (not place.subject, place.chunk))
            if ordered:
                found[entity] = ordered[: limit + 1]
        return found

    def contents(
        self, collection: str, chunks: Sequence[int], where: Filter = ALL
    ) -> dict[int, list[Content]]:
        """The entities that each chunk names, the weightiest first."""
        view = self._view(collection, where)
        found: dict[int, list[Content]] = {}
        for chunk in chunks:
            if chunk >> NODE_BITS not in view.said:
                continue
            read, saying = view.said[chunk >> NODE_BITS]
            named = [
                (told.entity, spot)
                for told in saying.told
                for spot in told.spots
                if read.node(spot.chunk) == chunk
            ]
            named.sort(key=lambda pair: (not pair[1].subject, -pair[1].count, pair[0]))
            contents: dict[int, Content] = {}
            for number, spot in named[:MOST_CONTENTS]:
                entity = view.final(number)
                before = contents.get(entity, Content(entity, 0, False))
                contents[entity] = Content(entity, before.count + spot.count, before.subject or spot.subject)
            if contents:
                found[chunk] = list(contents.values())
        return found

    def facts(
        self, collection: str, entities: Sequence[int], limit: int, where: Filter
    ) -> dict[int, list[Stated]]:
        """What is stated of each entity, from either end; at most `limit` for each."""
        view = self._view(collection, where)
        found: dict[int, list[Stated]] = {}
        for entity in entities:
            stated: dict[Stated, bool] = {}
            for rows in view.rows(entity):
                for read, saying, told in [row for row in rows if row[2].stated][:limit]:
                    for fact in _finally(view, read, saying, told, limit):
                        stated[fact] = min(told.aside, stated.get(fact, True))
            ordered = sorted(stated, key=lambda fact: (stated[fact], *_order(fact)))
            if ordered:
                found[entity] = ordered[:limit]
        return found

    def numbers(self, collection: str, chunk_ids: Sequence[str]) -> dict[str, int]:
        """The numbers of chunks that have a place in the graph."""
        wanted = set(chunk_ids)
        return {
            key: read.node(chunk)
            for read in self._scope(collection).documents.values()
            for chunk, key in enumerate(read.chunk_ids)
            if key in wanted
        }

    def chunk_ids(self, collection: str, chunks: Sequence[int]) -> dict[int, str]:
        """The ids of chunks by their numbers."""
        wanted = set(chunks)
        return {
            read.node(chunk): key
            for read in self._scope(collection).documents.values()
            for chunk, key in enumerate(read.chunk_ids)
            if read.node(chunk) in wanted
        }

    def named(self, collection: str, entities: Sequence[int], where: Filter) -> dict[int, Named]:
        """How the entities are called and described, from at most some hundred documents of each."""
        view = self._view(collection, where)
        found: dict[int, Named] = {}
        for entity in entities:
            rows = [row for rows in view.rows(entity) for row in rows[:MOST_DOCUMENTS]]
            if rows:
                found[entity] = _called(view.final(entity), rows)
        return found

    def write(self, collection: str, graphs: Sequence[DocumentGraph]) -> None:
        """Replace what live documents say; documents that are gone are left out."""
        documents = self._scopes.setdefault(collection, _Scope()).documents
        for graph in graphs:
            if self._catalogue.document(collection, graph.document_id) is not None:
                self._last += 1
                chunks = self._catalogue.document_chunks(collection, graph.document_id)
                documents.pop(graph.document_id, None)
                documents[graph.document_id] = _Read(self._last, graph, tuple(chunk.id for chunk in chunks))

    def drop(self, collection: str, document_id: str) -> None:
        """Forget what a document said: it is live no more, or not in this version."""
        self._scope(collection).documents.pop(document_id, None)

    def read(self, collection: str, document_id: str) -> DocumentGraph | None:
        """What is kept of a document, in a fixed order: each entity under one name, and once in a chunk."""
        view = self._view(collection, Filter(documents=frozenset((document_id,))))
        for read, saying in view.said.values():
            return read_back(read.graph, saying.told, saying.facts, saying.explained)
        return None

    def pending(self, collection: str, extractor: str, limit: int) -> list[str]:
        """Live documents that this extractor has not read, or not wholly."""
        documents = self._scope(collection).documents
        live = sorted(document.id for document in self._catalogue.documents(collection))
        read = {key for key, one in documents.items() if _wholly(one.graph, extractor)}
        return [key for key in live if key not in read][:limit]

    def counts(self, collection: str) -> GraphCounts:
        """How much there is."""
        said = list(self._view(collection, ALL).said.values())
        told = [one for _, saying in said for one in saying.told]
        return GraphCounts(
            entities=len({one.entity for one in told}),
            mentions=sum(one.count for one in told),
            facts=sum(len(saying.facts) for _, saying in said),
            chunks=sum(len({spot.chunk for one in saying.told for spot in one.spots}) for _, saying in said),
            documents=Counter(read.graph.extractor for read, _ in said),
        )

    def edit(
        self, collection: str, kind: str, entities: Sequence[int], documents: Sequence[str], by: str
    ) -> Edit:
        """`merge`: all are the first from now on. `split`: those documents mean another by the one."""
        check_edit(kind, entities, documents)
        edits = self._scopes.setdefault(collection, _Scope()).edits
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        number = sum(len(scope.edits) for scope in self._scopes.values()) + 1
        edits.append(
            Edit(number, kind, tuple(dict.fromkeys(entities)), tuple(dict.fromkeys(documents)), by, made_at)
        )
        return edits[-1]

    def undo(self, collection: str, edit: int | None = None) -> Edit | None:
        """Take an edit back, the last where none is named."""
        edits = self._scope(collection).edits
        for place in reversed(range(len(edits))):
            if not edits[place].undone and edit in (None, edits[place].id):
                edits[place] = replace(edits[place], undone=True)
                return edits[place]
        return None

    def follow(self, collection: str, document_id: str, successor: str) -> None:
        """Let splits of a document be those of the one that takes its place, as a changed file does."""
        edits = self._scope(collection).edits
        if document_id in replayed(edits).split:
            for place, one in enumerate(edits):
                ids = (successor if each == document_id else each for each in one.documents)
                edits[place] = replace(one, documents=tuple(dict.fromkeys(ids)))

    def edits(self, collection: str) -> list[Edit]:
        """All edits, oldest first."""
        return list(self._scope(collection).edits)

    def entities(self, collection: str, after: int, limit: int) -> list[Listed]:
        """Entities as documents name them, by their numbers above `after`, ascending; before any merge."""
        rows: dict[int, list[Told]] = defaultdict(list)
        for _, saying in self._view(collection, ALL).said.values():
            for told in saying.told:
                rows[told.entity].append(told)
        return [
            Listed(entity, min(one.name for one in told), min(one.type for one in told), len(told))
            for entity, told in sorted(rows.items())
            if entity > after
        ][:limit]

    def statements(self, collection: str, after: Stated | None, limit: int) -> list[Stated]:
        """All facts by chunk, source, target and label, those behind `after`; before any merge."""
        facts = [
            Stated(one.source, one.target, one.label, read.node(one.chunk), one.description)
            for read, saying in self._view(collection, ALL).said.values()
            for one in saying.facts
        ]
        behind = (fact for fact in facts if after is None or _order(fact) > _order(after))
        return sorted(behind, key=_order)[:limit]

    def namings(self, collection: str, entity: int, limit: int, where: Filter) -> list[Naming]:
        """What documents say of an entity (with what is merged into it, without what was split off)."""
        rows = [row for rows in self._view(collection, where).rows(entity) for row in rows[:limit]]
        rows.sort(key=lambda row: (row[2].aside, row[0].number, row[2].entity))
        return [
            Naming(
                read.graph.document_id,
                told.name,
                told.type,
                told.count,
                tuple(read.node(spot.chunk) for spot in told.spots),
            )
            for read, _, told in rows[:limit]
        ]

    def aliases(self, collection: str, document_ids: Sequence[str]) -> dict[str, tuple[Alias, ...]]:
        """The names that documents explain by one another, sorted; of those that explain any."""
        view = self._view(collection, Filter(documents=frozenset(document_ids)))
        said = {read.graph.document_id: aliases_of(saying.explained) for read, saying in view.said.values()}
        return {key: said[key] for key in dict.fromkeys(document_ids) if said.get(key)}

    def growth(self, collection: str, since: int) -> Growth:
        """How much has come since the document of that number, 0 for all."""
        numbers = [read.number for read in self._scope(collection).documents.values()]
        return Growth(max(numbers, default=0), len(numbers), sum(number > since for number in numbers))

    def _scope(self, collection: str) -> _Scope:
        return self._scopes.get(collection) or _Scope()

    def _view(self, collection: str, where: Filter) -> _View:
        scope = self._scope(collection)
        labels = {label_of(key, value) for key, value in where.labels}
        seen = []
        for key, read in list(scope.documents.items()):
            document = self._catalogue.document(collection, key)
            named = where.documents is None or key in where.documents
            if document is not None and named and labels.issubset(labels_of(document)):
                seen.append(read)
        return _View(seen, replayed(scope.edits))


def _wholly(graph: DocumentGraph, extractor: str) -> bool:
    return graph.extractor == extractor and not graph.unread


def _order(fact: Stated) -> tuple[int, int, int, str]:
    return fact.chunk, fact.source, fact.target, fact.label


def _finally(view: _View, read: _Read, saying: Saying, told: Told, limit: int) -> Iterator[Stated]:
    """What the first chunks of a document that state anything of an entity state of it."""
    chunks = [spot.chunk for spot in told.spots if spot.states][:limit]
    for fact in saying.facts:
        source, target = view.final(fact.source), view.final(fact.target)
        if fact.chunk in chunks and told.entity in (fact.source, fact.target) and source != target:
            yield Stated(source, target, fact.label, read.node(fact.chunk), fact.description)


def _called(entity: int, rows: Iterable[tuple[_Read, Saying, Told]]) -> Named:
    names: Counter[str] = Counter()
    types: Counter[str] = Counter()
    descriptions: dict[str, None] = {}
    documents: set[int] = set()
    mentions = 0
    for read, _, told in rows:
        names[told.name] += told.count
        types[told.type] += 1
        mentions += told.count
        documents.add(read.number)
        if told.description:
            descriptions[told.description] = None
    return Named(
        entity=entity,
        names=tuple(sorted(names, key=lambda name: (-names[name], name)))[:MOST_NAMES],
        types=tuple(sorted(types, key=lambda one: (one == "name", -types[one], one)))[:MOST_NAMES],
        mentions=mentions,
        documents=len(documents),
        descriptions=tuple(descriptions)[:MOST_DESCRIPTIONS],
    )
