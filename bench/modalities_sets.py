"""What `bench.modalities` asks: documents and questions whose answers stand in tables, pages and formulas."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.datasets import RetrievalSet, Text, load
from bench.equations import Formula, named
from bench.tables_qa import SETS, Case, Gold

PAGES_SET = "ohrbench"
TABLE_SETS = ("wikitablequestions", "tatqa")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question, the kinds of its evidence, and the places that answer it: documents, or pages of one."""

    text: str
    kinds: tuple[str, ...]
    right: frozenset[str]
    document: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """Documents with the questions to them; PDFs lie in files."""

    documents: tuple[Text, ...]
    questions: tuple[Wanted, ...]
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Sampled:
    """A question to be answered, with the document of its table."""

    case: Case
    document: str

    def right(self, said: str) -> bool:
        """Whether what was said, as one value or as a list, is the gold."""
        gold: Gold = self.case.gold
        return self.case.right((said,), gold) or self.case.right(tuple(said.split(", ")), gold)


def tables(data: Path, name: str) -> Library:
    """One document for each table, below its title or with the paragraphs beside it."""
    found: RetrievalSet = load(name, data)
    return Library(found.documents, tuple(_wanted(one.text, one.relevant) for one in found.questions))


def pages(data: Path) -> Library:
    """One document for each page, in true text; pages without any (25 of 983) are left out."""
    found = load(PAGES_SET, data)
    lines = (data / PAGES_SET / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    kinds = [str(json.loads(line)["evidence_source"]) for line in lines]
    pairs = zip(found.questions, kinds, strict=True)
    documents = tuple(one for one in found.documents if one.text.strip())
    return Library(documents, tuple(_wanted(one.text, one.relevant, kind) for one, kind in pairs))


def _wanted(text: str, relevant: object, *kinds: str) -> Wanted:
    names = frozenset(map(str, relevant)) if isinstance(relevant, dict) else frozenset[str]()
    return Wanted(text, kinds, names)


def reports(data: Path) -> Library:
    """PDFs, and the questions whose pages are told; pages count from 1."""
    folder = data / "mmlongbench_doc"
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line) for line in lines]
    questions = tuple(
        Wanted(
            one["question"],
            tuple(one["evidence_sources"]),
            frozenset(page_of(one["doc_id"], page) for page in one["evidence_pages"]),
            one["doc_id"],
        )
        for one in asked
        if one["evidence_pages"]
    )
    return Library((), questions, tuple(sorted((folder / "documents").glob("*.pdf"))))


def page_of(document: str, number: int | None) -> str:
    """The name of a page."""
    return f"{document}#{number}"


def formulas(data: Path) -> Library:
    """One document for each version of a named identity; the first version asks for the others."""
    rows = (data / "equations" / "named_formulas.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {str(one["id"]): str(one["latex"]) for one in map(json.loads, rows)}
    versions = named(data / "equations")
    documents = tuple(Text(one.id, _marked(texts[one.id])) for one in versions)
    first: dict[str, Formula] = {}
    for one in versions:
        first.setdefault(one.identity, one)
    questions = tuple(Wanted(texts[one.id], (), _others(versions, one), one.id) for one in first.values())
    return Library(documents, questions)


def _others(versions: Sequence[Formula], first: Formula) -> frozenset[str]:
    return frozenset(one.id for one in versions if one.identity == first.identity and one.id != first.id)


def _marked(latex: str) -> str:
    """A bare formula as Markdown shows it."""
    return latex if "$" in latex else f"$$\n{latex}\n$$\n"


def sampled(data: Path, name: str, count: int) -> list[Sampled]:
    """A fixed sample of the questions to tables, by a hash of their words."""
    cases = sorted(SETS[name](data), key=lambda case: zlib.crc32(f"{case.table} {case.question}".encode()))
    return [Sampled(case, case.table) for case in cases[:count]]
