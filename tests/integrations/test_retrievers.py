"""The retrievers of other frameworks, each in its framework's own hands; without it they are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede import Content, Settings
from glede.blocking import Engine

QUESTION = "Where do red kites nest?"
TEXTS = {
    "kites.md": "# Kites\n\nRed kites nest in old oaks.",
    "owls.md": "# Owls\n\nTawny owls nest in hollow trees.",
    "wind.md": "# Wind\n\nThe wind blew from the west.",
    "rain.md": "# Rain\n\nIt rained on forty days.",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("integrations")
    with Engine(Settings(home=home)) as engine:
        engine.add(*(Content(text, name) for name, text in TEXTS.items()))
    return home


@pytest.fixture
def engine(home: Path) -> Iterator[Engine]:
    with Engine(Settings(home=home)) as engine:
        yield engine


async def test_langchain(engine: Engine) -> None:
    pytest.importorskip("langchain_core", reason="pip install 'glede[langchain]'")
    from glede.integrations.langchain import GledeRetriever

    retriever = GledeRetriever(engine=engine, k=2)
    found = retriever.invoke(QUESTION)
    assert len(found) == 2
    assert found[0].metadata["source"] == "kites.md"
    assert "old oaks" in found[0].page_content
    assert [one.id for one in await retriever.ainvoke(QUESTION, k=1)] == [found[0].id]
    assert {one.metadata["source"] for one in retriever.invoke(QUESTION, filter={"source": "owls.md"})} == {
        "owls.md"
    }


async def test_llama_index(engine: Engine) -> None:
    pytest.importorskip("llama_index.core", reason="pip install 'glede[llama-index]'")
    from glede.integrations.llama_index import GledeRetriever
    from glede.integrations.passages import Search

    retriever = GledeRetriever(engine, Search(limit=2))
    found = retriever.retrieve(QUESTION)
    assert [node.node.metadata["source"] for node in found][:1] == ["kites.md"]
    assert len(found) == 2
    assert (await retriever.aretrieve(QUESTION))[0].node.node_id == found[0].node.node_id


def test_haystack(home: Path) -> None:
    pytest.importorskip("haystack", reason="pip install 'glede[haystack]'")
    from haystack import Pipeline

    from glede.integrations.haystack import GledeRetriever

    pipeline = Pipeline()
    pipeline.add_component("retriever", GledeRetriever(home=str(home), top_k=2))
    again = Pipeline.loads(pipeline.dumps(), allowed_modules=["glede.integrations.haystack"])
    try:
        found = again.run({"retriever": {"query": QUESTION}})["retriever"]["documents"]
        assert found[0].meta["source"] == "kites.md"
        assert len(found) == 2
    finally:
        again.get_component("retriever").close()
