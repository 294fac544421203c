"""OpenAI's API: chat completions with citations, models, embeddings.

Citations come in two forms: as `annotations` of the message, which clients know, and whole in a list
`citations` beside the choices; in a stream both come before `[DONE]`.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from fastapi import APIRouter, Request
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from glede.errors import GledeError, UsageError
from glede.results import Answer, Usage
from glede.server.access import Calling, Serving
from glede.server.described import ANYTHING, OPENAI_ERRORS, TEXT, json_of, ok, several, shape, with_events
from glede.server.dialects.openai_bodies import ChatBody, EmbeddingBody
from glede.server.dialects.talks import Model, asked, links, model_of, names_of, no_model
from glede.server.problems import of_stream, openai_error
from glede.server.replies import replied, streamed
from glede.server.routes.questions import pieces, whole, within
from glede.server.service import Service
from glede.shapes import results as shapes
from glede.text.sentences import count_tokens

if TYPE_CHECKING:
    from glede.server.bodies import AskBody
    from glede.shapes.results import Json

router = APIRouter(prefix="/v1", tags=["OpenAI"], responses=OPENAI_ERRORS)
EMBEDDED_CHARACTERS = 400_000
"""The most that one call may have embedded: it takes processor time, and nobody waits for it here."""


@dataclass(frozen=True, slots=True)
class _Talk:
    """One call, and what all parts of its answer repeat."""

    id: str
    created: int
    model: str
    collection: str
    address: str

    def part(self, delta: Json, finish: str | None = None) -> dict[str, Json]:
        """One chunk of a stream."""
        choice: Json = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**self.head("chat.completion.chunk"), "choices": [choice]}

    def head(self, kind: str) -> dict[str, Json]:
        """What every part begins with."""
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def annotations(self, answer: Answer) -> list[Json]:
        """Where in the answer which source is cited."""
        found = links(answer, self.collection, self.address)
        return [{"type": "url_citation", "url_citation": one} for one in found]


@router.post("/chat/completions", responses=ok(with_events(json_of(ANYTHING))), response_class=Response)
async def chat(request: Request, body: ChatBody, service: Serving, caller: Calling) -> Response:
    """Answer the last message from the collection that the model names, as `glede/papers` or
    `glede/papers:local`; the messages before it are the conversation.
    """
    model = await model_of(body.model, caller, service)
    question = _asked(body, model)
    identity = f"chatcmpl-{secrets.token_hex(12)}"
    talk = _Talk(identity, int(time.time()), body.model, model.collection, str(request.base_url))
    admitted = service.admission.admitted(caller.key)
    if body.stream:
        usage = body.stream_options is not None and body.stream_options.include_usage
        events = _events(service, talk, question, request, usage=usage)
        return streamed(events, admitted)
    with admitted:
        answer = await whole(service, model.collection, question)
    message: Json = {
        "role": "assistant",
        "content": answer.text,
        "refusal": None,
        "annotations": talk.annotations(answer),
    }
    choice: Json = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(answer)}
    return replied(
        {
            **talk.head("chat.completion"),
            "choices": [choice],
            "usage": _usage(answer.usage),
            "citations": [shapes.citation(one) for one in answer.citations],
        }
    )


def _asked(body: ChatBody, model: Model) -> AskBody:
    question = asked(model, [message.said() for message in body.messages], body.as_of)
    if not (question.question.strip() or question.image):
        raise UsageError("the last message is empty", hint="Ask something.")
    return question


async def _events(
    service: Service, talk: _Talk, question: AskBody, request: Request, *, usage: bool
) -> AsyncGenerator[ServerSentEvent, None]:
    yield _sent(talk.part({"role": "assistant", "content": ""}))
    said = False
    try:
        async with aclosing(within(pieces(service, talk.collection, question), service)) as source:
            async for piece in source:
                if not isinstance(piece, Answer):
                    said = True
                    yield _sent(talk.part({"content": piece}))
                    continue
                if not said and piece.text:
                    yield _sent(talk.part({"content": piece.text}))
                last = talk.part({"annotations": talk.annotations(piece)}, _finish(piece))
                yield _sent({**last, "citations": [shapes.citation(one) for one in piece.citations]})
                if usage:
                    head = talk.head("chat.completion.chunk")
                    yield _sent({**head, "choices": [], "usage": _usage(piece.usage)})
    except (GledeError, ExceptionGroup) as error:
        yield _sent(dict(openai_error(of_stream(error, request))))
        return
    yield ServerSentEvent("[DONE]")


def _sent(value: dict[str, Json]) -> ServerSentEvent:
    return ServerSentEvent(orjson.dumps(value).decode())


def _finish(answer: Answer) -> str:
    """An answer that broke off is never said to have come to its end."""
    return "stop" if answer.complete else "length"


def _usage(usage: Usage) -> Json:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }


@router.get("/models", responses=ok(json_of(shape(data=several(ANYTHING)))), response_class=Response)
async def models(service: Serving, caller: Calling) -> Response:
    """The collections that the caller may ask, and the embedding model."""
    names = [*await names_of(caller, service), service.engine.settings.embed]
    return replied({"object": "list", "data": [_model(name) for name in names]})


@router.get("/models/{name:path}", responses=ok(json_of(shape(id=TEXT))), response_class=Response)
async def model(name: str, service: Serving, caller: Calling) -> Response:
    """One of them."""
    if name != service.engine.settings.embed:
        await model_of(name, caller, service)
    return replied(_model(name))


def _model(name: str) -> Json:
    return {"id": name, "object": "model", "created": 0, "owned_by": "glede"}


@router.post("/embeddings", responses=ok(json_of(shape(data=several(ANYTHING)))), response_class=Response)
async def embeddings(body: EmbeddingBody, service: Serving, caller: Calling) -> Response:
    """The vectors of texts, by the embedding model of the data folder."""
    engine = service.engine
    if body.model != engine.settings.embed:
        raise no_model(body.model)
    embedder = engine.lines.store.embedder
    if body.dimensions not in (None, embedder.dimension):
        raise UsageError(f"the vectors of {body.model} have {embedder.dimension} dimensions")
    texts = [body.input] if isinstance(body.input, str) else body.input
    if sum(map(len, texts)) > EMBEDDED_CHARACTERS:
        raise UsageError(f"the texts hold more than {EMBEDDED_CHARACTERS:,} characters", hint="Send fewer.")
    with service.admission.admitted(caller.key):
        vectors = await embedder.embed(texts)
    data: list[Json] = []
    for number, vector in enumerate(vectors):
        row = vector.astype("<f4")
        shown: Json = row.tolist()
        if body.encoding_format == "base64":
            shown = base64.b64encode(row.tobytes()).decode()
        data.append({"object": "embedding", "index": number, "embedding": shown})
    tokens = sum(map(count_tokens, texts))
    usage: Json = {"prompt_tokens": tokens, "total_tokens": tokens}
    return replied({"object": "list", "data": data, "model": body.model, "usage": usage})
