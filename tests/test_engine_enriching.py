from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import SecretStr

from glede import Content, Engine, Settings
from glede.errors import ConfigurationError
from glede.extractors.nlp import NlpExtractor
from glede.graph.names import entity_of
from glede.graph.stating import StatedEntity, StatedRelation
from glede.knowledge import DocumentGraph
from glede.results import Filter
from glede.testing.model_server import ChatAnswer, ChatRequest, ModelServer
from glede.types import Chunk, Parsed
from tests.extractors.llm_serving import entity, fact, reads, reply
from tests.processors.test_image import analysis, png

TEXT = "# Birds of prey\n\nIn spring Anna Weber met Paul Klee in Bern. There the Red Kite eats mice.\n"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        running.answer = reads
        yield running


def settings(home: Path, server: ModelServer, **more: object) -> Settings:
    values = {
        "home": home,
        "extractor": "llm",
        "extract": "openai:gpt-4o",
        "extract_url": server.url,
        "openai_key": SecretStr("sk-test"),
        "model_tries": 1,
    }
    return Settings.model_validate(values | more)


def contents(count: int) -> list[Content]:
    return [Content(f"{TEXT}\nThen came Kite{number}.".encode(), f"{number}.md") for number in range(count)]


async def facts_of(engine: Engine, name: str) -> set[tuple[str, int]]:
    graph = engine.lines.enriching.graph if engine.lines.enriching else None
    found = graph.facts("default", [entity_of(name)], 100, Filter())  # type: ignore[union-attr]
    return {(one.label, one.target) for one in found.get(entity_of(name), [])}


async def test_what_a_model_reads_is_in_the_graph(tmp_path: Path, server: ModelServer) -> None:
    server.answer = lambda request: reply([entity("Red Kite")], [fact("Red Kite", "eats", "mice")])
    async with Engine.open(settings(tmp_path, server)) as engine:
        report = await engine.add(*contents(3))
        assert [one.status for one in report.documents] == ["enriched"] * 3
        assert report.usage.model_calls == 3
        assert ("eats", entity_of("mice")) in await facts_of(engine, "Red Kite")
        again = await engine.add(*contents(3))
        assert [one.status for one in again.documents] == ["unchanged"] * 3
        spent = {one.name: one.calls for one in await engine.usage("document")}
        assert spent == {one.id: 1 for one in report.documents}
        assert {one.name for one in await engine.usage("role")} == {"extract"}
        assert (await engine.enrich()).documents == ()
    assert server.count("chat") == 3


