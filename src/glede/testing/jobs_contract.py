"""What every store of jobs must do, as tests to inherit with a fixture."""

from __future__ import annotations

from dataclasses import replace

from glede.jobs import Asked, Changed, Counts, JobItem, JobKeeping
from glede.results import Failure

ASKED = Asked(
    "default", ("/docs", "https://example.org/a"), ("stdin",), {"year": 2026, "open": True}, "plain"
)
WHY = Failure("malformed", "it is broken", "mend it")


def sample_item(source: str, job: int, collection: str = "default", tries: int = 1) -> JobItem:
    """An item that has failed."""
    return JobItem(collection, source, job, "failed", tries, WHY, 1.5, 2.5, "10:20:30:x")


class JobsContract:
    """Define a fixture `keeping` that gives an empty store."""

    def test_is_empty_at_first(self, keeping: JobKeeping) -> None:
        """No job, no item."""
        assert (keeping.jobs(), keeping.items(), keeping.resumable()) == ([], [], [])
        assert keeping.job(1) is None
        assert keeping.interrupt(1.0) == 0

    def test_a_job_runs_and_ends(self, keeping: JobKeeping) -> None:
        """With what was asked, its counts, and why it was stopped."""
        number = keeping.begin(ASKED, 100.5)
        job = keeping.job(number)
        assert job is not None
        assert (job.asked, job.state, job.started, job.ended) == (ASKED, "running", 100.5, None)
        ended = replace(job, state="interrupted", ended=101.5, counts=Counts(5, 1, 2, 1, 1), error=WHY)
        keeping.end(ended, Changed())
        assert keeping.job(number) == ended
        assert keeping.resumable() == [ended]
        keeping.go_on(number, 102.0)
        assert keeping.resumable() == []
        again = keeping.job(number)
        assert again is not None and (again.state, again.counts, again.error) == ("running", Counts(), None)
        later = keeping.begin(replace(ASKED, things=()), 103.0)
        assert later > number
        assert [one.id for one in keeping.jobs()] == [later, number]
        assert [one.id for one in keeping.jobs(1)] == [later]

    def test_what_ran_when_nothing_can_run_was_interrupted(self, keeping: JobKeeping) -> None:
        """And what had ended stays as it is."""
        first, second = keeping.begin(ASKED, 1.0), keeping.begin(ASKED, 2.0)
        job = keeping.job(first)
        assert job is not None
        keeping.end(replace(job, state="done", ended=3.0), Changed())
        assert keeping.interrupt(4.0) == 1
        assert [(one.id, one.state) for one in keeping.jobs()] == [(second, "interrupted"), (first, "done")]
        assert [one.id for one in keeping.resumable()] == [second]

    def test_items_stay_until_they_are_cleared(self, keeping: JobKeeping) -> None:
        """One for each source of a collection, the last word wins."""
        first = keeping.begin(ASKED, 1.0)
        other = keeping.begin(replace(ASKED, collection="other"), 1.0)
        items = [sample_item("b", first), sample_item("a'ß 🪁", first)]
        keeping.note(first, Changed(items))
        keeping.note(other, Changed([sample_item("b", other, "other")]))
        assert keeping.items("default") == sorted(items, key=lambda one: one.source)
        assert [one.source for one in keeping.items(job_id=other)] == ["b"]
        assert len(keeping.items()) == 3
        keeping.note(first, Changed([sample_item("b", first, tries=2)], ["a'ß 🪁", "unknown"]))
        assert [(one.source, one.tries) for one in keeping.items("default")] == [("b", 2)]
        keeping.note(other, Changed(cleared=["b"]))
        assert [one.collection for one in keeping.items()] == ["default"]
