"""A question to many rows of the index: compared with every row, and in lists of like rows.

The vectors lie around a few hundred directions, as those of texts about a few hundred subjects do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.ingest_figures import Figure, Watch, peak_mib, quantile
from glede.ports import IndexRow, Vectors
from glede.results import Filter
from glede.stores.milvus import FLAT_ROWS, MilvusIndex

DIMENSION = 512
SUBJECTS = 300
TERMS = 40
SLICE = 512
ASKED = 40
WARM = 5
BEST = 100


class Rows:
    """Made as they are written."""

    def __init__(self, count: int) -> None:
        self._chance = np.random.default_rng(7)
        self._subjects = self._chance.normal(size=(SUBJECTS, DIMENSION))
        self._count = count

    def vectors(self, count: int) -> Vectors:
        """Each near to a subject; of length 1."""
        near = self._subjects[self._chance.integers(SUBJECTS, size=count)]
        found = near + 0.8 * self._chance.normal(size=near.shape)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)

    def __iter__(self) -> Iterator[list[IndexRow]]:
        for start in range(0, self._count, SLICE):
            size = min(SLICE, self._count - start)
            terms = self._chance.integers(1, 50_000, size=(size, TERMS))
            yield [
                IndexRow(f"{start + place:064}", f"{start:064}", "text", (), vector, dict.fromkeys(own, 1.0))
                for place, (vector, own) in enumerate(zip(self.vectors(size), terms.tolist(), strict=True))
            ]


def index(count: int, home: Path) -> list[Figure]:
    """Write the rows once, ask, have lists made, and ask again."""
    rows, watch = Rows(count), Watch()
    home.mkdir(parents=True, exist_ok=True)
    made = MilvusIndex(str(home / "index.db"), flat_rows=count)
    try:
        made.create("default", "bench", DIMENSION)
        for some in rows:
            made.upsert("default", some)
        made.flush("default")
        written = watch.read()
        questions = rows.vectors(ASKED + WARM)
        exact, flat = _asked(made, questions)
        watch = Watch()
        made._flat_rows = FLAT_ROWS
        made.flush("default")
        lists = watch.read()
        near, listed = _asked(made, questions)
    finally:
        made.close()
    recall = np.mean([len(one & other) / len(one) for one, other in zip(exact, near, strict=True)])
    what = f"{count:,} rows of {DIMENSION} dimensions"
    return [
        Figure(f"{what}: CPU to write a row", 1000 * written.cpu / count, "ms"),
        Figure(f"{what}: CPU of a question, p50, FLAT", quantile(flat, 0.5), "ms"),
        Figure(f"{what}: CPU of a question, p95, FLAT", quantile(flat, 0.95), "ms"),
        Figure(f"{what}: CPU of making lists", lists.cpu, "s"),
        Figure(f"{what}: CPU of a question, p50, IVF_FLAT", quantile(listed, 0.5), "ms"),
        Figure(f"{what}: CPU of a question, p95, IVF_FLAT", quantile(listed, 0.95), "ms"),
        Figure(f"{what}: recall@{BEST}, IVF_FLAT", float(recall)),
        Figure(f"{what}: peak memory (VmHWM)", peak_mib(), "MiB"),
    ]


def _asked(made: MilvusIndex, questions: Vectors) -> tuple[list[set[str]], list[float]]:
    """The best of each question, and milliseconds of CPU."""
    found, spent = [], []
    for question in questions:
        began = time.process_time()
        found.append({match.id for match in made.dense("default", question, BEST, Filter())})
        spent.append(1000 * (time.process_time() - began))
    return found[WARM:], spent[WARM:]
