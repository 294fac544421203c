"""What a column of cells holds: numbers of one unit, dates, yes and no, or words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from glede.tables.dates import Dated, dated, day_first
from glede.tables.numbers import Numeral, decimal_mark, decimal_votes, numeral
from glede.tables.values import ColumnType, Value
from glede.tables.words import (
    FALSE,
    NO_UNIT,
    SIGNS,
    TRUE,
    Unit,
    cleaned,
    header_unit,
    is_none,
    without_footnotes,
)

ENOUGH = 0.75
"""The share of cells that must be of a type, of those that hold anything."""
WITH_CODES = 0.45
"""The same where all the others are short codes: places of a race with DNF and Ret."""
_CODE = re.compile(r"[A-Za-z]{1,5}\.?|EX|<\s*\d+|>\s*\d+")
_MOST_CODES = 6
_MOST_FREE = ("number of", "count", "no. of", "# of", "anzahl", "количество", "数量", "عدد")
"""How columns of plain counts begin: a unit of the whole table does not concern them."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The values of a column, and what they are."""

    type: ColumnType
    values: tuple[Value, ...]
    unit: str = ""
    scale: float = 1.0
    unread: int = 0


def column_of(texts: Sequence[str], name: str, table_unit: Unit | None, mark: str = ".") -> Typed:
    """The column typed; `mark` is the decimal mark of the table where the column leaves it open."""
    words = [cleaned(text) for text in texts]
    held = [word for word in words if not is_none(word)]
    if not held:
        return Typed("text", (None,) * len(words))
    if (booleans := _booleans(words, held)) is not None:
        return booleans
    dates = [None if is_none(word) else dated(word) for word in words]
    if _are_dates(dates, words, len(held)):
        return _dates(dates, words, len(held))
    numbers = [None if is_none(word) else numeral(word) for word in words]
    numbers = _with_shared_unit(numbers)
    coded = any(one is not None and one.coded for one in numbers)
    if not coded and _are_numbers(numbers, words, len(held)):
        return _numbers(numbers, len(held), name, table_unit, mark)
    values = tuple(
        None if not word or word in "-–—" else text for word, text in zip(words, texts, strict=True)
    )
    return Typed("text", values)


def table_mark(columns: Sequence[Sequence[str]]) -> str:
    """The decimal mark that the unambiguous numbers of all columns vote for.

    Where none is unambiguous, a currency behind the number tells of places that write a comma.
    """
    votes: Counter[str] = Counter()
    behind = 0
    for texts in columns:
        numbers = [one for one in (numeral(text) for text in texts[:500]) if one is not None]
        votes += decimal_votes(numbers)
        behind += sum(
            text.rstrip().endswith(("€", "EUR", "Mio.", "Mrd.", "Tsd.", "руб.", "₽")) for text in texts[:500]
        )
    return decimal_mark(votes, "," if behind else ".")


def _booleans(words: Sequence[str], held: Sequence[str]) -> Typed | None:
    known = [word.lower() for word in held if word.lower() in TRUE or word.lower() in FALSE]
    if len(known) < 0.9 * len(held) or not any(word in TRUE for word in known):
        return None
    values = tuple(_boolean(word.lower()) for word in words)
    return Typed("boolean", values, unread=len(held) - len(known))


def _boolean(word: str) -> bool | None:
    return True if word in TRUE else False if word in FALSE else None


def _are_dates(dates: Sequence[Dated | None], words: Sequence[str], held: int) -> bool:
    """Years count among dates, and are none by themselves."""
    whole = sum(date is not None for date in dates)
    if not whole:
        return False
    years = sum(_is_year(word) for date, word in zip(dates, words, strict=True) if date is None)
    return whole * 10 >= held and whole + years >= ENOUGH * held


def _is_year(word: str) -> bool:
    number = numeral(word)
    return number is not None and number.yearlike


