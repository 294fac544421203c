"""What is seen of asking and adding, with the real SDK: names, attributes, and who is below whom."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from pydantic import SecretStr

from glede import Answer, Content, Engine, Settings
from glede.errors import GledeError, UsageError
from glede.testing.model_server import ModelServer
from glede.types import MODALITIES

KEY = "sk-cAnArY-of-the-spans"
SECRET = "Quetzalcoatlus"
"""Stands in the document, the question and the answer, and must not stand in a span."""
QUESTION = f"What does the {SECRET} eat?"
TEXT = f"# Kites\n\nThe {SECRET} eats mice and voles. It nests in oaks near the {SECRET} tower."
EXPORTER = InMemorySpanExporter()


@pytest.fixture(scope="module", autouse=True)
def provider() -> None:
    """The provider of the process, as a program that embeds an engine sets it up."""
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(EXPORTER))
    trace.set_tracer_provider(made)


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        running.answer = lambda _: f'The {SECRET} eats mice [1 "eats mice and voles"].'
        yield running


def settings(home: Path, model: ModelServer | None = None, **more: object) -> Settings:
    values: dict[str, object] = {"home": home, "traces": True, **more}
    if model is not None:
        values |= {"chat": "openai:gpt-4o", "openai_url": model.url, "openai_key": SecretStr(KEY)}
        values |= {"rerank": "rerank:bge-reranker-v2-m3", "rerank_url": model.url, "rerank_key": KEY}
    return Settings.model_validate(values)


def seen() -> list[ReadableSpan]:
    """The spans of ours since the last look."""
    spans = [one for one in EXPORTER.get_finished_spans() if scope_of(one) == "glede"]
    EXPORTER.clear()
    return spans


def scope_of(span: ReadableSpan) -> str:
    return span.instrumentation_scope.name if span.instrumentation_scope else ""


def named(spans: list[ReadableSpan], name: str) -> ReadableSpan:
    (found,) = [span for span in spans if span.name == name]
    return found


def below(spans: list[ReadableSpan], name: str) -> set[str]:
    """The names of all spans below that of the name."""
    whole = {span.context.span_id: span for span in spans if span.context}
    found = set()
    for span in spans:
        parent = span.parent
        while parent is not None and parent.span_id in whole:
            if whole[parent.span_id].name == name:
                found.add(span.name)
            parent = whole[parent.span_id].parent
    return found


def attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def everything(spans: list[ReadableSpan]) -> str:
    return "\n".join(span.to_json() for span in spans)


async def test_a_question_is_a_tree_of_spans(tmp_path: Path, model: ModelServer) -> None:
    async with Engine.open(settings(tmp_path / "home", model, extractor="nlp")) as engine:
        await engine.add(Content(TEXT, "kites.md"), wait="searchable")
        seen()
        answer = await engine.ask(QUESTION)
    spans = seen()
    assert answer.answered
    assert below(spans, "invoke_workflow ask") >= {
        "retrieval default",
        "embeddings use3",
        "search dense",
        "search keyword",
        "search graph",
        "rerank bge-reranker-v2-m3",
        "chat gpt-4o",
    }
    assert {"search dense", "search keyword", "rerank bge-reranker-v2-m3"} <= below(
        spans, "retrieval default"
    )
    asked = named(spans, "invoke_workflow ask")
    assert asked.parent is None
    assert attributes(asked) == {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": "ask",
        "gen_ai.data_source.id": "default",
        "gen_ai.response.model": answer.model,
        "glede.mode": "mix",
        "glede.turns": 0,
        "glede.stream": False,
        "glede.answered": True,
        "glede.complete": True,
        "glede.citations": 1,
        "glede.citations.verified": 1,
        "glede.hits": len(answer.hits),
    }
    chat = named(spans, "chat gpt-4o")
    assert chat.kind is SpanKind.CLIENT
    told = attributes(chat)
    assert told["gen_ai.operation.name"] == "chat"
    assert told["gen_ai.provider.name"] == "openai"
    assert told["gen_ai.request.model"] == "gpt-4o"
    assert told["gen_ai.response.finish_reasons"] == ("stop",)
    assert told["gen_ai.usage.input_tokens"] == answer.usage.prompt_tokens > 0
    assert told["gen_ai.usage.output_tokens"] == answer.usage.completion_tokens > 0
    embedding = attributes(named(spans, "embeddings use3"))
    assert embedding["gen_ai.embeddings.dimension.count"] == 512
    assert embedding["gen_ai.provider.name"] == "local"
    assert "gen_ai.usage.input_tokens" not in embedding  # nobody is paid for them


async def test_embeddings_tell_the_tokens_that_are_paid_for(tmp_path: Path, model: ModelServer) -> None:
    remote = {"embed": "openai:text-embedding-3-small", "embed_url": model.url, "extractor": "none"}
    async with Engine.open(settings(tmp_path / "home", model, **remote)) as engine:
        seen()
        report = await engine.add(Content(TEXT, "kites.md"), wait="searchable")
        spans = [one for one in seen() if one.name == "embeddings text-embedding-3-small"]
        tokens = [int(str(attributes(one)["gen_ai.usage.input_tokens"])) for one in spans]
        assert sum(tokens) == report.usage.prompt_tokens > 0
        assert [attributes(one)["glede.usage.estimated"] for one in spans] == [False] * len(spans)


async def test_what_was_answered_before_is_told_so(tmp_path: Path, model: ModelServer) -> None:
    async with Engine.open(settings(tmp_path / "home", model)) as engine:
        await engine.add(Content(TEXT, "kites.md"), wait="searchable")
        await engine.ask(QUESTION)
        seen()
        await engine.ask(QUESTION)
    again = attributes(named(seen(), "chat gpt-4o"))
    assert again["glede.kept"] is True
    assert "gen_ai.usage.input_tokens" not in again


async def test_a_stream_is_one_span_that_ends_with_it(tmp_path: Path, model: ModelServer) -> None:
    async with Engine.open(settings(tmp_path / "home", model)) as engine:
        await engine.add(Content(TEXT, "kites.md"), wait="searchable")
        seen()
        before = trace.get_current_span()
        pieces = []
        async with aclosing(engine.stream(QUESTION)) as stream:
            async for piece in stream:
                assert trace.get_current_span() is before  # nothing of ours is left with the caller
                pieces.append(piece)
                await asyncio.sleep(0)
        assert isinstance(pieces[-1], Answer)
    spans = seen()
    chat = attributes(named(spans, "chat gpt-4o"))
    assert chat["gen_ai.request.stream"] is True
    first = chat["gen_ai.response.time_to_first_chunk"]
    assert isinstance(first, float)
    assert 0 < first < 30
    assert "chat gpt-4o" in below(spans, "invoke_workflow ask")


async def test_a_stream_that_is_left_ends_its_spans(tmp_path: Path, model: ModelServer) -> None:
    async with Engine.open(settings(tmp_path / "home", model)) as engine:
        await engine.add(Content(TEXT, "kites.md"), wait="searchable")
        seen()
        async with aclosing(engine.stream(QUESTION)) as stream:
            await anext(stream)
    names = [span.name for span in seen()]
    assert names.count("invoke_workflow ask") == 1
    assert names.count("chat gpt-4o") == 1


async def test_adding_is_a_job_with_its_stages(tmp_path: Path, model: ModelServer) -> None:
    chosen = settings(tmp_path / "home", model, extractor="nlp")
    async with Engine.open(chosen) as engine:
        seen()
        report = await engine.add(Content(TEXT, "kites.md"), Content("An owl hunts at night.", "owl.txt"))
    spans = seen()
    stages = {"parse markdown", "parse plain", "enrich table", "extract nlp", "embeddings use3"}
    assert below(spans, "invoke_workflow add") >= {*stages, "index default"}
    job = attributes(named(spans, "invoke_workflow add"))
    assert job["gen_ai.operation.name"] == "invoke_workflow"
    assert job["gen_ai.workflow.name"] == "add"
    assert job["glede.job.id"] == report.job
    assert job["glede.documents"] == 2
    assert job["glede.documents.failed"] == 0
    parsed = attributes(named(spans, "parse markdown"))
    assert parsed["glede.media_type"] == "text/markdown"
    assert parsed["glede.blocks"] == 2
    indexed = attributes(named(spans, "index default"))
    assert indexed["glede.documents"] == 2
    ids = {one.id for one in report.documents}
    graphs = [attributes(span) for span in spans if span.name == "extract nlp"]
    assert {one["glede.document.id"] for one in graphs} == ids


async def test_a_model_that_reads_for_the_graph_is_seen(tmp_path: Path, model: ModelServer) -> None:
    async with Engine.open(settings(tmp_path / "home", model, extractor="llm")) as engine:
        seen()
        report = await engine.add(Content(TEXT, "kites.md"))
    spans = seen()
    assert {"extract nlp", "extract llm", "chat gpt-4o"} <= below(spans, "invoke_workflow add")
    chat = next(span for span in spans if span.name == "chat gpt-4o")
    assert attributes(chat)["glede.role"] == "extract"
    assert attributes(chat)["gen_ai.output.type"] == "json"
    assert attributes(chat)["glede.document.id"] == report.documents[0].id
    assert "chat gpt-4o" in below(spans, "extract llm")


async def test_what_fails_tells_its_code_and_not_its_message(tmp_path: Path, model: ModelServer) -> None:
    async with Engine.open(settings(tmp_path / "home", model, model_tries=1)) as engine:
        await engine.add(Content(TEXT, "kites.md"), wait="searchable")
        seen()
        model.fault("server_error", times=5, route="chat")
        with pytest.raises(GledeError) as raised:
            await engine.ask(QUESTION)
        spans = seen()
        for name in ("chat gpt-4o", "invoke_workflow ask"):
            span = named(spans, name)
            assert span.status.status_code is StatusCode.ERROR
            assert attributes(span)["error.type"] == raised.value.code
            assert not span.status.description
            assert not span.events
        with pytest.raises(UsageError):
            await engine.search(SECRET, limit=0)
        failed = await engine.add(Content(b"%PDF-1.7 and no more", f"{SECRET}.pdf"), wait="searchable")
        assert failed.failed
    spans += seen()
    assert SECRET not in everything(spans)
    assert KEY not in everything(spans)


async def test_content_is_told_only_where_it_is_asked_for(tmp_path: Path, model: ModelServer) -> None:
    """S10: neither text nor keys; and the text where a setting of its own says so, keys never."""
    chosen = settings(tmp_path / "home", model, extractor="llm")
    async with Engine.open(chosen) as engine:
        seen()
        await engine.add(Content(TEXT, f"{SECRET}.md"))
        await engine.ask(QUESTION)
        await engine.ask(f"And {SECRET}?", mode="naive", types=list(MODALITIES))
        await engine.search(SECRET, filter={"source": f"{SECRET}.md"})
    quiet = everything(seen())
    assert quiet.count("chat gpt-4o") >= 2
    assert SECRET not in quiet
    assert "mice" not in quiet
    assert KEY not in quiet
    async with Engine.open(chosen.model_copy(update={"traces_content": True})) as engine:
        await engine.ask(f"{QUESTION} Please.")
        await engine.add(Content(TEXT.replace("oaks", "elms"), f"{SECRET}.md"), wait="searchable")
    spans = seen()
    chat = attributes(named(spans, "chat gpt-4o"))
    assert SECRET in str(chat["gen_ai.input.messages"])
    assert "eats mice" in str(chat["gen_ai.output.messages"])
    assert (
        attributes(named(spans, "retrieval default"))["gen_ai.retrieval.query.text"] == f"{QUESTION} Please."
    )
    assert attributes(named(spans, "parse markdown"))["glede.source"] == f"{SECRET}.md"
    assert KEY not in everything(spans)
