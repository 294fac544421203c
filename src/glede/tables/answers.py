"""Questions to a table answered by computing, without a model: a sure form is filled in, or nothing is said.

Every answer is what one SELECT over the table gives. Which readings are sure was counted, see
`glede.tables.confidence`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from glede.tables import cell_forms, count_forms, plain_forms, row_forms
from glede.tables.confidence import confidence_of
from glede.tables.doubts import asks_for_words, doubted, turned_round
from glede.tables.excerpts import excerpt, holds_for_all
from glede.tables.grounding import Sheet
from glede.tables.mentions import Reading
from glede.tables.plain_plans import FORM
from glede.tables.plain_times import TIME_FORM
from glede.tables.questions import asked
from glede.tables.statements import Plan, Run
from glede.tables.strange_words import has_strange_words
from glede.tables.values import Computation, Rows

LEAST_CONFIDENCE = 0.63
"""Below this nothing is said. Confidences are drawn towards one half where little was counted: of what
passes, .87 to .90 are right in reports and .87 in lists (tables held out in `bench.tables_qa`)."""
MOST_CELLS = 80_000
"""The words of larger tables are not all gone through: about a second. A question to one is read by an
excerpt, and only those statements are taken that mean the same over all of its rows."""
_AGREEMENT = 0.5
"""How much another form with the same statement takes away of the doubt, at most."""
_STRANGE = 0.6
"""What is left of how sure a form is where a word of the question is found nowhere."""
_UNITLESS = ("share", "percent change", "extreme year", "which years", "count", "years that satisfy")
_DECIMALS = 4


def planned(question: str, rows: Rows, context: str = "") -> tuple[Plan, ...]:
    """The ways of reading the question, the surest first; nothing is run.

    `context` is the text around the table: words of the question that stand in it may miss in the table.
    """
    if not rows.values or not rows.columns or asks_for_words(question):
        return ()
    if len(rows.values) * len(rows.columns) > MOST_CELLS:
        part = excerpt(question, rows)
        plans = planned(question, part, context)
        return tuple(_of_all(plan, part, rows) for plan in plans if holds_for_all(plan.sql))
    sheet, heard = Sheet(rows, context), asked(question)
    reading = Reading(sheet, heard)
    found = [
        replace(plan, report=sheet.reports)
        for plans in (
            plain_forms.plans(reading),
            cell_forms.plans(sheet, heard),
            row_forms.plans(reading),
            count_forms.plans(reading),
        )
        for plan in plans
    ]
    found = [
        plan
        for plan in found
        if not turned_round(reading, plan) and (plan.form.startswith(FORM) or not doubted(reading, plan))
    ]
    odd = bool(found) and not found[0].form.startswith(FORM) and has_strange_words(reading)
    found = [replace(plan, agreed=_agreed(plan, found), strange=odd) for plan in found]
    timed = [plan for plan in found if plan.form == FORM + TIME_FORM]  # numbers are no answer to these
    return tuple(sorted(timed or found, key=lambda plan: (-confidence(plan), -plan.grounding)))


def _of_all(plan: Plan, part: Rows, rows: Rows) -> Plan:
    """The plan of an excerpt with the numbers of its rows in the table; without a condition it is all."""
    if " WHERE " not in plan.sql:
        return replace(plan, rows=())
    number_of = {place: number for number, place in enumerate(rows.places)}
    return replace(plan, rows=tuple(number_of[part.places[row]] for row in plan.rows))


def confidence(plan: Plan) -> float:
    """How often an answer of that form is right, more often where another form gives the same statement."""
    alone = _alone(plan)
    if plan.strange:
        return _STRANGE * alone
    return alone + (1 - alone) * _AGREEMENT * plan.agreed


def _alone(plan: Plan) -> float:
    return confidence_of(plan.form, plan.report, plan.grounding)


def _agreed(plan: Plan, plans: Sequence[Plan]) -> float:
    """How sure the surest other form with this statement is; one of the two must leave no word over."""
    others = [
        other
        for other in plans
        if other.sql == plan.sql and other.form != plan.form and FORM in plan.form[:6] + other.form[:6]
    ]
    return max(map(_alone, others), default=0.0)


def computed(
    question: str, rows: Rows, run: Run, context: str = "", least: float = LEAST_CONFIDENCE
) -> Computation | None:
    """The answer with the statement that gave it, or `None` where it would be less sure than `least`.

    Raises what `run` raises.
    """
    return carried_out(planned(question, rows, context), rows, run, least)


def carried_out(
    plans: Sequence[Plan], rows: Rows, run: Run, least: float = LEAST_CONFIDENCE
) -> Computation | None:
    """`computed`, of a question that has been read."""
    if not plans or confidence(plans[0]) < least:
        return None
    plan = plans[0]
    result = run(plan.sql, rows)
    value = said(plan, rows, result)
    if not value:
        return None
    shown = plan.columns[: len(result[0]) - 1] if plan.said == "printed" else plan.columns
    return Computation(
        plan.sql,
        value,
        _places(plan, rows, result),
        tuple(rows.columns[column].key for column in plan.columns),
        plan.form,
        confidence(plan),
        unit_of(replace(plan, columns=shown), rows),
    )


def said(plan: Plan, rows: Rows, result: Sequence[tuple[object, ...]]) -> tuple[str, ...]:
    """The result as it reads; empty where there is none, or more of it than the question asks for."""
    if not result or len(result) > plan.most:
        return ()
    if plan.said == "printed":
        return _printed(plan, rows, result)
    if any(value is None for row in result for value in row):
        return ()
    if plan.said == "literal":
        return tuple(str(row[0]) for row in result)
    numbers = tuple(float(str(row[0])) for row in result)
    if plan.form.removeprefix(FORM).startswith("count") and not any(numbers):
        return ()  # nothing found is rather a value misread than the answer
    return tuple(plain(number) + ("%" if plan.said == "percent" else "") for number in numbers)


def _printed(plan: Plan, rows: Rows, result: Sequence[tuple[object, ...]]) -> tuple[str, ...]:
    number_of = {place: number for number, place in enumerate(rows.places)}
    columns = plan.columns[: len(result[0]) - 1]
    texts = (rows.texts[number_of[int(str(row[0]))]][column] for row in result for column in columns)
    return tuple(text for text in texts if text)


def _places(plan: Plan, rows: Rows, result: Sequence[tuple[object, ...]]) -> tuple[int, ...]:
    """The rows to cite: those printed, those computed with, or all where none were chosen."""
    if plan.said == "printed":
        return tuple(int(str(row[0])) for row in result)
    return tuple(rows.places[row] for row in plan.rows) or rows.places


def plain(number: float) -> str:
    """A number without needless digits."""
    rounded = round(number, _DECIMALS)
    return str(int(rounded)) if rounded == int(rounded) else f"{rounded:.{_DECIMALS}f}".rstrip("0")


def unit_of(plan: Plan, rows: Rows) -> str:
    """What the answer counts, with its scale, as in "million $"; nothing where the cells do not agree."""
    if plan.said == "percent":
        return "%"
    if plan.form.removeprefix(FORM).startswith(_UNITLESS):
        return ""
    if any("%" in rows.texts[row][column] for row in plan.rows for column in plan.columns):
        return "%"
    units = {rows.columns[column].unit for column in plan.columns if rows.columns[column].type == "number"}
    return units.pop() if len(units) == 1 else ""
