"""Forms that address cells: look-up, change, percent change, mean, sum, share and extremes over years.

These are the questions of reports: a row named in words, a column or a year, and what to do with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from glede.tables.grounding import TIME_WORDS, Cell, Series, Sheet
from glede.tables.questions import Asked, content, year_range, years_of
from glede.tables.series import (
    ADDED,
    ASKING,
    AVERAGE,
    BOTH,
    CHANGE,
    COMPARED,
    DECREASE,
    ENOUGH,
    IN_ORDER,
    LEAST,
    MOST,
    PERCENT_CHANGE,
    SHARE,
    SHARE_WORD,
    SUM,
    UNSURE,
    WHICH_ROW,
    WHICH_YEAR,
    WHICH_YEARS,
    cells_plan,
    computed_plan,
)
from glede.tables.statements import Plan, name, places, printed, select
from glede.tables.year_forms import extreme_year, which_years

Maker = Callable[[Sheet, Asked], Plan | None]


def plans(sheet: Sheet, asked: Asked) -> Iterator[Plan]:
    """Every way of reading the question as cells to find, the more specific forms first."""
    if asked.has(UNSURE):
        return
    makers = (
        which_years,
        extreme_year,
        _percent_change,
        _share,
        _change,
        _average,
        _sum,
        _extreme,
        _look_up,
    )
    for make in makers:
        plan = make(sheet, asked)
        if plan is not None:
            yield plan


def _percent_change(sheet: Sheet, asked: Asked) -> Plan | None:
    if not asked.has(PERCENT_CHANGE):
        return None
    found = _two_years(sheet, asked, PERCENT_CHANGE)
    if found is None:
        return None
    pattern = "({0} - {1}) * 100.0 / {1}"
    return computed_plan(sheet, asked, "percent change", pattern, found, PERCENT_CHANGE, "percent")


def _change(sheet: Sheet, asked: Asked) -> Plan | None:
    if not asked.has(CHANGE) or asked.has(PERCENT_CHANGE):
        return None
    pair = _two_named(sheet, asked, CHANGE)
    if pair is not None:
        pattern = "abs({0} - {1})" if "difference" in asked.text else "{1} - {0}"
        return computed_plan(sheet, asked, "difference of two", pattern, pair, CHANGE)
    found = _two_years(sheet, asked, CHANGE)
    pattern = "{1} - {0}" if asked.has(DECREASE) else "{0} - {1}"
    return computed_plan(sheet, asked, "change", pattern, found, CHANGE) if found is not None else None


def _two_years(sheet: Sheet, asked: Asked, cue: re.Pattern[str]) -> Series | None:
    """The latest year first."""
    if len(asked.years) == 1:
        return None
    series = sheet.series(content(asked.text, cue), asked.years)
    if series is None:
        return None
    years = sorted(asked.years or (year for year in series.cells if year), reverse=True)
    if len(years) != 2 and not (len(years) > 2 and asked.years):
        return None
    return Series({year: series.cells[year] for year in (years[0], years[-1])}, series.score, series.margin)


def _two_named(sheet: Sheet, asked: Asked, cue: re.Pattern[str]) -> Series | None:
    """Two quantities of one time: "between A and B in 2019"."""
    match = re.search(r"\bbetween (?P<one>[^?]+?) (?:and|as compared to) (?P<two>[^?]+)", asked.text)
    if match is None or len(asked.years) > 1:
        return None
    one, two = match.group("one"), match.group("two")
    if _only_time(one) or _only_time(two):
        return None
    around = asked.text[: match.start()]
    return _pair(sheet, asked, content(f"{around} {one}", cue), content(f"{around} {two}", cue))


def _only_time(text: str) -> bool:
    words = [word for word in content(text) if word.isalpha()]
    return bool(years_of(text)) and TIME_WORDS.issuperset(words)


def _pair(
    sheet: Sheet, asked: Asked, one: Sequence[str], two: Sequence[str], years: Sequence[int] = ()
) -> Series | None:
    wanted = years or asked.years
    first, second = sheet.series(one, wanted), sheet.series(two, wanted)
    if first is None or second is None or min(first.score, second.score) < ENOUGH:
        return None
    year = wanted[0] if wanted else next(iter(first.cells))
    if not wanted and (len(first.cells) > 1 or len(second.cells) > 1):
        return None
    if year not in second.cells or first.cells[year] == second.cells[year]:
        return None
    cells = {0: first.cells[year], 1: second.cells[year]}
    return Series(cells, min(first.score, second.score), min(first.margin, second.margin))


def _share(sheet: Sheet, asked: Asked) -> Plan | None:
    match = re.search(
        rf"(?P<one>[^?]+?)\b(?:as an? {SHARE_WORD} (?:of|to|over)|over)\b(?P<two>[^?]+)", asked.text
    ) or re.search(r"\b(?:ratio|proportion) of (?P<one>[^?]+?) (?:to|over) (?P<two>[^?]+)", asked.text)
    if match is None or asked.has(PERCENT_CHANGE) or asked.has(AVERAGE) or len(asked.years) > 1:
        return None
    one, two = content(match.group("one"), SHARE), content(match.group("two"), SHARE)
    found = _pair(sheet, asked, one, two)
    if found is None:
        return None
    if re.search(r"\b(?:ratio|proportion)\b", asked.text):
        return computed_plan(sheet, asked, "share", "{0} * 1.0 / {1}", found, SHARE)
    return computed_plan(sheet, asked, "share", "{0} * 100.0 / {1}", found, SHARE, "percent")


def _average(sheet: Sheet, asked: Asked) -> Plan | None:
    match = AVERAGE.search(asked.text)
    if match is None or asked.has(CHANGE) or "respective" in asked.text:
        return None
    words = content(asked.text, AVERAGE)
    if any("averag" in sheet.label_words[row] for row in sheet.filled) and len(asked.years) == 1:
        return None
    series = _over_years(sheet, asked, words)
    if series is None:
        return None
    return computed_plan(
        sheet, asked, "mean", _plus(len(series.cells)) + f" / {len(series.cells)}", series, AVERAGE
    )


def _sum(sheet: Sheet, asked: Asked) -> Plan | None:
    if not asked.has(BOTH):
        return None
    pair = re.search(r"\bsum of (?P<one>[^?]+?) and (?P<two>[^?]+)", asked.text)
    if pair is not None and len(asked.years) <= 1 and not _only_time(pair.group("two")):
        found = _pair(sheet, asked, content(pair.group("one"), SUM), content(pair.group("two"), SUM))
    else:
        found = _over_years(sheet, asked, content(asked.text, BOTH)) if len(asked.years) > 1 else None
    return None if found is None else computed_plan(sheet, asked, "sum", _plus(len(found.cells)), found, SUM)


def _plus(count: int) -> str:
    return "(" + " + ".join(f"{{{number}}}" for number in range(count)) + ")"


def _over_years(sheet: Sheet, asked: Asked, words: Sequence[str]) -> Series | None:
    """A quantity in the years asked for, a range filled up, or in all years of the table."""
    between = year_range(asked.text)
    series = sheet.series(words, between or asked.years)
    if series is None and between:
        series = sheet.series(words, asked.years)
        between = ()
    if series is None:
        return None
    years = tuple(between or asked.years) or tuple(year for year in series.cells if year)
    if len(years) < 2:
        return None if asked.years else _all_periods(sheet, words)
    return Series({year: series.cells[year] for year in years}, series.score, series.margin)


def _all_periods(sheet: Sheet, words: Sequence[str]) -> Series | None:
    """A row whose columns are all periods, each with a date of its own."""
    columns = sheet.value_columns
    if len(columns) < 2 or not all(sheet.header_years[column] for column in columns):
        return None
    fits = sorted(((sheet.fit(words, Cell(row, columns[0])), -row) for row in sheet.filled), reverse=True)
    if not fits:
        return None
    row = -fits[0][1]
    margin = fits[0][0] - fits[1][0] if len(fits) > 1 else 1.0
    return Series({number: Cell(row, column) for number, column in enumerate(columns)}, fits[0][0], margin)


def _extreme(sheet: Sheet, asked: Asked) -> Plan | None:
    """Which row has the most in a column that words and year name."""
    match = WHICH_ROW.search(asked.text)
    most, least = asked.has(MOST), asked.has(LEAST)
    if match is None or most == least or asked.has(COMPARED) or len(asked.years) > 1:
        return None
    if not asked.years and sheet.rows.columns[sheet.rows.labels[0]].name.strip():
        return None
    cue = re.compile(f"{MOST.pattern}|{LEAST.pattern}")
    words = content(asked.text[match.end() :], cue)
    columns = [
        column
        for column in sheet.value_columns
        if not asked.years or set(asked.years) & set(sheet.header_years[column])
    ]
    if not columns:
        return None
    rows = [
        row for row in sheet.filled if row not in sheet.rows.totals and "total" not in sheet.label_words[row]
    ]
    fits = sorted(((_header_fit(sheet, words, column), -column) for column in columns), reverse=True)
    column = -fits[0][1]
    cells = [Cell(row, column) for row in rows if sheet.number(Cell(row, column)) is not None]
    if len(cells) < 2:
        return None
    order = "DESC" if most else "ASC"
    label = name(sheet.rows, sheet.rows.labels[0])
    sql = select(
        f'"_place", {label}',
        f'"_place" IN ({places(sheet.rows, (cell.row for cell in cells))})',
        f"{name(sheet.rows, column)} {order}",
        1,
    )
    margin = fits[0][0] - fits[1][0] if len(fits) > 1 else 1.0
    grounding = 0.8 * fits[0][0] + 0.2 * min(1.0, 5 * margin)
    return Plan(
        "extreme row",
        sql,
        grounding,
        "printed",
        tuple(cell.row for cell in cells),
        (sheet.rows.labels[0], column),
    )


def _header_fit(sheet: Sheet, words: Sequence[str], column: int) -> float:
    header = set(sheet.header_words[column])
    asked = sheet.weigh(words)
    return sheet.weigh(header & set(words)) / asked if asked else 0.5


def _look_up(sheet: Sheet, asked: Asked) -> Plan | None:
    if any(map(asked.has, (CHANGE, MOST, LEAST, COMPARED, WHICH_YEAR, WHICH_YEARS))) or asked.text.startswith(
        "how many"
    ):
        return None
    words = content(asked.text, ASKING)
    if not sheet.reports and asked.has(IN_ORDER):
        return None
    operation = [
        word
        for cue in (AVERAGE, SHARE, ADDED)
        for match in cue.finditer(asked.text)
        for word in content(match.group())
    ]
    ranged = "respective" in asked.text and year_range(asked.text)
    years = ranged or asked.years
    series = sheet.series(words, years)
    if series is None or series.score < ENOUGH:
        return None
    wanted = tuple(years) or tuple(series.cells)
    found = Series({year: series.cells[year] for year in wanted}, series.score, series.margin)
    cells = [found.cells[year] for year in wanted]
    if any(sheet.coverage([word], cells) == 0.0 for word in operation):
        return None
    form = "look-up" if len(cells) == 1 else "look-up of years"
    if not years and len(cells) > 1:
        form = "look-up without year"
    if asked.text.startswith("how many"):
        form = "look-up of how many"
    if len(cells) > 1 and len({cell.row for cell in cells}) > 1:
        cells.sort(key=lambda cell: cell.row)
    return cells_plan(sheet, asked, form, printed(sheet, cells), found, ASKING, "printed", most=len(cells))
