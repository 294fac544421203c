"""Formulas as operator trees: what is added, divided, raised and summed, and not how it is printed.

Trees keep the order of writing; `glede.formulas.forms` makes equal what means the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from glede.formulas.latex_symbols import CONSTANTS, GREEK, REVERSED

Kind = Literal["operator", "variable", "number", "constant"]
FLAT = "tokens"
"""The label of a formula that could not be read."""


@dataclass(frozen=True, slots=True)
class Tree:
    """An operator over its operands, or a leaf."""

    label: str
    children: tuple[Tree, ...] = ()
    kind: Kind = "operator"

    def walk(self) -> Iterator[Tree]:
        """The tree and all trees in it, from the top."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def readable(self) -> bool:
        """Whether it is more than a list of tokens."""
        return self.label != FLAT


def leaf_of(token: str) -> Tree:
    """The leaf of a token: a number, a variable, or a constant that keeps its name."""
    name = token.lstrip("\\") or "\\"
    if name[:1].isdigit():
        return Tree(name, (), "number")
    variable = name in GREEK or (len(name) == 1 and name.isalpha())
    if name in CONSTANTS or not variable:
        return Tree(name, (), "constant")
    return Tree(name, (), "variable")


def times(factors: Sequence[Tree]) -> Tree:
    """A flat product."""
    if len(factors) == 1:
        return factors[0]
    flat = [part for factor in factors for part in (factor.children if factor.label == "*" else (factor,))]
    return Tree("*", tuple(flat)) if flat else Tree("")


def together(parts: Sequence[Tree]) -> Tree:
    """Formulas side by side."""
    if len(parts) == 1:
        return parts[0]
    return Tree("list", tuple(parts)) if parts else Tree("")


def compared(sign: str, left: Tree, right: Tree) -> Tree:
    """A comparison, the smaller side on the left."""
    if sign in REVERSED:
        return Tree(REVERSED[sign], (right, left))
    return Tree(sign, (left, right))


def fraction(top: Tree, bottom: Tree) -> Tree:
    """A fraction, or the operator of a derivative where it is written as one: d/dx."""
    head, tail = _differential(top), _differential(bottom)
    if head is None or tail is None or not tail:
        return Tree("/", (top, bottom))
    derivative = Tree("derivative", tuple(tail))
    return times([derivative, *head]) if head else derivative


def _differential(tree: Tree) -> tuple[Tree, ...] | None:
    """What follows the d of `d f` or `d x^2`; nothing follows that of d/dx."""
    factors = tree.children if tree.label == "*" and tree.children else (tree,)
    first = factors[0]
    if first.label == "^" and first.children and first.children[0].label in ("d", "partial"):
        return factors[1:]
    return factors[1:] if first.label in ("d", "partial") and not first.children else None


def integrand(body: Tree) -> Tree:
    """The product under an integral, where `d x` is one thing, also above a fraction line."""
    if not body.children:
        return body  # it may be the sign itself, as in \mathrm{/}
    if body.label == "/":
        return Tree("/", (integrand(body.children[0]), body.children[1]))
    if body.label != "*":
        return body
    factors: list[Tree] = []
    for factor in body.children:
        if factors and factors[-1].label == "d" and factor.label != "/":
            factors[-1] = Tree("differential", (factor,))
        else:
            factors.append(factor)
    return Tree("*", tuple(factors)) if len(factors) > 1 else factors[0]


def absolute(inner: Tree) -> Tree:
    """What bars around it mean: of a matrix its determinant."""
    return Tree("det", (inner,)) if inner.label == "matrix" else Tree("abs", (inner,))


def bracketed(inner: Tree) -> Tree:
    """Brackets around brackets are a matrix, as [[a, b], [c, d]]; around a list an interval; else nothing."""
    if inner.label == "list" and all(child.label == "interval" for child in inner.children):
        return Tree("matrix", tuple(Tree("row", child.children) for child in inner.children))
    return Tree("interval", inner.children) if inner.label == "list" else inner
