from __future__ import annotations

import time

import pytest

from glede.formulas.known import BY_LETTERS, BY_STRUCTURE
from glede.formulas.names import known_names, names_of
from glede.formulas.reader import parse


@pytest.mark.parametrize(
    ("latex", "name"),
    [
        ("a^2+b^2=c^2", "Pythagorean theorem"),
        ("x^2 + y^2 = z^2", "Pythagorean theorem"),
        ("V + F = 2 + E", "Euler's formula for polyhedra"),
        ("E = m c^{2}", "mass-energy equivalence"),
        (r"f(x) = \frac{1}{\sqrt{2\pi\sigma^2}} e^{-(x-\mu)^2/(2\sigma^2)}", "normal distribution"),
        (r"S_n = \sum_{k=1}^n k = \frac{n(n+1)}{2}", "Gauss sum"),
        (
            r"a > 0, b > 0 \Rightarrow \sqrt{ab} \le \frac{a+b}{2}",
            "inequality of arithmetic and geometric means",
        ),
    ],
)
def test_identities_are_known_by_any_letters(latex: str, name: str) -> None:
    assert name in known_names(latex)


@pytest.mark.parametrize("latex", ["y = a x^2", "a = b c", "x", "", r"\frac{a}{b", "a^2 + b^2 = c^3"])
def test_what_looks_alike_has_no_name(latex: str) -> None:
    assert known_names(latex) == []


@pytest.mark.parametrize(
    ("context", "names"),
    [
        ("The Pythagorean theorem states that", ["Pythagorean theorem"]),
        ("By the law of cosines, we get", ["law of cosines"]),
        ("The Navier–Stokes equations are", ["Navier–Stokes equations"]),
        ("Using the Cauchy-Schwarz inequality", ["Cauchy-Schwarz inequality"]),
        ("Nach dem Satz des Pythagoras gilt", ["Satz des Pythagoras"]),
        ("Der Kosinussatz lautet", ["Kosinussatz"]),
        ("По теореме Пифагора", ["теореме Пифагора"]),
        ("根据勾股定理，我们有", ["勾股定理"]),
        ("This equation shows the result. In the Equation", []),
    ],
)
def test_names_in_the_words_around(context: str, names: list[str]) -> None:
    assert names_of("q", context) == names


def test_the_table_is_whole() -> None:
    entries = (*BY_STRUCTURE, *BY_LETTERS)
    assert len(entries) > 100
    for _, *formulas in entries:
        assert formulas
        for formula in formulas:
            assert parse(formula).readable, formula


@pytest.mark.measured
@pytest.mark.parametrize("piece", ["Aa ", "Aa", "Aa-", "rule of ", "Satz von A", "теорема А-", "字", "A'a "])
def test_long_contexts_take_little_time(piece: str) -> None:
    began = time.perf_counter()
    names_of("q", piece * 5000)
    assert time.perf_counter() - began < 3
