"""Cyclic garbage is sought seldom while documents are added, and as before after it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.adding.cycles import BULK, Seldom
from glede.testing.fakes import FakeEmbedder


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_the_last_one_that_leaves_puts_it_back() -> None:
    seldom = Seldom()
    with seldom:
        with seldom:
            assert gc.get_threshold() == (BULK, 10, 10)
        assert gc.get_threshold() == (BULK, 10, 10)
    assert gc.get_threshold() == (700, 10, 10)


def test_it_is_put_back_after_an_error() -> None:
    with pytest.raises(ValueError, match="broken"), Seldom():
        raise ValueError("broken")
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("chosen", [0, BULK, 50_000])
def test_a_process_that_has_chosen_stays_as_it_is(chosen: int) -> None:
    gc.set_threshold(chosen, 5, 5)
    with Seldom():
        assert gc.get_threshold() == (chosen, 5, 5)
    assert gc.get_threshold() == (chosen, 5, 5)


def test_what_is_chosen_meanwhile_stays() -> None:
    with Seldom():
        gc.set_threshold(1_000, 10, 10)
    assert gc.get_threshold() == (1_000, 10, 10)


async def test_an_add_seeks_seldom(tmp_path: Path) -> None:
    text = "\n\n".join(f"# Part {number}\n\nThe quick brown fox." for number in range(300))
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(Content("What is loaded once.", "first.md"))
        before = gc.get_stats()[0]["collections"]
        await engine.add(Content(text, "fox.md"))
        assert gc.get_stats()[0]["collections"] - before < 6  # 12 without
    assert gc.get_threshold() == (700, 10, 10)
