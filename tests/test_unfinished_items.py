"""What a model leaves undone: marked, and completed by a retry."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from glede import Content, Engine, Settings, blocking
from glede.adding.trouble import PATIENCE
from glede.errors import UnavailableError
from glede.results import Added
from glede.testing.model_server import ChatRequest, ModelServer
from glede.types import Unfinished
from tests.items import AROUND, KEY, SEEN, added, blocks_of, drawn, page, seen

OTHER_LANGUAGE = (
    "Das Bild zeigt einen Proxy, der die Anfragen an drei Knoten weiterleitet und auf Antwort wartet."
)
ANSWERS = {
    "no JSON": "It looks like a diagram to me.",
    "other JSON": '{"picture": 1}',
    "empty": seen(""),
    "refusal": seen("I'm sorry, I can't help with that."),
    "plain refusal": "I'm sorry, I can't help with that.",
    "language": seen(OTHER_LANGUAGE),
}
FAULTS = {
    "server_error": ("model", True),
    "unavailable": ("model", True),
    "refused": ("model", True),
    "rate_limit": ("rate_limited", True),
    "hang": ("model_timeout", True),
    "garbage": ("model_reply", True),
    "content_filter": ("content_filter", False),
    "context_length": ("context_length", False),
}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        running.answer = lambda _: seen()
        yield running


def seeing(home: Path, server: ModelServer, **more: object) -> Settings:
    values = {"home": home, "vision": "openai:gpt-4o", "openai_url": server.url, "openai_key": KEY}
    waits = {"model_tries": 2, "model_wait": 0.002, "model_seconds": 10}
    return Settings.model_validate({**values, **waits, **more})


def never(*_: object, **__: object) -> None:
    raise AssertionError("nothing is parsed again")


async def completed(engine: Engine, one: Added, server: ModelServer, patch: pytest.MonkeyPatch) -> None:
    """What was marked is completed by a retry, without a parse, and costs nothing from then on."""
    (hit,) = await engine.search("forked tail", types=["image"])
    assert SEEN not in hit.chunk.text
    before = len(await engine.chunks(await engine.document(one.id or "")))
    server.clear()
    server.answer = lambda _: seen()
    with patch.context() as patched:
        patched.setattr(type(engine.lines.ingest.reading), "read", never)
        report = await engine.retry()
    (done,) = report.documents
    assert (done.id, done.status, done.unfinished, done.partial) == (one.id, "searchable", (), ())
    assert done.chunks == before
    assert report.usage.embedded_texts == 1  # only what the picture is now told by
    (hit,) = await engine.search("proxy sends queries", types=["image"])
    assert SEEN in hit.chunk.text
    paid = server.count("chat")
    assert paid <= 2
    assert not (await engine.retry()).documents
    assert (await engine.add(page(drawn()))).documents[0].status == "unchanged"
    assert server.count("chat") == paid


@pytest.mark.parametrize("answer", ANSWERS)
async def test_what_a_model_answers_badly_is_completed_by_a_retry(
    tmp_path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    server.answer = lambda _: ANSWERS[answer]
    async with Engine.open(seeing(tmp_path / "home", server)) as engine:
        one = await added(engine, page(drawn()))
        (mark,) = one.unfinished
        assert (one.status, mark.kind, mark.code) == ("searchable", "image", "model_reply")
        assert server.count("chat") == 2  # it was told once what is wrong
        (again,) = (await engine.retry()).documents
        assert (again.status, again.unfinished) == ("unchanged", one.unfinished)
        await completed(engine, one, server, monkeypatch)


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_a_model_fails_is_completed_by_a_retry(
    tmp_path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    server.fault(fault, times=None, route="chat")
    patience = {"model_seconds": 1} if fault == "hang" else {}
    async with Engine.open(seeing(tmp_path / "home", server, **patience)) as engine:
        one = await added(engine, page(drawn()))
        (mark,) = one.unfinished
        assert one.status == "searchable"
        assert (mark.kind, (mark.code, mark.retryable)) == ("image", FAULTS[fault])
        await completed(engine, one, server, monkeypatch)


async def test_what_stays_in_another_language_is_found_and_not_quoted(
    tmp_path: Path, server: ModelServer
) -> None:
    server.answer = lambda _: seen(OTHER_LANGUAGE)
    async with Engine.open(seeing(tmp_path / "home", server)) as engine:
        await added(engine, page(drawn()))
        (hit,) = await engine.search("forked tail", types=["image"])
        assert OTHER_LANGUAGE not in hit.chunk.text
        assert OTHER_LANGUAGE in hit.chunk.aid


async def test_only_what_was_failed_is_asked_for_again(tmp_path: Path, server: ModelServer) -> None:
    """Of three pictures the second fails; a retry asks one question, and the rest stays as it is."""
    pictures = [drawn(color=color) for color in ("red", "blue", "lime")]

    def answer(request: ChatRequest) -> str:
        return "no JSON" if request.messages[0].data[0] == pictures[1] else seen()

    server.answer = answer
    sections = (
        f"## Part {n}\n\n![](data:image/png;base64,{base64.b64encode(data).decode()})"
        for n, data in enumerate(pictures)
    )
    text = "# Kites\n\n" + "\n\n".join(sections) + "\n"
    async with Engine.open(seeing(tmp_path / "home", server, model_concurrency=1)) as engine:
        first = await added(engine, Content(text, "page.md"))
        assert len(first.unfinished) == 1
        server.clear()
        server.answer = lambda _: seen()
        (done,) = (await engine.retry("page.md")).documents
        assert not done.unfinished
        assert server.count("chat") == 1
        assert len(await engine.search("proxy", types=["image"])) == 3


async def test_an_endpoint_that_is_down_stops_no_document(tmp_path: Path, server: ModelServer) -> None:
    """After a few failures it is not asked any more in that run; the next run asks it again."""
    server.fault("server_error", times=None, route="chat")
    pages = [Content(drawn(color=color), f"{color}.png") for color in ("red", "blue", "lime", "gold", "cyan")]
    async with Engine.open(seeing(tmp_path / "home", server, model_concurrency=1)) as engine:
        report = await engine.add(*pages, Content("Plain words.", "words.txt"))
        assert report.stopped is None
        assert {one.status for one in report.documents} == {"searchable"}
        assert [len(one.unfinished) for one in report.documents] == [1, 1, 1, 1, 1, 0]
        assert server.count("chat") == PATIENCE * 2
        server.clear()
        assert not any(one.unfinished for one in (await engine.retry()).documents)
        assert server.count("chat") == len(pages)


@pytest.mark.parametrize("setting", [{"openai_key": "sk-wrong"}, {"budget": "0.0000001"}])
async def test_what_would_fail_everything_fails_the_document(
    tmp_path: Path, server: ModelServer, setting: dict[str, str]
) -> None:
    async with Engine.open(seeing(tmp_path / "home", server, **setting)) as engine:
        report = await engine.add(page(drawn()), Content("Plain words.", "words.txt"))
        assert report.documents[0].status == "failed"
        assert report.stopped is not None
        assert not [one for one in await engine.documents() if one.source == "page.md"]


async def test_a_model_mends_broken_latex(tmp_path: Path, server: ModelServer) -> None:
    mended = {"latex": r"\frac{a}{b + c}", "number": "", "name": "kite ratio", "symbols": []}
    server.fault("server_error", times=None, route="chat")
    server.answer = lambda _: json.dumps(mended)
    text = "# Kites\n\nThe ratio of kites:\n\n$$\n\\frac{a}{b + c\n$$\n"
    async with Engine.open(seeing(tmp_path / "home", server)) as engine:
        one = await added(engine, Content(text, "kites.md"))
        assert [(mark.kind, mark.code) for mark in one.unfinished] == [("equation", "model")]
        server.clear()
        assert not (await engine.retry()).documents[0].unfinished
        (block,) = await blocks_of(engine, one, "equation")
        assert block.latex == r"\frac{a}{b + c}"
        assert "kite ratio" in block.aid
        assert r"\frac{a}{b + c}" not in block.text


async def test_a_retry_survives_a_new_start_and_works_without_a_loop(
    tmp_path: Path, server: ModelServer
) -> None:
    server.fault("server_error", times=None, route="chat")
    settings = seeing(tmp_path / "home", server)
    async with Engine.open(settings) as engine:
        one = await added(engine, page(drawn()))
    server.clear()
    with blocking.Engine(settings) as engine:
        (document,) = engine.documents()
        assert document.unfinished == one.unfinished
        assert isinstance(document.unfinished[0], Unfinished)
        assert [done.unfinished for done in engine.retry().documents] == [()]
        (document,) = engine.documents()
        assert (document.unfinished, document.partial, document.source) == ((), (), "page.md")


async def test_a_copy_is_marked_like_what_it_copies(tmp_path: Path, server: ModelServer) -> None:
    server.fault("server_error", times=None, route="chat")
    async with Engine.open(seeing(tmp_path / "home", server)) as engine:
        report = await engine.add(page(drawn()), replace(page(drawn()), source="copy.md"))
        first, copy = sorted(report.documents, key=lambda one: one.status)
        assert (first.status, copy.status) == ("searchable", "unchanged")
        assert copy.unfinished == first.unfinished
        assert copy.partial == first.partial
        server.clear()
        (done,) = (await engine.retry("copy.md")).documents
        assert not done.unfinished
        (document,) = await engine.documents()
        assert sorted(document.sources) == ["copy.md", "page.md"]


async def test_a_retry_that_crashes_leaves_the_document_as_it_was(
    tmp_path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.fault("server_error", times=None, route="chat")
    settings = seeing(tmp_path / "home", server)

    def killed(*_: object, **__: object) -> None:
        raise UnavailableError("killed")

    async with Engine.open(settings) as engine:
        one = await added(engine, page(drawn()))
        server.clear()
        with monkeypatch.context() as patched, pytest.raises(UnavailableError, match="killed"):
            patched.setattr(type(engine.catalogue), "commit", killed)
            await engine.retry()
    async with Engine.open(settings) as engine:
        (document,) = await engine.documents()
        assert document.unfinished == one.unfinished
        (hit,) = await engine.search("forked tail", types=["image"])
        assert await engine.asset(hit.chunk.asset or "") == drawn()
        (done,) = (await engine.retry()).documents
        assert not done.unfinished
        assert server.count("chat") == 1  # the answer that was paid for is not lost
        assert SEEN in (await engine.search("proxy", types=["image"]))[0].chunk.text


@pytest.mark.parametrize(
    ("low", "named"),
    [({"max_pixels": 100}, "GLEDE_MAX_PIXELS"), ({"max_picture_mb": 0.0001}, "MAX_PICTURE_MB")],
)
async def test_a_picture_beyond_a_limit_is_completed_once_the_limit_is_raised(
    tmp_path: Path, low: dict[str, float], named: str
) -> None:
    """Its bytes are no part of the parse that is kept, so that the document is read again."""
    async with Engine.open(Settings.model_validate({"home": tmp_path, **low})) as engine:
        report = await engine.add(page(drawn(), alt="Kite"))
        (mark,) = report.documents[0].unfinished
        assert (mark.block, mark.code) == (None, "limit_exceeded")
        assert named in mark.message
        again = await engine.retry()
        assert [one.status for one in again.documents] == ["unchanged"]
        assert named in again.documents[0].unfinished[0].message
    async with Engine.open(Settings(home=tmp_path)) as engine:
        before = await engine.documents()
        (added,) = (await engine.retry()).documents
        (document,) = await engine.documents()
        chunks = await engine.chunks(document)
        assert (await engine.retry()).documents == ()
    assert (added.status, added.unfinished) == ("searchable", ())
    assert document.id == before[0].id
    assert [chunk.modality for chunk in chunks].count("image") == 1
    assert document.partial == ()


async def test_what_was_left_out_is_read_by_the_parser_that_was_asked_for(tmp_path: Path) -> None:
    picture = base64.b64encode(drawn()).decode()
    text = f'<h1>Kites</h1><p>{AROUND}</p><img alt="Kite" src="data:image/png;base64,{picture}">'
    async with Engine.open(Settings(home=tmp_path, max_pixels=100)) as engine:
        await engine.add(Content(text, "page.html"), metadata={"year": 2020}, parser="html")
    async with Engine.open(Settings(home=tmp_path)) as engine:
        (added,) = (await engine.retry()).documents
        (document,) = await engine.documents()
    assert added.unfinished == ()
    assert (document.parser, document.metadata) == ("html", {"year": 2020})
