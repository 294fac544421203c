from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.graph.neighbourhood import Tie
from glede.graph.walking import walk

numbers = st.integers(1, 12)
weights = st.floats(1e-6, 1e6)
ties = st.lists(st.builds(Tie, numbers, numbers, weights, st.booleans()), max_size=60)
seeds = st.dictionaries(numbers, st.floats(0, 1e3), max_size=5)


@given(ties, seeds, seeds)
def test_the_chances_sum_to_one_or_there_are_no_seeds(
    around: list[Tie], entities: dict[int, float], chunks: dict[int, float]
) -> None:
    found = walk(around, entities, chunks)
    total = sum(found.chunks.values()) + sum(found.entities.values())
    if any((*entities.values(), *chunks.values())):
        assert total == pytest.approx(1)
    else:
        assert total == 0
    assert all(value >= 0 for value in (*found.chunks.values(), *found.entities.values()))


def test_seeds_of_nearly_nothing_are_seeds() -> None:
    found = walk([Tie(1, 2, 1.0, False)], {2: 5e-324}, {1: 5e-324})
    assert sum(found.chunks.values()) + sum(found.entities.values()) == pytest.approx(1)


def test_what_is_tied_to_the_seed_is_reached_by_distance() -> None:
    around = [Tie(1, 10, 1, False), Tie(1, 20, 1, False), Tie(2, 20, 1, False), Tie(3, 30, 1, False)]
    found = walk(around, {10: 1.0}, {}).chunks
    assert found[1] > found[2] > 0
    assert found.get(3, 0.0) == 0


def test_a_heavier_tie_is_walked_more_often() -> None:
    around = [Tie(1, 10, 3, True), Tie(2, 10, 1, False)]
    found = walk(around, {10: 1.0}, {}).chunks
    assert found[1] == pytest.approx(3 * found[2])


def test_chunks_are_seeds_as_well() -> None:
    around = [Tie(1, 10, 1, False), Tie(2, 20, 1, False)]
    found = walk(around, {10: 1.0}, {2: 1.0}).chunks
    assert found[1] > found[2] > 0
