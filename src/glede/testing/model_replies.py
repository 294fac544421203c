"""The answers of `ModelServer`, in the shapes of the services that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from time import time

from glede.ports import Vectors
from glede.testing.model_requests import EmbeddingRequest, RerankRequest
from glede.testing.model_vectors import encoded
from glede.testing.model_wire import (
    PICTURE_TOKENS,
    Answer,
    Body,
    ChatAnswer,
    ChatRequest,
    event,
    new_id,
    streamed,
    to_json,
    tokens_of,
)

DONE = b"data: [DONE]\n\n"
_PIECE = re.compile(r"\s*\S+|\s+$")


def chat_reply(request: ChatRequest, answer: ChatAnswer, *, choices: int = 1) -> Answer:
    """A whole conversation's answer, at once or as a stream."""
    if request.stream:
        events = chat_events(request, answer) if choices else _events(request, [], answer)
        return streamed(events)
    message = {"role": "assistant", "content": answer.text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish}
    body = _chat_body(request, "chat.completion") | {
        "choices": [choice] * choices,
        "usage": _usage(request, answer),
    }
    return Answer(to_json(body))


def chat_events(request: ChatRequest, answer: ChatAnswer) -> list[bytes]:
    """The events of a stream: who speaks, about a word at a time, why it ended, what it cost, the end."""
    deltas: list[Body] = [{"role": "assistant", "content": "", "refusal": None}]
    deltas += [{"content": piece} for piece in _PIECE.findall(answer.text)]
    choices: list[Body] = [_delta(delta, None) for delta in deltas]
    if answer.finish is not None:
        choices.append(_delta({}, answer.finish))
    return _events(request, choices, answer)


def _delta(delta: Body, finish: str | None) -> Body:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _events(request: ChatRequest, choices: Sequence[Body], answer: ChatAnswer) -> list[bytes]:
    head = _chat_body(request, "chat.completion.chunk")
    extra: Body = {"usage": None} if request.usage else {}
    events = [event({**head, "choices": [choice], **extra}) for choice in choices]
    if not choices:
        events.append(event({**head, "choices": [], **extra}))
    if request.usage:
        events.append(event({**head, "choices": [], "usage": _usage(request, answer)}))
    return [*events, DONE]


def _chat_body(request: ChatRequest, kind: str) -> dict[str, object]:
    return {"id": new_id("chatcmpl-"), "object": kind, "created": int(time()), "model": request.model}


def _usage(request: ChatRequest, answer: ChatAnswer) -> Body:
    written = tokens_of(answer.text)
    total = request.tokens + written
    return {"prompt_tokens": request.tokens, "completion_tokens": written, "total_tokens": total}


def embedding_reply(request: EmbeddingRequest, rows: Vectors) -> Answer:
    """Vectors, as OpenAI gives them."""
    tokens = sum(map(tokens_of, request.texts))
    data = [
        {"object": "embedding", "index": place, "embedding": encoded(row, request.as_base64)}
        for place, row in enumerate(rows)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return Answer(to_json({"object": "list", "data": data, "model": request.model, "usage": usage}))


def native_reply(request: EmbeddingRequest, rows: Vectors) -> Answer:
    """Vectors, as DashScope gives them."""
    pictures = dict(request.pictures)
    embeddings = [
        {"index": place, "embedding": encoded(row, False), "type": "image" if place in pictures else "text"}
        for place, row in enumerate(rows)
    ]
    texts = [text for place, text in enumerate(request.texts) if place not in pictures]
    usage = {
        "input_tokens": sum(map(tokens_of, texts)),
        "image_tokens": PICTURE_TOKENS * len(pictures),
    }
    body = {"output": {"embeddings": embeddings}, "usage": usage, "request_id": new_id("")}
    return Answer(to_json(body))


def rerank_reply(request: RerankRequest, scores: Sequence[float]) -> Answer:
    """The best documents first, as Jina, Cohere and vLLM give them."""
    order = sorted(range(len(scores)), key=lambda place: -scores[place])[: request.top]
    results: list[dict[str, object]] = [{"index": place, "relevance_score": scores[place]} for place in order]
    if request.repeat:
        for result, place in zip(results, order, strict=True):
            result["document"] = {"text": request.documents[place]}
    tokens = sum(tokens_of(request.query) + tokens_of(text) for text in request.documents)
    body = {"id": new_id("rerank-"), "model": request.model, "results": results}
    return Answer(to_json({**body, "usage": {"total_tokens": tokens}}))


def models_reply(models: Iterable[str]) -> Answer:
    """All models by name."""
    data = [
        {"id": model, "object": "model", "created": 1_700_000_000, "owned_by": "glede"}
        for model in sorted(models)
    ]
    return Answer(to_json({"object": "list", "data": data}))
