"""Documents: added by uploads, in words, by address or path; looked at; removed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Annotated, NamedTuple, TypeAlias

from fastapi import APIRouter, Path, Query, Request
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from glede.errors import GledeError, NotFoundError
from glede.events import Telling
from glede.results import Report
from glede.server.access import Caller, Named, Reader, Serving, Writer
from glede.server.bodies import MOST_AT_ONCE, Additions, Metadata
from glede.server.described import (
    BLOCK,
    CHUNK,
    DOCUMENT,
    JOB,
    PAGE,
    TEXT,
    bytes_of,
    json_of,
    leading,
    maybe,
    ok,
    several,
    shape,
)
from glede.server.links import OF_ADDITION, OF_DOCUMENT, OF_LIST, OF_REMOVAL
from glede.server.refusals import ForbiddenError, InvalidError, TooLargeError
from glede.server.replies import replied
from glede.server.routes.jobs import begun
from glede.server.service import Service
from glede.server.work import Begin
from glede.shapes import results as shapes
from glede.sources.items import Content, Upload, is_address
from glede.types import Document, MetadataValue

router = APIRouter(prefix="/v1/collections/{collection}/documents", tags=["documents"])
DocumentId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The id of a document.")]
_METADATA: TypeAdapter[dict[str, MetadataValue]] = TypeAdapter(Metadata)
_BODY = {
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/Additions"}},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["files"],
                "properties": {
                    "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                    "metadata": {"type": "string", "description": "A JSON object."},
                    "parser": {"type": "string"},
                    "password": {"type": "string"},
                    "wait": {"type": "string", "enum": ["searchable", "enriched"]},
                },
            }
        },
    },
    "required": True,
}
_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/vnd.apache.parquet"})
"""What a browser may be told to show; SVG and what we do not know are bytes."""


@router.post(
    "",
    status_code=202,
    openapi_extra={"requestBody": _BODY},
    responses=ok(leading(json_of(shape(job=maybe(JOB))), OF_ADDITION), 202),
    response_class=Response,
)
async def add(request: Request, collection: Named, service: Serving, caller: Writer) -> Response:
    """Add documents as a job: files as multipart/form-data (`files`, `metadata`, `parser`, `password`,
    `wait`), or JSON with `documents` in words, `urls` and `paths`.

    `202` with the job, whose `events` tell how far it is. Addresses take `admin:*`; paths only the owner of
    the data folder may name.
    """
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        asked, contents = await _uploaded(request, service)
    else:
        asked, contents = await _said(request), []
    _check_means(asked, caller)
    contents += [Content(one.text, name_of(one.source), one.metadata) for one in asked.documents]
    things: list[str | FilePath | Upload] = [*asked.urls, *(FilePath(path) for path in asked.paths)]
    if not things and not contents:
        raise InvalidError("there is nothing to add", hint="Give files, documents or urls.")
    await service.note(collection, there=True)
    held = sum(len(one.data) for one in contents)
    jobs = service.engine.jobs
    if contents:  # who is told 202 need not send them again, whatever becomes of this process
        service.work.check(held)
        things.append(upload := await jobs.keep(contents, collection))
    try:
        return await begun(service, _adding(service, things, asked, collection), held)
    except GledeError:
        if contents:
            jobs.release(upload)
        raise


def _adding(
    service: Service, things: Sequence[str | FilePath | Upload], asked: Additions, collection: str
) -> Begin:
    async def adding(progress: Telling) -> Report:
        return await service.engine.add(
            *things,
            collection=collection,
            metadata=asked.metadata,
            parser=asked.parser,
            password=asked.password,
            wait=asked.wait,
            progress=progress,
        )

    return adding


def _check_means(asked: Additions, caller: Caller) -> None:
    """Raises `ForbiddenError`, `InvalidError`: who names an address or a path has our machine read it."""
    if asked.paths and not caller.local:
        raise ForbiddenError(
            "only the command line of this machine may name paths", hint="Upload the files instead."
        )
    if asked.urls and not caller.may("admin", "*"):
        raise ForbiddenError("addresses are fetched with the scope admin:* only", hint="Upload the pages.")
    for one in asked.urls:
        if not is_address(one):  # it would be the path of a file here
            raise InvalidError(f"{one[:200]!r} is no address", hint="One begins with https:// or http://.")


async def _said(request: Request) -> Additions:
    try:
        return Additions.model_validate_json(await request.body())
    except ValidationError as error:
        raise _wrong(error) from error


def _wrong(error: ValidationError) -> InvalidError:
    first = error.errors()[0]
    return InvalidError.at(("body", *first["loc"]), first["msg"])


async def _uploaded(request: Request, service: Service) -> tuple[Additions, list[Content]]:
    """What a form asks, and its files, none of them larger than a document may be."""
    most = int(service.engine.settings.max_file_mb * 2**20)
    async with request.form(max_files=MOST_AT_ONCE, max_fields=20) as form:
        files = form.getlist("files") + form.getlist("file")
        service.work.check(sum(file.size or 0 for file in files if isinstance(file, UploadFile)))
        metadata = _metadata(form.get("metadata"))
        contents = []
        for file in files:
            if not isinstance(file, UploadFile):
                raise InvalidError("files are uploaded as files, with a name each")
            if (file.size or 0) > most:
                raise TooLargeError(f"{name_of(file.filename)} is larger than {most // 2**20} MiB")
            contents.append(Content(await file.read(), name_of(file.filename)))
        words = {name: form.get(name) or None for name in ("parser", "password")}
        try:
            asked = {"metadata": metadata, **words, "wait": form.get("wait") or "enriched"}
            return Additions.model_validate(asked), contents
        except ValidationError as error:
            raise _wrong(error) from error


def _metadata(given: object) -> dict[str, MetadataValue]:
    try:
        return _METADATA.validate_python(json.loads(given) if isinstance(given, str) and given else {})
    except (ValueError, RecursionError) as error:
        raise InvalidError("metadata is a JSON object of texts, numbers and truth values") from error


def name_of(given: str | None) -> str:
    """A name to cite by, and never the path of a file here: what was uploaded is tried again by its name."""
    text = (given or "").encode("utf-8", "replace").decode()
    text = "".join(letter for letter in text if letter.isprintable())
    if text.startswith(("https://", "http://")):
        return text[:1000]
    parts = [part for part in text.replace("\\", "/").split("/") if part.strip(" .~")]
    return "/".join(parts)[-1000:].lstrip("/~") or "upload"


@router.get(
    "",
    responses=ok(leading(json_of(shape(documents=several(DOCUMENT), next=maybe(TEXT))), OF_LIST)),
    response_class=Response,
)
async def listed(
    collection: Named,
    service: Serving,
    caller: Reader,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str, Query(max_length=3000)] = "",
    name: Annotated[str, Query(max_length=1000)] = "",
    as_of: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Documents in the order of their first source, the disabled ones last; `next` is the cursor of the rest.

    With a `name` those of that id, source or end of a source; `as_of` a date all that were live then.
    """
    if as_of:
        then = await service.engine.past.documents(as_of, collection)
        return replied({"documents": [shapes.document(one, "past") for one in then], "next": None})
    place = _place_of(cursor) if cursor else _Place(disabled=False, after="")
    if name:
        shown = [one for one in await _named(service, collection, name) if one[0] > place]
    else:
        shown = await _following(service, collection, place, limit + 1)
    page = shown[:limit]
    following = _cursor_of(page[-1][0]) if len(shown) > limit else None
    listed_ = [shapes.document(one, "disabled" if at.disabled else "searchable") for at, one in page]
    return replied({"documents": listed_, "next": following})


