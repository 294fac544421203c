"""What a job writes down of its items while it runs: each failure once, however many there are."""

from __future__ import annotations

import asyncio

import pytest

from glede.adding import tracked as tracked_module
from glede.adding.tracked import Tracked, Way
from glede.errors import UnavailableError
from glede.jobs import Asked, Changed, Job
from glede.results import Added, Failure
from glede.testing.fake_jobs import MemoryJobs

BROKEN = Failure("malformed", "it is broken", "", False, 1)


class Counting(MemoryJobs):
    """Counts the items that are written."""

    written = 0
    fails = False

    def note(self, job_id: int, changed: Changed) -> None:
        if self.fails:
            raise UnavailableError("the catalogue: the disk is full")
        self.written += len(changed.items)
        super().note(job_id, changed)


@pytest.fixture
def keeping(monkeypatch: pytest.MonkeyPatch) -> Counting:
    monkeypatch.setattr(tracked_module, "FLUSH", 0.01)
    return Counting()


def tracked_by(keeping: Counting) -> Tracked:
    asked = Asked("default", ("/tree",))
    number = keeping.begin(asked, 0.0)
    return Tracked(Job(number, asked, "running", 0.0), (), Way(), keeping, None)


def failed(number: int) -> Added:
    return Added(f"/tree/{number}.pdf", "failed", error=BROKEN)


async def test_each_failure_is_written_once(keeping: Counting) -> None:
    tracked = tracked_by(keeping)
    for number in range(40):
        tracked.done(failed(number))
        if number % 5 == 0:
            await asyncio.sleep(0.05)
    await tracked.ended("failed", None, 1.0)
    assert keeping.written == 40
    known = keeping.known("default", ("/tree",))
    assert {item.source for item in known} == {failed(number).source for number in range(40)}


async def test_what_failed_and_ended_well_after_all_is_no_more_in_doubt(keeping: Counting) -> None:
    tracked = tracked_by(keeping)
    tracked.done(failed(1))
    await asyncio.sleep(0.05)
    assert len(keeping.known("default", ("/tree",))) == 1
    tracked.done(Added("/tree/1.pdf", "searchable"))
    await tracked.ended("done", None, 1.0)
    assert not keeping.known("default", ("/tree",))


async def test_what_could_not_be_written_is_written_with_the_end(keeping: Counting) -> None:
    tracked = tracked_by(keeping)
    keeping.fails = True
    tracked.done(failed(1))
    await asyncio.sleep(0.05)
    keeping.fails = False
    await tracked.ended("failed", None, 1.0)
    assert len(keeping.known("default", ("/tree",))) == 1
