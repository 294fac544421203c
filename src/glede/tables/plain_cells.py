"""Plain questions about cells: look-up, change, difference, mean, share, and the year of the most."""

from __future__ import annotations

import re

from glede.tables import plain_words
from glede.tables.asking import condition
from glede.tables.grounding import Cell
from glede.tables.mentions import Mention
from glede.tables.plain_plans import (
    alike,
    chosen_rows,
    computed_plan,
    in_percent,
    named_rows,
    one_row,
    plan_of,
    plus,
    printed_cell,
    two_rows,
    upwards,
    where,
)
from glede.tables.plain_reading import Account
from glede.tables.statements import Plan, expression, literal, numeric, select, this_row

_NO_NUMBER = re.compile(r"\b(?:who|where|when)\b")
_WHEN = re.compile(r"\bwhen\b")
_WHICH_YEAR = re.compile(r"\b(?:which|what)(?: was the)? year\b|\bin which year\b|\bwhen\b")


def look_up(account: Account) -> Plan | None:
    """One cell of numbers."""
    row, targets = one_row(account), account.targets
    if row is None or len(targets) != 1 or account.wanted is not None:
        return None
    timed = _WHEN.search(account.text) and account.is_year(targets[0])
    if _NO_NUMBER.search(account.text) and not timed:
        return None
    if "percent" in account.operations and not in_percent(account):
        return None
    if account.mentions and all(m.column == targets[0] for m in account.mentions):
        return None
    return printed_cell(account, "look-up", row, targets[0])


def look_up_of_words(account: Account) -> Plan | None:
    """One cell of words: a header and a row are named."""
    row, column = one_row(account), account.wanted
    if row is None or column is None or account.targets or account.operations:
        return None
    if "\n" in account.reading.sheet.rows.texts[row][column]:
        return None  # a list of which perhaps one is meant
    return printed_cell(account, "look-up of words", row, column)


def change(account: Account) -> Plan | None:
    """From one time to another: of one row, or of all rows' sum."""
    cells = _change_cells(account)
    if cells is None or ("percent" in account.operations and in_percent(account)):
        return None
    sinking = _sinks(account)
    if "percent" in account.operations:
        pattern, form = (
            ("({1} - {0}) * 100.0 / {1}" if sinking else "({0} - {1}) * 100.0 / {1}"),
            "percent change",
        )
        return computed_plan(account, form, pattern, cells, "percent")
    return (
        computed_plan(account, "change", "{1} - {0}" if sinking else "{0} - {1}", cells)
        if cells
        else _change_of_all(account)
    )


def _sinks(account: Account) -> bool:
    """Whether the change is downwards; "increase / (decrease)" is not."""
    return plain_words.SINKING.search(account.text) is not None and not plain_words.RISING.search(
        account.text
    )


def _change_cells(account: Account) -> tuple[Cell, ...] | None:
    """The later cell and the earlier one; none for those of all rows; `None` where it cannot be told."""
    pair, ends = two_rows(account), _ends(account)
    if pair is not None and len(account.targets) == 1 and len(account.reading.asked.years) == 2:
        rows = sorted(
            (mention.rows[0] for mention in pair), key=lambda row: str(_label(account, pair[0], row))
        )
        return Cell(rows[1], account.targets[0]), Cell(rows[0], account.targets[0])
    if ends is None:
        return None
    row = one_row(account)
    if row is not None:
        return Cell(row, ends[0]), Cell(row, ends[1])
    return () if not account.mentions and "percent" not in account.operations else None


def _label(account: Account, mention: Mention, row: int) -> object:
    return account.reading.sheet.rows.texts[row][mention.column]


def _ends(account: Account) -> tuple[int, int] | None:
    """The columns of the later and the earlier of two years."""
    if not account.periods:
        return None
    years = account.reading.sheet.header_years
    columns = sorted(account.targets, key=lambda column: years[column], reverse=True)
    return (columns[0], columns[1]) if len(columns) == 2 and years[columns[0]] != years[columns[1]] else None


