"""Texts are embedded once, as long as they are among the last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glede.answering.unit_vectors import UnitVectors
from glede.ports import Vectors
from glede.testing.fakes import FakeEmbedder


class Counting(FakeEmbedder):
    """Notes what it is asked for."""

    def __init__(self, model: str = "counting") -> None:
        super().__init__()
        self.model = model
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return await super().embed(texts)


async def test_a_text_is_embedded_once() -> None:
    embedder, vectors = Counting(), UnitVectors()
    first = await vectors.of(embedder, ["kite", "owl", "kite"])
    second = await vectors.of(embedder, ["owl", "hawk", "kite"])
    assert embedder.asked == ["kite", "owl", "hawk"]
    plain = await FakeEmbedder().embed(["kite", "owl", "kite", "owl", "hawk", "kite"])
    assert np.array_equal(np.concatenate([first, second]), plain)


async def test_another_model_has_vectors_of_its_own() -> None:
    one, other, vectors = Counting("one"), Counting("other"), UnitVectors()
    await vectors.of(one, ["kite"])
    await vectors.of(other, ["kite"])
    assert one.asked == other.asked == ["kite"]


async def test_the_last_are_kept() -> None:
    embedder = Counting()
    row = (await FakeEmbedder().embed(["kite"])).nbytes
    vectors = UnitVectors(most_bytes=2 * row)
    for text in ("kite", "owl", "kite", "hawk", "kite", "owl"):
        await vectors.of(embedder, [text])
    assert embedder.asked == ["kite", "owl", "hawk", "owl"]
    many = ["kite", "owl", "hawk", "gull"]
    assert np.array_equal(await vectors.of(embedder, many), await FakeEmbedder().embed(many))
    assert vectors._bytes <= 2 * row
