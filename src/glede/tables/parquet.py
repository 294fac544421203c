"""Tables as Parquet bytes, and back without loss; and as Arrow, the way SQL sees them.

The file has a column of values for each column, named by its key, one of texts (`_text_0`, ...), and
`_place`; what the table is called, and what its columns mean, lies in the metadata under `glede`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glede.errors import UnavailableError
from glede.tables.values import Column, Rows

if TYPE_CHECKING:
    import pyarrow as pa

MEDIA_TYPE = "application/vnd.apache.parquet"
PLACE = "_place"
TOTAL = "_total"
SMALL = 2_000
"""Cells of a table that compression hardly makes smaller, and takes longer to begin with than all else."""
_VERSION = 1
_KEY = b"glede"


def packed(rows: Rows) -> bytes:
    """The table as a Parquet file; equal tables give equal bytes."""
    import orjson
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = [*_values(rows), *(pa.array(column, pa.string()) for column in _columns(rows, texts=True))]
    arrays.append(pa.array(rows.places, pa.int64()))
    names = [column.key for column in rows.columns]
    names += [f"_text_{number}" for number in range(len(names))] + [PLACE]
    about = {
        "version": _VERSION,
        "columns": rows.columns,
        "caption": rows.caption,
        "labels": rows.labels,
        "totals": rows.totals,
        "notes": rows.notes,
    }
    table = pa.Table.from_arrays(arrays, names=names).replace_schema_metadata({_KEY: orjson.dumps(about)})
    sink = pa.BufferOutputStream()
    small = table.num_rows * table.num_columns <= SMALL
    # Statistics of columns, which nobody reads, are a third of a small file.
    pq.write_table(table, sink, compression="none" if small else "zstd", write_statistics=False)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def unpacked(data: bytes) -> Rows:
    """The table of such a file; raises `UnavailableError` where it is damaged or of another make."""
    import orjson
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Not `read_table`, which makes a data set of it: two and a half times the work for a small table.
        table = pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)
        about = orjson.loads((table.schema.metadata or {})[_KEY])
        columns = tuple(Column(**column) for column in about["columns"])
        listed = [table.column(number).to_pylist() for number in range(2 * len(columns) + 1)]
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError, IndexError) as error:
        raise UnavailableError("a stored table is damaged", hint="Add the document again.") from error
    count = len(columns)
    return Rows(
        columns=columns,
        values=tuple(zip(*listed[:count], strict=True)),
        texts=tuple(zip(*listed[count : 2 * count], strict=True)),
        places=tuple(listed[2 * count]),
        caption=about["caption"],
        labels=tuple(about["labels"]),
        totals=tuple(about["totals"]),
        notes=tuple(about["notes"]),
    )


def as_arrow(rows: Rows) -> pa.Table:
    """The columns by their keys, then `_place` and whether a row is a `_total`."""
    import pyarrow as pa

    totals = set(rows.totals)
    arrays = [*_values(rows), pa.array(rows.places, pa.int64())]
    arrays.append(pa.array([number in totals for number in range(len(rows.values))], pa.bool_()))
    return pa.Table.from_arrays(arrays, names=[*(column.key for column in rows.columns), PLACE, TOTAL])


def _values(rows: Rows) -> list[pa.Array]:
    import pyarrow as pa

    kinds = {"number": pa.float64(), "boolean": pa.bool_(), "text": pa.string(), "date": pa.string()}
    return [
        pa.array(values, kinds[column.type])
        for column, values in zip(rows.columns, _columns(rows, texts=False), strict=True)
    ]


def _columns(rows: Rows, *, texts: bool) -> list[tuple[Any, ...]]:
    listed = rows.texts if texts else rows.values
    return list(zip(*listed, strict=True)) if listed else [()] * len(rows.columns)
