from __future__ import annotations

import time

import pytest

from glede.tables.answers import planned
from glede.tables.questions import asked, content, words_of, year_range, years_of
from tests.tables.table_examples import FERRIES, REPORT


def test_words_are_stems_and_plain_numbers() -> None:
    assert words_of("The 1,200 ferries' tickets (2.50%)") == ("the", "1200", "ferri", "ticket", "2.5")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("from 2018 to 2019", (2018, 2019)),
        ("FY19 and FY 2018", (2019, 2018)),
        ("$2,019 and 2019%", ()),
        ("between 2019, 2018 and 2019", (2019, 2018)),
    ],
)
def test_years(text: str, years: tuple[int, ...]) -> None:
    assert years_of(text) == years


def test_year_range() -> None:
    assert year_range("over 2017-2019") == (2017, 2018, 2019)
    assert year_range("from 2019 to 2017") == (2019, 2018, 2017)
    assert year_range("from 1819 to 2017") == ()


def test_content_leaves_out_years_and_function_words() -> None:
    assert content("what were the harbour dues in 2020") == ("harbour", "due")


@pytest.mark.parametrize(
    ("question", "cue"),
    [
        ("Wie viele Schiffe sind in Bergen?", "how many"),
        ("Сколько судов в Бергене?", "how many"),
        ("卑尔根有多少艘船?", "how many"),
    ],
)
def test_foreign_cues(question: str, cue: str) -> None:
    assert cue in asked(question).text


@pytest.mark.measured
@pytest.mark.parametrize(
    "piece", ["1 ", "((", "what is ", "1,", "how many more ", "as a percentage of ", "a or "]
)
def test_long_questions_take_no_time(piece: str) -> None:
    started = time.perf_counter()
    for rows in (REPORT, FERRIES):
        planned(piece * 5000, rows)
    assert time.perf_counter() - started < 2.0
