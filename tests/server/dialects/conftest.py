"""A server with a scripted model behind it, and OpenAI's own client of it."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from glede.testing.model_server import ModelServer
from tests.server.serving import Running, scripted, with_kites

KEY = "sk-test-of-the-dialects"
ANSWER = 'Kites eat mice [1 "eats mice and voles"].'


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        running.answer = lambda _: ANSWER
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, model: ModelServer) -> Iterator[Running]:
    env = {**scripted(model, KEY), "GLEDE_MODEL_TRIES": "1"}
    with with_kites(tmp_path_factory.mktemp("dialects"), env) as running:
        yield running


@pytest.fixture
def client(server: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.address}/v1", api_key="any", max_retries=0) as made:
        yield made


@pytest.fixture(autouse=True)
def _as_before(model: ModelServer) -> Iterator[None]:
    yield
    model.clear()
    model.answer = lambda _: ANSWER
