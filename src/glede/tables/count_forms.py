"""Forms that compute over chosen rows: count, sum, mean, difference, and the row with the most of something.

Rows that sum up others are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from glede.tables.asking import (
    AVERAGE,
    BESIDE,
    COMPARED,
    COUNT,
    DIFFERENCE,
    EXTREME,
    UNSURE,
    Asking,
    asking,
    cells_plan,
    comparison,
    condition,
    label_column,
    nouns,
    number_plan,
    rows_of,
    value_column,
)
from glede.tables.mentions import Mention, Reading
from glede.tables.questions import words_of
from glede.tables.row_forms import one_column
from glede.tables.statements import Plan, name, numeric, select

_DIFFERENT = re.compile(r"\b(?:different|distinct|unique)\b")
_NOT_ONE = re.compile(
    r"\b(?:than|before|after|combined|together|same|first|last|top|between|must|need|until|average)\b"
)
_JOINED = re.compile(r"[ ,]*(?:and|or)(?: the| from)? *")
_BOUND = re.compile(r"\bat (?:least|most)\b|\b(?:minimum|maximum) of\b")


def plans(reading: Reading) -> Iterator[Plan]:
    """Every way of reading the question as something to compute, the more specific forms first."""
    if reading.asked.has(UNSURE):
        return
    for make in (_difference, _average, _count, _extreme):
        plan = make(reading)
        if plan is not None:
            yield plan


def _words(reading: Reading) -> tuple[str, ...]:
    return reading.words_in(0, len(reading.asked.text), reading.mentions)


def _difference(reading: Reading) -> Plan | None:
    pair = one_column(reading.mentions)
    value = value_column(reading, _words(reading))
    if not reading.asked.has(DIFFERENCE) or pair is None or value is None:
        return None
    column = numeric(reading.sheet.rows, value.column)
    sql = select(f"max({column}) - min({column})", condition(reading, pair, totals=True))
    return number_plan(reading, "difference of rows", sql, pair, [value.column, pair[0].column], value.fit)


def _average(reading: Reading) -> Plan | None:
    match = AVERAGE.search(reading.asked.text)
    value = None if match is None else value_column(reading, _words(reading))
    if value is None or not reading.is_amount(value.column) or reading.asked.has(COMPARED):
        return None
    if "averag" in words_of(reading.sheet.rows.columns[value.column].name):
        return None
    used = [mention for mention in reading.mentions if mention.column != value.column]
    sql = select(f"avg({numeric(reading.sheet.rows, value.column)})", condition(reading, used))
    return number_plan(reading, "mean of rows", sql, used, [value.column], value.fit)


def _count(reading: Reading) -> Plan | None:
    text = reading.asked.text
    match = COUNT.search(text)
    if match is None or reading.asked.has(DIFFERENCE) or EXTREME.search(_BOUND.sub(" ", text)):
        return None
    found = nouns(reading, match.end())
    value = reading.column_for(found, numeric=True)
    one = rows_of(reading, reading.mentions) if reading.mentions else ()
    if len(one) == 1 and (value is None or value[1] < 0.4):
        value = reading.column_for(_words(reading), numeric=True)
    if value is not None and value[1] >= 0.4 and COMPARED.search(text) is None:
        return _amount(reading, Asking(value[0], 0.5 + 0.5 * value[1]))
    return _count_rows(reading, found)


def _count_rows(reading: Reading, found: Sequence[str]) -> Plan | None:
    compared = comparison(reading)
    if (compared is None and reading.asked.has(COMPARED)) or not _countable(reading):
        return None
    named = reading.column_for(found)
    used: list[Mention] = list(reading.mentions)
    columns = [mention.column for mention in used] + ([named[0]] if named else [])
    counted, fit = "count(*)", 0.7
    form = "count" if used else "count of all"
    if compared is not None:
        used = [mention for mention in used if not compared.start <= mention.start < compared.end]
        columns.append(compared.column)
        form, fit = "count compared", compared.fit
    if named is not None and reading.asked.has(_DIFFERENT):
        counted = f"count(DISTINCT {name(reading.sheet.rows, named[0])})"
        form = "count of different"
    conditions = (condition(reading, used, wide=True), compared.condition if compared is not None else "")
    sql = select(counted, " AND ".join(filter(None, conditions)))
    return number_plan(reading, form, sql, used, columns, fit, found[:1])


def _countable(reading: Reading) -> bool:
    """Whether no row is named by itself, and what is named of one column is joined by "and" or "or"."""
    label = label_column(reading)
    if any(mention.column == label and len(mention.wide) == 1 for mention in reading.mentions):
        return False
    return all(
        _JOINED.fullmatch(reading.asked.text[one.end : two.start])
        for one, two in pairwise(reading.mentions)
        if one.column == two.column
    )


def _amount(reading: Reading, value: Asking) -> Plan | None:
    """How many of what a column counts: of one row, or of several summed up."""
    if reading.asked.has(_NOT_ONE):
        return None
    used = [mention for mention in reading.mentions if mention.column != value.column]
    rows = rows_of(reading, used) if used else ()
    column = numeric(reading.sheet.rows, value.column)
    if len(rows) == 1:
        key = name(reading.sheet.rows, value.column)
        sql = select(f'"_place", {key}', condition(reading, used, totals=True))
        return cells_plan(reading, "look-up of a number", sql, used, [value.column], value.fit)
    if not reading.is_amount(value.column):
        return None
    form = "sum of rows" if used else "sum of all"
    return number_plan(
        reading, form, select(f"sum({column})", condition(reading, used)), used, [value.column], value.fit
    )


def _extreme(reading: Reading) -> Plan | None:
    match = EXTREME.search(reading.asked.text)
    if (
        match is None
        or any(map(reading.asked.has, (COMPARED, COUNT, DIFFERENCE, AVERAGE)))
        or " or " in reading.asked.text
    ):
        return None
    want = asking(reading)
    value = value_column(reading, reading.words_in(match.end(), len(reading.asked.text), reading.mentions))
    if value is None or reading.asked.has(BESIDE):
        return None
    used = [mention for mention in reading.mentions if mention.column != value.column]
    if any(mention.column == want.column and len(mention.rows) == 1 for mention in used):
        return None
    column = numeric(reading.sheet.rows, value.column)
    extreme = f"{'max' if match.group('most') else 'min'}({column})"
    where = condition(reading, used)
    if value.column == want.column:
        return number_plan(reading, "extreme value", select(extreme, where), used, [value.column], value.fit)
    key = name(reading.sheet.rows, want.column)
    best = f"{column} = ({select(extreme, where)})"
    sql = select(f'"_place", {key}', " AND ".join(filter(None, (where, best))))
    fit = 0.5 * value.fit + 0.5 * want.fit
    return cells_plan(reading, "extreme of rows", sql, used, [want.column, value.column], fit)
