"""How much of the embedder's own speed an `add` keeps, and what the rest costs.

    python -m bench.throughput --documents FOLDER [--rounds 3]

Adds the folder to an empty data folder, then embeds the very same texts with the bare embedder, and prints
texts a second and CPU seconds of both; the best of several rounds, since machines are shared.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from glede import Engine, Settings
from glede.adding.batches import BATCH_CHUNKS
from glede.models.local import LocalEmbedder


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and CPU seconds, ended children included."""

    wall: float
    cpu: float


class Clock:
    """Measures from its making to `read`."""

    def __init__(self) -> None:
        self._wall = time.perf_counter()
        self._cpu = _cpu()

    def read(self) -> Cost:
        """What has been spent so far."""
        return Cost(time.perf_counter() - self._wall, _cpu() - self._cpu)


def _cpu() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


async def add(folder: Path, embedder: LocalEmbedder) -> tuple[Cost, list[str]]:
    """The cost of adding the folder, opening and closing included, and the texts that were embedded."""
    with tempfile.TemporaryDirectory(prefix="glede-bench-") as home:
        clock = Clock()
        async with Engine.open(Settings(home=Path(home)), embedder=embedder) as engine:
            report = await engine.add(folder)
            cost = clock.read()
            documents = await engine.documents()
            chunks = [chunk for document in documents for chunk in await engine.chunks(document)]
    texts = list(dict.fromkeys(chunk.embedding_text() for chunk in chunks))
    # A text of two batches that are under way together is embedded twice: that is part of the cost.
    if len(texts) > report.usage.embedded_texts:
        raise RuntimeError(f"{len(texts)} texts, {report.usage.embedded_texts} embedded")
    return cost, texts


async def bare(texts: list[str], embedder: LocalEmbedder) -> Cost:
    """The cost of embedding alone, in batches of the same size."""
    clock = Clock()
    for start in range(0, len(texts), BATCH_CHUNKS):
        await embedder.embed(texts[start : start + BATCH_CHUNKS])
    return clock.read()


async def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    embedder = LocalEmbedder()
    await embedder.embed(["warm"])
    rounds = []
    for _ in range(arguments.rounds):
        whole, texts = await add(arguments.documents, embedder)
        rounds.append((whole, await bare(texts, embedder)))
    whole, alone = min(rounds, key=lambda pair: pair[0].wall / pair[1].wall)
    count = len(texts)
    print(f"| {count} texts | wall s | texts/s | CPU s |")
    print("|---|---|---|---|")
    for name, cost in (("bare embedder", alone), ("`add`", whole)):
        print(f"| {name} | {cost.wall:.1f} | {count / cost.wall:.0f} | {cost.cpu:.1f} |")
    print(f"| share | | {alone.wall / whole.wall:.2f} | |")


if __name__ == "__main__":
    asyncio.run(main())
