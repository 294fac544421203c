"""Transactions that threads share: nobody is told too early, and nobody fails for another."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from glede.errors import UnavailableError
from glede.stores.group_commit import GroupCommit

THREADS = 8


class Written:
    """Notes what was written at once, as soon as it may go on; a negative number cannot be written."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.batches: list[list[int]] = []
        self.broken = False

    def __call__(self, numbers: Sequence[int]) -> None:
        self.begun.set()
        self.go_on.wait(5)
        if self.broken:
            self.broken = False
            raise RuntimeError("broken off")
        if min(numbers) < 0:
            raise UnavailableError(f"{min(numbers)} cannot be written")
        self.batches.append(list(numbers))


def test_what_comes_while_one_is_written_is_written_at_once() -> None:
    written = Written()
    commits = GroupCommit(written)
    with ThreadPoolExecutor(THREADS) as threads:
        first = threads.submit(commits.write, 0)
        assert written.begun.wait(5)
        others = [threads.submit(commits.write, number) for number in range(1, THREADS)]
        while len(commits._waiting) < THREADS - 1:
            wait(others, 0.001)
        written.go_on.set()
        for one in (first, *others):
            one.result(5)
    assert [sorted(batch) for batch in written.batches] == [[0], list(range(1, THREADS))]


def test_none_returns_before_it_is_written() -> None:
    written = Written()
    written.go_on.set()
    commits = GroupCommit(written)

    def kept(number: int) -> bool:
        commits.write(number)
        return any(number in batch for batch in written.batches)

    with ThreadPoolExecutor(THREADS) as threads:
        assert all(threads.map(kept, range(500)))
    assert sorted(number for batch in written.batches for number in batch) == list(range(500))


def test_one_that_cannot_be_written_fails_alone() -> None:
    written = Written()
    commits = GroupCommit(written)
    with ThreadPoolExecutor(THREADS) as threads:
        ends = [threads.submit(commits.write, number) for number in (0, 1, -2, 3)]
        written.go_on.set()
        errors = [end.exception(5) for end in ends]
    assert [type(error) for error in errors] == [type(None), type(None), UnavailableError, type(None)]
    assert sorted(number for batch in written.batches for number in batch) == [0, 1, 3]


def test_others_are_written_where_one_is_broken_off() -> None:
    written = Written()
    commits = GroupCommit(written)
    with ThreadPoolExecutor(THREADS) as threads:
        first = threads.submit(commits.write, 0)
        assert written.begun.wait(5)
        others = [threads.submit(commits.write, number) for number in range(1, 4)]
        while len(commits._waiting) < 3:
            wait(others, 0.001)
        written.broken = True
        written.go_on.set()
        with pytest.raises(RuntimeError):
            first.result(5)
        for other in others:
            other.result(5)
    assert sorted(number for batch in written.batches for number in batch) == [1, 2, 3]
