"""A place among the items of a group, from which a formula is read; no group lies deeper than `DEPTH`."""

from __future__ import annotations

from collections.abc import Sequence

from glede.formulas.latex_symbols import IMPLICATIONS, RELATIONS, SUMS
from glede.formulas.nesting import Group, Item

DEPTH = 32
"""Groups and arguments inside one another; deeper formulas are made to break parsers."""
SEPARATORS = frozenset((",", ";", "\\\\", "&"))
"""What stands between formulas, and between the cells of a matrix."""


class TooDeepError(ValueError):
    """A formula nested without end."""


class Cursor:
    """Stands before the next item of a group; `depth` is how many groups and arguments it is inside of."""

    def __init__(self, items: Sequence[Item], depth: int = 0) -> None:
        if depth > DEPTH:
            raise TooDeepError
        self.depth = depth
        self._items = items
        self._place = 0

    def peek(self) -> Item | None:
        """The next item, `None` at the end."""
        return self._items[self._place] if self._place < len(self._items) else None

    def name(self) -> str:
        """The name of the next item."""
        return name_of(self.peek())

    def skip(self) -> None:
        """Go past the next item."""
        self._place += 1

    def take(self) -> Item | None:
        """The next item, which is gone past."""
        item = self.peek()
        self._place += 1
        return item

    def split(self, number: str) -> None:
        """Take the number that comes next apart, into its digits."""
        self._items = [*self._items[: self._place], *number, *self._items[self._place + 1 :]]

    def descend(self) -> None:
        """Enter one more argument; raises `TooDeepError` where that is too deep."""
        self.depth += 1
        if self.depth > DEPTH:
            raise TooDeepError

    def ascend(self) -> None:
        """Leave it again."""
        self.depth -= 1

    def at_parenthesis(self) -> bool:
        """Whether an argument in parentheses or brackets comes next."""
        following = self.peek()
        return isinstance(following, Group) and following.open in ("(", "[")

    def opens_bars(self) -> bool:
        """Whether a bar after a factor begins an absolute value: `2|x|`, and not `P(A|B)`."""
        bars = sum(1 for item in self._items[self._place :] if item == "|")
        before = sum(1 for item in self._items[: self._place] if item == "|")
        return bars % 2 == 0 and before % 2 == 0

    def closes_bars(self) -> bool:
        """Whether the bar that comes next is closed by another, with something between them."""
        return self._bar_end() is not None

    def take_bars(self) -> Sequence[Item] | None:
        """What stands between the bar that comes next and its end, both gone past; `None` without an end."""
        end = self._bar_end()
        if end is None:
            return None
        inner = self._items[self._place + 1 : end]
        self._place = end + 1
        return inner

    def _bar_end(self) -> int | None:
        for place in range(self._place + 2, len(self._items)):
            if self._items[place] == "|":
                return place
        return None


def name_of(item: Item | None) -> str:
    """The name of a token without its backslash; nothing of a group."""
    return item.lstrip("\\") or "\\" if isinstance(item, str) else ""


def ends_term(item: Item) -> bool:
    """Whether a product ends before that item."""
    if isinstance(item, Group):
        return False
    name = name_of(item)
    if item in SEPARATORS or name in RELATIONS or name in SUMS or name in IMPLICATIONS:
        return True
    return name == "not" or item == "."
