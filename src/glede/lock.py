"""One process a data folder: Milvus Lite and the write order demand it."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from glede.errors import ConfigurationError, LockedError

NAME = "lock"
OWNER = "owner"
PATIENCE = 5.0
"""Seconds that the lock of a process that has died is waited for."""
POLL = 0.02


@contextmanager
def hold(home: Path) -> Iterator[None]:
    """Hold the folder; raises `LockedError` with the owner's process id where another process does.

    The lock is the operating system's and ends with the process, however that ends. What that was starting
    at that moment shares the lock until its own program begins: where the owner is dead, it is waited for.
    """
    lock = FileLock(home / NAME, timeout=0, mode=0o600, fallback_to_soft=False)
    try:
        _acquire(lock, home)
    except Timeout as error:
        pid = owner(home)
        raise LockedError(
            f"another process{f' ({pid})' if pid else ''} is using {home}",
            pid=pid,
            hint="Wait until it ends, or give another folder with --home.",
        ) from error
    except (OSError, NotImplementedError) as error:
        raise _cannot_lock(home, error) from error
    try:
        note = home / OWNER
        with suppress(OSError):  # only tells others who we are; on a full disk that may be missing
            note.write_text(str(os.getpid()))
        yield
        with suppress(OSError):
            note.unlink()
    finally:
        lock.release()


def _acquire(lock: FileLock, home: Path) -> None:
    late = time.monotonic() + PATIENCE
    while True:
        try:
            lock.acquire()
        except Timeout:
            pid = owner(home)
            if pid is None or alive(pid) or time.monotonic() > late:
                raise
            time.sleep(POLL)
        else:
            return


def _cannot_lock(home: Path, error: Exception) -> ConfigurationError:
    """Without a lock of the system's, two processes would lose one another's work: the folder is refused."""
    why = getattr(error, "strerror", None) or str(error)
    if getattr(error, "errno", None) in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = "Make it writable, or name another with --home."
    else:
        hint = "Its file system may know no locks: name a folder on a local disk with --home."
    return ConfigurationError(f"the data folder {home} cannot be locked: {why}", hint=hint)


def owner(home: Path) -> int | None:
    """The process id that the owner of the lock wrote down."""
    try:
        return int((home / OWNER).read_text())
    except (OSError, ValueError):
        return None


def alive(pid: int) -> bool:
    """Whether a process of this machine has that id; what another user runs is alive too."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
