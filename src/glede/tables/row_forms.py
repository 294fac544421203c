"""Forms that choose rows and print a cell of them: look-up by value, neighbours, A-or-B, first and last.

These are the questions of lists: each row is a thing, each column says something of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from glede.tables.asking import (
    AVERAGE,
    BESIDE,
    COMPARED,
    COUNT,
    DIFFERENCE,
    EXTREME,
    FIRST,
    LISTED,
    SAME,
    TIME,
    UNSURE,
    asking,
    cells_plan,
    column_of,
    comparison,
    condition,
    rows_of,
    value_column,
)
from glede.tables.mentions import Mention, Reading
from glede.tables.questions import words_of
from glede.tables.statements import Plan, literal, name, numeric, select

_EITHER = re.compile(
    r"\b(?:(?P<up>more|most|higher|highest|larger|largest|greater|taller|tallest|longer|longest|bigger|later|last|weighs)"
    r"|(?P<down>fewer|less|least|lower|smaller|shorter|first|earlier))\b"
)
_SAME = re.compile(
    r"\bsame (?P<what>[^?]+?) as\b|\bfrom the same (?P<place>[^?]+?) as\b|\bin the same (?P<at>\w+) as\b"
)
_RANKED = frozenset(("rank", "posit", "place"))
_NOTHING = re.compile(r"\b(?:newest|latest|earliest|oldest|most recent)\b")
MOST = 12


def plans(reading: Reading) -> Iterator[Plan]:
    """Every way of reading the question as rows to choose, the more specific forms first."""
    if reading.asked.has(UNSURE):
        return
    for make in (_same, _either, _beside, _first, _satisfy, _look_up):
        plan = make(reading)
        if plan is not None:
            yield plan


def one_column(mentions: Sequence[Mention]) -> tuple[Mention, Mention] | None:
    """The last two mentions that stand in one column and mean one row each."""
    for number in range(len(mentions) - 1, 0, -1):
        one, two = mentions[number - 1], mentions[number]
        if one.column == two.column and len(one.rows) == len(two.rows) == 1 and one.rows != two.rows:
            return one, two
    return None


def _time_order(reading: Reading, column: int) -> str:
    kind = reading.sheet.rows.columns[column].type
    return name(reading.sheet.rows, column) if kind == "date" else numeric(reading.sheet.rows, column)


def _cell(reading: Reading, column: int) -> str:
    return f'"_place", {name(reading.sheet.rows, column)}'


def _same(reading: Reading) -> Plan | None:
    """The other rows that have the same in a column as the one that is named."""
    match = _SAME.search(reading.asked.text)
    after = [] if match is None else [m for m in reading.mentions if m.start >= match.end()]
    if match is None or not after or len(after[0].rows) != 1 or reading.asked.has(COUNT):
        return None
    words = words_of(match.group("what") or match.group("place") or match.group("at"))
    shared = reading.column_for(words)
    if shared is None or shared[1] < 0.3 or shared[0] == after[0].column:
        return None
    want = asking(reading)
    column = want.column if want.column != shared[0] else after[0].column
    rows, place = reading.sheet.rows, reading.sheet.rows.places[after[0].rows[0]]
    value = rows.values[after[0].rows[0]][shared[0]]
    where = f'{name(rows, shared[0])} = {literal(value)} AND "_place" <> {place}'
    sql = select(_cell(reading, column), where, '"_place"')
    return cells_plan(reading, "same as", sql, after[:1], [column, shared[0]], shared[1], MOST)


def _either(reading: Reading) -> Plan | None:
    text, rows = reading.asked.text, reading.sheet.rows
    pair = one_column(reading.mentions)
    match = _EITHER.search(text)
    if pair is None or match is None or not re.search(r"\bor\b", text[pair[0].end : pair[1].start]):
        return None
    key = name(rows, pair[0].column)
    value = value_column(reading, reading.words_in(0, len(text), reading.mentions))
    time = column_of(reading, TIME)
    if match.group() in {"first", "earlier", "later", "last"}:
        order = '"_place"' if time is None or LISTED.search(text) else _time_order(reading, time)
        fit, columns = 0.8, [pair[0].column, *([time] if time is not None else [])]
    elif value is not None:
        order, fit, columns = numeric(rows, value.column), value.fit, [pair[0].column, value.column]
    else:
        return None
    down = (match.lastgroup == "up") != bool(_ranks(reading, columns[-1]))
    values = ", ".join(literal(rows.values[mention.rows[0]][mention.column]) for mention in pair)
    sql = select(
        _cell(reading, pair[0].column), f"{key} IN ({values})", f"{order} {'DESC' if down else 'ASC'}", 1
    )
    return cells_plan(reading, "either", sql, pair, columns, fit)


def _ranks(reading: Reading, column: int) -> bool:
    return bool(_RANKED & set(words_of(reading.sheet.rows.columns[column].name)))


def _beside(reading: Reading) -> Plan | None:
    text = reading.asked.text
    match = BESIDE.search(text)
    if match is None or any(cue.search(text) for cue in (COUNT, EXTREME, COMPARED, FIRST)) or " or " in text:
        return None
    later = [mention for mention in reading.mentions if mention.start >= match.end()]
    if not later:
        return None
    rows = rows_of(reading, later) or later[0].rows
    if len(rows) != 1:
        return None
    forward = match.lastgroup == "after"
    if not LISTED.search(text) and _descends(reading):
        forward = not forward
    want = asking(reading)
    column = want.column if want.fit > 0.6 and not re.search(r"\bwho\b", text) else later[0].column
    place = reading.sheet.rows.places[rows[0]]
    sign, order = (">", "ASC") if forward else ("<", "DESC")
    sql = select(_cell(reading, column), f'"_place" {sign} {place}', f'"_place" {order}', 1)
    form = "neighbour" if match.group() not in {"next", "next to"} else "next"
    return cells_plan(reading, form, sql, later, [column, later[0].column], max(want.fit, 0.6))


def _descends(reading: Reading) -> bool:
    """Whether the table goes back in time."""
    column = column_of(reading, TIME)
    if column is None:
        return False
    found = [re.search(r"\d{4}(?:-\d\d-\d\d)?", str(values[column])) for values in reading.sheet.rows.values]
    known = [match.group() for match in found if match is not None]
    return len(known) > 2 and known == sorted(known, reverse=True) and known[0] != known[-1]


def _first(reading: Reading) -> Plan | None:
    text = reading.asked.text
    match = FIRST.search(text)
    if match is None or any(cue.search(text) for cue in (COUNT, BESIDE, EXTREME)) or " or " in text:
        return None
    want = asking(reading)
    used = [mention for mention in reading.mentions if mention.column != want.column]
    time = None if LISTED.search(text) else column_of(reading, TIME)
    if time is None and _NOTHING.search(text):
        return None
    direction = "DESC" if match.lastgroup == "last" else "ASC"
    order = f'"_place" {direction}'
    where = condition(reading, used)
    if time is not None:
        order = f"{_time_order(reading, time)} {direction}, {order}"
        where = " AND ".join(filter(None, (where, f"{_time_order(reading, time)} IS NOT NULL")))
    sql = select(_cell(reading, want.column), where, order, 1)
    form = "first listed" if LISTED.search(text) else "first" if time is None else "first in time"
    return cells_plan(
        reading, form, sql, used, [want.column, *([time] if time is not None else [])], want.fit
    )


def _satisfy(reading: Reading) -> Plan | None:
    compared = comparison(reading)
    text = reading.asked.text
    if compared is None or any(cue.search(text) for cue in (COUNT, FIRST, DIFFERENCE)):
        return None
    want = asking(reading)
    used = [m for m in reading.mentions if not compared.start <= m.start < compared.end]
    where = " AND ".join(filter(None, (condition(reading, used), compared.condition)))
    sql = select(_cell(reading, want.column), where, '"_place"')
    one = re.search(r"\bonly\b|\b(?:after|before) \d|\bname (?:a|an|one)\b|\bone of\b", text) is not None
    fit = 0.5 * compared.fit + 0.5 * want.fit
    columns = [want.column, compared.column]
    return cells_plan(reading, "rows that satisfy", sql, used, columns, fit, 1 if one else MOST)


def _look_up(reading: Reading) -> Plan | None:
    text = reading.asked.text
    cues = (COUNT, EXTREME, FIRST, BESIDE, DIFFERENCE, AVERAGE, COMPARED, SAME)
    if any(cue.search(text) for cue in cues) or " or " in text:
        return None
    want = asking(reading)
    used = [mention for mention in reading.mentions if mention.column != want.column]
    rows = rows_of(reading, used) if used else ()
    if not rows:
        return None
    sql = select(_cell(reading, want.column), condition(reading, used, totals=True), '"_place"')
    form = "look-up by value" if len(rows) == 1 else "look-up of rows"
    return cells_plan(reading, form, sql, used, [want.column], want.fit, MOST)
