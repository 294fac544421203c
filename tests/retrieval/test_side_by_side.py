"""Questions that come together are searched for a few at a time, in the order in which they came."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable

from glede.ports import TermStatistics, fingerprint_of
from glede.results import Filter
from glede.retrieval.retrieve import SIDE_BY_SIDE, Query, Retrieve
from glede.testing.fakes import FakeEmbedder, MemoryCatalogue, MemoryIndex

HERE = "default"
QUESTIONS = 20


class Watched(MemoryCatalogue):
    """Tells how many questions are searched for, and how many at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.searched = 0
        self.most = 0
        self._now = 0
        self._counting = threading.Lock()

    def term_statistics(self, collection: str, terms: Iterable[int]) -> TermStatistics:
        with self._counting:
            self._now += 1
            self.searched += 1
            self.most = max(self.most, self._now)
        time.sleep(0.01)
        with self._counting:
            self._now -= 1
        return super().term_statistics(collection, terms)


async def test_no_more_are_searched_for_at_a_time() -> None:
    catalogue, index, embedder = Watched(), MemoryIndex(), FakeEmbedder()
    index.create(HERE, fingerprint_of(embedder), embedder.dimension)
    retrieve = Retrieve(catalogue, index, embedder)
    ended: list[int] = []

    async def asked(number: int) -> None:
        await retrieve.search(Query(f"how high is {number}?", HERE, 5, Filter()))
        ended.append(number)

    await asyncio.gather(*(asked(number) for number in range(QUESTIONS)))
    assert catalogue.searched == QUESTIONS
    assert 1 < catalogue.most <= SIDE_BY_SIDE
    assert all(abs(place - number) < SIDE_BY_SIDE for place, number in enumerate(ended))
