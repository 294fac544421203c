"""The measures against values worked out by hand."""

from __future__ import annotations

import math

import pytest

from bench.metrics import METRICS, mean, ndcg, recall, reciprocal_rank


def test_recall() -> None:
    relevant = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}
    assert recall(["a", "x", "b", "c"], relevant, 3) == 0.5
    assert recall(["x"], relevant, 5) == 0.0
    assert recall(["x"], {}, 5) == 0.0


def test_reciprocal_rank() -> None:
    assert reciprocal_rank(["x", "y", "a", "b"], {"b": 1.0, "a": 1.0}) == pytest.approx(1 / 3)
    assert reciprocal_rank(["x"], {"a": 1.0}) == 0.0


def test_ndcg_of_the_best_ranking_is_1() -> None:
    assert ndcg(["a", "b", "x"], {"a": 2.0, "b": 1.0}, 10) == pytest.approx(1.0)


def test_ndcg_by_hand() -> None:
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    found = 1 / math.log2(2) + 2 / math.log2(4)
    assert ndcg(["b", "x", "a"], {"a": 2.0, "b": 1.0}, 10) == pytest.approx(found / ideal)
    assert ndcg(["b", "x", "a"], {"a": 2.0, "b": 1.0}, 2) == pytest.approx(1 / ideal)
    assert ndcg(["b"], {}, 10) == 0.0


def test_mean() -> None:
    assert mean([1.0, 0.0]) == 0.5
    assert mean([]) == 0.0


def test_named_metrics() -> None:
    ranking, relevant = ["x", "a"], {"a": 1.0}
    assert {name: round(metric(ranking, relevant), 3) for name, metric in METRICS.items()} == {
        "R@1": 0.0,
        "R@5": 1.0,
        "nDCG@10": 0.631,
        "MRR": 0.5,
    }
