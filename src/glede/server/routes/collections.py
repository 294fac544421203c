"""Collections: each holds documents of its own, and each is a tenant."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from glede.server.access import Calling, Keeper, Named, Reader, Serving
from glede.server.bodies import NewCollection
from glede.server.described import COLLECTION, TEXT, WHOLE, json_of, leading, ok, several, shape
from glede.server.links import OF_COLLECTION
from glede.server.replies import replied
from glede.server.service import Service
from glede.shapes.results import Json

router = APIRouter(prefix="/v1/collections", tags=["collections"])

ALWAYS = "9999-12-31"
"""What has ended has ended before it."""


@router.get("", responses=ok(json_of(shape(collections=several(COLLECTION)))), response_class=Response)
async def listed(service: Serving, caller: Calling) -> Response:
    """The collections that the caller may read."""
    names = [name for name in await service.collections() if caller.may("read", name)]
    return replied({"collections": [await _shape(service, name) for name in names]})


@router.post(
    "",
    status_code=201,
    responses=ok(leading(json_of(COLLECTION), OF_COLLECTION), 201),
    response_class=Response,
)
async def create(body: NewCollection, service: Serving, caller: Calling) -> Response:
    """Make a collection; one that is there stays as it is. Takes `admin` on it."""
    caller.check("admin", body.name)
    await service.note(body.name, there=True)
    return replied(await _shape(service, body.name), 201)


@router.get(
    "/{collection}", responses=ok(leading(json_of(COLLECTION), OF_COLLECTION)), response_class=Response
)
async def show(collection: Named, service: Serving, caller: Reader) -> Response:
    """One collection."""
    return replied(await _shape(service, collection))


@router.delete(
    "/{collection}", responses=ok(json_of(shape(name=TEXT, documents=WHOLE))), response_class=Response
)
async def delete(collection: Named, service: Serving, caller: Keeper) -> Response:
    """Remove a collection with all its documents, from every store and every answer. Takes `admin` on it."""
    await service.check_known(collection)
    engine = service.engine
    held = [*await engine.documents(collection), *await engine.disabled(collection)]
    if held:
        await engine.delete(*(document.id for document in held), collection=collection)
    await engine.past.purge(ALWAYS, collection)
    await engine.jobs.forget(collection)
    await service.note(collection, there=False)
    return replied({"name": collection, "documents": len(held)})


async def _shape(service: Service, name: str) -> Json:
    """A collection as JSON."""
    documents, chunks = await service.engine.extent(name)
    return {
        "name": name,
        "documents": documents,
        "chunks": chunks,
        "model": f"glede/{name}",
    }
