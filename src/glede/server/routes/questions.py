"""Searching and asking."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from glede.errors import GledeError, ModelTimeoutError, UsageError
from glede.results import Answer
from glede.server.access import Named, Reader, Serving
from glede.server.bodies import AskBody, SearchBody
from glede.server.described import ANSWER, HIT, NUMBER, TEXT, json_of, ok, several, shape, with_events
from glede.server.problems import of_stream, problem, request_id_of
from glede.server.replies import replied, streamed, told
from glede.server.service import Service
from glede.shapes import results as shapes

if TYPE_CHECKING:
    from sse_starlette import ServerSentEvent

router = APIRouter(prefix="/v1/collections/{collection}", tags=["questions"])


@router.post(
    "/search",
    responses=ok(json_of(shape(query=TEXT, mode=TEXT, hits=several(HIT), seconds=NUMBER))),
    response_class=Response,
)
async def search(collection: Named, body: SearchBody, service: Serving, caller: Reader) -> Response:
    """The best chunks, best first."""
    options = body.options(collection)
    if not (body.query.strip() or options["extras"]):
        raise UsageError("the query is empty", hint="Give words, an image, a table or an equation.")
    began = time.perf_counter()
    with service.admission.admitted(caller.key):
        hits = await service.engine.search(body.query, **options)
    seconds = round(time.perf_counter() - began, 3)
    shown = [shapes.hit(hit) for hit in hits]
    return replied({"query": body.query, "mode": body.mode, "hits": shown, "seconds": seconds})


@router.post("/ask", responses=ok(with_events(json_of(ANSWER))), response_class=Response)
async def ask(
    request: Request, collection: Named, body: AskBody, service: Serving, caller: Reader
) -> Response:
    """An answer with checked citations.

    With `stream`, or where `text/event-stream` is accepted, events: `piece` with a `text` each, then one
    `answer` with the whole; or `error` with a problem, after which the answer is not complete.
    """
    extras = body.extras()  # what is wrong with them is said before anything is streamed
    if not (body.question.strip() or extras):
        raise UsageError("the question is empty", hint="Give words, an image, a table or an equation.")
    if body.stream or "text/event-stream" in request.headers.get("accept", ""):
        events = _events(service, collection, body, request)
        return streamed(events, service.admission.admitted(caller.key))
    with service.admission.admitted(caller.key):
        return replied(_shape(await whole(service, collection, body), body))


def _shape(answer: Answer, body: AskBody) -> shapes.Json:
    shown = shapes.answer(answer)
    if not body.explain or not isinstance(shown, Mapping):
        return shown
    return {**shown, "hits": [shapes.hit(hit) for hit in answer.hits]}


def pieces(service: Service, collection: str, body: AskBody) -> AsyncGenerator[str | Answer, None]:
    """The answer's text piece by piece, and last of all the answer."""
    return service.engine.stream(body.question, history=body.turns(), **body.options(collection))


async def within(
    stream: AsyncGenerator[str | Answer, None], service: Service
) -> AsyncGenerator[str | Answer, None]:
    """The pieces, for as long as an answer may take; raises `ModelTimeoutError`."""
    until = asyncio.get_running_loop().time() + service.engine.settings.server_answer_seconds
    async with aclosing(stream) as source:
        while True:
            try:
                async with asyncio.timeout_at(until):
                    piece = await anext(source)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise late(service) from error
            yield piece


async def whole(service: Service, collection: str, body: AskBody) -> Answer:
    """The answer at once; raises `ModelTimeoutError`."""
    try:
        async with asyncio.timeout(service.engine.settings.server_answer_seconds):
            options = body.options(collection)
            return await service.engine.ask(body.question, history=body.turns(), **options)
    except TimeoutError as error:
        raise late(service) from error


def late(service: Service) -> ModelTimeoutError:
    """There was no whole answer in time."""
    return ModelTimeoutError(
        f"there was no whole answer in {service.engine.settings.server_answer_seconds:g} s",
        hint="GLEDE_SERVER_ANSWER_SECONDS is the most that an answer may take.",
    )


async def _events(
    service: Service, collection: str, body: AskBody, request: Request
) -> AsyncGenerator[ServerSentEvent, None]:
    try:
        async with aclosing(within(pieces(service, collection, body), service)) as source:
            async for piece in source:
                if isinstance(piece, Answer):
                    yield told("answer", _shape(piece, body))
                else:
                    yield told("piece", {"text": piece})
    except (GledeError, ExceptionGroup) as error:
        yield told("error", problem(of_stream(error, request), request_id_of(request)))
