"""Questions to tables without a model: what is attempted, what of it is right, and which table is found.

Development looked at one half of the tables, by a hash of their names; both halves are shown. With
`--calibrate` prints the table of `glede.tables.confidence`, counted on the half that was looked at.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from glede.errors import SqlError
from glede.stores.tables import SqlRunner
from glede.tables.answers import LEAST_CONFIDENCE, confidence, planned, said
from glede.tables.confidence import BANDS, band_of
from glede.tables.statements import Plan, Run
from glede.tables.typing import typed
from glede.tables.values import Rows
from glede.types import Cell, Table

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?|\.\d+")
_NEGATIVE = re.compile(r"^\s*[$£€]?\s*\(|^\s*[$£€]?\s*[-−–]\s*[$£€]?\s*[\d.]")
_ONLY_NUMBER = re.compile(r"[\s$£€()%\d,.\-−–]*(million|thousand|billion)?s?")
_WITH_UNIT = re.compile(r"[$£€]?\s*(-?[\d,]*\d(?:\.\d+)?)\s*(?:%|[a-z]{1,12}\.?(?: [a-z]+)?)?")
Gold = Sequence[str] | float


@dataclass(frozen=True, slots=True)
class Case:
    """A question to a table, and its answer; `kind` is where TAT-QA says that the answer stands."""

    question: str
    table: str
    rows: Rows | None
    context: str
    gold: Gold
    right: Callable[[Sequence[str], Gold], bool]
    kind: str = "table"

    @property
    def half(self) -> int:
        """0 where development looked at the table, 1 where it did not."""
        return zlib.crc32(self.table.encode()) % 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said to a question and whether it is right; the plan is `None` where nothing was."""

    case: Case
    plan: Plan | None
    value: tuple[str, ...]
    confidence: float
    right: bool


def tatqa(data: Path) -> Iterator[Case]:
    """Questions on the tables of reports."""
    text = (data / "tatqa" / "tatqa_dataset_dev.json").read_text(encoding="utf-8")
    for entry in json.loads(text):
        context = "\n".join(paragraph["text"] for paragraph in entry["paragraphs"])
        rows = typed(_table(entry["table"]["table"]), None, "")
        for question in entry["questions"]:
            answer = question["answer"]
            gold: Gold = answer if isinstance(answer, list) else float(answer)
            yield Case(
                question["question"],
                entry["table"]["uid"],
                rows,
                context,
                gold,
                reported,
                question["answer_from"],
            )


def wikitablequestions(data: Path) -> Iterator[Case]:
    """Questions on the lists of an encyclopedia."""
    folder = data / "wikitablequestions"
    tables: dict[str, Rows | None] = {}
    for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        asked = json.loads(line)
        name = asked["table"]
        if name not in tables:
            with (folder / name).open(encoding="utf-8", newline="") as lines:
                grid = list(csv.reader(lines, doublequote=False, escapechar="\\"))
            tables[name] = typed(_table(grid, header=1), asked["title"], "")
        yield Case(asked["question"], name, tables[name], "", asked["answers"], listed)


SETS: dict[str, Callable[[Path], Iterator[Case]]] = {"tatqa": tatqa, "wikitablequestions": wikitablequestions}


def _table(grid: Sequence[Sequence[str]], header: int = 0) -> Table:
    cells = (
        Cell(row, column, text, header=row < header)
        for row, texts in enumerate(grid)
        for column, text in enumerate(texts)
    )
    return Table(len(grid), max(map(len, grid)), tuple(cells))


