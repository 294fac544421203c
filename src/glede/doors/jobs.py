"""`engine.jobs`: what was asked and how far it came, and taking it up again.

    async with Engine.open() as engine:
        for job in await engine.jobs.latest():
            print(job.id, job.state, job.counts.failed)
        await engine.jobs.resume(7)
        await engine.jobs.retry_failed()

Looking needs no lock, and works on a `Library` as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from glede.adding.runs import Request
from glede.adding.tracked import Tracked, Way
from glede.adding.tracking import Work, thing_to_add
from glede.completing import completed
from glede.errors import NotFoundError, UsageError
from glede.jobs import STOPPING, Asked, Employing, Job, JobItem, JobKeeping, JobKind, JobState
from glede.lock import alive, owner
from glede.ports import Progress
from glede.results import Report, Usage
from glede.sources.items import Content, Upload, thing_name
from glede.sources.uploads import lies_in

if TYPE_CHECKING:
    from glede.adding.enriching import Wait
    from glede.doors.library import Library
    from glede.engine import Engine
    from glede.types import MetadataValue


class JobView:
    """Looks at the jobs of a data folder."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def latest(self, limit: int = 20) -> list[Job]:
        """The latest jobs, the last one first."""
        catalogue = self._library.catalogue
        if not isinstance(catalogue, Employing):
            return []
        return await asyncio.to_thread(lambda: self._true(catalogue.jobs, catalogue.jobs.jobs(limit)))

    async def show(self, job_id: int) -> Job:
        """The job of that number; raises `NotFoundError`."""
        catalogue = self._library.catalogue
        job = None
        if isinstance(catalogue, Employing):
            job = await asyncio.to_thread(catalogue.jobs.job, job_id)
            if job is not None:
                (job,) = await asyncio.to_thread(self._true, catalogue.jobs, [job])
        if job is None:
            raise NotFoundError(f"there is no job {job_id}", hint="`glede jobs` lists them.")
        return job

    async def items(self, job_id: int | None = None, collection: str | None = None) -> Sequence[JobItem]:
        """Sources that have failed or are in doubt: of a job, or of all of a collection."""
        catalogue = self._library.catalogue
        if not isinstance(catalogue, Employing):
            return []
        scope = self._library.name_of(collection) if job_id is None else None
        return await asyncio.to_thread(catalogue.jobs.items, scope, job_id)

    async def pause(self, job_id: int) -> Job:
        """Let a job end what it is at and begin nothing more, in whatever process it runs.

        It goes on by `resume` only. One that has stopped already is not taken up by `retry_failed` any more.
        """
        job = await self.show(job_id)
        if job.state in ("paused", "pausing"):
            return job
        if job.asked.kind == "stream":
            raise UsageError("a stream cannot be paused", hint=f"Cancel it: glede jobs cancel {job_id}")
        if not job.runs and not job.resumable:
            raise UsageError(f"job {job_id} has ended", hint="`glede jobs` tells how.")
        return await self._asked(job, "pausing" if job.runs else "paused")

    async def stop(self, job_id: int) -> Job:
        """Cancel a job in whatever process it runs: what is acknowledged is kept, and `resume` goes on."""
        job = await self.show(job_id)
        if not job.runs:
            raise UsageError(f"job {job_id} does not run", hint="`glede jobs` tells how it ended.")
        return await self._asked(job, "cancelling")

    async def _asked(self, job: Job, state: JobState) -> Job:
        """The job, with a state that its process looks at; or that it stays in, where that has ended."""
        catalogue = self._library.catalogue
        among = (*STOPPING, "interrupted", "cancelled", "failed") if state == "paused" else tuple(STOPPING)
        if isinstance(catalogue, Employing):
            await asyncio.to_thread(catalogue.jobs.mark, job.id, state, among)
        return await self.show(job.id)

    def _true(self, keeping: JobKeeping, jobs: Sequence[Job]) -> list[Job]:
        """The jobs; one that was running when its process was killed is interrupted."""
        if not any(job.runs for job in jobs):
            return list(jobs)
        watched = keeping.watched()
        if watched if watched is not None else self._owned():
            return list(jobs)
        return [replace(job, state=STOPPING.get(job.state, job.state)) for job in jobs]

    def _owned(self) -> bool:
        pid = owner(self._library.settings.home)
        return pid is not None and alive(pid)


