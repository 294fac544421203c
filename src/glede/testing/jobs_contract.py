"""What every store of jobs must do, as tests to inherit with a fixture."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from glede.jobs import Asked, Changed, Counts, JobItem, JobKeeping, JobState, Spent
from glede.results import Failure

ASKED = Asked(
    "default", ("/docs", "https://example.org/a"), ("stdin",), {"year": 2026, "open": True}, "plain"
)
WHY = Failure("malformed", "it is broken", "mend it")

SPENT = Spent(Decimal("0.1000000000000000000000001"), 7, Decimal("2.50"), None)


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
        ended = replace(ended, spent=SPENT)
        keeping.end(ended, Changed())
        assert keeping.job(number) == ended
        assert keeping.resumable() == [ended]
        keeping.go_on(number, 102.0)
        assert keeping.resumable() == []
        again = keeping.job(number)
        assert again is not None and (again.state, again.counts, again.error) == ("running", Counts(), None)
        assert again.spent == ended.spent
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

    def test_jobs_that_have_not_ended_well_are_told(self, keeping: JobKeeping) -> None:
        """Whatever they wait for; those that are over only from a time on."""
        states: list[JobState] = ["done", "failed", "cancelled", "interrupted", "paused", "failed"]
        ended = {}
        for state, end in zip(states, [9.0, 2.0, 9.0, 2.0, 2.0, 9.0], strict=True):
            number = keeping.begin(replace(ASKED, uploads=(state,)), 1.0)
            job = keeping.job(number)
            assert job is not None
            ended[number] = replace(job, state=state, ended=end)
            keeping.end(ended[number], Changed())
        running = keeping.begin(replace(ASKED, things=(), uploads=("a", "b")), 3.0)
        told = keeping.unfinished(5.0)
        assert [job.state for job in told] == ["cancelled", "interrupted", "paused", "failed", "running"]
        assert told[:-1] == [ended[job.id] for job in told[:-1]]
        assert (told[-1].id, told[-1].asked.uploads) == (running, ("a", "b"))
        assert len(keeping.unfinished(0.0)) == 6

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

    def test_what_is_spent_is_kept_while_it_runs(self, keeping: JobKeeping) -> None:
        """So that a kill forgets little of it, and an end nothing."""
        number = keeping.begin(ASKED, 1.0)
        keeping.note(number, Changed(spent=SPENT))
        keeping.note(number, Changed([sample_item("b", number)]))
        keeping.interrupt(2.0)
        keeping.go_on(number, 3.0)
        job = keeping.job(number)
        assert job is not None and job.spent == SPENT

    def test_a_job_is_asked_to_stop(self, keeping: JobKeeping) -> None:
        """It is told so, and where its process ends before it does, it has stopped as it was asked."""
        running: tuple[JobState, ...] = ("running",)
        numbers = [keeping.begin(ASKED, 1.0) for _ in range(3)]
        assert keeping.mark(numbers[0], "pausing", running)
        assert not keeping.mark(numbers[0], "cancelling", running)
        assert keeping.mark(numbers[1], "cancelling", running)
        assert not keeping.mark(99, "pausing", running)
        assert [keeping.state(number) for number in (*numbers, 99)] == [
            "pausing",
            "cancelling",
            "running",
            None,
        ]
        assert keeping.interrupt(2.0) == 3
        assert [keeping.state(number) for number in numbers] == ["paused", "cancelled", "interrupted"]
        assert [job.id for job in keeping.resumable()] == numbers[1:]
        assert all(job.resumable and job.ended == 2.0 for job in keeping.jobs())

    def test_only_what_is_asked_for_is_known(self, keeping: JobKeeping) -> None:
        """A source and what lies below it, by its name and not by how that begins."""
        number = keeping.begin(ASKED, 1.0)
        names = ["/a", "/a/b", "/a/b/c", "/a0", "/a.", "/ab", "/A/b", "x%_'", "x%_'/y", "caf\udce9/z"]
        keeping.note(number, Changed([sample_item(name, number) for name in names]))
        keeping.note(keeping.begin(ASKED, 1.0), Changed([sample_item("/a/b", number, "other")]))

        def known(*things: str) -> list[str]:
            return [one.source for one in keeping.known("default", things)]

        assert known("/a") == ["/a", "/a/b", "/a/b/c"]
        assert known("/a/b", "/a/b/c") == ["/a/b", "/a/b/c"]
        assert known("/a/") == ["/a/b", "/a/b/c"]
        assert known("/") == sorted(name for name in names if name.startswith("/"))
        assert known("x%_'") == ["x%_'", "x%_'/y"]
        assert known("none", "/a/b/c/d") == known() == []
        many = [f"/n/{n}" for n in range(1000)]
        assert known(*many, "/ab") == ["/ab"]
