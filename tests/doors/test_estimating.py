"""What a dry run says, held against what then happens; and budgets that are never passed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from glede import Content, Engine, Settings
from glede.adding import tracking
from glede.allowances import within
from glede.doors.estimating import LEAST_PACED, Pace, pace_of
from glede.errors import UsageError
from glede.jobs import Asked, Counts, Job, Spent
from glede.testing.model_server import ModelServer
from tests.extractors.llm_serving import reads
from tests.processors.test_image import png

NAMES = (
    "Anna Weber",
    "Paul Klee",
    "Ada Lovelace",
    "Red Kite",
    "Charles Babbage",
    "Marie Curie",
    "Lake Geneva",
)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        running.answer = reads
        yield running


def settings(home: Path, server: ModelServer, **more: object) -> Settings:
    values = {
        "home": home,
        "extractor": "llm",
        "extract": "openai:gpt-4o",
        "extract_url": server.url,
        "embed": "openai:text-embedding-3-small",
        "embed_url": server.url,
        "openai_key": SecretStr("sk-test"),
        "model_tries": 1,
        "model_concurrency": 4,
    }
    return Settings.model_validate(values | more)


def contents(count: int) -> list[Content]:
    def text(number: int) -> str:
        first, second = NAMES[number % 7], NAMES[(number * 3 + 1) % 7]
        parts = [
            " ".join(
                f"In year {part * 40 + year} of {number} {first} met {second} there." for year in range(40)
            )
            for part in range(number % 4 + 1)
        ]
        return "\n\n".join(parts)

    return [Content(text(number), f"{number}.md") for number in range(count)]


def near(said: float, happened: float) -> bool:
    return abs(said - happened) <= 0.15 * happened


@pytest.mark.measured  # how many texts share a call depends on how fast they come
async def test_a_dry_run_tells_what_will_happen(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        learnt = len(server.calls)
        planned = await engine.add(*contents(60), dry_run=True)
        estimate = planned.estimate
        assert estimate is not None
        assert len(server.calls) == learnt, "a dry run asks no model"
        assert engine.catalogue.documents("default") == []
        before = await engine.usage()
        report = await engine.add(*contents(60))
        used = {one.name: one for one in await engine.usage()}
        spent = {one.name: one for one in before}
        assert estimate.files == 60
        assert estimate.chunks == sum(one.chunks for one in report.documents)
        assert estimate.embedded_texts == report.usage.embedded_texts
        assert near(estimate.calls, report.usage.model_calls)
        for one in estimate.models:
            calls = used[one.role].calls - (spent[one.role].calls if one.role in spent else 0)
            assert near(one.calls, calls), one.role
        # Of prompts by role only the sum: the scripted server does not count schemas, which real ones do.
        assert near(estimate.tokens, report.usage.prompt_tokens + report.usage.completion_tokens)
        assert estimate.cost is not None and estimate.cost > 0

        again = await engine.add(*contents(60), dry_run=True)
        assert again.estimate is not None
        assert (again.estimate.calls, again.estimate.embedded_texts) == (0, 0)
        more = [Content(one.data, f"new-{one.source}", {"new": True}) for one in contents(64)]
        learned = (await engine.add(*more, dry_run=True)).estimate
        assert learned is not None
        before = await engine.usage()
        happened = await engine.add(*more)
        cost = sum(one.cost for one in await engine.usage()) - sum(one.cost for one in before)
        assert learned.cost is not None
        assert near(learned.tokens, happened.usage.prompt_tokens + happened.usage.completion_tokens)
        assert near(float(learned.cost), float(cost))


def job(number: int, seconds: float, chunks: int, **more: object) -> Job:
    asked = Asked(str(more.pop("collection", "default")))
    counts = Counts(chunks, chunks, chunks=chunks)
    made = Job(number, asked, "done", started=100.0, ended=100.0 + seconds, counts=counts)
    return replace(made, **more)  # type: ignore[arg-type]


def test_the_pace_is_that_of_the_latest_jobs() -> None:
    slow, fast = job(1, 60.0, 100), job(2, 10.0, 100)
    others = [
        job(3, 9.0, 1),
        job(4, 900.0, 100, collection="other"),
        job(5, 900.0, 100, state="interrupted"),
        job(6, 900.0, 100, state="running", ended=None),
    ]
    pace = pace_of([*reversed(others), fast, slow], "default", opened=50.0)
    assert pace is not None and pace.chunk == pytest.approx((0.6 + 0.1) / 2)
    assert pace_of(others, "default", opened=50.0) is None


def test_what_a_process_does_once_is_no_part_of_the_pace() -> None:
    begun = job(1, 6.0, 120, counts=Counts(20, 20, chunks=120, lead=1.0, lead_chunks=20))
    same = pace_of([begun], "default", opened=50.0)
    assert same == Pace(lead=0.0, chunk=0.05)
    later = job(2, 5.0, 100, counts=Counts(20, 20, chunks=100))
    new = pace_of([later, begun], "default", opened=200.0)
    assert new == Pace(lead=1.0, chunk=0.05)


async def test_seconds_are_those_of_what_was_added_before(tmp_path: Path, server: ModelServer) -> None:
    """They follow from the books alone, so that they do not depend on how busy this machine is."""
    async with Engine.open(settings(tmp_path, server)) as engine:
        unknown = (await engine.add(*contents(30), dry_run=True)).estimate
        assert unknown is not None and not unknown.paced
        await engine.add(*contents(30))
        (done,) = await engine.jobs.latest()
        assert done.ended is not None and done.counts.chunks >= LEAST_PACED
        more = [Content(f"{one.data!r} again", f"more-{one.source}") for one in contents(60)]
        known = (await engine.add(*more, dry_run=True)).estimate
        assert known is not None and known.paced
        counts = done.counts
        assert 0 < counts.lead < done.ended - done.started and counts.lead_chunks
        took = (done.ended - done.started - counts.lead) / (counts.chunks - counts.lead_chunks)
        assert known.seconds == pytest.approx(took * known.chunks)
    async with Engine.open(settings(tmp_path, server)) as engine:
        new = (await engine.add(*more, dry_run=True)).estimate
        assert new is not None and new.seconds == pytest.approx(counts.lead + known.seconds)


async def test_pictures_that_would_be_shown_are_counted(tmp_path: Path, server: ModelServer) -> None:
    seeing = {"vision": "openai:gpt-4o", "vision_url": server.url, "extractor": "none"}
    async with Engine.open(settings(tmp_path, server, **seeing)) as engine:
        picture = png()
        (tmp_path / "one.png").write_bytes(picture)
        (tmp_path / "copy.png").write_bytes(picture)
        planned = await engine.add(tmp_path / "one.png", tmp_path / "copy.png", dry_run=True)
        assert planned.estimate is not None
        assert planned.estimate.pictures == 1
        assert {one.role for one in planned.estimate.models} == {"vision", "embed"}
        report = await engine.add(tmp_path / "one.png", tmp_path / "copy.png")
        seen = [one for one in await engine.usage() if one.name == "vision"]
        assert report.failed == ()
        assert seen[0].calls >= 1


async def test_a_rehearsal_keeps_nothing(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        await engine.add(*contents(2), dry_run=True)
        first = len(server.calls)
        await engine.add(*contents(2))
        assert len(server.calls) > first


@pytest.mark.parametrize("most", [0, 1, 3, 7])
async def test_a_number_of_calls_is_never_passed(tmp_path: Path, server: ModelServer, most: int) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        before = len(server.calls)
        with within(calls=most):
            report = await engine.add(*contents(12))
        assert len(server.calls) - before <= most
        assert report.stopped is not None and report.stopped.code == "budget"
        job = await engine.jobs.show(report.job or 0)
        assert job.state == "interrupted" and job.resumable is False  # contents were in hand
        assert (await engine.jobs.items(job.id)) == []


async def test_a_job_that_has_used_up_its_budget_goes_on_under_a_higher_one(
    tmp_path: Path, server: ModelServer
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for one in contents(12):
        (folder / one.source).write_text(str(one.data))
    async with Engine.open(settings(tmp_path / "data", server)) as engine:
        with within(money="0.05") as granted:
            report = await engine.add(folder)
        assert granted is not None and granted.spent <= Decimal("0.05") and granted.reserved == 0
        assert report.stopped is not None and report.stopped.code == "budget"
        assert sum(one.cost for one in await engine.usage()) <= Decimal("0.05")
        calls = sum(one.calls for one in await engine.usage())
        job = await engine.jobs.show(report.job or 0)
        assert job.state == "interrupted" and job.resumable
        assert job.error is not None and "--budget" in job.error.hint
        with within(money="50"):
            done = await engine.jobs.resume(job.id)
        assert done.stopped is None and done.failed == ()
        assert (await engine.jobs.show(job.id)).state == "done"
        total = sum(one.calls for one in await engine.usage())
    async with Engine.open(settings(tmp_path / "other", server)) as engine:
        await engine.add(folder)
        whole = sum(one.calls for one in await engine.usage())
    assert calls < total <= whole + 1  # nothing is paid for twice


async def test_a_budget_holds_for_all_runs_of_a_job(tmp_path: Path, server: ModelServer) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for one in contents(12):
        (folder / one.source).write_text(str(one.data))
    chosen = settings(tmp_path / "data", server)
    async with Engine.open(chosen) as engine:
        with within(calls=5):
            job = (await engine.add(folder)).job or 0
        before = len(server.calls)
        spent = (await engine.jobs.show(job)).spent
        assert (spent.calls, spent.most_calls) == (5, 5) and 0 < spent.money < Decimal(1)
    async with Engine.open(chosen) as engine:
        stopped = await engine.jobs.resume(job)
        assert stopped.stopped is not None and stopped.stopped.code == "budget"
        assert len(server.calls) == before
        with within(calls=7):
            await engine.jobs.resume(job)
        assert len(server.calls) == before + 2
        shown = await engine.jobs.show(job)
        assert (shown.state, shown.spent.calls, shown.spent.most_calls) == ("interrupted", 7, 7)
        assert shown.spent.money == sum(one.cost for one in await engine.usage())
        with within(money="50"):
            assert (await engine.jobs.resume(job)).stopped is None
        assert (await engine.jobs.show(job)).state == "done"


async def test_a_kill_does_not_forget_what_a_job_has_spent(
    tmp_path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "ATTEND", 0.01)
    (tmp_path / "a.txt").write_text("Paul Klee met Anna Weber in Bern.")
    async with Engine.open(settings(tmp_path / "data", server)) as engine:
        keeping = engine.lines.tracking.keeping
        noted: list[Spent] = []

        async def watch() -> None:
            while not noted:
                await asyncio.sleep(0.01)
                kept = keeping.job(1)
                if kept is not None and kept.spent.calls:
                    noted.append(kept.spent)
                    assert kept.state == "running"

        server.latency = 0.3
        watching = asyncio.create_task(watch())
        with within(calls=100):
            await engine.add(tmp_path / "a.txt")
        await watching
    assert noted[0].most_calls == 100


def test_a_budget_is_an_amount() -> None:
    for wrong in ("", "much", "-1", "nan"):
        with pytest.raises(UsageError), within(money=wrong):
            pass
    with pytest.raises(UsageError), within(calls=-1):
        pass
