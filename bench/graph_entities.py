"""What the extractor `nlp` finds of what people have marked, and what it costs.

    python -m bench.graph_entities --data ../shared/data [--half tuned|held|all] [--json FILE]

redocred: names (people, organisations, places, others) of 120 texts, found once for each text and compared by
the key of the graph. Its texts set a space around every mark, which is taken back first. Half of the texts
were looked at while the rules were written ("tuned"); the other half ("held") is the fair figure.
mine: the share of 900 facts whose words the graph of their essay keeps: a fact counts where two thirds of its
words of meaning stand in mentions and facts that lie in one chunk with one of its names.
text2kg_webnlg: of triples that people wrote for single sentences, the share whose two names are found, and
the share whose names a fact joins, whichever way round; rules know nothing of the relations' names, so these
are not compared. Only triples whose two names stand in their sentence by their words are counted.
cost: CPU milliseconds for a chunk of 780 tokens, by the essays. Exits with 1 below the floors.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.metrics import Score
from glede.adding.chunking import Chunking, cut
from glede.extractors.nlp import NlpExtractor
from glede.graph.names import key_of
from glede.knowledge import DocumentGraph
from glede.text.keywords import analyse
from glede.text.sentences import count_tokens
from glede.types import Block, Chunk, Parsed

FLOORS: Mapping[str, float] = {"names F1": 0.60, "ms per chunk": 3.0}
NAMES = ("PER", "ORG", "LOC", "MISC")
FOUND = ("person", "organization", "place", "work", "event", "product", "name", "acronym", "identifier")
_SPACED = re.compile(
    r" (?=[,.;:!?)\]%]|'s\b|n't\b|'(?:\W|$))|(?<=[(\[$]) | (?=')|(?<=\w) (?=- \w)|(?<=\w -) (?=\w)"
)
_QUOTES = re.compile(r'" ([^"]*?) "')
SHARE = 2 / 3
PASSES = 5
"""Of which the fastest counts: others use the same cores."""


def unspaced(text: str) -> str:
    """A text whose marks are set apart, as people write it."""
    text = re.sub(r"(?<=\w) - (?=\w)", "-", text)
    text = _QUOTES.sub(r'"\1"', text)
    return _SPACED.sub("", text)


def graph_of(title: str, text: str, tokens: int = 780) -> tuple[DocumentGraph, list[Chunk]]:
    """What the extractor makes of a text of paragraphs."""
    heading = (Block("heading", title, level=1),) if title else ()
    path = (title,) if title else ()
    blocks = (*heading, *(Block("text", part, path) for part in text.split("\n\n") if part.strip()))
    chunks = cut(blocks, "document", "version", Chunking(tokens))
    parsed = Parsed("text/markdown", "bench", blocks, title=title)
    return NlpExtractor().read(parsed, chunks), chunks


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines."""
    return (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def names(documents: Sequence[dict[str, Any]], show: int = 0) -> tuple[Score, Mapping[str, float]]:
    """Score over names, and the recall of each type that people marked."""
    right = found_all = marked_all = 0
    by_type: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    false: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for document in documents:
        graph, _ = graph_of("", unspaced(document["text"]))
        found = {key_of(mention.name): mention for mention in graph.mentions if mention.type in FOUND}
        every = {key_of(mention.name) for mention in graph.mentions}
        matched: set[str] = set()
        others: set[str] = set()
        for entity in document["entities"]:
            keys = {key_of(name) for name in entity["names"]} - {""}
            if entity["type"] not in NAMES:
                others |= keys
                by_type[entity["type"]] += 1
                hits[entity["type"]] += bool(keys & every)
                continue
            by_type[entity["type"]] += 1
            hits[entity["type"]] += bool(keys & found.keys())
            marked_all += 1
            right += bool(keys & found.keys())
            matched |= keys & found.keys()
            missed.update([entity["names"][0]] if not keys & found.keys() else [])
        wrong = found.keys() - matched - others
        found_all += len(matched) + len(wrong)
        false.update(found[key].name for key in wrong)
        right_found = len(matched)
        by_type["_matched"] += right_found
    precision = by_type.pop("_matched") / found_all
    if show:
        print("false:", ", ".join(name for name, _ in false.most_common(show)))
        print("missed:", ", ".join(name for name, _ in missed.most_common(show)))
    return Score(precision, right / marked_all), {
        kind: round(hits[kind] / by_type[kind], 3) for kind in sorted(by_type)
    }


def facts_kept(essays: Sequence[dict[str, Any]]) -> float:
    """The share of facts whose words the graph of their essay keeps."""
    kept = total = 0
    for essay in essays:
        graph, chunks = graph_of(essay["topic"], essay["text"], 160)
        said = [_said(graph, place) for place in range(len(chunks))]
        for fact in essay["facts"]:
            words = set(analyse(fact))
            total += 1
            kept += any(len(words & there) >= SHARE * len(words) for there in said)
    return kept / (total or 1)


@dataclass(frozen=True, slots=True)
class Triples:
    """Shares of the triples that count, and how many these are."""

    counted: int
    found: float
    joined: float


def triples(sentences: Sequence[dict[str, Any]]) -> Triples:
    """How many of the pairs of names that people joined are found, and joined."""
    counted = found = joined = 0
    for sentence in sentences:
        graph, _ = graph_of("", sentence["sent"])
        names = {key_of(mention.name) for mention in graph.mentions}
        pairs = {frozenset((key_of(fact.source), key_of(fact.target))) for fact in graph.facts}
        words = set(analyse(sentence["sent"]))
        for triple in sentence["triples"]:
            both = [_plain(triple["sub"]), _plain(triple["obj"])]
            if not all(analyse(name) and words.issuperset(analyse(name)) for name in both):
                continue
            counted += 1
            keys = frozenset(map(key_of, both))
            found += keys <= names
            joined += keys in pairs
    return Triples(counted, found / (counted or 1), joined / (counted or 1))


def _plain(name: str) -> str:
    """A name of DBpedia as sentences write it: no quotes, underscores or "(what it is)"."""
    return re.sub(r"\s*\(.*\)$", "", name.strip('"').replace("_", " "))


def _said(graph: DocumentGraph, place: int) -> set[str]:
    mentions = " . ".join(mention.name for mention in graph.mentions if mention.chunk == place)
    facts = " . ".join(
        f"{fact.source} {fact.label} {fact.target} {fact.description}"
        for fact in graph.facts
        if fact.chunk == place
    )
    return set(analyse(f"{mentions} . {facts}", "en"))


def cost(essays: Sequence[dict[str, Any]]) -> tuple[float, float, float]:
    """CPU milliseconds for 780 tokens, mentions and facts for as many."""
    prepared = [graph_of(essay["topic"], essay["text"])[1] for essay in essays]
    parsed = [Parsed("text/markdown", "bench", (), title=essay["topic"]) for essay in essays]
    spent, graphs = float("inf"), list[DocumentGraph]()
    for _ in range(PASSES):
        began = time.process_time()
        graphs = [NlpExtractor().read(one, chunks) for one, chunks in zip(parsed, prepared, strict=True)]
        spent = min(spent, time.process_time() - began)
    tokens = sum(count_tokens(chunk.text) for chunks in prepared for chunk in chunks) / 780
    mentions = sum(len(graph.mentions) for graph in graphs)
    return spent * 1000 / tokens, mentions / tokens, sum(len(graph.facts) for graph in graphs) / tokens


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--half", choices=("tuned", "held", "all"), default="held")
    parser.add_argument("--show", type=int, default=0, help="how many errors to print")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not (options.data / "redocred").is_dir():
        print(f"no data in {options.data}: skipped")
        return 0
    documents = list(lines_of(options.data / "redocred" / "documents.jsonl"))
    halves = {"tuned": documents[::2], "held": documents[1::2], "all": documents}
    agreement, by_type = names(halves[options.half], options.show)
    essays = list(lines_of(options.data / "mine" / "essays.jsonl"))
    figures: dict[str, float] = {
        "names precision": agreement.precision,
        "names recall": agreement.recall,
        "names F1": agreement.f1,
        "facts kept": facts_kept(essays),
    }
    written = triples(list(lines_of(options.data / "text2kg_webnlg" / "sentences.jsonl")))
    figures["triples counted"] = written.counted
    figures["triples found"], figures["triples joined"] = written.found, written.joined
    figures["ms per chunk"], figures["mentions per chunk"], figures["facts per chunk"] = cost(essays)
    for name, value in figures.items():
        print(f"{name:20} {value:.3f}")
    print("recall by type", by_type)
    if options.json:
        options.json.write_text(json.dumps({**figures, "recall by type": by_type}, indent=1))
    good = figures["names F1"] >= FLOORS["names F1"] and figures["ms per chunk"] <= FLOORS["ms per chunk"]
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
