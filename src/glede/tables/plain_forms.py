"""Forms for plain questions to plain tables, where every word of the question is accounted for.

Look-up, change, difference, sum, mean, extremes, comparison and count, over rows named in full and columns
named by header, year or adjective. What the numbers count may be said by caption or context alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from glede.tables.mentions import Reading
from glede.tables.plain_amounts import count, listed, total
from glede.tables.plain_cells import change, difference, extreme_year, look_up, look_up_of_words, mean, share
from glede.tables.plain_orders import compared, either, extreme
from glede.tables.plain_reading import Account
from glede.tables.plain_times import time_of_row
from glede.tables.statements import Plan

_ORDER = frozenset(("most", "least", "more", "less"))
Maker = Callable[[Account], Plan | None]
_CHOICES: Sequence[tuple[frozenset[str], frozenset[str], tuple[Maker, ...]]] = (
    (frozenset({"change"}), frozenset({"change", "percent", "total"}), (change,)),
    (
        frozenset({"than", "difference"}),
        frozenset({"than", "difference", "more", "less"}),
        (difference,),
    ),
    (frozenset({"or"}), frozenset({"or", *_ORDER}), (either,)),
    (frozenset({"average"}), frozenset({"average"}), (mean,)),
    (frozenset({"more", "less"}), frozenset(), ()),
    (frozenset({"most", "least"}), frozenset({"most", "least"}), (extreme_year, extreme, time_of_row)),
    (frozenset({"percent"}), frozenset({"percent"}), (share, look_up)),
)
"""By what is to be done, what else may be, and the forms to try."""
_REFUSED = re.compile(
    r"\b(?:why|not|never|without|except|besides|other than|each|every|per|respectively"
    r"|name an?|and (?:which|what|who|how))\b|what do(?:es)?\b[^?]*\bmean|n't\b"
    r"|how (?:is|was|were|are|can|should|has|have)\b|how d(?:o|oes|id)\b(?![^?]*\bchange)"
)


def plans(reading: Reading) -> Iterator[Plan]:
    """The one way of reading a question whose words are all accounted for."""
    if reading.asked.has(_REFUSED):
        return
    account = Account(reading)
    if not account.complete:
        return
    for make in _forms(account):
        plan = make(account)
        if plan is not None:
            yield plan
            return


def _forms(account: Account) -> tuple[Maker, ...]:
    """The forms for just these operations."""
    asked = account.operations - {"many"}
    if account.limit is not None:
        return (compared,) if asked <= {"total"} else ()
    for mark, allowed, makers in _CHOICES:
        if asked & mark:
            fits = asked <= allowed and len(asked & _ORDER) <= 1
            return makers if fits else ()
    return (look_up, look_up_of_words, time_of_row, total, count, listed)
