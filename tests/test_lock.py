"""Who holds a data folder, and for how long: a lock can outlive its owner for a moment, and no longer."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from glede import lock
from glede.errors import LockedError

HOLDER = """
import os, signal, sys, time
from pathlib import Path
from glede.lock import hold
home = Path(sys.argv[1])
with hold(home):
    names = [int(name) for name in os.listdir("/proc/self/fd")]
    for name in names:  # what is being started shares all that is open until its own program begins
        if os.path.realpath(f"/proc/self/fd/{name}") == str(home / "lock"):
            os.dup(name)
    if os.fork() == 0:
        os.close(1)
        time.sleep(float(sys.argv[2]))
        os._exit(0)
    print("held", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_while_starting_another(home: Path, seconds: float) -> None:
    command = [sys.executable, "-c", HOLDER, str(home), str(seconds)]
    run = subprocess.run(command, check=False, stdout=subprocess.PIPE, timeout=60)
    assert (run.returncode, run.stdout) == (-9, b"held\n")


def test_what_a_killed_process_was_starting_is_waited_for(tmp_path: Path) -> None:
    killed_while_starting_another(tmp_path, 1.0)
    with lock.hold(tmp_path):
        assert lock.alive(lock.owner(tmp_path) or 0)


def test_one_that_goes_on_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE", 0.2)
    killed_while_starting_another(tmp_path, 10.0)
    with pytest.raises(LockedError) as caught, lock.hold(tmp_path):
        pass
    assert caught.value.pid == lock.owner(tmp_path)


def test_a_live_owner_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE", math.inf)
    with lock.hold(tmp_path), pytest.raises(LockedError, match="another process"), lock.hold(tmp_path):
        pass
