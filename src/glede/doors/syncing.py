"""Makes a collection match a folder: what is new or changed is added, what is gone is removed.

An unchanged file costs a look. Its size and time must be those that it was added with, and nothing may have
touched it since two seconds before the last sync, which may have read it in the same tick of a clock. All
else is read and hashed by `add`, to which the same content under another name is nothing new: so a file that
was renamed or moved is pointed at under its new name before the old one is forgotten.

A document that is disabled stays so: where its file is changed, the new one takes its place as soon as it is
stored, and where it is gone, it goes too.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from glede.adding.runs import Request
from glede.adding.tracked import Tracked
from glede.aside import DISABLED, aside_of
from glede.completing import completed
from glede.errors import UnavailableError, UsageError
from glede.ports import Progress, SourceState
from glede.results import Added, Report
from glede.sources.items import Item, items_of, thing_name
from glede.types import content_hash

if TYPE_CHECKING:
    from glede.adding.enriching import Wait
    from glede.engine import Engine

TICK = 2.0
"""Seconds in which a file may change twice and keep its time, on the coarsest of file systems."""


Look = tuple[int, float]
"""The size of a file, and when it was changed last."""


@dataclass(frozen=True, slots=True)
class Synced:
    """The last sync of a folder: when it began, in which `ways`, and the archives that it has read.

    An archive is no document itself, so that the catalogue does not know its size and time.
    """

    at: float
    ways: str
    archives: Mapping[str, Look]

    def note(self) -> str:
        """How it is written down."""
        return json.dumps({"at": self.at, "ways": self.ways, "archives": self.archives})


def synced_of(note: str | None, ways: str) -> Synced | None:
    """What was written down, if the folder was synced in the same ways."""
    if note is None:
        return None
    kept = json.loads(note)
    archives = {source: (int(size), float(time)) for source, (size, time) in kept["archives"].items()}
    return Synced(kept["at"], kept["ways"], archives) if kept["ways"] == ways else None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a folder and a collection have not in common.

    `waiting` has to be read, and `changed` too, whose names are known; `kept` counts files that a look tells
    to be unchanged, `gone` names sources whose files are there no more. `looks` are the size and time of
    what waits, and `within` the sources known to lie in it, as in an archive. `disabled` are sources of
    disabled documents, and `returned` those of them that mean another document by now, as a crash leaves it.
    """

    waiting: tuple[Item, ...]
    changed: tuple[Item, ...]
    kept: int
    gone: tuple[str, ...]
    looks: Mapping[str, Look]
    within: Mapping[str, tuple[str, ...]]
    disabled: frozenset[str] = frozenset()
    returned: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to be done."""
        return not (self.waiting or self.changed or self.gone or self.returned)


class Syncing:
    """Syncs folders with collections of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def sync(
        self,
        folder: Path,
        request: Request,
        *,
        allow_empty: bool = False,
        wait: Wait = "enriched",
        progress: Progress | None = None,
        job_id: int | None = None,
    ) -> Report:
        """See `Engine.sync`; where nothing differs there is no job, and nothing is written."""
        from glede.doors.jobs import asked_of  # which resumes what was begun here

        began, name = time.time(), thing_name(folder)
        clock = time.perf_counter()
        key, ways = f"synced:{request.collection}:{name}", self.ways(request)
        before = synced_of(await asyncio.to_thread(self._engine.catalogue.recall, key), ways)
        look = self._difference
        found = await asyncio.to_thread(look, Path(name), request.collection, before, allow_empty)
        if found.nothing and job_id is None:
            return Report((), seconds=time.perf_counter() - clock, kept=found.kept)

        async def work(tracked: Tracked) -> Report:
            asked = tracked.bind(request)
            # New names before changed files: what was renamed is still known then by the name it had.
            report = await self._engine.adding(found.waiting, asked, wait, tracked)
            if found.changed and report.stopped is None:
                report = _joined(report, await self._engine.adding(found.changed, asked, wait, tracked))
            report = await self._set_aside(found, report, request.collection)
            if report.stopped is not None:
                return report  # what has moved may not be there under its new name yet
            gone = gone_after(found, report)
            if gone:
                await self._engine.detach(gone, request.collection)
            tracked.removed = len(gone)
            after = Synced(began, ways, archives_after(before, found, report))
            await completed(self._write_down, request.collection, report, found, key, after)
            return replace(report, removed=tuple(gone), kept=found.kept)

        asked = asked_of([folder], request, "sync")
        report = await self._engine.jobs.run(asked, work, request, progress, job_id)
        return replace(report, seconds=time.perf_counter() - clock)

    async def _set_aside(self, found: Difference, report: Report, collection: str) -> Report:
        """Disable what has taken the place of disabled documents, unless it is that of another source too."""
        added = [one.source for one in report.documents if one.source in found.disabled]
        successors: dict[str, str] = {}
        shared: list[str] = []
        for source in dict.fromkeys((*added, *found.returned)):
            state = await asyncio.to_thread(self._engine.catalogue.source, collection, source)
            if state is not None:
                document = await self._engine.document(state.document_id, collection)
                if found.disabled.issuperset(document.sources):
                    successors[source] = document.id
                else:
                    shared.append(source)
        if shared:
            await self._engine.detach_disabled(shared, collection)
        if successors:
            await self._engine.care.disable(*dict.fromkeys(successors.values()), collection=collection)
        told = (_disabled(one) if one.source in successors else one for one in report.documents)
        return replace(report, documents=tuple(told))

    def ways(self, request: Request) -> str:
        """What documents are made of a file by; where it is another, a look at the file does not do."""
        settings = self._engine.settings.model_dump_json(exclude={"home"})
        metadata = json.dumps(dict(request.metadata), sort_keys=True)
        return content_hash("synced", settings, metadata, request.parser or "")

    def _difference(
        self, folder: Path, collection: str, before: Synced | None, allow_empty: bool
    ) -> Difference:
        catalogue = self._engine.catalogue
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is no folder", hint=f"To add a file: glede add {folder}")
        items = list(items_of([folder])) if folder.is_dir() else []
        live = {state.source: state for state in catalogue.sources_below(collection, str(folder))}
        aside = {one.source: one for one in catalogue.sources_below(aside_of(collection), str(folder))}
        states = {**aside, **live}
        if not allow_empty and not items and (states or not folder.is_dir()):
            what = "is empty" if folder.is_dir() else "is not there"
            if not states:
                raise UnavailableError(f"{folder} {what}", hint="Check the path. Is it mounted?")
            known = f"{len(states)} document{'' if len(states) == 1 else 's'}"
            raise UnavailableError(
                f"{folder} {what}, and {known} of it {'is' if len(states) == 1 else 'are'} known",
                hint="Is it mounted? To remove them all: --allow-empty.",
            )
        returned = tuple(source for source in aside if source in live)
        return replace(difference(items, states, before), disabled=frozenset(aside), returned=returned)

    def _write_down(
        self, collection: str, report: Report, found: Difference, key: str, synced: Synced
    ) -> None:
        """Note the times of files that turned out to be the same, and that all were looked at."""
        catalogue = self._engine.catalogue
        touched: dict[str, dict[str, float]] = {}
        for one in report.documents:
            if one.status in ("unchanged", "enriched") and one.source in found.looks:
                _, modified = found.looks[one.source]
                scope = aside_of(collection) if one.source in found.disabled else collection
                state = catalogue.source(scope, one.source)
                if state is not None and state.modified != modified:
                    touched.setdefault(scope, {})[one.source] = modified
        for scope, sources in touched.items():
            catalogue.touch(scope, sources)
        catalogue.remember(key, synced.note())


