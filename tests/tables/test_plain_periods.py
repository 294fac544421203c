"""Times of rows in plain questions: a year, a month or a day by which rows are chosen, and what none is."""

from __future__ import annotations

import pytest

from glede.stores.tables import SqlRunner
from glede.tables.answers import computed, planned
from glede.tables.doubts import asks_for_words
from glede.tables.values import Rows
from tests.tables.plain_answers import answer
from tests.tables.table_examples import rows_of

MONTHS = rows_of(
    """
    month | mean temperature (°C) | rain (mm) | strongest gust (m/s)
    2024-01 | -1.6 | 47 | 20.7
    2024-02 | 1.4 | 96 | 15.6
    2024-05 | 11.6 | 100 | 16.1
    2024-06 | 15.2 | 102 | 30.1
    2025-01 | -1.3 | 74 | 31.2
    2025-05 | 10.9 | 58 | 16.8
    """
)
STATIONS = rows_of(
    """
    Station | Height (m) | Mean wind (m/s) | Mean temperature (°C) | Opened
    Ridge | 1240 | 6.4 | 3.1 | 1987
    Oster | 620 | 2.2 | 7.9 | 2001
    Hollen | 480 | 1.8 | 8.8 | 1995
    Kamm | 1510 | 8.9 | 1.2 | 2011
    """
)
ORDERS = rows_of(
    """
    Order | Date | Customer | City | Quantity | Price (€) | Status
    A1 | 2023-03-04 | Miller | Graz | 3 | 12.50 | paid
    A2 | 2023-11-19 | Weber | Oslo | 1 | 80.00 | open
    A3 | 2024-01-07 | Rossi | Graz | 7 | 4.20 | paid
    A4 | 2024-02-11 | Miller | Turin | 2 | 33.00 | returned
    A5 | 2024-08-30 | Novak | Oslo | 5 | 9.90 | paid
    A6 | 2025-02-01 | Weber | Graz | 4 | 21.00 | open
    """
)
VOYAGES = rows_of(
    """
    Voyage | Left | Arrived | Crew
    V1 | 2022-12-20 | 2023-01-04 | 12
    V2 | 2023-05-01 | 2023-05-09 | 20
    """
)
VISITS = rows_of(
    """
    Quarter | Guests
    Q1 2023 | 20
    Q2 2023 | 31
    Q3 2023 | 44
    Q4 2023 | 12
    """
)
ANSWERED = [
    (MONTHS, "What was the mean rain in 2024?", "86.25"),
    (MONTHS, "What was the average rain in 2025?", "66"),
    (MONTHS, "What was the total rain in 2024?", "345"),
    (MONTHS, "How much rain fell in 2025?", "132"),
    (MONTHS, "How much rain fell in May 2024?", "100"),
    (MONTHS, "What was the rain in January 2025?", "74"),
    (MONTHS, "What was the mean temperature in June 2024?", "15.2"),
    (MONTHS, "What is the average of the mean temperature in 2025?", "4.8"),
    (MONTHS, "Which month had the least rain in 2024?", "2024-01"),
    (MONTHS, "Which month of 2024 had the most rain?", "2024-06"),
    (MONTHS, "Which month had the highest mean temperature in 2025?", "2025-05"),
    (MONTHS, "What was the strongest gust in 2024?", "30.1"),
    (MONTHS, "How many months are there in 2025?", "2"),
    (MONTHS, "How many months had more than 90 mm of rain in 2024?", "3"),
    (MONTHS, "When was the mean temperature lowest?", "2024-01"),
    (MONTHS, "What was the mean rain between January and May 2024?", "81"),
    (MONTHS, "What was the mean rain from January to May 2024?", "81"),
    (MONTHS, "What was the total rain between February and June 2024?", "298"),
    (MONTHS, "What was the total rain from June 2024 to January 2025?", "176"),
    (MONTHS, "Which month had the most rain between January and May 2024?", "2024-05"),
    (MONTHS, "What was the mean rain in the first half of 2024?", "86.25"),
    (MONTHS, "What was the total rain in the second quarter of 2024?", "202"),
    (MONTHS, "What was the total rain in Q1 2024?", "143"),
    (MONTHS, "What was the strongest gust in Q2 of 2024?", "30.1"),
    (MONTHS, "What was the total rain from 2024 to 2025?", "477"),
    (STATIONS, "Where was the mean wind lowest?", "Hollen"),
    (STATIONS, "Where is the wind strongest?", "Kamm"),
    (STATIONS, "Where is the mean temperature below 3?", "Kamm"),
    (STATIONS, "When was Kamm opened?", "2011"),
    (STATIONS, "Which station opened last?", "Kamm"),
    (STATIONS, "Which station was opened first?", "Ridge"),
    (ORDERS, "How many orders were there in 2024?", "3"),
    (ORDERS, "How many orders were paid in 2024?", "2"),
    (ORDERS, "What was the total quantity in Graz in 2024?", "7"),
    (ORDERS, "What was the mean price of Miller in 2023?", "12.5"),
    (ORDERS, "What was the quantity on 30 August 2024?", "5"),
    (ORDERS, "What was the price on January 7, 2024?", "4.20"),
    (ORDERS, "When was the price highest?", "2023-11-19"),
    (ORDERS, "How many orders were there between March 2023 and January 2024?", "3"),
    (ORDERS, "How many orders were there in Q1 2024?", "2"),
    (ORDERS, "What was the total quantity in Graz between 4 March 2023 and 7 January 2024?", "10"),
    (ORDERS, "What was the total quantity from March 4, 2023 to January 6, 2024?", "4"),
    (ORDERS, "How many orders were paid between 2023 and 2024?", "3"),
    (VISITS, "How many guests came in Q2 2023?", "31"),
    (VISITS, "How many guests came in the last quarter?", "12"),
    (VOYAGES, "What was the mean crew of the voyages that left in 2023?", "20"),
]
REFUSED = [
    (MONTHS, "What was the mean rain in 2023?"),
    (MONTHS, "What was the mean rain since 2024?"),
    (MONTHS, "What was the mean rain after 2024?"),
    (MONTHS, "What was the mean rain before May 2024?"),
    (MONTHS, "What was the mean rain in 2024 and 2025?"),
    (MONTHS, "What was the mean rain in May?"),
    (MONTHS, "What was the rain in the last month of 2024?"),
    (MONTHS, "What was the mean rain in the summer of 2024?"),
    (MONTHS, "What was the mean snow in 2024?"),
    (MONTHS, "How much more rain fell in 2025 than in 2024?"),
    (MONTHS, "What was the mean rain between May and January 2024?"),
    (MONTHS, "What was the mean rain between January and May?"),
    (MONTHS, "What was the mean rain between January and May 2030?"),
    (MONTHS, "What was the mean rain in the second quarter?"),
    (MONTHS, "What was the mean rain in the second quarter of fiscal 2024?"),
    (MONTHS, "What was the mean rain in Q5 2024?"),
    (MONTHS, "What was the mean rain in Q1 2024 and Q2 2025?"),
    (MONTHS, "What was the mean rain between 3 January and 5 May 2024?"),
    (STATIONS, "What was the mean wind between March and May 2024?"),
    (ORDERS, "What was the mean price between 30 February and 5 May 2024?"),
    (VISITS, "How many guests came between January and May 2023?"),
    (STATIONS, "What was the mean wind in 2024?"),
    (STATIONS, "Where was the mean rain lowest?"),
    (STATIONS, "Who was opened first?"),
    (ORDERS, "How many orders came from Berlin in 2024?"),
    (ORDERS, "Who paid the highest price?"),
    (ORDERS, "Where was the price highest in Graz in 2021?"),
    (VOYAGES, "What was the mean crew in 2023?"),
]


