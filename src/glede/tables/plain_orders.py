"""Plain questions that order rows: A or B, the row with the most, those above or below a number."""

from __future__ import annotations

import re

from glede.tables import plain_words
from glede.tables.doubts import NOBODY
from glede.tables.grounding import Cell
from glede.tables.plain_plans import (
    LABEL,
    chosen_rows,
    plan_of,
    two_rows,
    upwards,
    where,
)
from glede.tables.plain_reading import Account
from glede.tables.plain_times import ASKED, is_time_of
from glede.tables.statements import Plan, literal, name, numeric, select
from glede.tables.words import unit_word

_MOST_ROWS = 40
_WHAT = re.compile(r"\bwhat\b")
_WHERE = re.compile(r"\bwhere\b")
_WHO = re.compile(r"\bwho\b")
_SITES = plain_words.keys_in(f"{plain_words.PLACES} {plain_words.SITES}")


def either(account: Account) -> Plan | None:
    """The one of two rows that has more or less of something."""
    pair, targets = two_rows(account), account.targets
    if pair is None or len(targets) != 1 or not any(one.degree != "base" for one in account.graded):
        return None
    rows = account.reading.sheet.rows
    values = [account.reading.sheet.number(Cell(mention.rows[0], targets[0])) for mention in pair]
    if None in values or values[0] == values[1] or _ranked(account):
        return None
    key = name(rows, pair[0].column)
    listed = ", ".join(literal(rows.values[mention.rows[0]][mention.column]) for mention in pair)
    order = "DESC" if upwards(account) else "ASC"
    sql = select(f'"_place", {key}', f"{key} IN ({listed})", f"{numeric(rows, targets[0])} {order}", 1)
    chosen = [mention.rows[0] for mention in pair]
    return plan_of(account, "either", sql, chosen, [pair[0].column, targets[0]], "printed")


def _ranked(account: Account) -> bool:
    """Whether "most" may mean the lowest number: of ranks, and of years."""
    graded = next(one for one in account.graded if one.degree != "base")
    return graded.column is None and not account.reading.is_amount(account.targets[0])


def extreme(account: Account) -> Plan | None:
    """The row with the most of something, or how much that is."""
    rows = account.reading.sheet.rows
    graded = [one for one in account.graded if one.degree != "base"]
    if len(account.targets) != 1 or len(graded) != 1 or any(len(m.rows) == 1 for m in account.mentions):
        return None
    if _ranked(account):
        return None
    column = numeric(rows, account.targets[0])
    met = where(account)
    extreme = f"{'max' if graded[0].up else 'min'}({column})"
    chosen = chosen_rows(account)
    if _of_value(account):
        return plan_of(account, "extreme value", select(extreme, met), chosen, account.targets)
    want = _wanted(account)
    if want is None or _asks_for(account, account.targets[0]):
        return None
    best = f"{column} = ({select(extreme, met)})"
    sql = select(f'"_place", {name(rows, want)}', " AND ".join(filter(None, (met, best))))
    return plan_of(account, "extreme of rows", sql, chosen, [want, account.targets[0]], "printed")


def _wanted(account: Account) -> int | None:
    """The column that is asked for: of words, of places, of times, or what names the rows."""
    if account.wanted is not None:
        return account.wanted if _can_be(account, account.wanted) else None
    if account.time is not None and ASKED.search(account.text):
        return account.time if _can_be(account, account.time) else None
    if _WHO.search(account.text) and account.header_keys[account.label] & NOBODY:
        return None
    if LABEL.search(account.text) or _WHAT.search(account.text):
        return account.label
    if _WHERE.search(account.text):
        return account.label if account.header_keys[account.label] & _SITES else None
    return None


def _can_be(account: Account, column: int) -> bool:
    """Whether a column can tell of what is ordered: not the day of something else."""
    dated = account.reading.sheet.rows.columns[column].type == "date"
    return not dated or is_time_of(account, column, account.targets[0])


def _asks_for(account: Account, column: int) -> bool:
    """Whether the word after "which" names that column."""
    match = re.search(r"\b(?:which|what) (\w+)", account.text)
    return match is not None and bool(plain_words.keys_of(match.group(1)) & account.header_keys[column])


def _of_value(account: Account) -> bool:
    """Whether the number itself is asked for."""
    if "many" in account.operations and not LABEL.search(account.text):
        return True
    if re.search(r"\bhow\b", account.text) and any(one.degree == "base" for one in account.graded):
        return True
    rows_named = any(account.names_rows(word) for word in account.words)
    header = account.targets[0] in account.named
    return _WHAT.search(account.text) is not None and header and not rows_named and account.wanted is None


def compared(account: Account) -> Plan | None:
    """The rows above or below a number, or how many they are."""
    limit, reading = account.limit, account.reading
    if limit is None:
        return None
    found = _limited(account, limit)
    if found is None or any(m.column == account.label for m in account.mentions):
        return None
    column, sign = found
    rows = reading.sheet.rows
    amount = literal(float(limit.group("number").replace(",", "")))
    met = " AND ".join(filter(None, (where(account), f"{numeric(rows, column)} {sign} {amount}")))
    columns = [account.label, column]
    if "many" in account.operations:
        return plan_of(account, "count compared", select("count(*)", met), (), columns[::-1])
    if account.wanted is not None or _wanted(account) != account.label:
        return None
    sql = select(f'"_place", {name(rows, account.label)}', met, '"_place"')
    return plan_of(account, "rows compared", sql, (), columns, "printed", _MOST_ROWS)


def _limited(account: Account, limit: re.Match[str]) -> tuple[int, str] | None:
    """The column that is compared with a number, and how."""
    word = limit.group("word")
    if word is None:
        sign = next(sign for group, sign in _SIGNS.items() if limit.group(group))
        return (account.targets[0], sign) if len(account.targets) == 1 else _by_unit(account, limit, sign)
    graded = account.word_of_limit
    if graded is None or graded.degree != "comparative":
        return None
    sign = ">" if graded.up else "<"
    column = graded.column
    if account.targets and (column is None or len(account.targets) == 1):
        column = account.targets[0]
    return (
        (column, sign) if column is not None and column in account.numbers else _by_unit(account, limit, sign)
    )


_SIGNS = {"ge": ">=", "le": "<=", "gt": ">", "lt": "<"}


def _by_unit(account: Account, limit: re.Match[str], sign: str) -> tuple[int, str] | None:
    """The only column whose unit stands behind the number; years are those of an age."""
    said = (limit.group("unit") or "").strip()
    if said.startswith("year"):
        column = account.headed("age alter")
        return (column, sign) if column in account.numbers and column is not None else None
    unit = unit_word(said) if said else None
    columns = account.reading.sheet.rows.columns
    found = [j for j in account.numbers if unit is not None and columns[j].unit == unit.label]
    return (found[0], sign) if len(found) == 1 and not account.targets else None
