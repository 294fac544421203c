"""The stores of jobs keep their contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.jobs import JobKeeping
from glede.stores.catalogue import SqlCatalogue
from glede.testing.fake_jobs import MemoryJobs
from glede.testing.jobs_contract import JobsContract


class TestMemoryJobs(JobsContract):
    @pytest.fixture
    def keeping(self) -> JobKeeping:
        return MemoryJobs()


class TestSqliteJobs(JobsContract):
    @pytest.fixture
    def keeping(self, tmp_path: Path) -> Iterator[JobKeeping]:
        catalogue = SqlCatalogue(f"sqlite:///{tmp_path / 'catalogue.db'}")
        yield catalogue.jobs
        catalogue.close()
