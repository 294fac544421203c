"""What the knowledge graph adds to plain retrieval, and what it costs, through the real engine.

    python -m bench.graph --data ../shared/data [--sets 2wiki,musique,...] [--home DIR] [--json FILE]

Every set is added once (with `--home` it stays there for the next run; what another extractor read is read
again, without parsing or embedding) and asked in the modes `naive`, `mix` and `auto`, question by question in
turn, so that a shared machine slows all of them alike. Exits with 1 where an aim of `AIMS` is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.datasets import SETS, RetrievalSet, chosen, load
from bench.metrics import METRICS, mean, recall
from glede.types import Mode

if TYPE_CHECKING:
    from glede.engine import Engine

MODES: tuple[Mode, ...] = ("naive", "mix", "auto")
DEFAULT = "2wiki,musique,hotpotqa,lihua,milvus,scifact,xquad"
LIMIT = 40
"""Chunks asked for; enough for the best 10 documents."""
HARM = 0.005
GAINS = {"2wiki": 0.08, "musique": 0.04, "hotpotqa": 0.0}
"""What `mix` must gain over `naive` in recall@5; everywhere else it may lose `HARM`."""
LEAST = {"lihua": 0.85}


@dataclass(frozen=True, slots=True)
class Figures:
    """One mode on one set: the set's measure, recall@2 and @5, all found among the first 8, CPU, hits."""

    value: float
    halves: tuple[float, float]
    recall2: float
    recall5: float
    all8: float
    cpu_ms: float
    through_graph: float
    changed: int


@dataclass(frozen=True, slots=True)
class Result:
    """All modes on one set."""

    name: str
    metric: str
    documents: int
    questions: int
    modes: Mapping[Mode, Figures]
    bm25: float | None

    @property
    def missed(self) -> list[str]:
        """The aims that are not met."""
        naive, mix, auto = (self.modes[mode].value for mode in MODES)
        gain = GAINS.get(self.name, -HARM)
        missed = [] if mix - naive >= gain else [f"{self.name}: mix {mix:.3f}, naive {naive:.3f}"]
        if auto < naive - HARM:
            missed.append(f"{self.name}: auto {auto:.3f}, naive {naive:.3f}")
        if mix < LEAST.get(self.name, 0.0):
            missed.append(f"{self.name}: mix {mix:.3f}")
        return missed


@dataclass(frozen=True, slots=True)
class Answered:
    """One question in one mode: documents, best first, CPU, and whether a path explains any of the hits."""

    ranking: tuple[str, ...]
    cpu_ms: float
    explained: bool


async def measure(labelled: RetrievalSet, home: Path | None, most: int | None) -> Result:
    """Ask every question of a set in every mode."""
    asked = labelled.questions[:most]
    found: dict[Mode, list[Answered]] = {mode: [] for mode in MODES}
    async with _engine(labelled, home) as engine:
        for question in asked[:3]:  # what is loaded or compiled once is not counted
            await engine.search(question.text, limit=LIMIT)
        for question in asked:
            for mode in MODES:
                found[mode].append(await _answered(engine, question.text, mode))
    rankings = {mode: [one.ranking for one in found[mode]] for mode in MODES}
    figures = {mode: _figures(labelled, found[mode], rankings["naive"]) for mode in MODES}
    return Result(labelled.name, labelled.metric, len(labelled.documents), len(asked), figures, labelled.bm25)


async def _answered(engine: Engine, question: str, mode: Mode) -> Answered:
    began = time.process_time()
    hits = await engine.search(question, limit=LIMIT, mode=mode)
    used = time.process_time() - began
    ranking = dict.fromkeys(hit.source.rpartition(".")[0] for hit in hits)
    return Answered(tuple(ranking), 1000 * used, any(hit.path for hit in hits))


def _figures(labelled: RetrievalSet, found: Sequence[Answered], naive: Sequence[Sequence[str]]) -> Figures:
    relevant = [asked.relevant for asked in labelled.questions[: len(found)]]
    pairs = list(zip((one.ranking for one in found), relevant, strict=True))
    values = [METRICS[labelled.metric](ranking, right) for ranking, right in pairs]
    return Figures(
        value=mean(values),
        halves=(mean(values[0::2]), mean(values[1::2])),
        recall2=mean([recall(ranking, right, 2) for ranking, right in pairs]),
        recall5=mean([recall(ranking, right, 5) for ranking, right in pairs]),
        all8=mean([float(recall(ranking, right, 8) == 1) for ranking, right in pairs]),
        cpu_ms=sorted(one.cpu_ms for one in found)[len(found) // 2],
        through_graph=mean([float(one.explained) for one in found]),
        changed=sum(one.ranking[:10] != tuple(plain[:10]) for one, plain in zip(found, naive, strict=True)),
    )


@asynccontextmanager
async def _engine(labelled: RetrievalSet, home: Path | None) -> AsyncIterator[Engine]:
    """An engine with the documents of a set, added now or before."""
    from glede.engine import Engine
    from glede.settings import Settings
    from glede.sources.items import Content

    with tempfile.TemporaryDirectory(prefix="glede-bench-") as folder:
        kept = home / labelled.name if home is not None else Path(folder)
        async with Engine.open(Settings.model_validate({"home": kept})) as engine:
            if len(await engine.documents()) < len(labelled.documents):
                contents = [Content(one.text, one.id + one.suffix) for one in labelled.documents]
                report = await engine.add(*contents)
                if report.failed:
                    raise RuntimeError(f"{len(report.failed)} documents failed: {report.failed[0]}")
            await engine.enrich()
            yield engine


def table(results: Sequence[Result]) -> str:
    """The figures as Markdown."""
    lines = [
        "| set | measure | questions | naive | mix | auto | mix, halves | R@2 naive, mix "
        "| all in 8 naive, mix | changed | CPU ms naive, mix, auto |",
        "|" + "---|" * 11,
    ]
    for one in results:
        naive, mix, auto = (one.modes[mode] for mode in MODES)
        lines.append(
            f"| {one.name} | {one.metric} | {one.questions} | {naive.value:.3f} | **{mix.value:.3f}** "
            f"| {auto.value:.3f} | {mix.halves[0]:.3f}, {mix.halves[1]:.3f} "
            f"| {naive.recall2:.3f}, {mix.recall2:.3f} | {naive.all8:.2f}, {mix.all8:.2f} | {mix.changed} "
            f"| {naive.cpu_ms:.0f}, {mix.cpu_ms:.0f}, {auto.cpu_ms:.0f} |"
        )
    return "\n".join(lines)


async def run(
    data: Path, names: Sequence[str], home: Path | None, out: Path | None, most: int | None
) -> bool:
    """Measure, print, write; whether all aims are met."""
    results = []
    for name in names:
        results.append(await measure(load(name, data), home, most))
        print(table(results[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    print(table(results))
    missed = [aim for one in results for aim in one.missed]
    print("\n".join(["", "missed:", *missed] if missed else ["", "all aims are met"]))
    if out is not None:
        out.write_text(json.dumps([asdict(one) for one in results], indent=2) + "\n", encoding="utf-8")
    return not missed


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.graph", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", default=DEFAULT, help=f"of {', '.join(SETS)}, or all of xquad")
    parser.add_argument("--home", type=Path, help="where the sets stay added for the next run")
    parser.add_argument("--most", type=int, help="questions of each set")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()
    if not given.data.is_dir():
        print(f"{given.data} is not there: nothing is measured", file=sys.stderr)
        return 0
    return 0 if asyncio.run(run(given.data, chosen(given.sets), given.home, given.json, given.most)) else 1


if __name__ == "__main__":
    sys.exit(main())
