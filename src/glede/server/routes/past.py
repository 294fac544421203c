"""What a collection was: the versions of its sources, and their end."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from glede.server.access import Keeper, Named, Reader, Serving
from glede.server.bodies import Purging
from glede.server.described import VERSION, WHOLE, json_of, ok, several, shape
from glede.server.replies import replied
from glede.shapes import results as shapes

router = APIRouter(prefix="/v1/collections/{collection}", tags=["past"])


@router.get("/versions", responses=ok(json_of(shape(versions=several(VERSION)))), response_class=Response)
async def versions(
    collection: Named,
    service: Serving,
    caller: Reader,
    name: Annotated[str, Query(min_length=1, max_length=1000)],
) -> Response:
    """What a source was, and is, by its name or the end of it: the oldest version first."""
    found = await service.engine.past.versions(name, collection)
    return replied({"versions": [shapes.version(one) for one in found]})


@router.post("/purge", responses=ok(json_of(shape(documents=WHOLE))), response_class=Response)
async def purge(collection: Named, body: Purging, service: Serving, caller: Keeper) -> Response:
    """Forget versions that had ended before a date, in every store. Takes `admin` on the collection."""
    await service.check_known(collection)
    return replied({"documents": await service.engine.past.purge(body.before, collection)})
