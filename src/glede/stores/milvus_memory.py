"""What Milvus Lite holds in memory, searched in arrays.

For every search, Milvus Lite 3.2 looks each row up in Python to see whether it is the newest of its id, reads
all rows again that no file holds yet, and makes whole records of the hits: 60 of 112 ms of processor time at
1,500 documents, and more with each row. Here that is found
out once after each change, and a search is a few operations on arrays. What is held is the same, in the same
process, and nothing is written; an index with lists is asked as Milvus Lite asks it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress, pairwise
from typing import Any

import numpy as np

from glede.ports import Match, Vectors
from glede.stores.milvus_rows import Floats, Mask, Part, best, joined
from glede.stores.milvus_state import State, same, state_of

GROWTH = 2
"""How many times longer than the next a part must be, not to be joined with it: few parts, and few copies."""


@dataclass(frozen=True, slots=True)
class Source:
    """A part, which of its rows are live, and the file that it is, if any."""

    part: Part
    live: Mask
    segment: Any = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a collection holds in a state, in arrays."""

    state: State
    unwritten: tuple[Part, ...]
    """The rows that no file holds yet."""
    files: tuple[Part, ...]
    newest: tuple[Mask, ...]
    """For each file, which of its rows no other file holds a newer version of."""
    sources: tuple[Source, ...]


class Memory:
    """The collections of one folder, which `collection` opens by name, as searches see them."""

    def __init__(self, collection: Callable[[str], Any]) -> None:
        self._collection = collection
        self._held: dict[str, Held] = {}
        self._reading = threading.Lock()

    def dense(self, name: str, vector: Vectors, limit: int, condition: str, probes: int) -> list[Match]:
        """The rows of the highest cosine, best first."""
        collection = self._collection(name)
        found = []
        for source in self._current(name, collection).sources:
            live = _passing(collection, source, condition)
            if live.any():
                found.append((source.part, *_nearest(source, vector, live, limit, probes)))
        return _merged(found, limit)

    def keyword(self, name: str, weights: Mapping[int, float], limit: int, condition: str) -> list[Match]:
        """The rows of the highest inner product, best first; only those above 0."""
        collection = self._collection(name)
        found = []
        for source in self._current(name, collection).sources:
            scores = source.part.postings.scores(weights)
            live = _passing(collection, source, condition) & (scores > 0)
            places = best(scores, live, limit)
            found.append((source.part, places, scores[places].astype(np.float32)))
        return _merged(found, limit)

    def all_ids(self, name: str) -> Iterator[Sequence[str]]:
        """The ids of all rows, those of a file at a time."""
        for source in self._current(name, self._collection(name)).sources:
            yield list(compress(source.part.ids, source.live.tolist()))

    def note(self, name: str) -> None:
        """Look at the rows that are about to become a file, so that they are found while they do."""
        self._current(name, self._collection(name))

    def forget(self, name: str) -> None:
        """Hold nothing of a collection that is no more."""
        with self._reading:
            self._held.pop(name, None)

    def _current(self, name: str, collection: Any) -> Held:  # noqa: ANN401 - Milvus Lite's own has no types
        with self._reading:
            before = self._held.get(name)
            if before is not None and before.state.collection is not collection:
                before = None
            state = state_of(collection, before.state if before else None)
            if before is None or state is not before.state:
                before = self._held[name] = _held(state, before)
            return before


def _held(state: State, before: Held | None) -> Held:
    """The arrays of a state; those of the one before are used again as far as they are the same."""
    known = before.unwritten if before is not None and before.state.memtable is state.memtable else ()
    unwritten = _grown(known, state.batches)
    if before is not None and same(before.state.segments, state.segments):
        files, newest = before.files, before.newest
    else:
        parts = dict(zip(map(id, before.state.segments), before.files, strict=True)) if before else {}
        files = tuple(parts.get(id(one)) or _file(one) for one in state.segments)
        newest = _newest(state.segments)
    later = [state.deletes, {key: seq for key, (_, _, seq) in state.rows.items()}, state.tombstones]
    sources = [
        Source(part, _live(segment, mask, later), segment)
        for part, mask, segment in zip(files, newest, state.segments, strict=True)
    ]
    return Held(state, unwritten, files, newest, (*sources, *_sources(unwritten, state)))


