"""A question is embedded beside documents, and does not wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from threading import Event

import numpy as np

from glede.models.local import FEW, SLICE, WORKERS, LocalEmbedder
from glede.ports import Vectors


class Waiting:
    """Computes for documents only after the question."""

    def __init__(self) -> None:
        self.asked = Event()
        self.sizes: list[int] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        if len(texts) > FEW:
            self.sizes.append(len(texts))
            assert self.asked.wait(60)
        return np.ones((len(texts), LocalEmbedder.dimension), dtype=np.float32)


async def test_a_question_passes_the_documents_by() -> None:
    embedder, encoder = LocalEmbedder(), Waiting()
    embedder._encoder = encoder
    documents = asyncio.create_task(embedder.embed(["a text"] * (SLICE * WORKERS * 3)))
    await asyncio.sleep(0)
    question = await asyncio.wait_for(embedder.embed(["how high?"]), 30)
    assert question.shape == (1, LocalEmbedder.dimension)
    assert not documents.done()
    encoder.asked.set()
    assert len(await documents) == SLICE * WORKERS * 3


async def test_what_was_not_begun_is_dropped_with_its_call() -> None:
    embedder, encoder = LocalEmbedder(), Waiting()
    embedder._encoder = encoder
    documents = asyncio.create_task(embedder.embed(["a text"] * (SLICE * WORKERS * 10)))
    while len(encoder.sizes) < WORKERS:
        await asyncio.sleep(0.01)
    documents.cancel()
    await asyncio.gather(documents, return_exceptions=True)
    encoder.asked.set()
    await asyncio.wait_for(embedder.embed(["a text"] * SLICE), 30)
    assert documents.cancelled()
    assert len(encoder.sizes) <= 2 * WORKERS + 1


class Refusing:
    """Computes nothing before it is told to, and takes no text that cannot be encoded."""

    def __init__(self) -> None:
        self.go = Event()
        self.sizes: list[int] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        assert self.go.wait(60)
        self.sizes.append(len(texts))
        return np.array([[len(text.encode())] * LocalEmbedder.dimension for text in texts], dtype=np.float32)


async def test_questions_that_wait_are_computed_together() -> None:
    embedder, encoder = LocalEmbedder(), Refusing()
    embedder._encoder = encoder
    asking = [asyncio.create_task(embedder.embed([f"how high is {number}?"])) for number in range(SLICE * 2)]
    await asyncio.sleep(0)
    encoder.go.set()
    found = await asyncio.gather(*asking)
    assert all(vectors.shape == (1, LocalEmbedder.dimension) for vectors in found)
    assert len(encoder.sizes) <= 3
    assert sum(encoder.sizes) == SLICE * 2
    assert not embedder._asking


async def test_a_question_that_is_no_text_fails_alone() -> None:
    embedder, encoder = LocalEmbedder(), Refusing()
    embedder._encoder = encoder
    words = ["how high?", "how \ud800?", "how long?"]
    asking = [asyncio.create_task(embedder.embed([text])) for text in words]
    await asyncio.sleep(0)
    encoder.go.set()
    first, second, third = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(second, UnicodeEncodeError)
    assert isinstance(first, np.ndarray)
    assert isinstance(third, np.ndarray)
