"""R9: whatever goes wrong with a model's endpoint, no document and no paid answer is lost."""

from __future__ import annotations

import io
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from glede import Content, Engine, Settings
from glede.adding.trouble import PATIENCE
from glede.errors import GledeError, ModelError
from glede.results import Answer, Report
from glede.testing.model_faults import NAMES
from glede.testing.model_log import Call
from glede.testing.model_server import ModelServer

KEY = "sk-test-of-the-faults"
TRIES = 5
DOCUMENTS = 10
SLOW = {"hang": 0.7, "drip": 0.7, "endless": 2.0}
"""Seconds that are waited for what never ends; a busy machine can be later than that with what does."""
FAULTS = [pytest.param(name, marks=pytest.mark.measured if name in SLOW else ()) for name in NAMES]
FAILED: dict[str, tuple[str, bool, int]] = {
    "rate_limit": ("rate_limited", True, TRIES),
    "rate_limit_bare": ("rate_limited", True, TRIES),
    "quota": ("rate_limited", False, 1),
    "hang": ("model_timeout", True, TRIES),
    "drip": ("model_timeout", True, TRIES),
    "garbage": ("model_reply", True, TRIES),
    "html": ("model_reply", True, TRIES),
    "nan": ("model_reply", True, TRIES),
    "short_batch": ("model_reply", True, TRIES),
    "wrong_dimension": ("dimension", False, 1),
    "content_filter": ("content_filter", False, 1),
    "context_length": ("context_length", False, 1),
}
"""Code, whether later may help, and how often a call is tried; the others are `ELSE`."""
ELSE = ("model", True, TRIES)
QUESTION = "What does the red kite eat?"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        running.answer = lambda _: 'Kites eat mice and voles [1 "eats mice and voles"].'
        yield running


def settings_for(server: ModelServer, home: Path, fault: str = "", **more: object) -> Settings:
    values: dict[str, object] = {
        "home": home,
        "embed": "openai:text-embedding-3-small",
        "embed_dimension": 64,
        "openai_url": server.url,
        "openai_key": KEY,
        "model_tries": TRIES,
        "model_seconds": SLOW.get(fault, 10.0),
        "model_wait": 0.002,
    }
    return Settings.model_validate(values | more)


def documents() -> list[Content]:
    """Ten of two chunks each: more texts than one call takes."""
    texts = [
        f"# Kite {number}\n\nKite {number} eats mice.\n\n# Nest {number}\n\nIt has {number} eggs.\n"
        for number in range(DOCUMENTS)
    ]
    return [Content(text.encode(), f"{number}.md") for number, text in enumerate(texts)]


async def add_all(settings: Settings, things: list[Content]) -> Report:
    async with Engine.open(settings) as engine:
        return await engine.add(*things)


def tried(calls: list[Call]) -> Counter[tuple[str, ...]]:
    """How often each batch was asked for."""
    return Counter(tuple(call.body["input"]) for call in calls)


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_document_and_no_vector_is_lost(tmp_path: Path, server: ModelServer, fault: str) -> None:
    code, retryable, tries = FAILED.get(fault, ELSE)
    settings = settings_for(server, tmp_path / "data", fault)
    server.fault(fault, times=None, route="embeddings", after=1)  # the first call succeeds and is paid for
    report = await add_all(settings, documents())

    assert len(report.documents) == DOCUMENTS
    assert all(one.status == "searchable" or one.error is not None for one in report.documents)
    errors = [one.error for one in report.failed if one.error]
    assert {(error.code, error.retryable) for error in errors} == {(code, retryable)}
    assert all(error.hint for error in errors)
    assert max(tried(server.calls).values()) == tries
    paid = set(server.calls[0].body["input"])

    server.clear()
    async with Engine.open(settings_for(server, tmp_path / "data")) as engine:
        again = await engine.add(*documents())
        assert not again.failed
        asked = [text for call in server.calls for text in call.body["input"]]
        assert len(asked) == len(set(asked)) == 2 * DOCUMENTS - len(paid)
        assert not paid & set(asked)
        server.clear()
        assert {one.status for one in (await engine.add(*documents())).documents} == {"unchanged"}
        assert server.count() == 0
        assert len(await engine.search("kite", limit=50)) == 2 * DOCUMENTS