@pytest.mark.parametrize(("rows", "question", "value"), ANSWERED, ids=[one[1] for one in ANSWERED])
def test_rows_are_of_the_time_that_is_named(rows: Rows, question: str, value: str, run: SqlRunner) -> None:
    assert answer(rows, question, run) == value


@pytest.mark.parametrize(("rows", "question"), REFUSED, ids=[one[1] for one in REFUSED])
def test_no_time_is_passed_over(rows: Rows, question: str, run: SqlRunner) -> None:
    """Refused rather than answered for all rows."""
    assert answer(rows, question, run) == ""


def test_a_stretch_of_time_is_a_condition_with_two_ends(run: SqlRunner) -> None:
    found = computed("What was the total rain between June 2024 and January 2025?", MONTHS, run)
    assert found is not None
    assert found.sql == (
        'SELECT sum("rain_mm") FROM rows WHERE "month" >= \'2024-06\' AND "month" < \'2025-02\''
    )
    assert (found.rows, found.value) == ((4, 5), ("176",))


def test_the_rows_that_are_cited_are_of_that_time(run: SqlRunner) -> None:
    found = computed("What was the mean rain in 2025?", MONTHS, run)
    assert found is not None
    assert found.sql == 'SELECT avg("rain_mm") FROM rows WHERE starts_with("month", \'2025\')'
    assert found.rows == (5, 6)
    assert found.columns == ("rain_mm",)


@pytest.mark.parametrize(
    "question", ["What does the list say about Ridge?", "What is said about Oster in 1987?"]
)
def test_what_is_said_about_a_thing_is_no_cell(question: str, run: SqlRunner) -> None:
    assert computed(question, STATIONS, run) is None


@pytest.mark.parametrize(
    "question",
    [
        "Why did the rain at Ridge increase in 2025?",
        "How do I read the height of Ridge?",
        "Explain the steps of measuring rain at Ridge.",
        "Warum fiel bei Oster mehr Regen?",
        "Pourquoi Ridge ?",
        "¿Cómo funciona Ridge?",
        "Как работает станция Ridge?",
        "如何使用Ridge?",
        "كيف تعمل Ridge؟",
    ],
)
def test_an_explanation_is_no_cell(question: str) -> None:
    assert planned(question, STATIONS) == ()


@pytest.mark.parametrize("question", ["How high is Ridge?", "How do you say 'ridge' in Oster?"])
def test_how_much_is_no_explanation(question: str) -> None:
    assert not asks_for_words(question)
