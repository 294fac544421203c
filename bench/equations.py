"""How well formulas are found by structure and by name, and what is known of their symbols.

    python -m bench.equations --data ../shared/data [--json FILE]

Named formulas: the first version of each identity asks for the others. With renamed variables, no letter of
the question is that of the documents. Meanings of symbols: the set gives no text, so that they are written
around each formula in sentences of four languages, which says whether such sentences are understood, not how
often documents write them; and those of real sentences, labelled by hand (`LABELS`). Exits with 1 below the
floors.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.metrics import mean
from glede.formulas.features import (
    SHARE,
    document_weights,
    feature_terms,
    formulas_in,
    question_weights,
    without_formulas,
)
from glede.formulas.forms import normal
from glede.formulas.latex_symbols import GREEK, WORDS
from glede.formulas.names import known_names
from glede.formulas.reader import parse
from glede.formulas.reading import reading
from glede.formulas.symbols import symbols_of
from glede.ports import TermStatistics
from glede.text.keywords import AVERAGE_LENGTH, query_terms, weigh

FLOORS: Mapping[str, float] = {"named P@5": 0.85, "renamed P@5": 0.80, "symbols recall": 0.8, "parsed": 0.97}
_KEPT = r"\\(?:mathbb|mathrm|text|begin|end)\{[^{}]*\}|\\[A-Za-z]+"
_LETTERS = re.compile(rf"(?P<command>{_KEPT})|(?P<word>[A-Za-z]+)")
_SIMPLE = re.compile(
    r"[A-Za-z]|\\(?:" + "|".join(sorted(GREEK)) + r")(?![A-Za-z])|[A-Za-z]_\{?[A-Za-z0-9]\}?"
)
_MEANING = re.compile(r"[A-Za-z][A-Za-z' -]{2,50}")
SENTENCES: Mapping[str, tuple[str, str]] = {
    "en": ("where ", "${symbol}$ is the {meaning}"),
    "de": ("Dabei ", "bezeichnet ${symbol}$ die {meaning}"),
    "ru": ("где ", "${symbol}$ — {meaning}"),
    "zh": ("其中", "${symbol}$表示{meaning}"),
}
_JOINTS: Mapping[str, tuple[str, str]] = {
    "en": (", ", " and "), "de": (", ", " und "), "ru": (", ", ", а "), "zh": ("，", "，"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Formula:
    """A version of a named identity."""

    id: str
    identity: str
    formulas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, and what it is of."""

    name: str
    value: float
    note: str = ""


def named(data: Path) -> list[Formula]:
    """All versions of the named identities, with the formulas in each."""
    return [
        Formula(row["id"], row["identity"], tuple(_formulas(row["latex"])))
        for row in _rows(data / "named_formulas.jsonl")
    ]


def _formulas(text: str) -> list[str]:
    """Some versions are one formula without marks, others sentences with formulas between dollars."""
    return formulas_in(text) if "$" in text else [text]


def retrieval(versions: Sequence[Formula], changed: Callable[[str], str], name: str) -> list[Figure]:
    """Sparse search by structure: the first version of each identity as the question."""
    documents = {one.id: document_weights(one.formulas) for one in versions}
    rarity = _rarity([one.formulas for one in versions])
    precise, capped, average = [], [], []
    for first in _firsts(versions):
        question = question_weights([changed(formula) for formula in first.formulas], rarity)
        others = [one for one in versions if one.id != first.id]
        scores = {one.id: _product(question, documents[one.id]) for one in others}
        right = [one.identity == first.identity for one in sorted(others, key=lambda one: -scores[one.id])]
        precise.append(sum(right[:5]) / 5)
        capped.append(sum(right[:5]) / min(5, sum(right)))
        average.append(_average_precision(right))
    note = f"{len(precise)} questions, {len(versions)} versions"
    return [
        Figure(f"{name} P@5", mean(precise), note),
        Figure(f"{name} P@5 of what there is", mean(capped), "identities with fewer than 5 other versions"),
        Figure(f"{name} MAP", mean(average), note),
    ]


