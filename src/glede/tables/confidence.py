"""How often each form is right, by how well the question is grounded in the table.

Counted by `python -m bench.tables_qa --calibrate` over half of the tables of TAT-QA's and WikiTableQuestions'
development sets (questions that a table cannot answer included), three doubtful cases added to each band.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

BANDS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Where one band of grounding ends and the next begins."""

REPORTS: Mapping[str, tuple[float, ...]] = {
    "change": (0.38, 0.62, 0.76, 0.76, 0.76, 0.90),
    "count of all": (0.38, 0.38, 0.50, 0.50, 0.50, 0.50),
    "count of years": (0.50, 0.50, 0.50, 0.50, 0.75, 0.79),
    "extreme of rows": (0.50, 0.50, 0.50, 0.59, 0.59, 0.59),
    "extreme row": (0.50, 0.50, 0.50, 0.50, 0.70, 0.70),
    "extreme year": (0.50, 0.50, 0.62, 0.62, 0.75, 0.86),
    "first listed": (0.50, 0.50, 0.54, 0.54, 0.54, 0.54),
    "look-up": (0.11, 0.32, 0.32, 0.50, 0.88, 0.94),
    "look-up by value": (0.43, 0.43, 0.50, 0.50, 0.50, 0.50),
    "look-up of a number": (0.50, 0.50, 0.50, 0.50, 0.50, 0.50),
    "look-up of rows": (0.41, 0.41, 0.41, 0.50, 0.50, 0.50),
    "look-up of years": (0.30, 0.44, 0.44, 0.44, 0.44, 0.83),
    "look-up without year": (0.22, 0.22, 0.22, 0.22, 0.22, 0.22),
    "mean": (0.50, 0.50, 0.75, 0.75, 0.75, 0.89),
    "mean of rows": (0.47, 0.47, 0.47, 0.47, 0.47, 0.50),
    "percent change": (0.50, 0.54, 0.54, 0.75, 0.85, 0.94),
    "share": (0.50, 0.50, 0.50, 0.50, 0.60, 0.60),
    "sum": (0.50, 0.50, 0.50, 0.50, 0.50, 0.62),
    "which years": (0.76, 0.76, 0.76, 0.76, 0.76, 0.76),
    "years that satisfy": (0.50, 0.50, 0.50, 0.64, 0.79, 0.79),
}
"""Tables whose columns are years."""
LISTS: Mapping[str, tuple[float, ...]] = {
    "change": (0.50, 0.50, 0.50, 0.50, 0.70, 0.75),
    "count": (0.29, 0.39, 0.39, 0.62, 0.62, 0.83),
    "count compared": (0.33, 0.33, 0.64, 0.79, 0.79, 0.86),
    "count of all": (0.21, 0.33, 0.33, 0.60, 0.60, 0.60),
    "count of different": (0.50, 0.50, 0.50, 0.50, 0.50, 0.62),
    "difference of rows": (0.50, 0.67, 0.67, 0.67, 0.67, 0.77),
    "difference of two": (0.37, 0.37, 0.37, 0.50, 0.50, 0.58),
    "either": (0.50, 0.50, 0.56, 0.56, 0.78, 0.78),
    "extreme of rows": (0.48, 0.48, 0.73, 0.73, 0.73, 0.73),
    "extreme row": (0.38, 0.50, 0.50, 0.50, 0.50, 0.62),
    "extreme value": (0.38, 0.38, 0.50, 0.50, 0.50, 0.62),
    "extreme year": (0.43, 0.43, 0.50, 0.50, 0.50, 0.50),
    "first": (0.43, 0.62, 0.62, 0.62, 0.62, 0.62),
    "first in time": (0.37, 0.53, 0.53, 0.60, 0.60, 0.62),
    "first listed": (0.43, 0.43, 0.50, 0.56, 0.56, 0.64),
    "look-up": (0.10, 0.17, 0.17, 0.46, 0.61, 0.86),
    "look-up by value": (0.30, 0.55, 0.63, 0.63, 0.63, 0.71),
    "look-up of a number": (0.62, 0.73, 0.73, 0.81, 0.81, 0.91),
    "look-up of rows": (0.24, 0.24, 0.30, 0.54, 0.54, 0.54),
    "look-up without year": (0.43, 0.43, 0.45, 0.45, 0.45, 0.50),
    "mean": (0.50, 0.50, 0.50, 0.50, 0.50, 0.62),
    "mean of rows": (0.30, 0.30, 0.30, 0.57, 0.57, 0.62),
    "neighbour": (0.36, 0.45, 0.56, 0.59, 0.81, 0.88),
    "next": (0.50, 0.50, 0.50, 0.50, 0.50, 0.64),
    "percent change": (0.50, 0.50, 0.50, 0.62, 0.62, 0.62),
    "rows that satisfy": (0.60, 0.60, 0.61, 0.61, 0.61, 0.61),
    "same as": (0.50, 0.50, 0.50, 0.50, 0.50, 0.70),
    "share": (0.38, 0.50, 0.50, 0.50, 0.50, 0.50),
    "sum": (0.45, 0.45, 0.45, 0.50, 0.57, 0.57),
    "sum of all": (0.28, 0.38, 0.50, 0.50, 0.50, 0.50),
    "sum of rows": (0.37, 0.37, 0.37, 0.37, 0.50, 0.62),
}
"""All other tables."""
PLAIN: Mapping[str, float] = {
    "plain change": 0.94,
    "plain change of all": 0.70,
    "plain count": 0.92,
    "plain count compared": 0.83,
    "plain difference": 0.83,
    "plain either": 0.86,
    "plain extreme of rows": 0.89,
    "plain extreme value": 0.75,
    "plain extreme year": 0.85,
    "plain list": 0.85,
    "plain look-up": 0.95,
    "plain look-up of words": 0.75,
    "plain mean": 0.93,
    "plain mean of rows": 0.83,
    "plain percent change": 0.85,
    "plain rows compared": 0.72,
    "plain share": 0.65,
    "plain sum": 0.64,
    "plain sum of rows": 0.80,
    "plain time of row": 0.75,
    "plain total": 0.70,
}
"""Questions whose every word is accounted for, in any table: `tests/answering/plain_questions.py` counts."""


def band_of(grounding: float) -> int:
    """The number of the band that a grounding falls into."""
    return bisect_right(BANDS, grounding)


def confidence_of(form: str, report: bool, grounding: float) -> float:
    """The share of right answers; a form that was never measured is not sure."""
    if form in PLAIN:
        return PLAIN[form]
    bands = (REPORTS if report else LISTS).get(form)
    if bands is None:
        return 0.4 * grounding
    return bands[band_of(grounding)]
