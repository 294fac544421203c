"""Jobs: what is being added and how far it is; stopped, and taken up again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response

from glede.errors import NotFoundError
from glede.events import Event
from glede.jobs import Job
from glede.server.access import Caller, Calling, Serving
from glede.server.described import EVENTS, ITEM, JOB, json_of, leading, ok, several, shape
from glede.server.links import OF_JOB
from glede.server.problems import problem
from glede.server.replies import replied, streamed, told
from glede.server.service import Service
from glede.server.work import Begin, Following
from glede.shapes import jobs as shapes
from glede.shapes import results
from glede.shapes.results import Json

if TYPE_CHECKING:
    from sse_starlette import ServerSentEvent

    from glede.server.keys import Level

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
JobId = Annotated[int, Path(ge=1, le=2**53)]
SHOWN = 1000


@router.get("", responses=ok(json_of(shape(jobs=several(JOB)))), response_class=Response)
async def listed(
    service: Serving, caller: Calling, limit: Annotated[int, Query(ge=1, le=SHOWN)] = 20
) -> Response:
    """The latest jobs in the collections that the caller may read, the last one first."""
    found = await service.engine.jobs.latest(SHOWN)
    mine = [job for job in found if caller.may("read", job.asked.collection)]
    return replied({"jobs": [shapes.job(job) for job in mine[:limit]]})


@router.get(
    "/{job}",
    responses=ok(leading(json_of(shape(job=JOB, items=several(ITEM))), OF_JOB)),
    response_class=Response,
)
async def show(job: JobId, service: Serving, caller: Calling) -> Response:
    """One job, and the sources of it that have failed or are in doubt."""
    found = await found_job(service, caller, job, "read")
    items = await service.engine.jobs.items(job)
    return replied({"job": shapes.job(found), "items": [shapes.item(item) for item in items]})


@router.post("/{job}/cancel", responses=ok(json_of(shape(job=JOB))), response_class=Response)
async def cancel(job: JobId, service: Serving, caller: Calling) -> Response:
    """Stop a job that runs: what is acknowledged is kept."""
    await found_job(service, caller, job, "write")
    service.engine.cancel(job)
    return replied({"job": shapes.job(await service.engine.jobs.show(job))})


@router.post("/{job}/pause")
async def pause(job: JobId, service: Serving, caller: Calling) -> Response:
    """Let a job end what it is at and begin nothing more; `retry` goes on with it."""
    await found_job(service, caller, job, "write")
    return replied({"job": shapes.job(await service.engine.jobs.pause(job))})


@router.post(
    "/{job}/retry", status_code=202, responses=ok(json_of(shape(job=JOB)), 202), response_class=Response
)
async def retry(job: JobId, service: Serving, caller: Calling) -> Response:
    """Go on with a job that was stopped or has failed items: what is done costs a look."""
    await found_job(service, caller, job, "write")
    engine = service.engine
    await service.work.begin(lambda progress: engine.jobs.resume(job, progress=progress))
    return replied({"job": shapes.job(await engine.jobs.show(job))}, 202)


@router.get("/{job}/events", responses=ok(EVENTS), response_class=Response)
async def events(
    job: JobId,
    service: Serving,
    caller: Calling,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
) -> Response:
    """How a job comes along, as server-sent events: `progress`, `heartbeat`, and at its end one `end`.

    Who has lost the connection sends the `Last-Event-ID` and is told what came after it; a job that has ended
    before this server began has its `end` only.
    """
    found = await found_job(service, caller, job, "read")
    after = int(last_event_id) if last_event_id.isdecimal() else 0
    return streamed(_events(service, found, after))


async def _events(service: Service, job: Job, after: int) -> AsyncGenerator[ServerSentEvent, None]:
    following = service.work.following(job.id)
    number = after
    if following is not None:
        async for one in following.events(after):
            number = one.number
            if one.event is None:
                yield told("heartbeat", shapes.job(await _now(service, job.id)))
            else:
                yield told("progress", _progress(one.event), number)
    yield told("end", _end(await _now(service, job.id), following), number + 1)


async def _now(service: Service, job_id: int) -> Job:
    """The job as it is; of one that runs, how far it is."""
    return next(job for job in await service.engine.jobs.latest(SHOWN) if job.id == job_id)


def _progress(event: Event) -> Json:
    shape = asdict(event)
    shape["rate"] = round(event.rate, 3)
    shape["eta"] = None if event.eta is None else round(event.eta, 1)
    return shape


def _end(job: Job, following: Following | None) -> Json:
    report = following.report if following else None
    error = following.error if following else None
    return {
        "job": shapes.job(job),
        "report": None if report is None else results.report(report),
        "stopped": None if report is None else results.failure(report.stopped),
        "error": None if error is None else problem(error),
    }


async def begun(service: Service, work: Begin, size: int = 0) -> Response:
    """`202` with the job that was begun, or with the report where there was nothing to do."""
    number, following = await service.work.begin(work, size)
    job = None if number is None else shapes.job(await service.engine.jobs.show(number))
    report = None if following.report is None or number else results.report(following.report)
    headers = {"Location": f"/v1/jobs/{number}"} if number else None
    return replied({"job": job, "report": report}, 202, headers)


async def found_job(service: Service, caller: Caller, job: int, level: Level) -> Job:
    """The job, if it is one of a collection that is the caller's; else it is not there."""
    found = await service.engine.jobs.show(job)
    if not caller.may("read", found.asked.collection):
        raise NotFoundError(f"there is no job {job}", hint="GET /v1/jobs lists yours.")
    caller.check(level, found.asked.collection)
    return found
