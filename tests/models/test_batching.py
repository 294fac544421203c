"""An embedder of an endpoint keeps the embedder's contract, and wastes no call."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glede.endpoints import Embeddings, Tokens
from glede.errors import DimensionError, ModelError, RefusedRequestError
from glede.models.batching import BatchedEmbedder
from glede.models.cache import CachedEmbedding
from glede.ports import Embedder, Vectors
from glede.testing.embedder_contract import EmbedderContract
from glede.testing.fake_models import FakeEmbeddingEndpoint, MemoryResponses, Script


class TestBatchedEmbedder(EmbedderContract):
    @pytest.fixture(params=[1, 3, 100])
    def embedder(self, request: pytest.FixtureRequest) -> Embedder:
        return BatchedEmbedder(FakeEmbeddingEndpoint(batch=request.param, dimension=64), "fake:words@64")


@settings(max_examples=50, deadline=None)
@given(texts=st.lists(st.sampled_from(["", " ", "kite", "owl", "crane", "a b", "c d e"]), max_size=30))
def test_order_holds_and_equal_texts_are_sent_once(texts: list[str]) -> None:
    endpoint = FakeEmbeddingEndpoint(batch=2)
    vectors = asyncio.run(BatchedEmbedder(endpoint).embed(texts))
    assert sorted(endpoint.texts) == sorted({text for text in texts if text.strip()})
    alone = BatchedEmbedder(FakeEmbeddingEndpoint())
    for text, row in zip(texts, vectors, strict=True):
        assert np.allclose(asyncio.run(alone.embed([text]))[0], row, atol=1e-6)


async def test_batches_run_side_by_side() -> None:
    script = Script(seconds=0.01)
    await BatchedEmbedder(FakeEmbeddingEndpoint(script, batch=2)).embed([f"kite {n}" for n in range(20)])
    assert (script.calls, script.most_active) == (10, 10)


async def test_when_a_batch_fails_the_others_are_kept() -> None:
    error = RefusedRequestError("no")
    script = Script([None, error, None, ModelError("also no")], seconds=0.005)
    endpoint = FakeEmbeddingEndpoint(script, batch=2)
    embedder = BatchedEmbedder(CachedEmbedding(endpoint, MemoryResponses()))
    texts = [f"kite {n}" for n in range(8)]
    with pytest.raises(RefusedRequestError) as caught:
        await embedder.embed(texts)
    assert caught.value is error
    assert script.active == 0
    assert sorted(endpoint.texts) == ["kite 0", "kite 1", "kite 4", "kite 5"]
    await embedder.embed(texts)
    assert sorted(endpoint.texts) == texts


async def test_a_dead_endpoint_is_not_asked_for_ever() -> None:
    script = Script([ModelError("dead") for _ in range(1000)])
    with pytest.raises(ModelError, match="dead"):
        await BatchedEmbedder(FakeEmbeddingEndpoint(script, batch=1)).embed([f"{n}" for n in range(1000)])
    assert script.calls <= 64


async def test_cancellation_reaches_every_batch() -> None:
    script = Script(seconds=60)
    embedder = BatchedEmbedder(FakeEmbeddingEndpoint(script, batch=1))
    call = asyncio.create_task(embedder.embed(["a", "b", "c"]))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (script.active, script.closed) == (0, 3)


async def test_an_unknown_dimension_is_learned() -> None:
    embedder = BatchedEmbedder(FakeEmbeddingEndpoint(known=False))
    assert embedder.dimension == 0
    assert (await embedder.embed(["", " "])).shape == (2, 16)
    assert embedder.dimension == 16
    script = Script()
    embedder = BatchedEmbedder(FakeEmbeddingEndpoint(script, known=False))
    await embedder.learn()
    await embedder.learn()
    assert (embedder.dimension, script.calls) == (16, 1)


class Fixed:
    """An endpoint that gives the same row for everything."""

    def __init__(self, row: list[float], dimension: int) -> None:
        self.model = "fixed"
        self.dimension = dimension
        self.batch = 10
        self._row = row

    async def embed(self, texts: list[str] | tuple[str, ...] | object) -> Embeddings:
        vectors: Vectors = np.array([self._row], dtype=np.float32)
        return Embeddings(vectors, Tokens())


@pytest.mark.parametrize("row", [[0.0, 0.0, 0.0], [1e30, 1e30, 0.0], [1e-30, 0.0, 1e-30]])
async def test_extreme_vectors_get_length_1(row: list[float]) -> None:
    vectors = await BatchedEmbedder(Fixed(row, 3)).embed(["kite"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


async def test_another_length_than_was_said_is_an_error() -> None:
    with pytest.raises(DimensionError) as caught:
        await BatchedEmbedder(Fixed([1.0, 0.0], 3)).embed(["kite"])
    assert "GLEDE_EMBED_DIMENSION=2" in caught.value.hint
