"""What a piece of work may spend on models, beside the budget of the data folder.

    with within(money="0.50", calls=100):
        await engine.add("docs/")

Everything that begins inside is bound by it together. It is hard: before a call the most that it can cost is
reserved, and a call that does not fit is not made. A job that stops there goes on under a higher one: what it
has spent in its earlier runs counts, and without another it is bound by the one that it began with.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal

from glede.errors import BudgetError, ConfigurationError, UsageError

HINT = "Raise --budget or --max-calls, and go on: `glede jobs resume ID`. What is paid for is kept."


@dataclass(slots=True)
class Allowance:
    """The most money and calls; what is spent of it, and reserved by calls under way.

    What is done under an `outer` one is bound by both.
    """

    money: Decimal | None = None
    calls: int | None = None
    spent: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    made: int = 0
    outer: Allowance | None = None

    def reserve(self, model: str, most: Decimal, *, priced: bool) -> None:
        """Take what a call can cost; raises `BudgetError` where it could pass. A try counts as a call."""
        self._check(model, most, priced=priced)
        self._take(most)

    def _take(self, most: Decimal) -> None:
        self.made += 1
        self.reserved += most
        if self.outer is not None:
            self.outer._take(most)

    def _check(self, model: str, most: Decimal, *, priced: bool) -> None:
        if self.outer is not None:
            self.outer._check(model, most, priced=priced)
        if self.calls is not None and self.made + 1 > self.calls:
            raise BudgetError(f"{self.made} calls of models are made, and no more are allowed", hint=HINT)
        if self.money is not None:
            if not priced:
                raise ConfigurationError(
                    f"there is a budget, and nobody knows what {model} costs",
                    hint="Write it as GLEDE_PRICES=model=in/out,... per million tokens.",
                )
            if self.spent + self.reserved + most > self.money:
                raise BudgetError(
                    f"the next call of {model} could cost {most:.4f}, and of {self.money} "
                    f"{self.spent:.4f} is spent and {self.reserved:.4f} is reserved by calls under way",
                    hint=HINT,
                )

    def settle(self, most: Decimal, cost: Decimal) -> None:
        """Give back what was reserved for a call, and note what it did cost."""
        self.reserved -= most
        self.spent += cost
        if self.outer is not None:
            self.outer.settle(most, cost)


allowance: ContextVar[Allowance | None] = ContextVar("allowance", default=None)
"""What the work at hand may spend, if it is bound; tasks inherit it."""


@contextmanager
def within(money: str | Decimal | None = None, calls: int | None = None) -> Iterator[Allowance | None]:
    """Bind all that begins inside; with neither of them nothing is bound."""
    if money is None and calls is None:
        yield None
        return
    granted = Allowance(None if money is None else _amount(money), calls)
    if calls is not None and calls < 0:
        raise UsageError("the most calls are 0 or more")
    token = allowance.set(granted)
    try:
        yield granted
    finally:
        allowance.reset(token)


def _amount(money: str | Decimal) -> Decimal:
    try:
        amount = Decimal(money)
    except ArithmeticError as error:
        raise UsageError(f"{money!r} is no amount of money", hint="Write it as 0.50.") from error
    if not amount.is_finite() or amount < 0:
        raise UsageError(f"{money!r} is no amount of money", hint="Write it as 0.50.")
    return amount
