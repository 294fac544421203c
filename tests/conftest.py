"""What tests of several modules are given: a catalogue that keeps a graph, the fake and SQLite in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.stores.catalogue import SqlCatalogue
from glede.testing.fakes import MemoryCatalogue
from glede.testing.graph_samples import GraphCatalogue


@pytest.fixture(params=["memory", "sqlite"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GraphCatalogue]:
    made: GraphCatalogue = MemoryCatalogue()
    if request.param == "sqlite":
        made = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    yield made
    made.close()
