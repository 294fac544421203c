"""Connections and statements that SQLite and PostgreSQL share."""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, insert, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from glede import failpoints
from glede.errors import ConfigurationError, UnavailableError, UsageError, unavailable
from glede.failpoints import Transaction
from glede.stores.at_hand import AtHand
from glede.stores.sole import Sole

T = TypeVar("T")
Row: TypeAlias = tuple[Any, ...]
"""A row as the driver gives it."""
MOST_PARAMETERS = 500
"""Values in one `IN`, below the limits of every database."""
LOCK_SECONDS = 30
DAMAGED = (
    "The file is damaged: restore it from a backup, or add what it kept to a new folder: "
    "`glede add --home NEW blobs/originals`, in the data folder."
)
UNASKED: frozenset[Transaction] = frozenset(("announce", "purged", "note", "responses", "spending", "jobs"))
"""Transactions that change nothing of what questions read."""
CONNECTIONS = 32
"""Connections to a file that are kept, for as many threads; opening one costs more than a read."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the database, and what is known of it so far.

    `known` is what this reader has found out, `at_hand` what others have read of the same state too.
    """

    connection: Connection
    at_hand: AtHand
    known: dict[Hashable, object] = field(default_factory=dict)


class _Here(threading.local):
    """The snapshot of this thread."""

    snapshot: Snapshot | None = None


class Database:
    """The database at a SQLAlchemy URL, usable from several threads; writers take turns."""

    def __init__(self, url: str) -> None:
        self._writing = threading.Lock()
        self._here = _Here()
        self._at_hand: AtHand | None = AtHand()
        with translated():
            self._engine = connected(url)
        self._sole = Sole(self._engine) if self._engine.dialect.name == "postgresql" else None

    def hold(self) -> None:
        """Be the only one who writes; raises `LockedError` where another does.

        A file is bound by the lock of its data folder already.
        """
        if self._sole is not None:
            with translated():
                self._sole.take()

    def held(self) -> bool | None:
        """Whether somebody holds it; `None` where only the data folder tells."""
        if self._sole is None:
            return None
        with translated():
            return self._sole.taken()

    @contextmanager
    def write(self, name: Transaction) -> Iterator[Connection]:
        """One transaction, kept when the block ends well; its name tells tests where to let it fail."""
        with self._writing, translated():
            failpoints.transaction(name, "before")
            try:
                with self._engine.begin() as connection:
                    if self._sole is not None:
                        self._sole.check(connection)
                    yield connection
                    failpoints.transaction(name, "inside")
                    if name not in UNASKED:
                        self._at_hand = None  # until it is kept: nobody can tell on which side of it he is
            finally:
                if name not in UNASKED:
                    self._at_hand = AtHand()
            failpoints.transaction(name, "after")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Reads that all see one state: that of the snapshot, where there is one."""
        here = self._here.snapshot
        if here is not None:
            with translated():
                yield here.connection
            return
        with translated(), self._engine.connect() as connection:
            begin_snapshot(connection)
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all reads of this thread see one state, over one connection, for as long as the block."""
        if self._here.snapshot is not None:
            yield
            return
        with translated():
            connection = self._engine.connect()
        try:
            with translated():
                at_hand = self._begun(connection)
            self._here.snapshot = Snapshot(connection, at_hand)
            yield
        finally:
            self._here.snapshot = None
            with translated():
                connection.close()

    def _begun(self, connection: Connection) -> AtHand:
        """Begin to see one state; what is at hand of just that one, nothing where it may be another."""
        before = self._at_hand
        begin_snapshot(connection)
        if self._sole is not None:
            return AtHand()  # other engines write to a server
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").close()  # the state is of now
        return before if before is not None and before is self._at_hand else AtHand()

    @property
    def at_hand(self) -> AtHand:
        """What is at hand of the snapshot of this thread; without one nothing, and nothing is kept."""
        return AtHand() if self._here.snapshot is None else self._here.snapshot.at_hand

    @property
    def known(self) -> dict[Hashable, object]:
        """What is known of the snapshot of this thread; without one nothing, and nothing is kept."""
        return {} if self._here.snapshot is None else self._here.snapshot.known

    def close(self) -> None:
        """Release the connections."""
        if self._sole is not None:
            self._sole.release()
        self._engine.dispose()


def connected(url: str) -> Engine:
    """An engine for the URL; a SQLite file is made with mode 0600, and keeps every commit through a crash."""
    try:
        target = make_url(url)
    except SQLAlchemyError as error:
        raise ConfigurationError("the catalogue's address is no SQLAlchemy URL") from error
    if target.get_backend_name() != "sqlite":
        return _server(target)
    pool: dict[str, int] = {}
    if target.database and target.database != ":memory:":
        Path(target.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(target.database, os.O_CREAT | os.O_RDWR, 0o600))
        pool["pool_size"] = CONNECTIONS
    engine = create_engine(target, connect_args={"timeout": LOCK_SECONDS}, **pool)
    event.listen(engine, "connect", _durable)
    return engine


