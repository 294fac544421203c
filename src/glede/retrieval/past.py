"""What is read and searched where the past is asked: what was live at one point in time, and nothing else.

What is live still lies in the collection, what is not in the one beside it. Both are searched, and what was
not live then is left out: by a filter where the documents are few enough to be named, and in any case where
chunks are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from glede.aside import past_of
from glede.errors import ModelMismatchError
from glede.pictures.features import pictures_of
from glede.ports import Match, Readable, Searchable, StoredChunk, TermStatistics, Vectors
from glede.results import Filter
from glede.retrieval.remembering import Past
from glede.types import Chunk, Document

MOST_NAMED = 4000
"""Documents that a filter names one by one."""
FURTHER = 8
"""How many times as many rows are asked for where that many cannot be named."""
_PICTURES = pictures_of("")


@dataclass(frozen=True, slots=True)
class Then:
    """A collection at a moment: `since` has the documents that were live, `gone` those that are not now."""

    collection: str
    since: Mapping[str, str]
    present: frozenset[str]
    gone: frozenset[str]

    @classmethod
    def at(cls, past: Past, collection: str, moment: str) -> Then:
        """Look up what was live; it blocks."""
        since = past.live_at(collection, moment)
        return cls(collection, since, past.ids_of(collection), past.ids_of(past_of(collection)))

    def scope_of(self, document_id: str) -> str | None:
        """Where a document lies that was live then."""
        if document_id not in self.since:
            return None
        if document_id in self.present:
            return self.collection
        return past_of(self.collection) if document_id in self.gone else None

    def within(self, scope: str) -> frozenset[str]:
        """The documents of a scope that were live then."""
        there = self.present if scope == self.collection else self.gone - self.present
        return there.intersection(self.since)

    def scopes(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Both scopes, with all that lies in each."""
        return (self.collection, self.present), (past_of(self.collection), self.gone)


@dataclass(frozen=True, slots=True)
class PastReading:
    """The documents of a collection as they were then; `past` finds those that have gone by name."""

    catalogue: Readable
    past: Past
    then: Then

    def snapshot(self) -> AbstractContextManager[None]:
        """See `glede.ports.Readable`; so for the others."""
        return self.catalogue.snapshot()

    def document(self, collection: str, document_id: str) -> Document | None:
        """The document of that id, if it was live then."""
        scope = self.then.scope_of(document_id)
        return None if scope is None else self.catalogue.document(scope, document_id)

    def find(self, collection: str, name: str) -> list[Document]:
        """Documents by id, beginning of an id, source, or end of a source that they had."""
        own = (one.id for scope, _ in self.then.scopes() for one in self.catalogue.find(scope, name))
        ids = dict.fromkeys((*own, *self.past.find(collection, name)))
        found = (self.document(collection, one) for one in ids)
        return [document for document in found if document is not None]

    def chunks(self, collection: str, ids: Sequence[str]) -> dict[str, StoredChunk]:
        """Chunks of documents that were live then."""
        found: dict[str, StoredChunk] = {}
        for scope, _ in self.then.scopes():
            left = [key for key in ids if key not in found]
            stored = self.catalogue.chunks(scope, left) if left else {}
            within = self.then.within(scope)
            found |= {key: one for key, one in stored.items() if one.chunk.document_id in within}
        return found

    def document_chunks(self, collection: str, document_id: str) -> list[Chunk]:
        """The chunks of a document in order."""
        scope = self.then.scope_of(document_id)
        return [] if scope is None else self.catalogue.document_chunks(scope, document_id)

    def labelled(
        self, collection: str, labels: Sequence[tuple[str, str]], limit: int
    ) -> frozenset[str] | None:
        """The documents that have all of these metadata pairs."""
        found: set[str] = set()
        for scope, _ in self.then.scopes():
            ids = self.catalogue.labelled(scope, labels, limit)
            if ids is None:
                return None
            found |= ids & self.then.within(scope)
        return frozenset(found)

    def neighbours(self, collection: str, chunks: Sequence[Chunk], reach: int) -> dict[str, list[Chunk]]:
        """The chunks before and after each."""
        found: dict[str, list[Chunk]] = {chunk.id: [] for chunk in chunks}
        for scope, _ in self.then.scopes():
            own = [chunk for chunk in chunks if self.then.scope_of(chunk.document_id) == scope]
            found |= self.catalogue.neighbours(scope, own, reach) if own else {}
        return found

    def term_statistics(self, collection: str, terms: Iterable[int]) -> TermStatistics:
        """Counts over what is live and what has gone, whenever it was live: words are as rare then as now."""
        wanted = list(terms)
        each = [self.catalogue.term_statistics(scope, wanted) for scope, _ in self.then.scopes()]
        chunks = sum(one.chunks for one in each)
        lengths = sum(one.average_length * one.chunks for one in each)
        frequencies: dict[int, int] = {}
        for one in each:
            for term, count in one.frequencies.items():
                frequencies[term] = frequencies.get(term, 0) + count
        return TermStatistics(chunks, lengths / chunks if chunks else 0.0, frequencies)


