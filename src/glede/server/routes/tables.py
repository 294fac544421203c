"""The tables of a document as rows, and answers computed from them in SQL."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from glede.errors import NotFoundError, UnavailableError
from glede.server.access import Named, Reader, Serving
from glede.server.bodies import Query as Statement
from glede.server.bodies import TableQuestion
from glede.server.described import ANYTHING, COLUMN, TEXT, WHOLE, json_of, maybe, ok, several, shape
from glede.server.replies import replied
from glede.server.routes.documents import DocumentId, found_in
from glede.server.service import Service
from glede.shapes import results as shapes
from glede.shapes.results import Json
from glede.tables.parquet import unpacked
from glede.tables.statements import Run
from glede.tables.values import Rows
from glede.types import Block

router = APIRouter(prefix="/v1/collections/{collection}/documents/{document}/tables", tags=["tables"])
Number = Annotated[int, Path(ge=0, le=10**9, description="The number of the table's block.")]


@router.get("", responses=ok(json_of(shape(tables=several(ANYTHING)))), response_class=Response)
async def listed(collection: Named, document: DocumentId, service: Serving, caller: Reader) -> Response:
    """The tables of a document; `number` is what they are named by here."""
    found = await service.engine.blocks(await found_in(service, collection, document))
    shown = [_shape(number, block) for number, block in enumerate(found) if block.data is not None]
    return replied({"tables": shown})


@router.get(
    "/{number}",
    responses=ok(json_of(shape(columns=several(COLUMN), rows=several(several(TEXT)), total=WHOLE))),
    response_class=Response,
)
async def rows(
    collection: Named,
    document: DocumentId,
    number: Number,
    service: Serving,
    caller: Reader,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """The rows of a table as they are printed, and as values."""
    table = await _rows(service, collection, document, number)
    columns: list[Json] = [
        {"key": one.key, "name": one.name, "type": one.type, "unit": one.unit, "scale": one.scale}
        for one in table.columns
    ]
    return replied(
        {
            "columns": columns,
            "rows": [list(one) for one in table.texts[offset : offset + limit]],
            "values": [list(one) for one in table.values[offset : offset + limit]],
            "total": len(table.values),
            "caption": table.caption,
        }
    )


@router.post(
    "/{number}/query",
    responses=ok(json_of(shape(sql=TEXT, columns=several(TEXT), rows=several(several(ANYTHING))))),
    response_class=Response,
)
async def query(
    collection: Named, document: DocumentId, number: Number, body: Statement, service: Serving, caller: Reader
) -> Response:
    """What one SELECT over the table, called `rows`, gives; its columns are named by their keys."""
    table = await _rows(service, collection, document, number)
    with service.admission.admitted(caller.key):
        found = await asyncio.to_thread(_run(service).selected, body.sql, table)
    rows = [[_value(value) for value in row] for row in found.rows]
    return replied({"sql": body.sql, "columns": list(found.columns), "rows": rows})


@router.post(
    "/{number}/ask",
    responses=ok(json_of(shape(question=TEXT, computed=maybe(shape(sql=TEXT, value=several(TEXT)))))),
    response_class=Response,
)
async def ask(
    collection: Named,
    document: DocumentId,
    number: Number,
    body: TableQuestion,
    service: Serving,
    caller: Reader,
) -> Response:
    """What the table answers for sure, with the SELECT that gave it; `computed` is null where it does not."""
    from glede.tables.answers import computed

    table = await _rows(service, collection, document, number)
    with service.admission.admitted(caller.key):
        found = await asyncio.to_thread(computed, body.question, table, _run(service), table.caption)
    shown: Json = None
    if found is not None:
        shown = {
            "sql": found.sql,
            "value": list(found.value),
            "unit": found.unit,
            "places": list(found.rows),
            "confidence": round(found.confidence, 3),
        }
    return replied({"question": body.question, "computed": shown})


def _value(value: object) -> Json:
    """A value of a result; dates and the like as text."""
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _run(service: Service) -> Run:
    computing = service.engine.lines.ask.computing
    if computing is None:
        raise UnavailableError("this engine does not compute")
    return computing.run


async def _rows(service: Service, collection: str, document: str, number: int) -> Rows:
    blocks = await service.engine.blocks(await found_in(service, collection, document))
    data = blocks[number].data if number < len(blocks) else None
    if data is None:
        raise NotFoundError(f"block {number} is no table with rows", hint="List the tables of the document.")
    return await asyncio.to_thread(unpacked, await service.engine.asset(data))


def _shape(number: int, block: Block) -> Json:
    return {
        "number": number,
        "caption": block.caption,
        "page": block.page,
        "box": shapes.box(block.box),
        "rows": block.table.rows if block.table else None,
        "columns": block.table.columns if block.table else None,
        "asset": block.data,
    }