def _file(segment: Any) -> Part:  # noqa: ANN401
    part = Part(segment.table)
    part.ids, part.vectors = segment.pks, segment.vectors  # that it has read already
    return part


def _grown(parts: Sequence[Part], batches: Sequence[Any]) -> tuple[Part, ...]:
    """The parts and one for the batches that are new, those of like length joined."""
    import pyarrow

    known = sum(map(len, parts))
    ends = accumulate(batch.num_rows for batch in batches)
    new = [batch for batch, end in zip(batches, ends, strict=True) if end > known]
    grown = [*parts, *(Part(pyarrow.Table.from_batches([batch])) for batch in new)]
    while len(grown) > 1 and len(grown[-2]) < GROWTH * len(grown[-1]):
        last = grown.pop()
        grown[-1] = joined([grown[-1], last])
    return tuple(grown)


def _newest(segments: Sequence[Any]) -> tuple[Mask, ...]:
    masks = [np.ones(len(one.pks), dtype=bool) for one in segments]
    for one, mask in zip(segments, masks, strict=True):
        for other in segments:
            for key in one.pk_to_row.keys() & other.pk_to_row.keys() if other is not one else ():
                row = one.pk_to_row[key]
                mask[row] &= bool(one.seqs[row] >= other.seqs[other.pk_to_row[key]])
    return tuple(masks)


def _live(segment: Any, newest: Mask, laters: Iterable[Mapping[str, int]]) -> Mask:  # noqa: ANN401
    """The rows that nothing newer replaces or deletes."""
    live = newest.copy()
    for later in laters:
        for key in segment.pk_to_row.keys() & later.keys():
            row = segment.pk_to_row[key]
            live[row] &= later[key] < int(segment.seqs[row])
    return live


def _sources(parts: Sequence[Part], state: State) -> Iterator[Source]:
    """The rows that no file holds yet."""
    starts = [0, *accumulate(batch.num_rows for batch in state.batches)]
    live = np.zeros(starts[-1], dtype=bool)
    live[[starts[batch] + row for batch, row, _ in state.rows.values()]] = True
    for key in state.rows.keys() & state.tombstones.keys():
        batch, row, seq = state.rows[key]
        live[starts[batch] + row] &= state.tombstones[key] <= seq
    for part, (start, end) in zip(parts, pairwise([0, *accumulate(map(len, parts))]), strict=True):
        yield Source(part, live[start:end])


def _passing(collection: Any, source: Source, condition: str) -> Mask:  # noqa: ANN401
    """The live rows that the condition holds for."""
    if not condition or not source.live.any():
        return source.live
    from milvus_lite.search.filter import evaluate_mask

    passing: Mask = evaluate_mask(collection._compile_filter(condition), source.part.table)
    return passing & source.live


def _nearest(source: Source, vector: Vectors, live: Mask, limit: int, probes: int) -> tuple[Any, Floats]:
    """Places and cosines; by the lists of the file where it has some."""
    index = source.segment.indexes.get("vector") if source.segment is not None else None
    if index is None or index.index_type in ("BRUTE_FORCE", "FLAT"):
        cosines = source.part.cosines(vector)
        places = best(cosines, live, limit)
        return places, cosines[places]
    mask = None if live.all() else live
    places, distances = index.search(vector[None], limit, valid_mask=mask, params={"nprobe": probes})
    found = places[0] >= 0
    return places[0][found], 1.0 - distances[0][found]


def _merged(found: Sequence[tuple[Part, Any, Floats]], limit: int) -> list[Match]:
    """The best of all parts, best first, of equal ones in the order of the parts."""
    if not found:
        return []
    ids = [part.ids[place] for part, places, _ in found for place in places.tolist()]
    scores = np.concatenate([scores for _, _, scores in found])
    order = np.argsort(-scores, kind="stable")[:limit]
    return [
        Match(ids[place], score) for place, score in zip(order.tolist(), scores[order].tolist(), strict=True)
    ]
