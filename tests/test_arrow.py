"""Arrow without pandas, in processes of their own, since it looks for pandas once in each."""

from __future__ import annotations

import subprocess
import sys

import pytest

LEFT_OUT = """
import importlib.util, sys
from glede.arrow import leave_out_pandas
leave_out_pandas()
leave_out_pandas()
import pyarrow
print(pyarrow.array([1, 2, 3]).to_pylist(), "pandas" in sys.modules, end=" ")
print(importlib.util.find_spec("pandas") is not None, end=" ")
import pandas
print(len(pandas.__spec__.loader.get_code("pandas").co_names) > 0, end=" ")
frame = pandas.DataFrame({"a": [1.0, None]})
"""
"""Looked for, imported, and what Arrow then makes of values that are missing."""


def printed(program: str) -> list[str]:
    pytest.importorskip("pandas", reason="our own packages do not ask for it")
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return ran.stdout.split()


@pytest.mark.parametrize(
    "asked",
    [
        "print(pyarrow.array(frame['a']).null_count)",
        "print(pyarrow.Table.from_pandas(frame)['a'].null_count)",
    ],
)
def test_arrow_knows_pandas_once_a_program_imports_it(asked: str) -> None:
    assert printed(LEFT_OUT + asked) == ["[1,", "2,", "3]", "False", "True", "True", "1"]


def test_nothing_is_hidden_from_a_program_that_has_pandas() -> None:
    before = "import pandas, pyarrow\nfrom glede.arrow import leave_out_pandas\nleave_out_pandas()\n"
    assert printed(before + "print(pyarrow.array(pandas.Series([1.0, None])).null_count)") == ["1"]


def test_an_open_engine_has_not_loaded_pandas() -> None:
    opened = """
import asyncio, sys, tempfile
from glede import Content, Engine, Settings
async def add(home):
    async with Engine.open(Settings(home=home)) as engine:
        await engine.add(Content("| kite | km |\\n|---|---|\\n| red | 3 |\\n| black | 4 |\\n", "kites.md"))
        print(len(await engine.search("red kite")), "pandas" in sys.modules)
with tempfile.TemporaryDirectory() as home:
    asyncio.run(add(home))
"""
    assert printed(opened) == ["1", "False"]
