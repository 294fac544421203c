"""R15: SIGTERM and Ctrl-C end a job within 10 s, resumable, with no process left behind."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.running import GLEDE, environment, glede

INTERRUPTED = 5
LIMIT = 10.0
FILES = 6
SEED = 15
INSTANTS = 100 if os.environ.get("GLEDE_FULL") else 3
LOADS = 0.2
"""Seconds that Python itself takes before anything of ours is run, and more."""
LASTS = 3.0
"""Seconds within which a signal comes; the job is over a little before."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    for number in range(FILES):
        (tmp_path / "docs" / f"{number}.md").write_text(f"# Bird {number}\n\nIt sings.\n")
    return tmp_path


@contextmanager
def running(folder: Path, *arguments: str, failpoints: str) -> Iterator[subprocess.Popen[str]]:
    """`glede` at work, in a process group of its own as a shell would have it."""
    process = subprocess.Popen(
        [GLEDE, *arguments],
        cwd=folder,
        env={**environment(folder), "GLEDE_FAILPOINTS": failpoints},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def started_by(pid: int) -> set[int]:
    """All processes below one."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = [int(one) for one in (task / "children").read_text().split()]
        except FileNotFoundError:  # the thread has ended since
            continue
        found |= set(children).union(*map(started_by, children))
    return found


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until_parsing(process: subprocess.Popen[str]) -> set[int]:
    """The processes that it has started; there is at least a parser."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if below := started_by(process.pid):
            return below
        time.sleep(0.02)
    raise AssertionError(process.communicate())


def wait_until_written(folder: Path) -> None:
    """Until blobs are written: the job is in the middle of its stores."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any((folder / "data" / "blobs").rglob("*.json.z")):
            return
        time.sleep(0.02)
    raise AssertionError("nothing is written")


def ended(process: subprocess.Popen[str], within: float, below: set[int]) -> tuple[str, str]:
    """Its output, once it has ended in time, with code 5 and without a process left behind."""
    began = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - began < within, err
    assert process.returncode == INTERRUPTED, (process.returncode, out, err)
    assert "Traceback" not in err
    deadline = time.monotonic() + 2
    while any(map(alive, below)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in below if alive(pid)]
    return out, err


def resumes(folder: Path) -> None:
    again = glede("add", "docs", "--json", cwd=folder)
    assert again.code == 0, again.err
    found = json.loads(again.out)["documents"]
    assert len(found) == FILES
    assert {one["status"] for one in found} <= {"searchable", "enriched", "unchanged"}


def test_it_stops_in_the_middle_and_goes_on_later(folder: Path) -> None:
    with running(folder, "add", "docs", failpoints="commit.before=delay:2") as process:
        below = wait_until_parsing(process)
        wait_until_written(folder)
        process.send_signal(signal.SIGTERM)
        _, err = ended(process, LIMIT, below)
    assert "error[interrupted]" in err
    assert "Run the same command again" in err
    resumes(folder)


def test_any_instant(folder: Path) -> None:
    """While it loads it ends as any process does, with nothing to say; from then on in order."""
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    codes: Counter[int] = Counter()
    for _ in range(INSTANTS):
        shutil.rmtree(folder / "data", ignore_errors=True)
        with running(folder, "add", "docs", failpoints="commit.before=delay:0.2") as process:
            below: set[int] = set()
            until = time.monotonic() + chance.uniform(LOADS, LASTS)
            while time.monotonic() < until and process.poll() is None:
                below |= started_by(process.pid)
                time.sleep(0.02)
            process.send_signal(chance.choice((signal.SIGTERM, signal.SIGINT)))
            began = time.monotonic()
            _, err = process.communicate(timeout=60)
        assert time.monotonic() - began < LIMIT
        assert "Traceback" not in err
        assert process.returncode in (0, INTERRUPTED) or not err, (process.returncode, err)
        time.sleep(0.1)
        assert not [pid for pid in below if alive(pid)]
        resumes(folder)
        codes[process.returncode] += 1
    print(dict(codes))


def test_ctrl_c_while_it_reads_is_told_as_json(folder: Path) -> None:
    with running(folder, "add", "docs", "--json", failpoints="commit.before=delay:1") as process:
        below = wait_until_parsing(process)
        process.send_signal(signal.SIGINT)
        out, _ = ended(process, LIMIT, below)
    assert json.loads(out)["error"]["code"] == "interrupted"


@pytest.mark.measured
def test_ctrl_c_twice_ends_at_once(folder: Path) -> None:
    with running(folder, "add", "docs", failpoints="commit.before=delay:60") as process:
        below = wait_until_parsing(process)
        wait_until_written(folder)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert process.poll() is None  # it waits for what it is writing
        process.send_signal(signal.SIGINT)
        _, err = ended(process, 2.0, below)
    assert "a second signal came" in err
    resumes(folder)


@pytest.mark.measured
def test_work_that_does_not_end_is_ended(folder: Path) -> None:
    with running(folder, "add", "docs", failpoints="commit.before=delay:60") as process:
        below = wait_until_parsing(process)
        wait_until_written(folder)
        process.send_signal(signal.SIGTERM)
        _, err = ended(process, LIMIT, below)
    assert "still at work" in err


def test_a_kill_leaves_no_parser_behind(folder: Path) -> None:
    with running(folder, "add", "docs", failpoints="commit.before=kill") as process:
        below = wait_until_parsing(process)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
    time.sleep(0.2)
    assert not [pid for pid in below if alive(pid)]
