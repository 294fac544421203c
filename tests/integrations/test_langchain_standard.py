"""LangChain's own tests of retrievers (langchain-tests), as they come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("langchain_tests", reason="pip install langchain-tests")

from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests

from glede import Content, Settings
from glede.blocking import Engine
from glede.integrations.langchain import GledeRetriever
from tests.integrations.test_retrievers import QUESTION, TEXTS


class TestGledeRetriever(RetrieversIntegrationTests):
    """Everything that LangChain asks of a retriever."""

    opened: Engine

    @pytest.fixture(autouse=True, scope="class")
    def engine(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        home: Path = tmp_path_factory.mktemp("langchain")
        with Engine(Settings(home=home)) as engine:
            engine.add(*(Content(text, name) for name, text in TEXTS.items()))
            type(self).opened = engine
            yield

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return GledeRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, object]:
        return {"engine": self.opened}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION
