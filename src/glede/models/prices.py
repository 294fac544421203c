"""What models cost, in money per million tokens: a list that ships, and what the settings say beside it.

The list holds public prices in US dollars as of 2026; prices change, and GLEDE_PRICES has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from glede.errors import ConfigurationError

MILLION = 1_000_000
HINT = "Write it as GLEDE_PRICES=model=in/out,... per million tokens, for example my-model=0.4/1.2."
_DATED = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|latest)$")
_FREE = ("local:",)
"""Begin the names of models that run in this process."""


@dataclass(frozen=True, slots=True)
class Price:
    """Money for a million tokens of prompt and of completion; `known` is false where nobody told."""

    prompt: Decimal = Decimal(0)
    completion: Decimal = Decimal(0)
    known: bool = True

    def cost(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """What that many tokens cost."""
        return (self.prompt * prompt_tokens + self.completion * completion_tokens) / MILLION


def _price(prompt: str, completion: str = "0") -> Price:
    return Price(Decimal(prompt), Decimal(completion))


SHIPPED: Mapping[str, Price] = {
    "openai:gpt-4o": _price("2.5", "10"),
    "openai:gpt-4o-mini": _price("0.15", "0.6"),
    "openai:gpt-4.1": _price("2", "8"),
    "openai:gpt-4.1-mini": _price("0.4", "1.6"),
    "openai:gpt-4.1-nano": _price("0.1", "0.4"),
    "openai:gpt-5": _price("1.25", "10"),
    "openai:gpt-5-mini": _price("0.25", "2"),
    "openai:gpt-5-nano": _price("0.05", "0.4"),
    "openai:o3": _price("2", "8"),
    "openai:o4-mini": _price("1.1", "4.4"),
    "openai:text-embedding-3-small": _price("0.02"),
    "openai:text-embedding-3-large": _price("0.13"),
    "openai:text-embedding-ada-002": _price("0.1"),
}


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by model; those `given` by the user come before those that ship."""

    given: Mapping[str, Price] = field(default_factory=dict)

    def of(self, model: str) -> Price:
        """The price of `provider:model`, found with or without provider, and without a date at its end."""
        bare = model.partition(":")[2] or model
        undated = _DATED.sub("", model)
        for name in (model, bare, undated, _DATED.sub("", bare)):
            if name in self.given:
                return self.given[name]
        if model.startswith(_FREE):
            return Price()
        return SHIPPED.get(model) or SHIPPED.get(undated) or Price(known=False)


def prices_of(text: str) -> Prices:
    """Prices written as `gpt-4o=2.5/10,my-model=0/0`; a single figure counts for prompt and completion."""
    given: dict[str, Price] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        model, equals, figures = part.rpartition("=")
        prompt, slash, completion = figures.partition("/")
        if not (model.strip() and equals):
            raise ConfigurationError(f"{part!r} is no price of a model", hint=HINT)
        first = money_of(prompt, part)
        given[model.strip()] = Price(first, money_of(completion, part) if slash else first)
    return Prices(given)


def money_of(text: str, what: str) -> Decimal:
    """An amount of money, 0 or more; raises `ConfigurationError` that shows `what`."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation as error:
        raise ConfigurationError(f"{what!r} holds no amount of money", hint=HINT) from error
    if not amount.is_finite() or amount < 0:
        raise ConfigurationError(f"{what!r} holds no amount of money", hint=HINT)
    return amount
