"""What a document is worth knowing by: the entities it names, and what it has cost."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from glede.endpoints import Spending
from glede.server.access import Named, Reader, Serving
from glede.server.described import NAMED_HERE, SPENDING, json_of, ok, several, shape
from glede.server.replies import replied
from glede.server.routes.documents import DocumentId, found_in
from glede.shapes.graph import named_here
from glede.shapes.usage import spending

router = APIRouter(prefix="/v1/collections/{collection}/documents/{document}", tags=["documents"])


@router.get("/entities", responses=ok(json_of(shape(entities=several(NAMED_HERE)))), response_class=Response)
async def entities(
    collection: Named,
    document: DocumentId,
    service: Serving,
    caller: Reader,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Response:
    """The entities that a document names, the most telling first."""
    found = await found_in(service, collection, document)
    named = await service.engine.graph.named_in(found, limit, collection)
    return replied({"entities": [named_here(one) for one in named]})


@router.get("/usage", responses=ok(json_of(shape(usage=SPENDING))), response_class=Response)
async def usage(collection: Named, document: DocumentId, service: Serving, caller: Reader) -> Response:
    """What reading this document with models has used and cost; zeros where none was asked."""
    found = await found_in(service, collection, document)
    spent = await service.engine.usage("document", found.id)
    told = spent[0] if spent else Spending(found.id)
    return replied({"usage": spending(told, {found.id: found.source})})
