"""Fusion: scores from 0 to 1, the same whatever the order of channels."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.ports import Match
from glede.retrieval.fusion import fuse, shares

matches = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2), st.floats(-1e6, 1e6, allow_subnormal=False), max_size=12
).map(lambda scores: [Match(name, score) for name, score in scores.items()])
weights = st.floats(0, 2, allow_subnormal=False)


@given(matches, matches, weights, weights)
def test_scores_lie_between_0_and_1_in_order(
    dense: list[Match], keyword: list[Match], left: float, right: float
) -> None:
    fused = fuse({"dense": dense, "keyword": keyword}, {"dense": left, "keyword": right})
    assert all(0 <= one.score <= 1 for one in fused)
    assert [(-one.score, one.id) for one in fused] == sorted((-one.score, one.id) for one in fused)
    assert {one.id for one in fused} == {match.id for match in [*dense, *keyword]}


@given(matches, matches, weights, weights)
def test_the_order_of_channels_and_matches_is_of_no_matter(
    dense: list[Match], keyword: list[Match], left: float, right: float
) -> None:
    given_shares = {"dense": left, "keyword": right}
    turned = fuse({"keyword": keyword[::-1], "dense": dense[::-1]}, given_shares)
    for one, other in zip(fuse({"dense": dense, "keyword": keyword}, given_shares), turned, strict=True):
        assert one == other


@given(matches, matches)
def test_a_candidate_better_in_both_channels_is_better(dense: list[Match], keyword: list[Match]) -> None:
    fused = {
        one.id: one.score for one in fuse({"dense": dense, "keyword": keyword}, {"dense": 1, "keyword": 1})
    }
    left = {match.id: match.score for match in dense}
    right = {match.id: match.score for match in keyword}
    both = left.keys() & right.keys()
    for one in both:
        for other in both:
            if left[one] >= left[other] and right[one] >= right[other]:
                assert fused[one] >= fused[other]


def test_missing_candidates_get_nothing_from_that_channel() -> None:
    fused = fuse(
        {"dense": [Match("a", 0.9), Match("b", 0.5)], "keyword": [Match("c", 7.0), Match("b", 3.0)]},
        {"dense": 1.0, "keyword": 0.5},
    )
    assert [(one.id, one.ranks) for one in fused] == [
        ("a", {"dense": 1, "keyword": None}),
        ("c", {"dense": None, "keyword": 1}),
        ("b", {"dense": 2, "keyword": 2}),
    ]
    assert [one.score for one in fused] == [pytest.approx(2 / 3), pytest.approx(1 / 3), 0.0]


def test_a_single_candidate_and_equal_scores_count_in_full() -> None:
    assert [one.score for one in fuse({"dense": [Match("a", 0.2)]}, {"dense": 1.0})] == [1.0]
    equal = fuse({"dense": [Match("b", 0.2), Match("a", 0.2)]}, {"dense": 1.0})
    assert [(one.id, one.score) for one in equal] == [("a", 1.0), ("b", 1.0)]


def test_no_candidates() -> None:
    assert fuse({}, {}) == []
    assert fuse({"dense": [], "keyword": []}, shares([], [], 0.0)) == []


@given(matches, matches, st.floats(0, 100))
def test_shares_are_finite(dense: list[Match], keyword: list[Match], ideal: float) -> None:
    cosines = [Match(match.id, max(-1.0, min(1.0, match.score / 1e6))) for match in dense]
    positive = [Match(match.id, abs(match.score)) for match in keyword]
    found = shares(cosines, positive, ideal)
    assert 0 <= found["dense"] <= 1
    assert found["keyword"] >= 0
    assert all(math.isfinite(share) for share in found.values()) or ideal < 1e-200


def test_shares_by_hand() -> None:
    found = shares([Match("a", 0.6), Match("b", 0.2)], [Match("b", 3.0), Match("c", 1.0)], 6.0)
    assert found == {"dense": pytest.approx(0.5), "keyword": pytest.approx(0.5)}


def test_a_question_that_no_word_covers_is_left_to_meaning() -> None:
    assert shares([Match("a", 0.6), Match("b", 0.2)], [], 6.0)["keyword"] == 0.0
    assert shares([Match("a", 0.6), Match("b", 0.2)], [], 0.0)["keyword"] == 0.0
