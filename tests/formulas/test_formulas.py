from __future__ import annotations

import time

import pytest

from glede.formulas.features import (
    PREFIX,
    document_weights,
    feature_terms,
    formulas_in,
    question_weights,
    without_formulas,
)


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("Mass is energy: $E = mc^2$, and $$a^2$$ too.", ["E = mc^2", "a^2"]),
        (r"See \(x+y\) and \[ \frac{a}{b} \].", ["x+y", r"\frac{a}{b}"]),
        (r"\begin{equation*} x = 1 \end{equation*}", ["x = 1"]),
        ("It costs $5 today and $7 tomorrow.", []),
        ("From $10 to $20, see $x_1$.", ["x_1"]),
        ("What is a^2 + b^2 = c^2 called?", ["a^2 + b^2 = c^2"]),
        ("What does E=mc^2 mean", ["E=mc^2"]),
        ("Wie heißt \\sin(x)^2+\\cos(x)^2=1 ?", [r"\sin(x)^2+\cos(x)^2=1"]),
        ("a well-known test, in C++ and so on", []),
        ("", []),
    ],
)
def test_formulas_in_a_text(text: str, formulas: list[str]) -> None:
    assert formulas_in(text, unmarked=True) == formulas


def test_documents_are_not_searched_for_formulas_without_marks() -> None:
    assert formulas_in("set retries=3 where P < 0.05") == []


def test_features_carry_a_prefix_that_no_word_has() -> None:
    found = feature_terms("a^2 + b^2")
    assert found
    assert all(term.startswith(PREFIX) for term in found)
    assert found[f"{PREFIX}l:^"] == 2


def similarity(question: str, formula: str) -> float:
    found = document_weights([formula])
    return sum(weight * found.get(term, 0.0) for term, weight in question_weights([question], {}).items())


def test_the_same_structure_is_most_similar() -> None:
    pythagoras = "a^2 + b^2 = c^2"
    assert similarity(pythagoras, pythagoras) == pytest.approx(1)
    renamed = similarity(pythagoras, "x^2 + y^2 = z^2")
    assert renamed > 0.9
    assert renamed > similarity(pythagoras, "(a+b)^2 = a^2 + 2ab + b^2") > similarity(pythagoras, "E = mc")
    assert similarity("", pythagoras) == 0


def test_a_sparse_product_finds_the_formula_among_others() -> None:
    texts = {
        "pythagoras": ["a^2 + b^2 = c^2"],
        "cosines": [r"c^2 = a^2 + b^2 - 2ab\cos(C)"],
        "energy": ["E = mc^2", "p = mv"],
        "broken": [r"\frac{a}{b", "{"],
        "none": [],
    }
    rarity = dict.fromkeys(feature_terms("x^2 + y^2 = z^2"), 1.0)
    question = question_weights(["x^2 + y^2 = z^2"], rarity)
    scores = {
        name: sum(weight * document_weights(formulas).get(term, 0) for term, weight in question.items())
        for name, formulas in texts.items()
    }
    assert max(scores, key=scores.__getitem__) == "pythagoras"
    assert scores["cosines"] > scores["energy"] > scores["none"] == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What is $a^2$ called?", "What is   called?"),
        ("What does E=mc^2 mean", "What does   mean"),
        ("no formula, at all", "no formula, at all"),
    ],
)
def test_words_beside_formulas(text: str, words: str) -> None:
    assert without_formulas(text) == words


def test_a_text_of_many_formulas_has_bounded_features() -> None:
    many = [
        rf"x_{{{number}}}^{{{number + 1}}} + \\frac{{a_{{{number}}}}}{{b}} = {number}"
        for number in range(300)
    ]
    assert len(document_weights(many)) <= 1500


@pytest.mark.measured
@pytest.mark.parametrize(
    "piece", ["$$ ", "\\[", "\\(", "$a ", "\\begin{equation}", "a=", "x^2 word ", "$", "\\"]
)
def test_long_texts_take_little_time(piece: str) -> None:
    began = time.perf_counter()
    document_weights(formulas_in((piece * 20_000)[:40_000], unmarked=True))
    assert time.perf_counter() - began < 5
