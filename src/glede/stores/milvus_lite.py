"""Milvus Lite in this process, asked as the library that it is.

pymilvus would reach it through a port, in this process too: it loads pandas and gRPC for that (half a
second), and makes protocol buffers of the rows, which Milvus Lite takes apart again. What is written and what
is found are the same.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glede.arrow import leave_out_pandas
from glede.errors import LockedError, unavailable
from glede.ports import Match, Vectors
from glede.stores.milvus_batch import flush_in_arrays, written
from glede.stores.milvus_memory import Memory
from glede.stores.milvus_merging import merge_small
from glede.stores.milvus_rows import LONGEST_ID, LONGEST_MODALITY, MOST_LABELS
from glede.stores.milvus_sidecars import forget_parts, keep_carefully
from glede.stores.milvus_sparse import Stored, Weighed, take_fast

REFUSALS = (ArithmeticError, AttributeError, EOFError, LookupError, RuntimeError, TypeError, ValueError)
"""What comes out of Milvus Lite, and of Arrow, where a file is damaged: that has no error of its own."""

LARGE = 2**20
"""Bytes from which on memory is the system's own."""
_MMAP_THRESHOLD = -3
"""The number of the setting in glibc's malloc.h."""


class LiteClient:
    """The collections of one folder, which nobody else can have open."""

    missing: tuple[str, ...] = ()

    def __init__(self, path: str) -> None:
        import pyarrow
        from milvus_lite import MilvusLite
        from milvus_lite.exceptions import MilvusLiteError

        leave_out_pandas()
        take_fast()
        flush_in_arrays()
        keep_carefully()
        self._opening = threading.Lock()
        try:
            self._database = MilvusLite(path)
        except (MilvusLiteError, OSError, *REFUSALS) as error:
            raise LockedError(
                "another process is using the index, or it cannot be opened",
                hint="Wait until that process ends, or give another folder with --home.",
            ) from error
        Path(path).chmod(0o700)
        # Milvus Lite works in Arrow tables; Arrow's own pool keeps what it frees (70 MB).
        pyarrow.set_memory_pool(pyarrow.system_memory_pool())
        _map_large()
        self._memory = Memory(self.collection)

    def collection(self, name: str) -> Any:  # noqa: ANN401 - Milvus Lite's own, which has no types
        """Milvus Lite's own; it would open one twice for two threads that ask at once."""
        with self._opening:
            if all(name != known for _, known in self._database._collections):
                self._forget_flushed(name)
                forget_parts(Path(self._database._collection_dir(name)))
            found = self._database.get_collection(name)
        merge_small(found)
        return found

    def _forget_flushed(self, name: str) -> None:
        """Drop the logs of rows that are in files: killed before that, Milvus Lite 3.2 has them twice."""
        from milvus_lite.storage.manifest import Manifest
        from milvus_lite.storage.wal import _cleanup_old_wals

        folder = Path(self._database._collection_dir(name))
        unflushed = Manifest.load(str(folder)).active_wal_number if folder.is_dir() else None
        if unflushed is not None:
            _cleanup_old_wals(str(folder / "wal"), unflushed - 1)

    def has_collection(self, name: str) -> bool:
        """See `glede.stores.milvus_client.Client`."""
        return bool(self._database.has_collection(name))

    def property_of(self, name: str, key: str) -> str:
        """See `Client`."""
        with _told():
            return str(self.collection(name).schema.properties.get(key, ""))

    def create_collection(self, name: str, properties: Mapping[str, str], dimension: int) -> None:
        """See `Client`."""
        from milvus_lite import CollectionSchema, DataType, FieldSchema

        text, array, dense, sparse = (
            DataType.VARCHAR,
            DataType.ARRAY,
            DataType.FLOAT_VECTOR,
            DataType.SPARSE_FLOAT_VECTOR,
        )
        fields = [
            FieldSchema("id", text, is_primary=True, max_length=LONGEST_ID),
            FieldSchema("document", text, max_length=LONGEST_ID),
            FieldSchema("modality", text, max_length=LONGEST_MODALITY),
            FieldSchema("labels", array, element_type=text, max_capacity=MOST_LABELS),
            FieldSchema("vector", dense, dim=dimension),
            FieldSchema("keywords", sparse),
        ]
        with _told(), self._opening:
            self._forget_half_made(name)
            self._database.create_collection(name, CollectionSchema(fields), dict(properties))

    def _forget_half_made(self, name: str) -> None:
        """Milvus Lite 3.2 makes the folder before it says what is in it, and refuses one that is there."""
        folder = Path(self._database._collection_dir(name))
        if folder.is_dir() and {path.name for path in folder.iterdir()} <= {"schema.json.tmp"}:
            shutil.rmtree(folder)

    def drop_collection(self, name: str) -> None:
        """See `Client`."""
        with _told():
            self._database.drop_collection(name)
        self._memory.forget(name)

    def indexes(self, name: str) -> list[str]:
        """See `Client`."""
        with _told():
            return list(self.collection(name).list_indexes())

    def kind_of_index(self, name: str) -> str:
        """The type of the index of the vectors."""
        with _told():
            return str(self.collection(name).get_index_info("vector")["index_type"])

    def create_index(self, name: str, field: str, kind: Mapping[str, object]) -> None:
        """See `Client`."""
        with _told():
            self.collection(name).create_index(field, dict(kind))

    def drop_index(self, name: str, field: str) -> None:
        """Drop that of a field; Milvus Lite 3.2 drops that of the keywords with that of the vectors."""
        with _told():
            self.collection(name).drop_index(field)

    def load_collection(self, name: str) -> None:
        """See `Client`."""
        with _told():
            self.collection(name).load()

    def release_collection(self, name: str) -> None:
        """Close it to searches, so that an index can be replaced."""
        with _told():
            self.collection(name).release()

    def upsert(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """See `Client`."""
        with _told():
            collection = self.collection(name)
            if rows and not written(collection, rows):
                collection.upsert([_record(row) for row in rows])

    def delete(self, name: str, ids: Sequence[str]) -> None:
        """See `Client`."""
        with _told():
            self.collection(name).delete(list(ids))

    def flush(self, name: str) -> None:
        """See `Client`."""
        with _told():
            self._memory.note(name)
            self.collection(name).flush()

    def dense(self, name: str, vector: Vectors, limit: int, condition: str, lists: int) -> list[Match]:
        """See `Client`."""
        return self._memory.dense(name, vector, limit, condition, lists)

    def keyword(self, name: str, weights: Mapping[int, float], limit: int, condition: str) -> list[Match]:
        """See `Client`."""
        return self._memory.keyword(name, weights, limit, condition)

    def present(self, name: str, ids: Sequence[str]) -> set[str]:
        """See `Client`."""
        with _told():
            return {str(row["id"]) for row in self.collection(name).get(list(ids), output_fields=["id"])}

    def all_ids(self, name: str) -> Iterator[Sequence[str]]:
        """See `Client`."""
        return self._memory.all_ids(name)

    def count(self, name: str) -> int:
        """See `Client`."""
        with _told():
            return int(self.collection(name).num_entities)

    def close(self) -> None:
        """Release the folder; another process may then open it."""
        self._database.close()

    def abandon(self) -> None:
        """Release the folder and write nothing more, so that the next opening reads its logs again.

        A flush of Milvus Lite 3.2 that fails forgets the rows that it was to write, and the next one, also
        that of an end in order, then deletes the log that still holds them. There is no call that ends it
        otherwise.
        """
        database: Any = self._database
        for collection in database._collections.values():
            collection._bg_closed = True
            collection._bg_executor.shutdown(wait=True)
        database._collections.clear()
        database._release_lock()
        database._closed = True


def _map_large() -> None:
    """Have glibc ask the system for what is large each time, and give it back when it is freed.

    By itself it does so up to the largest piece that was freed, and cuts the files that are read and written,
    of tens of megabytes, out of what it keeps: a tenth of the memory of an `add`.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None and "MALLOC_MMAP_THRESHOLD_" not in os.environ:
        mallopt(_MMAP_THRESHOLD, LARGE)


def _record(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as Milvus Lite takes it: weights in single precision, by term, and vectors as lists."""
    weights: Weighed = row["keywords"]
    return {**row, "vector": row["vector"].tolist(), "keywords": Stored(weights.data())}


@contextmanager
def _told() -> Iterator[None]:
    """What Milvus Lite refuses, as our error."""
    from milvus_lite.exceptions import MilvusLiteError

    try:
        yield
    except (MilvusLiteError, *REFUSALS) as error:
        raise unavailable("Milvus Lite", error) from error
