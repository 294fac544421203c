from __future__ import annotations

import pytest

from glede.graph.near_names import nearest


@pytest.mark.parametrize(
    ("asked", "best"),
    [
        ("Red kitte", "Red kite"),
        ("الرياض", "مدينة الرياض الكبرى القديمة"),
        ("Valencia", "Ayuntamiento de Valencia de las Torres"),
    ],
)
def test_slips_and_names_within_names_are_near(asked: str, best: str) -> None:
    names = ["Red kite", "مدينة الرياض الكبرى القديمة", "Ayuntamiento de Valencia de las Torres", "Oslo"]
    assert nearest(asked, names, 3)[:1] == [best]


def test_what_shares_nothing_is_not_near() -> None:
    assert nearest("Kestrel", ["Oslo", "مدينة"], 3) == []
    assert nearest("", ["Oslo"], 3) == []
