"""Forms for plain questions to plain tables, where every word of the question is accounted for.

Look-up, change, difference, sum, mean, extremes, comparison and count, over rows named in full and columns
named by header, year or adjective. What the numbers count may be said by caption or context alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from glede.tables import plain_words
from glede.tables.asking import condition, rows_of
from glede.tables.grounding import Cell
from glede.tables.mentions import Mention, Reading
from glede.tables.plain_reading import Account
from glede.tables.questions import year_range
from glede.tables.row_forms import one_column
from glede.tables.statements import Plan, Said, expression, literal, name, numeric, select, this_row
from glede.tables.words import unit_word

FORM = "plain "
"""What the names of these forms begin with."""
MOST = 40
_ORDER = frozenset(("most", "least", "more", "less"))
_LABEL = re.compile(r"\b(?:which|who|list|name|show|give)\b")
_NO_NUMBER = re.compile(r"\b(?:who|where|when)\b")
_WHAT = re.compile(r"\bwhat\b")
_WHICH_YEAR = re.compile(r"\b(?:which|what)(?: was the)? year\b|\bin which year\b|\bwhen\b")
_REFUSED = re.compile(
    r"\b(?:why|not|never|without|except|besides|other than|each|every|per|respectively|name an?|and (?:which|what|who|how))\b"
    r"|what do(?:es)?\b[^?]*\bmean|how (?:is|was|were|are|do|does|did|can|should|has|have)\b|n't\b"
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


def _forms(account: Account) -> tuple[Callable[[Account], Plan | None], ...]:
    """The forms for just these operations."""
    asked = account.operations - {"many"}
    if account.limit is not None:
        return (_compared,) if asked <= {"total"} else ()
    if "change" in asked:
        return (_change,) if asked <= {"change", "percent", "total"} else ()
    if asked & {"than", "difference"}:
        return (_difference,) if asked <= {"than", "difference", "more", "less"} else ()
    if "or" in asked:
        return (_either,) if len(asked & _ORDER) == 1 and asked <= {"or", *_ORDER} else ()
    if "average" in asked:
        return (_mean,) if asked == {"average"} else ()
    if asked & _ORDER:
        return (_extreme_year, _extreme) if asked in ({"most"}, {"least"}) else ()
    if "percent" in asked:
        return (_share, _cell) if asked == {"percent"} else (_cell,)
    return (_cell, _cells_of_words, _sum, _count, _list) if asked <= {"total"} else ()


def _plan(
    account: Account,
    form: str,
    sql: str,
    rows: Sequence[int],
    columns: Sequence[int],
    said: Said = "number",
    most: int = 1,
) -> Plan:
    chosen = tuple(dict.fromkeys(rows)), tuple(dict.fromkeys(columns))
    return Plan(FORM + form, sql, 1.0, said, *chosen, most)


def _row(account: Account) -> int | None:
    """The one row that is named."""
    rows = rows_of(account.reading, account.mentions) if account.mentions else ()
    return rows[0] if len(rows) == 1 else None


def _pair(account: Account) -> tuple[Mention, Mention] | None:
    """Two rows named by cells of one column, and nothing else."""
    pair = one_column(account.mentions)
    return pair if len(account.mentions) == 2 else None


def _several(account: Account) -> tuple[int, ...]:
    """Rows that are named one by one."""
    columns = {mention.column for mention in account.mentions}
    single = all(len(mention.rows) == 1 for mention in account.mentions)
    return rows_of(account.reading, account.mentions) if len(columns) == 1 and single else ()


def _computed(
    account: Account, form: str, pattern: str, cells: Sequence[Cell], said: Said = "number"
) -> Plan | None:
    sheet = account.reading.sheet
    if any(sheet.number(cell) is None for cell in cells):
        return None
    sql = expression(sheet, pattern, cells)
    return _plan(account, form, sql, [cell.row for cell in cells], [cell.column for cell in cells], said)


def _cell(account: Account) -> Plan | None:
    """One cell of numbers."""
    row, targets = _row(account), account.targets
    if row is None or len(targets) != 1 or account.wanted is not None:
        return None
    if _NO_NUMBER.search(account.text) or ("percent" in account.operations and not _in_percent(account)):
        return None
    if account.mentions and all(m.column == targets[0] for m in account.mentions):
        return None
    return _printed(account, "look-up", row, targets[0])


def _in_percent(account: Account) -> bool:
    """Whether what is asked about is in percent as it stands."""
    rows = account.reading.sheet.rows
    return any(
        "%" in rows.columns[column].unit or any("%" in texts[column] for texts in rows.texts)
        for column in account.targets
    )


def _printed(account: Account, form: str, row: int, column: int) -> Plan:
    rows = account.reading.sheet.rows
    sql = select(f'"_place", {name(rows, column)}', this_row(rows, row))
    return _plan(account, form, sql, [row], [column], "printed")


def _cells_of_words(account: Account) -> Plan | None:
    """One cell of words: a header and a row are named."""
    row, column = _row(account), account.wanted
    if row is None or column is None or account.targets or account.operations:
        return None
    if "\n" in account.reading.sheet.rows.texts[row][column]:
        return None  # a list of which perhaps one is meant
    return _printed(account, "look-up of words", row, column)


def _change(account: Account) -> Plan | None:
    cells = _change_cells(account)
    if cells is None or ("percent" in account.operations and _in_percent(account)):
        return None
    sinking = _sinks(account)
    if "percent" in account.operations:
        pattern, form = (
            ("({1} - {0}) * 100.0 / {1}" if sinking else "({0} - {1}) * 100.0 / {1}"),
            "percent change",
        )
        return _computed(account, form, pattern, cells, "percent")
    return (
        _computed(account, "change", "{1} - {0}" if sinking else "{0} - {1}", cells)
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
    pair, ends = _pair(account), _ends(account)
    if pair is not None and len(account.targets) == 1 and len(account.reading.asked.years) == 2:
        rows = sorted(
            (mention.rows[0] for mention in pair), key=lambda row: str(_label(account, pair[0], row))
        )
        return Cell(rows[1], account.targets[0]), Cell(rows[0], account.targets[0])
    if ends is None:
        return None
    row = _row(account)
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
    if ends is None or not _alike(account):
        return None
    rows = account.reading.sheet.rows
    later, earlier = (f"sum({numeric(rows, column)})" for column in ends)
    what = f"{earlier} - {later}" if _sinks(account) else f"{later} - {earlier}"
    return _plan(account, "change of all", select(what, condition(account.reading, ())), (), ends)


def _difference(account: Account) -> Plan | None:
    """Between two rows in one column, or two columns of one row; "how many more in A than in B" has a sign."""
    signed = "than" in account.operations
    if signed and not (
        account.operations & {"more", "less"} and re.search(r"\bhow\b|\bby what\b", account.text)
    ):
        return None
    pattern = "abs({0} - {1})" if not signed else "{1} - {0}" if "less" in account.operations else "{0} - {1}"
    pair, targets = _pair(account), account.targets
    if pair is not None and len(targets) == 1:
        cells = [Cell(mention.rows[0], targets[0]) for mention in pair]
        return _computed(account, "difference", pattern, cells)
    row = _row(account)
    if row is not None and len(targets) == 2 and account.periods:
        return _computed(account, "difference", pattern, [Cell(row, column) for column in targets])
    return None


def _either(account: Account) -> Plan | None:
    pair, targets = _pair(account), account.targets
    if pair is None or len(targets) != 1:
        return None
    rows = account.reading.sheet.rows
    values = [account.reading.sheet.number(Cell(mention.rows[0], targets[0])) for mention in pair]
    if None in values or values[0] == values[1] or _ranked(account):
        return None
    key = name(rows, pair[0].column)
    listed = ", ".join(literal(rows.values[mention.rows[0]][mention.column]) for mention in pair)
    order = "DESC" if _up(account) else "ASC"
    sql = select(f'"_place", {key}', f"{key} IN ({listed})", f"{numeric(rows, targets[0])} {order}", 1)
    chosen = [mention.rows[0] for mention in pair]
    return _plan(account, "either", sql, chosen, [pair[0].column, targets[0]], "printed")


def _ranked(account: Account) -> bool:
    """Whether "most" may mean the lowest number: of ranks, and of years."""
    graded = next(one for one in account.graded if one.degree != "base")
    return graded.column is None and not account.reading.is_amount(account.targets[0])


def _up(account: Account) -> bool:
    return next(one.up for one in account.graded if one.degree != "base")


def _mean(account: Account) -> Plan | None:
    rows, span, several = account.reading.sheet.rows, account.span, _several(account)
    if several and len(several) * len(span) > 1 and min(len(several), len(span)) == 1:
        cells = [Cell(row, column) for row in several for column in span]
        return _computed(account, "mean", f"({_plus(len(cells))}) / {len(cells)}", cells)
    if several or len(account.targets) != 1 or not account.reading.is_numeric(account.targets[0]):
        return None
    sql = select(f"avg({numeric(rows, account.targets[0])})", condition(account.reading, account.mentions))
    return _plan(account, "mean of rows", sql, rows_of(account.reading, account.mentions), account.targets)


def _plus(count: int) -> str:
    return " + ".join(f"{{{number}}}" for number in range(count))


def _extreme_year(account: Account) -> Plan | None:
    """The year in which one row has the most."""
    row, sheet = _row(account), account.reading.sheet
    if not account.periods or row is None or not _WHICH_YEAR.search(account.text) or account.targets:
        return None
    numbers = {column: sheet.number(Cell(row, column)) for column in account.numbers}
    if None in numbers.values() or len(set(numbers.values())) < len(numbers):
        return None
    parts = (
        expression(sheet, f"'{sheet.header_years[column][0]}' AS year, {{0}} AS value", [Cell(row, column)])
        for column in account.numbers
    )
    order = "DESC" if _up(account) else "ASC"
    sql = select("year", order=f"value {order}", limit=1, source=f"({' UNION ALL '.join(parts)})")
    return _plan(account, "extreme year", sql, [row], account.numbers, "literal")


def _extreme(account: Account) -> Plan | None:
    """The row with the most of something, or how much that is."""
    reading, rows = account.reading, account.reading.sheet.rows
    graded = [one for one in account.graded if one.degree != "base"]
    if len(account.targets) != 1 or len(graded) != 1 or any(len(m.rows) == 1 for m in account.mentions):
        return None
    if _ranked(account):
        return None
    column = numeric(rows, account.targets[0])
    where = condition(reading, account.mentions)
    extreme = f"{'max' if graded[0].up else 'min'}({column})"
    chosen = rows_of(reading, account.mentions)
    if _of_value(account):
        return _plan(account, "extreme value", select(extreme, where), chosen, account.targets)
    if not (_LABEL.search(account.text) or _WHAT.search(account.text)) or _asks_for(
        account, account.targets[0]
    ):
        return None
    want = account.label if account.wanted is None else account.wanted
    best = f"{column} = ({select(extreme, where)})"
    sql = select(f'"_place", {name(rows, want)}', " AND ".join(filter(None, (where, best))))
    return _plan(account, "extreme of rows", sql, chosen, [want, account.targets[0]], "printed")


def _asks_for(account: Account, column: int) -> bool:
    """Whether the word after "which" names that column."""
    match = re.search(r"\b(?:which|what) (\w+)", account.text)
    return match is not None and bool(plain_words.keys_of(match.group(1)) & account.header_keys[column])


def _of_value(account: Account) -> bool:
    """Whether the number itself is asked for."""
    if "many" in account.operations and not _LABEL.search(account.text):
        return True
    if re.search(r"\bhow\b", account.text) and any(one.degree == "base" for one in account.graded):
        return True
    rows_named = any(account.names_rows(word) for word in account.words)
    header = account.targets[0] in account.named
    return _WHAT.search(account.text) is not None and header and not rows_named and account.wanted is None


def _share(account: Account) -> Plan | None:
    """What percentage of a column one row makes up."""
    row, rows = _row(account), account.reading.sheet.rows
    if row is None or len(account.targets) != 1 or not _summed(account):
        return None
    if not re.search(r"\b(?:percent|percentage|share|proportion) of\b", account.text):
        return None
    column = numeric(rows, account.targets[0])
    one = select(column, this_row(rows, row))
    whole = select(f"sum({column})", condition(account.reading, ()))
    sql = select(f"({one}) * 100.0 / ({whole})", source="")
    return _plan(account, "share", sql, [row], account.targets, "percent")


def _summed(account: Account) -> bool:
    return all(account.reading.is_amount(column) for column in account.targets)


def _sum(account: Account) -> Plan | None:
    """Of a column, of named rows, or of one row's years."""
    reading, sheet = account.reading, account.reading.sheet
    span, several = account.span, _several(account)
    if not span or account.wanted is not None or not all(map(reading.is_amount, span)) or _counts(account):
        return None
    if several:
        if year_range(reading.asked.text) and not account.periods:
            return None
        spanned = len(span) > 1 and ("total" in account.operations or bool(year_range(reading.asked.text)))
        if (len(several) > 1) == (len(span) > 1) or (len(span) > 1 and not spanned):
            return None
        cells = [Cell(row, column) for row in several for column in span]
        return _computed(account, "sum", _plus(len(cells)), cells)
    if len(account.targets) != 1 or not account.operations & {"many", "total"}:
        return None
    column = account.targets[0]
    totals = sheet.rows.totals
    if not account.mentions and len(totals) == 1 and {*sheet.label_words[totals[0]]} <= _TOTAL:
        return _printed(account, "total", totals[0], column)
    if not _alike(account):
        return None
    sql = select(f"sum({numeric(sheet.rows, column)})", condition(reading, account.mentions))
    return _plan(account, "sum of rows", sql, rows_of(reading, account.mentions), [column])


