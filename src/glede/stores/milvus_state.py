"""What a collection of Milvus Lite is made of: files of rows, rows in memory, and what is deleted.

Everything that is read here is Milvus Lite 3.2's own; tests/stores/test_milvus_memory.py tells of a version
that keeps it otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class State:
    """The collection at a moment, read while nothing changed; `counts` change with every change."""

    collection: Any
    memtable: Any
    """The rows that no file holds yet, which the next file is made of."""
    segments: tuple[Any, ...]
    """The files, each in memory as well."""
    counts: tuple[int, ...]
    batches: tuple[Any, ...] = field(repr=False)
    rows: Mapping[str, tuple[int, int, int]] = field(repr=False)
    """Of each id in memory its batch, its row there, and the number of its writing."""
    deletes: Mapping[str, int] = field(repr=False)
    """Of each id that was deleted since the last file, the number of its deletion."""
    tombstones: Mapping[str, int] = field(repr=False)
    """The same of deletions before."""


def state_of(collection: Any, before: State | None) -> State:  # noqa: ANN401 - it has no types
    """The state now: `before` itself where nothing has changed."""
    lock = collection._maintenance_lock
    if before is not None and _unchanged(collection, before):
        return before
    with lock:
        segments = tuple(collection._segment_cache.values())
        memtable = collection._memtable
        if before is not None and _becoming_a_file(before, memtable, segments):
            memtable = before.memtable
        with memtable._lock:
            return State(
                collection,
                memtable,
                segments,
                _counts(memtable),
                tuple(memtable._insert_batches),
                dict(memtable._pk_index),
                {key: seq for key, (seq, _) in memtable._delete_index.items()},
                dict(collection._delta_index._map),
            )


def same(some: Sequence[object], others: Sequence[object]) -> bool:
    """Whether they are the very same things."""
    return len(some) == len(others) and all(one is other for one, other in zip(some, others, strict=True))


def _counts(memtable: Any) -> tuple[int, ...]:  # noqa: ANN401
    """Each insert that changes anything adds a batch, and each delete adds an entry or takes a row away."""
    with memtable._lock:
        return len(memtable._insert_batches), len(memtable._pk_index), len(memtable._delete_index)


def _unchanged(collection: Any, before: State) -> bool:  # noqa: ANN401
    """Whether it holds the same rows in the same files, also while they become one."""
    segments = tuple(collection._segment_cache.values())
    memtable = collection._memtable
    if memtable is not before.memtable and not _becoming_a_file(before, memtable, segments):
        return False
    return before.counts == _counts(before.memtable) and same(before.segments, segments)


def _becoming_a_file(before: State, memtable: Any, segments: Sequence[Any]) -> bool:  # noqa: ANN401
    """Whether rows have been taken out of memory that no file holds yet: Milvus Lite finds none of them."""
    written = memtable is not before.memtable and bool(before.memtable._pk_index)
    return written and same(before.segments, segments)
