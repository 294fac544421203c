from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.parsers.sheets_formats import NumberFormat, general, shown, shown_text


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        ("0.1", "General", "0.1"),
        ("0.30000000000000004", "General", "0.3"),
        ("1234567.5", "General", "1234567.5"),
        ("1E+20", "General", "1E+20"),
        ("3", "0.00", "3.00"),
        ("1234567.891", "#,##0.00", "1,234,567.89"),
        ("-1234.5", "#,##0.00", "-1,234.50"),
        ("2.5", "0", "3"),
        ("0.255", "0%", "26%"),
        ("0.1234", "0.0%", "12.3%"),
        ("1234.5", '#,##0.00 "EUR"', "1,234.50 EUR"),
        ("1234.5", "[$€-407]#,##0.00", "€1,234.50"),
        ("-5", "0;(0)", "(5)"),
        ("0", '0;-0;"none"', "none"),
        ("-5", "[Red]-0.0;0", "5"),
        ("7", "[<5]0.0;[>=5]00", "07"),
        ("12345678", "0.0,,\\M", "12.3M"),
        ("12345", "0.00E+00", "1.23E+04"),
        ("0.75", "# ?/?", "3/4"),
        ("2.25", "# ?/?", "2 1/4"),
        ("0.5", "#.##", ".5"),
        ("5", "000", "005"),
        ("45351", "yyyy-mm-dd", "2024-02-29"),
        ("45351.545138888891", "d. mmmm yyyy h:mm", "29. February 2024 13:05"),
        ("45351.545138888891", "h:mm AM/PM", "1:05 PM"),
        ("45351", "ddd, mmm d", "Thu, Feb 29"),
        ("1.5", "[h]:mm", "36:00"),
        ("0.000011574", "mm:ss", "00:01"),
        ("59", "yyyy-mm-dd", "1900-02-28"),
        ("61", "yyyy-mm-dd", "1900-03-01"),
        ("-1", "yyyy-mm-dd", "-1"),
        ("nan", "0.00", "nan"),
        ("kite", "0.00", "kite"),
        ("12", "", "12"),
    ],
)
def test_numbers_as_they_are_shown(number: str, code: str, text: str) -> None:
    assert shown(number, NumberFormat(code)) == text


def test_days_since_1904() -> None:
    assert shown("0", NumberFormat("yyyy-mm-dd", is_1904=True)) == "1904-01-01"


def test_texts_in_a_format() -> None:
    assert shown_text("kite", NumberFormat('0;-0;0;"a "@')) == "a kite"
    assert shown_text("kite", NumberFormat("0.00")) == "kite"
    assert shown_text("kite", NumberFormat("@")) == "kite"


@given(st.text(alphabet='0#?.,;%E+-@"\\_*[]<>=ymdhsAMP/ ()$&G', max_size=40), st.floats())
def test_no_format_fails(code: str, number: float) -> None:
    shown(repr(number), NumberFormat(code))
    shown_text("kite", NumberFormat(code))


@given(st.floats(-1e300, 1e300))
def test_general_is_near(number: float) -> None:
    assert math.isclose(float(general(number)), number, rel_tol=1e-10)
