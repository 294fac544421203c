from __future__ import annotations

import time

import pytest

from glede.formulas.symbols import symbols_in, symbols_of, written

ENERGY = {"E": "energy", "m": "mass", "c": "speed of light"}


@pytest.mark.parametrize(
    ("latex", "context", "meanings"),
    [
        ("E=mc^2", "where $E$ is the energy, $m$ the mass and $c$ the speed of light.", ENERGY),
        (
            "E=mc^2",
            "Here E denotes the energy, m denotes the mass, and c stands for the speed of light.",
            ENERGY,
        ),
        ("E=mc^2", "E: energy\nm: mass\nc: speed of light", ENERGY),
        (
            "E=mc^2",
            "wobei E die Energie, m die Masse und c die Lichtgeschwindigkeit ist.",
            {"E": "Energie", "m": "Masse", "c": "Lichtgeschwindigkeit"},
        ),
        (
            "E=mc^2",
            "Dabei ist $E$ die Energie, $m$ bezeichnet die Masse und $c$ steht für die Lichtgeschwindigkeit.",
            {"E": "Energie", "m": "Masse", "c": "Lichtgeschwindigkeit"},
        ),
        (
            "E=mc^2",
            "где E — энергия тела, m — масса, а c — скорость света.",
            {"E": "энергия тела", "m": "масса", "c": "скорость света"},
        ),
        ("E=mc^2", "其中 E 为能量，m 为质量，c 是光速。", {"E": "能量", "m": "质量", "c": "光速"}),
        (
            r"\sum_{i=1}^n x_i",
            "Let $n$ denote the number of samples and let $x_i$ be the i-th sample.",
            {"n": "number of samples", "x_i": "i-th sample"},
        ),
        (
            "V-E+F=2",
            "Let $V$, $E$, and $F$ denote the number of vertices, edges and faces, respectively.",
            {"V": "number of vertices", "E": "edges", "F": "faces"},
        ),
        (
            "a^2+b^2=c^2",
            "In a triangle with legs $a$ and $b$ and hypotenuse $c$",
            {"a": "legs", "b": "legs", "c": "hypotenuse"},
        ),
        ("p = 0", "We denote the pressure of the gas by $p$.", {"p": "pressure of the gas"}),
        (r"\hat{b} = 1", r"where $\hat{b}$ represents the estimated box.", {r"\hat{b}": "estimated box"}),
        (r"\mu = 1", "where μ is the mean and q is the rest", {"μ": "mean"}),
        ("x = 1", "For all real numbers $x$, the equation $x = 1$ holds.", {"x": "real numbers"}),
        ("x = 1", "It is not given, and x is not the same.", {}),
        ("x = 1", "", {}),
    ],
)
def test_meanings(latex: str, context: str, meanings: dict[str, str]) -> None:
    assert symbols_of(latex, context) == meanings


def test_symbols_in_a_formula() -> None:
    assert symbols_in(r"\hat{b} = \sum_i x_i + \alpha \pi") == ["hat(b)", "b", "i", "_(x i)", "x", "alpha"]


def test_meanings_on_one_line() -> None:
    assert written({r"\alpha_{1}": "the angle", "c": "speed"}) == "α_1: the angle; c: speed"


@pytest.mark.measured
@pytest.mark.parametrize(
    "piece", ["$a$ and ", "where $x$ is ", "the the ", "a, ", "$x$ the mass ", "denote ", "其中"]
)
def test_long_contexts_take_little_time(piece: str) -> None:
    began = time.perf_counter()
    symbols_of("a + x", piece * 3000)
    assert time.perf_counter() - began < 3
