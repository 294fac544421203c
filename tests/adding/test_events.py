"""The stream of events that every display of progress is drawn from."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from glede import Engine, Settings
from glede.events import Event, Telling
from glede.results import Added, Failure
from glede.testing.fakes import FakeEmbedder


def test_events_tell_how_far_it_is() -> None:
    clock = iter(range(100))
    events: list[Event] = []
    telling = Telling(events.append, now=lambda: float(next(clock)))
    telling.begin(7)
    telling.start(4)
    telling.stage("parse", "a")
    telling.done(Added("a", "searchable", warnings=("odd",)))
    telling.done(Added("b", "failed", error=Failure("malformed", "it is broken", "mend it")))
    assert [one.stage for one in events] == ["start", "parse", "done", "done"]
    assert {one.job for one in events} == {7}
    first, last = events[2], events[3]
    assert (first.status, first.warnings, first.done, first.total, first.failed) == (
        "searchable",
        ("odd",),
        1,
        4,
        0,
    )
    assert (last.failed, last.warnings) == (1, ("malformed: it is broken",))
    assert events[0].eta is None
    assert last.eta is not None and last.eta == (4 - 2) / last.rate


@pytest.mark.parametrize("known", [0, 500])
def test_the_time_left_is_true_where_documents_end_in_bursts(known: int) -> None:
    """As batches are stored: fifty at a time every 20 s, after files that a look has told to be unchanged."""
    now, events = [0.0], list[Event]()
    telling = Telling(events.append, now=lambda: now[0])
    telling.start(known + 500)
    for number in range(known):
        now[0] += 0.002
        telling.done(Added(f"{number}", "unchanged"))
    bursts = [now[0] + 20 * (number + 1) for number in range(10)]
    for at in bursts:
        now[0] = at
        for number in range(50):
            telling.done(Added(f"{at} {number}", "searchable"))
        left = bursts[-1] - at
        told = events[-1].eta
        assert told is not None
        if at >= bursts[3]:
            assert left * 0.7 <= told <= left * 1.3, (at, left, told)
        now[0] = at + 10
        telling.stage("parse", "the next")
        told = events[-1].eta
        assert told is not None and told >= (left - 10) * 0.4


async def test_a_job_is_told_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.txt").write_text(f"Kite number {number}." if number else "")
    events: list[Event] = []
    settings = Settings(home=tmp_path / "data", extractor="none")
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        report = await engine.add(folder, progress=Telling(events.append))
    assert {one.job for one in events} == {report.job}
    assert all(one.done <= two.done and one.total <= two.total for one, two in pairwise(events))
    ended = [one for one in events if one.stage == "done"]
    assert len({one.item for one in ended}) == len(ended) == 20
    assert (events[-1].done, events[-1].total, events[-1].failed) == (20, 20, 1)
    assert {"parse", "embed"} <= {one.stage for one in events}
