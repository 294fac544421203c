"""`engine.graph`: looking at the knowledge graph, mending it, adding to it, and taking it elsewhere.

    async with Engine.open() as engine:
        view = await engine.graph.show("Milvus")
        chains = await engine.graph.path("Milvus", "Linux Foundation")
        await engine.graph.merge("Milvus", "Milvus DB")
        await engine.graph.export("graph.graphml")

Looking needs no lock, and works on a `Library` as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from glede.errors import ConfigurationError, NotFoundError, UnavailableError, UsageError
from glede.extracting import Means
from glede.graph.document_names import NamedHere, named_here
from glede.graph.listing import Listing
from glede.graph.resolving import Resolution, Resolving
from glede.graph.stating import StatedEntity, StatedRelation, stated_json
from glede.graph.summarising import Answered, Passage, Summaries
from glede.graph.themes import Themes
from glede.graph.viewing import Viewing
from glede.graph.views import Entity, Identity, Relation, ShownTheme, View, entity_id
from glede.knowledge import ALL, Edit, GraphCounts, Graphed, Stated, WholeGraph
from glede.registry import open_extractor
from glede.results import Filter, Report
from glede.sources.items import Content
from glede.types import Document, MetadataValue

if TYPE_CHECKING:
    from glede.doors.library import Library
    from glede.engine import Engine

PARSER = "knowledge"
"""Reads what users state themselves."""
_SCANNED = 20_000
_USER = "user"


@dataclass(frozen=True, slots=True)
class Stats:
    """How much there is, and the entities that most documents name.

    `complete` says that all entities were looked at for that, not only the first 20,000. `outdated` counts
    documents that were read by an older version of the rules; `retry` reads them again.
    """

    counts: GraphCounts
    entities: tuple[Entity, ...]
    edits: int
    complete: bool
    outdated: int = 0


def _outdated(counts: GraphCounts) -> int:
    """How many documents other rules have read than those of today, alone or below a model."""
    rules = open_extractor("nlp", Means()).fingerprint
    kind = rules.partition("@")[0]
    return sum(
        documents
        for extractor, documents in counts.documents.items()
        if any(part.partition("@")[0] == kind and part != rules for part in extractor.split("+"))
    )


class GraphView:
    """Looks at the graph of a data folder. Every method takes a `collection`; filters bind what is shown."""

    def __init__(self, library: Library) -> None:
        self._library = library

    @property
    def _graph(self) -> WholeGraph:
        catalogue = self._library.catalogue
        if not isinstance(catalogue, Graphed):
            raise UnavailableError("this catalogue keeps no graph")
        return catalogue.graph

    @property
    def _viewing(self) -> Viewing:
        return Viewing(self._library.catalogue, self._graph)

    async def stats(self, most: int = 10, collection: str | None = None) -> Stats:
        """How much the graph holds, and the `most` entities that the most documents name."""
        return await asyncio.to_thread(self._stats, self._library.name_of(collection), most)

    def _stats(self, collection: str, most: int) -> Stats:
        graph = self._graph
        listed = graph.entities(collection, 0, _SCANNED)
        edits = sum(not edit.undone for edit in graph.edits(collection))
        best = Listing(self._library.catalogue, graph).foremost(collection, listed, most)
        counts = graph.counts(collection)
        return Stats(counts, best, edits, len(listed) < _SCANNED, _outdated(counts))

    async def show(
        self,
        name: str,
        *,
        depth: int = 1,
        limit: int = 30,
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        collection: str | None = None,
    ) -> View:
        """The entities of a name and what stands around them, with the evidence of each relation.

        Raises `NotFoundError` with the nearest names where there is none.
        """
        place, where = await self._where(filter, collection)
        return await asyncio.to_thread(self._viewing.show, place, name, depth, limit, where)

    async def path(
        self,
        start: str,
        goal: str,
        *,
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        collection: str | None = None,
    ) -> View:
        """The shortest chains of facts and shared passages from one entity to another; none where `paths`
        is empty.
        """
        place, where = await self._where(filter, collection)
        return await asyncio.to_thread(self._viewing.path, place, start, goal, where)

    async def themes(
        self,
        limit: int = 10,
        *,
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        collection: str | None = None,
    ) -> list[ShownTheme]:
        """What the collection is about, the largest theme first: central entities and passages of each.

        The first call finds them, which takes seconds in a large collection; they are kept until a tenth of
        the documents has changed.
        """
        place, where = await self._where(filter, collection)
        return [shown for shown, _ in await asyncio.to_thread(self._themes, place, limit, where)]

    def _themes(self, collection: str, limit: int, where: Filter) -> list[tuple[ShownTheme, tuple[str, ...]]]:
        themes = Themes(self._graph, self._library.catalogue)
        found = themes.all(collection, where, limit)
        return [self._viewing.theme(collection, theme, where) for theme in found]

    async def entities(
        self, after: int = 0, limit: int = 500, collection: str | None = None
    ) -> tuple[list[Entity], int | None]:
        """All entities page by page: a page, and what to give as `after` for the next; None at the end."""
        listing = Listing(self._library.catalogue, self._graph)
        place = self._library.name_of(collection)
        return await asyncio.to_thread(listing.entities_after, place, after, limit)

    async def relations(
        self, after: Stated | None = None, limit: int = 500, collection: str | None = None
    ) -> tuple[list[Relation], Stated | None]:
        """All relations page by page, as `entities`; what documents of several pages state comes in each."""
        listing = Listing(self._library.catalogue, self._graph)
        place = self._library.name_of(collection)
        return await asyncio.to_thread(listing.relations_after, place, after, limit)

    async def named_in(
        self, document: Document, most: int = 50, collection: str | None = None
    ) -> list[NamedHere]:
        """The entities that a document names, the most telling first, as it says them itself."""
        place = self._library.name_of(collection)
        read = await asyncio.to_thread(self._graph.read, place, document.id)
        return named_here(read.mentions, most) if read else []

    async def edits(self, collection: str | None = None) -> list[Identity]:
        """All merges and splits, oldest first."""
        place = self._library.name_of(collection)
        return await asyncio.to_thread(self._edits, place)

    def _edits(self, collection: str) -> list[Identity]:
        return [self._identity(collection, edit) for edit in self._graph.edits(collection)]

    async def export(self, target: str | Path, collection: str | None = None) -> list[Path]:
        """Write the whole graph as GraphML, JSON, CSV or Cypher, by the ending of the file's name."""
        listing = Listing(self._library.catalogue, self._graph)
        return await asyncio.to_thread(listing.write, self._library.name_of(collection), Path(target))

    async def _where(
        self, chosen: Mapping[str, MetadataValue] | None, collection: str | None
    ) -> tuple[str, Filter]:
        name = self._library.name_of(collection)
        return name, await self._library.filter_of(chosen, name) if chosen else ALL

    def _identity(self, collection: str, edit: Edit) -> Identity:
        """An edit with names in the place of numbers, as documents write them."""
        names = []
        for entity in edit.entities:
            found = self._graph.entities(collection, entity - 1, 1)
            known = found and found[0].entity == entity
            names.append(found[0].name if known else entity_id(entity))
        return Identity(edit.id, edit.kind, tuple(names), edit.documents, edit.by, edit.made_at, edit.undone)


