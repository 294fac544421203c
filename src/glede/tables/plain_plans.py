"""What the forms for plain questions share: the rows that are named, and plans over their cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from glede.tables.asking import condition, rows_of
from glede.tables.grounding import Cell
from glede.tables.mentions import Mention
from glede.tables.plain_periods import within
from glede.tables.plain_reading import Account
from glede.tables.row_forms import one_column
from glede.tables.statements import Plan, Said, expression, name, select, this_row

FORM = "plain "
"""What the names of these forms begin with."""
LABEL = re.compile(r"\b(?:which|who|list|name|show|give)\b")
"""What asks for what a row is called."""


def plan_of(
    account: Account,
    form: str,
    sql: str,
    rows: Sequence[int],
    columns: Sequence[int],
    said: Said = "number",
    most: int = 1,
) -> Plan:
    """A plan that leaves no word over."""
    chosen = tuple(dict.fromkeys(rows)), tuple(dict.fromkeys(columns))
    return Plan(FORM + form, sql, 1.0, said, *chosen, most)


def chosen_rows(account: Account) -> tuple[int, ...]:
    """The rows that hold all that is named, and are of the time that is."""
    rows = rows_of(account.reading, account.mentions)
    return rows if account.period is None else tuple(row for row in rows if row in account.period.rows)


def where(account: Account, mentions: Sequence[Mention] | None = None, wide: bool = False) -> str:
    """The condition that such rows meet; of other `mentions` where they are given."""
    named = account.mentions if mentions is None else mentions
    met = condition(account.reading, named, wide=wide)
    timed = "" if account.period is None else within(account.reading, account.period)
    return " AND ".join(filter(None, (met, timed)))


def one_row(account: Account) -> int | None:
    """The one row that is named."""
    rows = chosen_rows(account) if account.mentions or account.period else ()
    return rows[0] if len(rows) == 1 else None


def two_rows(account: Account) -> tuple[Mention, Mention] | None:
    """Two rows named by cells of one column, and nothing else."""
    pair = one_column(account.mentions)
    return pair if len(account.mentions) == 2 and _of_period(account) else None


def _of_period(account: Account) -> bool:
    """Whether all rows that are named are of the time that is named."""
    named = {row for mention in account.mentions for row in mention.rows}
    return account.period is None or named <= account.period.rows


def named_rows(account: Account) -> tuple[int, ...]:
    """Rows that are named one by one."""
    columns = {mention.column for mention in account.mentions}
    single = all(len(mention.rows) == 1 for mention in account.mentions)
    return chosen_rows(account) if len(columns) == 1 and single and _of_period(account) else ()


def computed_plan(
    account: Account, form: str, pattern: str, cells: Sequence[Cell], said: Said = "number"
) -> Plan | None:
    """The plan that puts the numbers of cells into a pattern; `None` where one holds no number."""
    sheet = account.reading.sheet
    if any(sheet.number(cell) is None for cell in cells):
        return None
    sql = expression(sheet, pattern, cells)
    return plan_of(account, form, sql, [cell.row for cell in cells], [cell.column for cell in cells], said)


def printed_cell(account: Account, form: str, row: int, column: int) -> Plan:
    """The plan that gives one cell as it is printed."""
    rows = account.reading.sheet.rows
    sql = select(f'"_place", {name(rows, column)}', this_row(rows, row))
    return plan_of(account, form, sql, [row], [column], "printed")


def in_percent(account: Account) -> bool:
    """Whether what is asked about is in percent as it stands."""
    rows = account.reading.sheet.rows
    return any(
        "%" in rows.columns[column].unit or any("%" in texts[column] for texts in rows.texts)
        for column in account.targets
    )


def upwards(account: Account) -> bool:
    """Whether more is asked for, not less."""
    return next(one.up for one in account.graded if one.degree != "base")


def plus(count: int) -> str:
    """The pattern that adds so many numbers."""
    return " + ".join(f"{{{number}}}" for number in range(count))


TOTAL_WORDS = frozenset(("total", "all", "sum", "overal", "gesamt", "summ", "insgesamt", "zusammen"))
"""The stems that name rows which sum up others."""


def alike(account: Account) -> bool:
    """Whether the rows can be summed up: none is under a heading, none sums up others."""
    sheet = account.reading.sheet
    summed = any(
        TOTAL_WORDS & set(words)
        for row, words in enumerate(sheet.label_words)
        if row not in sheet.rows.totals
    )
    return not any(sheet.sections) and not summed and len(sheet.rows.totals) < 2
