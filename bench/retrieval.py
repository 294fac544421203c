"""How well the right document is found: by keywords alone, by meaning alone, and fused.

    python -m bench.retrieval --data ../shared/data [--sets scifact,xquad,...] [--json FILE] [--memory]

Exits with 1 where a fused ranking is worse than the better of its channels on a set that requires it, or
where the Milvus tutorial's question does not find its answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.datasets import REQUIRED, SETS, RetrievalSet, Text, chosen, load
from bench.metrics import METRICS, mean
from bench.systems import Rankings, memory, product

TUTORIAL_QUESTION = "How is data stored in milvus?"
TUTORIAL_ANSWER = "Where does Milvus store data?"
TUTORIAL_CHUNKS = 72
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one set."""

    name: str
    metric: str
    questions: int
    keyword: float
    dense: float
    fused: float
    halves: tuple[float, float]
    bm25: float | None
    note: str
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether fusing costs nothing."""
        return self.fused >= max(self.keyword, self.dense) - TOLERANCE


async def measure(labelled: RetrievalSet, in_memory: bool) -> Result:
    """Search for every question of a set."""
    began = time.perf_counter()
    opened = memory if in_memory else product
    async with opened(labelled.documents) as system:
        found = [await system.search(asked.text) for asked in labelled.questions]
    fused = _values(labelled, [rankings.fused for rankings in found])
    return Result(
        labelled.name,
        labelled.metric,
        len(found),
        mean(_values(labelled, [rankings.keyword for rankings in found])),
        mean(_values(labelled, [rankings.dense for rankings in found])),
        mean(fused),
        (mean(fused[0::2]), mean(fused[1::2])),
        labelled.bm25,
        labelled.note,
        time.perf_counter() - began,
    )


def _values(labelled: RetrievalSet, rankings: Sequence[Sequence[str]]) -> list[float]:
    metric = METRICS[labelled.metric]
    pairs = zip(rankings, labelled.questions, strict=True)
    return [metric(ranking, asked.relevant) for ranking, asked in pairs]


def table(results: Sequence[Result]) -> str:
    """The figures as a Markdown table; a fused figure below the better channel is marked."""
    lines = [
        "| set | measure | questions | keyword | dense | fused | README's BM25 | | s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in results:
        mark = "" if one.holds else " (below)"
        theirs = "" if one.bm25 is None else f"{one.bm25:.3f}"
        lines.append(
            f"| {one.name} | {one.metric} | {one.questions} | {one.keyword:.3f} | {one.dense:.3f} "
            f"| **{one.fused:.3f}**{mark} | {theirs} | {one.note} | {one.seconds:.0f} |"
        )
    return "\n".join(lines)


async def tutorial(data: Path, in_memory: bool) -> tuple[int, str]:
    """How many pieces the tutorials' splitting gives, and the first line of the first hit."""
    paths = sorted((data / "milvus_docs" / "corpus" / "faq").glob("*.md"))
    pieces = [piece for path in paths for piece in path.read_text(encoding="utf-8").split("# ")]
    documents = [Text(str(number), piece, ".txt") for number, piece in enumerate(pieces) if piece.strip()]
    opened = memory if in_memory else product
    async with opened(documents) as system:
        found: Rankings = await system.search(TUTORIAL_QUESTION)
    return len(pieces), pieces[int(found.fused[0])].splitlines()[0].strip()


async def run(data: Path, names: Sequence[str], in_memory: bool, out: Path | None) -> bool:
    """Measure, print, write; whether all that is required holds."""
    results = []
    for name in names:
        results.append(await measure(load(name, data), in_memory))
        print(f"{name}: {results[-1].fused:.3f} in {results[-1].seconds:.0f} s", file=sys.stderr)
    pieces, first = await tutorial(data, in_memory)
    print(table(results))
    print(f'\nTutorial: {pieces} pieces; "{TUTORIAL_QUESTION}" finds "{first}" first.')
    if out is not None:
        out.write_text(json.dumps([asdict(one) for one in results], indent=2) + "\n", encoding="utf-8")
    held = all(one.holds for one in results if one.name in REQUIRED)
    return held and (pieces, first) == (TUTORIAL_CHUNKS, TUTORIAL_ANSWER)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", default=",".join(REQUIRED), help=f"of {', '.join(SETS)}, or all of xquad")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--memory", action="store_true", help="without the stores")
    given = parser.parse_args()
    if not given.data.is_dir():
        print(f"{given.data} is not there: nothing is measured", file=sys.stderr)
        return 0
    held = asyncio.run(run(given.data, chosen(given.sets), given.memory, given.json))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