@dataclass(frozen=True, slots=True)
class PastIndex:
    """The index over what was live then, in both scopes; `documents_of` tells whose chunks ids are."""

    index: Searchable
    then: Then
    documents_of: Callable[[Sequence[str]], Collection[str]] = field(default=tuple)
    known: dict[str, str | None] = field(default_factory=dict)

    def fingerprint(self, collection: str) -> str | None:
        """The model that the vectors are of, those of the present first; see `glede.ports.Searchable`."""
        there = (self._model_of(scope) for scope, _ in self._scopes(collection))
        return next((one for one in there if one is not None), None)

    def dense(self, collection: str, vector: Vectors, limit: int, where: Filter) -> list[Match]:
        """The rows of the highest cosine."""
        return self._searched(
            collection, limit, where, lambda scope, most, own: self.index.dense(scope, vector, most, own)
        )

    def keyword(
        self, collection: str, weights: Mapping[int, float], limit: int, where: Filter
    ) -> list[Match]:
        """The rows of the highest inner product."""
        return self._searched(
            collection, limit, where, lambda scope, most, own: self.index.keyword(scope, weights, most, own)
        )

    def _scopes(self, name: str) -> Iterable[tuple[str, str]]:
        """The scopes in the index, each with that of its documents; `name` may be that of the pictures."""
        ending = _PICTURES if name.endswith(_PICTURES) else ""
        return [(scope + ending, scope) for scope, _ in self.then.scopes()]

    def _searched(
        self,
        name: str,
        limit: int,
        where: Filter,
        search: Callable[[str, int, Filter], list[Match]],
    ) -> list[Match]:
        best: dict[str, Match] = {}
        for scope, documents in self._scopes(name):
            live = self.then.within(documents)
            chosen = live if where.documents is None else live & where.documents
            if not chosen or not self._is_there(scope, name):
                continue
            for match in self._of_scope(scope, documents, limit, replace(where, documents=chosen), search):
                best.setdefault(match.id, match)
        return sorted(best.values(), key=lambda match: (-match.score, match.id))[:limit]

    def _model_of(self, scope: str) -> str | None:
        """Asked once for each question: the index describes a whole collection for it."""
        if scope not in self.known:
            self.known[scope] = self.index.fingerprint(scope)
        return self.known[scope]

    def _is_there(self, scope: str, name: str) -> bool:
        """Whether the scope has rows; raises `ModelMismatchError` where another model has made them."""
        found, wanted = self._model_of(scope), self.fingerprint(name)
        if found is not None and wanted is not None and found != wanted:
            raise ModelMismatchError(scope, found, wanted)
        return found is not None

    def _of_scope(
        self,
        scope: str,
        documents: str,
        limit: int,
        where: Filter,
        search: Callable[[str, int, Filter], list[Match]],
    ) -> list[Match]:
        """What a scope finds; where the documents are too many to be named, more is asked for and sifted."""
        every = dict(self.then.scopes())[documents]
        if where.documents is not None and where.documents == every:
            return search(scope, limit, replace(where, documents=None))
        if where.documents is not None and len(where.documents) <= MOST_NAMED:
            return search(scope, limit, where)
        found = search(scope, limit * FURTHER, replace(where, documents=None))
        kept = self.documents_of([match.id for match in found])
        return [match for match in found if match.id in kept]
