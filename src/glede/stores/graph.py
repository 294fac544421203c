"""The knowledge graph in the catalogue's database: read in bounds, merged as it is read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import orjson
from sqlalchemy import Connection, and_, func, literal_column, select

from glede.graph.reading import MOST_DOCUMENTS, NODE_BITS
from glede.graph.saying import aliases_of
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
from glede.results import Filter
from glede.stores import graph_edits, statements
from glede.stores import schema as t
from glede.stores import schema_graph as g
from glede.stores.at_hand import AtHand
from glede.stores.graph_listing import entities_after, listed_in
from glede.stores.graph_meaning import Meanings, told_in
from glede.stores.graph_rows import Seen, chunk_ids_of, chunks_of, document_ids_of, numbers_of, seen_by
from glede.stores.graph_runs import runs_of
from glede.stores.graph_spots import Said, Spots, documents_in, told_of
from glede.stores.graph_values import (
    behind,
    contents_of,
    entities_in,
    facts_of,
    named_by,
    naming_of,
    places_of,
    stating_of,
)
from glede.stores.graph_writing import explained_of, read_graph, scope_of, write_graphs
from glede.stores.sql import Database, parts

V = TypeVar("V")
NONE = orjson.dumps([])


def _size_of(values: Sequence[object]) -> int:
    return 100 * len(values)


def _size_of_id(_: str | int) -> int:
    return 100


@dataclass(frozen=True)
class _View:
    """One state of a collection's graph, as a filter shows it."""

    connection: Connection
    scope: int
    seen: Seen
    meanings: Meanings
    at_hand: AtHand

    @cached_property
    def spots(self) -> Spots:
        """Where the documents name entities."""
        key = ("runs", self.scope)
        runs = _once(self.at_hand, key, lambda: runs_of(self.connection, self.scope), _size_of)
        return Spots(self.connection, runs or (), self.seen)

    def codes(
        self, entities: Sequence[int], limit: int, *, stated: bool = False
    ) -> dict[int, list[tuple[int, list[int]]]]:
        """For each entity that is named, every number that means it with the codes of its first documents."""
        final = self.meanings.final(entities)
        members = self.meanings.members(final.get(entity, entity) for entity in entities)
        numbers = list(dict.fromkeys(number for one in members.values() for number in one))
        found = self.spots.first(numbers, limit, stated=stated)
        meant = {entity: members[final.get(entity, entity)] for entity in dict.fromkeys(entities)}
        named = {
            entity: [(one, found[one]) for one in ones if found.get(one)] for entity, ones in meant.items()
        }
        return {entity: codes for entity, codes in named.items() if codes}

    def said(self, entities: Sequence[int], limit: int, *, stated: bool = False) -> dict[int, list[Said]]:
        """The same by documents."""
        found = self.codes(entities, limit, stated=stated)
        return {
            entity: [said for number, codes in members for said in documents_in(number, codes)]
            for entity, members in found.items()
        }

    def chunks(self, nodes: Sequence[int], column: str) -> dict[int, bytes]:
        """What chunks hold in a column, of those chunks that are seen."""
        return dict(chunks_of(self.connection, self.scope, nodes, column, self.seen))


def _once(at_hand: AtHand, kind: Hashable, ask: Callable[[], V | None], size: Callable[[V], int]) -> V | None:
    """A value that there is one of in each state."""

    def asked(_: Sequence[None]) -> dict[None, V]:
        found = ask()
        return {} if found is None else {None: found}

    return at_hand.read(kind, (None,), asked, size).get(None)


def _view_of(connection: Connection, collection: str, where: Filter, at_hand: AtHand) -> _View | None:
    """`None` where the graph has nothing of the collection."""
    scope = _once(at_hand, ("scope", collection), lambda: scope_of(connection, collection), _size_of_id)
    if scope is None:
        return None
    seen = seen_by(connection, collection, where)
    told = None
    if where == ALL:
        told = _once(at_hand, ("told", collection), lambda: told_in(connection, scope), lambda one: one.size)
    return _View(connection, scope, seen, Meanings(connection, scope, seen, told), at_hand)


