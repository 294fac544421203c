"""Which table answers a question: keywords, a dense excerpt, and how well the question grounds in the table.

Every question of a set is asked against all tables of the set. BM25 counts words and adjacent pairs of words
(k1 1.2, b .75) over titles, cells and the text beside the table; the dense excerpt is the table's caption and
headers with some rows. Channels are fused as sums of scores between 0 and 1; the first five are ranked
again by the solver's grounding and confidence.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.tables_qa import SETS, Case
from glede.models.local import LocalEmbedder
from glede.ports import Embedder
from glede.tables.answers import confidence, planned
from glede.tables.values import Rows
from glede.tables.written import excerpt
from glede.text.keywords import analyse

Scores = npt.NDArray[np.float64]
K1, B = 1.2, 0.75
FIRST = 5
"""How many tables are ranked again."""
DENSE, HEADERS = 0.4, 0.1
"""The weights of the dense excerpt and of the headers' keywords beside that of all keywords."""
GROUNDING, CONFIDENCE = 0.3, 0.2


@dataclass(frozen=True, slots=True)
class Found:
    """Where the right table stands in each ranking, from 1."""

    case: Case
    keywords: int
    fused: int
    reranked: int


class Keywords:
    """BM25 over texts, words and adjacent pairs of words."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(_terms(text)) for text in texts]
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
        self._norm = K1 * (1 - B + B * lengths / lengths.mean())
        self._postings: dict[str, list[tuple[int, int]]] = {}
        for number, count in enumerate(counts):
            for term, times in count.items():
                self._postings.setdefault(term, []).append((number, times))
        self._texts = len(texts)

    def scores(self, question: str) -> Scores:
        """The score of each text."""
        found = np.zeros(self._texts)
        for term in dict.fromkeys(_terms(question)):
            postings = self._postings.get(term, [])
            idf = math.log(1 + (self._texts - len(postings) + 0.5) / (len(postings) + 0.5))
            for number, times in postings:
                found[number] += idf * times * (K1 + 1) / (times + self._norm[number])
        return found


def _terms(text: str) -> list[str]:
    words = analyse(text, "en")
    return words + [f"{one} {two}" for one, two in pairwise(words)]


def _spread(scores: Scores) -> Scores:
    width = scores.max() - scores.min()
    return (scores - scores.min()) / width if width > 0 else np.zeros_like(scores)


def _full(rows: Rows, context: str) -> str:
    headers = " ".join(column.name for column in rows.columns)
    cells = "\n".join(" ".join(texts) for texts in rows.texts)
    return f"{rows.caption}\n{headers}\n{cells}\n{context}"


def _headers(rows: Rows) -> str:
    return f"{rows.caption} " + " ".join(column.name for column in rows.columns)


def _rank(scores: Scores, right: int) -> int:
    return int((scores > scores[right]).sum()) + 1


async def found(cases: Sequence[Case], embedder: Embedder) -> list[Found]:
    """Where the right table of each question is found."""
    tables = {case.table: (case.rows, case.context) for case in cases if case.rows is not None}
    order = {table: number for number, table in enumerate(tables)}
    given = [(rows, context) for rows, context in tables.values() if rows is not None]
    whole = Keywords([_full(rows, context) for rows, context in given])
    heads = Keywords([_headers(rows) for rows, _ in given])
    cards = await embedder.embed([excerpt(rows) for rows, _ in given])
    asked = [case for case in cases if case.table in order]
    vectors = await embedder.embed([case.question for case in asked])
    results = []
    for case, vector in zip(asked, vectors, strict=True):
        right = order[case.table]
        keywords = whole.scores(case.question)
        dense = (cards @ vector).astype(np.float64)
        fused = _spread(keywords) + HEADERS * _spread(heads.scores(case.question)) + DENSE * _spread(dense)
        again = _again(case.question, fused, given)
        results.append(Found(case, _rank(keywords, right), _rank(fused, right), _rank(again, right)))
    return results


def _again(question: str, fused: Scores, given: Sequence[tuple[Rows, str]]) -> Scores:
    """The first few by how well the question grounds in them as well; the others stay below."""
    again = _spread(fused) - 1.0
    for number in np.argsort(-fused)[:FIRST]:
        plans = planned(question, *given[number])
        again[number] += 1.0
        if plans:
            again[number] += GROUNDING * max(plan.grounding for plan in plans) + CONFIDENCE * confidence(
                plans[0]
            )
    return again


def line(name: str, results: Sequence[Found], half: int) -> str:
    """Recall at 1 and 5 of one half, as a row of a Markdown table."""
    own = [one for one in results if one.case.half == half]

    def recall(ranks: Sequence[int], k: int) -> str:
        return f"{sum(rank <= k for rank in ranks) / (len(ranks) or 1):.3f}"

    rankings = ([r.keywords for r in own], [r.fused for r in own], [r.reranked for r in own])
    shown = [recall(ranks, k) for ranks in rankings for k in (1, FIRST)]
    return f"| {name} | {'held out' if half else 'looked at'} | {len(own)} | {' | '.join(shown)} |"


async def run(data: Path, names: Sequence[str]) -> None:
    """Measure and print."""
    print("| set | half | questions | keywords R@1 | R@5 | fused R@1 | R@5 | reranked R@1 | R@5 |")
    print("|---|---|---|---|---|---|---|---|---|")
    embedder = LocalEmbedder()
    for name in names:
        results = await found(list(SETS[name](data)), embedder)
        for half in (0, 1):
            print(line(name, results, half))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.tables_qa_retrieval", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", default=",".join(SETS))
    given = parser.parse_args()
    if not given.data.is_dir():
        print(f"{given.data} is not there: nothing is measured", file=sys.stderr)
        return 0
    asyncio.run(run(given.data, given.sets.split(",")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