def _server(target: URL) -> Engine:
    """An engine for a database server; where no driver is named, PostgreSQL's is psycopg."""
    if target.drivername in ("postgresql", "postgres"):
        target = target.set(drivername="postgresql+psycopg")
    try:
        return create_engine(target, pool_pre_ping=True)
    except (ImportError, NoSuchModuleError) as error:
        raise ConfigurationError(
            f"no driver for the catalogue's address is installed: {error}",
            hint="For PostgreSQL: pip install 'glede[postgresql]'",
        ) from error


def _durable(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_snapshot(connection: Connection) -> None:
    """Let all reads on the connection see one state of the database, whatever is written meanwhile."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")  # the driver itself begins no transaction before a write
    else:
        connection.execution_options(isolation_level="REPEATABLE READ")


@contextmanager
def translated() -> Iterator[None]:
    """The errors of SQL as ours."""
    try:
        yield
    except DBAPIError as error:
        raise _unavailable(error.orig or error) from error
    except UnicodeDecodeError as error:  # what SQLite says of damage quotes what is damaged
        told = error.object.decode(errors="replace")
        raise UnavailableError(f"the catalogue: {told}", hint=DAMAGED) from error
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{error.object!a} is no text: it cannot be written as UTF-8",
            hint="Rename the file, or write the name in UTF-8.",
        ) from error
    except (SQLAlchemyError, OSError) as error:
        raise unavailable("the catalogue", error) from error


def _unavailable(error: BaseException) -> UnavailableError:
    message = str(error)
    if "malformed" in message or "not a database" in message:
        hint = DAMAGED
    elif "locked" in message:
        hint = "Another process is writing to it; try again."
    elif "I/O error" in message:
        hint = "The disk fails, or its files may not grow: mend that and run the same command again."
    elif "readonly" in message:
        hint = "Make the data folder writable, or name another with --home."
    else:
        return unavailable("the catalogue", error)
    return UnavailableError(f"the catalogue: {message}", hint=hint)


def parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in runs that fit one statement."""
    for start in range(0, len(values), MOST_PARAMETERS):
        yield values[start : start + MOST_PARAMETERS]


def marks(values: Sequence[object]) -> str:
    """A `?` for each value."""
    return ", ".join("?" * len(values))


def rows_of(connection: Connection, statement: str, *values: str | int | bytes) -> Iterator[Row]:
    """The rows of a statement with a `?` for each value.

    They are the driver's own: what SQLAlchemy makes around them costs more than the statement, and a question
    asks eighty.
    """
    dialect = connection.dialect
    cursor = connection.connection.cursor()
    try:
        if not values:
            cursor.execute(statement)
        else:
            cursor.execute(statement if dialect.name == "sqlite" else statement.replace("?", "%s"), values)
        return iter(cursor.fetchall())
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError(statement, None, error) from error
    finally:
        cursor.close()


def append(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Write many new rows, each with a value for every column in the table's order.

    SQLite gets them as they are: what SQLAlchemy does for each value costs three times the insertion.
    """
    if not rows:
        return
    names = [column.name for column in table.columns]
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({marks})", list(rows))  # noqa: S608 - ours
    else:
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])


def numbered(connection: Connection, table: Table, row: Mapping[str, object]) -> int:
    """Write one new row of a table that numbers its rows itself; returns its number."""
    if connection.dialect.name == "sqlite":
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
        return connection.exec_driver_sql(statement, tuple(row.values())).lastrowid
    key = connection.execute(insert(table).values(row)).inserted_primary_key
    return int(key[0]) if key else 0


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows of the same columns, in place of those with the same primary keys."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    changed = [name for name in rows[0] if name not in keys]
    if connection.dialect.name == "sqlite":
        _write_plainly(connection, table, rows, [f"{name} = excluded.{name}" for name in changed])
        return
    from sqlalchemy.dialects import postgresql  # a tenth of a second, for a server only

    statement = postgresql.insert(table)
    values = {name: statement.excluded[name] for name in changed}
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=values), [dict(row) for row in rows]
    )


def increment(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]], names: Sequence[str]
) -> None:
    """Add to the named columns of rows, which begin at 0 where they are missing."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _write_plainly(connection, table, rows, [f"{name} = {name} + excluded.{name}" for name in names])
        return
    keys = [column.name for column in table.primary_key]
    from sqlalchemy.dialects import postgresql

    statement = postgresql.insert(table)
    changed = {name: table.c[name] + statement.excluded[name] for name in names}
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=changed), [dict(row) for row in rows]
    )


def _write_plainly(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]], changed: Sequence[str]
) -> None:
    """Rows as they are, as `append`; what is `changed` of one that is there already."""
    columns = tuple(rows[0])
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    keys = ", ".join(column.name for column in table.primary_key)
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks}) "  # noqa: S608 - our own names
    statement += f"ON CONFLICT ({keys}) DO UPDATE SET {', '.join(changed)}"
    connection.exec_driver_sql(statement, [tuple(row[name] for name in columns) for row in rows])
