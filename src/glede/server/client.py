"""The engine of a server that runs: what the command line asks while that holds the data folder."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import orjson

from glede.answering.questions import NOTHING, Extras
from glede.doors.jobs import joined
from glede.doors.streaming import batches
from glede.errors import LockedError, NotFoundError, UnavailableError, UsageError
from glede.events import Numbered
from glede.ports import Progress
from glede.results import Added, Answer, Hit, Report, Turn
from glede.server import telling
from glede.server.client_work import RemoteCare, RemoteGraph, RemoteJobs, RemotePast
from glede.sources.items import Content, is_address
from glede.types import Document, MetadataValue, Modality, Mode

if TYPE_CHECKING:
    from glede.adding.enriching import Wait
    from glede.server.presence import Presence

_SILENCE = 60.0
"""Seconds without a byte: answers take as long, jobs send heartbeats."""


class Remote:
    """A part of `Engine`, through a server; values come back as they would from an engine."""

    def __init__(self, client: httpx2.AsyncClient, presence: Presence, collection: str) -> None:
        self._client = client
        self._presence = presence
        self._path = f"/v1/collections/{collection}"

    @classmethod
    @asynccontextmanager
    async def open(cls, presence: Presence, collection: str) -> AsyncIterator[Remote]:
        """Be let in by the server as the owner of its data folder."""
        headers = {"Authorization": f"Bearer {presence.pass_}"}
        async with httpx2.AsyncClient(
            base_url=presence.address, headers=headers, timeout=_SILENCE, trust_env=False
        ) as client:
            try:
                yield cls(client, presence, collection)
            except httpx2.HTTPError as error:
                raise UnavailableError(
                    f"the server {presence.address} ({presence.pid}) does not answer: {error}",
                    hint="It may be ending: try again. Its log tells more.",
                ) from error

    async def add(
        self,
        *things: str | Path | Content,
        metadata: Mapping[str, MetadataValue] | None = None,
        parser: str | None = None,
        password: str | None = None,
        dry_run: bool = False,
        wait: Wait = "enriched",
        progress: Progress | None = None,
    ) -> Report:
        """See `Engine.add`; files are read by the server itself."""
        if dry_run:
            raise self.refused("--dry-run")
        shared = {"metadata": dict(metadata or {}), "parser": parser, "password": password, "wait": wait}
        reports = []
        named = [thing for thing in things if not isinstance(thing, Content)]
        if named:
            urls = [str(thing) for thing in named if is_address(str(thing))]
            paths = [os.path.abspath(thing) for thing in named if not is_address(str(thing))]  # noqa: PTH100
            reports.append(await self._followed({**shared, "paths": paths, "urls": urls}, (), progress))
        contents = [thing for thing in things if isinstance(thing, Content)]
        if contents:
            reports.append(await self._followed(shared, contents, progress))
        return joined(reports)

    async def add_stream(
        self,
        contents: AsyncIterable[Content],
        acknowledge: Callable[[Added], None],
        *,
        metadata: Mapping[str, MetadataValue] | None = None,
        parser: str | None = None,
        wait: Wait = "enriched",
    ) -> Report:
        """See `Engine.add_stream`; what comes together, with the same metadata, is a job of its own."""
        total = Report(())
        async for batch in batches(contents):
            alike = groupby(batch, lambda content: {**(metadata or {}), **content.metadata})
            for shared, group in alike:
                report = await self.add(*group, metadata=shared, parser=parser, wait=wait)
                for added in report.documents:
                    acknowledge(added)
                total = joined([total, replace(report, documents=())])
                if report.stopped is not None:
                    return total
        return total

    async def _followed(
        self, asked: Mapping[str, object], contents: Sequence[Content], progress: Progress | None
    ) -> Report:
        """Begin a job and follow it to its end."""
        if contents:
            files = [("files", (one.source, one.encoded())) for one in contents]
            fields = {"metadata": orjson.dumps(asked["metadata"]).decode()}
            fields |= {key: str(asked[key]) for key in ("parser", "password", "wait") if asked[key]}
            begun = await self._client.post(f"{self._path}/documents", data=fields, files=files)
        else:
            begun = await self._client.post(f"{self._path}/documents", json=asked)
        return await self._end_of(begun, progress)

    async def _begun(self, path: str, body: Mapping[str, object], progress: Progress | None) -> Report:
        """Begin a job below the collection's path, and follow it to its end."""
        return await self._end_of(await self._client.post(f"{self._path}{path}", json=body), progress)

    async def _end_of(self, begun: httpx2.Response, progress: Progress | None) -> Report:
        told = telling.checked(begun)
        if told["job"] is None:
            return telling.report(told["report"])
        number = told["job"]["id"]
        if isinstance(progress, Numbered):
            progress.begin(number)
        watching = _Watching(progress)
        async with aclosing(self._events("GET", f"/v1/jobs/{number}/events")) as events:
            async for name, shape in events:
                if name == "progress":
                    watching.told(shape)
                elif name == "end":
                    return _ended(shape)
        raise UnavailableError(
            f"the server stopped before job {number} had ended", hint=f"Go on: glede jobs resume {number}"
        )

    async def sync(
        self,
        folder: str | Path,
        *,
        metadata: Mapping[str, MetadataValue] | None = None,
        parser: str | None = None,
        password: str | None = None,
        allow_empty: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """See `Engine.sync`; the server itself reads the folder."""
        body = {
            "folder": os.path.abspath(folder),  # noqa: PTH100 - as `Engine.sync` takes it: no link is followed
            "metadata": dict(metadata or {}),
            "parser": parser,
            "password": password,
            "allow_empty": allow_empty,
        }
        return await self._begun("/sync", body, progress)

    async def retry(self, *names: str, progress: Progress | None = None) -> Report:
        """See `Engine.retry`."""
        return await self._begun("/retry", {"documents": list(names)}, progress)

    @property
    def jobs(self) -> RemoteJobs:
        """See `Engine.jobs`."""
        return RemoteJobs(self._begun)

    @property
    def care(self) -> RemoteCare:
        """See `Engine.care`."""
        return RemoteCare(self._posted)

    @property
    def past(self) -> RemotePast:
        """See `Engine.past`."""
        return RemotePast(self._posted)

    @property
    def graph(self) -> RemoteGraph:
        """See `Engine.graph`."""
        return RemoteGraph(self, self._posted)

    async def _posted(self, path: str, body: Mapping[str, object]) -> telling.Shape:
        posted = await self._client.post(
            f"{self._path}{path}", json=body, timeout=None
        )  # models may be asked
        shape: telling.Shape = telling.checked(posted)
        return shape

    async def search(
        self,
        query: str,
        *,
        limit: int | None = None,
        mode: Mode = "mix",
        types: Sequence[Modality] = (),
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        extras: Extras = NOTHING,
        as_of: str | None = None,
    ) -> list[Hit]:
        """See `Engine.search`."""
        body = {"query": query, **_searching(limit, mode, types, filter, extras, as_of)}
        found = telling.checked(await self._client.post(f"{self._path}/search", json=body))
        return [telling.hit(one) for one in found["hits"]]

    async def ask(
        self,
        question: str,
        *,
        limit: int | None = None,
        mode: Mode = "mix",
        types: Sequence[Modality] = (),
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        history: Sequence[Turn] = (),
        extras: Extras = NOTHING,
        as_of: str | None = None,
    ) -> Answer:
        """See `Engine.ask`."""
        body = _question(question, history, _searching(limit, mode, types, filter, extras, as_of))
        return telling.answer(
            telling.checked(await self._client.post(f"{self._path}/ask", json=body, timeout=None))
        )

    async def stream(
        self,
        question: str,
        *,
        limit: int | None = None,
        mode: Mode = "mix",
        types: Sequence[Modality] = (),
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        history: Sequence[Turn] = (),
        extras: Extras = NOTHING,
        as_of: str | None = None,
    ) -> AsyncGenerator[str | Answer, None]:
        """See `Engine.stream`."""
        body = _question(question, history, _searching(limit, mode, types, filter, extras, as_of))
        path = f"{self._path}/ask"
        async with aclosing(self._events("POST", path, {**body, "stream": True})) as events:
            async for name, shape in events:
                if name == "piece":
                    yield str(shape["text"])
                elif name == "answer":
                    yield telling.answer(shape)
                elif name == "error":
                    raise telling.error_of(shape)

    async def delete(self, *names: str, all_versions: bool = False) -> list[Document]:
        """See `Engine.delete`."""
        found = [await self._ever(name) if all_versions else await self._named(name) for name in names]
        removed = []
        asked = {"all_versions": all_versions}
        for identity in dict.fromkeys(found):
            path = f"{self._path}/documents/{identity}"
            told = telling.checked(await self._client.delete(path, params=asked))
            removed += [telling.document(one) for one in told["documents"]]
        return removed

    async def _ever(self, name: str) -> str:
        """The same, or else the id of what a source of that name meant once."""
        try:
            return await self._named(name)
        except NotFoundError:
            answered = await self._client.get(f"{self._path}/versions", params={"name": name})
            return str(telling.checked(answered)["versions"][-1]["document_id"])

    async def _named(self, name: str) -> str:
        """The id of the one document of that name."""
        answered = await self._client.get(f"{self._path}/documents", params={"name": name})
        found = telling.checked(answered)["documents"]
        if not found:
            raise NotFoundError(f"there is no document {name!r}")
        if len(found) > 1:
            sources = ", ".join(one["source"] for one in found[:5])
            raise UsageError(f"{name!r} names {len(found)} documents", hint=f"Write more of it: {sources}")
        return str(found[0]["id"])

    async def _events(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> AsyncGenerator[tuple[str, telling.Shape], None]:
        """Server-sent events: the name of each, and its data."""
        async with self._client.stream(method, path, json=body) as response:
            if response.status_code >= 400:
                await response.aread()
                telling.checked(response)
            name = ""
            async for line in response.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    yield name, orjson.loads(value)

    def refused(self, what: str) -> LockedError:
        """What cannot be asked of a server, whose settings are its own."""
        return LockedError(
            f"a server ({self._presence.pid}) holds the data folder, and {what} cannot be asked of it",
            pid=self._presence.pid,
            hint=f"Leave {what} out, or end the server first.",
        )


class _Watching:
    """Tells progress what the events tell."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._total = 0

    def told(self, event: telling.Shape) -> None:
        if self._progress is None:
            return
        if event["total"] > self._total:
            self._progress.start(event["total"] - self._total)
            self._total = event["total"]
        if event["stage"] == "done":
            self._progress.done(Added(event["item"], event["status"]))
        elif event["stage"] != "start":
            self._progress.stage(event["stage"], event["item"])


def _ended(shape: telling.Shape) -> Report:
    if shape["report"] is not None:
        return telling.report(shape["report"])
    if shape["error"] is not None:
        raise telling.error_of(shape["error"])
    number = shape["job"]["id"]
    raise UnavailableError(
        f"the server stopped before job {number} had ended", hint=f"Go on: glede jobs resume {number}"
    )


def _searching(
    limit: int | None,
    mode: Mode,
    types: Sequence[Modality],
    where: Mapping[str, MetadataValue] | None,
    extras: Extras,
    as_of: str | None,
) -> dict[str, object]:
    return {
        "as_of": as_of,
        "limit": limit,
        "mode": mode,
        "types": list(types),
        "filter": dict(where or {}),
        "image": _encoded(extras.image),
        "table": _encoded(extras.table),
        "table_name": extras.table_name,
        "equation": extras.equation,
    }


def _question(question: str, history: Sequence[Turn], options: Mapping[str, object]) -> dict[str, object]:
    turns = [{"question": turn.question, "answer": turn.answer} for turn in history]
    return {"question": question, "history": turns, **options}


def _encoded(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()
