"""What Milvus Lite keeps of an index beside the rows: whole or not at all, and without a warning.

Milvus Lite 3.2 writes these files where it reads them. A process that was killed in between, or had no room
left, leaves a part, with which the collection does not open again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

_PART = ".part"
_NEEDLESS = ".flat.idx"
"""The vectors once more, as they stand in the rows."""


class Careful:
    """faiss, which writes its lists beside their place, and may train them on as few rows as a file has.

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

    def write_index(self, index: Any, path: str) -> None:  # noqa: ANN401
        """Write the file, which is there once it is whole."""
        self._faiss.write_index(index, path + _PART)
        Path(path + _PART).replace(path)


def keep_carefully() -> None:
    """Have Milvus Lite keep them so, in this process; doing it twice is doing it once."""
    from milvus_lite.index import faiss_ivf_flat
    from milvus_lite.index.brute_force import BruteForceIndex

    if not isinstance(faiss_ivf_flat.faiss, Careful):
        faiss_ivf_flat.faiss = Careful(faiss_ivf_flat.faiss)
        BruteForceIndex.save = _needless


def _needless(_: object, path: str) -> None:
    """There is nothing to be saved that takes longer to make than to read."""


def forget_parts(folder: Path) -> None:
    """Remove from a collection what was not written to its end, and what an older version kept needlessly."""
    for path in folder.glob("partitions/*/indexes/*"):
        if path.name.endswith((_PART, _NEEDLESS)):
            path.unlink()
