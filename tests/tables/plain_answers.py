"""What a table answers to a plain question, as `ask` would say it."""

from __future__ import annotations

from glede.answering.fitting import fits
from glede.stores.tables import SqlRunner
from glede.tables.answers import computed
from glede.tables.values import Rows


def answer(rows: Rows, question: str, run: SqlRunner) -> str:
    """The value that is computed, nothing where the table refuses or it does not fit the question."""
    found = computed(question, rows, run)
    return ", ".join(found.value) if found is not None and fits(question, found.value) else ""
