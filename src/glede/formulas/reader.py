"""Reads LaTeX and plain mathematics into operator trees.

The parser is made for search, so that it takes what people write: LaTeX of papers, plain text (`x^(n-1)`,
`[[a, b], [c, d]]`), and characters of Unicode (`x² ≤ √y`). What it cannot read is a flat list of tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from glede.formulas.atoms import Atoms
from glede.formulas.cursor import SEPARATORS, Cursor, TooDeepError, ends_term, name_of
from glede.formulas.latex_symbols import IMPLICATIONS, PRODUCTS, RELATIONS, SUMS
from glede.formulas.nesting import Item, Unbalanced, nested
from glede.formulas.tokens import Macro, tokens_of
from glede.formulas.trees import FLAT, Tree, compared, leaf_of, times, together

HEIGHT = 100
"""Operators inside one another, of a tree."""
_NEGATED = {"in": "notin", "=": "ne"}


def parse(latex: str, macros: Mapping[str, Macro] | None = None) -> Tree:
    """The tree of a formula, without the dollars around it; never an error."""
    return _parsed(latex) if not macros else _tree(tokens_of(latex, macros))


@lru_cache(maxsize=4096)
def _parsed(latex: str) -> Tree:
    return _tree(tokens_of(latex))


def _tree(tokens: Sequence[str]) -> Tree:
    try:
        tree = _Reader(nested(tokens)).all()
        _check_height(tree)
    except (Unbalanced, TooDeepError):
        return Tree(FLAT, tuple(map(leaf_of, tokens)))
    return tree


def _check_height(tree: Tree) -> None:
    """Without recursion, which a tree made of a thousand primes would break."""
    level = [tree]
    for _ in range(HEIGHT):
        level = [child for node in level for child in node.children]
        if not level:
            return
    raise TooDeepError


class _Reader:
    """Reads the operators of one group by precedence, the loosest first."""

    def __init__(self, items: Sequence[Item], depth: int = 0) -> None:
        self._cursor = Cursor(items, depth)
        self._atoms = Atoms(self._cursor, self)

    def all(self) -> Tree:
        """Everything: formulas apart by commas, line ends and implications."""
        parts: list[Tree] = []
        while (item := self._cursor.peek()) is not None:
            if item in SEPARATORS or item == ".":
                self._cursor.skip()
            elif (name := name_of(item)) in IMPLICATIONS:
                self._cursor.skip()
                parts = [Tree(name, (together(parts),))] if item != ":" and parts else parts
            else:
                parts.append(self._relation())
        return together(parts)

    def inside(self, items: Sequence[Item]) -> Tree:
        """All that a group or a cell holds, one deeper than here."""
        return _Reader(items, self._cursor.depth + 1).all()

    def product(self) -> Tree:
        """Factors side by side or with a sign between; a slash divides what is before by what is next."""
        factors: list[Tree] = []
        while (item := self._cursor.peek()) is not None:
            name = name_of(item)
            if name in PRODUCTS:
                self._cursor.skip()
                factors = self._operated(name, factors)
            elif ends_term(item):
                break
            elif item == "|" and (factors or not self._cursor.closes_bars()):
                if factors and not self._cursor.opens_bars():
                    break
                if (tree := self._atoms.bars()) is None:
                    break
                factors.append(tree)
            else:
                factors.append(self._atoms.postfix())
        return times(factors)

    def _relation(self) -> Tree:
        """A chain such as a < b = c, as its comparisons."""
        operands = [self._sum()]
        signs: list[str] = []
        while (name := self._cursor.name()) in RELATIONS or name == "not":
            self._cursor.skip()
            if name == "not":
                name = _NEGATED.get(self._cursor.name(), "ne")
                self._cursor.skip()
            signs.append(name)
            operands.append(self._sum())
        pairs = [compared(sign, *operands[place : place + 2]) for place, sign in enumerate(signs)]
        if len(pairs) == 1:
            return pairs[0]
        return Tree("chain", tuple(pairs)) if pairs else operands[0]

    def _sum(self) -> Tree:
        """Sums, and bars between them: given, divides, or such that."""
        left = self._added()
        while self._cursor.peek() == "|":
            self._cursor.skip()
            left = Tree("|", (*(left.children if left.label == "|" else (left,)), self._added()))
        return left

    def _added(self) -> Tree:
        """Terms with their signs; other operators of the same strength from the left."""
        terms = [self._term()]
        while (name := self._cursor.name()) in SUMS:
            if name in "+-":
                terms.append(self._term())
                continue
            self._cursor.skip()
            left = Tree("+", tuple(terms)) if len(terms) > 1 else terms[0]
            terms = [Tree(name, (*(left.children if left.label == name else (left,)), self._term()))]
        return Tree("+", tuple(terms)) if len(terms) > 1 else terms[0]

    def _term(self) -> Tree:
        negative = False
        while (name := self._cursor.name()) in SUMS:
            self._cursor.skip()
            negative ^= name == "-"
            if name in ("pm", "mp"):
                return Tree(name, (self.product(),))
        product = self.product()
        return Tree("-", (product,)) if negative else product

    def _operated(self, name: str, factors: list[Tree]) -> list[Tree]:
        if name == "cdot":
            return factors
        left = times(factors)
        item = self._cursor.peek()
        right = Tree("", ()) if item is None or ends_term(item) else self._atoms.postfix()
        if name in ("/", "div"):
            return [Tree("/", (left, right))]
        if left.label == name:
            return [Tree(name, (*left.children, right))]
        return [Tree(name, (left, right))]
