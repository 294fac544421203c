"""Makes an embedder of an embedding endpoint: batches side by side, equal texts once, rows of length 1."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import numpy as np

from glede.endpoints import EmbeddingEndpoint
from glede.errors import DimensionError, GledeError
from glede.ports import Vectors

LEAST = 16
"""Texts of one call, where there are as many: fewer would only make more calls of the same work."""


class BatchedEmbedder:
    """`name` is what vectors are kept by, and so must tell apart all that makes them differ.

    At most `concurrency` batches of one `embed` are under way. A text of white space has a direction of its
    own and costs no call. Where a batch fails, those that were begun end first, so that what they bring is
    kept; no other is begun.
    """

    def __init__(self, endpoint: EmbeddingEndpoint, name: str = "", concurrency: int = 16) -> None:
        self.model = name or endpoint.model
        self.dimension = endpoint.dimension
        self._endpoint = endpoint
        self._concurrency = concurrency

    async def learn(self) -> None:
        """Ask for one vector where nobody knows how long they are."""
        if not self.dimension:
            await self._fetched(["?"])

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text, in order; raises the first error of its batches."""
        told = list(dict.fromkeys(text for text in texts if text.strip()))
        rows = await self._fetched(told)
        await self.learn()
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        nothing = _nothing(self.dimension)
        for place, text in enumerate(texts):
            vectors[place] = rows.get(text, nothing)
        return vectors

    async def _fetched(self, texts: Sequence[str]) -> dict[str, Vectors]:
        # As many calls as may be under way, so that all of them are waited for together.
        share = -(-len(texts) // self._concurrency)
        size = max(1, min(self._endpoint.batch, max(LEAST, share)))
        batches = [texts[start : start + size] for start in range(0, len(texts), size)]
        waiting = iter(batches)
        rows: dict[str, Vectors] = {}
        failures: list[GledeError] = []
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._concurrency, len(batches))):
                group.create_task(self._work(waiting, rows, failures))
        if failures:
            raise failures[0]
        return rows

    async def _work(
        self, waiting: Iterator[Sequence[str]], rows: dict[str, Vectors], failures: list[GledeError]
    ) -> None:
        for batch in waiting:
            if failures:
                return
            try:
                found = await self._endpoint.embed(batch)
                rows.update(zip(batch, self._normal(found.vectors), strict=True))
            except GledeError as error:
                failures.append(error)

    def _normal(self, vectors: Vectors) -> Vectors:
        """The rows at length 1; one that is all zeros has the direction of white space."""
        self.dimension = self.dimension or vectors.shape[1]
        if vectors.shape[1] != self.dimension:
            raise DimensionError(
                f"{self.model} gives {vectors.shape[1]} numbers a vector, and {self.dimension} are expected",
                hint=f"Set GLEDE_EMBED_DIMENSION={vectors.shape[1]}, or name another model.",
            )
        exact = vectors.astype(np.float64)
        lengths = np.linalg.norm(exact, axis=1, keepdims=True)
        normal = np.divide(exact, lengths, out=np.zeros_like(exact), where=lengths > 0)
        normal[lengths[:, 0] == 0] = _nothing(self.dimension)
        return np.asarray(normal, dtype=np.float32)


def _nothing(dimension: int) -> Vectors:
    """The direction of a text that says nothing."""
    vector = np.zeros(dimension, dtype=np.float32)
    vector[:1] = 1
    return vector
