"""Prices are found by name, with or without provider and date; the user's come first."""

from __future__ import annotations

from decimal import Decimal

import pytest

from glede.errors import ConfigurationError
from glede.models.prices import Price, Prices, prices_of


def test_shipped_prices() -> None:
    prices = Prices()
    assert prices.of("openai:gpt-4o") == Price(Decimal("2.5"), Decimal(10))
    assert prices.of("openai:gpt-4o-2024-08-06") == prices.of("openai:gpt-4o")
    assert prices.of("openai:text-embedding-3-small").cost(1_000_000, 0) == Decimal("0.02")
    assert prices.of("local:use3@0.2.1") == Price()


@pytest.mark.parametrize("model", ["openai:mine", "other:gpt-4o", "gpt-4o", "openai:gpt-4o-audio"])
def test_an_unknown_model_costs_nothing_that_anybody_knows(model: str) -> None:
    assert Prices().of(model) == Price(known=False)


def test_given_prices_come_first() -> None:
    prices = prices_of("gpt-4o=3/12, openai:gpt-4o-mini=1/2,my-model=0/0,embed:a=0.5,")
    assert prices.of("openai:gpt-4o") == prices.of("azure:gpt-4o") == Price(Decimal(3), Decimal(12))
    assert prices.of("openai:gpt-4o-2024-08-06") == Price(Decimal(3), Decimal(12))
    assert prices.of("openai:gpt-4o-mini") == Price(Decimal(1), Decimal(2))
    assert prices.of("openai:my-model") == Price()
    assert prices.of("embed:a") == Price(Decimal("0.5"), Decimal("0.5"))
    assert prices_of("") == Prices()


@pytest.mark.parametrize("text", ["gpt-4o", "=1/2", "a=x", "a=1/", "a=-1/2", "a=nan", "a=1/2/3", "a=inf/1"])
def test_what_is_no_price_is_told(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        prices_of(text)
    assert text in caught.value.message
    assert "GLEDE_PRICES=model=in/out" in caught.value.hint
