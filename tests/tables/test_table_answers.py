from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glede.stores.tables import SqlRunner
from glede.tables.answers import computed, confidence, plain, planned
from glede.tables.confidence import LISTS, REPORTS, confidence_of
from glede.tables.typing import typed
from glede.tables.values import Computation, Rows
from tests.tables.table_examples import FERRIES, REPORT, rows_of, table_of

DOLLARS = "million $"


def answer(question: str, rows: Rows, run: SqlRunner, least: float = 0.0) -> Computation:
    found = computed(question, rows, run, least=least)
    assert found is not None, planned(question, rows)
    return found


@pytest.mark.parametrize(
    ("question", "value", "form", "unit"),
    [
        ("What were the harbour dues in 2020?", "100.0", "look-up", DOLLARS),
        (
            "What were the harbour dues in 2021 and 2020, respectively?",
            "80.0 100.0",
            "look-up of years",
            DOLLARS,
        ),
        ("What was the change in harbour dues between 2020 and 2021?", "-20", "change", DOLLARS),
        ("What was the change in Other from 2020 to 2021?", "-12.5", "change", DOLLARS),
        ("What is the percentage change in harbour dues from 2020 to 2021?", "-20%", "percent change", "%"),
        ("What was the average of ferry tickets for 2019 and 2020?", "355", "mean", DOLLARS),
        ("What were the average harbour dues from 2019 to 2021?", "90", "mean", DOLLARS),
        ("In which year were the ferry tickets the lowest?", "2019", "extreme year", ""),
        ("In which years did harbour dues exceed $85 million?", "2020 2019", "years that satisfy", ""),
        ("How many years did harbour dues exceed $85 million?", "2", "count of years", ""),
        (
            "What was the change between ferry tickets and harbour dues in 2019?",
            "-220",
            "difference of two",
            DOLLARS,
        ),
        ("What is the ratio of harbour dues to total income in 2020?", "0.2", "share", ""),
        ("What was the margin in 2021?", "12.5%", "look-up", "%"),
        ("Wie hoch war die Veränderung der harbour dues zwischen 2020 und 2021?", "-20", "change", DOLLARS),
        ("In welchem Jahr war die Margin am höchsten?", "2021", "extreme year", ""),
        ("Каковы harbour dues в 2020 году?", "100.0", "look-up", DOLLARS),
    ],
)
def test_reports(question: str, value: str, form: str, unit: str, run: SqlRunner) -> None:
    found = answer(question, REPORT, run)
    assert (set(found.value), found.unit) == (set(value.split()), unit)
    assert form in {plan.form for plan in planned(question, REPORT)}
    assert run(found.sql, REPORT)
    assert found.rows and found.columns


@pytest.mark.parametrize(
    ("question", "value", "form"),
    [
        ("How many passengers does the Dione have?", ("980",), "look-up of a number"),
        ("How many ships have Bergen as home port?", ("3",), "count"),
        ("How many ships have more than 600 passengers?", ("3",), "count compared"),
        ("Which ship has the most passengers?", ("Cirrus",), "extreme of rows"),
        ("Which ship has the lowest length?", ("Eos",), "extreme of rows"),
        ("Which ship comes after Boreas?", ("Cirrus",), "neighbour"),
        ("Which ship is listed above Boreas?", ("Aurora",), "neighbour"),
        ("Which ship has more passengers, Boreas or Dione?", ("Dione",), "either"),
        ("What is the difference in passengers between Boreas and Dione?", ("330",), "difference of rows"),
        ("What is the home port of the Boreas?", ("Stavanger",), "look-up"),
        ("Which ships have the same home port as Aurora?", ("Cirrus", "Eos"), "same as"),
        ("What is the total number of passengers?", ("3,550",), "look-up"),
        ("What is the average number of passengers?", ("710",), "mean of rows"),
    ],
)
def test_lists(question: str, value: tuple[str, ...], form: str, run: SqlRunner) -> None:
    found = answer(question, FERRIES, run)
    assert found.value == value
    assert form in {plan.form for plan in planned(question, FERRIES)}


def test_cites_the_row_and_the_columns(run: SqlRunner) -> None:
    found = answer("How many passengers does the Dione have?", FERRIES, run)
    assert found.rows == (4,)
    assert "passengers" in found.columns
    assert found.sql.startswith("SELECT ")


