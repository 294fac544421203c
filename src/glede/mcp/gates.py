"""Who may use which collection by a tool, and what a tool may read to add it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from glede.engine import Engine
from glede.errors import UsageError

Purpose: TypeAlias = Literal["read", "write"]
Using: TypeAlias = Callable[[], AbstractAsyncContextManager[Engine]]
Inside: TypeAlias = tuple[Engine, str | None]
"""The engine, and the collection to be used in it; `None` is that of its settings."""


class Gate(Protocol):
    """What every tool passes before it does anything."""

    def entered(self, collection: str | None, purpose: Purpose) -> AbstractAsyncContextManager[Inside]:
        """Raises a `GledeError` where the collection is not the caller's to use so."""
        ...

    def source(self, named: str) -> str:
        """What may be added by that name; raises a `GledeError`."""
        ...


class FolderGate:
    """The gate of a data folder's owner: all collections, and what lies under a root."""

    def __init__(self, using: Using, root: Path) -> None:
        self._using = using
        self._root = root.resolve()

    @asynccontextmanager
    async def entered(self, collection: str | None, purpose: Purpose) -> AsyncIterator[Inside]:
        """The owner may do all."""
        async with self._using() as engine:
            yield engine, collection

    def source(self, named: str) -> str:
        """A URL as it is (what it may reach is the fetcher's to say), or a path that stays under the root."""
        if "://" in named:
            return named
        path = (self._root / named).resolve()
        if not path.is_relative_to(self._root):
            raise UsageError(
                f"{named} lies outside of {self._root}",
                hint="Start `glede mcp` with --root DIR where the files are.",
            )
        return str(path)
