"""How soon the first document of a folder is found, and what one more costs in a large collection.

The first document is searched for until it is found, while the others are still being added: with the local
embedder and the graph by rules, and again with a slow model for the graph, which must not delay it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from bench.graph_llm import Seen, serve
from bench.ingest_figures import Figure, Watch, cpu_seconds
from bench.serving import served
from glede import Content, Engine, Settings
from glede.results import Added
from glede.testing.fakes import FakeEmbedder

MOST_SECONDS = 3.0
SLOW = 4.0
"""Seconds of a model's answer."""
ROUNDS = 5
MOST_MORE = 1.3


class First:
    """Notes when the first document was acknowledged."""

    def __init__(self) -> None:
        self.source: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def start(self, total: int) -> None:
        """See `glede.ports.Progress`; so for the others."""
        del total

    def stage(self, name: str, source: str) -> None:
        """Nothing to note."""
        del name, source

    def done(self, item: Added) -> None:
        """A document has ended."""
        if item.status == "searchable" and not self.source.done():
            self.source.set_result(item.source)


async def first_of(folder: Path, home: Path, values: Mapping[str, object]) -> tuple[float, float, float]:
    """Seconds to open, to the first document that a search finds, and CPU seconds to there."""
    began, watch = time.perf_counter(), Watch()
    async with Engine.open(Settings.model_validate({"home": home, **values})) as engine:
        opened, progress = time.perf_counter() - began, First()
        adding = asyncio.create_task(engine.add(folder, progress=progress))
        source = await progress.source
        words = " ".join(Path(source).read_text(encoding="utf-8").split()[:12])
        while not any(hit.source == source for hit in await engine.search(words, mode="naive")):
            await asyncio.sleep(0.01)
        found = watch.read()
        for job in engine.lines.tracking.running:
            engine.cancel(job.id)
        await adding
    return opened, found.wall, found.cpu


async def first(texts: Sequence[str], home: Path) -> list[Figure]:
    """A folder of all the texts, as files."""
    folder = home / "documents"
    folder.mkdir(parents=True)
    for number, text in enumerate(texts):
        (folder / f"{number:05}.md").write_text(text, encoding="utf-8")
    figures = await _first(folder, home / "local", "graph by rules", {})
    with served(serve, Seen) as server:
        server.seen(SLOW)
        by_model = {
            "extractor": "llm", "extract": "openai:stub", "openai_url": server.url, "openai_key": "sk-bench",
        }  # fmt: skip
        figures += await _first(folder, home / "model", f"graph by a model of {SLOW:g} s a call", by_model)
    return figures


async def _first(folder: Path, home: Path, what: str, values: Mapping[str, object]) -> list[Figure]:
    opened, wall, cpu = await first_of(folder, home, values)
    count = len(list(folder.iterdir()))
    name = f"first of {count} documents, {what}"
    return [
        Figure(f"{name}: found after", wall, "s", most=MOST_SECONDS),
        Figure(f"{name}: of which opening", opened, "s"),
        Figure(f"{name}: CPU", cpu, "s"),
    ]


async def _one_more(texts: Sequence[str], count: int, home: Path) -> float:
    """CPU seconds of one document more beside `count`; the median, after one that loads what loads."""
    async with Engine.open(Settings(home=home), embedder=FakeEmbedder(384)) as engine:
        contents = [Content(text, f"{number}.md") for number, text in enumerate(texts)]
        await engine.add(*contents[:count])
        await engine.search("which is the first?")
        spent = []
        for number in range(ROUNDS + 1):
            before = cpu_seconds()
            await engine.add(Content(texts[-1 - number], f"more-{number}.md"))
            spent.append(cpu_seconds() - before)
    return median(spent[1:])


async def one_more(texts: Sequence[str], sizes: tuple[int, int], home: Path) -> list[Figure]:
    """What one document costs in a small and in a large collection."""
    few, many = [await _one_more(texts, size, home / str(size)) for size in sizes]
    return [
        Figure(f"one more to {sizes[0]}: CPU", 1000 * few, "ms"),
        Figure(f"one more to {sizes[1]:,}: CPU", 1000 * many, "ms"),
        Figure("the second over the first", many / few, "times", most=MOST_MORE),
    ]
