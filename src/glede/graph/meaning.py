"""Which of several things of one name a question means: the planet Mercury, and not the element.

Documents about a name are parted into its senses (`glede.graph.senses`). Where the ranking prefers those of
one sense clearly, the others are none of the question's: nothing is bridged or walked through them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from glede.graph.reading import NODE_BITS
from glede.graph.senses import Use, company_of, senses_of
from glede.knowledge import Graph, GraphListing
from glede.results import Filter

CLEAR = 0.8
"""A sense of which the best passage scores below this share of the best of all is not meant."""
MOST_DOCUMENTS = 32
_CHUNKS = 3
"""Of each document, read for the company of the name."""


def not_meant(
    graph: Graph,
    collection: str,
    entity: int,
    about: Sequence[int],
    strength: Mapping[int, float],
    where: Filter,
) -> frozenset[int]:
    """The documents that mean something else by a name, by their numbers; `about` are the chunks about it.

    None where only one document is about the name: there is but one thing to be meant then.
    """
    if len({chunk >> NODE_BITS for chunk in about}) < 2 or not isinstance(graph, GraphListing):
        return frozenset()
    namings = graph.namings(collection, entity, MOST_DOCUMENTS, where)
    chunks = {naming.document_id: naming.chunks for naming in namings}
    read = [chunk for each in chunks.values() for chunk in each[:_CHUNKS]]
    contents = graph.contents(collection, read, where)
    named = {chunk: [content.entity for content in inside] for chunk, inside in contents.items()}
    uses = [
        Use(one.document_id, one.type, company_of(named, one.chunks[:_CHUNKS], entity), one.mentions)
        for one in namings
    ]
    senses = [[chunk for use in group for chunk in chunks[use.document_id]] for group in senses_of(uses)]
    best = [max((strength.get(chunk, 0.0) for chunk in sense), default=0.0) for sense in senses]
    clear = CLEAR * max(best, default=0.0)
    return frozenset(
        chunk >> NODE_BITS
        for sense, score in zip(senses, best, strict=True)
        if score < clear
        for chunk in sense
    )