@pytest.mark.parametrize(
    "question",
    [
        "Why did harbour dues fall in 2021?",
        "What does harbour dues mean?",
        "Who is the captain?",
        "Which ships have no passengers?",
        "",
        "???",
        "how many",
        "What were the mooring fees of the northern branch in 1987?",
    ],
)
def test_says_nothing_where_it_is_not_sure(question: str, run: SqlRunner) -> None:
    assert computed(question, REPORT, run) is None
    assert computed(question, FERRIES, run) is None


def test_totals_are_no_rows_of_their_own(run: SqlRunner) -> None:
    assert answer("Which ship has the most passengers?", FERRIES, run).value == ("Cirrus",)


def test_a_tie_is_no_answer(run: SqlRunner) -> None:
    rows = rows_of("Ship | Passengers\nAurora | 40\nBoreas | 40\nCirrus | 10")
    assert computed("Which ship has the most passengers?", rows, run, least=0.0) is None


def test_names_cannot_break_out_of_the_statement(run: SqlRunner) -> None:
    rows = rows_of("Sh\"ip' | Pass\"engers\nO'Brien'; DROP TABLE rows; -- | 40\nBoreas | 50\nCirrus | 60")
    found = computed("How many pass engers does O'Brien'; DROP TABLE rows; -- have?", rows, run, least=0.0)
    assert found is None or found.value == ("40",)
    assert run("SELECT count(*) FROM rows", rows) == [(3,)]


CUES = """
how many much what which who when is the of in and or than before after next above below previous first last
most least highest lowest total sum average mean difference change increase decrease share percent more fewer
less same between from to only other both each at 2019 3 price name oak elm 7 9
"""
WORDS = st.lists(st.sampled_from(CUES.split()), max_size=12).map(" ".join)
CELLS = st.sampled_from(["oak", "elm", "7", "9", "2019", "2020", "", "7 m", "3 May 2020", "total"])


@settings(max_examples=300, deadline=None)
@given(
    grid=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=4),
    question=WORDS,
)
@example(grid=[["oak", "7", "9"]], question="which price comes next")
def test_any_cue_may_stand_beside_any_table(grid: list[list[str]], question: str) -> None:
    rows = typed(table_of([["Name", "Price", "Year"], *grid]), None)
    if rows is not None:
        for plan in planned(question, rows):
            assert 0.0 <= confidence(plan) <= 1.0


@settings(max_examples=60, deadline=None)
@given(
    grid=st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=4), min_size=1, max_size=5),
    question=st.text(alphabet="whicmosty an2019%()'\"-", max_size=60),
)
def test_any_table_can_be_asked(grid: list[list[str]], question: str) -> None:
    rows = typed(table_of(grid), None)
    if rows is not None:
        for plan in planned(f"{question} {grid[0][0]}", rows):
            assert 0.0 <= plan.grounding <= 1.0 + 1e-9
            assert 0.0 <= confidence(plan) <= 1.0


def test_a_large_table_is_read_by_an_excerpt() -> None:
    rows = rows_of("Ship | Passengers\n" + "\n".join(f"Ship{n} | {n}" for n in range(2000)))
    assert planned("How many passengers does Ship77 have?", rows)[0].form == "plain look-up"
    larger = replace(rows, values=rows.values * 50, texts=rows.texts * 50, places=tuple(range(1, 100_001)))
    plans = planned("How many passengers does Ship77 have?", larger)
    assert {larger.texts[row][0] for plan in plans for row in plan.rows} == {"Ship77"}
    assert max(len(plan.rows) for plan in plans) == 50


def test_confidence_never_falls_with_grounding() -> None:
    for table in (REPORTS, LISTS):
        assert all(list(bands) == sorted(bands) for bands in table.values())
    assert confidence_of("never seen", True, 1.0) < 0.5


@pytest.mark.parametrize(
    ("number", "text"), [(2.0, "2"), (-0.125, "-0.125"), (1 / 3, "0.3333"), (1e9, "1000000000")]
)
def test_plain(number: float, text: str) -> None:
    assert plain(number) == text


def test_the_unit_is_that_of_what_is_said_and_not_of_what_is_compared(run: SqlRunner) -> None:
    sales = rows_of("month | sales ($ million)\n2025-06 | 70\n2025-07 | 90\n2025-08 | 12")
    found = answer("Which month had the most sales?", sales, run)
    assert (found.value, found.unit) == (("2025-07",), "")
    rain = rows_of("month | rain (mm)\n2025-06 | 70\n2025-07 | 90\n2025-08 | 12")
    found = answer("What was the rain in 2025-06?", rain, run)
    assert (found.value, found.unit) == (("70",), "mm")
