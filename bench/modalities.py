"""How well the engine finds and answers from what is not plain text: tables, pages, formulas, pictures.

    python -m bench.modalities --data ../shared/data [--peer ../shared/peerbench/data/multimodal.jsonl]
        [--parts tables,pages,reports,formulas,pictures] [--sample 300] [--home KEPT]

Everything goes through `Engine.add`, `Engine.search` and `Engine.ask`, without a model but the local
embedder; a question is right at k where one of the first k documents answers it, or pages of PDFs, where
several hits on one count once. Exits with 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.datasets import Text
from bench.metrics import mean
from bench.modalities_sets import (
    TABLE_SETS,
    Library,
    Sampled,
    Wanted,
    formulas,
    page_of,
    pages,
    reports,
    sampled,
    tables,
)
from bench.pictures import CALLS, find, spend
from glede import Content, Engine, Hit, Settings
from glede.types import Modality

LIMIT = 50
"""Hits among which different documents or pages are counted."""
RANGES: tuple[tuple[str, tuple[Modality, ...]], ...] = (("", ()), (" among tables", ("table",)))
"""What is searched, and how the figure is called."""
TARGETS: Mapping[str, float] = {
    "wikitablequestions R@1": 0.62,
    "tatqa R@1": 0.60,
    "ohrbench table R@1": 0.72,
    "ohrbench equation R@1": 0.90,
    "mmlongbench_doc recall@5": 0.60,
    "named formulas P@5": 0.75,
    "wikitablequestions right of computed": 0.85,
    "tatqa right of computed": 0.85,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, and of how many questions."""

    name: str
    value: float
    questions: int

    @property
    def missed(self) -> bool:
        """Whether there is a target and the figure is below it."""
        return self.value < TARGETS.get(self.name, 0.0)


@asynccontextmanager
async def filled(library: Library, kept: Path | None = None) -> AsyncIterator[Engine]:
    """An engine with the documents, in a kept folder or a temporary one; a file is labelled with its name."""
    with tempfile.TemporaryDirectory(prefix="glede-bench-") as temporary:
        async with Engine.open(Settings(home=kept or Path(temporary))) as engine:
            if len(await engine.documents()) < len(library.documents) + len(library.files):
                await _fill(engine, library)
            yield engine


async def _fill(engine: Engine, library: Library) -> None:
    if library.documents:
        _check(await engine.add(*map(_content, library.documents)))
    for path in library.files:
        _check(await engine.add(path, metadata={"file": path.name}))


def _content(document: Text) -> Content:
    return Content(document.text, document.id + document.suffix)


def _check(report: object) -> None:
    failed = getattr(report, "failed", ())
    if failed:
        raise RuntimeError(f"{len(failed)} documents failed: {failed[0]}")


def documents_of(hits: Iterable[Hit]) -> list[str]:
    """The documents of the hits, best first, each once."""
    return list(dict.fromkeys(hit.source.rpartition(".")[0] for hit in hits))


def pages_of(hits: Iterable[Hit]) -> list[str]:
    """The pages that the hits stand on, best first, each once."""
    return list(
        dict.fromkeys(
            page_of(Path(hit.source).name, span.page)
            for hit in hits
            for span in hit.chunk.spans
            if span.page is not None
        )
    )


def recall(ranking: Sequence[str], right: frozenset[str], first: int) -> float:
    """The share of what is right among the first."""
    return len(right & set(ranking[:first])) / len(right)


async def measure_tables(data: Path, sample: int) -> list[Figure]:
    """Which table a question is about, and what is computed from it."""
    figures = []
    for name in TABLE_SETS:
        library = tables(data, name)
        async with filled(library) as engine:
            for words, types in RANGES:
                rankings = [await _documents(engine, one.text, types) for one in library.questions]
                figures += [_at(f"{name}{words}", library.questions, rankings, k) for k in (1, 5)]
            figures += await _answers(engine, name, sampled(data, name, sample))
    return figures


async def _documents(engine: Engine, question: str, types: Sequence[Modality] = ()) -> list[str]:
    return documents_of(await engine.search(question, limit=LIMIT, types=types))


def _at(name: str, questions: Sequence[Wanted], rankings: Sequence[Sequence[str]], first: int) -> Figure:
    pairs = zip(questions, rankings, strict=True)
    return Figure(f"{name} R@{first}", mean([recall(r, q.right, first) for q, r in pairs]), len(questions))


async def _answers(engine: Engine, name: str, questions: Sequence[Sampled]) -> list[Figure]:
    """How many questions are answered by computing, and how many of these rightly, from the right table."""
    computed, right, same = 0, 0, 0
    for one in questions:
        answer = await engine.ask(one.case.question)
        if answer.computed is not None:
            computed += 1
            right += one.right(answer.computed.said)
            same += answer.computed.source.rpartition(".")[0] == one.document
    return [
        Figure(f"{name} computed", computed / len(questions), len(questions)),
        Figure(f"{name} right of computed", right / (computed or 1), computed),
        Figure(f"{name} right table of computed", same / (computed or 1), computed),
    ]


