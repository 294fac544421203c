"""The lists of Milvus Lite's index, made without a warning for each small file."""

from __future__ import annotations

from typing import Any


class Quiet:
    """faiss, whose lists may be trained on as few rows as a file has.

    Each file of Milvus Lite 3.2 has lists of its own, also the small one of the last few rows, until it is
    joined with others. faiss says on standard error that 39 rows a list would be better.
    """

    def __init__(self, faiss: Any) -> None:  # noqa: ANN401 - it has no types
        self._faiss = faiss

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._faiss, name)

    def IndexIVFFlat(self, *arguments: Any) -> Any:  # noqa: ANN401, N802 - faiss's own name
        """The index, content with one row a list."""
        index = self._faiss.IndexIVFFlat(*arguments)
        index.cp.min_points_per_centroid = 1
        return index


def train_quietly() -> None:
    """Have Milvus Lite train so, in this process; doing it twice is doing it once."""
    from milvus_lite.index import faiss_ivf_flat

    if not isinstance(faiss_ivf_flat.faiss, Quiet):
        faiss_ivf_flat.faiss = Quiet(faiss_ivf_flat.faiss)
