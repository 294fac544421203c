"""Where a page of a list ends, as a word that callers give back and never look into."""

from __future__ import annotations

import base64
import binascii
import json

from glede.knowledge import Stated
from glede.server.refusals import InvalidError

_MOST = 2**63


def cursor_of(*parts: int | str) -> str:
    """The place as a word."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def after_entity(cursor: str) -> int:
    """The number of an entity; 0, before all, for none. Raises `InvalidError`."""
    return _numbers(_parts(cursor, 1))[0] if cursor else 0


def after_fact(cursor: str) -> Stated | None:
    """A fact that stands where the page ended. Raises `InvalidError`."""
    if not cursor:
        return None
    *numbers, label = _parts(cursor, 4)
    chunk, source, target = _numbers(numbers)
    return Stated(source, target, str(label), chunk)


def _parts(cursor: str, count: int) -> list[object]:
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _wrong() from error
    if not isinstance(parts, list) or len(parts) != count:
        raise _wrong()
    return parts


def _numbers(parts: list[object]) -> list[int]:
    numbers = [part for part in parts if isinstance(part, int) and 0 <= part < _MOST]
    if len(numbers) != len(parts):
        raise _wrong()
    return numbers


def _wrong() -> InvalidError:
    return InvalidError("that is no cursor", hint="Take the `next` of the page before.")
