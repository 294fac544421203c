"""Rows on their way into Milvus Lite, as one batch of Arrow.

Milvus Lite 3.2 looks each number of each vector up in Python to see that it is one, and makes dictionaries of
the keywords and bytes of them again. Here a batch is checked and packed in arrays, and handed to the writing
of Milvus Lite where that makes its own: to its log, and then to its memory. What is out of the ordinary goes
its long way, which refuses it or puts it right. When its memory becomes a file, it makes each number of each
vector an object again; here they stay in their arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from itertools import chain
from typing import Any

import numpy as np

from glede.stores.milvus_rows import LONGEST_ID, MOST_LABELS, PAIR
from glede.stores.milvus_sparse import RESERVED

PARTITION = "_default"
COLUMNS = ("_seq", "_partition", "id", "document", "modality", "labels", "vector", "keywords")
"""Of what Milvus Lite logs, in its order."""
REPEATING = ("document", "modality", "labels.list.element")
"""Columns of a file that say the same in many rows, as Parquet calls them."""
MOST_BYTES = 2**31 - 1
"""Of the keywords of a batch: Arrow counts them in 32 bits."""


def written(collection: Any, rows: Sequence[Mapping[str, Any]]) -> bool:  # noqa: ANN401 - it has no types
    """Write the rows, each the newest of its id, all or none; false where they must go the long way."""
    from milvus_lite.engine.operation import InsertOp

    batch = _batch(rows, collection._wal_data_schema, collection._next_seq)
    if batch is None:
        return False
    collection._next_seq += len(rows)
    collection._apply(InsertOp(PARTITION, batch))
    if collection._should_flush():
        collection._trigger_flush()
    return True


def _batch(rows: Sequence[Mapping[str, Any]], schema: Any, first: int) -> Any:  # noqa: ANN401
    """The rows with their numbers from the first one on; nothing where one is out of the ordinary."""
    import pyarrow as pa

    if tuple(schema.names) != COLUMNS or not all(map(_short, rows)):
        return None
    dense = schema.field("vector").type
    vectors = [row["vector"] for row in rows]
    if any(vector.shape != (dense.list_size,) for vector in vectors):
        return None
    keywords = _keywords([row["keywords"] for row in rows])
    if keywords is None:
        return None
    numbers = pa.array(np.concatenate(vectors).astype(np.float32, copy=False))
    columns = [
        pa.array(np.arange(first, first + len(rows), dtype=np.uint64)),
        pa.array([PARTITION] * len(rows), pa.string()),
        *(pa.array([row[name] for row in rows], pa.string()) for name in ("id", "document", "modality")),
        pa.array([row["labels"] for row in rows], schema.field("labels").type),
        pa.FixedSizeListArray.from_arrays(numbers, type=dense),
        keywords,
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _short(row: Mapping[str, Any]) -> bool:
    """Whether all of a row's texts have room."""
    return (
        0 < len(row["id"]) <= LONGEST_ID
        and len(row["document"]) <= LONGEST_ID
        and len(row["labels"]) <= MOST_LABELS
    )


def _keywords(rows: Sequence[Mapping[int, float]]) -> Any:  # noqa: ANN401
    """The bytes of each row's keywords, by term; nothing where one has none, or one that counts nothing."""
    import pyarrow as pa

    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    count = int(lengths.sum())
    terms = np.fromiter(chain.from_iterable(rows), np.int64, count)
    pairs = np.empty(count, PAIR)
    with np.errstate(over="ignore"):  # what single precision cannot hold is refused below
        pairs["term"] = terms
        pairs["weight"] = np.fromiter(chain.from_iterable(row.values() for row in rows), np.float64, count)
    sound = np.isfinite(pairs["weight"]).all() and (pairs["weight"] > 0).all() and lengths.all()
    if not sound or (terms < 0).any() or (terms >= RESERVED).any() or pairs.nbytes > MOST_BYTES:
        return None
    order = np.lexsort((terms, np.repeat(np.arange(len(rows)), lengths)))
    ends = np.concatenate(([0], np.cumsum(lengths) * PAIR.itemsize)).astype(np.int32)
    buffers = [None, pa.py_buffer(ends.tobytes()), pa.py_buffer(pairs[order].tobytes())]
    return pa.Array.from_buffers(pa.binary(), len(rows), buffers)


def flush_in_arrays() -> None:
    """Have Milvus Lite make its files so, in this process; doing it twice is doing it once."""
    from milvus_lite.storage import data_file
    from milvus_lite.storage.memtable import MemTable

    if not isinstance(data_file.pq, Plainly):
        MemTable._build_data_table = _in_arrays(MemTable._build_data_table)
        data_file.pq = Plainly(data_file.pq)


class Plainly:
    """Parquet, that looks for what repeats only where something does: not among vectors and keywords."""

    def __init__(self, parquet: Any) -> None:  # noqa: ANN401 - it has no types
        self._parquet = parquet

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._parquet, name)

    def write_table(self, table: Any, path: str) -> None:  # noqa: ANN401
        """Write the file."""
        repeating = [name for name in REPEATING if name.partition(".")[0] in table.column_names]
        self._parquet.write_table(table, path, use_dictionary=repeating)


def _in_arrays(build: Callable[[Any, Sequence[tuple[int, int]]], Any]) -> Callable[..., Any]:
    """Its own way where a batch has other columns than the file, as a field that was added since."""

    @wraps(build)
    def built(memory: Any, rows: Sequence[tuple[int, int]]) -> Any:  # noqa: ANN401 - it has no types
        import pyarrow as pa

        schema, batches = memory._data_schema, memory._insert_batches
        used = sorted({batch for batch, _ in rows})
        if any(_type_of(batches[one], field.name) != field.type for one in used for field in schema):
            return build(memory, rows)
        columns = [[batches[one].column(field.name) for one in used] for field in schema]
        whole = pa.Table.from_arrays([pa.chunked_array(column) for column in columns], schema=schema)
        starts = dict(zip(used, np.cumsum([0, *(batches[one].num_rows for one in used)]), strict=False))
        places = [starts[batch] + row for batch, row in rows]
        if places == list(range(whole.num_rows)):
            return whole
        return whole.combine_chunks().take(pa.array(places, pa.int64()))

    return built


def _type_of(batch: Any, name: str) -> Any:  # noqa: ANN401
    """The type of a column; nothing where there is none of that name."""
    place = batch.schema.get_field_index(name)
    return batch.schema.field(place).type if place >= 0 else None
