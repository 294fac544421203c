"""Formulas read aloud in plain English words, for embedding and for those who do not see them.

"a squared plus b squared equals c squared": no exact speech with pauses, but the words that people use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from glede.formulas.latex_symbols import ACCENTS
from glede.formulas.reader import parse
from glede.formulas.tokens import Macro
from glede.formulas.trees import Tree

LONGEST = 600
"""Characters of a reading; nobody follows a longer one."""
_RELATIONS: Mapping[str, str] = {
    "=": "equals", "<": "is less than",
    "le": "is at most", "ne": "is not equal to",
    "approx": "is approximately", "equiv": "is equivalent to", "sim": "is distributed as",
    "simeq": "is similar to",
    "cong": "is congruent to", "propto": "is proportional to", "ll": "is much less than", "in": "in",
    "notin": "not in", "subset": "is a subset of", "subseteq": "is a subset of", "rightarrow": "to",
    "mapsto": "maps to", "leftrightarrow": "if and only if", "parallel": "is parallel to", "prec": "precedes",
    "doteq": "equals", "asymp": "is of the order of", "|": "given", "cup": "union", "cap": "intersected with",
    "vee": "or", "wedge": "and", "oplus": "direct sum", "otimes": "tensor", "circ": "composed with",
    "setminus": "without", "bmod": "modulo", "mod": "modulo",
}  # fmt: skip
_FUNCTIONS: Mapping[str, str] = {
    "sin": "sine", "cos": "cosine", "tan": "tangent", "cot": "cotangent", "sec": "secant", "csc": "cosecant",
    "arcsin": "arc sine", "arccos": "arc cosine", "arctan": "arc tangent", "sinh": "hyperbolic sine",
    "cosh": "hyperbolic cosine", "tanh": "hyperbolic tangent", "log": "logarithm", "ln": "natural logarithm",
    "lg": "logarithm", "exp": "exponential", "det": "determinant", "dim": "dimension", "arg": "argument",
    "gcd": "greatest common divisor", "Pr": "probability", "Var": "variance", "Cov": "covariance",
    "tr": "trace", "Tr": "trace", "grad": "gradient", "div": "divergence", "erf": "error function",
    "sgn": "sign", "abs": "absolute value", "lVert": "norm", "lfloor": "floor", "lceil": "ceiling",
    "overline": "mean", "langle": "mean",
}  # fmt: skip
_BIG: Mapping[str, str] = {
    "sum": "sum", "prod": "product", "int": "integral", "oint": "contour integral", "coprod": "coproduct",
    "bigcup": "union", "bigcap": "intersection", "lim": "limit", "max": "maximum", "min": "minimum",
    "sup": "supremum", "inf": "infimum",
    "argmax": "argument of the maximum",
    "argmin": "argument of the minimum",
    "limsup": "limit superior",
    "liminf": "limit inferior", "bigvee": "disjunction", "bigwedge": "conjunction",
    "bigoplus": "direct sum", "bigotimes": "tensor product",
}  # fmt: skip
_LEAVES: Mapping[str, str] = {
    "infty": "infinity", "dots": "and so on", "hbar": "h-bar", "partial": "partial", "nabla": "nabla",
    "emptyset": "the empty set", "top": "transposed", "circ": "degrees", "R": "the real numbers",
    "dagger": "dagger", "prime": "prime", "cdot": "", "lVert": "", "Vert": "", "ell": "l",
}  # fmt: skip
_SETS: Mapping[str, str] = {
    "R": "the real numbers", "N": "the natural numbers", "Z": "the integers", "C": "the complex numbers",
    "Q": "the rational numbers",
}  # fmt: skip
_POWERS: Mapping[str, str] = {
    "2": "squared",
    "3": "cubed",
    "top": "transposed",
    "T": "transposed",
    "circ": "degrees",
}
_LOOSE = ("+", "/")
_ORDINALS = ("", "", "second ", "third ", "fourth ")


def reading(latex: str, macros: Mapping[str, Macro] | None = None) -> str:
    """The words of a formula; nothing of one that could not be read."""
    tree = parse(latex, macros)
    if not tree.readable or not tree.label:
        return ""
    words = " ".join(said(tree).split()).replace(" ,", ",").strip(", ")
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rpartition(' ')[0]} …"


def said(tree: Tree) -> str:
    """The words of a tree."""
    if not tree.children:
        return _leaf(tree)
    rule = _RULES.get(tree.label)
    if rule is not None:
        return rule(tree.children)
    if tree.label in _RELATIONS:
        return f" {_RELATIONS[tree.label]} ".join(said(child) for child in tree.children)
    if tree.label in _BIG:
        return _big(_BIG[tree.label], tree.children)
    if tree.label in ACCENTS and tree.label not in _FUNCTIONS:
        return f"{said(tree.children[0])} {tree.label}"
    return _function(_FUNCTIONS.get(tree.label, tree.label), tree.children)


def _leaf(tree: Tree) -> str:
    if tree.kind == "constant" and tree.label in _SETS:
        return _SETS[tree.label]
    return _LEAVES.get(tree.label, tree.label) if tree.kind != "variable" else tree.label


def _listed(children: Sequence[Tree]) -> str:
    return ", ".join(said(child) for child in children)


def _sum(children: Sequence[Tree]) -> str:
    words = said(children[0])
    for child in children[1:]:
        negative = child.label == "-" and len(child.children) == 1
        words += f" minus {said(child.children[0])}" if negative else f" plus {said(child)}"
    return words


def _product(children: Sequence[Tree]) -> str:
    """Factors side by side, with "times" where they would run into one another."""
    words = ""
    for place, child in enumerate(children):
        before = children[place - 1].label if place else ""
        apart = before and (child.kind == "number" or child.label in _LOOSE or before in _LOOSE)
        apart = (apart or before == "apply") and child.label != "differential"
        factor = f"the quantity {said(child)}" if child.label == "+" else said(child)
        words += f" times {factor}" if apart else f" {factor}"
    return words.strip()


def _power(children: Sequence[Tree]) -> str:
    base = _quantity(children[0])
    power = children[1] if len(children) > 1 else Tree("")
    if power.label in _POWERS and not power.children:
        return f"{base} {_POWERS[power.label]}"
    if power.label == "-" and said(power.children[0]) == "1":
        return f"{base} inverse"
    return f"{base} to the power of {said(power)}"


def _quantity(tree: Tree) -> str:
    return f"the quantity {said(tree)}" if tree.label in ("+", "/", "*") else said(tree)


def _fraction(children: Sequence[Tree]) -> str:
    top, bottom = (said(child) for child in children[:2])
    if (top, bottom) == ("1", "2"):
        return "one half"
    return f"{top} over {bottom}"


def _index(children: Sequence[Tree]) -> str:
    return f"{said(children[0])} sub {said(children[1])}" if len(children) > 1 else said(children[0])


def _derivative(children: Sequence[Tree]) -> str:
    first = children[0]
    order = ""
    if first.label == "^" and len(first.children) > 1 and first.children[1].label.isdigit():
        number = int(first.children[1].label)
        order = _ORDINALS[number] if number < len(_ORDINALS) else f"{number}th "
        first = first.children[0]
    return f"the {order}derivative with respect to {' and '.join(map(said, (first, *children[1:])))} of"


def _big(name: str, children: Sequence[Tree]) -> str:
    low = next((said(child.children[0]) for child in children if child.label == "low"), "")
    high = next((said(child.children[0]) for child in children if child.label == "high"), "")
    over = f" from {low}" if low and high else f" over {low}" if low else ""
    if name.startswith("limit") and low:
        over = f" as {low.replace(' to ', ' goes to ')}"
    bounds = f"{over}{f' to {high}' if high else ''}"
    body = said(children[-1]) if children[-1].label not in ("low", "high") else ""
    return f"the {name}{bounds} of {body}"


def _function(name: str, children: Sequence[Tree]) -> str:
    base = f" to base {said(children[0].children[0])}" if children[0].label == "base" else ""
    arguments = children[1:] if base else children
    the = "" if len(name) == 1 else "the "
    return f"{the}{name}{base} of {_listed(arguments)}"


def _applied(children: Sequence[Tree]) -> str:
    return f"{said(children[0])} of {_listed(children[1:])}"


def _signed(sign: str, children: Sequence[Tree]) -> str:
    words = f" {sign} ".join(map(said, children))
    return words if len(children) > 1 else f"{sign} {words}"


def _root(children: Sequence[Tree]) -> str:
    index = said(children[1]) if len(children) > 1 else ""
    name = {"3": "cube root", "": "root"}.get(index, f"root of order {index}")
    return f"the {name} of {said(children[0])}"


def _chain(children: Sequence[Tree]) -> str:
    """a = b = c without saying b twice."""
    words = said(children[0])
    for before, child in pairwise(children):
        relation = _RELATIONS.get(child.label)
        if relation and before.children[-1] == child.children[0]:
            words += f" {relation} {said(child.children[1])}"
        else:
            words += f", {said(child)}"
    return words


def _matrix(children: Sequence[Tree]) -> str:
    columns = len(children[0].children) if children else 0
    rows = "; ".join(_listed(row.children) for row in children)
    return f"the {len(children)} by {columns} matrix with rows {rows}"


_RULES: Mapping[str, Callable[[Sequence[Tree]], str]] = {
    "+": _sum,
    "-": lambda children: f"minus {said(children[0])}",
    "*": _product,
    "/": _fraction,
    "^": _power,
    "_": _index,
    "'": lambda children: f"{said(children[0])} prime",
    "!": lambda children: f"{_quantity(children[0])} factorial",
    "pm": lambda children: _signed("plus or minus", children),
    "mp": lambda children: _signed("minus or plus", children),
    "sqrt": lambda children: f"the square root of {said(children[0])}",
    "root": _root,
    "binom": lambda children: " choose ".join(map(said, children)),
    "list": _listed,
    "row": _listed,
    "interval": lambda children: f"the interval from {' to '.join(map(said, children))}",
    "chain": _chain,
    "cases": lambda children: f"in cases: {'; '.join(map(said, children))}",
    "matrix": _matrix,
    "derivative": _derivative,
    "differential": lambda children: f"d {said(children[0])}",
    "apply": _applied,
    "forall": lambda children: f"for all {said(children[0])}",
    "exists": lambda children: f"there is {said(children[0])}",
    "neg": lambda children: f"not {said(children[0])}",
    "\\{": lambda children: f"the set of {_listed(children)}",
    "{": lambda children: f"the set of {_listed(children)}",
    "Rightarrow": lambda children: f"if {said(children[0])}, then",
}
