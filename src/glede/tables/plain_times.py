"""Plain questions for the time of something: the date beside what one row holds, or beside the most of it."""

from __future__ import annotations

import re

from glede.tables import plain_words
from glede.tables.plain_plans import one_row, printed_cell
from glede.tables.plain_reading import Account
from glede.tables.plain_words import keys_of, raw_words
from glede.tables.questions import is_function
from glede.tables.statements import Plan

ASKED = re.compile(r"\b(?:when|(?:which|what) (?:day|date|month))\b")
"""What asks for a time, and for no year: a column of years is looked up like any other."""
TIME_FORM = "time of row"


def time_of_row(account: Account) -> Plan | None:
    """When that was which a named row holds; "the strongest gust" is one where a header calls it so."""
    row, column = one_row(account), account.time
    if row is None or column is None or not account.mentions or not ASKED.search(account.text):
        return None
    if account.reading.sheet.rows.columns[column].type != "date" or account.wanted not in (None, column):
        return None
    if account.limit is not None or any(mention.column == column for mention in account.mentions):
        return None
    if len(account.targets) != 1 or not is_time_of(account, column, account.targets[0]):
        return None
    if not _is_called_so(account, account.targets[0]):
        return None
    return printed_cell(account, TIME_FORM, row, column)


def is_time_of(account: Account, column: int, target: int) -> bool:
    """Whether a column tells the time of another: "Date" of any, "Day of the gust" of gusts only."""
    header = raw_words(account.reading.sheet.rows.columns[column].name)
    own = [word for word in header if word not in plain_words.TIMES and not is_function(word)]
    return all(keys_of(word) & account.header_keys[target] for word in own)


def _is_called_so(account: Account, target: int) -> bool:
    """Whether what orders is part of the header; of a header that orders nothing, one row is all there is."""
    ordering = [one.word.raw for one in account.graded if one.degree != "base"]
    headed = raw_words(account.reading.sheet.rows.columns[target].name)
    orders = [word for word in headed if word in plain_words.UP or word in plain_words.DOWN]
    return set(ordering) == set(orders) if orders else not ordering
