"""What every embedder must do, as tests to inherit: `class TestMine(EmbedderContract)` with a fixture."""

from __future__ import annotations

import asyncio

import numpy as np

from glede.ports import Embedder, Vectors

TEXTS = (
    "The red kite has a forked tail.",
    "",
    " \n\t",
    "Der Rotmilan hat einen gegabelten Schwanz.",
    "赤鳶は尾が二股に分かれている。",
    "E = mc² \x00 🪁 \u202e ﷽",
    "kite " * 3000,
)


class EmbedderContract:
    """Define a fixture `embedder`."""

    def test_rows_are_of_length_1(self, embedder: Embedder) -> None:
        """One row of 32-bit numbers a text, also for texts that say nothing or too much."""
        vectors = _embed(embedder, *TEXTS)
        assert vectors.shape == (len(TEXTS), embedder.dimension)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)

    def test_no_texts_no_rows(self, embedder: Embedder) -> None:
        """The shape holds all the same."""
        assert _embed(embedder).shape == (0, embedder.dimension)

    def test_a_text_has_one_vector(self, embedder: Embedder) -> None:
        """Whenever it is asked for, and whatever it is asked with."""
        together = _embed(embedder, *TEXTS)
        for text, row in zip(TEXTS, together, strict=True):
            assert np.allclose(_embed(embedder, text)[0], row, atol=1e-4)
        assert np.allclose(_embed(embedder, *reversed(TEXTS))[::-1], together, atol=1e-4)

    def test_likeness_is_the_inner_product(self, embedder: Embedder) -> None:
        """A text is most like itself, and more like one that says the same than like any other."""
        question, same, other = _embed(
            embedder,
            "What tail does the red kite have?",
            "The red kite has a forked tail.",
            "Interest rates rose by two percent in March.",
        )
        assert float(question @ same) > float(question @ other)
        assert float(same @ same) > float(question @ same)

    def test_calls_may_overlap(self, embedder: Embedder) -> None:
        """Rows do not get mixed up between calls."""

        async def all_at_once() -> list[Vectors]:
            return list(await asyncio.gather(*(embedder.embed([text]) for text in TEXTS)))

        together = _embed(embedder, *TEXTS)
        for row, vectors in zip(together, asyncio.run(all_at_once()), strict=True):
            assert np.allclose(vectors[0], row, atol=1e-4)

    def test_has_a_name(self, embedder: Embedder) -> None:
        """It tells models apart, so it may not be empty."""
        assert embedder.model.strip()
        assert embedder.dimension > 0


def _embed(embedder: Embedder, *texts: str) -> Vectors:
    async def ask() -> Vectors:
        return await embedder.embed(list(texts))

    return asyncio.run(ask())
