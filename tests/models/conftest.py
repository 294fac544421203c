"""A scripted server for the tests of a module, and the client that the engine's models are asked with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from glede.models.http import open_client
from glede.testing.model_server import ModelServer
from tests.model_servers import as_new
from tests.models.serving import KEY


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as server:
        yield server


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    return as_new(running, KEY)


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with open_client() as client:
        yield client
