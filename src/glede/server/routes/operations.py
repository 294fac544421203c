"""How the server is: alive, ready, what it has counted, what models have cost, and what it can be asked."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from glede.endpoints import Account
from glede.server.access import Calling, Ruler, Serving, Watcher
from glede.server.described import SPENDING, TEXT, bytes_of, json_of, ok, several, shape
from glede.server.metrics import MEDIA_TYPE
from glede.server.replies import replied
from glede.shapes.usage import usage as usage_shape

router = APIRouter(tags=["operations"])


@router.get("/healthz", responses=ok(json_of(shape(status=TEXT))), response_class=Response)
async def health() -> Response:
    """Whether the process answers; asks nobody who they are."""
    return replied({"status": "ok"})


@router.get("/readyz", responses=ok(json_of(shape(status=TEXT))), response_class=Response)
async def readiness(service: Serving) -> Response:
    """Whether questions can be answered: the data folder is open and can be read."""
    await asyncio.to_thread(service.engine.catalogue.recall, "ready")
    return replied({"status": "ready"})


@router.get("/metrics", responses=ok(bytes_of("text/plain")), response_class=Response)
async def metrics(service: Serving, caller: Watcher) -> Response:
    """Counters for Prometheus; takes `read:*`."""
    gauges = {"jobs_running": service.work.running, "answers_running": service.admission.under_way}
    return Response(service.metrics.text(gauges), media_type=MEDIA_TYPE)


@router.get(
    "/v1/usage",
    responses=ok(json_of(shape(by=TEXT, usage=several(SPENDING), total=SPENDING))),
    response_class=Response,
)
async def usage(service: Serving, caller: Ruler, by: Annotated[Account, Query()] = "role") -> Response:
    """What calls of models have used and cost in the whole data folder; takes `admin:*`."""
    engine = service.engine
    found = await engine.usage(by)
    sources: dict[str, str] = {}
    if by == "document":
        for collection in await service.collections():
            sources |= {one.id: one.source for one in await engine.documents(collection)}
    return replied(usage_shape(by, found, sources, engine.settings.budget))


@router.get("/v1/openapi.json", include_in_schema=False)
async def description(request: Request, caller: Calling) -> Response:
    """All of this, as OpenAPI 3.1."""
    return replied(request.app.openapi())
