"""Formulas found by their structure: features of operator trees as terms of a sparse search.

Features are labels, paths from parent to child, the sets of children, and subtrees whose variables have
lost their names. They carry a prefix, so that they share an index with words and never meet them. Compare
Zanibbi et al. 2020, "Tangent", and Kristianto et al. 2016, "MCAT": paths of operator trees in an index.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from glede.formulas.forms import balanced, normal, renamed
from glede.formulas.latex_symbols import WORDS
from glede.formulas.reader import parse
from glede.formulas.tokens import Macro
from glede.formulas.trees import FLAT, Tree

PREFIX = "\x1d"
"""Stands before each feature, and in no word."""
FEATURES = 400
"""Of one formula at most, the commonest first."""
DOCUMENT_FEATURES = 1500
"""Of all formulas of a text together, the strongest."""
BARE_CHARACTERS = 20_000
"""Of a text without marks, that are looked through."""
LONGEST_SUBTREE = 40
"""Nodes of a subtree that is a feature as a whole."""
SHARE = 8.0
"""What the product of formulas counts beside that of words, where both are summed."""
_MARKED = re.compile(
    r"(?<!\\)\$\$(?P<double>.{1,2000}?)(?<!\\)\$\$"
    r"|\\\[(?P<display>.{1,2000}?)\\\]"
    r"|\\\((?P<inline>.{1,1000}?)\\\)"
    r"|\\begin\{(?P<name>equation|align|gather|multline|eqnarray|displaymath|math)(?P<star>\*?)\}"
    r"(?P<body>.{1,4000}?)\\end\{(?P=name)(?P=star)\}"
    r"|(?<![\\$\d])\$(?!\s)(?P<single>[^$\n]{1,400}?)(?<![\s\\])\$(?!\d)",
    re.DOTALL,
)
_BARE_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_OPERATION = re.compile(r"[=^<>≤≥≈∑∫√∏²³]|\\[a-zA-Z]+|_\{")
_NAMES = re.compile(rf"\\[a-zA-Z]+|{'|'.join(sorted(WORDS, key=len, reverse=True))}")


def formulas_in(text: str, *, unmarked: bool = False) -> list[str]:
    """The formulas of a text without their marks: `$...$`, `$$...$$`, `\\(...\\)`, `\\[...\\]`, environments.

    With `unmarked`, where nothing is marked, also runs that can only be formulas: "what is E=mc^2 called".
    That is for questions and equations: in other texts such runs are code and statistics.
    """
    return [formula for _, _, formula in _found(text, unmarked)]


def without_formulas(question: str) -> str:
    """The words of a question beside its formulas, whose letters are no words to search for."""
    for start, end, _ in reversed(_found(question, unmarked=True)):
        question = f"{question[:start]} {question[end:]}"
    return question


def _found(text: str, unmarked: bool) -> list[tuple[int, int, str]]:
    """Formulas with the places where they begin and end, marks included."""
    marked = _MARKED.finditer(text) if "$" in text or "\\" in text else ()
    found = [(*match.span(), _content(match)) for match in marked]
    found = [one for one in found if one[2]]
    return found if found or not unmarked else list(_bare(text))


def _content(match: re.Match[str]) -> str:
    names = ("double", "display", "inline", "body", "single")
    return next(match.group(name) for name in names if match.group(name) is not None).strip()


def _bare(text: str) -> Iterator[tuple[int, int, str]]:
    """Runs of symbols with at least one operation, between words."""
    run: list[re.Match[str]] = []
    for token in [*_BARE_TOKEN.finditer(text[:BARE_CHARACTERS]), None]:
        if token is not None and not _is_word(token.group()):
            run.append(token)
            continue
        while run and _is_article(run):
            run.pop(0)
        if run:
            start, end = run[0].start(), run[-1].end()
            formula = text[start:end].strip(" .,;:?!\"'")
            if _OPERATION.search(formula) and len(formula) >= 3:
                yield start, end, formula
        run = []


def _is_article(run: Sequence[re.Match[str]]) -> bool:
    """Whether a run of symbols begins with a word: the "a" of "find a x^2"."""
    return run[0].group() in ("a", "A", "I") and (len(run) == 1 or run[1].group()[0].isalnum())


def _is_word(token: str) -> bool:
    """Whether a token is of language: `what`, `well-known`, and not `2ab`, `sin(x)` or `E=mc^2`."""
    bare = token.strip(".,;:?!()")
    if bare.isalpha() and len(bare) > 1:
        return bare not in WORDS
    return _WORD.search(_NAMES.sub("", token)) is not None


def feature_terms(latex: str, macros: Mapping[str, Macro] | None = None) -> Counter[str]:
    """The features of one formula and how often each occurs; of a text that is none, of its tokens."""
    return _features(latex) if not macros else _features_of(parse(latex, macros))


@lru_cache(maxsize=4096)
def _features(latex: str) -> Counter[str]:
    return _features_of(parse(latex))


def _features_of(tree: Tree) -> Counter[str]:
    if tree.label == FLAT:
        return Counter(f"{PREFIX}l:{_label(child)}" for child in tree.children[:FEATURES])
    form = normal(tree)
    found = Counter(f"{PREFIX}{feature}" for feature in _walk(form))
    if form.label in ("=", "<", "le", "list", "chain"):
        found[f"{PREFIX}w:{balanced(form)}"] += 1
    return Counter(dict(found.most_common(FEATURES)))


def _walk(tree: Tree) -> Iterator[str]:
    """The features of every node."""
    for node in tree.walk():
        yield f"l:{_label(node)}"
        if node.kind == "variable":
            yield f"v:{node.label}"
        if not node.children:
            continue
        labels = [_label(child) for child in node.children]
        yield f"c:{node.label}:{' '.join(sorted(labels))}"
        for child, label in zip(node.children, labels, strict=True):
            yield f"p:{node.label}>{label}"
            for grandchild in child.children:
                yield f"p:{node.label}>{label}>{_label(grandchild)}"
        if size_of(node) <= LONGEST_SUBTREE:
            yield f"s:{renamed(node)}"


def _label(tree: Tree) -> str:
    return "?" if tree.kind == "variable" else tree.label


def size_of(tree: Tree) -> int:
    """How many nodes it has."""
    return sum(1 for _ in tree.walk())


def _weights_of(features: Mapping[str, int], rarity: Mapping[str, float] | None = None) -> dict[str, float]:
    """The weight of each feature: its kind's, its frequency's logarithm, and its rarity."""
    return {
        term: WEIGHTS[term[len(PREFIX)]] * (1 + math.log(count)) * (rarity.get(term, 1.0) if rarity else 1.0)
        for term, count in features.items()
    }


WEIGHTS: Mapping[str, float] = {"l": 0.5, "v": 0.3, "c": 1.0, "p": 0.7, "s": 1.0, "w": 1.5}
"""What a feature counts by its kind: label, variable, children, path, subtree, whole."""


def document_weights(formulas: Iterable[str]) -> dict[str, float]:
    """The sparse vector of a text with these formulas: of each feature the best of any formula of length 1.

    The inner product with `question_weights` is then about the cosine with the formula that fits best.
    """
    weights: dict[str, float] = {}
    for formula in dict.fromkeys(formulas):
        found = _weights_of(feature_terms(formula))
        length = math.hypot(*found.values()) or 1.0
        for term, weight in found.items():
            weights[term] = max(weights.get(term, 0.0), weight / length)
    strongest = sorted(weights, key=weights.__getitem__, reverse=True)[:DOCUMENT_FEATURES]
    return {term: weights[term] for term in strongest} if len(weights) > DOCUMENT_FEATURES else weights


def question_weights(formulas: Iterable[str], rarity: Mapping[str, float]) -> dict[str, float]:
    """The sparse vector of a question with these formulas; `rarity` is the IDF of features."""
    weights: dict[str, float] = {}
    for formula in dict.fromkeys(formulas):
        found = _weights_of(feature_terms(formula), rarity)
        length = math.hypot(*found.values()) or 1.0
        for term, weight in found.items():
            weights[term] = max(weights.get(term, 0.0), weight * rarity.get(term, 1.0) / length)
    return weights
