"""Named places in the lines where a test can let things go wrong: before, in and after each durable step.

They are armed by the environment only, for the whole process, before it starts:

    GLEDE_FAILPOINTS="blobs.rename=kill"            kill -9 there
    GLEDE_FAILPOINTS="index.upsert=error@3"         the third time only: an input/output error
    GLEDE_FAILPOINTS="*=full@7+"                    from the 7th step on, whichever it is: the disk is full
    GLEDE_FAILPOINTS="commit.inside=delay:0.5"      every time: half a second more

Several are separated by `;`. A step that is not armed costs one look at an empty dictionary. Every name
stands in `PLACES` or `TRANSACTIONS`, and the crash tests go through all of them: a new step has to be named
there, and a name that no test reaches fails the suite.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from glede.errors import ConfigurationError

VARIABLE = "GLEDE_FAILPOINTS"

Place = Literal[
    "blobs.write",
    "blobs.fsync",
    "blobs.rename",
    "blobs.after",
    "blobs.delete",
    "blobs.deleted",
    "index.create",
    "index.created",
    "index.upsert",
    "index.upserted",
    "index.flush",
    "index.flushed",
    "index.delete",
    "index.deleted",
    "index.drop",
    "index.dropped",
    "index.seal",
]
"""Where a blob or rows of the index stand; the index has the same places for pictures."""

Transaction = Literal[
    "schema",
    "announce",
    "commit",
    "attach",
    "remove",
    "purged",
    "note",
    "responses",
    "spending",
    "graph",
    "graph_edit",
    "jobs",
    "books",
    "disable",
    "enable",
    "history",
]
"""Transactions of the catalogue's database; each has a place `before`, `inside` and `after` it."""

_PARTS = ("before", "inside", "after")
NAMES: tuple[str, ...] = (
    *get_args(Place),
    *(f"{transaction}.{part}" for transaction in get_args(Transaction) for part in _PARTS),
)
"""All of them."""

_ERRORS = {"error": errno.EIO, "full": errno.ENOSPC}
_ONE = re.compile(
    r"(?P<name>[\w.*]+)=(?P<act>kill|error|full|delay:(?P<seconds>[\d.]+))(?:@(?P<at>\d+)(?P<on>\+)?)?"
)


@dataclass(frozen=True, slots=True)
class _Fault:
    """What happens at a place: the `at`th time, from then `on`, or always where it is 0."""

    act: str
    seconds: float
    at: int
    on: bool

    def due(self, count: int) -> bool:
        """Whether it happens this time."""
        return not self.at or count == self.at or (self.on and count > self.at)


_armed: dict[str, _Fault] = {}
_reached: Counter[str] = Counter()


def reach(place: Place) -> None:
    """Go through a place; raises `OSError` where it is armed to fail."""
    if _armed:
        _go(place)


def transaction(name: Transaction, part: Literal["before", "inside", "after"]) -> None:
    """Go through a place of a transaction, as `reach`."""
    if _armed:
        _go(f"{name}.{part}")


def _go(name: str) -> None:
    _reached[name] += 1
    _reached["*"] += 1
    for key in (name, "*"):
        fault = _armed.get(key)
        if fault is not None and fault.due(_reached[key]):
            _act(fault, name)


def _act(fault: _Fault, name: str) -> None:
    if fault.act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault.act in _ERRORS:
        number = _ERRORS[fault.act]
        raise OSError(number, f"{os.strerror(number)} (failpoint {name})")
    time.sleep(fault.seconds)


def reached() -> Mapping[str, int]:
    """How often each place was gone through since the process was armed, by its name; `*` is all together."""
    return dict(_reached)


def arm(text: str) -> None:
    """Let happen what the text says, in place of what was armed before; an empty one disarms.

    Called once when the module loads, and by tests in the process that they run in.
    """
    faults = dict(_parsed(one.strip()) for one in text.split(";") if one.strip())
    _armed.clear()
    _reached.clear()
    _armed.update(faults)


def _parsed(text: str) -> tuple[str, _Fault]:
    found = _ONE.fullmatch(text)
    if found is None or (found["name"] != "*" and found["name"] not in NAMES):
        raise ConfigurationError(
            f"{VARIABLE}: {text!r} is no failpoint",
            hint="Write NAME=kill|error|full|delay:SECONDS, then @N for the Nth time only, or @N+ from then.",
        )
    act = found["act"].partition(":")[0]
    return found["name"], _Fault(act, float(found["seconds"] or 0), int(found["at"] or 0), bool(found["on"]))


arm(os.environ.get(VARIABLE, ""))
