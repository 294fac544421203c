"""Plain questions about all rows that hold something: their sum, how many they are, which they are."""

from __future__ import annotations

import re

from glede.tables.grounding import Cell
from glede.tables.plain_plans import (
    LABEL,
    TOTAL_WORDS,
    alike,
    chosen_rows,
    computed_plan,
    named_rows,
    plan_of,
    plus,
    printed_cell,
    where,
)
from glede.tables.plain_reading import Account
from glede.tables.questions import year_range
from glede.tables.statements import Plan, name, numeric, select

_MOST_ROWS = 40


def total(account: Account) -> Plan | None:
    """The sum of a column, of named rows, or of one row at several times."""
    span = account.span
    if not span or account.wanted is not None or _counts(account):
        return None
    if not all(map(account.reading.is_amount, span)):
        return None
    return _of_cells(account) if named_rows(account) else _of_column(account)


def _of_cells(account: Account) -> Plan | None:
    """Several cells of one row, or one cell of several rows."""
    span, several = account.span, named_rows(account)
    years = bool(year_range(account.reading.asked.text))
    if (years and not account.periods) or (len(several) > 1) == (len(span) > 1):
        return None
    if len(span) > 1 and not (years or "total" in account.operations):
        return None
    cells = [Cell(row, column) for row in several for column in span]
    return computed_plan(account, "sum", plus(len(cells)), cells)


def _of_column(account: Account) -> Plan | None:
    if len(account.targets) != 1 or not account.operations & {"many", "total"}:
        return None
    (column,) = account.targets
    sheet, mentions = account.reading.sheet, account.mentions
    totals = sheet.rows.totals
    whole = not mentions and account.period is None and len(totals) == 1
    if whole and set(sheet.label_words[totals[0]]) <= TOTAL_WORDS:
        return printed_cell(account, "total", totals[0], column)
    if not alike(account):
        return None
    sql = select(f"sum({numeric(sheet.rows, column)})", where(account))
    return plan_of(account, "sum of rows", sql, chosen_rows(account), [column])


def _counts(account: Account) -> bool:
    """Whether what follows "how many" are the rows themselves."""
    match = re.search(r"\b(?:how many|number of)\b(?: different| distinct)?", account.text)
    if match is None or (account.periods and account.targets):
        return False
    after = next((word for word in account.words if word.start >= match.end()), None)
    return after is not None and account.names_rows(after)


def count(account: Account) -> Plan | None:
    """How many rows there are, or hold a value."""
    if "many" not in account.operations or account.targets or account.wanted is not None:
        return None
    if not (_counts(account) or (account.counted and len(account.numbers) != 1 and not account.periods)):
        return None
    if any(m.column == account.label for m in account.mentions):
        return None
    columns = [mention.column for mention in account.mentions] or [account.label]
    sql = select("count(*)", where(account, wide=True))
    return plan_of(account, "count", sql, chosen_rows(account), columns)


def listed(account: Account) -> Plan | None:
    """The rows that hold a value."""
    mentions = account.mentions
    if not mentions or account.targets or account.operations or not LABEL.search(account.text):
        return None
    if account.wanted is not None or any(mention.column == account.label for mention in mentions):
        return None
    rows = account.reading.sheet.rows
    sql = select(f'"_place", {name(rows, account.label)}', where(account), '"_place"')
    return plan_of(account, "list", sql, chosen_rows(account), [account.label], "printed", _MOST_ROWS)
