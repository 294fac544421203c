"""What documents cost the graph at several sizes, all and one more, and what questions read of it.

    python -m bench.graph_cost [--sizes 50,200,500,1500] [--chunks 7] [--entities 11]

Documents are made up: each chunk names so many entities, drawn by Zipf's law, and each document the same hub.
Bytes are those written to files of the database, its log included; CPU is that of the process. How much grows
with the documents is told as the power of their number that fits best.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from math import log
from pathlib import Path
from statistics import linear_regression

from glede.graph.names import entity_of
from glede.knowledge import ALL, Alias, DocumentGraph, Fact, Mention
from glede.ports import Commit
from glede.stores.catalogue import SqlCatalogue
from glede.testing.catalogue_contract import HERE, sample_commit

ROUNDS = 10
NAMES = 40_000
AT_ONCE = 30
ENTITIES, CHUNKS, PLACES = 300, 200, 64


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds and kilobytes written."""

    cpu: float
    written: float


def cost_of(work: Callable[[], object]) -> Cost:
    """What a piece of work costs."""
    cpu, written = _cpu(), _written()
    work()
    return Cost((_cpu() - cpu) * 1e3, (_written() - written) / 1e3)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _written() -> int:
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar"))


class Documents:
    """Documents that follow from their number alone."""

    def __init__(self, chunks: int, entities: int) -> None:
        self._chunks = chunks
        self._entities = entities
        self._weights = list(accumulate(1 / (rank + 8) for rank in range(NAMES)))

    def names(self, draw: random.Random, count: int) -> list[str]:
        """Names of entities, frequent and rare, each once."""
        ranks = (bisect(self._weights, draw.random() * self._weights[-1]) for _ in range(count))
        return [f"Entity {rank} of House{rank * 7 % 1000}" for rank in dict.fromkeys(ranks)]

    def commit(self, number: int, *, with_graph: bool = True) -> Commit:
        """A document, with what it says."""
        made = sample_commit(f"document {number}", f"{number}.txt", chunks=self._chunks)
        return replace(made, graph=self._graph(number, made.document.id)) if with_graph else made

    def _graph(self, number: int, document_id: str) -> DocumentGraph:
        draw = random.Random(number)
        mentions = [Mention("Hub", "organization", number % self._chunks)]
        facts: list[Fact] = []
        for chunk in range(self._chunks):
            names = self.names(draw, self._entities)
            mentions += [Mention(name, "name", chunk, subject=not place) for place, name in enumerate(names)]
            facts += [Fact(names[0], "works with", name, chunk) for name in names[1:3]]
        aliases = (Alias(f"A{number % 676}BC", self.names(draw, 1)[0], 0),)
        return DocumentGraph(document_id, "bench", tuple(mentions), tuple(facts), aliases)


def building(documents: Documents, sizes: list[int], *, with_graph: bool) -> Iterator[str]:
    """A row for all documents of each size, and the powers with which CPU and bytes grow."""
    costs: list[Cost] = []
    name = "with" if with_graph else "without"
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="glede-bench-") as home:
            cost = cost_of(lambda home=home, size=size: build(home, documents, size, with_graph))  # type: ignore[misc]
            disk = sum(path.stat().st_size for path in Path(home).iterdir()) / 1e3
        costs.append(cost)
        each = f"{cost.cpu / size:.1f} | {cost.written / size:.0f} | {disk / size:.0f}"
        yield f"| {size} | {name} | {each} | {cost.written / disk:.1f} |"
    powers = (power(sizes, [getattr(cost, field) for cost in costs]) for field in ("cpu", "written"))
    yield f"| power | {name} | {' | '.join(f'{one:.2f}' for one in powers)} | | |"


def build(home: str, documents: Documents, size: int, with_graph: bool) -> None:
    """A catalogue of so many documents, written in batches and closed."""
    catalogue = SqlCatalogue(f"sqlite:///{home}/catalogue.db")
    for first in range(0, size, AT_ONCE):
        numbers = range(first, min(size, first + AT_ONCE))
        catalogue.commit(HERE, [documents.commit(number, with_graph=with_graph) for number in numbers])
    catalogue.close()


