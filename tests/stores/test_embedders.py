"""The embedder in the package and the fake keep the same contract."""

from __future__ import annotations

import asyncio

import pytest

from glede.models.local import LocalEmbedder
from glede.ports import Embedder
from glede.testing.embedder_contract import EmbedderContract
from glede.testing.fakes import FakeEmbedder


class TestFakeEmbedder(EmbedderContract):
    @pytest.fixture(params=[64, 7])
    def embedder(self, request: pytest.FixtureRequest) -> Embedder:
        return FakeEmbedder(request.param)


class TestLocalEmbedder(EmbedderContract):
    @pytest.fixture(scope="class")
    def embedder(self) -> Embedder:
        return LocalEmbedder()


def test_the_fake_counts() -> None:
    embedder = FakeEmbedder()
    asyncio.run(embedder.embed(["a", "b"]))
    asyncio.run(embedder.embed(["a"]))
    assert (embedder.calls, embedder.texts) == (2, 3)
