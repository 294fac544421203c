"""What is stored together: little at first, so that somebody can search, and much from then on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import pytest

from glede.adding import batches as batches_module
from glede.adding import runs
from glede.adding.batches import ASKED_CHUNKS, BATCH_CHUNKS, FIRST_CHUNKS, LINGER, Batches, Waiting
from glede.adding.ready import Prepared
from glede.adding.runs import FIRST_DOCUMENTS, Request, Run
from glede.adding.storing import Embedded, Store
from glede.knowledge import DocumentGraph
from glede.precedence import Precedence
from glede.results import Added
from glede.testing.fake_catalogue import MemoryCatalogue
from glede.testing.fakes import FakeEmbedder, MemoryBlobs, MemoryIndex
from glede.types import Chunk, Document, Parsed

CHUNKS = 8
"""Of each document."""


def prepared(number: int, data: bytes = b"") -> Prepared:
    name = f"{number}.txt"
    document = Document(name, "1", "0" * 64, "text/plain", 1, "plain", (name,))
    chunks = tuple(Chunk(f"{number}-{part}", name, part, "A kite.", "text") for part in range(CHUNKS))
    return Prepared(number, name, 0.0, data, document, Parsed("text/plain", "plain", ()), chunks)


class Sizes(Store):
    """Notes how many chunks are stored together."""

    sizes: ClassVar[list[int]] = []

    async def embed(self, batch: Sequence[Prepared]) -> Embedded:
        self.sizes.append(sum(len(one.chunks) for one in batch))
        return Embedded(batch, {}, {})


async def _flow(count: int, run: Run) -> list[int]:
    parsed: asyncio.Queue[Prepared | None] = asyncio.Queue()
    for number in range(count):
        parsed.put_nowait(prepared(number))
    parsed.put_nowait(None)
    Sizes.sizes.clear()
    store = Sizes(MemoryCatalogue(), MemoryIndex(), MemoryBlobs(), FakeEmbedder())
    await Batches(store).embed(parsed, asyncio.Queue(), run)
    return list(Sizes.sizes)


async def test_the_first_batches_of_an_add_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches_module, "QUESTIONS", Precedence())  # tests before this one have asked
    run = Run(Request("default"), None, 200, under_way=200)
    sizes = await _flow(200, run)
    assert sizes[:4] == [FIRST_CHUNKS, 4 * FIRST_CHUNKS, 16 * FIRST_CHUNKS, BATCH_CHUNKS]
    assert sum(sizes) == 200 * CHUNKS
    assert run.under_way == 0


class Knowing:
    """Has heard of each document by the time that it is stored."""

    def start(self, total: int) -> None: ...
    def done(self, item: Added) -> None: ...
    def stage(self, name: str, source: str) -> None: ...
    def foresee(self, prepared: Prepared) -> None: ...

    def latest(self, prepared: Prepared) -> Prepared:
        return replace(prepared, graph=DocumentGraph(prepared.document.id, "heard@1"))


async def test_what_is_known_of_a_document_by_then_is_stored_with_it() -> None:
    catalogue = MemoryCatalogue()
    store = Store(catalogue, MemoryIndex(), MemoryBlobs(), FakeEmbedder())
    await store.open("default")
    ready: asyncio.Queue[Embedded | None] = asyncio.Queue()
    ready.put_nowait(await store.embed([prepared(1)]))
    ready.put_nowait(None)
    await Batches(store).keep(ready, Run(Request("default"), Knowing(), 1))
    graph = catalogue.graph.read("default", "1.txt")
    assert graph is not None
    assert graph.extractor == "heard@1"


async def test_batches_are_small_while_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    asking = Precedence()
    monkeypatch.setattr(batches_module, "QUESTIONS", asking)
    with asking.first():
        sizes = await _flow(200, Run(Request("default"), None, 200, under_way=200))
    assert max(sizes) == ASKED_CHUNKS


async def test_a_batch_waits_for_nobody_where_nothing_is_read() -> None:
    run = Run(Request("default"), None, 200, under_way=1)
    parsed: asyncio.Queue[Prepared | None] = asyncio.Queue()
    batches = Batches(Store(MemoryCatalogue(), MemoryIndex(), MemoryBlobs(), FakeEmbedder()))
    async with asyncio.timeout(LINGER / 2):
        batch, more = await batches._batch(prepared(0), parsed, run, BATCH_CHUNKS)
    assert len(batch) == 1
    assert more


async def test_the_first_documents_go_before_all_others() -> None:
    run = Run(Request("default"), None, 100)
    turns = [asyncio.create_task(run.turn()) for _ in range(FIRST_DOCUMENTS + 3)]
    await asyncio.sleep(0.01)
    assert run.begun == FIRST_DOCUMENTS
    run.end(0, Added("0.txt", "unchanged"))
    await asyncio.sleep(0.01)
    assert run.begun == FIRST_DOCUMENTS + 1
    run.end(1, Added("1.txt", "searchable"))
    await asyncio.gather(*turns)
    assert run.begun == FIRST_DOCUMENTS + 3


async def test_others_wait_for_slow_ones_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "FIRST_SECONDS", 0.05)
    run = Run(Request("default"), None, 100, under_way=FIRST_DOCUMENTS)
    async with asyncio.timeout(5):
        await asyncio.gather(*(run.turn() for _ in range(50)))
    assert run.begun == 50


async def test_long_documents_wait_until_those_before_them_are_embedded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches_module, "WAITING_CHUNKS", 3 * CHUNKS)
    parsed = Waiting()
    for number in range(3):
        parsed.put_nowait(prepared(number))
    assert parsed.full()
    last = asyncio.create_task(parsed.put(prepared(3)))
    await asyncio.sleep(0)
    assert not last.done()
    assert [(await parsed.get() or prepared(9)).place for _ in range(3)] == [0, 1, 2]
    await last
    assert not parsed.full()


async def test_large_documents_wait_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches_module, "WAITING_BYTES", 3 * 2**20)
    parsed = Waiting()
    for number in range(3):
        assert not parsed.full()
        parsed.put_nowait(prepared(number, bytes(2**20)))
    assert parsed.full()
    parsed.get_nowait()
    assert not parsed.full()


async def test_a_batch_ends_where_its_documents_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches_module, "BATCH_BYTES", 3 * 2**20)
    batches = Batches(Store(MemoryCatalogue(), MemoryIndex(), MemoryBlobs(), FakeEmbedder()))
    parsed = Waiting()
    for number in range(1, 9):
        parsed.put_nowait(prepared(number, bytes(2**20)))
    run = Run(Request("default"), None, 9, under_way=9)
    batch, _ = await batches._batch(prepared(0, bytes(2**20)), parsed, run, BATCH_CHUNKS)
    assert len(batch) == 3


async def test_one_document_is_taken_however_long_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches_module, "WAITING_CHUNKS", 1)
    parsed = Waiting()
    parsed.put_nowait(prepared(0))
    ending = asyncio.create_task(parsed.put(None))
    assert await parsed.get() == prepared(0)
    await ending
    assert await parsed.get() is None
    assert parsed.empty()
