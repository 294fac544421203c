"""What tests of several modules are given: a catalogue that keeps a graph, the fake and SQLite in turn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as properties

from glede.stores.catalogue import SqlCatalogue
from glede.testing.fakes import MemoryCatalogue
from glede.testing.graph_samples import GraphCatalogue

# Machines are shared: how long an example takes, or its making, says nothing of what is tested. The same
# examples come each time, so that a change is judged by what it changes; others are looked for on demand.
properties.register_profile(
    "shared",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=not os.environ.get("GLEDE_FULL"),
)
properties.load_profile("shared")


MEASURES = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a busy machine may break by chance is measured again when it fails; nothing else ever is."""
    for item in items:
        if item.get_closest_marker("measured"):
            item.add_marker(pytest.mark.flaky(reruns=MEASURES - 1))


@pytest.fixture(params=["memory", "sqlite"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GraphCatalogue]:
    made: GraphCatalogue = MemoryCatalogue()
    if request.param == "sqlite":
        made = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    yield made
    made.close()
