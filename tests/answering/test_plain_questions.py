"""What ordinary users ask of small plain tables: nearly all is answered, and nothing that is not there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from glede.stores.tables import SqlRunner
from glede.tables.answers import computed, confidence, planned
from glede.tables.confidence import PLAIN
from tests.answering.plain_questions import ALL, KITES, TREES
from tests.tables.table_examples import rows_of


@pytest.fixture(scope="module")
def run() -> Iterator[SqlRunner]:
    runner = SqlRunner()
    yield runner
    runner.close()


@pytest.mark.parametrize("table", ALL)
def test_plain_questions_are_answered(table: str, run: SqlRunner) -> None:
    given = ALL[table]
    found = {}
    for question, _ in given.answers:
        computation = computed(question, given.rows, run, given.context)
        found[question] = ", ".join(computation.value) if computation is not None else ""
    assert found == dict(given.answers)


@pytest.mark.parametrize("table", ALL)
def test_what_the_table_does_not_hold_is_not_answered(table: str, run: SqlRunner) -> None:
    given = ALL[table]
    for question in given.unanswerable:
        assert computed(question, given.rows, run, given.context) is None, question


def test_another_word_for_what_is_done_is_not_plain() -> None:
    """A list names its measure in the header: a verb that no word near the table says is then a known gap."""
    plans = planned("How many trees were felled in 2019?", TREES.rows, TREES.context)
    assert not any(plan.form in PLAIN for plan in plans)


def test_what_is_measured_may_stand_around_the_table(run: SqlRunner) -> None:
    question = "How many pairs were there in Wern in 2022?"
    assert computed(question, KITES.rows, run, KITES.context) is not None
    assert computed(question, KITES.rows, run, "Kingfishers by valley") is None


def test_forms_with_one_statement_make_each_other_surer() -> None:
    question = "What was the change in pairs in Aller between 2019 and 2025?"
    plan = planned(question, KITES.rows, KITES.context)[0]
    assert plan.agreed > 0
    assert confidence(plan) > PLAIN["plain change"]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("Which place has the highest mean wind?", ("Summit mast",)),
        ("What is the highest mean wind?", ("7.4",)),
        ("Which place has the lowest mean wind?", ("South slope",)),
        ("What is the average mean wind?", ("5.75",)),
        ("Which place had the strongest gust?", ("Summit mast",)),
    ],
)
def test_a_header_may_say_mean_or_strongest(question: str, value: tuple[str, ...], run: SqlRunner) -> None:
    wind = rows_of(
        "Place | Mean wind | Strongest gust\nSummit mast | 7.4 m/s | 31.2 m/s\nSouth slope | 4.1 m/s | 22.8"
    )
    found = computed(question, wind, run)
    assert found is not None and found.value == value