class _Place(NamedTuple):
    """Where a document stands in the list: the disabled ones last, each part by first names."""

    disabled: bool
    after: str


_Shown: TypeAlias = list[tuple[_Place, Document]]


async def _following(service: Service, collection: str, place: _Place, limit: int) -> _Shown:
    """What comes after a place; no more is read than that."""
    shown: _Shown = []
    for disabled in (False, True):
        if disabled >= place.disabled and len(shown) < limit:
            after = place.after if disabled == place.disabled else ""
            found = await service.engine.page(limit - len(shown), after, collection, disabled=disabled)
            shown += [(_Place(disabled, one.sources[0]), one) for one in found]
    return shown


async def _named(service: Service, collection: str, name: str) -> _Shown:
    """All that the name may mean, in the order of the list."""
    shown: _Shown = []
    for disabled in (False, True):
        found = await service.engine.named(name, collection, disabled=disabled)
        shown += [(_Place(disabled, one.sources[0]), one) for one in found]
    return sorted(shown, key=lambda one: one[0])


def _cursor_of(place: _Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _place_of(cursor: str) -> _Place:
    try:
        disabled, after = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if b"\0" in after.encode():  # nor is what no database can hold a name
            raise ValueError("NUL")
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
        raise InvalidError("that is no cursor", hint="Take the `next` of the page before.") from error
    return _Place(bool(disabled), after)


@router.get(
    "/{document}",
    responses=ok(
        leading(json_of(shape(document=DOCUMENT, pages=several(PAGE), chunks=several(CHUNK))), OF_DOCUMENT)
    ),
    response_class=Response,
)
async def show(collection: Named, document: DocumentId, service: Serving, caller: Reader) -> Response:
    """One document, disabled ones too: its pages and chunks. What is of the past is found by its id alone."""
    found, standing = await service.engine.opened(document, collection)
    parsed = await service.engine.parsed(found)
    chunks = await service.engine.chunks(found, collection)
    return replied(
        {
            "document": shapes.document(found, standing),
            "pages": [shapes.page(page) for page in parsed.pages],
            "chunks": [shapes.chunk(chunk) for chunk in chunks],
        }
    )


@router.get(
    "/{document}/blocks", responses=ok(json_of(shape(blocks=several(BLOCK)))), response_class=Response
)
async def blocks(
    collection: Named,
    document: DocumentId,
    service: Serving,
    caller: Reader,
    page: Annotated[int | None, Query(ge=1, le=10**9)] = None,
) -> Response:
    """The blocks of a document in reading order, those of one page or all."""
    found = await service.engine.blocks(await found_in(service, collection, document))
    shown = [
        {"number": number, **_fields(shapes.block(block))}
        for number, block in enumerate(found)
        if page is None or block.page == page
    ]
    return replied({"blocks": shown})


def _fields(shape: shapes.Json) -> Mapping[str, shapes.Json]:
    return shape if isinstance(shape, Mapping) else {}


@router.get("/{document}/pages/{number}/image", responses=ok(bytes_of("image/png")), response_class=Response)
async def page_image(
    collection: Named,
    document: DocumentId,
    number: Annotated[int, Path(ge=1, le=10**9)],
    service: Serving,
    caller: Reader,
) -> Response:
    """A page as PNG. Boxes are in points: the picture's width by the page's turns them into pixels."""
    found = await found_in(service, collection, document)
    drawn = await service.engine.page_image(found, number)
    return Response(drawn, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


@router.get(
    "/{document}/assets/{asset}",
    responses=ok(bytes_of(*_SHOWN, "application/octet-stream")),
    response_class=Response,
)
async def asset(
    collection: Named,
    document: DocumentId,
    asset: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")],
    service: Serving,
    caller: Reader,
) -> Response:
    """A picture of a document, or the rows of one of its tables as Parquet."""
    found = await found_in(service, collection, document)
    kinds: dict[str, str] = {}
    for block in await service.engine.blocks(found):
        if block.picture is not None:
            kinds[block.picture.asset] = block.picture.media_type
        if block.data is not None:
            kinds[block.data] = "application/vnd.apache.parquet"
    if asset not in kinds:
        raise NotFoundError("the document has no such asset", hint="Its blocks name their assets.")
    data = await service.engine.asset(asset)
    kind = kinds[asset] if kinds[asset] in _SHOWN else "application/octet-stream"
    headers = {"Content-Disposition": f'attachment; filename="{asset[:16]}"'}
    return Response(data, media_type=kind, headers=headers)


@router.delete(
    "/{document}",
    responses=ok(leading(json_of(shape(documents=several(DOCUMENT))), OF_REMOVAL)),
    response_class=Response,
)
async def delete(
    collection: Named,
    document: DocumentId,
    service: Serving,
    caller: Writer,
    all_versions: bool = False,
) -> Response:
    """Take a document out of every store and every answer; disabled ones too.

    Where a history is kept, with `all_versions` also what its sources ever were.
    """
    removed = await service.engine.delete(document, collection=collection, all_versions=all_versions)
    return replied({"documents": [shapes.document(one) for one in removed]})


async def found_in(service: Service, collection: str, document: str) -> Document:
    """The document of that id, disabled and past ones too: who may list them may look at them."""
    found, _ = await service.engine.opened(document, collection)
    return found
