"""Points in time as they are written: UTC, to the second, so that texts compare as times do."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

from glede.errors import UsageError

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def now() -> str:
    """This second: `2026-05-01T09:30:00Z`."""
    return time.strftime(_FORMAT, time.gmtime())


def end_of(text: str) -> str:
    """The point in time that a text names; a day alone is its last second, so that all of it counts."""
    return _read(text, " 23:59:59")


def start_of(text: str) -> str:
    """The same, but a day alone is its first second."""
    return _read(text, " 00:00:00")


def _read(text: str, rest: str) -> str:
    written = text.strip()
    try:
        found = datetime.fromisoformat(written + rest if _DAY.fullmatch(written) else written)
        whole = found if found.tzinfo else found.replace(tzinfo=UTC)
        return whole.astimezone(UTC).strftime(_FORMAT)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text[:80]!r} is no date", hint="Write 2026-05-01, or 2026-05-01T09:30:00Z; UTC."
        ) from error
