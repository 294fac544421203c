"""A collection kept as it should be, by jobs: matched to a folder, completed where something has failed."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path
from typing import Protocol

from fastapi import APIRouter
from starlette.responses import Response

from glede.events import Telling
from glede.results import Report
from glede.server.access import Named, Serving, Writer
from glede.server.bodies import FolderBody, NamedDocuments, RetryBody
from glede.server.described import ANYTHING, DOCUMENT, JOB, json_of, maybe, ok, several, shape
from glede.server.refusals import ForbiddenError
from glede.server.replies import replied
from glede.server.routes.jobs import begun
from glede.server.service import Service
from glede.shapes import results as shapes
from glede.types import Document


class Moved(Protocol):
    """Takes documents aside, or back."""

    def __call__(self, *names: str, collection: str) -> Awaitable[list[Document]]:
        """See `Care.disable`."""
        ...


router = APIRouter(prefix="/v1/collections/{collection}", tags=["jobs"])
_DOCUMENTS = ok(json_of(shape(documents=several(DOCUMENT))))
_BEGUN = ok(json_of(shape(job=maybe(JOB), report=maybe(ANYTHING))), 202)


@router.post("/disable", responses=_DOCUMENTS, response_class=Response)
async def disable(collection: Named, body: NamedDocuments, service: Serving, caller: Writer) -> Response:
    """Take documents out of every answer, with nothing forgotten."""
    return await _set_aside(service, service.engine.care.disable, collection, body, "disabled")


@router.post("/enable", responses=_DOCUMENTS, response_class=Response)
async def enable(collection: Named, body: NamedDocuments, service: Serving, caller: Writer) -> Response:
    """Let disabled documents be found again; nothing is read or embedded."""
    return await _set_aside(service, service.engine.care.enable, collection, body, "searchable")


async def _set_aside(
    service: Service, moved: Moved, collection: str, body: NamedDocuments, status: str
) -> Response:
    await service.check_known(collection)
    found = await moved(*body.documents, collection=collection)
    return replied({"documents": [shapes.document(one, status) for one in found]})


@router.post("/sync", status_code=202, responses=_BEGUN, response_class=Response)
async def sync(collection: Named, body: FolderBody, service: Serving, caller: Writer) -> Response:
    """Add, change and remove documents to match a folder of the server's machine.

    Only the owner of the data folder may name one: the command line does. `202` with the job.
    """
    if not caller.local:
        raise ForbiddenError(
            "only the command line of this machine may name folders", hint="Upload the files instead."
        )
    await service.note(collection, there=True)

    async def syncing(progress: Telling) -> Report:
        return await service.engine.sync(
            Path(body.folder),
            collection=collection,
            metadata=body.metadata,
            parser=body.parser,
            password=body.password,
            allow_empty=body.allow_empty,
            progress=progress,
        )

    return await begun(service, syncing)


@router.post("/retry", status_code=202, responses=_BEGUN, response_class=Response)
async def retry(collection: Named, body: RetryBody, service: Serving, caller: Writer) -> Response:
    """Complete what a model has failed in documents, those named or all; with `failed`, add again what was
    not added at all. `202` with the job; without one where there is nothing to do.
    """
    caller.check("read", collection)
    await service.check_known(collection)
    engine = service.engine

    async def retrying(progress: Telling) -> Report:
        if body.failed:
            return await engine.jobs.retry_failed(
                *body.documents, collection=collection, password=body.password, progress=progress
            )
        return await engine.retry(*body.documents, collection=collection, progress=progress)

    return await begun(service, retrying)
