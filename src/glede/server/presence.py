"""Where the server of a data folder is: a note in the folder, that only its owner can read.

The note holds the address and this run's pass. Who can read it can read everything in the folder anyway, and
is let in as its owner: so the command line works through the server while that holds the lock.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from glede.errors import unavailable
from glede.lock import owner

FILE = "server.json"


@dataclass(frozen=True, slots=True)
class Presence:
    """A server that runs."""

    pid: int
    address: str
    pass_: str


@contextmanager
def present(home: Path, address: str, pass_: str) -> Iterator[None]:
    """Be found while the block lasts."""
    note = home / FILE
    text = json.dumps({"pid": os.getpid(), "address": address, "pass": pass_})
    fresh = note.with_suffix(".new")
    try:
        fresh.unlink(missing_ok=True)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
            file.write(text)
        fresh.replace(note)
    except OSError as error:
        raise unavailable(f"{note} cannot be written", error) from error
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink()


def presence(home: Path) -> Presence | None:
    """The server that holds the folder, if one does; what a killed one has left behind counts for nothing."""
    try:
        kept = json.loads((home / FILE).read_text())
        found = Presence(int(kept["pid"]), str(kept["address"]), str(kept["pass"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if owner(home) == found.pid else None
