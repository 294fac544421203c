"""Atoms of formulas: symbols, groups, commands and functions, with the scripts and arguments they bind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from glede.formulas.cursor import SEPARATORS, Cursor, ends_term, name_of
from glede.formulas.latex_symbols import ACCENTS, APPLIED, FONTS, FUNCTIONS, LIMITED, PRODUCTS
from glede.formulas.nesting import Group, Item
from glede.formulas.trees import (
    Tree,
    absolute,
    bracketed,
    fraction,
    integrand,
    leaf_of,
    times,
    together,
)


class Operators(Protocol):
    """Reads the operators, which bind looser than atoms."""

    def inside(self, items: Sequence[Item]) -> Tree:
        """All that a group or a cell holds, one deeper than here."""
        ...

    def product(self) -> Tree:
        """The product that comes next."""
        ...


class Atoms:
    """Reads atoms where the cursor stands."""

    def __init__(self, cursor: Cursor, operators: Operators) -> None:
        self._cursor = cursor
        self._operators = operators

    def postfix(self) -> Tree:
        """An atom with its scripts, primes and factorials."""
        self._cursor.descend()
        tree = self._atom()
        self._cursor.ascend()
        return tree

    def bars(self) -> Tree | None:
        """The absolute value that the next bar opens, `None` where no bar closes it."""
        items = self._cursor.take_bars()
        return None if items is None else self._scripts(absolute(self._operators.inside(items)))

    def _atom(self) -> Tree:
        if self._cursor.peek() in ("_", "^"):
            return self._scripts(Tree(""))  # as in {}^3 He
        if self._cursor.peek() == "|" and (tree := self.bars()) is not None:
            return tree
        item = self._cursor.take()
        if item is None:
            return Tree("")
        name = name_of(item)
        if name in LIMITED or name in FUNCTIONS:
            return self._big(name) if name in LIMITED else self._function(name)
        return self._scripts(self._group(item) if isinstance(item, Group) else self._command(item, name))

    def _group(self, group: Group) -> Tree:
        if group.open.startswith("begin:"):
            return _environment(group, self._operators.inside)
        inner = self._operators.inside(group.items)
        if group.open in ("{", "("):
            return inner
        if group.open == "[":
            return bracketed(inner)
        return absolute(inner) if group.open == "\\lvert" else Tree(group.open.lstrip("\\"), (inner,))

    def _command(self, item: str, name: str) -> Tree:
        if name in ("frac", "binom", "stackrel", "overset", "underset"):
            return self._two(name)
        if name in ("sqrt", "cbrt"):
            return self._root(name)
        if name in FONTS:
            return self._styled(name)
        if name in ACCENTS or (name in ("forall", "exists", "neg") and self._cursor.peek() is not None):
            return Tree(name, (self._argument() if name in ACCENTS else self.postfix(),))
        leaf = leaf_of(item)
        return self._applied(leaf) if name in APPLIED and self._cursor.at_parenthesis() else leaf

    def _two(self, name: str) -> Tree:
        top, bottom = self._argument(), self._argument()
        if name == "frac":
            return fraction(top, bottom)
        return Tree("binom", (top, bottom)) if name == "binom" else bottom

    def _root(self, name: str) -> Tree:
        following = self._cursor.peek()
        if name == "cbrt":
            return Tree("root", (self._argument(), Tree("3", (), "number")))
        if isinstance(following, Group) and following.open == "[":
            self._cursor.skip()
            index = self._operators.inside(following.items)
            return Tree("root", (self._argument(), index))
        return Tree("sqrt", (self._argument(),))

    def _styled(self, name: str) -> Tree:
        """Letters in a font: words are one symbol, sets a constant, a bold letter is that letter."""
        item = self._cursor.peek()
        letters = _letters(item.items if isinstance(item, Group) else [item] if isinstance(item, str) else [])
        if not letters:
            return self._argument()
        self._cursor.skip()
        if letters in FUNCTIONS:
            return self._function(letters)
        if letters in LIMITED:
            return self._big(letters)
        if (
            name == "mathbb"
            or (len(letters) > 1 and name != "mathbf")
            or (name == "mathrm" and letters in "ie")
        ):
            word = Tree(letters, (), "constant")
            return self._applied(word) if name != "mathbb" and self._cursor.at_parenthesis() else word
        return leaf_of(letters) if len(letters) == 1 else times([leaf_of(letter) for letter in letters])

    def _applied(self, function: Tree) -> Tree:
        group = self._cursor.take()
        inner = self._operators.inside(group.items) if isinstance(group, Group) else Tree("")
        return Tree("apply", (function, inner))

    def _argument(self) -> Tree:
        """What a command takes: a group, or the next symbol; of a number its first digit."""
        self._cursor.descend()
        tree = self._taken()
        self._cursor.ascend()
        return tree

    def _taken(self) -> Tree:
        item = self._cursor.peek()
        if item is None or item in SEPARATORS:
            return Tree("")
        if isinstance(item, str) and item.isdigit() and len(item) > 1:
            self._cursor.split(item)
            item = item[0]
        self._cursor.skip()
        if isinstance(item, Group):
            return self._group(item)
        name = name_of(item)
        if name in ("frac", "sqrt", "binom") or name in ACCENTS or name in FONTS:
            return self._command(item, name)
        return leaf_of(item)

    def _script(self) -> Tree:
        item = self._cursor.peek()
        if item in ("-", "+"):
            self._cursor.skip()
            return Tree("-", (self._argument(),)) if item == "-" else self._argument()
        if isinstance(item, str) and item.isdigit():
            self._cursor.skip()
            return leaf_of(item)
        return self._argument()

    def _limits(self) -> tuple[Tree | None, Tree | None]:
        """What stands below and above."""
        low = high = None
        while self._cursor.peek() in ("_", "^"):
            if self._cursor.take() == "_":
                low = self._script()
            else:
                high = self._script()
        return low, high

    def _scripts(self, base: Tree) -> Tree:
        """Indices belong to the symbol, powers are over it all."""
        while (item := self._cursor.peek()) in ("_", "^", "'", "!"):
            if item in ("'", "!"):
                self._cursor.skip()
                base = Tree(str(item), (base,))
                continue
            low, high = self._limits()
            if low is not None:
                base = Tree("_", (base, low))
            if high is not None:
                prime = high.label == "prime"
                base = Tree("'", (base,)) if prime else Tree("^", (base, high))
        applies = base.label == "'" or (
            base.label in ("^", "_") and base.children and base.children[0].label in APPLIED
        )
        if applies and self._cursor.at_parenthesis():
            base = self._scripts(self._applied(base))
        return base

    def _function(self, name: str) -> Tree:
        """A named function of what follows: of parentheses, or of the factors up to the next function."""
        low, high = self._limits()
        function = Tree(name, () if low is None else (Tree("base", (low,)),))
        following = self._cursor.peek()
        if isinstance(following, Group) and following.open in ("(", "[", "{", "\\{"):
            self._cursor.skip()
            argument = self._operators.inside(following.items)
        else:
            argument = self._factors()
        applied = Tree(name, (*function.children, argument))
        return self._scripts(Tree("^", (applied, high)) if high is not None else applied)

    def _factors(self) -> Tree:
        factors: list[Tree] = []
        while (item := self._cursor.peek()) is not None and not ends_term(item) and item != "|":
            name = name_of(item)
            if (name in FUNCTIONS and factors) or name in LIMITED or name in PRODUCTS:
                break
            if isinstance(item, Group) and item.open == "(" and factors:
                break
            factors.append(self.postfix())
        return times(factors)

    def _big(self, name: str) -> Tree:
        """A sum, product, integral or limit over the product that follows."""
        low, high = self._limits()
        children = [] if low is None else [Tree("low", (low,))]
        children += [] if high is None else [Tree("high", (high,))]
        body = self._operators.product()
        return Tree(name, (*children, integrand(body) if name in ("int", "oint") else body))


def _letters(items: Sequence[Item]) -> str:
    """The letters of a group that holds nothing else."""
    letters = "".join(name_of(item) for item in items if isinstance(item, str))
    whole = all(isinstance(item, str) for item in items)
    return letters if whole and letters.replace("-", "").isalnum() and not letters[:1].isdigit() else ""


def _environment(group: Group, inside: Callable[[Sequence[Item]], Tree]) -> Tree:
    """Its rows: a matrix, cases, or lines of formulas."""
    name = group.open.removeprefix("begin:").rstrip("*")
    cases = name.endswith("cases")
    if not (cases or name.endswith("matrix") or name == "array"):
        lines = [inside([item for cell in cells for item in cell]) for cells in group.rows()]
        return together([line for line in lines if line.label])
    rows = tuple(Tree("row", tuple(map(inside, cells))) for cells in group.rows())
    if cases:
        return Tree("cases", rows)
    return Tree("det", (Tree("matrix", rows),)) if name == "vmatrix" else Tree("matrix", rows)
