"""Jobs and their items in doubt: two tables of the catalogue's database."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Select,
    String,
    Table,
    Text,
    case,
    delete,
    insert,
    select,
    union_all,
    update,
)

from glede.jobs import STOPPING, Asked, Changed, Counts, Job, JobItem, JobState, Spent
from glede.results import Failure
from glede.stores import schema as t
from glede.stores.sql import Database, parts, upsert

KEPT = 1000
"""Jobs that are kept; of older ones those go that have nothing left to be done."""
FORGOTTEN = 100
"""They go so many at a time, since old jobs that stay are looked at each time."""
RANGES = 100
"""Sources with what lies below them that are looked for in one statement."""

jobs = Table(
    "jobs",
    t.metadata,
    Column("id", Integer, primary_key=True),
    Column("collection", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Column("asked", LargeBinary, nullable=False),
    Column("outcome", LargeBinary, nullable=False),
)
"""One row for each `add`; what was asked may name many paths, and is compressed."""

items = Table(
    "job_items",
    t.metadata,
    Column("collection", String(128)),
    Column("source", Text().with_variant(Text(collation="C"), "postgresql")),  # in the order of its bytes
    Column("job", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", LargeBinary, nullable=False),
    Column("first", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("stamp", Text, nullable=False),
    PrimaryKeyConstraint("collection", "source"),
    Index("job_items_of_job", "job"),
    sqlite_with_rowid=False,
)


class SqlJobs:
    """Jobs by number; each write is one transaction, and durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, asked: Asked, started: float) -> int:
        """Note a job that runs from now on; returns its number, higher than all before."""
        row = {
            "collection": asked.collection,
            "state": "running",
            "started": started,
            "asked": zlib.compress(_dumped(asdict(asked)), level=1),
            "outcome": _outcome(Counts(), None, Spent()),
        }
        with self._database.write("jobs") as connection:
            key = connection.execute(insert(jobs).values(row)).inserted_primary_key
            number = int(key[0]) if key else 0
            if number > KEPT and number % FORGOTTEN == 0:
                _forget(connection, number - KEPT)
        return number

    def go_on(self, job_id: int, started: float) -> None:
        """Note that a job that had stopped runs again; what it has spent stays."""
        changed = {"state": "running", "started": started, "ended": None}
        with self._database.write("jobs") as connection:
            before = connection.scalar(select(jobs.c.outcome).where(jobs.c.id == job_id))
            spent = Spent() if before is None else _spent(json.loads(before))
            values = {**changed, "outcome": _outcome(Counts(), None, spent)}
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))

    def note(self, job_id: int, changed: Changed) -> None:
        """Note what became of items of a running job."""
        with self._database.write("jobs") as connection:
            _write(connection, job_id, changed)
            if changed.spent is not None:
                outcome = _outcome(Counts(), None, changed.spent)
                connection.execute(update(jobs).where(jobs.c.id == job_id).values(outcome=outcome))

    def mark(self, job_id: int, state: JobState, among: Sequence[JobState]) -> bool:
        """Put a job into a state, where it is in one of those; whether it was."""
        where = (jobs.c.id == job_id, jobs.c.state.in_(among))
        with self._database.write("jobs") as connection:
            return connection.execute(update(jobs).where(*where).values(state=state)).rowcount > 0

    def state(self, job_id: int) -> JobState | None:
        """The state of a job."""
        with self._database.read() as connection:
            return connection.scalar(select(jobs.c.state).where(jobs.c.id == job_id))

    def end(self, job: Job, changed: Changed) -> None:
        """Note how a job has ended, and what became of the last of its items, in one transaction."""
        outcome = _outcome(job.counts, job.error, job.spent)
        row = {"state": job.state, "ended": job.ended, "outcome": outcome}
        with self._database.write("jobs") as connection:
            _write(connection, job.id, changed)
            connection.execute(update(jobs).where(jobs.c.id == job.id).values(row))

    def watched(self) -> bool | None:
        """Whether an engine is at work on them; `None` where only the data folder tells."""
        return self._database.held()

    def interrupt(self, ended: float) -> int:
        """Of jobs that run note that they have stopped, where nothing can run; how many there were."""
        running = jobs.c.state.in_(tuple(STOPPING))
        with self._database.read() as connection:
            if connection.scalar(select(jobs.c.id).where(running).limit(1)) is None:
                return 0
        with self._database.write("jobs") as connection:
            stopped = case(STOPPING, value=jobs.c.state)
            return connection.execute(update(jobs).where(running).values(state=stopped, ended=ended)).rowcount

    def job(self, job_id: int) -> Job | None:
        """The job of that number."""
        with self._database.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        return None if row is None else _job(row)

    def jobs(self, limit: int = 100) -> list[Job]:
        """The latest jobs, the last one first."""
        with self._database.read() as connection:
            rows = connection.execute(select(jobs).order_by(jobs.c.id.desc()).limit(limit)).all()
        return [_job(row) for row in rows]

    def resumable(self) -> list[Job]:
        """Jobs that may have items which they have not reached, the first one first; not those paused."""
        stopped = jobs.c.state.in_(("interrupted", "cancelled", "failed"))
        with self._database.read() as connection:
            rows = connection.execute(select(jobs).where(stopped).order_by(jobs.c.id)).all()
        return [job for job in map(_job, rows) if job.resumable]

    def unfinished(self, since: float) -> list[Job]:
        """Jobs that have not ended well, the first one first: all that go on, the others from a time on."""
        over = jobs.c.state.in_(("cancelled", "failed")) & (jobs.c.ended < since)
        statement = select(jobs).where(jobs.c.state != "done", ~over).order_by(jobs.c.id)
        with self._database.read() as connection:
            return [_job(row) for row in connection.execute(statement)]

    def items(self, collection: str | None = None, job_id: int | None = None) -> list[JobItem]:
        """Items in doubt, of a collection, a job or all, in the order of their sources."""
        statement = select(items)
        if collection is not None:
            statement = statement.where(items.c.collection == collection)
        if job_id is not None:
            statement = statement.where(items.c.job == job_id)
        with self._database.read() as connection:
            found = [_item(row) for row in connection.execute(statement)]
        return sorted(found, key=lambda item: (item.collection, item.source))

    def known(self, collection: str, things: Sequence[str]) -> list[JobItem]:
        """Of these sources, and what lies below them, the items in doubt, by ranges of the primary key."""
        found: list[JobItem] = []
        with self._database.read() as connection:
            some = (items.c.collection == collection, items.c.source >= "")
            if connection.scalar(select(items.c.job).where(*some).limit(1)) is None:
                return []  # as nearly always, and a statement of a hundred ranges takes 20 ms
            for start in range(0, len(things), RANGES):
                each = [one for thing in things[start : start + RANGES] for one in _ranges(collection, thing)]
                found += map(_item, connection.execute(union_all(*each)))
        return sorted(set(found), key=lambda item: item.source)


