"""Writes that are taken together, and what becomes of one among them that cannot be written."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from glede.adding.group_commit import GroupCommit
from glede.errors import UnavailableError


class Written:
    """Notes what was written at once; a negative number cannot be."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.batches: list[list[int]] = []

    def __call__(self, numbers: Sequence[int]) -> None:
        self.begun.set()
        self.go_on.wait(5)
        if min(numbers) < 0:
            raise UnavailableError(f"{min(numbers)} cannot be written")
        self.batches.append(list(numbers))


async def test_what_comes_while_one_is_written_is_written_at_once() -> None:
    written = Written()
    commits = GroupCommit(written)
    first = asyncio.create_task(commits.write(0))
    await asyncio.to_thread(written.begun.wait, 5)
    others = [asyncio.create_task(commits.write(number)) for number in range(1, 9)]
    await asyncio.sleep(0)
    written.go_on.set()
    await asyncio.gather(first, *others)
    assert written.batches == [[0], list(range(1, 9))]


async def test_one_that_cannot_be_written_fails_alone() -> None:
    written = Written()
    written.go_on.set()
    commits = GroupCommit(written)
    ends = await asyncio.gather(*map(commits.write, (0, 1, -2, 3)), return_exceptions=True)
    assert [type(end) for end in ends] == [type(None), type(None), UnavailableError, type(None)]
    assert sorted(number for batch in written.batches for number in batch) == [0, 1, 3]


async def test_who_is_cancelled_takes_nobody_along() -> None:
    written = Written()
    commits = GroupCommit(written)
    first = asyncio.create_task(commits.write(0))
    await asyncio.to_thread(written.begun.wait, 5)
    second = asyncio.create_task(commits.write(1))
    third = asyncio.create_task(commits.write(2))
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    await asyncio.sleep(0)
    written.go_on.set()
    await third
    for cancelled in (first, second):
        with pytest.raises(asyncio.CancelledError):
            await cancelled
    assert written.batches[0] == [0]
    assert 2 in written.batches[-1]
