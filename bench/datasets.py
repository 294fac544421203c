"""The labelled sets of `../shared/data`, read where they lie and never copied."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "de", "ru", "ar", "zh")
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Text:
    """A document of a set; `suffix` says how it is to be read."""

    id: str
    text: str
    suffix: str = ".md"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the grades of the documents that answer it."""

    text: str
    relevant: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Documents, questions and the measure; `bm25` is the figure of the data's own README, with a note."""

    name: str
    metric: str
    documents: tuple[Text, ...]
    questions: tuple[Asked, ...]
    bm25: float | None = None
    note: str = ""


def load(name: str, data: Path) -> RetrievalSet:
    """The set of that name; see `NAMES`."""
    return SETS[name](data)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return (json.loads(line) for line in data.decode().split("\n") if line.strip())


def _titled(title: str, text: str) -> str:
    return f"# {title}\n\n{text}\n"


def milvus_faq(data: Path) -> RetrievalSet:
    """53 answers without their headings among 220 pages; the question finds its answer."""
    folder = data / "milvus_docs"
    pairs = list(_lines(folder / "faq_qa.jsonl"))
    answers = [Text(f"faq{place}", pair["answer"]) for place, pair in enumerate(pairs)]
    asked = tuple(Asked(pair["question"], {f"faq{place}": 1.0}) for place, pair in enumerate(pairs))
    note = "theirs whole pages, ours chunks (.604 by chunks, k1 .9, b .4)"
    return RetrievalSet("milvus", "R@5", (*answers, *_milvus_pages(folder)), asked, 0.377, note)


def milvus_glossary(data: Path) -> RetrievalSet:
    """The entries of the glossary among all other pages; "What is a segment?" finds its own."""
    folder = data / "milvus_docs"
    pages = _milvus_pages(folder)
    glossary = next(page for page in pages if page.id.endswith("glossary.md"))
    entries = [part.split("\n", 1) for part in re.split(r"^## ", glossary.text, flags=re.MULTILINE)[1:]]
    texts = [Text(term.strip(), f"## {term.strip()}\n{said}") for term, said in entries]
    asked = tuple(Asked(f"What is {_in_a_sentence(text.id)}?", {text.id: 1.0}) for text in texts)
    others = (page for page in pages if page is not glossary)
    return RetrievalSet("glossary", "MRR", (*texts, *others), asked)


def _milvus_pages(folder: Path) -> list[Text]:
    return [
        Text(path.relative_to(folder).as_posix(), FRONT_MATTER.sub("", path.read_text(encoding="utf-8")))
        for path in sorted((folder / "corpus").rglob("*.md"))
        if path.parent.name != "faq"
    ]


def _in_a_sentence(term: str) -> str:
    """ "Segment" as "a segment"; names, and what cannot be counted, as they are."""
    word = term[0].lower() + term[1:]
    if re.search(r"[A-Z]", word) or word.endswith(
        ("s", "search", "storage", "data", "mmap", "attu", "knowhere")
    ):
        return term
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def scifact(data: Path) -> RetrievalSet:
    """Claims and the abstracts that support or refute them (BEIR)."""
    folder = data / "scifact"
    documents = tuple(
        Text(str(line["id"]), _titled(line["title"], line["text"]))
        for line in _lines(folder / "corpus.jsonl.gz")
    )
    asked = tuple(
        Asked(line["text"], {str(key): float(grade) for key, grade in line["qrels"].items()})
        for line in _lines(folder / "queries.jsonl")
    )
    return RetrievalSet("scifact", "nDCG@10", documents, asked, 0.695, "theirs whole abstracts, ours chunks")


def xquad(data: Path, spoken: str, written: tuple[str, ...]) -> RetrievalSet:
    """Questions in one language, paragraphs in others; the same paragraph in any of them is right."""
    folder = data / "xquad"
    documents = tuple(
        Text(f"{language}-{line['id']}", line["text"])
        for language in written
        for line in _lines(folder / f"passages.{language}.jsonl")
    )
    asked = tuple(
        Asked(line["question"], {f"{language}-{line['gold']}": 1.0 for language in written})
        for line in _lines(folder / f"questions.{spoken}.jsonl")
    )
    name = f"xquad-{spoken}-{'all' if len(written) > 1 else written[0]}"
    bm25 = {"xquad-de-en": 0.381, "xquad-ru-en": 0.128, "xquad-ar-en": 0.073, "xquad-zh-en": 0.101}.get(name)
    note = "theirs R@1, English stems only" if bm25 else "theirs R@1 .82-.94" if (spoken,) == written else ""
    return RetrievalSet(name, "MRR", documents, asked, bm25, note)