def reported(value: Sequence[str], gold: Gold) -> bool:
    """As TAT-QA counts, without the scale: numbers within rounding, lists in any order."""
    left: list[str | float] = [gold] if isinstance(gold, float) else list(gold)
    if len(value) != len(left):
        return False
    for text in value:
        found = next((one for one in left if _same_report(text, one)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _same_report(text: str, gold: str | float) -> bool:
    number = _signed(text)
    if isinstance(gold, float):
        return number is not None and abs(number - gold) <= max(0.011, 1e-6 * abs(gold))
    if _words(text) == _words(gold):
        return True
    other = _signed(gold)
    both = number is not None and other is not None and _ONLY_NUMBER.fullmatch(gold.casefold()) is not None
    return both and abs((number or 0.0) - (other or 0.0)) < 1e-6


def _words(text: str) -> str:
    return re.sub(r"[^\w.%()-]+", " ", text.casefold()).strip()


def _signed(text: str) -> float | None:
    match = _NUMBER.search(text)
    if match is None:
        return None
    value = float(match.group().replace(",", ""))
    return -value if _NEGATIVE.search(text) else value


def listed(value: Sequence[str], gold: Gold) -> bool:
    """As WikiTableQuestions' evaluator: normalised texts or equal numbers, in any order."""
    if isinstance(gold, float):
        return False
    ours, theirs = list(dict.fromkeys(map(_normal, value))), list(dict.fromkeys(map(_normal, gold)))
    return len(ours) == len(theirs) and all(any(_same_listed(one, other) for other in theirs) for one in ours)


def _same_listed(one: str, other: str) -> bool:
    numbers = [_WITH_UNIT.fullmatch(text) for text in (one, other)]
    if numbers[0] is None or numbers[1] is None:
        return one == other
    first, second = (float(match.group(1).replace(",", "")) for match in numbers if match is not None)
    return abs(first - second) < 1e-6


def _normal(text: str) -> str:
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    plain = re.sub("[‐‑‒–—−]", "-", re.sub("[“”]", '"', re.sub("[‘’´`]", "'", plain)))
    before = ""
    while before != plain:
        before = plain
        plain = re.sub(r"((?<!^)\[[^\]]*\]|\[\d+\]|[•♦†‡*#+])*$", "", plain.strip())
        plain = re.sub(r"(?<!^)( \([^)]*\))*$", "", plain.strip())
        plain = re.sub(r'^"([^"]*)"$', r"\1", plain.strip())
    return re.sub(r"\s+", " ", plain.removesuffix(".")).casefold().strip()


def outcome(case: Case, run: Run) -> Outcome:
    """What the surest plan says to a question, however unsure."""
    plans = planned(case.question, case.rows, case.context) if case.rows is not None else ()
    if not plans or case.rows is None:
        return Outcome(case, None, (), 0.0, False)
    try:
        value = said(plans[0], case.rows, run(plans[0].sql, case.rows))
    except SqlError as error:
        print(f"{plans[0].sql}: {error}", file=sys.stderr)
        value = ()
    if not value:
        return Outcome(case, None, (), 0.0, False)
    return Outcome(case, plans[0], value, confidence(plans[0]), case.right(value, case.gold))


def outcomes(cases: Iterable[Case], run: Run) -> list[Outcome]:
    """What is said to all questions, those of one table one after the other."""
    return [outcome(case, run) for case in sorted(cases, key=lambda case: case.table)]


@dataclass(frozen=True, slots=True)
class Share:
    """How many questions, how many of them were attempted, and how many of these are right."""

    asked: int
    attempted: int
    right: int

    def __str__(self) -> str:
        of_all = self.attempted / (self.asked or 1)
        return f"{self.asked} | {of_all:.3f} | {self.right / (self.attempted or 1):.3f}"


def share(found: Sequence[Outcome], least: float) -> Share:
    """The questions that were attempted at that confidence."""
    attempted = [one for one in found if one.plan is not None and one.confidence >= least]
    return Share(len(found), len(attempted), sum(one.right for one in attempted))


def calibration(found: Sequence[Outcome]) -> dict[tuple[str, bool], tuple[float, ...]]:
    """By form and kind of table, how often each band of grounding is right; never falling."""
    counts: dict[tuple[str, bool], list[list[int]]] = defaultdict(
        lambda: [[0, 0] for _ in range(len(BANDS) + 1)]
    )
    for one in found:
        if one.plan is not None:
            cell = counts[one.plan.form, one.plan.report][band_of(one.plan.grounding)]
            cell[0] += one.right
            cell[1] += 1
    return {form: _rising(cells) for form, cells in sorted(counts.items())}


def _rising(cells: Sequence[Sequence[int]]) -> tuple[float, ...]:
    """The shares with three doubtful cases added to each, pooled where they would fall."""
    pools: list[tuple[float, float, int]] = []
    for right, total in cells:
        pools.append((right + 1.5, total + 3.0, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            last, before = pools.pop(), pools.pop()
            pools.append((before[0] + last[0], before[1] + last[1], before[2] + last[2]))
    return tuple(round(right / total, 2) for right, total, width in pools for _ in range(width))


def by_form(found: Sequence[Outcome], least: float) -> str:
    """What was attempted and right of each form, as a Markdown table."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in found:
        if one.plan is not None and one.confidence >= least:
            counts[one.plan.form][0] += 1
            counts[one.plan.form][1] += one.right
    lines = ["| form | attempted | right |", "|---|---|---|"]
    ordered = sorted(counts.items(), key=lambda pair: -pair[1][0])
    lines += [f"| {form} | {total} | {right / total:.3f} |" for form, (total, right) in ordered]
    return "\n".join(lines)


def report(name: str, found: Sequence[Outcome], least: float) -> str:
    """Both halves, without and with the questions that only the text beside the table answers."""
    lines = [f"## {name}", "", "| questions | asked | attempted | right of attempted |", "|---|---|---|---|"]
    for half, words in ((0, "looked at"), (1, "held out")):
        own = [one for one in found if one.case.half == half]
        lines.append(f"| {words} | {share(own, least)} |")
        tabular = [one for one in own if one.case.kind != "text"]
        if len(tabular) < len(own):
            lines.append(f"| {words}, answered by the table | {share(tabular, least)} |")
    return "\n".join([*lines, "", by_form(found, least), ""])


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.tables_qa", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", default=",".join(SETS), help=f"of {', '.join(SETS)}")
    parser.add_argument("--least", type=float, default=LEAST_CONFIDENCE, help="confidence to attempt")
    parser.add_argument("--calibrate", action="store_true", help="print the table of confidences")
    parser.add_argument("--wrong", type=int, default=0, help="show so many wrong answers, looked at only")
    given = parser.parse_args()
    if not given.data.is_dir():
        print(f"{given.data} is not there: nothing is measured", file=sys.stderr)
        return 0
    runner = SqlRunner()
    found = {name: outcomes(SETS[name](given.data), runner) for name in given.sets.split(",")}
    runner.close()
    seen = [one for outcomes_ in found.values() for one in outcomes_ if one.case.half == 0]
    if given.calibrate:
        for (form, of_reports), bands in calibration(seen).items():
            shares = ", ".join(f"{band:.2f}" for band in bands)
            print(f'{"REPORTS" if of_reports else "LISTS"}: "{form}": ({shares}),')
        return 0
    for name, own in found.items():
        print(report(name, own, given.least))
    _show_wrong(seen, given.wrong)
    return 0


def _show_wrong(found: Iterable[Outcome], most: int) -> None:
    wrong = sorted((one for one in found if not one.right), key=lambda one: -one.confidence)
    for one in wrong[:most]:
        plan = one.plan
        if plan is not None:
            print(f"{one.confidence:.2f} {plan.form} | {one.case.question} | {one.case.gold} | {one.value}")
            print(f"    {plan.sql[:200]}")


if __name__ == "__main__":
    sys.exit(main())