async def test_the_rules_below_a_model_read_each_document_once(
    tmp_path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    own = NlpExtractor.read

    def counted(self: NlpExtractor, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        read.append(chunks[0].document_id)
        return own(self, parsed, chunks)

    monkeypatch.setattr(NlpExtractor, "read", counted)
    async with Engine.open(settings(tmp_path, server)) as engine:
        report = await engine.add(*contents(3))
    assert [one.status for one in report.documents] == ["enriched"] * 3
    assert sorted(read) == sorted(str(one.id) for one in report.documents)


async def test_one_document_more_costs_its_own_calls(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        await engine.add(*contents(10))
        server.clear()
        report = await engine.add(Content(b"Then Otto Dix met Max Ernst.", "one.md"))
        assert report.usage.model_calls <= 1.2 * report.documents[0].chunks
        server.clear()
        await engine.delete("one.md")
    assert server.count() == 0


async def test_documents_are_searchable_before_the_model_has_read_them(
    tmp_path: Path, server: ModelServer
) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        report = await engine.add(*contents(2), wait="searchable")
        assert [one.status for one in report.documents] == ["searchable"] * 2
        assert server.count() == 0
        assert len(await engine.search("What does the kite eat?")) == 2
        enrichment = await engine.enrich("0.md")
        assert [one.document_id for one in enrichment.documents] == [report.documents[0].id]
        assert enrichment.usage.model_calls == 1
        again = await engine.add(*contents(2))  # what was left is read now
        assert [one.status for one in again.documents] == ["unchanged", "enriched"]
    assert server.count() == 2


async def test_a_model_that_fails_leaves_documents_searchable_and_pending(
    tmp_path: Path, server: ModelServer
) -> None:
    server.fault("content_filter", times=1, route="chat")
    async with Engine.open(settings(tmp_path, server, model_concurrency=1)) as engine:
        report = await engine.add(*contents(4))
        assert sorted(one.status for one in report.documents) == ["enriched"] * 3 + ["searchable"]
        (left,) = [one for one in report.documents if one.status == "searchable"]
        assert "the graph knows it not yet" in left.partial[-1]
        assert [(one.kind, one.code) for one in left.unfinished] == [("graph", "content_filter")]
        assert report.failed == ()
        again = await engine.retry()
        assert [(one.id, one.status) for one in again.documents] == [(left.id, "enriched")]
        assert (await engine.retry()).documents == ()
        assert server.count("chat") == 5


async def test_the_budget_stops_it_and_what_is_paid_for_is_kept(tmp_path: Path, server: ModelServer) -> None:
    tight = settings(tmp_path, server, budget="0.05", prices="gpt-4o=2/8", model_concurrency=1)
    async with Engine.open(tight) as engine:
        report = await engine.add(*contents(8))
        assert report.stopped is not None
        assert report.stopped.code == "budget"
        statuses = [one.status for one in report.documents]
        assert set(statuses) == {"enriched", "searchable"}
    done = server.count("chat")
    assert done == statuses.count("enriched")
    async with Engine.open(settings(tmp_path, server)) as engine:
        assert {one.status for one in (await engine.enrich()).documents} == {"enriched"}
    assert server.count("chat") == 8


async def test_another_model_reads_what_is_stored_again(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server, extractor="nlp", extract="")) as engine:
        report = await engine.add(*contents(2))
        assert [one.status for one in report.documents] == ["searchable"] * 2
    async with Engine.open(settings(tmp_path, server)) as engine:
        enrichment = await engine.enrich()
        assert [one.status for one in enrichment.documents] == ["enriched"] * 2
        assert {one.status for one in (await engine.add(*contents(2))).documents} == {"unchanged"}
    async with Engine.open(settings(tmp_path, server, extract="openai:gpt-4o-mini")) as engine:
        assert (await engine.enrich()).usage.model_calls == 2
    assert server.count("embeddings") == 0


async def test_a_whole_answer_that_says_nothing_is_told(tmp_path: Path, server: ModelServer) -> None:
    ghost = {"chunk": 1, "name": "Ghost of Nowhere", "type": "name", "description": ""}
    server.answer = lambda request: ChatAnswer(reply([ghost]))
    async with Engine.open(settings(tmp_path, server)) as engine:
        report = await engine.add(Content(names(), "names.txt"))
        (document,) = report.documents
        assert "do not stand in the text" in document.unfinished[0].message
        assert document.status == "searchable"
        assert "found nothing in" in document.unfinished[0].message
        assert ".;" not in document.unfinished[0].message
        assert [one.id for one in (await engine.retry()).unfinished] == [document.id]


async def test_a_picture_is_in_the_graph_by_the_call_that_described_it(
    tmp_path: Path, server: ModelServer
) -> None:
    seen = analysis(
        objects=["Query Node", "Object Storage", " ", "x" * 500],
        relations=[{"source": "Query Node", "relation": "reads from", "target": "Object Storage"}],
    )
    server.answer = lambda request: seen if request.messages[-1].pictures else reads(request)
    async with Engine.open(
        settings(tmp_path, server, vision="openai:gpt-4o", vision_url=server.url)
    ) as engine:
        report = await engine.add(Content(png(), "architecture.png"))
        assert [one.status for one in report.documents] == ["enriched"]
        assert ("reads from", entity_of("Object Storage")) in await facts_of(engine, "Query Node")
        shown = {label for label, _ in await facts_of(engine, "Object Storage")}
        assert shown == {"reads from", "shows"}
    assert server.count("chat") == 1


async def test_what_users_state_is_kept_word_for_word(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        stated = [StatedRelation("Red Kite", "Aller", "nests near")]
        report = await engine.graph.add([StatedEntity("Red Kite", "animal")], stated)
        assert [one.status for one in report.documents] == ["enriched"]
        assert ("nests near", entity_of("Aller")) in await facts_of(engine, "Red Kite")
    assert server.count("chat") == 0


def names() -> bytes:
    pairs = ("Anna Weber", "Paul Klee", "Otto Dix", "Max Ernst", "Hans Arp", "Emil Nolde", "August Macke")
    return " ".join(f"Then {one} met {two}." for one, two in pairwise(pairs)).encode()


async def test_an_extractor_without_a_model_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="needs a model"):
        async with Engine.open(Settings(home=tmp_path, extractor="llm")):
            pass


CRASH = """
import asyncio, os, sys
from pathlib import Path
from glede import Content, Engine, Settings

async def main(home, url):
    settings = Settings(home=Path(home), extractor="llm", extract="openai:gpt-4o", extract_url=url,
                        openai_key="sk-test", model_concurrency=4)
    texts = [f"Then Kite{number} met Anna Weber in Bern." for number in range(40)]
    contents = [Content(text.encode(), f"{number}.md") for number, text in enumerate(texts)]
    async with Engine.open(settings) as engine:
        report = await engine.add(*contents)
        assert not report.failed
        assert not (await engine.enrich()).documents

asyncio.run(main(*sys.argv[1:]))
"""


def test_killed_and_run_again_it_pays_for_nothing_twice(tmp_path: Path, server: ModelServer) -> None:
    killer: list[subprocess.Popen[bytes]] = []

    def answer(request: ChatRequest) -> str:
        if server.count("chat") == 20:
            killer[0].kill()
        return reads(request)

    server.answer = answer
    command = [sys.executable, "-c", CRASH, str(tmp_path / "home"), server.url]
    killer.append(subprocess.Popen(command))
    assert killer[0].wait(60) == -9
    asked = [call.body["messages"][1]["content"] for call in server.calls if call.status == 200]
    server.clear()
    server.answer = reads
    subprocess.run(command, check=True, timeout=120)
    again = [call.body["messages"][1]["content"] for call in server.calls]
    assert len(again) == len(set(again))
    # Those whose answers were on their way when it was killed may not have arrived.
    assert len(set(again) & set(asked)) <= 4
    assert len(set(again) | set(asked)) == 40
