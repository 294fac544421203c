"""One process a data folder: Milvus Lite and the write order demand it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from glede.errors import LockedError

NAME = "lock"
OWNER = "owner"


@contextmanager
def hold(home: Path) -> Iterator[None]:
    """Hold the folder; raises `LockedError` with the owner's process id where another process does.

    The lock is the operating system's and ends with the process, however that ends.
    """
    lock = FileLock(home / NAME, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        pid = owner(home)
        raise LockedError(
            f"another process{f' ({pid})' if pid else ''} is using {home}",
            pid=pid,
            hint="Wait until it ends, or give another folder with --home.",
        ) from error
    try:
        note = home / OWNER
        note.write_text(str(os.getpid()))
        yield
        with suppress(FileNotFoundError):
            note.unlink()
    finally:
        lock.release()


def owner(home: Path) -> int | None:
    """The process id that the owner of the lock wrote down."""
    try:
        return int((home / OWNER).read_text())
    except (OSError, ValueError):
        return None
