"""What calls are answered, as JSON Schema for the OpenAPI description; tests hold the answers to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from glede.server.links import Link

Schema: TypeAlias = "dict[str, Any]"
"""JSON Schema, and what OpenAPI puts around it."""
Responses: TypeAlias = "dict[int | str, Schema]"

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
YES_OR_NO: Schema = {"type": "boolean"}
ANYTHING: Schema = {}


def maybe(schema: Schema) -> Schema:
    """It, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def several(schema: Schema) -> Schema:
    """Any number of them."""
    return {"type": "array", "items": schema}


def shape(**fields: Schema) -> Schema:
    """An object that has these fields; later versions may have more."""
    return {"type": "object", "required": list(fields), "properties": fields}


def by_name(schema: Schema) -> Schema:
    """An object of any names, a value of that kind under each."""
    return {"type": "object", "additionalProperties": schema}


def json_of(schema: Schema, said: str = "As asked.") -> Schema:
    """A response in JSON."""
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def bytes_of(*media_types: str) -> Schema:
    """A response of bytes."""
    content = {one: {"schema": {"type": "string", "format": "binary"}} for one in media_types}
    return {"description": "The bytes.", "content": content}


def leading(response: Schema, links: Mapping[str, Link]) -> Schema:
    """A response that leads on to other calls, by the names of the links."""
    led = {name: {"operationId": call, "parameters": dict(given)} for name, (call, given) in links.items()}
    return {**response, "links": led}


EVENT: Schema = {
    "type": "object",
    "required": ["data"],
    "properties": {"data": TEXT, "event": TEXT, "id": TEXT},
}
"""One server-sent event; its data is one line of JSON."""


def with_events(response: Schema) -> Schema:
    """A response that may also come piece by piece."""
    return {**response, "content": {**response["content"], **EVENTS["content"]}}


def with_lines(response: Schema) -> Schema:
    """A response that may also come in lines of JSON."""
    return {**response, "content": {**response["content"], "application/x-ndjson": {"schema": ANYTHING}}}


EVENTS: Schema = {"description": "Events.", "content": {"text/event-stream": {"schema": EVENT}}}
BOX = maybe({"type": "array", "items": NUMBER, "minItems": 4, "maxItems": 4})
FAILURE = maybe(shape(code=TEXT, message=TEXT))
USAGE = shape(model_calls=WHOLE, prompt_tokens=WHOLE, completion_tokens=WHOLE, embedded_texts=WHOLE)
PROBLEM = shape(type=TEXT, title=TEXT, status=WHOLE, detail=TEXT, code=TEXT, hint=TEXT, request_id=TEXT)
COLLECTION = shape(name=TEXT, documents=WHOLE, chunks=WHOLE, model=TEXT)
DOCUMENT = shape(
    id=TEXT,
    source=TEXT,
    sources=several(TEXT),
    status=TEXT,
    title=TEXT,
    media_type=TEXT,
    size=WHOLE,
    parser=TEXT,
    pages=WHOLE,
    chunks=WHOLE,
    blocks=by_name(WHOLE),
    metadata=by_name(ANYTHING),
    warnings=several(TEXT),
    partial=several(TEXT),
    added_at=TEXT,
)
PAGE = shape(page=WHOLE, width=NUMBER, height=NUMBER, parser=TEXT)
CHUNK = shape(chunk_id=TEXT, ordinal=WHOLE, modality=TEXT, text=TEXT, page=maybe(WHOLE), box=BOX)
BLOCK = shape(number=WHOLE, type=TEXT, text=TEXT, page=maybe(WHOLE), box=BOX, asset=maybe(TEXT))
HIT = shape(
    rank=WHOLE,
    score=NUMBER,
    chunk_id=TEXT,
    document_id=TEXT,
    source=TEXT,
    modality=TEXT,
    text=TEXT,
    heading_path=several(TEXT),
    page=maybe(WHOLE),
    box=BOX,
    asset=maybe(TEXT),
    ranks=by_name(maybe(WHOLE)),
    version_date=maybe(TEXT),
)
CITATION = shape(
    marker=WHOLE,
    chunk_id=TEXT,
    document_id=TEXT,
    source=TEXT,
    page=maybe(WHOLE),
    box=BOX,
    heading_path=several(TEXT),
    quote=TEXT,
    verified=YES_OR_NO,
    modality=TEXT,
    asset=maybe(TEXT),
    version_date=maybe(TEXT),
)
ANSWER = shape(
    question=TEXT,
    answer=TEXT,
    complete=YES_OR_NO,
    answered=YES_OR_NO,
    model=TEXT,
    citations=several(CITATION),
    computed=maybe(shape(sql=TEXT, columns=several(TEXT), rows=several(several(TEXT)))),
    usage=USAGE,
    seconds=NUMBER,
    stages=by_name(NUMBER),
)
VERSION = shape(source=TEXT, document_id=TEXT, since=TEXT, until=maybe(TEXT))
JOB = shape(
    id=WHOLE,
    kind=TEXT,
    collection=TEXT,
    state={"enum": ["running", "done", "failed", "cancelled", "interrupted"]},
    resumable=YES_OR_NO,
    sources=several(TEXT),
    started=TEXT,
    ended=maybe(TEXT),
    counts=shape(total=WHOLE, searchable=WHOLE, unchanged=WHOLE, failed=WHOLE, removed=WHOLE),
    error=FAILURE,
)
ITEM = shape(source=TEXT, collection=TEXT, job=WHOLE, state=TEXT, tries=WHOLE, error=FAILURE)
ENTITY = shape(id=TEXT, name=TEXT, type=TEXT, mentions=WHOLE, sources=several(TEXT))
NAMED_HERE = shape(id=TEXT, name=TEXT, type=TEXT, mentions=WHOLE, chunks=WHOLE)
RELATION = shape(source=TEXT, target=TEXT, label=TEXT, evidence=several(TEXT))
VIEW = shape(entities=several(ENTITY), relations=several(RELATION), more=YES_OR_NO)
EDIT = shape(edit=shape(id=WHOLE, kind=TEXT, names=several(TEXT), undone=YES_OR_NO))
RESOLUTION = shape(joined=several(shape(by=TEXT, entities=several(ANYTHING))), judged=WHOLE, failed=WHOLE)
RANKED = shape(index=WHOLE, relevance_score=NUMBER)
COLUMN = shape(key=TEXT, name=TEXT, type=TEXT, unit=TEXT, scale=NUMBER)
SPENDING = shape(name=TEXT, calls=WHOLE, prompt_tokens=WHOLE, completion_tokens=WHOLE, cost=NUMBER)

PROBLEMS: Responses = {
    "default": {
        "description": "A problem (RFC 9457) with our code and a hint.",
        "content": {"application/problem+json": {"schema": PROBLEM}},
    }
}
OPENAI_ERRORS: Responses = {"default": json_of(shape(error=shape(message=TEXT, type=TEXT)), "An error.")}
OLLAMA_ERRORS: Responses = {"default": json_of(shape(error=TEXT), "An error.")}


def ok(response: Mapping[str, Any], status: int = 200) -> Responses:
    """What a route answers when all is well."""
    return {status: dict(response)}
