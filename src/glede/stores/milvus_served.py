"""Milvus at an address, asked through pymilvus: a server from 2.4, or Zilliz Cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from glede.ports import Match, Vectors
from glede.stores.milvus_rows import LONGEST_ID, LONGEST_LABEL, LONGEST_MODALITY, MOST_LABELS
from glede.stores.milvus_sparse import write_packed, write_without_scipy

MOST_RESULTS = 16_384
BATCH = 5000
"""Ids that are listed at a time."""


class ServedClient:
    """The collections of a server."""

    def __init__(self, uri: str, token: str) -> None:
        from pymilvus import MilvusClient

        write_without_scipy()
        write_packed()
        self._client = MilvusClient(uri=uri, token=token)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """See `glede.stores.milvus_client.Client`."""
        found = re.match(r"v?(\d+)\.(\d+)", str(self._client.get_server_version()))
        version = (int(found[1]), int(found[2])) if found else (2, 4)
        return ("keyword",) if version < (2, 4) else ()

    def has_collection(self, name: str) -> bool:
        """See `Client`."""
        return bool(self._client.has_collection(name))

    def property_of(self, name: str, key: str) -> str:
        """See `Client`."""
        return str(self._client.describe_collection(name).get("properties", {}).get(key, ""))

    def create_collection(self, name: str, properties: Mapping[str, str], dimension: int) -> None:
        """See `Client`; without keywords where the server cannot search them."""
        from pymilvus import DataType, MilvusClient

        text = DataType.VARCHAR
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", text, is_primary=True, max_length=LONGEST_ID)
        schema.add_field("document", text, max_length=LONGEST_ID)
        schema.add_field("modality", text, max_length=LONGEST_MODALITY)
        schema.add_field(
            "labels", DataType.ARRAY, element_type=text, max_capacity=MOST_LABELS, max_length=LONGEST_LABEL
        )
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        if not self.missing:
            schema.add_field("keywords", DataType.SPARSE_FLOAT_VECTOR)
        self._client.create_collection(
            name, schema=schema, consistency_level="Strong", properties=dict(properties)
        )

    def drop_collection(self, name: str) -> None:
        """See `Client`."""
        self._client.drop_collection(name)

    def indexes(self, name: str) -> list[str]:
        """See `Client`."""
        fields = ("vector", "keywords")
        return [field for field in fields if self._client.list_indexes(name, field_name=field)]

    def create_index(self, name: str, field: str, kind: Mapping[str, object]) -> None:
        """See `Client`."""
        indexes = self._client.prepare_index_params()
        indexes.add_index(field, **kind)
        self._client.create_index(name, indexes, sync=False)  # waiting costs half a second for each

    def load_collection(self, name: str) -> None:
        """See `Client`."""
        self._client.load_collection(name)

    def upsert(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """See `Client`."""
        self._client.upsert(name, list(rows))

    def delete(self, name: str, ids: Sequence[str]) -> None:
        """See `Client`."""
        self._client.delete(name, ids=list(ids))

    def flush(self, name: str) -> None:
        """See `Client`."""
        self._client.flush(name)

    def dense(self, name: str, vector: Vectors, limit: int, condition: str, lists: int) -> list[Match]:
        """See `Client`; the index of a server is no one of lists."""
        parameters = {"metric_type": "COSINE", "params": {"ef": max(128, limit)}}
        return self._hits(name, "vector", vector, limit, condition, parameters)

    def keyword(self, name: str, weights: Mapping[int, float], limit: int, condition: str) -> list[Match]:
        """See `Client`."""
        found = self._hits(name, "keywords", dict(weights), limit, condition, {"metric_type": "IP"})
        return [match for match in found if match.score > 0]

    def _hits(
        self,
        name: str,
        field: str,
        query: object,
        limit: int,
        condition: str,
        parameters: Mapping[str, object],
    ) -> list[Match]:
        (hits,) = self._client.search(
            name,
            data=[query],
            anns_field=field,
            filter=condition,
            limit=min(limit, MOST_RESULTS),
            output_fields=["id"],
            search_params=dict(parameters),
            consistency_level="Strong",
        )
        return [Match(str(hit["id"]), float(hit["distance"])) for hit in hits]

    def present(self, name: str, ids: Sequence[str]) -> set[str]:
        """See `Client`."""
        return {str(row["id"]) for row in self._client.get(name, ids=list(ids), output_fields=["id"])}

    def all_ids(self, name: str) -> Iterator[Sequence[str]]:
        """See `Client`."""
        rows = self._client.query_iterator(
            name, batch_size=BATCH, filter="", output_fields=["id"], consistency_level="Strong"
        )
        try:
            while batch := rows.next():
                yield [str(row["id"]) for row in batch]
        finally:
            rows.close()

    def count(self, name: str) -> int:
        """See `Client`."""
        rows = self._client.query(name, filter="", output_fields=["count(*)"], consistency_level="Strong")
        return int(rows[0]["count(*)"])

    def close(self) -> None:
        """See `Client`."""
        self._client.close()