_TOTAL = frozenset(("total", "all", "sum", "overal", "gesamt", "summ", "insgesamt", "zusammen"))


def _alike(account: Account) -> bool:
    """Whether the rows can be summed up: none is under a heading, none sums up others."""
    sheet = account.reading.sheet
    summed = any(
        _TOTAL & set(words) for row, words in enumerate(sheet.label_words) if row not in sheet.rows.totals
    )
    return not any(sheet.sections) and not summed and len(sheet.rows.totals) < 2


def _counts(account: Account) -> bool:
    """Whether what follows "how many" are the rows themselves."""
    match = re.search(r"\b(?:how many|number of)\b(?: different| distinct)?", account.text)
    if match is None:
        return False
    after = [word for word in account.words if word.start >= match.end()]
    return (
        (bool(after)
        and account.names_rows(after[0])
        and not account.periods)
        or (bool(after) and account.names_rows(after[0]) and not account.targets)
    )


def _count(account: Account) -> Plan | None:
    if "many" not in account.operations or account.targets or account.wanted is not None:
        return None
    if not (_counts(account) or (account.counted and len(account.numbers) != 1 and not account.periods)):
        return None
    if any(m.column == account.label for m in account.mentions):
        return None
    columns = [mention.column for mention in account.mentions] or [account.label]
    sql = select("count(*)", condition(account.reading, account.mentions, wide=True))
    return _plan(account, "count", sql, rows_of(account.reading, account.mentions), columns)


def _list(account: Account) -> Plan | None:
    """The rows that hold a value."""
    mentions = account.mentions
    if not mentions or account.targets or account.operations or not _LABEL.search(account.text):
        return None
    if account.wanted is not None or any(mention.column == account.label for mention in mentions):
        return None
    rows = account.reading.sheet.rows
    sql = select(f'"_place", {name(rows, account.label)}', condition(account.reading, mentions), '"_place"')
    chosen = rows_of(account.reading, mentions)
    return _plan(account, "list", sql, chosen, [account.label], "printed", MOST)


def _compared(account: Account) -> Plan | None:
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
    where = condition(reading, account.mentions)
    where = " AND ".join(filter(None, (where, f"{numeric(rows, column)} {sign} {amount}")))
    columns = [account.label, column]
    if "many" in account.operations:
        return _plan(account, "count compared", select("count(*)", where), (), columns[::-1])
    if not (_LABEL.search(account.text) or _WHAT.search(account.text)) or account.wanted is not None:
        return None
    sql = select(f'"_place", {name(rows, account.label)}', where, '"_place"')
    return _plan(account, "rows compared", sql, (), columns, "printed", MOST)


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
