"""Questions take one thread of linear algebra, if nobody has said otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

RUN = """
import atexit, os, sys
atexit.register(lambda: print("threads", os.environ["OPENBLAS_NUM_THREADS"]))
sys.argv = ["glede", "--version"]
from glede.cli import main
main()
"""


@pytest.mark.parametrize(("given", "found"), [(None, "1"), ("4", "4")])
def test_one_thread_unless_set(given: str | None, found: str) -> None:
    env = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    env |= {"OPENBLAS_NUM_THREADS": given} if given else {}
    done = subprocess.run([sys.executable, "-c", RUN], env=env, capture_output=True, text=True, check=True)
    assert f"threads {found}" in done.stdout