def power(sizes: list[int], costs: list[float]) -> float:
    """The power of the size with which costs grow, by least squares of logarithms."""
    if len(sizes) < 2:
        return 1.0
    return linear_regression([log(size) for size in sizes], [log(cost) for cost in costs]).slope


def writing(catalogue: SqlCatalogue, documents: Documents, size: int) -> Iterator[str]:
    """A row for adding and deleting one document, without and with its graph."""
    for with_graph in (False, True):
        commits = [documents.commit(10**6 + n, with_graph=with_graph) for n in range(ROUNDS)]
        added = [cost_of(lambda one=one: catalogue.commit(HERE, [one])) for one in commits]  # type: ignore[misc]
        removed = [
            cost_of(lambda one=one: catalogue.remove(HERE, [one.document.id]))  # type: ignore[misc]
            for one in commits
        ]
        cells = (f"{_mean(costs, 'cpu'):.1f} | {_mean(costs, 'written'):.0f}" for costs in (added, removed))
        yield f"| {size} | {'with' if with_graph else 'without'} | {' | '.join(cells)} |"


def _mean(costs: list[Cost], field: str) -> float:
    return sum(float(getattr(cost, field)) for cost in costs) / len(costs)


def reading(catalogue: SqlCatalogue, documents: Documents) -> Iterator[str]:
    """A row for each read of one question, and of the hub."""
    graph = catalogue.graph
    names = documents.names(random.Random("question"), 2 * ENTITIES)
    entities, hub = [entity_of(name) for name in names[:ENTITIES]], [entity_of("Hub")]
    found = graph.places(HERE, entities, PLACES, ALL)
    chunks = list({place.chunk for places in found.values() for place in places})[:CHUNKS]
    few = entities[:30]
    for name, read in (
        (f"places of {len(entities)}", lambda: graph.places(HERE, entities, PLACES, ALL)),
        (f"places of {len(entities)}, at most 9", lambda: graph.places(HERE, entities, 8, ALL)),
        (f"contents of {len(chunks)} chunks", lambda: graph.contents(HERE, chunks, ALL)),
        (f"canonical of {len(few)}", lambda: graph.canonical(HERE, few, ALL)),
        (f"facts of {len(few)}", lambda: graph.facts(HERE, few, 20, ALL)),
        (f"named {len(few)}", lambda: graph.named(HERE, few, ALL)),
        (f"ids of {len(chunks)} chunks", lambda: graph.chunk_ids(HERE, chunks)),
        ("places of the hub", lambda: graph.places(HERE, hub, PLACES, ALL)),
        ("named, the hub", lambda: graph.named(HERE, hub, ALL)),
        ("facts of the hub", lambda: graph.facts(HERE, hub, PLACES, ALL)),
    ):
        best = min(cost_of(read).cpu for _ in range(3))
        yield f"| {name} | {best:.1f} |"


def main() -> None:
    """Print two Markdown tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="50,200,500,1500")
    parser.add_argument("--chunks", type=int, default=7)
    parser.add_argument("--entities", type=int, default=11)
    arguments = parser.parse_args()
    documents = Documents(arguments.chunks, arguments.entities)
    sizes = sorted(int(part) for part in arguments.sizes.split(","))
    print("| documents | graph | CPU ms each | kB written each | kB on disk each | written / on disk |")
    print("|---|---|---|---|---|---|")
    for with_graph in (False, True):
        for row in building(documents, sizes, with_graph=with_graph):
            print(row, flush=True)
    print()
    with tempfile.TemporaryDirectory(prefix="glede-bench-") as home:
        catalogue = SqlCatalogue(f"sqlite:///{home}/catalogue.db")
        print("| documents | graph | add CPU ms | kB written | delete CPU ms | kB written |")
        print("|---|---|---|---|---|---|")
        last = 0
        for size in sizes:
            for first in range(last, size, AT_ONCE):
                numbers = range(first, min(size, first + AT_ONCE))
                catalogue.commit(HERE, [documents.commit(number) for number in numbers])
            last = size
            print("\n".join(writing(catalogue, documents, size)), flush=True)
        print("\n| read | CPU ms |\n|---|---|")
        print("\n".join(reading(catalogue, documents)))
        catalogue.close()


if __name__ == "__main__":
    main()
