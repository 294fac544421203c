"""One process for the SQL of a module's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from glede.stores.tables import SqlRunner


@pytest.fixture(scope="module")
def run() -> Iterator[SqlRunner]:
    runner = SqlRunner()
    yield runner
    runner.close()