async def measure_pages(data: Path, home: Path | None = None) -> list[Figure]:
    """Which page answers, by where on it the evidence stands."""
    library = pages(data)
    async with filled(library, home and home / "pages") as engine:
        rankings = [await _documents(engine, one.text) for one in library.questions]
    figures = [_at("ohrbench", library.questions, rankings, k) for k in (1, 5)]
    return figures + list(_by_kind("ohrbench", library.questions, rankings, 1, "R"))


def _by_kind(
    name: str, questions: Sequence[Wanted], rankings: Sequence[Sequence[str]], first: int, measure: str
) -> Iterable[Figure]:
    for kind in dict.fromkeys(kind for one in questions for kind in one.kinds):
        values = [
            recall(ranking, one.right, first)
            for one, ranking in zip(questions, rankings, strict=True)
            if kind in one.kinds
        ]
        yield Figure(f"{name} {kind.partition(' (')[0]} {measure}@{first}", mean(values), len(values))


async def measure_reports(data: Path, home: Path | None = None) -> list[Figure]:
    """Which pages of PDFs hold the evidence: among all of them, and within the one that is asked about."""
    library = reports(data)
    async with filled(library, home and home / "reports") as engine:
        anywhere = [pages_of(await engine.search(one.text, limit=LIMIT)) for one in library.questions]
        within = [
            pages_of(await engine.search(one.text, limit=LIMIT, filter={"file": one.document}))
            for one in library.questions
        ]
    figures = []
    for name, rankings in (("mmlongbench_doc", anywhere), ("mmlongbench_doc in document", within)):
        pairs = list(zip(library.questions, rankings, strict=True))
        figures += [
            Figure(f"{name} recall@{k}", mean([recall(r, q.right, k) for q, r in pairs]), len(pairs))
            for k in (1, 5)
        ]
        figures += _by_kind(name, library.questions, rankings, 5, "recall")
    return figures


async def measure_formulas(data: Path) -> list[Figure]:
    """Other ways of writing a named formula, by one of them."""
    library = formulas(data)
    precise = []
    async with filled(library) as engine:
        for one in library.questions:
            others = [name for name in await _documents(engine, one.text) if name != one.document]
            precise.append(len(one.right & set(others[:5])) / 5)
    return [Figure("named formulas P@5", mean(precise), len(precise))]


async def measure_pictures(data: Path) -> list[Figure]:
    """Pictures of a documentation, by alternative texts that are withheld."""
    found = await find(data / "milvus_docs")
    return [
        Figure("pictures by words, MRR among pictures", found.among_pictures, found.asked),
        Figure("pictures by words, MRR among all", found.among_all, found.asked),
    ]


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| figure | value | target | questions |", "|---|---|---|---|"]
    for one in figures:
        target = f"{TARGETS[one.name]:.2f}" if one.name in TARGETS else ""
        mark = " (missed)" if one.missed else ""
        lines.append(f"| {one.name} | {one.value:.3f}{mark} | {target} | {one.questions} |")
    return "\n".join(lines)


async def run(data: Path, parts: Sequence[str], sample: int, home: Path | None = None) -> list[Figure]:
    """The figures of the parts, in order."""
    measures: Mapping[str, Callable[[], Awaitable[list[Figure]]]] = {
        "tables": lambda: measure_tables(data, sample),
        "pages": lambda: measure_pages(data, home),
        "reports": lambda: measure_reports(data, home),
        "formulas": lambda: measure_formulas(data),
        "pictures": lambda: measure_pictures(data),
    }
    figures = []
    for part in parts:
        began = time.process_time()
        figures += await measures[part]()
        print(f"{part}: {time.process_time() - began:.0f} s of CPU", file=sys.stderr)
    return figures


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.modalities", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--peer", type=Path, help="documents of four blocks, one a line")
    parser.add_argument("--parts", default="tables,pages,reports,formulas,pictures")
    parser.add_argument("--sample", type=int, default=300, help="questions of a set that are answered")
    parser.add_argument("--home", type=Path, help="where pages and reports stay added for the next run")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()
    if not given.data.is_dir():
        print(f"{given.data} is not there: nothing is measured", file=sys.stderr)
        return 0
    figures = asyncio.run(run(given.data, given.parts.split(","), given.sample, given.home))
    print(table(figures))
    if given.json is not None:
        given.json.write_text(json.dumps([asdict(one) for one in figures], indent=1), encoding="utf-8")
    missed = any(one.missed for one in figures)
    if given.peer is not None:
        cost = asyncio.run(spend(given.peer, 20))
        print(f"\n| model calls of a document of four blocks | {cost.calls:.2f} | <= {CALLS:g} |")
        print(f"| prompt tokens of one | {cost.prompt_tokens:.0f} | |")
        missed |= cost.calls > CALLS
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
