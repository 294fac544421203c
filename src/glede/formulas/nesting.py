"""Tokens of LaTeX as groups within groups: braces, delimiters, environments, infix fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from glede.formulas.latex_symbols import CLOSERS, OPENERS

NESTING = 32
"""Groups inside one another."""


@dataclass(slots=True, eq=False)
class Group:
    """What stands between two delimiters; `open` is the first of them, or `begin:` and an environment."""

    open: str
    items: list[Item] = field(default_factory=list)

    def rows(self) -> list[list[list[Item]]]:
        """The cells of an environment, row by row."""
        rows: list[list[list[Item]]] = [[[]]]
        for item in self.items:
            if item == "\\\\":
                rows.append([[]])
            elif item == "&":
                rows[-1].append([])
            else:
                rows[-1][-1].append(item)
        return [row for row in rows if any(row)]


Item: TypeAlias = "str | Group"


class Unbalanced(ValueError):  # noqa: N818 - it is a finding about a formula, and never leaves the parser
    """Braces or environments that do not match, or are nested without end."""


def nested(tokens: Sequence[str]) -> list[Item]:
    """The tokens in their groups; parentheses that do not match stay tokens, as in ]0, 1[."""
    stack = [Group("")]
    place = 0
    while place < len(tokens):
        symbol = tokens[place]
        if symbol in ("\\begin", "\\end"):
            name, place = _environment(tokens, place + 1)
            _turn(stack, symbol, name)
            continue
        _take(stack, symbol)
        place += 1
        if len(stack) > NESTING:
            raise Unbalanced
    _dissolve(stack)
    if len(stack) != 1:
        raise Unbalanced
    return _infixed(stack[0].items)


def _turn(stack: list[Group], symbol: str, name: str) -> None:
    """Begin or end an environment; that of one equation is nothing but a group."""
    if symbol == "\\begin":
        stack.append(Group(f"begin:{name}"))
        return
    _dissolve(stack)
    if stack[-1].open != f"begin:{name}":
        raise Unbalanced
    _close(stack)


def _take(stack: list[Group], symbol: str) -> None:
    if stack[-1].open == "\\lVert" and (symbol == "\\Vert" or symbol in CLOSERS):
        if symbol in ("\\Vert", "\\rVert"):
            _close(stack)
            return
        _dissolve_last(stack)  # as in (P || Q)
    if symbol == "\\Vert":
        stack.append(Group("\\lVert"))
    elif symbol == "{" or symbol in OPENERS:
        stack.append(Group(symbol))
    elif symbol == "}":
        _dissolve(stack)
        if stack[-1].open != "{":
            raise Unbalanced
        _close(stack)
    elif symbol in CLOSERS and _closes(stack[-1].open, symbol):
        _close(stack)
    else:
        stack[-1].items.append(symbol)


def _closes(opener: str, symbol: str) -> bool:
    """A parenthesis may be closed by a bracket, as in the interval [0, 1)."""
    if opener in ("(", "["):
        return symbol in (")", "]")
    return OPENERS.get(opener) == symbol


def _close(stack: list[Group]) -> None:
    group = stack.pop()
    group.items = _infixed(group.items)
    stack[-1].items.append(group)


def _dissolve(stack: list[Group]) -> None:
    """Delimiters that were never closed become tokens of what is around them."""
    while stack[-1].open in OPENERS:
        _dissolve_last(stack)


def _dissolve_last(stack: list[Group]) -> None:
    group = stack.pop()
    stack[-1].items.extend((group.open, *group.items))


def _infixed(items: list[Item]) -> list[Item]:
    r"""`a \over b` as `\frac{a}{b}`, and the same for `\choose`."""
    for sign, command in (("\\over", "\\frac"), ("\\choose", "\\binom"), ("\\atop", "\\binom")):
        if sign in items:
            place = items.index(sign)
            return [command, Group("{", items[:place]), Group("{", _infixed(items[place + 1 :]))]
    return items


def _environment(tokens: Sequence[str], place: int) -> tuple[str, int]:
    """The name of an environment, and where its content begins: after the columns of an array."""
    begins = tokens[place - 1] == "\\begin"
    name, place = _braced(tokens, place)
    if begins and name in ("array", "tabular", "alignat", "alignat*", "alignedat", "subarray"):
        _, place = _braced(tokens, place)
    return name, place


def _braced(tokens: Sequence[str], place: int) -> tuple[str, int]:
    if place >= len(tokens) or tokens[place] != "{":
        return "", place
    end = place
    while end < len(tokens) and tokens[end] != "}":
        end += 1
    return "".join(symbol.lstrip("\\") for symbol in tokens[place + 1 : end]), end + 1
