"""One engine a catalogue: on a server, where no lock of a data folder binds the engines of other machines.

A lock of PostgreSQL's tells whether there is another engine; it ends with its connection. Since a connection
may break while its engine lives on, each engine also leaves a mark of its own, and every transaction that
writes makes sure that no other engine has left one since.
"""

from __future__ import annotations

import os
import platform
import secrets
from contextlib import suppress

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from glede.errors import LockedError
from glede.stores import schema as t

LOCK = 0x676C656465
"""The number of the lock: `glede` in ASCII."""
OPENING = LOCK + 1
"""The number of the lock of those who open a catalogue, and may have to make its tables."""
MARK = "engine"
"""The setting under which the engine that was opened last has left its mark."""


def opening(connection: Connection) -> None:
    """Wait until nobody else opens the catalogue: `IF NOT EXISTS` does not keep two from making one table."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(OPENING)))


class Sole:
    """The right of one engine to write to a catalogue on a PostgreSQL server."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._mark = ""

    def take(self) -> None:
        """Take it; raises `LockedError` where another engine has it."""
        from sqlalchemy.dialects.postgresql import insert

        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not connection.scalar(select(func.pg_try_advisory_lock(LOCK))):
            other = connection.scalar(select(t.settings.c.value).where(t.settings.c.key == MARK)) or ""
            connection.close()
            where = other.rpartition(" ")[0]
            raise LockedError(
                f"another engine{f' ({where})' if where else ''} is using this catalogue",
                hint="Wait until it ends, or give each a database of its own: GLEDE_CATALOGUE_URL.",
            )
        self._connection = connection
        self._mark = f"process {os.getpid()} on {platform.node()} {secrets.token_hex(8)}"
        row = insert(t.settings).values(key=MARK, value=self._mark)
        connection.execute(
            row.on_conflict_do_update(index_elements=["key"], set_={"value": row.excluded.value})
        )

    def check(self, connection: Connection) -> None:
        """Raises `LockedError` where another engine has taken it; none can until the transaction ends."""
        if not self._mark:
            return
        mark = select(t.settings.c.value).where(t.settings.c.key == MARK).with_for_update(read=True)
        if connection.scalar(mark) != self._mark:
            raise LockedError(
                "the connection to the catalogue broke, and another engine has taken it over",
                hint="Close that engine, and open this one again.",
            )

    def taken(self) -> bool:
        """Whether some engine has it, this one or another."""
        if self._connection is not None:
            return True
        with self._engine.connect() as connection:
            found = connection.scalar(select(func.pg_try_advisory_xact_lock_shared(LOCK)))
        return not found

    def release(self) -> None:
        """Let another engine have it."""
        if self._connection is None:
            return
        with suppress(SQLAlchemyError):  # where the connection is broken its lock has ended with it
            self._connection.execute(select(func.pg_advisory_unlock(LOCK)))
        self._connection.invalidate()  # where that was not heard, the server ends the lock a moment later
        self._connection.close()
        self._connection = None
