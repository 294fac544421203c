"""Runs the installed `glede` as a process, as a user would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GLEDE = Path(sys.executable).with_name("glede")


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON, compared with what is expected
        return json.loads(self.out)


def environment(folder: Path) -> dict[str, str]:
    kept = {
        key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "PYTHONPATH", "TMPDIR")
    }
    return {**kept, "HOME": str(folder), "GLEDE_HOME": str(folder / "data"), "NO_COLOR": "1"}


@dataclass(frozen=True)
class Watching:
    """A `glede watch` that runs."""

    process: subprocess.Popen[str]

    def told(self) -> Any:  # noqa: ANN401 - JSON, compared with what is expected
        """Its next line."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def stopped(self) -> int:
        """The code that it ends with when it is told to."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@contextmanager
def watching(folder: str, *options: str, cwd: Path) -> Iterator[Watching]:
    """Watch a folder, until the end of the block."""
    command: list[str | Path] = [GLEDE, "watch", folder, "--json", "--settle", "0.1", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=cwd, env=environment(cwd), stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            yield Watching(process)
        finally:
            process.kill()  # it would be waited for, also where a test has failed


def glede(
    *arguments: str | Path, cwd: Path, stdin: bytes = b"", env: dict[str, str] | None = None
) -> Outcome:
    done = subprocess.run(
        [GLEDE, *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        env={**environment(cwd), **(env or {})},
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())