def _change_of_all(account: Account) -> Plan | None:
    ends = _ends(account)
    if ends is None or account.period is not None or not alike(account):
        return None
    rows = account.reading.sheet.rows
    later, earlier = (f"sum({numeric(rows, column)})" for column in ends)
    what = f"{earlier} - {later}" if _sinks(account) else f"{later} - {earlier}"
    return plan_of(account, "change of all", select(what, condition(account.reading, ())), (), ends)


def difference(account: Account) -> Plan | None:
    """Between two rows or two times; "how many more in A than in B" has a sign."""
    signed = "than" in account.operations
    if signed and not (
        account.operations & {"more", "less"} and re.search(r"\bhow\b|\bby what\b", account.text)
    ):
        return None
    pattern = "abs({0} - {1})" if not signed else "{1} - {0}" if "less" in account.operations else "{0} - {1}"
    pair, targets = two_rows(account), account.targets
    if pair is not None and len(targets) == 1:
        cells = [Cell(mention.rows[0], targets[0]) for mention in pair]
        return computed_plan(account, "difference", pattern, cells)
    row = one_row(account)
    if row is not None and len(targets) == 2 and account.periods:
        return computed_plan(account, "difference", pattern, [Cell(row, column) for column in targets])
    return None


def mean(account: Account) -> Plan | None:
    """Of a column, of named rows, or of one row at several times."""
    rows, span, several = account.reading.sheet.rows, account.span, named_rows(account)
    if several and len(several) * len(span) > 1 and min(len(several), len(span)) == 1:
        cells = [Cell(row, column) for row in several for column in span]
        return computed_plan(account, "mean", f"({plus(len(cells))}) / {len(cells)}", cells)
    if several or len(account.targets) != 1 or not account.reading.is_numeric(account.targets[0]):
        return None
    sql = select(f"avg({numeric(rows, account.targets[0])})", where(account))
    return plan_of(account, "mean of rows", sql, chosen_rows(account), account.targets)


def extreme_year(account: Account) -> Plan | None:
    """The year in which one row has the most."""
    row, sheet = one_row(account), account.reading.sheet
    if not account.periods or row is None or not _WHICH_YEAR.search(account.text) or account.targets:
        return None
    numbers = {column: sheet.number(Cell(row, column)) for column in account.numbers}
    if None in numbers.values() or len(set(numbers.values())) < len(numbers):
        return None
    parts = (
        expression(sheet, f"{_period(account, column)} AS year, {{0}} AS value", [Cell(row, column)])
        for column in account.numbers
    )
    order = "DESC" if upwards(account) else "ASC"
    sql = select("year", order=f"value {order}", limit=1, source=f"({' UNION ALL '.join(parts)})")
    return plan_of(account, "extreme year", sql, [row], account.numbers, "literal")


def _period(account: Account, column: int) -> str:
    """The year or other time of a column, in SQL."""
    sheet = account.reading.sheet
    years = sheet.header_years[column]
    return (
        literal(str(years[0]) if years else sheet.rows.columns[column].name)
        .replace("{", "{{")
        .replace("}", "}}")
    )


def share(account: Account) -> Plan | None:
    """What percentage of a column one row makes up."""
    row, rows = one_row(account), account.reading.sheet.rows
    if row is None or len(account.targets) != 1 or not _summed(account):
        return None
    if not re.search(r"\b(?:percent|percentage|share|proportion) of\b", account.text):
        return None
    column = numeric(rows, account.targets[0])
    one = select(column, this_row(rows, row))
    whole = select(f"sum({column})", where(account, ()))
    sql = select(f"({one}) * 100.0 / ({whole})", source="")
    return plan_of(account, "share", sql, [row], account.targets, "percent")


def _summed(account: Account) -> bool:
    return all(account.reading.is_amount(column) for column in account.targets)
