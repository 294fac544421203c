"""What a document that has changed keeps of what its source meant before.

The vectors of unchanged chunks are found by their texts. Beside them its seams are kept, so that a change
moves no chunk but those it touches, and what a model has said of the chunks that are as they were: only the
others are read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from glede.adding.seams import Seams, seams_of
from glede.errors import DamagedError
from glede.knowledge import Alias, DocumentGraph, Fact, Graphed, Mention
from glede.ports import Catalogue
from glede.types import Chunk, Document

_Said = TypeVar("_Said", Mention, Fact, Alias)


@dataclass(frozen=True, slots=True)
class Former:
    """What a source meant before: its document with its chunks, and what is known of them."""

    document: Document
    chunks: tuple[Chunk, ...]
    graph: DocumentGraph | None = None

    @property
    def seams(self) -> Seams:
        """Where its chunks of text began and ended."""
        return seams_of(self.chunks)


def former_of(catalogue: Catalogue, collection: str, source: str) -> Former | None:
    """What a source means until now; `None` where it is new, or damaged, which cuts it as if it were new."""
    state = catalogue.source(collection, source)
    if state is None:
        return None
    try:
        document = catalogue.document(collection, state.document_id)
        if document is None:
            return None
        chunks = tuple(catalogue.document_chunks(collection, document.id))
    except DamagedError:
        return None
    graph = catalogue.graph.read(collection, document.id) if isinstance(catalogue, Graphed) else None
    return Former(document, chunks, graph)


def carried(former: Former, found: DocumentGraph, chunks: Sequence[Chunk]) -> DocumentGraph:
    """What was found without a model, and of unchanged chunks of text what another has said of them before.

    The others are `unread`, so that whoever has read the document before reads them, and no more.
    """
    before = former.graph
    if before is None or before.extractor == found.extractor:
        return found
    places = unchanged(former.chunks, chunks, frozenset(before.unread))
    kept = frozenset(places.values())
    return replace(
        found,
        extractor=before.extractor,
        mentions=(*_moved(before.mentions, places), *_of_others(found.mentions, kept)),
        facts=(*_moved(before.facts, places), *_of_others(found.facts, kept)),
        aliases=(*_moved(before.aliases, places), *_of_others(found.aliases, kept)),
        unread=tuple(
            place for place, chunk in enumerate(chunks) if place not in kept and chunk.modality == "text"
        ),
    )


def unchanged(
    before: Sequence[Chunk], after: Sequence[Chunk], but: frozenset[int] = frozenset()
) -> dict[int, int]:
    """Where unchanged chunks of text stand now, by where they stood; equal ones in their order."""
    waiting: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for place in reversed(range(len(before))):
        if before[place].modality == "text" and place not in but:
            waiting.setdefault(_said(before[place]), []).append(place)
    found: dict[int, int] = {}
    for place, chunk in enumerate(after):
        known = waiting.get(_said(chunk)) if chunk.modality == "text" else None
        if known:
            found[known.pop()] = place
    return found


def _said(chunk: Chunk) -> tuple[str, tuple[str, ...]]:
    """What a model is shown of a chunk."""
    return chunk.text, chunk.heading_path


def _moved(said: Sequence[_Said], places: Mapping[int, int]) -> list[_Said]:
    return [replace(one, chunk=places[one.chunk]) for one in said if one.chunk in places]


def _of_others(said: Sequence[_Said], kept: frozenset[int]) -> list[_Said]:
    return [one for one in said if one.chunk not in kept]
