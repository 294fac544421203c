"""Points in time as they are written: UTC, to the second, so that texts compare as times do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from glede.errors import UsageError

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    """This second: `2026-05-01T09:30:00Z`."""
    return datetime.now(UTC).strftime(_FORMAT)


def end_of(text: str) -> str:
    """The point in time that a text names; a day alone is its last second, so that all of it counts."""
    return _read(text, time(23, 59, 59))


def start_of(text: str) -> str:
    """The same, but a day alone is its first second."""
    return _read(text, time())


def _read(text: str, rest: time) -> str:
    try:
        found = _parsed(text.strip(), rest)
        whole = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text[:80]!r} is no date", hint="Write 2026-05-01, or 2026-05-01T09:30:00Z; UTC."
        ) from error
    return f"{whole.replace(tzinfo=None, microsecond=0).isoformat()}Z"  # strftime writes the year 999 short


def _parsed(written: str, rest: time) -> datetime:
    """What has no time is a day, however that is written; `rest` completes it."""
    try:
        return datetime.combine(date.fromisoformat(written), rest)
    except ValueError:
        return datetime.fromisoformat(written)
