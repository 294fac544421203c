"""The process that runs SQL: tables come in as Arrow, statements as JSON, results go out as JSON."""

from __future__ import annotations

import contextlib
import math
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import duckdb
import orjson
import pyarrow as pa

from glede.errors import SqlError
from glede.stores.tables import LENGTH
from glede.stores.tables_guard import check

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TEXTS = 768 * 2**20
"""What is left beside DuckDB's own limit, which does not count the texts that functions make."""
_CELL_CHARACTERS = 100_000


def main() -> None:
    """Serve until the owner closes the pipe."""
    limits = _message(sys.stdin.buffer)
    if limits is None:
        return
    database = _opened(int(limits["memory_mb"]))
    _confine(int(limits["memory_mb"]))
    _answer({"ready": True})
    while (message := _message(sys.stdin.buffer)) is not None:
        if "load" in message:
            _load(database, message["load"], sys.stdin.buffer.read(message["size"]))
        elif "forget" in message:
            for name in message["forget"]:
                database.execute(f"DROP TABLE {_quoted(name)}")
        else:
            _answer(_result(database, message["sql"], message["tables"], limits))


def _opened(memory_mb: int) -> DuckDBPyConnection:
    """A database in memory that reaches nothing outside, and whose settings are fixed."""
    database = duckdb.connect(
        ":memory:",
        config={
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
            "max_temp_directory_size": "0B",
            "temp_directory": "",
            "memory_limit": f"{memory_mb}MB",
            "threads": "1",
        },
    )
    database.execute("SET lock_configuration = true")
    _warm(database)
    return database


def _warm(database: DuckDBPyConnection) -> None:
    """Once through everything, so that what the libraries reserve for themselves is no part of the limit."""
    sink = pa.BufferOutputStream()
    table = pa.table({"name": ["a"], "number": [1.0]})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    _load(database, "_warm", sink.getvalue().to_pybytes())
    check(database, "SELECT max(number) FROM _warm GROUP BY name ORDER BY 1", ["_warm"])
    database.execute("SELECT count(DISTINCT range), list(range) FROM range(100000)").fetchall()
    database.execute("DROP TABLE _warm")


def _confine(memory_mb: int) -> None:
    """No core dumps, no files written, a bound on memory, where the system knows such limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    bounds = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0}
    with contextlib.suppress(OSError):  # the libraries reserve gigabytes that they never touch
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        bounds["RLIMIT_AS"] = pages * resource.getpagesize() + memory_mb * 2**20 + _TEXTS
    for name, most in bounds.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))


def _load(database: DuckDBPyConnection, name: str, data: bytes) -> None:
    table = pa.ipc.open_stream(data).read_all()
    database.register("_incoming", table)
    try:
        database.execute(f"CREATE TABLE {_quoted(name)} AS SELECT * FROM _incoming")  # noqa: S608 - quoted
    finally:
        database.unregister("_incoming")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _result(
    database: DuckDBPyConnection, sql: str, tables: Sequence[str], limits: dict[str, Any]
) -> dict[str, object]:
    timer = threading.Timer(float(limits["seconds"]), database.interrupt)
    timer.start()
    try:
        statement = check(database, sql, tables)
        cursor = database.execute(statement)
        columns = [column[0] for column in cursor.description or ()]
        return {"columns": columns, "rows": _rows(cursor, int(limits["rows"]), int(limits["result_bytes"]))}
    except duckdb.InterruptException:
        return {"error": f"the statement took longer than {float(limits['seconds']):g} s"}
    except (duckdb.OutOfMemoryException, MemoryError):
        return {"error": "the statement took more memory than it may", "worn": True}
    except SqlError as error:
        return {"error": error.message}
    except (duckdb.Error, RuntimeError, OverflowError, ValueError) as error:
        return {"error": str(error).partition("\n\n")[0][:1000]}
    finally:
        timer.cancel()


def _rows(cursor: DuckDBPyConnection, most: int, most_bytes: int) -> list[list[object]]:
    rows: list[list[object]] = []
    size = 0
    while piece := cursor.fetchmany(500):
        rows += [[_plain(value) for value in row] for row in piece]
        size += sum(
            len(value) if isinstance(value, str) else 8 for row in rows[-len(piece) :] for value in row
        )
        if len(rows) > most:
            raise SqlError(f"the result has more than {most} rows", hint="Add a LIMIT.")
        if size > most_bytes:
            raise SqlError(f"the result has more than {most_bytes} bytes", hint="Select fewer columns.")
    return rows


def _plain(value: object) -> object:
    """Numbers, truths and texts as they are; anything else as its text."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "as_integer_ratio"):  # a decimal
        return float(str(value))
    return str(value)[:_CELL_CHARACTERS]


def _message(pipe: IO[bytes]) -> dict[str, Any] | None:
    header = pipe.read(LENGTH.size)
    if len(header) < LENGTH.size:
        return None
    message: dict[str, Any] = orjson.loads(pipe.read(LENGTH.unpack(header)[0]))
    return message


def _answer(message: dict[str, object]) -> None:
    data = orjson.dumps(message)
    sys.stdout.buffer.write(LENGTH.pack(len(data)) + data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