@pytest.mark.parametrize("fault", ["rate_limit", "server_error", "refused", "reset", "nan", "short_batch"])
async def test_what_passes_is_not_even_noticed(tmp_path: Path, server: ModelServer, fault: str) -> None:
    server.fault(fault, times=TRIES - 1, route="embeddings")
    report = await add_all(settings_for(server, tmp_path / "data"), documents())
    assert {one.status for one in report.documents} == {"searchable"}
    assert max(tried(server.calls).values()) <= TRIES


@pytest.mark.measured
async def test_a_limit_for_an_hour_is_told_at_once(tmp_path: Path, server: ModelServer) -> None:
    server.retry_after = 3600.0
    server.fault("rate_limit", times=None)
    report = await add_all(settings_for(server, tmp_path / "data"), documents())
    assert {(one.error.code, one.error.retryable) for one in report.failed if one.error} == {
        ("rate_limited", True)
    }
    assert len(report.failed) == DOCUMENTS
    assert max(tried(server.calls).values()) == 1
    assert report.seconds < 3
    server.clear()
    assert not (await add_all(settings_for(server, tmp_path / "data"), documents())).failed


async def asked(engine: Engine, *, stream: bool) -> Answer | GledeError:
    """The answer, or the error that the caller sees in its place."""
    try:
        if not stream:
            return await engine.ask(QUESTION)
        async with aclosing(engine.stream(QUESTION)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answer):
                    return piece
    except GledeError as error:
        return error
    raise AssertionError("a stream ends in an answer")


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_question_ends_well_or_in_a_named_error(
    tmp_path: Path, server: ModelServer, fault: str
) -> None:
    tries = 2 if fault in SLOW else TRIES
    settings = settings_for(server, tmp_path / "data", fault, chat="openai:gpt-4o", model_tries=tries)
    async with Engine.open(settings) as engine:
        await engine.add(Content(b"The red kite eats mice and voles.", "kites.txt"))
        for stream in (False, True):
            server.clear()
            server.fault(fault, times=None, route="chat")
            found = await asked(engine, stream=stream)
            if isinstance(found, GledeError):
                assert found.code not in ("error", "unavailable")
                assert found.hint
                later = isinstance(found, ModelError) and found.retryable
                assert server.count("chat") == (tries if later else 1)
            else:
                assert not found.complete
                assert found.text
        server.clear()
        for stream in (False, True):
            good = await asked(engine, stream=stream)
            assert isinstance(good, Answer)
            assert (good.complete, good.answered) == (True, True)
        assert server.count("chat") == 1  # the second answer is the first, which was paid for
        assert server.count("embeddings") == 0


def picture(number: int) -> Content:
    """Boxes of many colours, different for each number."""
    chance = random.Random(number)
    drawing = Image.new("RGB", (240, 160), "white")
    pen = ImageDraw.Draw(drawing)
    for _ in range(6):
        left, top = chance.randrange(200), chance.randrange(120)
        fill = (chance.randrange(256), chance.randrange(256), chance.randrange(256))
        pen.rectangle((left, top, left + 60, top + 40), fill=fill)
    data = io.BytesIO()
    drawing.save(data, "PNG")
    return Content(data.getvalue(), f"{number}.png")


def seen(size: int) -> str:
    fields = {"kind": "diagram", "meaning": "", "text": "", "objects": [], "relations": []}
    return json.dumps({**fields, "columns": [], "rows": [], "description": f"Boxes in {size} bytes."})


async def test_what_was_said_of_a_picture_is_not_asked_again(tmp_path: Path, server: ModelServer) -> None:
    server.answer = lambda request: seen(len(request.messages[0].data[0]))
    settings = settings_for(
        server, tmp_path / "data", vision="openai:gpt-4o", model_concurrency=1, model_tries=2
    )
    pictures = [picture(number) for number in range(DOCUMENTS)]
    server.fault("server_error", times=None, route="chat", after=4)
    first = await add_all(settings, pictures)
    assert not first.failed
    marked = [mark for one in first.documents for mark in one.unfinished]
    assert {(mark.code, mark.retryable) for mark in marked} == {("model", True)}
    assert len(marked) == DOCUMENTS - 4
    assert server.count("chat") == 4 + PATIENCE * 2  # and the others were not even asked about
    server.clear()
    async with Engine.open(settings) as engine:
        second = await engine.retry()
        assert not second.failed
        assert len(second.documents) == DOCUMENTS - 4
        assert not any(one.unfinished for one in second.documents)
        assert server.count("chat") == DOCUMENTS - 4
        server.clear()
        assert not (await engine.retry()).documents
        assert {one.status for one in (await engine.add(*pictures)).documents} == {"unchanged"}
        assert server.count() == 0