def asked(texts: Mapping[str, str], versions: Sequence[Formula], changed: Callable[[str], str]) -> float:
    """P@5 of questions in words and a formula, in one sparse product with the words of the texts."""
    words = {name: weigh(text) for name, text in texts.items()}
    frequencies = Counter(term for one in words.values() for term in one.terms)
    statistics = TermStatistics(len(words), AVERAGE_LENGTH, frequencies)
    features = {one.id: document_weights(one.formulas) for one in versions}
    rarity = _rarity([one.formulas for one in versions])
    precise = []
    for first in _firsts(versions):
        question = f"Which rule says that ${changed(first.formulas[0])}$ holds?"
        structure = question_weights(formulas_in(question), rarity)
        terms = query_terms(without_formulas(question)).weights(statistics)
        others = [one for one in versions if one.id != first.id]
        scores = {
            one.id: SHARE * _product(structure, features[one.id]) + _words(terms, words[one.id].weights)
            for one in others
        }
        best = sorted(others, key=lambda one: -scores[one.id])[:5]
        precise.append(sum(one.identity == first.identity for one in best) / 5)
    return mean(precise)


def _words(question: Mapping[int, float], document: Mapping[int, float]) -> float:
    return sum(weight * document.get(term, 0.0) for term, weight in question.items())


def _firsts(versions: Sequence[Formula]) -> list[Formula]:
    return list({one.identity: one for one in reversed(versions)}.values())[::-1]


def _rarity(documents: Sequence[Sequence[str]]) -> Mapping[str, float]:
    """The IDF of each feature; of one that no document has, that of the rarest."""
    counts: Counter[str] = Counter()
    for formulas in documents:
        counts.update({term for formula in formulas for term in feature_terms(formula)})
    total = len(documents)
    return {term: math.log(1 + (total - count + 0.5) / (count + 0.5)) for term, count in counts.items()}


def _product(question: Mapping[str, float], document: Mapping[str, float]) -> float:
    return sum(weight * document.get(term, 0.0) for term, weight in question.items())


def _average_precision(right: Sequence[bool]) -> float:
    found = [sum(right[:place]) / place for place, hit in enumerate(right, 1) if hit]
    return mean(found)


def renamed(latex: str) -> str:
    """The formula with every Latin variable another letter; commands and names of functions stay."""
    return _LETTERS.sub(_other, latex)


def _other(match: re.Match[str]) -> str:
    word = match.group()
    if match.group("command"):
        return _GREEK.get(word, word)
    return word if word in WORDS else "".join(map(_other_letter, word))


def _other_letter(letter: str) -> str:
    if letter in "dei":  # differentials, Euler's number and the imaginary unit
        return letter
    first = ord("a") if letter.islower() else ord("A")
    moved = chr(first + (ord(letter) - first + 7) % 26)
    return "w" if moved in "dei" else moved


LABELS = """
2-8 a length b length c hypotenuse | 3-7 a real b real | 8-7 a real b real n natural | 9-10 r real
11-4 A matrix
13-6 A matrix a element b element c element d element e element f element g element h element j element
21-5 V vertices E edges F faces | 22-5 f function F antiderivative | 23-3 f function g function
24-5 u function v function | 25-5 u function v function | 28-4 f function
29-4 f function g function G antiderivative | 30-5 \\alpha angle
32-6 a length b length c length \\beta angle
37-4 n number | 38-6 z complex | 40-8 e constant | 41-4 \\alpha angle \\beta angle
45-10 p real q real a real b real | 48-5 A event B event | 50-4 X variable \\lambda rate k number
52-4 A event B_n event | 54-8 X variable \\bar{X} mean | 55-3 X variable Y variable | 57-5 A set B set
58-5 A set B set C set | 65-4 x complex \\alpha complex | 67-6 z complex w complex | 68-6 z complex w complex
69-6 z complex w complex | 70-5 z complex
7-6 | 14-8 | 15-8 | 19-4 | 27-4 | 59-9 | 61-5 | 63-8 | 64-6 | 66-5
"""
"""The last sentence of each identity in named_formulas.jsonl: symbols, and a word of what they are."""


def labels() -> dict[str, dict[str, str]]:
    """The labels by the id of the sentence."""
    found = {}
    for entry in re.split(r"\||\n(?=\d)", LABELS.strip()):
        name, *words = entry.split()
        found[name] = dict(zip(words[::2], words[1::2], strict=True))
    return found


def sentences(data: Path) -> list[Figure]:
    """Meanings of symbols in the labelled sentences."""
    texts = {row["id"]: row["latex"] for row in _rows(data / "named_formulas.jsonl")}
    told = right = true = 0
    for name, wanted in labels().items():
        found = symbols_of(", ".join(formulas_in(texts[name])), texts[name])
        got = {symbol.partition("(")[0]: meaning for symbol, meaning in found.items()}
        told, true = told + len(got), true + len(wanted)
        right += sum(word in got.get(symbol, "") for symbol, word in wanted.items())
    note = f"{len(labels())} sentences of mathematics, {true} symbols"
    return [
        Figure("symbols of real sentences recall", right / true, note),
        Figure("symbols of real sentences precision", right / told, note),
    ]


