"""What models have cost, as JSON (docs/command-line.md); a change here is a change to the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from glede.endpoints import Account, Spending
from glede.shapes.results import Json


def usage(by: Account, found: Sequence[Spending], sources: Mapping[str, str], budget: str) -> Json:
    """All that was spent, and its sum; `sources` names documents that are still there."""
    rows = [spending(one, sources) for one in found]
    return {"by": by, "usage": rows, "total": spending(total(found), {}), "budget": budget or None}


def total(found: Sequence[Spending]) -> Spending:
    """The sum."""
    return Spending(
        name="total",
        calls=sum(one.calls for one in found),
        prompt_tokens=sum(one.prompt_tokens for one in found),
        completion_tokens=sum(one.completion_tokens for one in found),
        cost=sum((one.cost for one in found), start=Spending("").cost),
        unpriced=sum(one.unpriced for one in found),
    )


def spending(one: Spending, sources: Mapping[str, str]) -> Json:
    """One sum."""
    return {
        "name": one.name,
        "source": sources.get(one.name),
        "calls": one.calls,
        "prompt_tokens": one.prompt_tokens,
        "completion_tokens": one.completion_tokens,
        "cost": round(float(one.cost), 9),
        "unpriced_calls": one.unpriced,
    }
