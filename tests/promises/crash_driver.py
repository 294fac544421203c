"""A process whose children open a data folder, do what they are told, and are killed.

It reads lives as JSON lines from standard input, forks a child for each, which tells what it has done as
JSON lines, and tells at last how the child ended. Everything heavy is imported once, before the first fork,
when neither a thread nor a connection is there yet; a child differs in nothing from a process of its own.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import resource
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from glede import Content, Engine, Settings, failpoints
from glede.care.dump import dumped
from glede.errors import GledeError, NotFoundError
from glede.places import PlacedIndex
from glede.ports import fingerprint_of
from glede.registry import choose_parsers
from glede.results import Added
from glede.testing.fakes import FakeEmbedder
from glede.text import moments
from tests.promises.agreement import disagreements, found_by_all_channels

LOADED = (
    "anyio._backends._asyncio",
    "glede.build",
    "glede.extractors.llm",
    "glede.extractors.nlp",
    "glede.extractors.stated",
    "glede.sources.fetching",
    "glede.models.openai",
    "glede.parsers.worker",
    "glede.processors.equation",
    "glede.processors.generic",
    "glede.processors.image",
    "glede.processors.table",
    "glede.stores.tables",
    "glede.tables.parquet",
    "milvus_lite.index.sparse_factory",
    "milvus_lite.schema.sparse",
    "milvus_lite.search.indexed_filter",
    "openai.resources.chat",
    "openai.resources.embeddings",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "scipy.sparse",
    "sqlalchemy.dialects.sqlite",
    "sqlite3",
    "truststore",
)
"""What a child would load as it opens a folder."""


def tell(**event: object) -> None:
    os.write(1, json.dumps(event).encode() + b"\n")


class Acknowledged:
    """Tells of each document the moment that it is searchable."""

    def __init__(self, step: int) -> None:
        self._step = step

    def start(self, total: int) -> None:
        """The number of items."""

    def stage(self, name: str, source: str) -> None:
        """A stage of an item."""

    def done(self, item: Added) -> None:
        """An item is acknowledged, or has failed."""
        error = item.error.code if item.error else None
        tell(event="done", step=self._step, source=item.source, status=item.status, error=error)


async def live(life: dict[str, Any]) -> None:
    """One life, to its end or to the kill."""
    settings = Settings.model_validate({"home": life["home"], **life.get("settings", {})})
    failpoints.arm(life.get("failpoints", ""))
    embedder = None if settings.embed.startswith("openai:") else FakeEmbedder()
    async with Engine.open(settings, embedder=embedder, afresh=life.get("afresh", False)) as engine:
        tell(event="open")
        for number, (kind, *rest) in enumerate(life["steps"]):
            try:
                await _step(engine, number, kind, rest)
            except GledeError as error:
                tell(event="error", step=number, code=error.code, hint=error.hint, message=error.message)
            else:
                tell(event="step", step=number)


async def _step(engine: Engine, number: int, kind: str, rest: list[Any]) -> None:
    if kind == "arm":
        failpoints.arm(rest[0])
    elif kind == "add":
        contents = [Content(text, source) for source, text in rest[0]]
        await engine.add(*contents, wait="searchable", progress=Acknowledged(number))
    elif kind == "files":
        await engine.add(*map(Path, rest), progress=Acknowledged(number))
    elif kind in ODD:
        await ODD[kind](engine, *rest)
    elif kind in ("care", "past"):
        await getattr(getattr(engine, kind), rest[0])(*rest[1:])
    elif kind == "discard":
        with suppress(NotFoundError):
            await engine.delete(*rest)
    elif kind in ROOM:
        ROOM[kind](Path(engine.settings.home), *rest)
    elif kind == "reached":
        tell(event="reached", counts=dict(failpoints.reached()))
    elif kind == "dump":
        tell(event="dump", dump=dumped(engine.catalogue, engine.blobs, canonical=True))
    elif kind == "state":
        await _state(engine)
    elif kind in ("merge", "undo"):
        await getattr(engine.graph, kind)(*rest)
    else:
        await getattr(engine, kind)(*rest)


async def _clock(_: Engine, day: str) -> None:
    """Date what comes."""
    moments.now = lambda: f"{day}T12:00:00Z"


async def _asked(engine: Engine, as_of: str) -> None:
    """Tell what was live then."""
    hits = await engine.search("bird", limit=1000, as_of=as_of)
    tell(event="asked", as_of=as_of, texts=sorted({hit.chunk.text for hit in hits}))


async def _leave(engine: Engine) -> None:
    """A place of the index as a move to another model leaves it, where its last step is missing."""
    store = engine.lines.store
    index = store.index
    assert isinstance(index, PlacedIndex)
    place = index.places.begin("default")
    index.beside(["default"]).create("default", fingerprint_of(store.embedder), store.embedder.dimension)
    index.places._note("default", replace(place, next="", left=(place.next,)))


ODD: Mapping[str, Callable[..., Awaitable[None]]] = {"clock": _clock, "asked": _asked, "leave": _leave}


def _limit(_: Path, size: int) -> None:
    """No file may grow above so many bytes; any size at all with 0."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size or hard, hard))


def _fill(home: Path, left: int) -> None:
    """Fill the disk until so many bytes are left; nothing of it with -1."""
    ballast = home.with_name("ballast")
    ballast.unlink(missing_ok=True)
    if left >= 0:
        free = os.statvfs(home.parent)
        with ballast.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, max(1, free.f_bavail * free.f_frsize - left))


ROOM = {"limit": _limit, "fill": _fill}


async def _state(engine: Engine) -> None:
    documents = await engine.documents()
    sources = {source: document.sha256 for document in documents for source in document.sources}
    latest = {document.source for document in documents}
    problems = disagreements(engine)
    found = await found_by_all_channels(engine, "bird")
    if missing := latest - found:
        problems.append(f"not found by any search: {sorted(missing)}")
    if ghosts := found - latest:
        problems.append(f"found, though not there: {sorted(ghosts)}")
    tell(event="state", sources=sources, problems=problems)


def main() -> None:
    for name in LOADED:
        importlib.import_module(name)
    choose_parsers("text/markdown", None, None)  # loads them all, to see which ones there are
    tell(event="ready")
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            code = 1
            tell(event="born", pid=os.getpid())  # by itself: the parent may come to it later
            try:
                asyncio.run(live(json.loads(line)))
                code = 0
            except GledeError as error:
                tell(event="refused", code=error.code, hint=error.hint, message=error.message)
            except BaseException:  # noqa: BLE001 - the end of a process, told to the test
                tell(event="broken", trace=traceback.format_exc())
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        tell(event="end", code=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
