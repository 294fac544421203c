"""The server of the model that reads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from glede.testing.model_server import ModelServer
from tests.extractors.llm_serving import reads


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        running.answer = reads
        yield running