def _dates(dates: Sequence[Dated | None], words: Sequence[str], held: int) -> Typed:
    first = day_first(date for date in dates if date is not None)
    values: list[Value] = []
    for date, word in zip(dates, words, strict=True):
        year = without_footnotes(word) if date is None and _is_year(word) else None
        values.append(date.value(day_first=first) if date is not None else year)
    return Typed("date", tuple(values), unread=held - sum(value is not None for value in values))


def _with_shared_unit(numbers: Sequence[Numeral | None]) -> list[Numeral | None]:
    """Words behind the numbers are their unit where most share them: `4 episodes`, `20 episodes`."""
    there = [one for one in numbers if one is not None]
    suffixes = Counter(_singular(one.suffix) for one in there if one.suffix)
    if not suffixes:
        return list(numbers)
    (common, count), *_ = suffixes.most_common(1)
    if count < 2 or count < 0.6 * len(there):
        return [one if one is not None and one.known else None for one in numbers]
    shared = max((one.suffix for one in there if _singular(one.suffix) == common), key=len)
    return [_named(one, shared) if one is not None else None for one in numbers]


def _singular(word: str) -> str:
    return word.lower().removesuffix("s")


def _named(one: Numeral, shared: str) -> Numeral | None:
    if one.known:
        return one
    if _singular(one.suffix) != _singular(shared):
        return None
    return replace(one, suffix="", unit=Unit(one.unit.name or shared, one.unit.factor))


def _are_numbers(numbers: Sequence[Numeral | None], words: Sequence[str], held: int) -> bool:
    read = sum(one is not None for one in numbers)
    if read >= ENOUGH * held:
        return True
    others = {word for one, word in zip(numbers, words, strict=True) if one is None and not is_none(word)}
    codes = len(others) <= _MOST_CODES and all(_CODE.fullmatch(other) for other in others)
    return codes and read >= WITH_CODES * held and read > 1


def _numbers(
    numbers: Sequence[Numeral | None], held: int, name: str, table_unit: Unit | None, mark: str
) -> Typed:
    there = [one for one in numbers if one is not None]
    decimal = decimal_mark(decimal_votes(there), mark)
    values = tuple(one.value(decimal) if one is not None else None for one in numbers)
    unit = _unit_of(there, name, table_unit, [value for value in values if value is not None])
    return Typed("number", values, unit.label, unit.scale, held - len(there))


def _unit_of(there: Sequence[Numeral], name: str, table_unit: Unit | None, values: Sequence[float]) -> Unit:
    """The unit of a column: what its cells say, then its header, then the table."""
    own = Counter(one.unit.name for one in there if one.unit.name)
    percents = own.pop("%", 0)
    first = there[0].unit.name == "%" and not own  # the sign may stand in the first row alone
    if percents * 2 > len(there) or (percents and first):
        return Unit("%")
    if _are_years(there):
        return NO_UNIT
    named = header_unit(name)
    if named is not None and named.name == "%" and own:
        named = None  # a header over columns of both kinds
    if named is not None and named.name == "%":
        shares = (
            bool(values) and all(abs(value) <= 1 for value in values) and any(value % 1 for value in values)
        )
        return NO_UNIT if shares else named  # .449 below "Field Goal %" is a share already
    inside = own.most_common(1)[0][0] if own else ""
    factored = any(one.unit.factor != 1 for one in there)
    outer = named or (table_unit if not name.lower().startswith(_MOST_FREE) else None) or NO_UNIT
    if outer.name == "%":
        outer = NO_UNIT
    factor = outer.factor
    if named is not None and named.factor == 1 and table_unit is not None and named.name in SIGNS:
        factor = table_unit.factor  # "Change in dollars" of a table in millions
    return Unit(inside or outer.name, 1.0 if factored else factor)


def _are_years(there: Sequence[Numeral]) -> bool:
    return bool(there) and all(one.yearlike and 1500 <= int(one.body) <= 2100 for one in there)
