"""What tests of several modules are given: a catalogue that keeps a graph, the fake and SQLite in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as properties

from glede.stores.catalogue import SqlCatalogue
from glede.testing.fakes import MemoryCatalogue
from glede.testing.graph_samples import GraphCatalogue

# Machines are shared: how long an example takes, or its making, says nothing of what is tested.
properties.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
properties.load_profile("shared")


@pytest.fixture(params=["memory", "sqlite"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GraphCatalogue]:
    made: GraphCatalogue = MemoryCatalogue()
    if request.param == "sqlite":
        made = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    yield made
    made.close()
