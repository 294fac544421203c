"""The index in Milvus: Lite in the data folder, a server, or Zilliz Cloud, by address.

What Milvus Lite demands shapes this module: one writer at a time in the whole process (side by side they
lose rows that were acknowledged), collections loaded before they are read, rows upserted and deleted by
id, a flush after a bulk, and never a scan. Keyword weights are our own BM25 in a sparse vector, so that
scores are the same on every server from 2.4.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np

from glede.errors import ConfigurationError, ModelMismatchError, UnavailableError
from glede.failpoints import reach
from glede.ports import IndexRow, Match, Vectors
from glede.processes import give_back
from glede.results import Filter
from glede.stores.milvus_client import Client
from glede.stores.milvus_errors import translated
from glede.stores.milvus_filter import expression
from glede.stores.milvus_gate import Gate
from glede.stores.milvus_lite import LiteClient
from glede.stores.milvus_seal import Seal
from glede.stores.milvus_sparse import Weighed
from glede.types import content_hash

UPSERT_ROWS = 1000
DELETE_ROWS = 1000
FLUSH_ROWS = 8192
"""Rows after which Milvus Lite is flushed: few enough for its memory (and for reading its log after a crash),
and many, since it joins small files, and makes their lists, again and again."""
FLAT_ROWS = 4_000
"""Up to here Milvus Lite compares with every row, exactly; above it uses IVF_FLAT."""
LISTS = 128
PROBES = 64
"""Half the lists: at 10,000 rows a recall@100 of .999 for a quarter of the cost (docs/benchmarks.md)."""
FINGERPRINT = "glede.embedding"
"""The collection property that names the embedding model; Milvus Lite keeps no descriptions."""
OWNER = "glede.catalogue"
"""The collection property that names the catalogue whose chunks it holds; not set where nobody named one."""
EMPTY = {0: 1e-6}
"""Stands for no keywords at all, since a sparse vector may not be empty; numbers of terms begin at 1."""

ANY = Filter()

_locks: dict[str, threading.RLock] = defaultdict(threading.RLock)


class MilvusIndex:
    """Vectors and keyword weights of each collection, as one Milvus collection of its own.

    `uri` is a path that ends in `.db` (Milvus Lite) or a server's address; `missing` names what an old
    server cannot do. With an `owner` collections that another has made are refused.
    """

    def __init__(
        self, uri: str, token: str = "", prefix: str = "glede", flat_rows: int = FLAT_ROWS, owner: str = ""
    ) -> None:
        self._uri = uri
        self._owner = owner
        self._owned: set[str] = set()
        self._token = token
        self._prefix = prefix
        self._flat_rows = flat_rows
        self._lite = "://" not in uri
        self._writing = _locks[str(Path(uri).resolve()) if self._lite else uri]
        self._searching = Gate()
        self._loaded: set[str] = set()
        self._made: dict[str, str] = {}
        self._listed: set[str] = set()
        self._unflushed: Counter[str] = Counter()
        self._closed = False
        self._seal = Seal(Path(uri))

    @cached_property
    def _client(self) -> Client:
        """Connects on first use, so that a command that only counts does not load what it takes."""
        with self._writing, translated(self._uri):
            if self._lite:
                Path(self._uri).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._seal.take()
                return LiteClient(self._uri)
            from glede.stores.milvus_served import ServedClient  # pymilvus loads with it

            return ServedClient(self._uri, self._token)

    @property
    def missing(self) -> tuple[str, ...]:
        """What this server cannot do: `keyword` before 2.4."""
        if self._lite:
            return ()
        with translated(self._uri):
            return self._client.missing

    def fingerprint(self, collection: str) -> str | None:
        """The model that the collection holds vectors of, or `None` where there is no collection.

        Raises `ConfigurationError` where the collection is another catalogue's.
        """
        name = self._name(collection)
        with translated(self._uri):
            if not self._client.has_collection(name):
                return None
            self._check_owner(name)
            return self._client.property_of(name, FINGERPRINT)

    def _check_owner(self, name: str) -> None:
        """Two catalogues under one prefix would remove each other's rows as rows of no chunk."""
        if not self._owner or name in self._owned:
            return
        owner = self._client.property_of(name, OWNER)
        if owner and owner != self._owner:
            raise ConfigurationError(
                f"the Milvus collection {name} holds what another Glede has added",
                hint="Give this one names of its own with GLEDE_MILVUS_PREFIX, "
                "or drop that collection in Milvus if nobody needs it.",
            )
        self._owned.add(name)

    def create(self, collection: str, fingerprint: str, dimension: int) -> None:
        """Make the collection where it is missing; raises `ModelMismatchError` where it is another's."""
        name = self._name(collection)
        with self._writing:
            if self._lite and self._made.get(name) == fingerprint:
                return  # nobody else has the file open, and Lite counts all rows to describe an index
            found = self.fingerprint(collection)
            with translated(self._uri):
                if found is None:
                    reach("index.create")
                    self._create(name, fingerprint, dimension)
                    reach("index.created")
                elif found == fingerprint:
                    self._index(name)
                else:
                    raise ModelMismatchError(collection, found, fingerprint)
            self._made[name] = fingerprint

    def _create(self, name: str, fingerprint: str, dimension: int) -> None:
        owned = {OWNER: self._owner} if self._owner else {}
        self._client.create_collection(name, {FINGERPRINT: fingerprint, **owned}, dimension)
        self._index(name)
        self._client.load_collection(name)
        self._loaded.add(name)

    def _index(self, name: str, lists: bool = False) -> None:
        """Make the indexes that are missing: all at first, else those that a crash left unmade."""
        fields = ["vector"] if self.missing else ["vector", "keywords"]
        there = self._client.indexes(name)
        for field in fields:
            if field not in there:
                self._client.create_index(name, field, self._kind(field, lists))

    def _kind(self, field: str, lists: bool) -> dict[str, object]:
        if field == "keywords":
            return {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"}
        if lists:
            return {"index_type": "IVF_FLAT", "metric_type": "COSINE", "params": {"nlist": LISTS}}
        if self._lite:
            return {"index_type": "FLAT", "metric_type": "COSINE"}
        params = {"M": 16, "efConstruction": 200}
        return {"index_type": "HNSW", "metric_type": "COSINE", "params": params}

    def upsert(self, collection: str, rows: Sequence[IndexRow]) -> None:
        """Write rows; a row of the same id is replaced."""
        for row in rows:
            _check_numbers(row.vector)
        name = self._name(collection)
        with self._changing():
            for start in range(0, len(rows), UPSERT_ROWS):
                reach("index.upsert")
                # A part at a time: the keywords of a long table take half a gigabyte.
                self._client.upsert(name, [self._row(row) for row in rows[start : start + UPSERT_ROWS]])
                reach("index.upserted")
            self._unflushed[name] += len(rows)
            if self._lite and self._unflushed[name] >= FLUSH_ROWS:
                self._flush(name)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One writer at a time; after one that fails, Milvus Lite begins anew from its logs.

        Its memory and its logs do not agree then: what it was told next, on a disk that was full for a
        moment, would hide or delete what is acknowledged.
        """
        with self._writing, translated(self._uri):
            try:
                yield
            except BaseException:
                client = self.__dict__.get("_client")
                if isinstance(client, LiteClient):
                    with self._searching.shut():
                        del self.__dict__["_client"]
                        client.abandon()
                        for known in (self._loaded, self._listed, self._made):
                            known.clear()
                raise

    def _row(self, row: IndexRow) -> dict[str, object]:
        fields: dict[str, object] = {
            "id": row.id,
            "document": row.document_id,
            "modality": row.modality,
            "labels": list(row.labels),
            "vector": row.vector,
        }
        if not self.missing:
            fields["keywords"] = Weighed(row.keywords or EMPTY)
        return fields

    def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Remove rows; unknown ids are ignored."""
        name = self._name(collection)
        with self._changing():
            if not ids or not self._client.has_collection(name):
                return
            self._load(name)
            for start in range(0, len(ids), DELETE_ROWS):
                reach("index.delete")
                self._client.delete(name, ids[start : start + DELETE_ROWS])
                reach("index.deleted")

    def flush(self, collection: str) -> None:
        """Make what was written cheap to search, and choose the index that fits the size."""
        name = self._name(collection)
        with self._changing():
            if self._load(name):
                self._flush(name)

    def _flush(self, name: str) -> None:
        reach("index.flush")
        self._client.flush(name)
        reach("index.flushed")
        if isinstance(self._client, LiteClient) and name not in self._listed:
            if self._client.kind_of_index(name) != "FLAT":
                self._listed.add(name)
            elif self._client.count(name) > self._flat_rows:
                self._use_lists(self._client, name)
        if self._lite and self._unflushed[name] > UPSERT_ROWS:
            give_back()  # glibc keeps 130 MB of what Milvus Lite used for 10,000 rows
        self._unflushed[name] = 0

    def _use_lists(self, client: LiteClient, name: str) -> None:
        """Replace FLAT, whose cost grows with every row, by IVF_FLAT."""
        with self._searching.shut():
            self._loaded.discard(name)
            client.release_collection(name)
            client.drop_index(name, "vector")  # and that of the keywords with it
            self._index(name, lists=True)
            client.load_collection(name)
            self._loaded.add(name)
            self._listed.add(name)

    def dense(self, collection: str, vector: Vectors, limit: int, where: Filter) -> list[Match]:
        """The rows of the highest cosine with `vector` (shape (dimension,)), best first."""
        _check_numbers(vector)
        lists = PROBES if where == ANY else LISTS  # the few rows that pass may lie in any list
        with self._searched(collection, where) as (name, condition):
            return self._client.dense(name, vector, limit, condition, lists) if name else []

    def keyword(
        self, collection: str, weights: Mapping[int, float], limit: int, where: Filter
    ) -> list[Match]:
        """The rows of the highest inner product with `weights`, best first; only those above 0."""
        if not weights or self.missing:
            return []
        with self._searched(collection, where) as (name, condition):
            return self._client.keyword(name, weights, limit, condition) if name else []

    @contextmanager
    def _searched(self, collection: str, where: Filter) -> Iterator[tuple[str, str]]:
        """The collection's name, empty where nothing can be found, and the condition on its rows."""
        name, condition = self._name(collection), expression(where)
        with translated(self._uri), self._searching.passing():
            yield (name, condition) if condition is not None and self._load(name) else ("", "")

    def ids(self, collection: str, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are present."""
        name = self._name(collection)
        found: set[str] = set()
        with translated(self._uri), self._searching.passing():
            if not self._load(name):
                return found
            for start in range(0, len(ids), DELETE_ROWS):
                found |= self._client.present(name, ids[start : start + DELETE_ROWS])
        return found

    def all_ids(self, collection: str) -> Iterator[Sequence[str]]:
        """The ids of all rows, some thousand at a time."""
        name = self._name(collection)
        with translated(self._uri), self._searching.passing():
            if self._load(name):
                yield from self._client.all_ids(name)

    def count(self, collection: str) -> int:
        """How many rows there are; right after a crash Milvus Lite may count too many."""
        name = self._name(collection)
        with translated(self._uri), self._searching.passing():
            return self._client.count(name) if self._load(name) else 0

    def drop(self, collection: str) -> None:
        """Remove the collection and all its rows."""
        name = self._name(collection)
        with self._writing, translated(self._uri):
            if self._client.has_collection(name):
                self._check_owner(name)
            reach("index.drop")
            self._client.drop_collection(name)
            reach("index.dropped")
            self._loaded.discard(name)
            self._made.pop(name, None)
            self._owned.discard(name)
            self._listed.discard(name)

    def close(self) -> None:
        """Release files and connections; another process may then open the folder."""
        if self._closed or "_client" not in self.__dict__:
            return
        self._closed = True
        with self._writing, translated(self._uri):
            self._client.close()
            if self._lite:
                self._seal.put()

    def _load(self, name: str) -> bool:
        """Load a collection once, since Milvus Lite opens them released; false where there is none."""
        if name in self._loaded:
            return True
        if not self._client.has_collection(name):
            return False
        self._client.load_collection(name)
        self._loaded.add(name)
        return True

    def _name(self, collection: str) -> str:
        """Milvus names hold letters, digits and underscores: others are told apart by a hash."""
        if re.fullmatch(r"[A-Za-z0-9_]{1,100}", collection):
            return f"{self._prefix}_{collection}"
        readable = re.sub(r"[^A-Za-z0-9_]", "_", collection)[:60]
        return f"{self._prefix}_{readable}_{content_hash(collection, length=8)}"


def _check_numbers(vector: Vectors) -> None:
    if not np.isfinite(vector).all():
        raise UnavailableError("the embedding model gave a vector with values that are no numbers")
