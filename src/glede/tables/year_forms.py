"""Forms whose answer is years: in which one something is the largest, and in which it passes an amount."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from glede.tables.grounding import Cell, Series, Sheet
from glede.tables.questions import Asked, content
from glede.tables.series import (
    AMOUNT,
    ASKING,
    COMPARED,
    LEAST,
    MOST,
    WHICH_YEAR,
    WHICH_YEARS,
    cells_plan,
)
from glede.tables.statements import Plan, expression, literal, select


def which_years(sheet: Sheet, asked: Asked) -> Plan | None:
    """The years of a quantity, those in which it passes an amount, or how many these are."""
    compared = COMPARED.search(asked.text)
    counted = re.search(r"\bhow many (?:fiscal )?(?:years|periods)\b", asked.text) is not None
    if (counted and compared is None) or not (counted or asked.has(WHICH_YEARS) or asked.has(WHICH_YEAR)):
        return None
    if compared is None:
        return _all_years(sheet, asked) if asked.has(WHICH_YEARS) and not asked.has(MOST) else None
    amount = AMOUNT.search(asked.text, compared.end())
    if amount is None:
        return None
    words = content(asked.text[: compared.start()] + asked.text[amount.end() :], ASKING)
    series = _years_with_numbers(sheet, words, asked.years)
    if series is None:
        return None
    limit = float(amount.group(1).replace(",", ""))
    sign = ">" if compared.lastgroup == "more" else "<"
    sign += "=" if re.search(r"\bat (?:least|most)\b", compared.group()) else ""
    met, years = f"value {sign} {literal(limit)}", _unpivoted(sheet, series.cells)
    if counted:
        sql = select("count(*)", met, source=years)
        return cells_plan(sheet, asked, "count of years", sql, series, COMPARED, "number")
    sql = select("year", met, source=years)
    return cells_plan(sheet, asked, "years that satisfy", sql, series, COMPARED, "literal", most=9)


def _all_years(sheet: Sheet, asked: Asked) -> Plan | None:
    series = sheet.series(content(asked.text, WHICH_YEARS), ())
    years = () if series is None else tuple(year for year in series.cells if year)
    if series is None or len(years) < 2:
        return None
    sql = select(f"unnest([{', '.join(literal(str(year)) for year in years)}])", source="")
    found = Series({year: series.cells[year] for year in years}, series.score, series.margin)
    return cells_plan(sheet, asked, "which years", sql, found, WHICH_YEARS, "literal", most=len(years))


def extreme_year(sheet: Sheet, asked: Asked) -> Plan | None:
    """The year in which a quantity is the largest or smallest."""
    most, least = asked.has(MOST), asked.has(LEAST)
    if not asked.has(WHICH_YEAR) or most == least or asked.has(COMPARED):
        return None
    cue = re.compile(f"{WHICH_YEAR.pattern}|{MOST.pattern}|{LEAST.pattern}")
    series = _years_with_numbers(sheet, content(asked.text, cue), asked.years)
    if series is None:
        return None
    order = "value DESC" if most else "value ASC"
    years = select("year", order=order, limit=1, source=_unpivoted(sheet, series.cells))
    return cells_plan(sheet, asked, "extreme year", years, series, cue, "literal")


def _years_with_numbers(sheet: Sheet, words: Sequence[str], years: Sequence[int]) -> Series | None:
    series = sheet.series(words, years)
    if series is None:
        return None
    cells = {
        year: cell
        for year, cell in series.cells.items()
        if year and (not years or year in years) and sheet.number(cell) is not None
    }
    return Series(cells, series.score, series.margin) if len(cells) > 1 else None


def _unpivoted(sheet: Sheet, cells: Mapping[int, Cell]) -> str:
    parts = (
        expression(sheet, f"'{year}' AS year, {{0}} AS value", [cell])
        for year, cell in sorted(cells.items(), reverse=True)
    )
    return f"({' UNION ALL '.join(parts)})"
