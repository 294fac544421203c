"""Models whose calls are spans: outermost, so that one span is one request with all its tries.

What was answered before and is only looked up is a span as well, with `glede.kept` and no usage.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanKind

from glede.endpoints import Tally, document, tally
from glede.telemetry.spans import DIMENSIONS, MODEL, OPERATION, PROVIDER, QUERY, ended

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from glede.endpoints import (
        Attachment,
        ChatModel,
        Message,
        PictureEmbedder,
        Prompt,
        Ranking,
        Reply,
        Reranker,
    )
    from glede.ports import Embedder, Vectors
    from glede.providers import Models
    from glede.telemetry.spans import Attribute, Spans

LOCAL = "local"


class TracedChat:
    """A chat model, each request a span `chat MODEL`; a stream's ends with its last piece."""

    def __init__(self, inner: ChatModel, spans: Spans, role: str) -> None:
        self.model = inner.model
        self._inner = inner
        self._spans = spans
        self._role = role

    async def chat(self, prompt: Prompt) -> Reply:
        """The whole answer at once."""
        with ended(self._begun(prompt, stream=False)) as span:
            reply = await self._inner.chat(prompt)
            self._tell(span, reply)
        return reply

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Reply, None]:
        """The answer piece by piece; raises only before the first piece."""
        began, first = time.perf_counter(), True
        with ended(self._begun(prompt, stream=True)) as span:
            async with aclosing(self._inner.stream(prompt)) as pieces:
                async for piece in pieces:
                    if first:
                        seconds = time.perf_counter() - began
                        span.set_attribute("gen_ai.response.time_to_first_chunk", seconds)
                        first = False
                    if not isinstance(piece, str):
                        self._tell(span, piece)
                    yield piece

    def _begun(self, prompt: Prompt, *, stream: bool) -> Span:
        name = _request(self.model)
        asked: dict[str, Attribute] = {
            OPERATION: "chat",
            PROVIDER: _provider(self.model),
            MODEL: name,
            "gen_ai.request.max_tokens": prompt.max_tokens,
            "gen_ai.request.temperature": prompt.temperature,
            "gen_ai.request.stream": stream,
            "gen_ai.output.type": "json" if prompt.schema else "text",
            "glede.role": self._role,
            **_on_behalf(),
        }
        if self._spans.content:
            asked["gen_ai.input.messages"] = json.dumps([_shown(one) for one in prompt.messages])
        return self._spans.begin(f"chat {name}", asked, SpanKind.CLIENT)

    def _tell(self, span: Span, reply: Reply) -> None:
        span.set_attribute("gen_ai.response.model", reply.model)
        span.set_attribute("gen_ai.response.finish_reasons", [reply.finish or "error"])
        span.set_attribute("glede.kept", reply.kept)
        span.set_attribute("glede.complete", reply.complete)
        if not reply.kept:
            span.set_attribute("gen_ai.usage.input_tokens", reply.tokens.prompt)
            span.set_attribute("gen_ai.usage.output_tokens", reply.tokens.completion)
        if self._spans.content:
            said = {"role": "assistant", "parts": [_text(reply.text)], "finish_reason": reply.finish}
            span.set_attribute("gen_ai.output.messages", json.dumps([said]))


class TracedEmbedder:
    """An embedder, each call a span `embeddings MODEL`; how many texts it was, never which."""

    def __init__(self, inner: Embedder, spans: Spans) -> None:
        self.model = inner.model
        self.dimension = inner.dimension
        self._inner = inner
        self._spans = spans

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order."""
        asked = {**_embedding(self.model, self.dimension), "glede.texts": len(texts), **_on_behalf()}
        with (
            self._spans.span(f"embeddings {_embeds(self.model)}", asked, _kind(self.model)) as span,
            _counting(span),
        ):
            return await self._inner.embed(texts)


class TracedPictures:
    """What places pictures among texts, each call a span `embeddings MODEL`."""

    def __init__(self, inner: PictureEmbedder, spans: Spans, model: str, dimension: int) -> None:
        self._inner = inner
        self._spans = spans
        self._asked = _embedding(model, dimension)
        self._name = f"embeddings {_embeds(model)}"

    async def embed_pictures(self, pictures: Sequence[Attachment]) -> Vectors:
        """One row for each picture, in order."""
        asked = {**self._asked, "glede.pictures": len(pictures), **_on_behalf()}
        with self._spans.span(self._name, asked, SpanKind.CLIENT) as span, _counting(span):
            return await self._inner.embed_pictures(pictures)


class TracedReranker:
    """A reranker, each request a span `rerank MODEL`."""

    def __init__(self, inner: Reranker, spans: Spans) -> None:
        self.model = inner.model
        self._inner = inner
        self._spans = spans

    async def rerank(self, question: str, texts: Sequence[str]) -> Ranking:
        """A score for each text."""
        name = _request(self.model)
        asked: dict[str, Attribute] = {
            OPERATION: "rerank",
            PROVIDER: _provider(self.model),
            MODEL: name,
            "glede.texts": len(texts),
        }
        if self._spans.content:
            asked[QUERY] = question
        with self._spans.span(f"rerank {name}", asked, SpanKind.CLIENT) as span:
            ranking = await self._inner.rerank(question, texts)
            span.set_attribute("gen_ai.usage.input_tokens", ranking.tokens.prompt)
        return ranking


def traced_models(models: Models, spans: Spans) -> Models:
    """The models of an engine, all of their calls spans."""
    embedder, sees = models.embedder, models.sees
    return replace(
        models,
        embedder=TracedEmbedder(embedder, spans),
        sees=sees and TracedPictures(sees, spans, embedder.model, embedder.dimension),
        chat=models.chat and TracedChat(models.chat, spans, "chat"),
        vision=models.vision and TracedChat(models.vision, spans, "vision"),
        extract=models.extract and TracedChat(models.extract, spans, "extract"),
        reranker=models.reranker and TracedReranker(models.reranker, spans),
    )


def _embedding(model: str, dimension: int) -> dict[str, Attribute]:
    return {
        OPERATION: "embeddings",
        PROVIDER: _provider(model),
        MODEL: _embeds(model),
        DIMENSIONS: dimension,
    }


@contextmanager
def _counting(span: Span) -> Iterator[None]:
    """Tell a span the tokens of the calls made within it, which vectors themselves do not tell."""
    counted = Tally()
    token = tally.set(counted)
    try:
        yield
    finally:
        tally.reset(token)
        if counted.calls:
            span.set_attribute("gen_ai.usage.input_tokens", counted.prompt)
            span.set_attribute("glede.usage.estimated", not counted.known)


def _provider(model: str) -> str:
    provider, colon, _ = model.partition(":")
    return provider if colon else "glede"


def _request(model: str) -> str:
    """The model as its provider calls it."""
    _, colon, name = model.partition(":")
    return name if colon else model


def _embeds(model: str) -> str:
    """The same of an embedding model, whose name here also tells its version or dimension."""
    return _request(model).partition("@")[0]


def _kind(model: str) -> SpanKind:
    return SpanKind.INTERNAL if _provider(model) == LOCAL else SpanKind.CLIENT


def _on_behalf() -> dict[str, Attribute]:
    """The document that a call is made for; its id says nothing of what is in it."""
    identity = document.get()
    return {"glede.document.id": identity} if identity else {}


def _shown(message: Message) -> dict[str, object]:
    pictures: list[dict[str, str]] = [
        {"type": "blob", "modality": "image", "mime_type": one.media_type} for one in message.pictures
    ]
    return {"role": message.role, "parts": [_text(message.text), *pictures]}


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "content": text}
