"""Which files Milvus Lite joins: small ones, and such of which most rows are dead.

Left to itself, Milvus Lite 3.2 joins all files up to 100,000 rows again and again. Each time it holds all of
their rows five times over (59,000 took more than a gigabyte), trains their lists anew and writes them anew,
so that what adding a chunk costs grows with what is there. Here a row is written into a full file once, and
moves again when most of its neighbours are gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

LARGEST = 8192
"""Rows of a file that others are joined into."""
FULL = LARGEST // 2
"""A file of so many rows stays as it is."""
LEAST = 4
"""Small files of about the same size that are joined."""


class Merging:
    """Chooses the files for one collection; rows that a newer one of their id beats count as dead."""

    def __init__(self, collection: Any) -> None:  # noqa: ANN401 - Milvus Lite's own, which has no types
        self._collection = collection
        self._seen = frozenset(segment.file_path for segment in self._segments())
        self._beaten: Counter[str] = Counter()

    def __call__(
        self, buckets: Sequence[Sequence[tuple[str, int]]], count: int, folder: str
    ) -> list[str] | None:
        """The files to join, of those in buckets by their size; nothing where it is not worth it."""
        del count
        live = self._live(folder)
        for bucket in buckets:
            small = [name for name, _ in bucket if live.get(name, FULL) < FULL]
            picked = _together(small, live)
            if len(picked) >= LEAST:
                return picked
        rows = {name: len(segment.pks) for name, segment in self._named(folder).items()}
        worn = [name for name, left in live.items() if left < rows[name] / 2]
        return _together(worn, live) or worn[:1] or None

    def _segments(self) -> list[Any]:
        return list(self._collection._segment_cache.values())

    def _named(self, folder: str) -> dict[str, Any]:
        """The files by their names in the folder."""
        start = len(folder.rstrip("/")) + 1
        return {one.file_path[start:]: one for one in self._segments() if one.file_path.startswith(folder)}

    def _live(self, folder: str) -> dict[str, int]:
        """How many rows of each file are neither deleted nor beaten."""
        self._compare()
        deletes: Mapping[str, int] = self._collection._delta_index._map
        return {
            name: len(segment.pks) - _deleted(segment, deletes) - self._beaten[segment.file_path]
            for name, segment in self._named(folder).items()
        }

    def _compare(self) -> None:
        """Count what files that are new since the last time beat, and what of them is beaten."""
        segments = self._segments()
        old = [segment for segment in segments if segment.file_path in self._seen]
        for new in (segment for segment in segments if segment.file_path not in self._seen):
            for other in old:
                self._meet(new, other)
            old.append(new)
        self._seen = frozenset(segment.file_path for segment in segments)
        for gone in self._beaten.keys() - self._seen:
            del self._beaten[gone]

    def _meet(self, one: Any, other: Any) -> None:  # noqa: ANN401 - files of Milvus Lite
        for key in one.pk_to_row.keys() & other.pk_to_row.keys():
            newer = one.seqs[one.pk_to_row[key]] > other.seqs[other.pk_to_row[key]]
            self._beaten[(other if newer else one).file_path] += 1


def merge_small(collection: Any) -> None:  # noqa: ANN401
    """Have the collection join its files so; doing it twice is doing it once."""
    manager = collection._compaction_mgr
    if not isinstance(manager._select_target, Merging):
        manager._select_target = Merging(collection)


def _deleted(segment: Any, deletes: Mapping[str, int]) -> int:  # noqa: ANN401
    rows = segment.pk_to_row
    return sum(deletes[key] > segment.seqs[rows[key]] for key in rows.keys() & deletes.keys())


def _together(names: Sequence[str], live: Mapping[str, int]) -> list[str]:
    """As many of them as fit into a file, those of the fewest rows first."""
    picked: list[str] = []
    rows = 0
    for name in sorted(names, key=lambda name: (live[name], name)):
        rows += live[name]
        if rows > LARGEST:
            break
        picked.append(name)
    return picked
