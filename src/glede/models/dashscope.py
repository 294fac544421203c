"""`dashscope:` models: chat and vision in its compatible mode, multimodal embeddings in its native API.

https://www.alibabacloud.com/help/en/model-studio/multimodal-embedding-api-reference describes the latter:
text and pictures lie in one space, and shape, limits and error codes are its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
from pydantic import BaseModel

from glede.endpoints import Attachment, EmbeddingEndpoint, Embeddings, Tokens
from glede.errors import CredentialsError, RefusedRequestError
from glede.models.json_call import post_json
from glede.models.openai import Address, data_url
from glede.models.openai_chat import OpenAIChat
from glede.models.openai_embedding import DASHSCOPE_BATCH, OpenAIEmbedding
from glede.models.replies import check_vectors, unreadable
from glede.roles import ModelChoice

if TYPE_CHECKING:
    import httpx2

BEIJING = "https://dashscope.aliyuncs.com"
NATIVE = "/api/v1/services/embeddings/multimodal-embedding/multimodal-embedding"
DIMENSIONS = {
    "tongyi-embedding-vision-plus": 1152,
    "tongyi-embedding-vision-flash": 768,
    "multimodal-embedding-v1": 1024,
    "qwen2.5-vl-embedding": 1024,
    "qwen3-vl-embedding": 2560,
}
"""The models of the native API, and the lengths of their vectors."""
ADJUSTABLE = ("tongyi-embedding-vision-", "qwen2.5-vl-embedding", "qwen3-vl-embedding")
TEXTS = 20
"""The most contents of one call."""
PICTURES = 8
"""The most pictures of one call."""
PICTURE_BYTES = 3 * 2**20
"""The largest picture."""


class _Row(BaseModel):
    index: int
    embedding: list[float]


class _Output(BaseModel):
    embeddings: list[_Row]


class _Usage(BaseModel):
    input_tokens: int = 0
    image_tokens: int = 0
    total_tokens: int = 0


class _Reply(BaseModel):
    output: _Output
    usage: _Usage | None = None


class DashScopeEmbedding:
    """One call of the native API, for texts or for pictures."""

    batch = TEXTS
    pictures = PICTURES

    def __init__(self, choice: ModelChoice, http: httpx2.AsyncClient) -> None:
        own = DIMENSIONS[choice.model]
        self.model = choice.name
        self.dimension = choice.dimension or own
        self._choice = choice
        self._http = http
        self._url = f"{root(choice.url)}{NATIVE}"
        asked = self.dimension != own and choice.model.startswith(ADJUSTABLE)
        self._parameters = {"dimension": self.dimension} if asked else {}

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """The vectors of at most 20 texts, in order."""
        return await self._embed([{"text": text} for text in texts])

    async def embed_pictures(self, pictures: Sequence[Attachment]) -> Embeddings:
        """The vectors of at most 8 pictures, in the space of the texts."""
        for picture in pictures:
            if len(picture.data) > PICTURE_BYTES:
                raise RefusedRequestError(
                    f"{self.model} takes pictures of up to {PICTURE_BYTES >> 20} MB, not of "
                    f"{len(picture.data) / 2**20:.1f} MB",
                    hint="Make the picture smaller.",
                )
        return await self._embed([{"image": data_url(one.data, one.media_type)} for one in pictures])

    async def _embed(self, contents: Sequence[dict[str, str]]) -> Embeddings:
        body = {"model": self._choice.model, "input": {"contents": contents}, "parameters": self._parameters}
        reply = await post_json(self._http, self._choice, self._url, body, _Reply)
        rows = sorted(reply.output.embeddings, key=lambda row: row.index)
        if len({len(row.embedding) for row in rows}) > 1:
            raise unreadable(self._choice, "the vectors are of different lengths")
        vectors = np.array([row.embedding for row in rows], dtype=np.float32).reshape(
            len(rows), len(rows[0].embedding) if rows else 0
        )
        check_vectors(self._choice, vectors, len(contents), self.dimension)
        used = reply.usage
        total = used and (used.total_tokens or used.input_tokens + used.image_tokens)
        return Embeddings(vectors, Tokens(total) if total else Tokens(known=False))


def root(url: str) -> str:
    """DashScope's address without the path of one of its APIs."""
    address = (url or BEIJING).rstrip("/")
    for path in ("/compatible-mode", "/api/v1"):
        address = address.partition(path)[0]
    return address


def _compatible(choice: ModelChoice, http: httpx2.AsyncClient) -> Address:
    """The compatible mode beside the native API, or of a host alone; another path is taken as it is."""
    beside = not urlsplit(choice.url).path.strip("/") or "/api/v1" in choice.url
    url = f"{root(choice.url)}/compatible-mode/v1" if beside else choice.url
    return Address(replace(choice, url=url), http)


def _with_key(choice: ModelChoice) -> ModelChoice:
    if not choice.key:
        raise CredentialsError(f"{choice.name} needs a key", hint="Set DASHSCOPE_API_KEY.")
    return choice


def open_dashscope_chat(choice: ModelChoice, http: httpx2.AsyncClient) -> OpenAIChat:
    """The model for `dashscope:MODEL` that writes or sees."""
    return OpenAIChat(_compatible(_with_key(choice), http))


def open_dashscope_embedding(choice: ModelChoice, http: httpx2.AsyncClient) -> EmbeddingEndpoint:
    """The endpoint for `dashscope:MODEL`: native for multimodal models, compatible for texts only."""
    if choice.model in DIMENSIONS:
        return DashScopeEmbedding(_with_key(choice), http)
    return OpenAIEmbedding(_compatible(_with_key(choice), http), DASHSCOPE_BATCH)
