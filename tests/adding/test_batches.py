"""What is stored together: little at first, so that somebody can search, and much from then on."""

from __future__ import annotations

import asyncio

import pytest

from glede.adding import batches as batches_module
from glede.adding.batches import BATCH_CHUNKS, FIRST_CHUNKS, Batches
from glede.adding.ready import Prepared
from glede.adding.runs import Request, Run
from glede.adding.storing import Store
from glede.precedence import Precedence
from glede.testing.fake_catalogue import MemoryCatalogue
from glede.testing.fakes import FakeEmbedder, MemoryBlobs, MemoryIndex
from glede.types import Chunk, Document, Parsed

CHUNKS = 8
"""Of each document."""


def prepared(number: int) -> Prepared:
    name = f"{number}.txt"
    document = Document(name, "1", "0" * 64, "text/plain", 1, "plain", (name,))
    chunks = tuple(Chunk(f"{number}-{part}", name, part, "A kite.", "text") for part in range(CHUNKS))
    return Prepared(number, name, 0.0, b"", document, Parsed("text/plain", "plain", ()), chunks)


async def test_the_first_batch_of_an_add_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches_module, "QUESTIONS", Precedence())  # tests before this one have asked
    batches = Batches(Store(MemoryCatalogue(), MemoryIndex(), MemoryBlobs(), FakeEmbedder()))
    run = Run(Request("default"), None, 200)
    parsed: asyncio.Queue[Prepared | None] = asyncio.Queue()
    for number in range(200):
        parsed.put_nowait(prepared(number))
    parsed.put_nowait(None)
    sizes, more = [], True
    while more and (first := await parsed.get()) is not None:
        batch, more = await batches._batch(first, parsed, run)
        sizes.append(len(batch) * CHUNKS)
    assert sizes == [FIRST_CHUNKS, *[BATCH_CHUNKS] * 3]
