"""What else an entity is called: the names that its documents explain by one another, as "same as" does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from glede.graph.names import entity_of
from glede.graph.reading import MOST_NAMES
from glede.knowledge import Named, Naming, WholeGraph

MOST_READ = 6
"""Documents whose explanations are read."""


def with_other_names(graph: WholeGraph, collection: str, named: Named, namings: Sequence[Naming]) -> Named:
    """The entity with what its documents say that it is called besides; at most `MOST_NAMES` in all."""
    documents = list(dict.fromkeys(one.document_id for one in namings))[:MOST_READ]
    explained = graph.aliases(collection, documents)
    pairs = [(one.name, one.other) for document_id in documents for one in explained.get(document_id, ())]
    numbers = list({entity_of(name) for name in chain.from_iterable(pairs)})
    meant = graph.canonical(collection, numbers) if numbers else {}

    def means(name: str) -> bool:
        number = entity_of(name)
        return number == named.entity or meant.get(number, (0,))[0] == named.entity

    others = [name for pair in pairs if any(map(means, pair)) for name in pair]
    return replace(named, names=tuple(dict.fromkeys((*named.names, *others)))[:MOST_NAMES])
