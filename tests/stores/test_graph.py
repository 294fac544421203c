"""The knowledge graph in memory and in SQLite: one contract, and equal in all things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.stores.catalogue import SqlCatalogue
from glede.testing.fakes import MemoryCatalogue
from glede.testing.graph_contract import GraphCatalogue, GraphContract


class TestMemoryGraph(GraphContract):
    @pytest.fixture
    def catalogue(self) -> GraphCatalogue:
        return MemoryCatalogue()


class TestSqliteGraph(GraphContract):
    @pytest.fixture
    def catalogue(self, tmp_path: Path) -> Iterator[GraphCatalogue]:
        catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
        yield catalogue
        catalogue.close()
