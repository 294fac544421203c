"""SQL over tables: one SELECT in DuckDB, in a process of its own that can do nothing else.

The statement comes from a model or a stranger. It is checked against a list of what a question about a table
needs (see `glede.stores.tables_guard`), and runs in memory, without files, settings, extensions or network,
under limits. Native code that no interrupt reaches ends with its process.
"""

from __future__ import annotations

import os
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from glede.errors import SqlError, UnavailableError
from glede.tables.parquet import as_arrow
from glede.tables.statements import SqlResult
from glede.tables.values import Rows, Value

TABLE = "rows"
"""What the table is called where there is only one."""
LENGTH = struct.Struct(">I")
_STARTING_SECONDS = 60.0
_GRACE_SECONDS = 0.5
"""How long the process may take to stop by itself once its time is up."""
_TOLD = {
    "PYTHONUTF8": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve a gigabyte of addresses
}
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class SqlLimits:
    """What one statement may take and give."""

    seconds: float = 5.0
    memory_mb: int = 256
    rows: int = 10_000
    result_bytes: int = 1_000_000
    statement_characters: int = 20_000


DEFAULT_LIMITS = SqlLimits()


class SqlRunner:
    """Runs statements one after the other; its process starts with the first one.

    Beside its columns a table has `_place`, the row of the original table, and `_total`, whether the row sums
    up others. May be used by several threads.
    """

    def __init__(self, limits: SqlLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def __call__(self, sql: str, rows: Rows) -> list[tuple[Value, ...]]:
        """The rows that a statement over one table, called `rows`, gives; raises `SqlError`."""
        return list(self.selected(sql, rows).rows)

    def selected(self, sql: str, rows: Rows) -> SqlResult:
        """What a statement over one table, called `rows`, gives; raises `SqlError`."""
        return self.query(sql, {TABLE: rows})

    def query(self, sql: str, tables: Mapping[str, Rows]) -> SqlResult:
        """What one SELECT over the tables gives.

        Raises `SqlError` where it is not allowed, wrong, or passes a limit.
        """
        if len(sql) > self._limits.statement_characters:
            raise SqlError(f"the statement is longer than {self._limits.statement_characters} characters")
        with self._lock:
            process = (self._process and self._process.kept()) or _Process(self._limits)
            self._process = None
            try:
                result = process.query(sql, tables)
            except SqlError:
                self._process = process.kept()
                raise
            except BaseException:
                process.kill()
                raise
            self._process = process.kept()
            return result

    def close(self) -> None:
        """End the process; the next statement starts another."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process = None


class _Process:
    """One child, and the tables that it holds."""

    def __init__(self, limits: SqlLimits) -> None:
        self._limits = limits
        self._tables: dict[str, Rows] = {}
        self._buffer = b""
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "glede.stores.tables_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise UnavailableError(f"the process that runs SQL cannot be started: {error}") from error
        try:
            self._told(asdict(limits))
            self._heard(_STARTING_SECONDS)
        except SqlError as error:
            raise UnavailableError("the process that runs SQL did not start") from error

    def query(self, sql: str, tables: Mapping[str, Rows]) -> SqlResult:
        names = self._load(tables)
        self._told({"sql": sql, "tables": names})
        reply = self._heard(self._limits.seconds + _GRACE_SECONDS)
        if error := reply.get("error"):
            if reply.get("worn"):  # libraries that were refused memory are in no state to go on
                self.kill()
            raise SqlError(str(error))
        return SqlResult(tuple(reply["columns"]), tuple(tuple(row) for row in reply["rows"]))

    def kept(self) -> _Process | None:
        """Itself while it lives."""
        return self if self._child.poll() is None else None

    def kill(self) -> None:
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()

    def _load(self, tables: Mapping[str, Rows]) -> list[str]:
        """Hand over the tables that the child does not hold."""
        held = {name: rows for name, rows in self._tables.items() if tables.get(name) is rows}
        if held.keys() != self._tables.keys():
            self._told({"forget": [name for name in self._tables if name not in held]})
        for name, rows in tables.items():
            if name not in held:
                data = _stream(rows)
                self._told({"load": name, "size": len(data)}, data)
        self._tables = dict(tables)
        return list(tables)

    def _told(self, message: Mapping[str, object], data: bytes = b"") -> None:
        import orjson

        packed = orjson.dumps(message)
        try:
            pipe = _pipe(self._child.stdin)
            pipe.write(LENGTH.pack(len(packed)) + packed + data)
            pipe.flush()
        except OSError as error:
            raise UnavailableError("the process that runs SQL has ended") from error

    def _heard(self, seconds: float) -> dict[str, Any]:
        """The next message of the child, which is killed where there is none in time."""
        import orjson

        until = time.monotonic() + seconds
        most = 16 * self._limits.result_bytes + 65_536
        (length,) = LENGTH.unpack(self._read(LENGTH.size, until))
        if length > most:
            self.kill()
            raise SqlError("the result is too large")
        message: dict[str, Any] = orjson.loads(self._read(length, until))
        return message

    def _read(self, count: int, until: float) -> bytes:
        pipe = _pipe(self._child.stdout)
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while len(self._buffer) < count:
                left = until - time.monotonic()
                if left <= 0 or not selector.select(left):
                    self.kill()
                    raise SqlError(f"the statement took longer than {self._limits.seconds:g} s")
                piece = os.read(pipe.fileno(), 1 << 20)
                if not piece:
                    self.kill()
                    raise SqlError("the statement took more memory or depth than it may")
                self._buffer += piece
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise UnavailableError("the process that runs SQL has no pipes")
    return pipe


def _stream(rows: Rows) -> bytes:
    """The table as an Arrow stream."""
    import pyarrow as pa

    table = as_arrow(rows)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _environment() -> dict[str, str]:
    """No keys, no tokens, no home."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    path: Sequence[str] = [entry for entry in sys.path if entry]
    return {**kept, "PYTHONPATH": os.pathsep.join(path), **_TOLD}
