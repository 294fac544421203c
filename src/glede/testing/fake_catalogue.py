"""The catalogue in dictionaries: the same transactions as in SQL, said in the plainest way."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from glede.aside import is_past, past_of, present_of
from glede.ports import Commit, Retired, SourceState, StoredChunk, TermStatistics
from glede.testing.fake_graph import MemoryGraph
from glede.testing.fake_past import MemoryPast
from glede.testing.fake_scopes import Scope, Scopes
from glede.text.labels import label_of, labels_of
from glede.types import Chunk, Document


class MemoryCatalogue:
    """The truth about documents for as long as the process lives; `graph` is what they say.

    With `history` what is replaced or removed goes to the `past`.
    """

    def __init__(self, *, history: bool = False) -> None:
        self._scopes = Scopes()
        self._vectors: dict[tuple[str, str], tuple[str, int]] = {}
        self._retired: dict[int, Retired] = {}
        self._notes: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self.graph = MemoryGraph(self)
        self._past = MemoryPast(self._scopes, self._retire)
        self._history = history

    @property
    def past(self) -> MemoryPast:
        """What was live once."""
        return self._past

    def snapshot(self) -> AbstractContextManager[None]:
        """See `glede.ports.Readable`; reads see the state of the moment."""
        return nullcontext()

    def announce(self, collection: str, chunk_ids: Sequence[str], blobs: Sequence[str]) -> int:
        """Note what is about to be written to Index and Blobs: until the commit it counts as retired."""
        number = next(self._numbers)
        self._retired[number] = Retired(number, collection, tuple(chunk_ids), tuple(blobs))
        return number

    def commit(self, collection: str, commits: Sequence[Commit], announced: int | None = None) -> None:
        """Make the documents live, and take the announcement back."""
        past = is_past(collection)
        scope = self._past.kept(present_of(collection)) if past else self._scopes.made(collection)
        back = self._past.renewed(collection, commits) if self._history and not past else []
        dropped = []
        for commit in commits:
            if commit.document.id in scope.live:
                dropped.append(scope.live.pop(commit.document.id))
            scope.live[commit.document.id] = commit
            self._keep_vectors(commit)
        names = [(one.source, one.document.id, one.modified) for one in commits]
        self._retire(past_of(collection), back)
        self._retire(collection, dropped)
        self._point(collection, names)
        self.graph.write(
            collection, [one.graph for one in commits if scope.live.get(one.document.id) is one and one.graph]
        )
        if announced is not None:
            self._retired.pop(announced, None)

    def attach(self, collection: str, source: str, document_id: str, modified: float) -> bool:
        """Name a live document by one more source; false where it is not live any more."""
        if document_id not in self._scope(collection).live:
            return False
        self._point(collection, [(source, document_id, modified)])
        return True

    def remove(self, collection: str, document_ids: Sequence[str]) -> None:
        """Retire documents with all their sources."""
        scope = self._scope(collection)
        live = [key for key in dict.fromkeys(document_ids) if key in scope.live]
        for document_id in live:
            for name in scope.names(document_id):
                self._ended(collection, name, document_id, None)
                del scope.sources[name]
        self._take_out(collection, live)

    def retired(self, limit: int = 100) -> list[Retired]:
        """What waits to be purged from Index and Blobs, oldest first."""
        return list(self._retired.values())[:limit]

    def purged(self, retired_ids: Sequence[int]) -> None:
        """Forget what has been purged."""
        for number in retired_ids:
            self._retired.pop(number, None)

    def uses_blob(self, key: str) -> bool:
        """Whether a live document of any collection keeps that blob."""
        scopes = [self._scope(name) for name in self._scopes.names()]
        return any(key in commit.blobs for scope in scopes for commit in list(scope.live.values()))

    def document(self, collection: str, document_id: str) -> Document | None:
        """The live document of that id."""
        scope = self._scope(collection)
        return scope.document(document_id) if document_id in scope.live else None

    def find(self, collection: str, name: str) -> list[Document]:
        """Live documents by id, the beginning of an id (4 digits or more), source, or end of a source."""
        scope = self._scope(collection)
        if name in scope.sources:
            return [scope.document(scope.sources[name][0])]
        if name in scope.live:
            return [scope.document(name)]
        end = f"/{name.removeprefix('./')}"
        found = [meant for source, (meant, _) in scope.sources.items() if source.endswith(end)]
        if re.fullmatch(r"[0-9a-f]{4,64}", name):
            found += sorted(key for key in scope.live if key.startswith(name))
        return [scope.document(key) for key in dict.fromkeys(found)]

    def documents(self, collection: str) -> list[Document]:
        """All live documents, in the order of their first source."""
        scope = self._scope(collection)
        return [scope.document(key) for key in dict.fromkeys(meant for meant, _ in scope.sources.values())]

    def page(self, collection: str, after: str, limit: int) -> list[Document]:
        """Live documents in the order of the names of their first sources, those above `after`."""
        above = [one for one in self.documents(collection) if one.sources[0] > after]
        return sorted(above, key=lambda one: one.sources[0])[:limit]

    def extent(self, collection: str) -> tuple[int, int]:
        """How many live documents there are, and how many chunks they have."""
        documents = self.documents(collection)
        return len(documents), sum(one.chunks for one in documents)

    def source(self, collection: str, source: str) -> SourceState | None:
        """What a source meant when it was last added."""
        scope = self._scope(collection)
        if source not in scope.sources:
            return None
        meant, modified = scope.sources[source]
        return SourceState(source, meant, scope.live[meant].document.size, modified)

    def sources_below(self, collection: str, folder: str) -> list[SourceState]:
        """What the sources below a folder meant when they were last added."""
        start = f"{folder.rstrip('/')}/"
        names = [source for source in self._scope(collection).sources if source.startswith(start)]
        found = (self.source(collection, name) for name in names)
        return [state for state in found if state is not None]

    def touch(self, collection: str, sources: Mapping[str, float]) -> None:
        """Note when the files of sources were changed last."""
        scope = self._scope(collection)
        for source, modified in sources.items():
            if source in scope.sources:
                scope.sources[source] = (scope.sources[source][0], modified)

    def detach(self, collection: str, sources: Sequence[str]) -> None:
        """Forget sources; what nothing names any more is retired."""
        scope = self._scope(collection)
        meant: dict[str, None] = {}
        for source in [one for one in sources if one in scope.sources]:
            document_id = scope.sources[source][0]
            self._ended(collection, source, document_id, None)
            del scope.sources[source]
            meant[document_id] = None
        self._take_out(collection, [key for key in meant if not scope.names(key)])

    def chunks(self, collection: str, ids: Sequence[str]) -> dict[str, StoredChunk]:
        """Those of the ids that are chunks of live documents."""
        scope = self._scope(collection)
        wanted = set(ids)
        return {
            chunk.id: StoredChunk(chunk, scope.names(commit.document.id)[-1])
            for commit in list(scope.live.values())
            for chunk in commit.chunks
            if chunk.id in wanted
        }

    def document_chunks(self, collection: str, document_id: str) -> list[Chunk]:
        """The chunks of a live document in order."""
        commit = self._scope(collection).live.get(document_id)
        return [] if commit is None else sorted(commit.chunks, key=lambda chunk: chunk.ordinal)

    def labelled(
        self, collection: str, labels: Sequence[tuple[str, str]], limit: int
    ) -> frozenset[str] | None:
        """The live documents that have all of these metadata pairs; `None` where more than `limit` do."""
        wanted = {label_of(key, value) for key, value in labels}
        live = self._scope(collection).live.values()
        found = [one.document.id for one in live if wanted.issubset(labels_of(one.document))]
        return None if len(found) > limit else frozenset(found)

    def neighbours(self, collection: str, chunks: Sequence[Chunk], reach: int) -> dict[str, list[Chunk]]:
        """For the id of each chunk, those up to `reach` places before and after it, the nearest first."""
        return {
            chunk.id: sorted(
                (
                    other
                    for other in self.document_chunks(collection, chunk.document_id)
                    if other.id != chunk.id and abs(other.ordinal - chunk.ordinal) <= reach
                ),
                key=lambda other: (abs(other.ordinal - chunk.ordinal), other.ordinal),
            )
            for chunk in chunks
        }

    def term_statistics(self, collection: str, terms: Iterable[int]) -> TermStatistics:
        """Counts for these terms."""
        live = list(self._scope(collection).live.values())
        counted = {term: sum(commit.terms.get(term, 0) for commit in live) for term in set(terms)}
        chunks = sum(len(commit.chunks) for commit in live)
        lengths = sum(commit.lengths for commit in live)
        frequencies = {term: count for term, count in counted.items() if count}
        return TermStatistics(chunks, lengths / chunks if chunks else 0.0, frequencies)

    def embeddings(self, model: str, text_hashes: Iterable[str]) -> dict[str, tuple[str, int]]:
        """Of the texts embedded before: the blob, and the row in it."""
        known = self._vectors
        return {key: known[model, key] for key in text_hashes if (model, key) in known}

    def collections(self) -> list[str]:
        """The names of collections that hold documents."""
        return sorted(name for name in self._scopes.names() if self._scope(name).live and not is_past(name))

    def remember(self, key: str, value: str) -> None:
        """Keep a small text under a key."""
        self._notes[key] = value

    def recall(self, key: str) -> str | None:
        """The text kept under a key."""
        return self._notes.get(key)

    def close(self) -> None:
        """Nothing is held."""

    def _scope(self, collection: str) -> Scope:
        return self._scopes.of(collection)

    def _keep_vectors(self, commit: Commit) -> None:
        if commit.pack is not None:
            for place, key in enumerate(commit.pack.text_hashes):
                self._vectors[commit.pack.model, key] = (commit.pack.key, place)

    def _point(self, collection: str, names: Sequence[tuple[str, str, float]]) -> None:
        """Let sources mean documents; those that nothing names any more are taken out."""
        scope = self._scope(collection)
        touched: dict[str, None] = {}
        successors: dict[str, str] = {}
        for source, document_id, modified in names:
            before, _ = scope.sources.get(source, (document_id, 0.0))
            if before != document_id:
                successors[before] = document_id
                self._ended(collection, source, before, document_id)
            scope.sources.pop(source, None)  # the latest name comes last
            scope.sources[source] = (document_id, modified)
            touched |= dict.fromkeys((before, document_id))
        gone = [key for key in touched if not scope.names(key)]
        self._take_out(collection, gone)
        for key in [one for one in gone if one in successors]:
            self.graph.follow(collection, key, successors[key])

    def _ended(self, collection: str, source: str, before: str, after: str | None) -> None:
        if self._history:
            self._past.ended(collection, source, before, after)

    def _take_out(self, collection: str, document_ids: Sequence[str]) -> None:
        graphs = [self.graph.read(collection, key) for key in document_ids]
        taken = [self._scope(collection).live.pop(key) for key in document_ids]
        if self._history:
            self._past.left(collection, taken)
        self._retire(collection, taken)
        if self._history:
            self.graph.write(past_of(collection), [one for one in graphs if one is not None])

    def _retire(self, collection: str, dropped: Sequence[Commit]) -> None:
        live = self._scope(collection).live.values()
        chunks = {chunk.id for commit in live for chunk in commit.chunks}
        for commit in dropped:
            self.graph.drop(collection, commit.document.id)
            gone = [chunk.id for chunk in commit.chunks if chunk.id not in chunks]
            unused = [key for key in dict.fromkeys(commit.blobs) if not self.uses_blob(key)]
            self._vectors = {key: place for key, place in self._vectors.items() if place[0] not in unused}
            if gone or unused:
                self.announce(collection, gone, unused)
