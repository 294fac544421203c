"""What the index asks of Milvus, in this process or at an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from glede.ports import Match, Vectors


class Client(Protocol):
    """The collections of one Milvus. Rows have the fields of `glede.stores.milvus_rows`."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What it cannot do: `keyword` before 2.4."""
        ...

    def has_collection(self, name: str) -> bool:
        """Whether it was created."""
        ...

    def property_of(self, name: str, key: str) -> str:
        """What a property of the collection says; nothing where it has none of the kind."""
        ...

    def create_collection(self, name: str, properties: Mapping[str, str], dimension: int) -> None:
        """Make it, with vectors and keywords, and no index of them."""
        ...

    def drop_collection(self, name: str) -> None:
        """Remove it and all its rows."""
        ...

    def indexes(self, name: str) -> list[str]:
        """The fields that have an index."""
        ...

    def create_index(self, name: str, field: str, kind: Mapping[str, object]) -> None:
        """Make an index of a field, of the type, the metric and the parameters of `kind`."""
        ...

    def load_collection(self, name: str) -> None:
        """Open it to searches."""
        ...

    def upsert(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows; a row of the same id is replaced."""
        ...

    def delete(self, name: str, ids: Sequence[str]) -> None:
        """Remove rows; unknown ids are ignored."""
        ...

    def flush(self, name: str) -> None:
        """Make files of what was written."""
        ...

    def dense(self, name: str, vector: Vectors, limit: int, condition: str, lists: int) -> list[Match]:
        """The rows of the highest cosine, best first; of an index with lists so many are looked at."""
        ...

    def keyword(self, name: str, weights: Mapping[int, float], limit: int, condition: str) -> list[Match]:
        """The rows of the highest inner product, best first; only those above 0."""
        ...

    def present(self, name: str, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that there are rows of."""
        ...

    def all_ids(self, name: str) -> Iterator[Sequence[str]]:
        """The ids of all rows, some thousand at a time."""
        ...

    def count(self, name: str) -> int:
        """How many rows there are."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
