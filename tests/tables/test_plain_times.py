"""When something was that a row holds: its date where a header calls it so, and no date of another."""

from __future__ import annotations

import pytest

from glede.stores.tables import SqlRunner
from glede.tables.answers import computed
from glede.tables.values import Rows
from tests.tables.plain_answers import answer
from tests.tables.table_examples import rows_of

WIND = rows_of(
    """
    Place | Height | Mean wind | Strongest gust | Day of the gust
    Summit mast | 612 m | 7.4 m/s | 31.2 m/s | 18 January
    South slope | 455 m | 4.1 m/s | 22.8 m/s | 18 January
    Quarry roost | 380 m | 3.3 m/s | 19.5 m/s | 2 December
    Visitor hut | 290 m | 2.6 m/s | 17.1 m/s | 18 January
    """
)
FLOODS = rows_of(
    """
    Date | River | Highest level (cm)
    2021-07-14 | Ahr | 575
    2021-07-15 | Erft | 390
    2023-12-24 | Leine | 460
    2024-06-03 | Ahr | 410
    """
)
ANSWERED = [
    (WIND, "When was the strongest gust at the quarry roost measured?", "2 December"),
    (WIND, "When was the strongest gust measured at the quarry roost?", "2 December"),
    (WIND, "When was the strongest gust at the quarry roost?", "2 December"),
    (WIND, "On which day was the strongest gust at the quarry roost?", "2 December"),
    (WIND, "What was the day of the strongest gust at the quarry roost?", "2 December"),
    (WIND, "On what date did the quarry roost have its strongest gust?", "2 December"),
    (WIND, "What day was the strongest gust recorded at the visitor hut?", "18 January"),
    (WIND, "When was the strongest gust measured?", "18 January"),
    (WIND, "On which date was the strongest gust?", "18 January"),
    (WIND, "What was the strongest gust at the quarry roost?", "19.5 m/s"),
    (FLOODS, "When was the highest level of the Erft measured?", "2021-07-15"),
    (FLOODS, "When was the highest level of the Ahr measured?", "2021-07-14"),
    (FLOODS, "On which day was the highest level of the Leine recorded?", "2023-12-24"),
]
REFUSED = [
    (WIND, "When was the weakest gust at the quarry roost measured?"),
    (WIND, "When was the strongest gust at the river measured?"),
    (WIND, "When was the strongest gust at the quarry roost and the visitor hut measured?"),
    (WIND, "When was the mean wind highest?"),
    (WIND, "On which day was the mean wind highest?"),
    (WIND, "When was the mean wind at the quarry roost measured?"),
    (WIND, "When was the height of the quarry roost measured?"),
    (WIND, "When was the quarry roost built?"),
    (WIND, "At what time was the strongest gust?"),
    (FLOODS, "When was the lowest level of the Erft measured?"),
    (FLOODS, "What was the lowest level of the Ahr?"),
]


@pytest.mark.parametrize(("rows", "question", "value"), ANSWERED, ids=[one[1] for one in ANSWERED])
def test_a_row_tells_when_it_was(rows: Rows, question: str, value: str, run: SqlRunner) -> None:
    assert answer(rows, question, run) == value


@pytest.mark.parametrize(("rows", "question"), REFUSED, ids=[one[1] for one in REFUSED])
def test_the_day_of_one_thing_is_not_that_of_another(rows: Rows, question: str, run: SqlRunner) -> None:
    assert answer(rows, question, run) == ""


def test_the_row_is_cited_and_no_other(run: SqlRunner) -> None:
    found = computed("When was the strongest gust at the quarry roost measured?", WIND, run)
    assert found is not None
    assert found.sql == 'SELECT "_place", "day_of_the_gust" FROM rows WHERE "place" = \'Quarry roost\''
    assert found.rows == (3,)
