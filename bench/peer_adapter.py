"""Glede in the peers' harness: the same documents, the same stub model, the same phases.

The harness runs this file inside a virtual environment of ours (see docs/benchmarks.md) and hands it the
address of its stub, whose embeddings take the place of the local model's. With `--variant llm` the stub reads
each document for the graph too, one call for each, through our own clients.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import httpx2
import numpy as np
import orjson
from openai import AsyncOpenAI
from peerbench.adapters.base import Adapter, Config, Doc

from glede import Content, Engine, Settings
from glede.ports import Vectors

BATCH = 128


class StubEmbedder:
    """The harness' embeddings over HTTP as the engine's own client asks for them, one client for life."""

    def __init__(self, config: Config) -> None:
        self.model = f"stub-{config.dim}"
        self.dimension = config.dim
        self._client = AsyncOpenAI(base_url=config.base_url, api_key="stub", max_retries=0, timeout=120)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        parts = [list(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        rows = await asyncio.gather(*map(self._part, parts))
        vectors = np.concatenate(rows).reshape(-1, self.dimension)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)

    async def _part(self, texts: list[str]) -> Vectors:
        body = {"model": "stub", "input": texts, "dimensions": self.dimension, "encoding_format": "base64"}
        reply = await self._client.post("/embeddings", cast_to=httpx2.Response, body=body)
        rows = orjson.loads(reply.content)["data"]
        return np.frombuffer(b"".join(base64.b64decode(row["embedding"]) for row in rows), dtype="<f4")


class GledeAdapter(Adapter):  # type: ignore[misc] # the harness is not installed where this is checked
    """The harness' contract on the engine."""

    modes = ("naive", "mix")

    async def open(self) -> None:
        self._opening: AbstractAsyncContextManager[Engine] = self._opened()
        self._engine = await self._opening.__aenter__()

    def _opened(self) -> AbstractAsyncContextManager[Engine]:
        home = self.config.workdir / "glede"
        if self.config.variant != "llm":
            return Engine.open(Settings(home=home), embedder=StubEmbedder(self.config))
        values = {
            "home": home, "extractor": "llm", "extract": "openai:stub", "embed": "openai:stub",
            "embed_dimension": self.config.dim, "openai_url": self.config.base_url, "openai_key": "stub",
            "model_concurrency": self.config.concurrency,
        }  # fmt: skip
        return Engine.open(Settings.model_validate(values))

    async def ingest(self, docs: list[Doc]) -> None:
        report = await self._engine.add(*(Content(doc.text, f"{doc.id}.md") for doc in docs))
        if report.failed:
            raise RuntimeError(str(report.failed[0]))

    async def delete(self, doc_id: str) -> None:
        await self._engine.delete(f"{doc_id}.md")

    async def retrieve(self, mode: str, question: str, keywords: tuple[list[str], list[str]]) -> str:
        hits = await self._engine.search(question, limit=20, mode="mix" if mode == "mix" else "naive")
        return "\n".join(hit.chunk.text for hit in hits)

    async def counts(self) -> dict[str, int]:
        documents = await self._engine.documents()
        return {"docs": len(documents), "chunks": sum(document.chunks for document in documents)}

    async def close(self) -> None:
        await self._opening.__aexit__(None, None, None)


ADAPTER = GledeAdapter
