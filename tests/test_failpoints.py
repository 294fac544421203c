from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from glede import failpoints
from glede.errors import ConfigurationError
from tests.cli.running import glede

SOURCE = Path(failpoints.__file__).parent


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def outcomes(times: int) -> list[int | None]:
    """What going through a place gives, so many times: the number of an error or nothing."""
    found: list[int | None] = []
    for _ in range(times):
        try:
            failpoints.reach("blobs.write")
        except OSError as error:
            found.append(error.errno)
        else:
            found.append(None)
    return found


@pytest.mark.parametrize(
    ("armed", "expected"),
    [
        ("", [None] * 4),
        ("blobs.write=error", [errno.EIO] * 4),
        ("blobs.write=full@2", [None, errno.ENOSPC, None, None]),
        ("blobs.write=full@3+", [None, None, errno.ENOSPC, errno.ENOSPC]),
        ("index.upsert=error; *=full@4", [None, None, None, errno.ENOSPC]),
        ("commit.inside=error", [None] * 4),
    ],
)
def test_faults_happen_where_and_when_they_are_armed(armed: str, expected: list[int | None]) -> None:
    failpoints.arm(armed)
    assert outcomes(4) == expected


def test_a_delay_takes_its_time() -> None:
    failpoints.arm("blobs.write=delay:0.05@2")
    began = time.perf_counter()
    assert outcomes(3) == [None] * 3
    assert time.perf_counter() - began >= 0.05
    assert failpoints.reached() == {"blobs.write": 3, "*": 3}


@pytest.mark.parametrize(
    "text", ["blobs.write", "blobs.written=kill", "blobs.write=burn", "blobs.write=kill@x"]
)
def test_what_is_no_failpoint_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(text)):
        failpoints.arm(text)


def test_the_environment_arms_a_process() -> None:
    code = "from glede.failpoints import reach; reach('blobs.write'); print('alive'); reach('blobs.write')"
    env = {**os.environ, failpoints.VARIABLE: "blobs.write=kill@2"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "alive\n")


def test_a_wrong_name_in_the_environment_is_one_clear_error(tmp_path: Path) -> None:
    outcome = glede("add", "-", cwd=tmp_path, stdin=b"Kites soar.", env={failpoints.VARIABLE: "nowhere=kill"})
    assert outcome.code == 3
    assert "error[configuration]: GLEDE_FAILPOINTS: 'nowhere=kill' is no failpoint" in outcome.err


def test_every_name_stands_somewhere_in_the_source_and_nothing_there_arms() -> None:
    source = {path: path.read_text() for path in SOURCE.rglob("*.py") if path.name != "failpoints.py"}
    for place in get_args(failpoints.Place):
        assert any(f'reach("{place}")' in text for text in source.values()), place
    for transaction in get_args(failpoints.Transaction):
        assert any(f'write("{transaction}")' in text for text in source.values()), transaction
    assert not [path for path, text in source.items() if "failpoints.arm" in text]
