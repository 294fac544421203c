"""Runs the installed `glede` as a process, as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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
