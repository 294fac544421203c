"""R6: a disk that is full, or that fails, at any step: a clear error, no corruption, and it goes on later."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from glede import failpoints
from glede.errors import UnavailableError
from glede.ports import IndexRow
from glede.stores.milvus import MilvusIndex
from tests.promises.agreement import indexed
from tests.promises.crashing import Life, Lives, Step, hashed

FULL = bool(os.environ.get("GLEDE_FULL"))
STEPS = 400 if FULL else 100
FEWEST = 20
"""Steps of one work that can fail; each of them fails in four ways where all of them are tried."""
CODES = {"full": "disk_full", "error": "unavailable"}
IN_A_SMALL_DISK = 'mount -t tmpfs -o size="$0" tmpfs "$1" && shift && exec "$@"'


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    with Lives() as running:
        yield running


def work(number: int) -> tuple[Step, ...]:
    """A change, an addition and a removal."""
    added = [["changed.md", _text(number, "changed")], [f"{number}.md", _text(number, "new")]]
    return (("add", added), ("delete", f"{number - 1}.md"))


def _text(number: int, name: str) -> str:
    return f"# Bird {number}\n\nThe {name} kite met Paul Klee.\n\n# Nest\n\n{name} {number}, a bird.\n"


def after(number: int) -> dict[str, str]:
    return {
        "changed.md": hashed(_text(number, "changed")),
        f"{number}.md": hashed(_text(number, "new")),
    }


def prepared() -> tuple[Step, ...]:
    return (("add", [["0.md", _text(0, "new")], ["changed.md", _text(0, "changed")]]),)


def check(life: Life, trials: int) -> None:
    """Every state is right; whatever failed has told so with a hint."""
    assert life.code == 0, life.events[-3:]
    assert [state["problems"] for state in life.states] == [[]] * trials
    assert [state["sources"] for state in life.states] == [after(number + 1) for number in range(trials)]
    for error in life.told("error"):
        assert error["hint"]
        assert "Traceback" not in error["message"]


def trials(faults: Sequence[Step], mended: Step) -> tuple[Step, ...]:
    """Each fault while it works, then the same work again without it, and what the folder holds then."""
    steps: list[Step] = [*prepared()]
    for number, fault in enumerate(faults, 1):
        again = work(number)
        steps += [fault, *again, mended, again[0], *_if_there(number), ("state",)]
    return tuple(steps)


def _if_there(number: int) -> tuple[Step, ...]:
    return (("discard", f"{number - 1}.md"),)


def test_a_step_that_fails_is_told_and_made_good(tmp_path: Path, lives: Lives) -> None:
    acts = ("full@{}", "error@{}", "full@{}+", "error@{}+")
    probe = lives.live(
        tmp_path / "probe", *prepared(), ("arm", "index.upsert=delay:0"), *work(1), ("reached",)
    )
    counts = probe.told("reached")[0]["counts"]
    most = counts.pop("*")
    assert set(counts) <= set(failpoints.NAMES)
    assert most >= FEWEST, "the work goes through fewer steps than it did"
    faults: list[Step] = [
        ("arm", f"*={acts[number % 4].format(number * 4 // 4 % most + 1)}") for number in range(STEPS)
    ]
    life = lives.live(tmp_path / "data", *trials(faults, ("arm", "")))
    check(life, STEPS)
    failed = [one for one in life.events if one["event"] == "error"]
    assert len(failed) >= STEPS * 0.8
    for error in failed:
        fault = faults[_trial(error["step"])][1]
        assert error["code"] == CODES[fault.partition("=")[2].partition("@")[0]], error


def _trial(step: int) -> int:
    """The number of the trial that a step belongs to."""
    return (step - 1) // 7


def test_files_that_may_not_grow(tmp_path: Path, lives: Lives) -> None:
    faults: list[Step] = [("limit", size * 1024) for size in range(4, 400, 1 if FULL else 33)]
    life = lives.live(
        tmp_path / "data", *trials(faults, ("limit", 0)), ("arm", "commit.inside=kill"), *work(999)
    )
    assert life.code == -9
    assert len(life.told("error")) >= len(faults)
    assert all("run the same command again" in one["hint"] for one in life.told("error"))
    killed = Life([*life.events[:-1], {"event": "end", "code": 0}])
    check(killed, len(faults))
    (state,) = lives.live(tmp_path / "data", ("state",)).states
    assert state["problems"] == []
    assert state["sources"] == after(len(faults))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Lives]:
    """Lives on a disk of a few megabytes, mounted where only they see it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    within = ["unshare", "-rm", "sh", "-c", IN_A_SMALL_DISK, "48m", str(disk)]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*within, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no disk can be mounted here without root")
    with Lives(*within) as running:
        yield running


def test_a_disk_that_is_full(tmp_path: Path, small_disk: Lives) -> None:
    home = tmp_path / "disk" / "data"
    lefts = [kilobytes * 1024 for kilobytes in range(0, 240, 4 if FULL else 20)]
    faults: list[Step] = [("fill", left) for left in lefts]
    last = (("arm", "commit.inside=kill"), *work(999))
    life = small_disk.live(home, *trials(faults, ("fill", -1)), *last)
    assert life.code == -9
    assert sum(one["code"] == "disk_full" for one in life.told("error")) >= 3
    killed = Life([*life.events[:-1], {"event": "end", "code": 0}])
    check(killed, len(faults))
    (state,) = small_disk.live(home, ("state",)).states
    assert state["problems"] == []
    assert state["sources"] == after(len(faults))


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def rows(first: int, count: int = 50) -> list[IndexRow]:
    vector = np.full(16, 0.25, np.float32)
    return [IndexRow(f"{number:032x}", "d", "text", (), vector, {}) for number in range(first, first + count)]


@pytest.mark.parametrize("size", [0, 600, 3000])
def test_rows_of_an_index_outlive_a_flush_that_failed(tmp_path: Path, size: int) -> None:
    """Milvus Lite alone forgets them, and then deletes the log that holds them."""
    index = MilvusIndex(str(tmp_path / "index.db"))
    index.create("default", "fake", 16)
    index.upsert("default", rows(0))
    with files_of_at_most(size), pytest.raises(UnavailableError):
        index.flush("default")
    assert len(set(indexed(index, "default"))) == 50
    with files_of_at_most(size), pytest.raises(UnavailableError):
        index.upsert("default", rows(50, 500))
    index.upsert("default", rows(50))
    index.flush("default")
    index.close()
    again = MilvusIndex(str(tmp_path / "index.db"))
    assert set(indexed(again, "default")) == {row.id for row in rows(0, 100)}
    again.close()
