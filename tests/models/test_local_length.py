"""The packaged embedder on texts of any length."""

from __future__ import annotations

import numpy as np

from glede.models.local import MOST_CHARACTERS, LocalEmbedder


async def test_a_very_long_text_is_embedded_by_its_beginning() -> None:
    embedder = LocalEmbedder()
    long = "the red kite soars over the ridge and turns " * 2000
    texts = [long, long[:MOST_CHARACTERS], f"{long[: MOST_CHARACTERS - 12]} and no more"]
    whole, beginning, other = await embedder.embed(texts)
    assert np.allclose(whole, beginning, atol=1e-6)
    assert not np.allclose(other, beginning, atol=1e-6)
