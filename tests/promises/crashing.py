"""The other side of `crash_driver`: lives of a process, what it acknowledged, and a model to compare with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
Step = tuple[Any, ...]
Event = dict[str, Any]


@dataclass
class Life:
    """What a child told of itself until its end."""

    events: list[Event]

    @property
    def code(self) -> int:
        """How it ended: -9 by SIGKILL."""
        return int(self.events[-1]["code"])

    def told(self, event: str) -> list[Event]:
        return [one for one in self.events if one["event"] == event]

    @property
    def states(self) -> list[Event]:
        return self.told("state")


class Lives:
    """Runs lives, one after another; `within` is a command that runs the driver."""

    def __init__(self, *within: str) -> None:
        self._process = subprocess.Popen(
            [*within, sys.executable, "-m", "tests.promises.crash_driver"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        assert self._read()["event"] == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def live(
        self,
        home: Path,
        *steps: Step,
        failpoints: str = "",
        settings: Mapping[str, object] | None = None,
        kill_after: float | None = None,
        afresh: bool = False,
    ) -> Life:
        """A child from its birth to its end; `kill_after` so many seconds after it has opened the folder."""
        life = {
            "home": str(home),
            "steps": steps,
            "failpoints": failpoints,
            "settings": dict(settings or {}),
            "afresh": afresh,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(life) + "\n")
        self._process.stdin.flush()
        events = [self._read()]
        pid = events[0]["pid"]
        while events[-1]["event"] != "end":
            events.append(self._read())
            if events[-1]["event"] == "open" and kill_after is not None:
                threading.Timer(kill_after, _kill, [pid]).start()
        broken = [one["trace"] for one in events if one["event"] == "broken"]
        assert not broken, broken[0]
        return Life(events)

    def _read(self) -> Event:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the driver has died"
        event: Event = json.loads(line)
        return event


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@dataclass
class World:
    """What the folder must hold: the SHA-256 of each source, by what was acknowledged."""

    sources: dict[str, str] = field(default_factory=dict)

    def check(self, steps: Sequence[Step], life: Life, state: Event) -> None:
        """Compare a state after a life of these steps, and go on from it.

        What was acknowledged must be there, what was begun may be; nothing else, and nothing that
        was before.
        """
        assert state["problems"] == []
        ended = {one["step"] for one in life.told("step")}
        done = {(one["step"], one["source"]) for one in life.told("done") if one["status"] != "failed"}
        may: dict[str, set[str | None]] = {source: {value} for source, value in self.sources.items()}
        for number, (kind, *rest) in enumerate(steps):
            if kind == "add":
                for source, text in rest[0]:
                    sure = number in ended or (number, source) in done
                    may[source] = {hashed(text)} if sure else {*may.get(source, {None}), hashed(text)}
            elif kind == "care":  # out of every answer, or back in, or none of it
                for name in rest[1:]:
                    may[name] = {*may.get(name, {None}), None}
            elif kind == "delete":
                for name in rest:
                    gone = {one for one in may.get(name, {None}) if one is not None}
                    for source, values in list(may.items()):
                        if values & gone:
                            may[source] = {None} if number in ended else {*values, None}
        found = state["sources"]
        for source, values in may.items():
            assert found.get(source) in values, f"{source}: {found.get(source)} is not one of {values}"
        assert set(found) <= set(may)
        self.sources = dict(found)
