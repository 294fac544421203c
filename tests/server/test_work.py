"""Jobs of the server: how many, how they are followed, and how they end."""

from __future__ import annotations

import asyncio

import pytest

from glede.errors import DiskFullError, UsageError
from glede.events import Telling
from glede.results import Added, Report
from glede.server.refusals import OverloadedError
from glede.server.work import HELD_BYTES, KEPT_EVENTS, Following, Work


async def told_of(following: Following, after: int = 0) -> list[int]:
    return [told.number async for told in following.events(after)]


async def test_so_many_jobs_and_no_more() -> None:
    work, go = Work(2), asyncio.Event()

    async def waiting(progress: Telling) -> Report:
        progress.begin(work.running)
        await go.wait()
        return Report(())

    assert (await work.begin(waiting))[0] == 1
    assert (await work.begin(waiting))[0] == 2
    with pytest.raises(OverloadedError) as refused:
        await work.begin(waiting)
    assert refused.value.retry_after
    go.set()
    first = work.following(1)
    assert first is not None
    assert await told_of(first) == []
    await asyncio.sleep(0)
    assert (await work.begin(waiting))[0] == 1


async def test_uploads_that_wait_hold_so_much_and_no_more() -> None:
    work, go = Work(10), asyncio.Event()

    async def waiting(progress: Telling) -> Report:
        progress.begin(1)
        await go.wait()
        return Report(())

    _, following = await work.begin(waiting, HELD_BYTES - 1)
    work.check(1)
    with pytest.raises(OverloadedError):
        work.check(2)
    with pytest.raises(OverloadedError):
        await work.begin(waiting, 2)
    go.set()
    assert await told_of(following) == []
    work.check(HELD_BYTES * 2)  # one alone is bound by the largest upload


async def test_two_who_follow_are_told_the_same() -> None:
    work = Work(1)

    async def adding(progress: Telling) -> Report:
        progress.begin(7)
        progress.start(3)
        for number in range(3):
            await asyncio.sleep(0.01)
            progress.done(Added(f"{number}.txt", "searchable"))
        return Report(())

    number, following = await work.begin(adding)
    assert number == 7
    first, second = await asyncio.gather(told_of(following), told_of(following))
    assert first == second == [1, 2, 3, 4]
    assert await told_of(following, after=3) == [4]


async def test_events_are_kept_within_bounds() -> None:
    work = Work(1)

    async def adding(progress: Telling) -> Report:
        progress.begin(1)
        for number in range(KEPT_EVENTS + 50):
            progress.done(Added(f"{number}.txt", "unchanged"))
        return Report(())

    _, following = await work.begin(adding)
    assert await told_of(following) == list(range(51, KEPT_EVENTS + 51))


async def test_what_ends_before_it_has_a_number_is_raised() -> None:
    async def wrong(progress: Telling) -> Report:
        raise UsageError("that is no folder")

    with pytest.raises(UsageError):
        await Work(1).begin(wrong)


async def test_how_a_job_failed_is_told() -> None:
    async def full(progress: Telling) -> Report:
        progress.begin(1)
        raise DiskFullError("no room")

    _, following = await Work(1).begin(full)
    assert await told_of(following) == []
    assert isinstance(following.error, DiskFullError)


async def test_where_nothing_is_to_be_done_there_is_no_job() -> None:
    async def nothing(progress: Telling) -> Report:
        return Report((), kept=3)

    number, following = await Work(1).begin(nothing)
    assert number is None
    assert following.report is not None
    assert following.report.kept == 3


async def test_all_jobs_end_with_the_server() -> None:
    work = Work(1)
    stopped = False

    async def long(progress: Telling) -> Report:
        nonlocal stopped
        progress.begin(1)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            stopped = True
            raise
        return Report(())

    _, following = await work.begin(long)
    following_it = asyncio.create_task(told_of(following))
    await asyncio.sleep(0.01)
    await work.close()
    assert stopped
    assert await asyncio.wait_for(following_it, 20) == []
