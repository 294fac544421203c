from __future__ import annotations

import pytest

from glede.formulas.reading import LONGEST, reading
from glede.formulas.tokens import macros_in


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        ("a^2 + b^2 = c^2", "a squared plus b squared equals c squared"),
        ("E=mc^2", "E equals m c squared"),
        (r"\frac12 m v^2", "one half times m v squared"),
        (
            r"x=\frac{-b\pm\sqrt{b^2-4ac}}{2a}",
            "x equals minus b plus or minus the square root of b squared minus 4 a c over 2 a",
        ),
        (r"(a+b)^3", "the quantity a plus b cubed"),
        (r"\sum_{i=1}^n x_i", "the sum from i equals 1 to n of x sub i"),
        (r"\lim_{n\to\infty} a_n", "the limit as n goes to infinity of a sub n"),
        (r"\frac{\partial^2 u}{\partial x^2}", "the second derivative with respect to x of u"),
        (r"\int_0^1 f(x)\,dx", "the integral from 0 to 1 of f of x d x"),
        (r"P(A|B) = 1", "P of A given B equals 1"),
        (r"E[X] = \mu", "E of X equals mu"),
        (r"\log_2 8 = 3", "the logarithm to base 2 of 8 equals 3"),
        (r"a = b < c", "a equals b is less than c"),
        (r"\sqrt[3]{x} + \|y\|", "the cube root of x plus the norm of y"),
        (r"x \in \mathbb{R}", "x in the real numbers"),
        (r"A^T A^{-1}", "A transposed A inverse"),
        (r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}", "the 2 by 2 matrix with rows 1, 0; 0, 1"),
        (r"\hat y + n!", "y hat plus n factorial"),
        (r"\frac{a}{b", ""),
        ("", ""),
    ],
)
def test_readings(latex: str, words: str) -> None:
    assert reading(latex) == words


def test_a_long_formula_is_read_in_part() -> None:
    words = reading(" + ".join(f"x_{{{number}}}" for number in range(200)))
    assert words.endswith("…")
    assert len(words) <= LONGEST + 2


def test_macros_are_read() -> None:
    assert reading(r"\half x", macros_in(r"\newcommand{\half}{\frac{1}{2}}")) == "one half times x"
