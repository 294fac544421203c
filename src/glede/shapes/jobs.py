"""Jobs as JSON (docs/command-line.md); a change here is a change to the product."""

from __future__ import annotations

from datetime import UTC, datetime

from glede.jobs import Job, JobItem, Spent
from glede.shapes.results import Json


def job(value: Job) -> Json:
    """One job, as JSON."""
    counts = value.counts
    return {
        "id": value.id,
        "kind": value.asked.kind,
        "collection": value.asked.collection,
        "state": value.state,
        "resumable": value.resumable,
        "sources": [*value.asked.things, *value.asked.contents],
        "metadata": dict(value.asked.metadata),
        "parser": value.asked.parser,
        "started": time(value.started),
        "ended": None if value.ended is None else time(value.ended),
        "counts": {
            "total": counts.total,
            "searchable": counts.searchable,
            "unchanged": counts.unchanged,
            "failed": counts.failed,
            "removed": counts.removed,
        },
        "spent": spent(value.spent),
        "error": None if value.error is None else {"code": value.error.code, "message": value.error.message},
    }


def spent(value: Spent) -> Json:
    """What models have cost a job in all its runs, and the most that they may."""
    return {
        "money": float(value.money),
        "calls": value.calls,
        "most_money": None if value.most_money is None else float(value.most_money),
        "most_calls": value.most_calls,
    }


def item(value: JobItem) -> Json:
    """A source that has failed, or is in doubt."""
    return {
        "source": value.source,
        "collection": value.collection,
        "job": value.job,
        "state": value.state,
        "tries": value.tries,
        "error": {"code": value.error.code, "message": value.error.message, "hint": value.error.hint},
        "first": time(value.first),
        "last": time(value.last),
    }


def time(seconds: float) -> str:
    """Seconds since 1970, as they are written."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
