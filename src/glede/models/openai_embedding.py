"""Embeddings at an address of OpenAI's shape."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel

from glede.endpoints import Embeddings, Tokens
from glede.models.openai import Address
from glede.models.replies import check_vectors, unreadable
from glede.ports import Vectors
from glede.roles import ModelChoice

if TYPE_CHECKING:
    import httpx2

DIMENSIONS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
    "text-embedding-v4": 1024,
    "text-embedding-v3": 1024,
}
"""The lengths of vectors that need not be asked for."""
ADJUSTABLE = ("text-embedding-3-", "text-embedding-v3", "text-embedding-v4")
"""Begin the names of models whose vectors can be had shorter (Kusupati et al. 2022, arXiv 2205.13147)."""
BATCH = 256
DASHSCOPE_BATCH = 10
"""The most inputs of DashScope's text-embedding-v3 and -v4."""


class _Row(BaseModel):
    index: int
    embedding: str | list[float]


class _Usage(BaseModel):
    prompt_tokens: int = 0
    total_tokens: int = 0


class _Reply(BaseModel):
    data: list[_Row]
    usage: _Usage | None = None


class OpenAIEmbedding:
    """One call for up to `batch` texts; `dimension` is 0 where nobody knows it before the first call."""

    def __init__(self, address: Address, batch: int = BATCH) -> None:
        choice = address.choice
        own = DIMENSIONS.get(choice.model, 0)
        self.model = choice.name
        self.dimension = choice.dimension or own
        self.batch = batch
        self._address = address
        self._asked = choice.dimension if choice.dimension != own and _adjustable(choice.model) else 0
        # Four bytes a number instead of about twelve; others may know text only.
        self._encoding = "base64" if choice.provider == "openai" else "float"

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """The vectors of at most `batch` texts, in order."""
        choice = self._address.choice
        body: dict[str, object] = {
            "model": choice.model,
            "input": list(texts),
            "encoding_format": self._encoding,
        }
        if self._asked:
            body["dimensions"] = self._asked
        reply = await self._address.send(_Reply, "/embeddings", body)
        vectors = _rows(choice, reply.data)
        check_vectors(choice, vectors, len(texts), self.dimension)
        used = reply.usage
        tokens = Tokens(used.prompt_tokens or used.total_tokens) if used else Tokens(known=False)
        return Embeddings(vectors, tokens)


def _adjustable(model: str) -> bool:
    return model.startswith(ADJUSTABLE)


def _rows(choice: ModelChoice, data: Sequence[_Row]) -> Vectors:
    rows = [_numbers(choice, row.embedding) for row in sorted(data, key=lambda row: row.index)]
    if len({len(row) for row in rows}) > 1:
        raise unreadable(choice, "the vectors are of different lengths")
    return np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)


def _numbers(choice: ModelChoice, value: str | list[float]) -> Vectors:
    if isinstance(value, list):
        return np.array(value, dtype=np.float32)
    try:
        return np.frombuffer(base64.b64decode(value, validate=True), dtype="<f4").astype(np.float32)
    except ValueError as error:
        raise unreadable(choice, "a vector is no base64 of 32-bit numbers") from error


def open_openai_embedding(choice: ModelChoice, http: httpx2.AsyncClient) -> OpenAIEmbedding:
    """The endpoint for `openai:MODEL`."""
    return OpenAIEmbedding(Address(choice, http))