class SqlGraph:
    """What documents say of entities; the catalogue writes and drops it with the documents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def _view(self, collection: str, where: Filter = ALL) -> Iterator[_View | None]:
        with self._database.read() as connection:
            known, key = self._database.known, (collection, where)
            if key not in known:
                known[key] = _view_of(connection, collection, where, self._database.at_hand)
            view = known[key]
            yield view if isinstance(view, _View) else None

    def _at_hand(self, where: Filter) -> AtHand:
        """Through a filter nothing is: each would need room of its own."""
        return self._database.at_hand if where == ALL else AtHand()

    def canonical(
        self, collection: str, entities: Sequence[int], where: Filter = ALL
    ) -> dict[int, tuple[int, ...]]:
        """What each number stands for after merges, aliases and splits; itself where nothing is known."""
        with self._view(collection, where) as view:
            if view is None:
                return {entity: (entity,) for entity in entities}
            return view.meanings.meanings(list(dict.fromkeys(entities)))

    def places(
        self, collection: str, entities: Sequence[int], limit: int, where: Filter
    ) -> dict[int, list[Place]]:
        """The chunks that name each entity; at most `limit` + 1 for each, those with `subject` first."""

        def ask(missing: Sequence[int]) -> dict[int, list[Place]]:
            with self._view(collection, where) as view:
                found = {} if view is None else view.codes(missing, limit + 1)
            return {
                entity: places_of([codes for _, codes in members], limit + 1)
                for entity, members in found.items()
            }

        return self._at_hand(where).read(("places", collection, limit), entities, ask, _size_of)

    def contents(
        self, collection: str, chunks: Sequence[int], where: Filter = ALL
    ) -> dict[int, list[Content]]:
        """The entities that each chunk names, the weightiest first."""

        def ask(missing: Sequence[int]) -> dict[int, list[Content]]:
            with self._view(collection, where) as view:
                rows = {} if view is None else view.chunks(missing, "contents")
                packed = {node: g.unpacked_contents(data) for node, data in rows.items()}
                final = {} if view is None else view.meanings.final(*entities_in(packed.values()))
            found = {node: contents_of(final, *one) for node, one in packed.items()}
            return {node: contents for node, contents in found.items() if contents}

        return self._at_hand(where).read(("contents", collection), chunks, ask, _size_of)

    def facts(
        self, collection: str, entities: Sequence[int], limit: int, where: Filter
    ) -> dict[int, list[Stated]]:
        """What is stated of each entity, from either end; at most `limit` for each."""
        with self._view(collection, where) as view:
            if view is None:
                return {}
            said = view.said(entities, limit, stated=True)
            nodes = dict.fromkeys(
                node for documents in said.values() for one in documents for node in stating_of(one, limit)
            )
            packed = view.chunks(list(nodes), "facts")
            stated = {node: orjson.loads(data) for node, data in packed.items() if data}
            ends = (end for facts in stated.values() for fact in facts for end in fact[:2])
            final = view.meanings.final(ends)
        found = {entity: facts_of(final, one, stated, limit) for entity, one in said.items()}
        return {entity: facts for entity, facts in found.items() if facts}

    def numbers(self, collection: str, chunk_ids: Sequence[str]) -> dict[str, int]:
        """The numbers of chunks that have a place in the graph."""

        def ask(missing: Sequence[str]) -> dict[str, int]:
            with self._database.read() as connection:
                return dict(numbers_of(connection, collection, missing))

        return self._database.at_hand.read(("numbers", collection), chunk_ids, ask, _size_of_id)

    def chunk_ids(self, collection: str, chunks: Sequence[int]) -> dict[int, str]:
        """The ids of chunks by their numbers."""

        def ask(missing: Sequence[int]) -> dict[int, str]:
            with self._database.read() as connection:
                scope = scope_of(connection, collection)
                return dict(chunk_ids_of(connection, scope, missing)) if scope else {}

        return self._database.at_hand.read(("chunk_ids", collection), chunks, ask, _size_of_id)

    def named(self, collection: str, entities: Sequence[int], where: Filter) -> dict[int, Named]:
        """How the entities are called and described, from at most some hundred documents of each."""
        with self._view(collection, where) as view:
            if view is None:
                return {}
            said = view.said(entities, MOST_DOCUMENTS)
            told = told_of(view.connection, (one for documents in said.values() for one in documents))
            final = view.meanings.final(said)
        return {
            entity: named_by(final.get(entity, entity), [told[one.number, one.entity] for one in documents])
            for entity, documents in said.items()
        }

    def write(self, collection: str, graphs: Sequence[DocumentGraph]) -> None:
        """Replace what live documents say, in one transaction; documents that are gone are left out."""
        with self._database.write("graph") as connection:
            live = [one for one in graphs if statements.is_live(connection, collection, one.document_id)]
            write_graphs(connection, collection, live)

    def read(self, collection: str, document_id: str) -> DocumentGraph | None:
        """What is kept of a document, in a fixed order: each entity under one name, and once in a chunk."""
        with self._database.read() as connection:
            return read_graph(connection, collection, document_id)

    def pending(self, collection: str, extractor: str, limit: int) -> list[str]:
        """Live documents that this extractor has not read, or not wholly."""
        d, c = t.documents.c, g.documents.c
        read = and_(
            c.collection == d.collection,
            c.document_id == d.id,
            c.extractor == extractor,
            c.unread == NONE,
        )
        statement = (
            select(d.id)
            .where(d.collection == collection, ~select(c.number).where(read).exists())
            .order_by(d.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return list(connection.scalars(statement))

    def counts(self, collection: str) -> GraphCounts:
        """How much there is."""
        d = g.documents.c
        sums = (func.count(), func.sum(d.mentions), func.sum(d.facts), func.sum(d.chunks))
        statement = select(d.extractor, *sums).where(d.collection == collection).group_by(d.extractor)
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
            scope = scope_of(connection, collection)
            runs = runs_of(connection, scope) if scope is not None else []
            entities = select(func.count(g.spots.c.entity.distinct())).where(g.spots.c.run.in_(runs))
            return GraphCounts(
                entities=connection.scalar(entities) or 0,
                mentions=sum(row[2] for row in rows),
                facts=sum(row[3] for row in rows),
                chunks=sum(row[4] for row in rows),
                documents={row[0]: row[1] for row in rows},
            )

    def edit(
        self, collection: str, kind: str, entities: Sequence[int], documents: Sequence[str], by: str
    ) -> Edit:
        """`merge`: all are the first from now on. `split`: those documents mean another by the one."""
        with self._database.write("graph_edit") as connection:
            return graph_edits.edit(connection, collection, kind, entities, documents, by)

    def undo(self, collection: str, edit: int | None = None) -> Edit | None:
        """Take an edit back, the last where none is named."""
        with self._database.write("graph_edit") as connection:
            return graph_edits.undo(connection, collection, edit)

    def edits(self, collection: str) -> list[Edit]:
        """All edits, oldest first."""
        with self._database.read() as connection:
            return graph_edits.edits(connection, collection)

    def entities(self, collection: str, after: int, limit: int) -> list[Listed]:
        """Entities as documents name them, by their numbers above `after`, ascending; before any merge."""
        with self._view(collection) as view:
            if view is None:
                return []
            runs = runs_of(view.connection, view.scope)
            return listed_in(view.connection, view.spots, entities_after(view.connection, runs, after, limit))

    def statements(self, collection: str, after: Stated | None, limit: int) -> list[Stated]:
        """All facts by chunk, source, target and label, those behind `after`; before any merge."""
        found: list[Stated] = []
        d, c = g.documents.c, g.chunks.c
        joined = g.chunks.join(g.documents, d.number == c.node.op(">>")(literal_column(str(NODE_BITS))))
        start = after.chunk if after else 0
        while len(found) < limit:
            where = and_(d.collection == collection, c.node >= start, c.facts != b"")
            statement = select(c.node, c.facts).select_from(joined).where(where).order_by(c.node).limit(limit)
            with self._database.read() as connection:
                rows = connection.execute(statement).all()
            if not rows:
                break
            found += behind(after, rows)
            start = rows[-1].node + 1
        return found[:limit]

    def namings(self, collection: str, entity: int, limit: int, where: Filter) -> list[Naming]:
        """What documents say of an entity (with what is merged into it, without what was split off)."""
        with self._view(collection, where) as view:
            if view is None:
                return []
            said = view.said([entity], limit).get(entity, [])
            said = sorted(said, key=lambda one: (one.aside, one.number, one.entity))[:limit]
            told = told_of(view.connection, said)
            ids: dict[int, str] = dict(document_ids_of(view.connection, [one.number for one in said]))
        return [naming_of(ids[one.number], one, told[one.number, one.entity]) for one in said]

    def aliases(self, collection: str, document_ids: Sequence[str]) -> dict[str, tuple[Alias, ...]]:
        """The names that documents explain by one another, sorted; of those that explain any."""
        d = g.documents.c
        found: dict[str, tuple[Alias, ...]] = {}
        with self._database.read() as connection:
            for part in parts(list(dict.fromkeys(document_ids))):
                here = and_(d.collection == collection, d.document_id.in_(part), d.aliases != NONE)
                for document_id, data in connection.execute(select(d.document_id, d.aliases).where(here)):
                    found[document_id] = aliases_of(explained_of(data))
        return {key: found[key] for key in dict.fromkeys(document_ids) if key in found}

    def growth(self, collection: str, since: int) -> Growth:
        """How much has come since the document of that number, 0 for all."""
        d = g.documents.c
        added = func.count().filter(d.number > since)
        statement = select(func.max(d.number), func.count(), added).where(d.collection == collection)
        with self._database.read() as connection:
            last, count, new = connection.execute(statement).one()
        return Growth(last or 0, count, new)