_GREEK = {r"\alpha": r"\mu", r"\beta": r"\nu", r"\gamma": r"\omega", r"\lambda": r"\rho"}


def names(versions: Sequence[Formula]) -> list[Figure]:
    """Of the versions that are whole formulas, how many the table of identities names, and how rightly."""
    found = {one.identity: [known_names(formula) for formula in one.formulas] for one in _firsts(versions)}
    known = [identity for identity, lists in found.items() if any(lists)]
    return [Figure("identities named without context", len(known) / len(found), f"{len(found)} identities")]


def meanings(data: Path) -> Iterator[Figure]:
    """Meanings of symbols, in sentences written around each formula."""
    cases = [(row["latex"], _usable(row["symbols"])) for row in _rows(data / "symbol_definitions.jsonl")]
    cases = [(latex, symbols) for latex, symbols in cases if symbols]
    told = right = true = 0
    for language, (start, sentence) in SENTENCES.items():
        hits = found = total = 0
        for latex, symbols in cases:
            parts = [sentence.format(symbol=symbol, meaning=meaning) for symbol, meaning in symbols.items()]
            comma, last = _JOINTS[language]
            context = start + (last.join((comma.join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0])
            got = symbols_of(latex, f"{context}.")
            found += len(got)
            total += len(symbols)
            hits += sum(got.get(symbol) == meaning for symbol, meaning in symbols.items())
        yield Figure(f"symbols recall {language}", hits / total, f"{total} symbols, written sentences")
        told, right, true = told + found, right + hits, true + total
    yield Figure("symbols recall", right / true, "all four languages")
    yield Figure("symbols precision", right / told, "all four languages")


def _usable(symbols: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Single symbols with a meaning that is words; a remark in parentheses goes."""
    cleaned = {
        symbol: meanings[0].partition("(")[0].strip() for symbol, meanings in symbols.items() if meanings
    }
    return {
        symbol: meaning
        for symbol, meaning in cleaned.items()
        if _SIMPLE.fullmatch(symbol) and _MEANING.fullmatch(meaning)
    }


def trees(data: Path) -> Iterator[Figure]:
    """How much of real LaTeX parses and is read, and what that costs."""
    formulas = [row["latex"] for row in _rows(data / "image_latex.jsonl")]
    yield Figure(
        "parsed", mean([float(parse(latex).readable) for latex in formulas]), f"{len(formulas)} of papers"
    )
    yield Figure("read in words", mean([float(bool(reading(latex))) for latex in formulas]))
    normal.cache_clear()
    began = time.process_time()
    for place, latex in enumerate(formulas):
        feature_terms(f"{latex} {'~' * place}")  # no formula comes from the memory of another
    spent = (time.process_time() - began) / len(formulas)
    yield Figure("milliseconds a formula", spent * 1000, "features, on one core")
    counts = [len(feature_terms(latex)) for latex in formulas]
    yield Figure("features a formula", mean([float(count) for count in counts]))


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measure(data: Path) -> list[Figure]:
    """All figures of the folder `equations`."""
    versions = named(data)
    texts = {row["id"]: row["latex"] for row in _rows(data / "named_formulas.jsonl")}
    return [
        *retrieval(versions, str, "named"),
        *retrieval(versions, renamed, "renamed"),
        Figure("asked in words P@5", asked(texts, versions, str), "structure and words in one sum"),
        Figure("asked in words, renamed P@5", asked(texts, versions, renamed), "the same"),
        *names(versions),
        *meanings(data),
        *sentences(data),
        *trees(data),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where one is below its floor."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    data = options.data / "equations"
    if not data.is_dir():
        print(f"no data in {data}: nothing measured")
        return 0
    figures = measure(data)
    print("| | figure | floor | of |\n|---|---|---|---|")
    for one in figures:
        print(f"| {one.name} | {one.value:.3f} | {FLOORS.get(one.name, '')} | {one.note} |")
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in figures], indent=1), encoding="utf-8")
    return int(any(one.value < FLOORS.get(one.name, 0.0) for one in figures))


if __name__ == "__main__":
    sys.exit(main())
