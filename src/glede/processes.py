"""A process with all that it started, as the system tells of them: what they take, and their end."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_ARENA_MAX = -8
"""The number of the setting in glibc's malloc.h."""
_ROUNDS = 20
"""How often those that a process starts while it is being ended are looked for."""


def resident(pid: int) -> int:
    """The resident bytes of a process and of those it started, 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * _PAGE_SIZE + sum(resident(child) for child in _children(pid))


def worked(pid: int) -> float:
    """The seconds of processor time that a process has used, with those it started; else 0."""
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        )
        ticks = sum(map(int, fields[11:15]))
    except (OSError, ValueError):
        return 0.0
    return ticks / _TICKS + sum(worked(child) for child in _children(pid))


def give_back() -> None:
    """Hand freed memory to the system, of which glibc keeps what it may need again."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def share_heap() -> None:
    """Keep what threads free in one heap, for all of them; to be said before there are many threads.

    By itself glibc gives each thread a heap that the others do not use: a server held 98 MiB in them after
    1,000 questions, and holds 72 in one.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt(_ARENA_MAX, 1)


def end(pid: int) -> None:
    """Kill the process, its group, and all that it started outside of the group.

    They are held first, so that none of them can start another unseen.
    """
    below: set[int] = set()
    for _ in range(_ROUNDS):
        _signal(pid, signal.SIGSTOP)
        found = _descendants(pid)
        if found <= below:
            break
        for one in found - below:
            _signal(one, signal.SIGSTOP)
        below |= found
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for one in below:
        _signal(one, signal.SIGKILL)


def end_all_below() -> None:
    """Kill all that this process has started, with what that has started."""
    for child in _children(os.getpid()):
        end(child)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _descendants(pid: int) -> set[int]:
    children = _children(pid)
    return set(children).union(*map(_descendants, children))


def _children(pid: int) -> list[int]:
    """What every thread of the process has started."""
    found: list[int] = []
    with suppress(OSError, ValueError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError, ValueError):
                found += map(int, (task / "children").read_text("ascii").split())
    return found
