"""The knowledge graph's values and seams: what documents say of entities, kept for each, merged when read.

An entity is known by the number of its name (`glede.graph.names.entity_of`). Everything that is said of it
belongs to one chunk of one document, so that adding or deleting a document touches its own rows only, and a
filter that leaves out a document leaves out what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from glede.results import Filter

if TYPE_CHECKING:
    from glede.types import Chunk, Parsed

ENTITY_TYPES = (
    "person", "organization", "place", "work", "event", "product", "name", "term", "acronym", "identifier",
    "quantity", "date", "document", "section", "image", "table", "equation",
)  # fmt: skip
"""The types that rules give; `name` is a proper name of unknown kind, which agrees with every other type. A
domain's own types may stand beside them."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity that a chunk names. `chunk` is the place of the chunk in its document, from 0.

    `subject` says that the chunk is about it: it is in the title or heading above the chunk, or is itself the
    picture, table or equation.
    """

    name: str
    type: str
    chunk: int
    count: int = 1
    subject: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a chunk states of two entities, by their names; `label` is the verb or the kind of tie."""

    source: str
    label: str
    target: str
    chunk: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class Alias:
    """Two names that a document says mean the same, as "World Health Organization (WHO)" does."""

    name: str
    other: str
    chunk: int


@dataclass(frozen=True, slots=True)
class DocumentGraph:
    """All that one document says, and who read it: `extractor` is the fingerprint of an `Extractor`.

    `unread` are the places of chunks that the extractor has failed on; they are tried again by `retry`.
    """

    document_id: str
    extractor: str
    mentions: tuple[Mention, ...] = ()
    facts: tuple[Fact, ...] = ()
    aliases: tuple[Alias, ...] = ()
    unread: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()


class Extractor(Protocol):
    """Finds what the chunks of a document say of entities.

    `fingerprint` changes whenever what it finds may change. `extract` raises `ModelError` where the whole
    document should be tried again later.
    """

    @property
    def fingerprint(self) -> str:
        """Names the extractor, its version, its settings and its model."""
        ...

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        """All that the document says; `chunks` are those of `parsed`, in order, and of one document."""
        ...


@runtime_checkable
class Continuing(Protocol):
    """An extractor that can go on where it, or a reading of an earlier version, has left chunks unread."""

    async def go_on(self, parsed: Parsed, chunks: Sequence[Chunk], known: DocumentGraph) -> DocumentGraph:
        """All that the document says, of which `known` tells all but what the chunks in its `unread` say.

        `known.extractor` is this extractor's own fingerprint.
        """
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A chunk of the graph by number, and what tells its weight there; numbers never leave the process."""

    chunk: int
    count: int
    subject: bool


@dataclass(frozen=True, slots=True)
class Content:
    """An entity that a chunk names."""

    entity: int
    count: int
    subject: bool


@dataclass(frozen=True, slots=True)
class Named:
    """An entity as its documents write it: the most frequent name and type first, bounded."""

    entity: int
    names: tuple[str, ...]
    types: tuple[str, ...]
    mentions: int
    documents: int
    descriptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact by the numbers of its entities and of the chunk that states it."""

    source: int
    target: int
    label: str
    chunk: int
    description: str = ""


ALL = Filter()
"""Lets every document through."""


