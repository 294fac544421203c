"""The values that the server's JSON tells of: `glede.shapes` read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from glede.errors import GledeError, UnavailableError
from glede.graph.resolving import Joined, Resolution
from glede.graph.views import Entity, Evidence, Identity, ShownTheme
from glede.knowledge import Listed
from glede.results import Added, Answer, Citation, Computed, Failure, Hit, Report, Stage, Step, Usage
from glede.types import Box, Chunk, Document, Span, Unfinished

if TYPE_CHECKING:
    import httpx2

Value = TypeVar("Value")
Shape = Mapping[str, Any]
"""JSON, as it came; what is read here is checked by the types that it is made into."""


def error_of(shape: Shape) -> GledeError:
    """The error that a problem tells of, of the class that has its code."""
    kind = _kinds().get(str(shape.get("code")), UnavailableError)
    error = kind.__new__(kind)
    message = str(shape.get("detail") or shape.get("message") or "the server failed")
    GledeError.__init__(error, message, hint=str(shape.get("hint") or "") or None)
    return error


def _kinds() -> dict[str, type[GledeError]]:
    found: dict[str, type[GledeError]] = {}
    waiting: list[type[GledeError]] = [GledeError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting += kind.__subclasses__()
    return found


def hit(shape: Shape) -> Hit:
    """A hit; its chunk is as much of it as a hit tells."""
    span = Span(0, len(shape["text"]), 0, page=shape["page"], box=_box(shape["box"]))
    chunk = Chunk(
        id=shape["chunk_id"],
        document_id=shape["document_id"],
        ordinal=0,
        text=shape["text"],
        modality=shape["modality"],
        heading_path=tuple(shape["heading_path"]),
        spans=(span,),
        asset=shape["asset"],
    )
    path = tuple(_made(Step, step) for step in shape["path"])
    dated = shape["version_date"] or ""
    return Hit(shape["rank"], shape["score"], chunk, shape["source"], shape["ranks"], path, dated)


def answer(shape: Shape) -> Answer:
    """An answer, without its hits."""
    computed = shape["computed"]
    return Answer(
        question=shape["question"],
        text=shape["answer"],
        answered=shape["answered"],
        complete=shape["complete"],
        model=shape["model"],
        citations=tuple(_made(Citation, one) for one in shape["citations"]),
        usage=_made(Usage, shape["usage"]),
        seconds=shape["seconds"],
        rewritten=shape["rewritten"] or "",
        computed=None if computed is None else _made(Computed, {**computed, "said": ""}),
        stages=tuple(Stage(name, seconds) for name, seconds in shape["stages"].items()),
    )


def report(shape: Shape) -> Report:
    """The outcome of an `add`."""
    return Report(
        documents=tuple(_added(one) for one in shape["documents"]),
        usage=_made(Usage, shape["usage"]),
        seconds=shape["seconds"],
        stopped=failure(shape["stopped"]),
        job=shape["job"],
        removed=tuple(shape["removed"]),
        kept=shape["kept"],
    )


def failure(shape: Shape | None) -> Failure | None:
    """Why something was not added, or work was stopped."""
    if shape is None:
        return None
    code = error_of({"code": shape["code"]}).exit_code
    return Failure(shape["code"], shape["message"], shape["hint"], shape["retryable"], code)


def identity(shape: Shape) -> Identity:
    """An edit of the graph."""
    return _made(Identity, shape)


def theme(shape: Shape) -> ShownTheme:
    """What a part of a collection is about."""
    evidence = tuple(_made(Evidence, one) for one in shape["quotes"])
    entities = tuple(_made(Entity, one) for one in shape["entities"])
    sources = tuple(shape["sources"])
    return ShownTheme(shape["id"], entities, evidence, sources, shape["size"], shape["summary"] or "")


def resolution(shape: Shape) -> Resolution:
    """What was joined; entities come without their numbers."""
    joined = tuple(
        Joined(
            tuple(Listed(0, each["name"], each["type"], each["documents"]) for each in one["entities"]),
            one["by"],
            one["edit"] or 0,
        )
        for one in shape["joined"]
    )
    return Resolution(joined, shape["judged"], shape["failed"])


def checked(response: httpx2.Response) -> Any:  # noqa: ANN401 - JSON
    """The body of a good response; raises the error that any other tells of."""
    try:
        shape = orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise UnavailableError(f"the server answers {response.status_code}, and no JSON") from error
    if response.status_code >= 400:
        raise error_of(shape)
    return shape


def document(shape: Shape) -> Document:
    """A document of a list."""
    return _made(Document, {"version": "", "sha256": "", **shape, "unfinished": ()})


def _added(shape: Shape) -> Added:
    unfinished = tuple(_made(Unfinished, one) for one in shape["unfinished"])
    return _made(Added, {**shape, "unfinished": unfinished, "error": failure(shape["error"])})


def _made(kind: type[Value], shape: Shape) -> Value:
    """A value of what the shape says of its fields; null is their default, lists are tuples, a box a box."""
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        value = shape.get(field.name)
        if value is not None or (field.name in shape and field.default is MISSING):
            values[field.name] = _box(value) if field.name == "box" else _frozen(value)
    return kind(**values)


def _frozen(value: object) -> object:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value


def _box(shape: Sequence[float] | None) -> Box | None:
    return None if shape is None else Box(*shape)
