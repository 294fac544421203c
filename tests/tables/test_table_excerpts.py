"""Questions to a very large table: read by an excerpt, computed over all rows."""

from __future__ import annotations

import pytest

from glede.parsers.building import table_from_grid
from glede.stores.tables import SqlRunner
from glede.tables.answers import MOST_CELLS, computed, planned
from glede.tables.excerpts import EXCERPT_CELLS, excerpt, holds_for_all
from glede.tables.typing import typed
from glede.tables.values import Rows

COUNT = 30_000
STATES = ("open", "paid", "late")


@pytest.fixture(scope="module")
def orders() -> Rows:
    grid = [["name", "city", "price", "status"]]
    grid += [
        [f"kite {row}", f"Aller {row % 7}", str(row % 1000), STATES[row % 3 if row > COUNT - 100 else 0]]
        for row in range(COUNT)
    ]
    rows = typed(table_from_grid(grid), None)
    assert rows is not None
    assert len(rows.values) * len(rows.columns) > MOST_CELLS
    return rows


@pytest.mark.parametrize(
    ("question", "value", "cited"),
    [
        ("How many orders have the status paid?", "33", COUNT - 97),
        ("What is the average price?", "499.5", 1),
        ("How many rows are there?", str(COUNT), 1),
        ("How many orders have a price above 500?", "14970", None),
        ("What is the price of kite 29998?", "998", 29999),
    ],
)
def test_a_question_is_answered_over_all_rows(
    orders: Rows, question: str, value: str, cited: int | None
) -> None:
    found = computed(question, orders, SqlRunner())
    assert found is not None
    assert found.value == (value,)
    assert cited is None or found.rows[0] == cited


def test_an_excerpt_holds_the_rows_that_are_asked_for_and_stays_small(orders: Rows) -> None:
    part = excerpt("What is the price of kite 29998?", orders)
    assert 29999 in part.places
    assert part.places == tuple(sorted(part.places))
    assert len(part.places) * len(part.columns) <= EXCERPT_CELLS
    assert all(part.texts[number] == orders.texts[place - 1] for number, place in enumerate(part.places))


def test_where_more_rows_fit_than_an_excerpt_holds_those_that_are_cited_fit(orders: Rows) -> None:
    found = computed("How many orders have the status open?", orders, SqlRunner())
    assert found is not None
    assert found.value == (str(sum(texts[3] == "open" for texts in orders.texts)),)
    assert {orders.texts[place - 1][3] for place in found.rows} == {"open"}


def test_no_statement_lists_the_rows_of_an_excerpt(orders: Rows) -> None:
    plans = planned("What is the total price of kite 3 and kite 29998?", orders)
    assert all(holds_for_all(plan.sql) for plan in plans)
    assert not holds_for_all('SELECT sum("price") FROM rows WHERE "_place" IN (4, 29999)')
    assert holds_for_all('SELECT "price" FROM rows WHERE "_place" = 4')