class GraphWork(GraphView):
    """Looks at the graph and changes it: identities, and what users state themselves."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine

    async def merge(self, name: str, *others: str, collection: str | None = None) -> Identity:
        """From now on the others mean the first; `undo` takes it back."""
        place = self._library.name_of(collection)
        return await asyncio.to_thread(self._merge, place, (name, *others))

    def _merge(self, collection: str, names: Sequence[str]) -> Identity:
        entities = [self._viewing.find(collection, name, ALL)[0] for name in names]
        if len(set(entities)) < 2:
            raise UsageError(
                f"{' and '.join(names)[:200]} are the same entity already",
                hint="`glede graph split` parts documents that mean different things by one name.",
            )
        made = self._graph.edit(collection, "merge", list(dict.fromkeys(entities)), (), _USER)
        return self._identity(collection, made)

    async def split(self, name: str, *documents: str, collection: str | None = None) -> Identity:
        """From now on these documents mean another entity by the name; `undo` takes it back."""
        found = [await self._engine.document(one, collection) for one in documents]
        place = self._library.name_of(collection)
        return await asyncio.to_thread(self._split, place, name, [one.id for one in found])

    def _split(self, collection: str, name: str, document_ids: Sequence[str]) -> Identity:
        entity = self._viewing.find(collection, name, ALL)[0]
        within = Filter(documents=frozenset(document_ids))
        if not document_ids or not self._graph.places(collection, [entity], 1, within):
            raise UsageError(
                f"none of these documents names {name[:80]!r}",
                hint=f"`glede graph show` lists those that do: glede graph show {name[:80]!r}",
            )
        made = self._graph.edit(collection, "split", [entity], list(document_ids), _USER)
        return self._identity(collection, made)

    async def resolve(self, *, dry_run: bool = False, collection: str | None = None) -> Resolution:
        """Join entities that are one: where they differ in writing only, or the extracting model says so.

        Each join is an edit that `undo` takes back, and is then never made again. A dry run joins nothing.
        """
        resolving = Resolving(
            self._library.catalogue,
            self._graph,
            self._engine.lines.extract,
            self._library.settings.model_concurrency,
        )
        return await resolving.resolve(self._library.name_of(collection), dry_run=dry_run)

    async def summarised_themes(
        self,
        limit: int = 10,
        *,
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        collection: str | None = None,
    ) -> list[ShownTheme]:
        """The themes with a sentence or two of the chat model for each, kept until a document of it goes.

        Raises `ConfigurationError` where there is no chat model.
        """
        writing = self._engine.lines.ask.writing
        if writing is None:
            raise ConfigurationError(
                "a summary takes a chat model", hint="Name one in GLEDE_CHAT, or list the themes without."
            )
        place, where = await self._where(filter, collection)
        catalogue = self._library.catalogue
        kept = catalogue.responses if isinstance(catalogue, Answered) else None
        summaries = Summaries(writing.chat, kept)
        told = []
        for shown, texts in await asyncio.to_thread(self._themes, place, limit, where):
            ids = [one.document_id for one in shown.evidence]
            passages = [Passage(one, text) for one, text in zip(ids, texts, strict=True)]
            told.append(
                replace(shown, summary=await summaries.of([one.name for one in shown.entities], passages))
            )
        return told

    async def undo(self, edit: int | None = None, collection: str | None = None) -> Identity:
        """Take an edit back, the last one where none is named."""
        place = self._library.name_of(collection)
        undone = await asyncio.to_thread(self._graph.undo, place, edit)
        if undone is None:
            what = "nothing" if edit is None else f"no edit {edit}"
            raise NotFoundError(
                f"there is {what} to be undone", hint="`glede graph edits` lists them with their numbers."
            )
        return await asyncio.to_thread(self._identity, place, undone)

    async def add(
        self,
        entities: Sequence[StatedEntity] = (),
        relations: Sequence[StatedRelation] = (),
        *,
        source: str = "knowledge.json",
        metadata: Mapping[str, MetadataValue] | None = None,
        collection: str | None = None,
    ) -> Report:
        """Add entities and relations of your own, as a document named `source`: it is searched and cited as
        their source, replaced when `source` is added again, and deleted like any other.
        """
        if not entities and not relations:
            raise UsageError("there is nothing to add", hint="Give entities, relations, or both.")
        content = Content(stated_json(entities, relations), source)
        return await self._engine.add(content, parser=PARSER, metadata=metadata, collection=collection)

    async def add_file(
        self,
        path: str | Path,
        *,
        metadata: Mapping[str, MetadataValue] | None = None,
        collection: str | None = None,
    ) -> Report:
        """Add the entities and relations of a JSON or CSV file (docs/graph.md), as a document."""
        return await self._engine.add(path, parser=PARSER, metadata=metadata, collection=collection)