class Graph(Protocol):
    """What retrieval reads of the graph; every answer is bounded, whatever a hub holds.

    Entities that users have merged answer as one, under the number of the one that was kept. An answer is
    found under each number that was asked for, and is missing where nothing is known.
    """

    def canonical(
        self, collection: str, entities: Sequence[int], where: Filter = ALL
    ) -> dict[int, tuple[int, ...]]:
        """What each number stands for after merges, aliases and splits; itself where nothing is known.

        The likeliest comes first. An alias binds only where a document says so that the filter lets through.
        """
        ...

    def places(
        self, collection: str, entities: Sequence[int], limit: int, where: Filter
    ) -> dict[int, list[Place]]:
        """The chunks that name each entity; at most `limit` + 1 for each, those with `subject` first.

        One more than `limit` says that there are more. Modalities of the filter do not count here.
        """
        ...

    def contents(
        self, collection: str, chunks: Sequence[int], where: Filter = ALL
    ) -> dict[int, list[Content]]:
        """The entities that each chunk names, the weightiest first, bounded; none outside the filter."""
        ...

    def facts(
        self, collection: str, entities: Sequence[int], limit: int, where: Filter
    ) -> dict[int, list[Stated]]:
        """What is stated of each entity, from either end; at most `limit` for each."""
        ...

    def numbers(self, collection: str, chunk_ids: Sequence[str]) -> dict[str, int]:
        """The numbers of chunks that have a place in the graph."""
        ...

    def chunk_ids(self, collection: str, chunks: Sequence[int]) -> dict[int, str]:
        """The ids of chunks by their numbers."""
        ...

    def named(self, collection: str, entities: Sequence[int], where: Filter) -> dict[int, Named]:
        """How the entities are called and described, from at most some hundred documents of each."""
        ...


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that a user or a model's verdict made to identities; `undone` edits have no effect."""

    id: int
    kind: str
    entities: tuple[int, ...]
    documents: tuple[str, ...]
    by: str
    made_at: str
    undone: bool = False


@dataclass(frozen=True, slots=True)
class GraphCounts:
    """How much there is: documents by the fingerprint of the extractor that read them."""

    entities: int
    mentions: int
    facts: int
    chunks: int
    documents: Mapping[str, int]


class GraphKeeping(Protocol):
    """What writes, lists and changes the graph."""

    def write(self, collection: str, graphs: Sequence[DocumentGraph]) -> None:
        """Replace what live documents say, in one transaction; documents that are gone are left out."""
        ...

    def read(self, collection: str, document_id: str) -> DocumentGraph | None:
        """What is kept of a document, in a fixed order: each entity under one name, and once in a chunk."""
        ...

    def pending(self, collection: str, extractor: str, limit: int) -> list[str]:
        """Live documents that this extractor has not read, or not wholly."""
        ...

    def counts(self, collection: str) -> GraphCounts:
        """How much there is."""
        ...

    def edit(
        self, collection: str, kind: str, entities: Sequence[int], documents: Sequence[str], by: str
    ) -> Edit:
        """`merge`: all are the first from now on. `split`: those documents mean another by the one."""
        ...

    def undo(self, collection: str, edit: int | None = None) -> Edit | None:
        """Take an edit back, the last where none is named."""
        ...

    def edits(self, collection: str) -> list[Edit]:
        """All edits, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """An entity in a list of all: one of its names and types, and how many documents name it."""

    entity: int
    name: str
    type: str
    documents: int


@dataclass(frozen=True, slots=True)
class Naming:
    """What one document says of an entity: how it calls it, and the numbers of the chunks that name it."""

    document_id: str
    name: str
    type: str
    mentions: int
    chunks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """The highest number of a document, how many documents there are, and how many came after a number."""

    last: int
    documents: int
    added: int


@runtime_checkable
class GraphListing(Protocol):
    """What goes through the graph piece by piece: exports, themes, and looking at one entity closely."""

    def entities(self, collection: str, after: int, limit: int) -> list[Listed]:
        """Entities as documents name them, by their numbers above `after`, ascending; before any merge."""
        ...

    def statements(self, collection: str, after: Stated | None, limit: int) -> list[Stated]:
        """All facts by chunk, source, target and label, those behind `after`; before any merge."""
        ...

    def namings(self, collection: str, entity: int, limit: int, where: Filter) -> list[Naming]:
        """What documents say of an entity (with what is merged into it, without what was split off)."""
        ...

    def aliases(self, collection: str, document_ids: Sequence[str]) -> dict[str, tuple[Alias, ...]]:
        """The names that documents explain by one another, sorted; of those that explain any."""
        ...

    def growth(self, collection: str, since: int) -> Growth:
        """How much has come since the document of that number, 0 for all: what tells themes that they age."""
        ...


class WholeGraph(Graph, GraphKeeping, GraphListing, Protocol):
    """All that a store of the graph can do."""


@runtime_checkable
class Graphed(Protocol):
    """A catalogue that keeps the graph of its documents."""

    @property
    def graph(self) -> WholeGraph:
        """The graph, in the same database."""
        ...
