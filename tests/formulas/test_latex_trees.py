from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.formulas.features import feature_terms
from glede.formulas.forms import balanced, normal, renamed, text_of
from glede.formulas.reader import parse
from glede.formulas.reading import LONGEST, reading
from glede.formulas.tokens import macros_in, tokens_of


def shown(latex: str) -> str:
    return text_of(parse(latex))


@pytest.mark.parametrize(
    ("latex", "tree"),
    [
        ("a^2 + b^2 = c^2", "=(+(^(a 2) ^(b 2)) ^(c 2))"),
        (r"\frac12 m v^2", "*(/(1 2) m ^(v 2))"),
        (r"{a \over b} + {n \choose k}", "+(/(a b) binom(n k))"),
        (r"\sin^2(\alpha)+\cos x=1", "=(+(^(sin(alpha) 2) cos(x)) 1)"),
        (r"\sum_{k=0}^n a_k x^k", "sum(low(=(k 0)) high(n) *(_(a k) ^(x k)))"),
        (r"|A\cup B| = |A| + |B|", "=(abs(cup(A B)) +(abs(A) abs(B)))"),
        ("P(A|B) = P(B|A) / P(B)", "=(apply(P |(A B)) /(apply(P |(B A)) apply(P B)))"),
        (r"\left| x \right| \geq 2|y|", "le(*(2 abs(y)) abs(x))"),
        (r"\int_0^1 f(x)\,dx", "int(low(0) high(1) *(apply(f x) differential(x)))"),
        (r"\frac{d}{dx} f(x)", "*(derivative(x) apply(f x))"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "matrix(row(a b) row(c d))"),
        ("det([[a, b], [c, d]])", "det(matrix(row(a b) row(c d)))"),
        (
            r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise}\end{cases}",
            "cases(row(1 <(0 x)) row(0 otherwise))",
        ),
        ("x^(n-1)", "^(x +(n -(1)))"),
        ("x² ≤ √(y) + ∑ᵢ 𝑥ᵢ", "le(^(x 2) +(sqrt(y) sum(low(i) _(x i))))"),
        (r"\hat{x} \in \mathbb{R}", "in(hat(x) R)"),
        (r"a < b = c", "chain(<(a b) =(b c))"),
        (r"]0, 1[", "list(*(] 0) *(1 [))"),
        (r"\label{eq:1} x % a remark", "x"),
        ("", ""),
    ],
)
def test_trees(latex: str, tree: str) -> None:
    assert shown(latex) == tree


@pytest.mark.parametrize(
    ("latex", "tree"),
    [(r"\int \mathrm /", "int(/)"), (r"\int \ast", "int(*)"), (r"\frac{\mathrm\ast}{2}", "/(* 2)")],
)
def test_the_sign_of_an_operator_may_be_an_operand(latex: str, tree: str) -> None:
    assert shown(latex) == tree


@pytest.mark.parametrize(
    "latex", [r"\frac{a}{b", "a}}", r"\begin{pmatrix} a", r"\end{x}", "{" * 500, "(" * 200]
)
def test_what_does_not_parse_is_its_tokens(latex: str) -> None:
    tree = parse(latex)
    assert tree.label == "tokens"
    assert [leaf.label for leaf in tree.children]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\frac{a}{b}", "a/b"),
        (r"\frac{a}{b}", r"a \over b"),
        (r"\exp(x)", "e^x"),
        (r"a \cdot b", "b a"),
        (r"a \times b", "a*b"),
        (r"a \leq b", r"b \ge a"),
        (r"\frac{1}{2} x", "x/2"),
        (r"-(a - b)", "b - a"),
        (r"\left( a + b \right)^2", "(b+a)^{2}"),
        (r"\mathrm{Var}(X)", "Var[X]"),
        (r"{\displaystyle a\, b}", "ab"),
        (r"\log_e x", r"\ln x"),
        (r"a \neq b", r"b \not= a"),
        ("x²", "x^2"),
    ],
)
def test_equal_forms_become_one(one: str, other: str) -> None:
    assert text_of(normal(parse(one))) == text_of(normal(parse(other)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a^2 + b^2 = c^2", "z^2 = y^2 + x^2", True),
        ("a c - b d", "x y - u v", True),
        ("x^2 + 2xy + y^2", "q^2 + p^2 + 2pq", True),
        ("a^2 + b^2 = c^2", "a^2 + a^2 = c^2", False),
        (r"\pi r^2", r"\pi a^2", True),
        (r"\pi r^2", "x r^2", False),
        ("a b + c", "a + b c", True),
        ("a b + a", "a b + c", False),
    ],
)
def test_variables_lose_their_names(one: str, other: str, same: bool) -> None:
    assert (renamed(normal(parse(one))) == renamed(normal(parse(other)))) is same


def test_an_equation_is_the_same_with_its_terms_elsewhere() -> None:
    assert balanced(normal(parse("V - E + F = 2"))) == balanced(normal(parse("V + F = 2 + E")))
    assert balanced(normal(parse("V - E + F = 2"))) != balanced(normal(parse("V + E + F = 2")))


def test_macros_of_the_document() -> None:
    macros = macros_in(
        r"\newcommand{\R}{\mathbb{R}} \newcommand{\norm}[1]{\lVert #1 \rVert} \def\half{\frac{1}{2}}"
        r"\DeclareMathOperator{\rk}{rk} \newcommand{\bad}{unclosed"
    )
    assert sorted(macros) == ["R", "half", "norm", "rk"]
    assert text_of(parse(r"\norm{x} \in \R", macros)) == text_of(parse(r"\lVert x \rVert \in \mathbb{R}"))
    assert text_of(parse(r"\half x", macros)) == text_of(parse(r"{\frac{1}{2}} x"))


@pytest.mark.measured
def test_macros_that_name_themselves_end() -> None:
    macros = macros_in(r"\newcommand{\a}{\a\a\a} \newcommand{\b}{\b x}")
    began = time.perf_counter()
    parse(r"\a + \b", macros)
    assert time.perf_counter() - began < 2


@pytest.mark.measured
@pytest.mark.parametrize(
    "piece", ["x^{", "\\frac{", "-", "|x", "\\sin ", "(", "x_", "\\sum ", "a|b", "\\hat", "^", "'"]
)
def test_long_formulas_take_little_time(piece: str) -> None:
    began = time.perf_counter()
    form = normal(parse(piece * 2000))
    renamed(form)
    text_of(form)
    assert time.perf_counter() - began < 3


COMMANDS = (
    r"\frac \sqrt \sum \int \sin \log \left \right \over \choose \begin{matrix} \end{matrix} "
    r"\begin{cases} \end{cases} \mathrm \ast \hat \{ \} \not \forall \pm \cdot \alpha ² ≤ √ 𝑥"
)
PIECES = st.lists(
    st.sampled_from([*"abdxyEFP0129+-=<>|()[]{}^_'!,;:./*&% ", "\\\\", *COMMANDS.split()]), max_size=40
)


@given(PIECES)
def test_nothing_is_an_error(pieces: list[str]) -> None:
    latex = "".join(pieces)
    form = normal(parse(latex))
    assert text_of(normal(parse(latex))) == text_of(form)
    renamed(form)
    balanced(form)
    assert feature_terms(latex) is not None
    assert len(reading(latex)) <= LONGEST + 2


@given(st.text(max_size=200))
def test_any_text_has_tokens(text: str) -> None:
    assert all(tokens_of(text))
    parse(text)
