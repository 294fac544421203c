"""The knowledge graph: looked at, and mended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from glede.server.access import Named, Reader, Serving, Writer
from glede.server.bodies import Merging, Resolving, Splitting, Summarising, Undoing
from glede.server.cursors import after_entity, after_fact, cursor_of
from glede.server.described import (
    ANYTHING,
    EDIT,
    ENTITY,
    RELATION,
    RESOLUTION,
    TEXT,
    VIEW,
    WHOLE,
    by_name,
    json_of,
    maybe,
    ok,
    several,
    shape,
)
from glede.server.refusals import NoModelError
from glede.server.replies import replied
from glede.shapes import graph as shapes

router = APIRouter(prefix="/v1/collections/{collection}/graph", tags=["graph"])
Cursor = Annotated[str, Query(max_length=4000, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=2000)]
Name = Annotated[str, Query(min_length=1, max_length=1000)]


@router.get(
    "", responses=ok(json_of(shape(counts=by_name(WHOLE), entities=several(ENTITY)))), response_class=Response
)
async def stats(
    collection: Named, service: Serving, caller: Reader, most: Annotated[int, Query(ge=0, le=100)] = 10
) -> Response:
    """How much the graph holds, and the entities that most documents name."""
    return replied(shapes.stats(await service.engine.graph.stats(most, collection)))


@router.get("/neighbourhood", responses=ok(json_of(VIEW)), response_class=Response)
async def neighbourhood(
    collection: Named,
    service: Serving,
    caller: Reader,
    name: Name,
    depth: Annotated[int, Query(ge=1, le=4)] = 1,
    limit: Annotated[int, Query(ge=1, le=2000)] = 30,
) -> Response:
    """An entity and what stands around it, with the evidence of each relation."""
    view = await service.engine.graph.show(name, depth=depth, limit=limit, collection=collection)
    return replied(shapes.view(view))


@router.get("/entity", responses=ok(json_of(shape(entities=several(ENTITY)))), response_class=Response)
async def entity(collection: Named, service: Serving, caller: Reader, name: Name) -> Response:
    """The entities of a name: several, where documents mean different things by it."""
    view = await service.engine.graph.show(name, limit=1, collection=collection)
    asked = set(view.asked)
    found = [one for one in view.entities if one.id in asked]
    return replied({"entities": [shapes.entity(one) for one in found]})


@router.get(
    "/entities",
    responses=ok(json_of(shape(entities=several(ENTITY), next=maybe(TEXT)))),
    response_class=Response,
)
async def entities(
    collection: Named, service: Serving, caller: Reader, cursor: Cursor = "", limit: Limit = 500
) -> Response:
    """All entities page by page; `next` is the cursor of the rest."""
    after = after_entity(cursor)
    found, last = await service.engine.graph.entities(after, limit, collection)
    following = None if last is None else cursor_of(last)
    return replied({"entities": [shapes.entity(one) for one in found], "next": following})


@router.get(
    "/relations",
    responses=ok(json_of(shape(relations=several(RELATION), next=maybe(TEXT)))),
    response_class=Response,
)
async def relations(
    collection: Named, service: Serving, caller: Reader, cursor: Cursor = "", limit: Limit = 500
) -> Response:
    """All relations page by page, with their evidence but without its words; `next` is the cursor."""
    found, last = await service.engine.graph.relations(after_fact(cursor), limit, collection)
    following = None if last is None else cursor_of(last.chunk, last.source, last.target, last.label)
    return replied({"relations": [shapes.relation(one) for one in found], "next": following})


@router.get("/path", responses=ok(json_of(VIEW)), response_class=Response)
async def path(collection: Named, service: Serving, caller: Reader, start: Name, goal: Name) -> Response:
    """The shortest chains from one entity to another: facts, and passages that name both."""
    return replied(shapes.view(await service.engine.graph.path(start, goal, collection=collection)))


@router.get("/themes", responses=ok(json_of(shape(themes=several(ANYTHING)))), response_class=Response)
async def themes(
    collection: Named, service: Serving, caller: Reader, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> Response:
    """What the collection is about: entities that belong together."""
    found = await service.engine.graph.themes(limit, collection=collection)
    return replied({"themes": [shapes.theme(one) for one in found]})


@router.post("/themes", responses=ok(json_of(shape(themes=several(ANYTHING)))), response_class=Response)
async def summarised_themes(
    collection: Named, body: Summarising, service: Serving, caller: Reader
) -> Response:
    """The same with a sentence or two of the chat model for each, kept until a document of it goes."""
    if service.engine.lines.ask.writing is None:
        raise NoModelError("a summary takes a chat model")
    with service.admission.admitted(caller.key):
        found = await service.engine.graph.summarised_themes(
            body.limit, filter=body.filter, collection=collection
        )
    return replied({"themes": [shapes.theme(one) for one in found]})


@router.post("/resolve", responses=ok(json_of(RESOLUTION)), response_class=Response)
async def resolve(collection: Named, body: Resolving, service: Serving, caller: Writer) -> Response:
    """Join entities that are one, by rule or by the verdict of the extracting model; `undo` takes it back."""
    await service.check_known(collection)
    with service.admission.admitted(caller.key):
        found = await service.engine.graph.resolve(dry_run=body.dry_run, collection=collection)
    return replied(shapes.resolution(found))


@router.get("/edits", responses=ok(json_of(shape(edits=several(ANYTHING)))), response_class=Response)
async def edits(collection: Named, service: Serving, caller: Reader) -> Response:
    """All merges and splits, with the numbers by which they are undone."""
    found = await service.engine.graph.edits(collection)
    return replied({"edits": [shapes.edit(one) for one in found]})


@router.post("/merge", responses=ok(json_of(EDIT)), response_class=Response)
async def merge(collection: Named, body: Merging, service: Serving, caller: Writer) -> Response:
    """Let other names mean an entity from now on; `undo` takes it back."""
    made = await service.engine.graph.merge(body.name, *body.others, collection=collection)
    return replied({"edit": shapes.edit(made)})


@router.post("/split", responses=ok(json_of(EDIT)), response_class=Response)
async def split(collection: Named, body: Splitting, service: Serving, caller: Writer) -> Response:
    """Let a name mean something else in some documents; `undo` takes it back."""
    made = await service.engine.graph.split(body.name, *body.documents, collection=collection)
    return replied({"edit": shapes.edit(made)})


@router.post("/undo", responses=ok(json_of(EDIT)), response_class=Response)
async def undo(collection: Named, body: Undoing, service: Serving, caller: Writer) -> Response:
    """Take a merge or split back, the last one where none is named."""
    undone = await service.engine.graph.undo(body.edit, collection)
    return replied({"edit": shapes.edit(undone)})
