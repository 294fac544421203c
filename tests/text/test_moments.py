"""Points in time as users write them, and as they are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.errors import UsageError
from glede.text import moments


@pytest.mark.parametrize(
    ("written", "begins", "ends"),
    [
        ("2026-05-01", "2026-05-01T00:00:00Z", "2026-05-01T23:59:59Z"),
        (" 20260501\n", "2026-05-01T00:00:00Z", "2026-05-01T23:59:59Z"),
        ("2026-W18-5", "2026-05-01T00:00:00Z", "2026-05-01T23:59:59Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z", "0001-01-01T23:59:59Z"),
        ("0999-12-31", "0999-12-31T00:00:00Z", "0999-12-31T23:59:59Z"),
        ("9999-12-31", "9999-12-31T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("2026-05-01T09:30", "2026-05-01T09:30:00Z", "2026-05-01T09:30:00Z"),
        ("2026-05-01 09:30:15.999", "2026-05-01T09:30:15Z", "2026-05-01T09:30:15Z"),
        ("2026-05-01T23:30:00-05:30", "2026-05-02T05:00:00Z", "2026-05-02T05:00:00Z"),
        ("2026-05-01T00:15:00+02:00", "2026-04-30T22:15:00Z", "2026-04-30T22:15:00Z"),
    ],
)
def test_a_day_alone_is_all_of_it(written: str, begins: str, ends: str) -> None:
    assert (moments.start_of(written), moments.end_of(written)) == (begins, ends)


@pytest.mark.parametrize(
    "written",
    ["", "soon", "2026", "2026-05", "2026-02-30", "2026-05-01T25:00", "01.05.2026", "-2026-05-01",
     "10000-01-01", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00",
     "2026-05-01T12:00:00 02:00", "x" * 9999],
)  # fmt: skip
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="no date") as refused:
        moments.end_of(written)
    assert len(str(refused.value)) < 200 and "2026-05-01" in refused.value.hint


@given(st.datetimes(), st.datetimes())
def test_what_is_kept_compares_as_times_do(one: object, other: object) -> None:
    """Also where a year has fewer than four digits."""
    times = sorted([str(one)[:19], str(other)[:19]])
    assert sorted(map(moments.end_of, times)) == list(map(moments.end_of, times))


def test_now_is_written_alike() -> None:
    now = moments.now()
    assert moments.end_of(now) == moments.start_of(now) == now