def _ranges(collection: str, thing: str) -> Iterator[Select[Any]]:
    """The item of a source, and those whose names go on after a slash: `0` is what follows `/`.

    Each by itself, since within an `OR` the primary key would be used for the collection only.
    """
    source, name = items.c.source, _written(thing)
    folder = name.rstrip("/")
    here = select(items).where(items.c.collection == collection)
    yield here.where(source == name)
    yield here.where(source > f"{folder}/", source < f"{folder}0")


def _write(connection: Connection, job_id: int, changed: Changed) -> None:
    rows = [
        {
            "collection": item.collection,
            "source": _written(item.source),
            "job": item.job,
            "state": item.state,
            "tries": item.tries,
            "error": _dumped(asdict(item.error)),
            "first": item.first,
            "last": item.last,
            "stamp": _written(item.stamp),
        }
        for item in changed.items
    ]
    upsert(connection, items, rows)
    if changed.cleared:
        collection = select(jobs.c.collection).where(jobs.c.id == job_id).scalar_subquery()
        for part in parts(list(map(_written, changed.cleared))):
            where = (items.c.collection == collection, items.c.source.in_(part))
            connection.execute(delete(items).where(*where))


def _dumped(value: Mapping[str, object]) -> bytes:
    """JSON in ASCII, since names of files may hold what is no text."""
    return json.dumps(value, separators=(",", ":")).encode()


def _written(text: str) -> str:
    """A text as a database takes it: half a pair of surrogates is written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def _forget(connection: Connection, last: int) -> None:
    over = (jobs.c.id <= last, jobs.c.state.in_(("done", "failed")))
    needed = select(items.c.job).where(items.c.job == jobs.c.id)
    connection.execute(delete(jobs).where(*over, ~needed.exists()))


def _outcome(counts: Counts, error: Failure | None, spent: Spent) -> bytes:
    amounts = (spent.money, spent.most_money)
    money, most = (None if amount is None else str(amount) for amount in amounts)
    told = {"money": money, "calls": spent.calls, "most_money": most, "most_calls": spent.most_calls}
    failure = None if error is None else asdict(error)
    return _dumped({"counts": asdict(counts), "error": failure, "spent": told})


def _spent(outcome: Mapping[str, Any]) -> Spent:
    """What a job has spent; older ones do not tell."""
    told = outcome.get("spent")
    if told is None:
        return Spent()
    most = told["most_money"]
    return Spent(
        Decimal(told["money"]), told["calls"], None if most is None else Decimal(most), told["most_calls"]
    )


def _job(row: Row[tuple[object, ...]]) -> Job:
    fields = row._mapping
    asked = json.loads(zlib.decompress(fields["asked"]))
    outcome = json.loads(fields["outcome"])
    things, contents = tuple(asked.pop("things")), tuple(asked.pop("contents"))
    uploads = tuple(asked.pop("uploads", ()))
    return Job(
        fields["id"],
        Asked(**asked, things=things, contents=contents, uploads=uploads),
        fields["state"],
        fields["started"],
        fields["ended"],
        Counts(**outcome["counts"]),
        Failure(**outcome["error"]) if outcome["error"] else None,
        _spent(outcome),
    )


def _item(row: Row[tuple[object, ...]]) -> JobItem:
    fields = dict(row._mapping)
    return JobItem(**{**fields, "error": Failure(**json.loads(fields["error"]))})
