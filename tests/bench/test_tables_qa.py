from __future__ import annotations

import pytest

from bench.tables_qa import Case, Outcome, calibration, listed, reported, share
from glede.tables.statements import Plan
from tests.tables.table_examples import FERRIES


@pytest.mark.parametrize(
    ("value", "gold", "right"),
    [
        (("12.5",), 12.5, True),
        (("-22.2222%",), -22.22, True),
        (("22.22",), -22.22, False),
        (("$1,496.5",), ["$1,496.5"], True),
        (("(494)",), ["(494)"], True),
        (("2018", "2019"), ["2019", "2018"], True),
        (("2018",), ["2019", "2018"], False),
    ],
)
def test_reported(value: tuple[str, ...], gold: list[str] | float, right: bool) -> None:
    assert reported(value, gold) is right


@pytest.mark.parametrize(
    ("value", "gold", "right"),
    [
        (("Dione [3]",), ["dione"], True),
        (("1,200",), ["1200"], True),
        (("88 m",), ["88"], True),
        (("Éos",), ["Eos"], True),
        (("Eos",), ["Dione"], False),
    ],
)
def test_listed(value: tuple[str, ...], gold: list[str], right: bool) -> None:
    assert listed(value, gold) is right


def _outcome(grounding: float, right: bool) -> Outcome:
    case = Case("?", "ferries", FERRIES, "", ["1"], listed)
    return Outcome(case, Plan("count", "SELECT 1", grounding, "number", (), ()), ("1",), grounding, right)


def test_calibration_rises() -> None:
    found = [_outcome(0.95, True)] * 20 + [_outcome(0.75, False)] * 5 + [_outcome(0.55, True)] * 2
    bands = calibration(found)["count", False]
    assert list(bands) == sorted(bands)
    assert bands[-1] == pytest.approx(21.5 / 23, abs=0.01)


def test_share() -> None:
    counted = share([_outcome(0.9, True), _outcome(0.8, False), _outcome(0.1, True)], 0.7)
    assert (counted.asked, counted.attempted, counted.right) == (3, 2, 1)
