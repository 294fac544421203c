"""Documents that say something, and questions to the graph of a catalogue: what its contracts are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from glede.graph.names import entity_of
from glede.knowledge import (
    Alias,
    DocumentGraph,
    Fact,
    Mention,
    WholeGraph,
)
from glede.ports import Catalogue, Commit
from glede.results import Filter
from glede.testing.catalogue_contract import HERE, sample_commit

ALL = Filter()
FIRST, SECOND = "nlp 1", "nlp 2"
WHO, LONG, OTHER = "WHO", "World Health Organization", "Western Hemisphere Office"
HOSTILE = (
    "Robert'); DROP TABLE graph_told;--",
    '"quoted" \\ back{slash} % {} ?',
    "nul \0 and \x1f\x7f\x9b controls",
    "half a letter \ud83d here",
    "مرحبا 世界 Ünïcode 🪁",
    "long " * 400,
    "\u202eright to left",
    "; ' ; , \t \r\n |",
)


class GraphCatalogue(Catalogue, Protocol):
    """A catalogue that keeps the graph of its documents."""

    @property
    def graph(self) -> WholeGraph:
        """What the documents say."""
        ...


def sample_graph(
    commit: Commit,
    mentions: Iterable[Mention] = (),
    facts: Iterable[Fact] = (),
    aliases: Iterable[Alias] = (),
    extractor: str = FIRST,
) -> DocumentGraph:
    """What the document of a commit says."""
    return DocumentGraph(commit.document.id, extractor, tuple(mentions), tuple(facts), tuple(aliases))


def telling(
    content: str,
    mentions: Iterable[Mention | str] = (),
    facts: Iterable[Fact] = (),
    aliases: Iterable[Alias] = (),
    chunks: int = 3,
) -> Commit:
    """A commit whose document says this; a bare name is named by its first chunk."""
    commit = sample_commit(content, f"{content}.txt", chunks=chunks)
    full = [Mention(one, "name", 0) if isinstance(one, str) else one for one in mentions]
    return replace(commit, graph=sample_graph(commit, full, facts, aliases))


def only(*commits: Commit) -> Filter:
    """Lets these documents through."""
    return Filter(documents=frozenset(commit.document.id for commit in commits))


def chunks_of(
    catalogue: GraphCatalogue, name: str | int, where: Filter = ALL, collection: str = HERE
) -> list[str]:
    """The ids of the chunks that name an entity."""
    entity = name if isinstance(name, int) else entity_of(name)
    places = catalogue.graph.places(collection, [entity], 100, where).get(entity, [])
    ids = catalogue.graph.chunk_ids(collection, [place.chunk for place in places])
    return [ids[place.chunk] for place in places]


def firsts(*commits: Commit) -> list[str]:
    """The ids of the first chunks."""
    return [commit.chunks[0].id for commit in commits]


def canonical(catalogue: GraphCatalogue, name: str, where: Filter = ALL) -> tuple[int, ...]:
    """What a name stands for."""
    return catalogue.graph.canonical(HERE, [entity_of(name)], where)[entity_of(name)]


def numbers_of(names: Sequence[str]) -> list[int]:
    """The entities of names."""
    return [entity_of(name) for name in names]
