"""Keys: 256 random bits each, shown once, kept as their SHA-256 only, revocable at once.

A key holds scopes, each a level (`read` < `write` < `admin`) on one collection, or on all (`*`). Keys lie in
a database of their own, which the command line writes and the server reads at each call: what is revoked is
refused from the next call on. No slow hash is needed where nobody can guess what was hashed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from glede.errors import NotFoundError, UsageError, unavailable
from glede.settings import COLLECTION_NAME

Level: TypeAlias = Literal["read", "write", "admin"]
LEVELS: tuple[Level, ...] = get_args(Level)
EVERYWHERE = "*"
PREFIX = "glede_"
BYTES = 32
FILE = "keys.db"
_COLLECTION = re.compile(COLLECTION_NAME)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a key allows in a collection, or in all (`*`); a level allows what the lower ones do."""

    level: Level
    collection: str

    def allows(self, level: Level, collection: str) -> bool:
        """Whether it allows that there."""
        here = self.collection in (EVERYWHERE, collection)
        return here and LEVELS.index(self.level) >= LEVELS.index(level)

    def __str__(self) -> str:
        return f"{self.level}:{self.collection}"


def scope_of(text: str) -> Scope:
    """`read:papers`, `admin:*`; raises `UsageError`."""
    level, _, collection = text.partition(":")
    known = collection == EVERYWHERE or _COLLECTION.fullmatch(collection)
    if level not in LEVELS or not known:
        raise UsageError(
            f"{text[:80]!r} is no scope",
            hint="Write LEVEL:COLLECTION, as read:papers or admin:*.",
        )
    return Scope(level, collection)


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret; times are seconds since 1970."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created: float
    revoked: float | None = None


class Keys:
    """The keys of a data folder; several processes may use them at once."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE

    def create(self, name: str, scopes: Sequence[Scope]) -> tuple[Key, str]:
        """A new key, and its secret, which is nowhere else."""
        if not scopes:
            raise UsageError("a key without a scope allows nothing", hint="Add --scope read:COLLECTION.")
        secret = PREFIX + secrets.token_urlsafe(BYTES)
        key = Key(secrets.token_hex(4), name, tuple(scopes), time.time())
        row = (key.id, key.name, " ".join(map(str, scopes)), _hashed(secret), key.created)
        with closing(self._opened()) as database, database:
            database.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, NULL)", row)
        return key, secret

    def all(self) -> list[Key]:
        """All keys, the revoked ones too, the oldest first."""
        return self._found("ORDER BY created", ())

    def find(self, secret: str) -> Key | None:
        """The key of that secret, unless it was revoked."""
        found = self._found("WHERE hash = ? AND revoked IS NULL", (_hashed(secret),))
        return found[0] if found else None

    def revoke(self, name: str) -> Key:
        """Let a key, named by its id or its name, allow nothing from now on."""
        found = [key for key in self.all() if key.revoked is None and name in (key.id, key.name)]
        if len(found) != 1:
            what = f"{len(found)} keys are" if found else "no key that is good is"
            raise NotFoundError(f"{what} called {name[:80]!r}", hint="`glede keys list` tells their ids.")
        with closing(self._opened()) as database, database:
            database.execute("UPDATE keys SET revoked = ? WHERE id = ?", (time.time(), found[0].id))
        return found[0]

    def needed(self) -> bool:
        """Whether there was ever a key: from then on nobody is let in without one."""
        return bool(self._found("LIMIT 1", ()))

    def _found(self, where: str, values: tuple[str, ...]) -> list[Key]:
        if not self._file.exists():
            return []
        with closing(self._opened()) as database:
            rows = database.execute(
                f"SELECT id, name, scopes, created, revoked FROM keys {where}",  # noqa: S608 - ours
                values,
            ).fetchall()
        return [
            Key(id_, name, tuple(scope_of(one) for one in scopes.split()), created, revoked)
            for id_, name, scopes, created, revoked in rows
        ]

    def _opened(self) -> sqlite3.Connection:
        try:
            self._file.touch(mode=0o600, exist_ok=True)
            database = sqlite3.connect(self._file, timeout=5.0)
            database.execute(_TABLE)
        except (OSError, sqlite3.Error) as error:
            raise unavailable(f"the keys in {self._file} cannot be opened", error) from error
        return database


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


_TABLE = (
    "CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL, "
    "hash TEXT NOT NULL UNIQUE, created REAL NOT NULL, revoked REAL)"
)
