"""What the forms over cells share: their cues, and how well the cells of a plan are grounded."""

from __future__ import annotations

import re

from glede.tables.grounding import Series, Sheet
from glede.tables.questions import Asked, content
from glede.tables.statements import Plan, Said, expression

_CHANGE = (
    r"(?:net |total |overall )?(?:change|increase|decrease|difference|growth|rise|decline|changed|increased"
    r"|decreased|grown?|grew)s?"
)
_PERCENT = r"(?:percent(?:age)?|%|per cent)(?: \(?%\)?)?"
SHARE_WORD = r"(?:percentage|percent|proportion|share|ratio|fraction|%)"
_WORDS = (
    r"\bwhat (?:is|was|are|were)\b|\bhow much\b|\bhow many\b|\b(?:for|in|between|from|during|of|both)\b"
    r"|\brespectively\b|\brespective\b|\bwhich\b|\bwhat\b"
)
PERCENT_CHANGE = re.compile(rf"(?<!\w){_PERCENT}[^?]{{0,14}}?\b{_CHANGE}\b|\b{_CHANGE} \(?(?:in )?%\)?")
CHANGE = re.compile(rf"\b{_CHANGE}\b(?: ?/ ?\(? ?{_CHANGE} ?\)?)?")
DECREASE = re.compile(r"\bhow much (?:did|has|have)\b[^?]*\b(?:decrease|decline|fall|drop)\b")
AVERAGE = re.compile(r"\b(?:average|mean)\b")
SUM = re.compile(r"\b(?:sum|total|combined|aggregate)\b(?: amount| value| sum)?(?: of)?")
BOTH = re.compile(r"\bboth\b|\bsum\b|\bcombined\b|\btogether\b|\bin total\b")
ADDED = re.compile(r"\bsum\b")
SHARE = re.compile(rf"\b(?:as a |what |the )?{SHARE_WORD}\b")
MOST = re.compile(r"\b(?:largest|highest|most|higher|larger|greater|greatest|biggest|maximum|bigger)\b")
LEAST = re.compile(r"\b(?:lowest|smallest|least|lower|smaller|less|minimum|fewest)\b")
WHICH_YEAR = re.compile(r"\b(?:which|what) (?:fiscal |financial )?(?:year|period|quarter|fy)(?! ended)\b")
WHICH_YEARS = re.compile(r"\b(?:which|what) (?:fiscal |financial )?(?:years|periods)\b")
UNSURE = re.compile(
    r"\bwhy\b|\bhow (?:is|was|were|are|do|does|did|can|should|has|have)\b|\bwhat (?:do|does|did)\b|\bwhere\b"
    r"|\b(?:components?|composed|comprised?|included?|refers?|represents?|meaning|means|reasons?|cause[sd]?)\b"
    r"|\bdrove\b|\bdue to\b|\bwho\b|\bannual\b"
)
"""What asks for words of the text, or for parts."""
COMPARED = re.compile(
    r"\b(?P<more>exceed(?:s|ed|ing)?|(?:more|greater|higher|larger|bigger) than|above|over|at least)|"
    r"\b(?P<less>(?:less|lower|smaller|fewer) than|below|under|at most)"
)
AMOUNT = re.compile(r"[$£€]? ?(\d[\d,]*(?:\.\d+)?) ?(?:%|percent|thousands?|millions?|billions?|m\b)?")
WHICH_ROW = re.compile(
    r"\b(?:which|what) (?!year|period|is\b|was\b|are\b|were\b)[^?]*?"
    r"\b(?:has|had|have|was|is|were|with|in|recorded)\b"
)
ASKING = re.compile(_WORDS)
IN_ORDER = re.compile(
    r"\b(?:same|how long|after|before|next|previous|first|last|immediately|than|or|above|below|when|who)\b"
)
"""What asks for one row of a list by another."""
ENOUGH = 0.25
"""Below this fit a series is not named at all."""


def cells_plan(
    sheet: Sheet,
    asked: Asked,
    form: str,
    sql: str,
    series: Series,
    cue: re.Pattern[str],
    said: Said,
    most: int = 1,
) -> Plan | None:
    """The plan that rests on the cells of a series; `None` where the words hardly name it."""
    if series.score < ENOUGH:
        return None
    cells = list(series.cells.values())
    words = content(ASKING.sub(" ", asked.text), cue)
    grounding = 0.55 * series.score + 0.3 * sheet.coverage(words, cells) + 0.15 * min(1.0, 5 * series.margin)
    return Plan(
        form,
        sql,
        grounding,
        said,
        tuple(dict.fromkeys(cell.row for cell in cells)),
        tuple(dict.fromkeys(cell.column for cell in cells)),
        most,
    )


def computed_plan(
    sheet: Sheet,
    asked: Asked,
    form: str,
    pattern: str,
    series: Series,
    cue: re.Pattern[str],
    said: Said = "number",
) -> Plan | None:
    """The plan that puts the numbers of a series into a pattern such as "{0} - {1}"."""
    cells = list(series.cells.values())
    if any(sheet.number(cell) is None for cell in cells):
        return None
    return cells_plan(sheet, asked, form, expression(sheet, pattern, cells), series, cue, said)
