"""Equal forms of formulas made equal: order, ways of writing, and the names of variables.

`normal` keeps the names; `renamed` gives variables numbers in an order that follows from where they stand,
so that a^2 + b^2 = c^2 and x^2 + z^2 = y^2 become the same text; `balanced` also brings all terms of an
equation to one side, so that V - E + F = 2 and V + F = E + 2 do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b

from glede.formulas.latex_symbols import COMMUTATIVE
from glede.formulas.trees import Tree

ROUNDS = 2
"""How often variables are told apart by their neighbours (as Weisfeiler and Leman 1968 do in graphs)."""
_ONE = Tree("1", (), "number")
_EULER = Tree("e", (), "constant")


@lru_cache(maxsize=4096)
def normal(tree: Tree) -> Tree:
    """The tree with equivalent ways of writing made one, and exchangeable operands in one order."""
    return ordered(_rewritten(tree), {})


def renamed(tree: Tree) -> str:
    """The text of a normal tree with its variables numbered by where they stand."""
    colours = colours_of(tree)
    numbers: dict[str, str] = {}
    return _text(ordered(tree, colours), numbers)


def balanced(tree: Tree) -> str:
    """The same of an equation with zero on one side; of anything else as `renamed`."""
    if tree.label == "=" and len(tree.children) == 2:
        left, right = (_terms(side) for side in tree.children)
        sides = [
            _sum([*left, *map(_negative, right)]),
            _sum([*right, *map(_negative, left)]),
        ]
        return "0=" + min(renamed(ordered(side, {})) for side in sides)
    return renamed(tree)


def text_of(tree: Tree) -> str:
    """The tree as a text, with the names of its variables."""
    if not tree.children:
        return tree.label
    return f"{tree.label}({' '.join(map(text_of, tree.children))})"


def ordered(tree: Tree, colours: Mapping[str, str]) -> Tree:
    """Operands that may be exchanged in the order of their structure, then of the names."""
    children = tuple(ordered(child, colours) for child in tree.children)
    if tree.label in COMMUTATIVE:
        keys = [(_blank(child, colours), text_of(child)) for child in children]
        children = tuple(children[place] for place in sorted(range(len(children)), key=keys.__getitem__))
    return Tree(tree.label, children, tree.kind) if children else tree


def colours_of(tree: Tree) -> dict[str, str]:
    """What tells each variable from the others, whatever their names: where they stand, and beside what."""
    colours: dict[str, str] = {}
    for _ in range(ROUNDS):
        places: dict[str, list[str]] = defaultdict(list)
        _note_places(tree, "", colours, places)
        colours = {name: _digest("".join(sorted(found))) for name, found in places.items()}
    return colours


def _note_places(tree: Tree, above: str, colours: Mapping[str, str], places: dict[str, list[str]]) -> None:
    if tree.kind == "variable":
        places[tree.label].append(above)
        return
    fixed = tree.label not in COMMUTATIVE
    here = _digest(above, _blank(tree, colours))
    for number, child in enumerate(tree.children):
        _note_places(child, f"{here}{number}" if fixed else here, colours, places)


def _digest(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()


def _blank(tree: Tree, colours: Mapping[str, str]) -> str:
    """The text of a tree without the names of variables."""
    if tree.kind == "variable":
        return f"?{colours.get(tree.label, '')}"
    if not tree.children:
        return tree.label
    parts = [_blank(child, colours) for child in tree.children]
    if tree.label in COMMUTATIVE:
        parts.sort()
    return f"{tree.label}({' '.join(parts)})"


def _text(tree: Tree, numbers: dict[str, str]) -> str:
    if tree.kind == "variable":
        return numbers.setdefault(tree.label, f"?{len(numbers)}")
    if not tree.children:
        return tree.label
    return f"{tree.label}({' '.join(_text(child, numbers) for child in tree.children)})"


def _rewritten(tree: Tree) -> Tree:
    children = tuple(_rewritten(child) for child in tree.children if child.label or child.children)
    if not children:
        return tree
    rule = _RULES.get(tree.label)
    return rule(children) if rule else Tree(tree.label, children, tree.kind)


def _power(children: Sequence[Tree]) -> Tree:
    base, *rest = children
    if base.label == "e" and rest:
        base = _EULER
    if rest and rest[0] == _ONE:
        return base
    return Tree("^", (base, *rest))


def _exponential(children: Sequence[Tree]) -> Tree:
    return Tree("^", (_EULER, children[-1]))


def _sum(children: Sequence[Tree]) -> Tree:
    """A flat sum; a minus before a sum is that of its terms."""
    flat = [term for child in children for term in _terms(child)]
    if not flat:
        return Tree("0", (), "number")
    return Tree("+", tuple(flat)) if len(flat) > 1 else flat[0]


def _terms(tree: Tree) -> list[Tree]:
    if tree.label == "+":
        return [term for child in tree.children for term in _terms(child)]
    if tree.label == "-" and tree.children and tree.children[0].label == "+":
        return [_negative(term) for term in _terms(tree.children[0])]
    return [] if tree.label == "0" else [tree]


def _negative(tree: Tree) -> Tree:
    return tree.children[0] if tree.label == "-" and tree.children else Tree("-", (tree,))


def _minus(children: Sequence[Tree]) -> Tree:
    return _sum([_negative(children[0])])


def _product(children: Sequence[Tree]) -> Tree:
    """One fraction of products, its sign outside; `x * 1/2` is `x / 2`."""
    above: list[Tree] = []
    below: list[Tree] = []
    negative = False
    for child in children:
        factor = child
        if factor.label == "-" and factor.children:
            negative, factor = not negative, factor.children[0]
        top, bottom = factor.children if factor.label == "/" and len(factor.children) == 2 else (factor, _ONE)
        above.extend(_factors(top))
        below.extend(_factors(bottom))
    product = _factored(above)
    if below:
        product = Tree("/", (product, _factored(below)))
    return Tree("-", (product,)) if negative else product


def _factors(tree: Tree) -> list[Tree]:
    if tree.label == "*":
        return list(tree.children)
    return [] if tree == _ONE else [tree]


def _factored(factors: Sequence[Tree]) -> Tree:
    if not factors:
        return _ONE
    return Tree("*", tuple(factors)) if len(factors) > 1 else factors[0]


def _quotient(children: Sequence[Tree]) -> Tree:
    """A fraction with its sign outside; the fraction of fractions is one."""
    if len(children) != 2:
        return Tree("/", tuple(children))
    top, bottom = children
    negative = top.label == "-" and bool(top.children)
    top = top.children[0] if negative else top
    if top.label == "/" and len(top.children) == 2:
        top, bottom = top.children[0], _product((top.children[1], bottom))
    if bottom.label == "/" and len(bottom.children) == 2:
        top, bottom = _product((top, bottom.children[1])), bottom.children[0]
    quotient = top if bottom == _ONE else Tree("/", (top, bottom))
    return Tree("-", (quotient,)) if negative else quotient


def _logarithm(children: Sequence[Tree]) -> Tree:
    """The logarithm to the base of e is the natural one."""
    base = children[0]
    if len(children) == 2 and base.label == "base" and base.children[0].label == "e":
        return Tree("ln", (children[1],))
    return Tree("log", tuple(children))


def _indexed(children: Sequence[Tree]) -> Tree:
    """A variable with an index is a variable."""
    base, *rest = children
    if base.kind == "variable" and rest and rest[0].kind in ("number", "constant") and not rest[0].children:
        return Tree(f"{base.label}_{rest[0].label}", (), "variable")
    return Tree("_", tuple(children))


_RULES = {
    "^": _power,
    "exp": _exponential,
    "+": _sum,
    "-": _minus,
    "*": _product,
    "/": _quotient,
    "log": _logarithm,
    "_": _indexed,
}
