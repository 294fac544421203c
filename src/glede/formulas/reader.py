"""Reads LaTeX and plain mathematics into operator trees.

The parser is made for search, so that it takes what people write: LaTeX of papers, plain text (`x^(n-1)`,
`[[a, b], [c, d]]`), and characters of Unicode (`x² ≤ √y`). What it cannot read is a flat list of tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from glede.formulas.latex_symbols import (
    ACCENTS,
    APPLIED,
    FONTS,
    FUNCTIONS,
    IMPLICATIONS,
    LIMITED,
    PRODUCTS,
    RELATIONS,
    SUMS,
)
from glede.formulas.nesting import Group, Item, Unbalanced, nested
from glede.formulas.tokens import Macro, tokens_of
from glede.formulas.trees import (
    FLAT,
    Tree,
    absolute,
    bracketed,
    compared,
    fraction,
    integrand,
    leaf_of,
    times,
    together,
)

DEPTH = 32
"""Groups and arguments inside one another; deeper formulas are made to break parsers."""
HEIGHT = 100
"""Operators inside one another, of a tree."""
_SEPARATORS = frozenset((",", ";", "\\\\", "&"))
_NEGATED = {"in": "notin", "=": "ne"}


class _TooDeepError(ValueError):
    """A formula nested without end."""


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
    except (Unbalanced, _TooDeepError):
        return Tree(FLAT, tuple(map(leaf_of, tokens)))
    return tree


def _check_height(tree: Tree) -> None:
    """Without recursion, which a tree made of a thousand primes would break."""
    level = [tree]
    for _ in range(HEIGHT):
        level = [child for node in level for child in node.children]
        if not level:
            return
    raise _TooDeepError


class _Reader:
    """Reads the items of one group by precedence, the loosest operators first."""

    def __init__(self, items: Sequence[Item], depth: int = 0) -> None:
        if depth > DEPTH:
            raise _TooDeepError
        self._items = items
        self._place = 0
        self._depth = depth

    def all(self) -> Tree:
        """Everything: formulas apart by commas, line ends and implications."""
        parts: list[Tree] = []
        while (item := self._peek()) is not None:
            if item in _SEPARATORS or item == ".":
                self._place += 1
            elif _name(item) in IMPLICATIONS:
                self._place += 1
                parts = [Tree(_name(item), (together(parts),))] if item != ":" and parts else parts
            else:
                parts.append(self._relation())
        return together(parts)

    def _peek(self, ahead: int = 0) -> Item | None:
        place = self._place + ahead
        return self._items[place] if place < len(self._items) else None

    def _inside(self, items: Sequence[Item]) -> Tree:
        return _Reader(items, self._depth + 1).all()

    def _relation(self) -> Tree:
        """A chain such as a < b = c, as its comparisons."""
        operands = [self._sum()]
        signs: list[str] = []
        while (name := _name(self._peek())) in RELATIONS or name == "not":
            self._place += 1
            if name == "not":
                name = _NEGATED.get(_name(self._peek()), "ne")
                self._place += 1
            signs.append(name)
            operands.append(self._sum())
        pairs = [compared(sign, *operands[place : place + 2]) for place, sign in enumerate(signs)]
        if len(pairs) == 1:
            return pairs[0]
        return Tree("chain", tuple(pairs)) if pairs else operands[0]

    def _sum(self) -> Tree:
        """Sums, and bars between them: given, divides, or such that."""
        left = self._added()
        while self._peek() == "|":
            self._place += 1
            left = Tree("|", (*(left.children if left.label == "|" else (left,)), self._added()))
        return left

    def _added(self) -> Tree:
        """Terms with their signs; other operators of the same strength from the left."""
        terms = [self._term()]
        while (name := _name(self._peek())) in SUMS:
            if name in "+-":
                terms.append(self._term())
                continue
            self._place += 1
            left = Tree("+", tuple(terms)) if len(terms) > 1 else terms[0]
            terms = [Tree(name, (*(left.children if left.label == name else (left,)), self._term()))]
        return Tree("+", tuple(terms)) if len(terms) > 1 else terms[0]

    def _term(self) -> Tree:
        negative = False
        while (name := _name(self._peek())) in SUMS:
            self._place += 1
            negative ^= name == "-"
            if name in ("pm", "mp"):
                return Tree(name, (self._product(),))
        product = self._product()
        return Tree("-", (product,)) if negative else product

    def _product(self) -> Tree:
        """Factors side by side or with a sign between; a slash divides what is before by what is next."""
        factors: list[Tree] = []
        while (item := self._peek()) is not None:
            name = _name(item)
            if name in PRODUCTS:
                self._place += 1
                factors = self._operated(name, factors)
            elif _ends_term(item):
                break
            elif item == "|" and (factors or self._bar_end() is None):
                if factors and not self._opens_bars():
                    break
                if (tree := self._bars()) is None:
                    break
                factors.append(tree)
            else:
                factors.append(self._postfix())
        return times(factors)

    def _operated(self, name: str, factors: list[Tree]) -> list[Tree]:
        if name == "cdot":
            return factors
        left = times(factors)
        item = self._peek()
        right = Tree("", ()) if item is None or _ends_term(item) else self._postfix()
        if name in ("/", "div"):
            return [Tree("/", (left, right))]
        if left.label == name:
            return [Tree(name, (*left.children, right))]
        return [Tree(name, (left, right))]

    def _opens_bars(self) -> bool:
        """Whether a bar after a factor begins an absolute value: `2|x|`, and not `P(A|B)`."""
        bars = sum(1 for item in self._items[self._place :] if item == "|")
        before = sum(1 for item in self._items[: self._place] if item == "|")
        return bars % 2 == 0 and before % 2 == 0

    def _bar_end(self) -> int | None:
        """The place of the bar that closes the one here."""
        for place in range(self._place + 1, len(self._items)):
            if self._items[place] == "|" and place > self._place + 1:
                return place
        return None

    def _bars(self) -> Tree | None:
        end = self._bar_end()
        if end is None:
            return None
        inner = self._inside(self._items[self._place + 1 : end])
        self._place = end + 1
        return self._scripts(absolute(inner))

    def _postfix(self) -> Tree:
        """An atom with its scripts, primes and factorials."""
        self._deeper()
        tree = self._atom()
        self._depth -= 1
        return tree

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise _TooDeepError

    def _atom(self) -> Tree:
        if self._peek() in ("_", "^"):
            return self._scripts(Tree(""))  # as in {}^3 He
        if self._peek() == "|" and (tree := self._bars()) is not None:
            return tree
        item = self._peek()
        self._place += 1
        if item is None:
            return Tree("")
        name = _name(item)
        if name in LIMITED or name in FUNCTIONS:
            return self._big(name) if name in LIMITED else self._function(name)
        return self._scripts(self._group(item) if isinstance(item, Group) else self._command(item, name))

    def _group(self, group: Group) -> Tree:
        if group.open.startswith("begin:"):
            return _matrix(group, self._depth)
        inner = self._inside(group.items)
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
        if name in ACCENTS or (name in ("forall", "exists", "neg") and self._peek() is not None):
            return Tree(name, (self._argument() if name in ACCENTS else self._postfix(),))
        leaf = leaf_of(item)
        return self._applied(leaf) if name in APPLIED and self._at_parenthesis() else leaf

    def _at_parenthesis(self) -> bool:
        following = self._peek()
        return isinstance(following, Group) and following.open in ("(", "[")

    def _two(self, name: str) -> Tree:
        top, bottom = self._argument(), self._argument()
        if name == "frac":
            return fraction(top, bottom)
        return Tree("binom", (top, bottom)) if name == "binom" else bottom

    def _root(self, name: str) -> Tree:
        following = self._peek()
        if name == "cbrt":
            return Tree("root", (self._argument(), Tree("3", (), "number")))
        if isinstance(following, Group) and following.open == "[":
            self._place += 1
            index = self._inside(following.items)
            return Tree("root", (self._argument(), index))
        return Tree("sqrt", (self._argument(),))

    def _styled(self, name: str) -> Tree:
        """Letters in a font: words are one symbol, sets a constant, a bold letter is that letter."""
        item = self._peek()
        letters = _letters(item.items if isinstance(item, Group) else [item] if isinstance(item, str) else [])
        if not letters:
            return self._argument()
        self._place += 1
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
            return self._applied(word) if name != "mathbb" and self._at_parenthesis() else word
        return leaf_of(letters) if len(letters) == 1 else times([leaf_of(letter) for letter in letters])

    def _applied(self, function: Tree) -> Tree:
        group = self._peek()
        self._place += 1
        inner = self._inside(group.items) if isinstance(group, Group) else Tree("")
        return Tree("apply", (function, inner))

    def _argument(self) -> Tree:
        """What a command takes: a group, or the next symbol; of a number its first digit."""
        self._deeper()
        tree = self._taken()
        self._depth -= 1
        return tree

    def _taken(self) -> Tree:
        item = self._peek()
        if item is None or item in _SEPARATORS:
            return Tree("")
        if isinstance(item, str) and item.isdigit() and len(item) > 1:
            self._items = [*self._items[: self._place], *item, *self._items[self._place + 1 :]]
            item = item[0]
        self._place += 1
        if isinstance(item, Group):
            return self._group(item)
        name = _name(item)
        if name in ("frac", "sqrt", "binom") or name in ACCENTS or name in FONTS:
            return self._command(item, name)
        return leaf_of(item)

    def _script(self) -> Tree:
        item = self._peek()
        if item in ("-", "+"):
            self._place += 1
            return Tree("-", (self._argument(),)) if item == "-" else self._argument()
        if isinstance(item, str) and item.isdigit():
            self._place += 1
            return leaf_of(item)
        return self._argument()

    def _limits(self) -> tuple[Tree | None, Tree | None]:
        low = high = None
        while self._peek() in ("_", "^"):
            sign = self._peek()
            self._place += 1
            if sign == "_":
                low = self._script()
            else:
                high = self._script()
        return low, high

    def _scripts(self, base: Tree) -> Tree:
        """Indices belong to the symbol, powers are over it all."""
        while (item := self._peek()) in ("_", "^", "'", "!"):
            if item in ("'", "!"):
                self._place += 1
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
        if applies and self._at_parenthesis():
            base = self._scripts(self._applied(base))
        return base

    def _function(self, name: str) -> Tree:
        """A named function of what follows: of parentheses, or of the factors up to the next function."""
        low, high = self._limits()
        function = Tree(name, () if low is None else (Tree("base", (low,)),))
        following = self._peek()
        if isinstance(following, Group) and following.open in ("(", "[", "{", "\\{"):
            self._place += 1
            argument = self._inside(following.items)
        else:
            argument = self._factors()
        applied = Tree(name, (*function.children, argument))
        return self._scripts(Tree("^", (applied, high)) if high is not None else applied)

    def _factors(self) -> Tree:
        factors: list[Tree] = []
        while (item := self._peek()) is not None and not _ends_term(item) and item != "|":
            name = _name(item)
            if (name in FUNCTIONS and factors) or name in LIMITED or name in PRODUCTS:
                break
            if isinstance(item, Group) and item.open == "(" and factors:
                break
            factors.append(self._postfix())
        return times(factors)

    def _big(self, name: str) -> Tree:
        """A sum, product, integral or limit over the product that follows."""
        low, high = self._limits()
        children = [] if low is None else [Tree("low", (low,))]
        children += [] if high is None else [Tree("high", (high,))]
        body = self._product()
        return Tree(name, (*children, integrand(body) if name in ("int", "oint") else body))


def _name(item: Item | None) -> str:
    """The name of a token without its backslash; nothing of a group."""
    return item.lstrip("\\") or "\\" if isinstance(item, str) else ""


def _ends_term(item: Item) -> bool:
    if isinstance(item, Group):
        return False
    name = _name(item)
    if item in _SEPARATORS or name in RELATIONS or name in SUMS or name in IMPLICATIONS:
        return True
    return name == "not" or item == "."


def _letters(items: Sequence[Item]) -> str:
    """The letters of a group that holds nothing else."""
    letters = "".join(_name(item) for item in items if isinstance(item, str))
    whole = all(isinstance(item, str) for item in items)
    return letters if whole and letters.replace("-", "").isalnum() and not letters[:1].isdigit() else ""


def _matrix(group: Group, depth: int) -> Tree:
    """Rows of an environment: a matrix, cases, or lines of formulas."""
    rows = [[_Reader(cell, depth + 1).all() for cell in cells] for cells in group.rows()]
    name = group.open.removeprefix("begin:").rstrip("*")
    if name.endswith("matrix") or name == "array":
        matrix = Tree("matrix", tuple(Tree("row", tuple(row)) for row in rows))
        return Tree("det", (matrix,)) if name == "vmatrix" else matrix
    if name.endswith("cases"):
        return Tree("cases", tuple(Tree("row", tuple(row)) for row in rows))
    lines = [_Reader([item for cell in cells for item in cell], depth + 1).all() for cells in group.rows()]
    return together([line for line in lines if line.label])