def tatqa(data: Path) -> RetrievalSet:
    """Questions on financial tables and the paragraphs beside them."""
    text = (data / "tatqa" / "tatqa_dataset_dev.json").read_text(encoding="utf-8")
    documents, asked = [], []
    for context in json.loads(text):
        name = context["table"]["uid"]
        paragraphs = "\n\n".join(paragraph["text"] for paragraph in context["paragraphs"])
        documents.append(Text(name, f"{_markdown_table(context['table']['table'])}\n\n{paragraphs}\n"))
        asked += [Asked(question["question"], {name: 1.0}) for question in context["questions"]]
    return RetrievalSet("tatqa", "R@1", tuple(documents), tuple(asked), 0.472, "theirs whole, ours chunks")


def wikitablequestions(data: Path) -> RetrievalSet:
    """Which of 200 tables a question is about."""
    folder = data / "wikitablequestions"
    lines = list(_lines(folder / "questions.jsonl"))
    titles = {line["table"]: line["title"] for line in lines}
    documents = tuple(Text(table, _wiki_table(folder / table, title)) for table, title in titles.items())
    asked = tuple(Asked(line["question"], {line["table"]: 1.0}) for line in lines)
    return RetrievalSet("wikitablequestions", "R@1", documents, asked, 0.524, "theirs whole, ours chunks")


def _wiki_table(path: Path, title: str) -> str:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, doublequote=False, escapechar="\\"))
    return _titled(title, _markdown_table(rows))


def _markdown_table(rows: list[list[str]]) -> str:
    cells = [[re.sub(r"\s+", " ", cell).replace("|", r"\|") for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * len(cells[0]), *lines[1:]])


def ohrbench(data: Path) -> RetrievalSet:
    """Which of 983 pages answers; the pages are true text, the tables in LaTeX or HTML."""
    folder = data / "ohrbench"
    documents = tuple(
        Text(f"{line['doc']}#{line['page']}", line["text"])
        for line in _lines(folder / "pages_gt.jsonl.gz")
        if line["text"].strip()
    )
    asked = tuple(
        Asked(line["question"], {f"{line['doc']}#{line['page']}": 1.0})
        for line in _lines(folder / "questions.jsonl")
    )
    return RetrievalSet("ohrbench", "R@1", documents, asked, 0.815, "theirs whole pages, ours chunks")


def multihop(data: Path, name: str) -> RetrievalSet:
    """Questions whose answer needs several passages, each titled as in an encyclopedia."""
    folder = data / f"multihop_{name}"
    corpus = next(folder.glob("corpus.jsonl*"))
    documents = tuple(Text(line["id"], _titled(line["title"], line["text"])) for line in _lines(corpus))
    asked = tuple(
        Asked(line["question"], dict.fromkeys(line["gold"], 1.0))
        for line in _lines(folder / "questions.jsonl")
    )
    bm25 = {"2wiki": 0.670, "musique": 0.536, "hotpotqa": 0.767}[name]
    return RetrievalSet(name, "R@5", documents, asked, bm25, "theirs whole passages, ours chunks")


def lihua_world(data: Path) -> RetrievalSet:
    """A year of chat messages; questions without an answer in them are left out."""
    folder = data / "lihua_world"
    documents = tuple(Text(line["id"], line["text"], ".txt") for line in _lines(folder / "docs.jsonl"))
    asked = tuple(
        Asked(line["question"], dict.fromkeys(line["gold"], 1.0))
        for line in _lines(folder / "questions.jsonl")
        if line["gold"]
    )
    return RetrievalSet("lihua", "R@5", documents, asked, 0.786, "theirs whole days, ours chunks")


def _xquad_sets() -> dict[str, Callable[[Path], RetrievalSet]]:
    pairs: list[tuple[str, tuple[str, ...]]] = [(code, (code,)) for code in LANGUAGES]
    pairs += [(code, ("en",)) for code in LANGUAGES if code != "en"]
    pairs += [(code, LANGUAGES) for code in LANGUAGES]
    return {
        f"xquad-{spoken}-{'all' if len(written) > 1 else written[0]}": (
            lambda data, spoken=spoken, written=written: xquad(data, spoken, written)  # type: ignore[misc]
        )
        for spoken, written in pairs
    }


SETS: Mapping[str, Callable[[Path], RetrievalSet]] = {
    "milvus": milvus_faq,
    "glossary": milvus_glossary,
    "scifact": scifact,
    **_xquad_sets(),
    "tatqa": tatqa,
    "wikitablequestions": wikitablequestions,
    "ohrbench": ohrbench,
    "2wiki": lambda data: multihop(data, "2wiki"),
    "musique": lambda data: multihop(data, "musique"),
    "hotpotqa": lambda data: multihop(data, "hotpotqa"),
    "lihua": lihua_world,
}
REQUIRED = tuple(name for name in SETS if name in ("milvus", "scifact") or name.startswith("xquad"))
"""Where the fused ranking has to be at least as good as the better of its channels."""


def chosen(words: str) -> list[str]:
    """The sets that a list of names, or of beginnings of names, means: `scifact,xquad`."""
    wanted = [word.strip() for word in words.split(",") if word.strip()]
    return [name for name in SETS if any(name == word or name.startswith(f"{word}-") for word in wanted)]
