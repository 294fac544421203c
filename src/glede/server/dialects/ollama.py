"""Ollama's API: chat and generate as lines of JSON, and what its clients ask first."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import orjson
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from glede import __version__
from glede.errors import GledeError, UsageError
from glede.results import Answer
from glede.server.access import Calling, Serving
from glede.server.described import ANYTHING, OLLAMA_ERRORS, TEXT, json_of, ok, several, shape, with_lines
from glede.server.dialects.openai_bodies import Loose
from glede.server.dialects.talks import LATEST, Said, asked, model_of, names_of
from glede.server.problems import of_stream
from glede.server.replies import replied
from glede.server.routes.questions import pieces, whole, within
from glede.server.service import Service
from glede.shapes import results as shapes

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from starlette.types import Receive, Scope, Send

    from glede.server.access import Caller
    from glede.server.bodies import AskBody
    from glede.shapes.results import Json

router = APIRouter(prefix="/api", tags=["Ollama"], responses=OLLAMA_ERRORS)
MEDIA_TYPE = "application/x-ndjson"
Name = Annotated[str, Field(max_length=200)]
Pictures = Annotated[list[str], Field(max_length=16)]
Told = Callable[[str], "dict[str, Json]"]


class Message(Loose):
    """One message; pictures are in base64."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str = ""
    images: Pictures | None = None

    def said(self) -> Said:
        """Its words and its last picture."""
        return Said(self.role, self.content, self.images[-1] if self.images else None)


class Options(Loose):
    """What clients let through to a model: `as_of` a date, whose documents are asked."""

    as_of: str | None = None


class AskingBody(Loose):
    """What is common to questions; `as_of` stands beside the rest or in the `options`."""

    model: Name
    stream: bool | None = True
    options: Options | None = None
    as_of: str | None = None

    def moment(self) -> str | None:
        """The date whose documents are asked."""
        return self.as_of or (self.options.as_of if self.options else None)


class ChatBody(AskingBody):
    """`POST /api/chat`."""

    messages: Annotated[list[Message], Field(max_length=1000)]


class GenerateBody(AskingBody):
    """`POST /api/generate`."""

    prompt: str = ""
    images: Pictures | None = None


class ShowBody(Loose):
    """`POST /api/show`."""

    model: Name


class Lines(StreamingResponse):
    """Lines of JSON, for as long as the call is admitted."""

    def __init__(self, lines: AsyncGenerator[bytes, None], admitted: AbstractContextManager[None]) -> None:
        super().__init__(lines, media_type=MEDIA_TYPE)
        self._admitted = ExitStack()
        self._admitted.enter_context(admitted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        with self._admitted:
            await super().__call__(scope, receive, send)


@router.get("/version", responses=ok(json_of(shape(version=TEXT))), response_class=Response)
async def version(caller: Calling) -> Response:
    """Our version."""
    return replied({"version": __version__})


@router.get("/tags", responses=ok(json_of(shape(models=several(ANYTHING)))), response_class=Response)
async def tags(service: Serving, caller: Calling) -> Response:
    """The collections that the caller may ask, as models."""
    found = await names_of(caller, service)
    return replied({"models": [_tag(f"{name}:{LATEST}") for name in found]})


@router.get("/ps", responses=ok(json_of(shape(models=several(ANYTHING)))), response_class=Response)
async def loaded(caller: Calling) -> Response:
    """Which models are loaded: none of ours is, in that sense."""
    return replied({"models": []})


@router.post("/show", responses=ok(json_of(ANYTHING)), response_class=Response)
async def show(body: ShowBody, service: Serving, caller: Calling) -> Response:
    """What a model can."""
    await model_of(body.model, caller, service)
    return replied({"details": _DETAILS, "model_info": {}, "capabilities": ["completion", "vision"]})


_DETAILS: Json = {
    "parent_model": "",
    "format": "glede",
    "family": "glede",
    "families": ["glede"],
    "parameter_size": "",
    "quantization_level": "",
}


def _tag(name: str) -> Json:
    return {
        "name": name,
        "model": name,
        "modified_at": "1970-01-01T00:00:00Z",
        "size": 0,
        "digest": hashlib.sha256(name.encode()).hexdigest(),
        "details": _DETAILS,
    }


@router.post("/chat", responses=ok(with_lines(json_of(ANYTHING))), response_class=Response)
async def chat(request: Request, body: ChatBody, service: Serving, caller: Calling) -> Response:
    """Answer the last message from the collection that the model names."""
    messages = [message.said() for message in body.messages]

    def told(text: str) -> dict[str, Json]:
        return {"message": {"role": "assistant", "content": text}}

    return await _answered(request, body, messages, told, service, caller)


@router.post("/generate", responses=ok(with_lines(json_of(ANYTHING))), response_class=Response)
async def generate(request: Request, body: GenerateBody, service: Serving, caller: Calling) -> Response:
    """Answer a prompt from the collection that the model names."""
    messages = [Said("user", body.prompt, body.images[-1] if body.images else None)]

    def told(text: str) -> dict[str, Json]:
        return {"response": text}

    return await _answered(request, body, messages, told, service, caller)


async def _answered(
    request: Request, body: AskingBody, messages: list[Said], told: Told, service: Service, caller: Caller
) -> Response:
    name = body.model
    model = await model_of(name, caller, service)
    question = asked(model, messages, body.moment())
    if not (question.question.strip() or question.image):
        raise UsageError("the last message is empty", hint="Ask something.")
    began = time.perf_counter_ns()
    admitted = service.admission.admitted(caller.key)
    if body.stream is False:
        with admitted:
            answer = await whole(service, model.collection, question)
        return replied({**_head(name), **told(answer.text), **_end(answer, began)})
    lines = _lines(service, model.collection, question, name, told, request)
    return Lines(lines, admitted)


async def _lines(
    service: Service, collection: str, question: AskBody, name: str, told: Told, request: Request
) -> AsyncGenerator[bytes, None]:
    began, said = time.perf_counter_ns(), False
    try:
        async with aclosing(within(pieces(service, collection, question), service)) as source:
            async for piece in source:
                if not isinstance(piece, Answer):
                    said = True
                    yield _line({**_head(name), **told(piece), "done": False})
                    continue
                if not said:
                    yield _line({**_head(name), **told(piece.text), "done": False})
                yield _line({**_head(name), **told(""), **_end(piece, began)})
    except (GledeError, ExceptionGroup) as error:
        found = of_stream(error, request)
        yield _line({"error": f"{found.message} ({found.hint})"})


def _line(value: dict[str, Json]) -> bytes:
    return orjson.dumps(value) + b"\n"


def _head(name: str) -> dict[str, Json]:
    return {"model": name, "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z")}


def _end(answer: Answer, began: int) -> dict[str, Json]:
    """What the last line tells; an answer that broke off is not said to have come to its end."""
    took = time.perf_counter_ns() - began
    return {
        "done": True,
        "done_reason": "stop" if answer.complete else "length",
        "total_duration": took,
        "load_duration": 0,
        "prompt_eval_count": answer.usage.prompt_tokens,
        "prompt_eval_duration": 0,
        "eval_count": answer.usage.completion_tokens,
        "eval_duration": took,
        "citations": [shapes.citation(one) for one in answer.citations],
    }
