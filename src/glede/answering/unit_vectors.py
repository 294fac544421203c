"""Vectors of the sentences that answers quote, kept: questions that follow find the same passages."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from glede.ports import Embedder, Vectors, fingerprint_of

MOST_BYTES = 16 * 2**20
"""Of vectors; 8,000 of the local model."""


class UnitVectors:
    """Embeds texts, each once as long as it is among those that were asked for last."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[tuple[str, str], Vectors] = OrderedDict()
        self._bytes = 0

    async def of(self, embedder: Embedder, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order, as the embedder gives them."""
        model = fingerprint_of(embedder)
        rows = {text: row for text in texts if (row := self._kept.get((model, text))) is not None}
        missing = [text for text in dict.fromkeys(texts) if text not in rows]
        if missing:
            rows.update(zip(missing, await embedder.embed(missing), strict=True))
        for text, row in rows.items():
            self._keep((model, text), row)
        return np.stack([rows[text] for text in texts])

    def _keep(self, key: tuple[str, str], row: Vectors) -> None:
        if key not in self._kept:
            self._kept[key] = row.copy()  # a row alone holds all that were made with it
            self._bytes += row.nbytes
        self._kept.move_to_end(key)
        while self._bytes > self._most:
            self._bytes -= self._kept.popitem(last=False)[1].nbytes