def difference(items: Iterable[Item], states: Mapping[str, SourceState], before: Synced | None) -> Difference:
    """What is to be done, by a look at each file; `before` is the last sync, if it was of the same ways."""
    waiting: list[Item] = []
    changed: list[Item] = []
    looks: dict[str, Look] = {}
    kept, listed = 0, set()
    for item in items:
        listed.add(item.source)
        status = _status(item)
        if status is not None and _is_same(item.source, status, states.get(item.source), before):
            kept += 1
            continue
        (changed if item.source in states else waiting).append(item)
        if status is not None:
            looks[item.source] = (status.st_size, status.st_mtime)
    gone = tuple(source for source in states if _is_gone(source, listed))
    within: dict[str, tuple[str, ...]] = {}
    for source in states:
        for holder in map(str, Path(source).parents):
            if holder in looks:
                within[holder] = (*within.get(holder, ()), source)
    return Difference(tuple(waiting), tuple(changed), kept, gone, looks, within)


def _status(item: Item) -> os.stat_result | None:
    if item.path is None or item.error is not None:
        return None
    try:
        return item.path.stat()
    except OSError:
        return None  # `add` tells what is wrong with it


def _is_same(source: str, status: os.stat_result, state: SourceState | None, before: Synced | None) -> bool:
    if before is None:
        return False
    known = before.archives.get(source) if state is None else (state.size, state.modified)
    touched = max(status.st_mtime, status.st_ctime)
    return known == (status.st_size, status.st_mtime) and touched < before.at - TICK


def _is_gone(source: str, listed: set[str]) -> bool:
    """Whether neither it is there, nor what it lies in: an archive, an e-mail, a folder that is not read."""
    holders = map(str, Path(source).parents)
    return listed.isdisjoint((source, *holders)) and not os.path.lexists(source)


def _disabled(added: Added) -> Added:
    return replace(added, status="unchanged", warnings=(*added.warnings, DISABLED))


def _joined(first: Report, second: Report) -> Report:
    return replace(second, documents=first.documents + second.documents, usage=first.usage + second.usage)


def gone_after(found: Difference, report: Report) -> list[str]:
    """What is gone from the folder, and from archives in it that were read well."""
    ended = {one.source: one.status for one in report.documents}
    gone = [source for source in found.gone if ended.get(source, "failed") == "failed"]
    for holder, sources in found.within.items():
        if ended.get(holder) != "failed":
            gone += [source for source in sources if source not in ended]
    return gone


def archives_after(before: Synced | None, found: Difference, report: Report) -> Mapping[str, Look]:
    """The archives that were read well now or before; those that are gone are no matter."""
    known = dict(before.archives) if before is not None else {}
    failed = [one.source for one in report.failed]
    ended = {one.source for one in report.documents}
    for source, look in found.looks.items():
        known.pop(source, None)
        inside = f"{source}/"
        if source not in ended and not any(one.startswith(inside) for one in failed):
            known[source] = look
    return known