class JobWork(JobView):
    """Looks at jobs, stops them, and takes them up again."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine

    async def latest(self, limit: int = 20) -> list[Job]:
        """The latest jobs, the last one first; of those that run here, how far they are."""
        running = {job.id: job for job in self._engine.lines.tracking.running}
        return [running.get(job.id, job) for job in await super().latest(limit)]

    async def add(
        self,
        things: Sequence[str | Path | Content | Upload],
        request: Request,
        *,
        wait: Wait = "enriched",
        progress: Progress | None = None,
        job_id: int | None = None,
    ) -> Report:
        """Add as a job, one that is new or one that goes on; see `Engine.add`."""

        async def work(tracked: Tracked) -> Report:
            return await self._engine.adding(things, tracked.bind(request), wait, tracked)

        return await self.run(asked_of(things, request), work, request, progress, job_id)

    async def run(
        self, asked: Asked, work: Work, request: Request, progress: Progress | None, job_id: int | None
    ) -> Report:
        """Do it as a job; see `glede.adding.tracking.Tracking.run`."""
        way = Way(self._engine.settings.model_dump_json(exclude={"home"}), request.password is not None)
        return await self._engine.lines.tracking.run(asked, work, progress=progress, way=way, job_id=job_id)

    def cancel(self, job_id: int) -> None:
        """Stop a job that runs: what is acknowledged is kept, and `resume` goes on."""
        self._engine.lines.tracking.cancel(job_id)

    async def pause(self, job_id: int) -> Job:
        """Let a job end what it is at and begin nothing more; see `JobView.pause`."""
        job = await super().pause(job_id)
        if any(one.id == job_id for one in self._engine.lines.tracking.running):
            self._engine.lines.tracking.pause(job_id)
        return job

    async def resume(
        self,
        job_id: int,
        *,
        password: str | None = None,
        wait: Wait = "enriched",
        progress: Progress | None = None,
    ) -> Report:
        """Go on with a job that was stopped: what is done costs a look, and nothing is paid for twice."""
        job = await self.show(job_id)
        if job.runs:
            raise UsageError(f"job {job_id} is running", hint="Cancel it first, or wait until it ends.")
        asked = job.asked
        uploads = await self._kept(asked)
        if not (asked.things or uploads or asked.kind == "retry"):
            raise UsageError(
                f"what job {job_id} was to add was in hand, and nothing of it is kept",
                hint="Add it again from where it came from.",
            )
        request = Request(asked.collection, asked.metadata, asked.parser, password)
        if asked.kind == "sync":
            from glede.doors.syncing import Syncing  # it runs as a job itself

            folder = Path(asked.things[0])
            return await Syncing(self._engine).sync(
                folder, request, wait=wait, progress=progress, job_id=job_id
            )
        if asked.kind == "retry":
            from glede.doors.retrying import Retrying

            return await Retrying(self._engine).retry(asked.things, asked.collection, progress, job_id)
        things = [*_things(asked.things), *uploads]
        return await self.add(things, request, wait=wait, progress=progress, job_id=job_id)

    async def retry_failed(
        self,
        *names: str,
        collection: str | None = None,
        password: str | None = None,
        wait: Wait = "enriched",
        progress: Progress | None = None,
    ) -> Report:
        """Add again what has failed in earlier jobs, and what a job that was stopped has not reached.

        What is set aside is tried only where it is among the `names`; with names nothing else is tried.
        """
        keeping = self._engine.lines.tracking.keeping
        scope = self._library.name_of(collection)
        reports: list[Report] = []
        if not names:
            for job in await asyncio.to_thread(keeping.resumable):
                if job.asked.collection == scope:
                    reports.append(await self.resume(job.id, password=password, wait=wait, progress=progress))
        tried = {one.source for report in reports for one in report.documents}
        waiting = [item for item in await self.items(None, scope) if _wanted(item, names, tried)]
        jobs = {job.id: job for job in await self.latest(1000)}
        uploaded: dict[int, set[str]] = {}
        elsewhere: list[JobItem] = []
        for item in waiting:
            source = _uploaded(item, jobs)
            if source is None:
                elsewhere.append(item)
            else:
                uploaded.setdefault(item.job, set()).add(source)
        for request, things in _groups(elsewhere, jobs, scope, password):
            reports.append(await self.add(things, request, wait=wait, progress=progress))
        for number, sources in uploaded.items():
            asked = jobs[number].asked
            if some := await self._kept(asked, sources):
                request = Request(scope, asked.metadata, asked.parser, password)
                reports.append(await self.add(some, request, wait=wait, progress=progress))
        return joined(reports)

    async def keep(self, contents: Sequence[Content], collection: str | None = None) -> Upload:
        """Keep contents durably, so that whoever sent them can be answered before they are added.

        They go on with their job in another process too. Each is to be added, or given to `release`.
        """
        scope = self._library.name_of(collection)
        return await completed(self._engine.lines.tracking.uploads.keep, contents, scope)

    def release(self, upload: Upload) -> None:
        """Let go of what no job was begun for."""
        self._engine.lines.tracking.uploads.release([upload.id])

    async def forget(self, collection: str) -> None:
        """Drop what was uploaded to a collection and is not added yet."""
        await asyncio.to_thread(self._engine.lines.tracking.uploads.forget, collection)

    async def interrupted_uploads(self) -> list[Job]:
        """Jobs with uploads that were interrupted with their process, the first one first."""
        resumable = await asyncio.to_thread(self._engine.lines.tracking.keeping.resumable)
        interrupted = [job for job in resumable if job.state == "interrupted" and job.error is None]
        return [job for job in interrupted if await self._kept(job.asked)]

    async def _kept(self, asked: Asked, sources: Container[str] | None = None) -> list[Upload]:
        """The uploads of a job, as far as anything of them is kept: of some sources, or all."""
        opened = self._engine.lines.tracking.uploads.opened
        uploads = [await asyncio.to_thread(opened, name) for name in asked.uploads]
        wanted = uploads if sources is None else [one.only(sources) for one in uploads]
        return [one for one in wanted if one.items]


def asked_of(
    things: Iterable[str | Path | Content | Upload], request: Request, kind: JobKind = "add"
) -> Asked:
    """What is asked, as it is kept."""
    uploads = [thing for thing in things if isinstance(thing, Upload)]
    return Asked(
        collection=request.collection,
        things=tuple(thing_name(thing) for thing in things if isinstance(thing, str | Path)),
        contents=(
            *(thing.source for thing in things if isinstance(thing, Content)),
            *(item.source for upload in uploads for item in upload.items),
        ),
        uploads=tuple(dict.fromkeys(upload.id for upload in uploads)),
        metadata=request.metadata,
        parser=request.parser,
        kind=kind,
    )


def _things(names: Iterable[str]) -> list[str | Path]:
    return [name if "://" in name else Path(name) for name in names]


def _uploaded(item: JobItem, jobs: Mapping[int, Job]) -> str | None:
    """The file among those uploaded that an item is, or lies in."""
    job = jobs.get(item.job)
    if job is None or not job.asked.uploads:
        return None
    return next((name for name in job.asked.contents if lies_in(item.source, name)), None)


def _wanted(item: JobItem, names: Sequence[str], tried: set[str]) -> bool:
    if names:
        return any(item.source == name or item.source.endswith(f"/{name}") for name in names)
    return item.state != "set_aside" and item.source not in tried


def _groups(
    items: Sequence[JobItem], jobs: Mapping[int, Job], collection: str, password: str | None
) -> list[tuple[Request, list[str | Path]]]:
    """What is to be added once more, by the way in which it was asked for."""
    groups: dict[str, tuple[Request, dict[str, None]]] = {}
    for item in items:
        thing = thing_to_add(item, jobs)
        job = jobs.get(item.job)
        metadata: Mapping[str, MetadataValue] = job.asked.metadata if job else {}
        parser = job.asked.parser if job else None
        if thing is not None:
            request = Request(collection, metadata, parser, password)
            groups.setdefault(f"{sorted(metadata.items())} {parser}", (request, {}))[1][thing] = None
    return [(request, _things(things)) for request, things in groups.values()]


def joined(reports: Sequence[Report]) -> Report:
    """Several outcomes as one."""
    if len(reports) == 1:
        return reports[0]
    usage = Usage()
    for report in reports:
        usage = usage + report.usage
    return Report(
        documents=tuple(one for report in reports for one in report.documents),
        usage=usage,
        seconds=sum(report.seconds for report in reports),
        stopped=next((report.stopped for report in reports if report.stopped), None),
        removed=tuple(one for report in reports for one in report.removed),
    )
