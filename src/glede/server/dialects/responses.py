"""OpenAI's newer API: responses, whole or as a stream of events. Nothing of a response is kept here.

Citations are `annotations` of the text, and a list `citations` beside the output.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
from fastapi import APIRouter, Request
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from glede.errors import GledeError, UsageError
from glede.results import Answer
from glede.server.access import Calling, Serving
from glede.server.described import ANYTHING, OPENAI_ERRORS, TEXT, json_of, ok, several, shape, with_events
from glede.server.dialects.openai_bodies import ResponsesBody
from glede.server.dialects.talks import asked, links, model_of
from glede.server.problems import of_stream
from glede.server.replies import replied, streamed
from glede.server.routes.questions import pieces, whole, within
from glede.server.service import Service
from glede.shapes import results as shapes

if TYPE_CHECKING:
    from glede.server.bodies import AskBody
    from glede.shapes.results import Json

router = APIRouter(prefix="/v1", tags=["OpenAI"], responses=OPENAI_ERRORS)


@dataclass(slots=True)
class _Talk:
    """One response, and its events so far."""

    model: str
    collection: str
    address: str
    id: str = field(default_factory=lambda: f"resp_{secrets.token_hex(16)}")
    item: str = field(default_factory=lambda: f"msg_{secrets.token_hex(16)}")
    created: int = field(default_factory=lambda: int(time.time()))
    events: int = 0

    def event(self, kind: str, **fields: Json) -> ServerSentEvent:
        """The next event."""
        told = {"type": kind, "sequence_number": self.events, **fields}
        self.events += 1
        return ServerSentEvent(orjson.dumps(told).decode(), event=kind)

    def part(self, kind: str, **fields: Json) -> ServerSentEvent:
        """The next event of the text."""
        return self.event(kind, item_id=self.item, output_index=0, content_index=0, **fields)

    def text(self, answer: Answer) -> dict[str, Json]:
        """The text, with where in it which source is cited."""
        found: list[Json] = [
            {"type": "url_citation", **one} for one in links(answer, self.collection, self.address)
        ]
        return {"type": "output_text", "text": answer.text, "annotations": found, "logprobs": []}

    def message(self, status: str, content: list[Json]) -> dict[str, Json]:
        """The one item of the output."""
        return {
            "type": "message",
            "id": self.item,
            "status": status,
            "role": "assistant",
            "content": content,
        }

    def response(self, status: str, answer: Answer | None = None, error: Json = None) -> dict[str, Json]:
        """All of it, as it is."""
        told: dict[str, Json] = {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "model": self.model,
            "error": error,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
            "instructions": None,
            "metadata": {},
            "output": [] if answer is None else [self.message(status, [self.text(answer)])],
            "parallel_tool_calls": False,
            "previous_response_id": None,
            "store": False,
            "temperature": None,
            "tool_choice": "none",
            "tools": [],
            "top_p": None,
            "usage": None if answer is None else _usage(answer),
        }
        if answer is not None:
            told["citations"] = [shapes.citation(one) for one in answer.citations]
        return told


@router.post(
    "/responses",
    responses=ok(with_events(json_of(shape(id=TEXT, output=several(ANYTHING))))),
    response_class=Response,
)
async def respond(request: Request, body: ResponsesBody, service: Serving, caller: Calling) -> Response:
    """Answer the last message of `input` from the collection that the model names, as `glede/papers`.

    No response is kept: the conversation comes along in `input`.
    """
    model = await model_of(body.model, caller, service)
    if body.previous_response_id is not None:
        raise UsageError("no response is kept here", hint="Send the conversation as `input`.")
    question = asked(model, body.messages(), body.as_of)
    if not (question.question.strip() or question.image):
        raise UsageError("the last message is empty", hint="Ask something.")
    talk = _Talk(body.model, model.collection, str(request.base_url))
    admitted = service.admission.admitted(caller.key)
    if body.stream:
        return streamed(_events(service, talk, question, request), admitted)
    with admitted:
        answer = await whole(service, model.collection, question)
    return replied(talk.response(_status(answer), answer))


async def _events(
    service: Service, talk: _Talk, question: AskBody, request: Request
) -> AsyncGenerator[ServerSentEvent, None]:
    empty: Mapping[str, Json] = {"type": "output_text", "text": "", "annotations": []}
    yield talk.event("response.created", response=talk.response("in_progress"))
    yield talk.event("response.in_progress", response=talk.response("in_progress"))
    yield talk.event("response.output_item.added", output_index=0, item=talk.message("in_progress", []))
    yield talk.part("response.content_part.added", part=empty)
    said = ""
    try:
        async with aclosing(within(pieces(service, talk.collection, question), service)) as source:
            async for piece in source:
                if isinstance(piece, Answer):
                    if not said and piece.text:
                        yield talk.part("response.output_text.delta", delta=piece.text, logprobs=[])
                    for event in _end(talk, piece):
                        yield event
                else:
                    said += piece
                    yield talk.part("response.output_text.delta", delta=piece, logprobs=[])
    except (GledeError, ExceptionGroup) as error:
        known = of_stream(error, request)
        why: Json = {"code": "server_error", "message": f"{known.message} ({known.hint})"}
        yield talk.event("response.failed", response=talk.response("failed", error=why))


def _end(talk: _Talk, answer: Answer) -> list[ServerSentEvent]:
    """What is told when the answer is there: its parts from the innermost to the whole."""
    text, status = talk.text(answer), _status(answer)
    found = text["annotations"] if isinstance(text["annotations"], list) else []
    added = [
        talk.part("response.output_text.annotation.added", annotation_index=number, annotation=one)
        for number, one in enumerate(found)
    ]
    return [
        *added,
        talk.part("response.output_text.done", text=answer.text, logprobs=[]),
        talk.part("response.content_part.done", part=text),
        talk.event("response.output_item.done", output_index=0, item=talk.message(status, [text])),
        talk.event(f"response.{status}", response=talk.response(status, answer)),
    ]


def _status(answer: Answer) -> str:
    """An answer that broke off is never said to have come to its end."""
    return "completed" if answer.complete else "incomplete"


def _usage(answer: Answer) -> Json:
    usage = answer.usage
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
