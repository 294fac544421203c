"""Asks the model of each role one tiny thing, past cache and retries, and tells how it went."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from glede.endpoints import Attachment, EmbeddingEndpoint, Message, PictureEndpoint, Prompt
from glede.errors import GledeError
from glede.providers import LOCAL, local_embedder
from glede.registry import open_chat, open_embedder, open_reranker
from glede.roles import ROLES, ModelChoice, model_of
from glede.settings import Settings

if TYPE_CHECKING:
    import httpx2

NAMES = {
    "chat": "chat model",
    "vision": "vision model",
    "embed": "embedding model",
    "extract": "extraction model",
    "rerank": "reranker",
}
FEW_TOKENS = 16
BLIND = "sees no pictures: words find them by what is said of them, a picture finds pictures that look alike"
DOT = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAAAAABWESUoAAAAFklEQVR42mNoIAAYRhWMKhhVMFIVAABCAAAfN5c2AAAA"
    "AABJRU5ErkJggg=="
)
"""A picture of 32 x 32 points."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, whether it is well, and what to do if not; `code` names the kind."""

    name: str
    ok: bool
    detail: str
    hint: str = ""
    code: str = ""


async def asked_models(settings: Settings) -> AsyncIterator[Finding]:
    """A finding for each role that has a model of its own."""
    from glede.models.http import open_client  # loads with what it needs

    async with open_client() as http:
        for role in ROLES:
            try:
                choice = model_of(settings, role)
                if choice is None or (role == "extract" and not settings.extract):
                    continue
                began = time.perf_counter()
                said = await _asked(settings, choice, http)
            except GledeError as error:
                yield Finding(NAMES[role], False, error.message, error.hint, error.code)
                continue
            taken = (time.perf_counter() - began) * 1000
            yield Finding(NAMES[role], True, f"{choice.name}, {said}, {taken:.0f} ms")


async def _asked(settings: Settings, choice: ModelChoice, http: httpx2.AsyncClient) -> str:
    if choice.role == "embed":
        return await _embedded(settings, choice, http)
    if choice.role == "rerank":
        ranking = await open_reranker(choice, http).rerank("kite", ["a red kite", "a table"])
        return f"{len(ranking.scores)} scores"
    pictures = (Attachment(DOT, "image/png"),) if choice.role == "vision" else ()
    prompt = Prompt((Message("user", "Answer with the word OK.", pictures),), max_tokens=FEW_TOKENS)
    reply = await open_chat(choice, http).chat(prompt)
    return f"answers {' '.join(reply.text.split())[:20]!r}"


async def _embedded(settings: Settings, choice: ModelChoice, http: httpx2.AsyncClient) -> str:
    if choice.provider == LOCAL:
        vectors = await local_embedder(settings).embed(["the red kite"])
        return f"{vectors.shape[1]} dimensions, {BLIND}"
    endpoint = cast("EmbeddingEndpoint", open_embedder(choice, http))
    found = await endpoint.embed(["the red kite"])
    said = f"{found.vectors.shape[1]} dimensions"
    if not isinstance(endpoint, PictureEndpoint):
        return f"{said}, {BLIND}"
    await endpoint.embed_pictures([Attachment(DOT, "image/png")])
    return f"{said}, sees pictures: words find them, and a picture finds texts and pictures"
