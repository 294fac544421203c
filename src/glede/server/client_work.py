"""What a server is asked beside questions and additions: to mend the graph, and to try again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from glede.graph.resolving import Resolution
from glede.graph.views import Identity, ShownTheme
from glede.results import Report
from glede.server import telling

if TYPE_CHECKING:
    from glede.ports import Progress
    from glede.server.client import Remote
    from glede.types import Document, MetadataValue

Body: TypeAlias = Mapping[str, object]
Posting: TypeAlias = Callable[[str, Body], Awaitable[telling.Shape]]
"""Sends a body to a path below the collection's, and returns what is answered."""
Following: TypeAlias = "Callable[[str, Body, Progress | None], Awaitable[Report]]"
"""The same, where a job is begun: the report of its end."""


class RemoteGraph:
    """A part of `Engine.graph`, through a server."""

    def __init__(self, remote: Remote, posting: Posting) -> None:
        self._remote = remote
        self._posting = posting

    async def merge(self, name: str, *others: str) -> Identity:
        """See `GraphWork.merge`."""
        return await self._edited("merge", {"name": name, "others": list(others)})

    async def split(self, name: str, *documents: str) -> Identity:
        """See `GraphWork.split`."""
        return await self._edited("split", {"name": name, "documents": list(documents)})

    async def undo(self, edit: int | None = None) -> Identity:
        """See `GraphWork.undo`."""
        return await self._edited("undo", {"edit": edit})

    async def add_file(
        self, path: str | Path, *, metadata: Mapping[str, MetadataValue] | None = None
    ) -> Report:
        """See `GraphWork.add_file`."""
        return await self._remote.add(Path(path), parser="knowledge", metadata=metadata)

    async def resolve(self, *, dry_run: bool = False) -> Resolution:
        """See `GraphWork.resolve`."""
        return telling.resolution(await self._posting("/graph/resolve", {"dry_run": dry_run}))

    async def summarised_themes(
        self,
        limit: int = 10,
        *,
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
    ) -> list[ShownTheme]:
        """See `GraphWork.summarised_themes`."""
        body = {"limit": limit, "filter": dict(filter or {})}
        told = await self._posting("/graph/themes", body)
        return [telling.theme(one) for one in told["themes"]]

    async def _edited(self, what: str, body: Body) -> Identity:
        told = await self._posting(f"/graph/{what}", body)
        return telling.identity(told["edit"])


class RemoteCare:
    """A part of `Engine.care`, through a server."""

    def __init__(self, posting: Posting) -> None:
        self._posting = posting

    async def disable(self, *names: str) -> list[Document]:
        """See `Care.disable`."""
        return await self._moved("/disable", names)

    async def enable(self, *names: str) -> list[Document]:
        """See `Care.enable`."""
        return await self._moved("/enable", names)

    async def _moved(self, path: str, names: Sequence[str]) -> list[Document]:
        told = await self._posting(path, {"documents": list(names)})
        return [telling.document(one) for one in told["documents"]]


class RemotePast:
    """A part of `Engine.past`, through a server."""

    def __init__(self, posting: Posting) -> None:
        self._posting = posting

    async def purge(self, before: str) -> int:
        """See `PastWork.purge`."""
        return int((await self._posting("/purge", {"before": before}))["documents"])


class RemoteJobs:
    """A part of `Engine.jobs`, through a server."""

    def __init__(self, following: Following) -> None:
        self._following = following

    async def retry_failed(
        self, *names: str, password: str | None = None, progress: Progress | None = None
    ) -> Report:
        """See `JobWork.retry_failed`."""
        body = {"documents": list(names), "failed": True, "password": password}
        return await self._following("/retry", body, progress)
