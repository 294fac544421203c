from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from PIL import Image, ImageDraw
from pydantic import SecretStr

from glede import Content, Engine, Settings
from glede.care.dump import dumped
from glede.pictures.features import pictures_of
from glede.testing.model_server import ChatRequest, ModelServer

SEEN = "A diagram: a proxy sends queries to three query nodes, which read from object storage."


def png(color: int = 90, size: int = 64) -> bytes:
    picture = Image.new("RGB", (size, size), "white")
    ImageDraw.Draw(picture).ellipse((size // 8, size // 4, size // 2, size - 4), fill=(color, 120, 130))
    stream = BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def analysis(description: str = SEEN, **more: object) -> str:
    fields = {"kind": "diagram", "meaning": "", "text": "", "objects": [], "relations": []}
    return orjson.dumps({**fields, "columns": [], "rows": [], "description": description, **more}).decode()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        running.answer = lambda request: analysis() if sees(request) else "ok"
        yield running


def sees(request: ChatRequest) -> bool:
    return any(turn.pictures for turn in request.messages)


def settings(home: Path, server: ModelServer) -> Settings:
    return Settings(
        home=home,
        vision="dashscope:qwen-vl-max",
        vision_url=server.url,
        dashscope_key=SecretStr("sk-test"),
        model_tries=1,
    )


async def test_a_picture_is_found_by_what_a_model_sees_in_it(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        await engine.add(Content(png(), "architecture.png"), Content("Kites eat mice.", "kites.txt"))
        (hit,) = await engine.search("Which part sends queries to the query nodes?", limit=1)
        assert hit.source == "architecture.png"
        assert hit.chunk.modality == "image"
        assert hit.chunk.asset == hashlib.sha256(png()).hexdigest()
        assert await engine.asset(hit.chunk.asset) == png()
        answer = await engine.ask("Where do the query nodes read from?")
        assert answer.citations[0].modality == "image"
        assert answer.citations[0].asset == hit.chunk.asset
        spent = {one.name: one.calls for one in await engine.usage("document")}
        assert spent == {hit.chunk.document_id: 1}


async def test_a_picture_in_a_page_is_described_in_its_context(tmp_path: Path, server: ModelServer) -> None:
    asked: list[str] = []

    def answer(request: ChatRequest) -> str:
        asked.append(request.text)
        return analysis()

    server.answer = answer
    data = base64.b64encode(png()).decode()
    page = f"# Storage\n\nThe next figure shows the parts.\n\n![parts](data:image/png;base64,{data})"
    page += f"\n\n![again](data:image/png;base64,{data})\n"
    async with Engine.open(settings(tmp_path, server)) as engine:
        report = await engine.add(Content(page, "page.md"))
        (document,) = report.documents
        assert document.blocks["image"] == 2
    assert len(asked) == 1
    assert "Storage" in asked[0]
    assert "The next figure shows the parts." in asked[0]


async def test_a_picture_is_asked_for_once(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        await engine.add(Content(png(), "a.png"))
        await engine.add(Content(png(), "a.png"))
        await engine.add(Content(png(), "b.png"))
        assert server.count("chat") == 1


async def test_a_picture_without_a_model_is_found_by_its_name(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path)) as engine:
        await engine.add(Content(png(), "milvus_architecture.png"))
        (hit,) = await engine.search("milvus architecture", limit=1)
        assert hit.chunk.text == "milvus architecture"


async def test_a_model_later_describes_what_is_there(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(Settings(home=tmp_path)) as engine:
        await engine.add(Content(png(), "a.png"))
    async with Engine.open(settings(tmp_path, server)) as engine:
        report = await engine.add(Content(png(), "a.png"))
        assert report.documents[0].status == "searchable"
        assert SEEN in (await engine.search("proxy", limit=1))[0].chunk.text
        assert len(await engine.documents()) == 1


async def test_what_the_model_refuses_to_describe_is_kept_and_marked(
    tmp_path: Path, server: ModelServer
) -> None:
    server.fault("content_filter", times=None, route="chat")
    async with Engine.open(settings(tmp_path, server)) as engine:
        report = await engine.add(Content(png(), "a.png"))
    (added,) = report.documents
    assert added.status == "searchable"
    (mark,) = added.unfinished
    assert (mark.kind, mark.code, mark.retryable, mark.block) == ("image", "content_filter", False, 0)
    assert added.partial == (f"1 picture: {mark.message}",)


async def test_a_picture_that_an_endpoint_failed_is_completed_by_a_retry(
    tmp_path: Path, server: ModelServer
) -> None:
    server.fault("unavailable", times=1, route="chat")
    async with Engine.open(settings(tmp_path, server)) as engine:
        report = await engine.add(Content(png(), "a.png"), Content("Kites eat mice.", "kites.txt"))
        first, second = report.documents
        assert [(mark.code, mark.retryable) for mark in first.unfinished] == [("model", True)]
        assert (first.status, second.status) == ("searchable", "searchable")
        assert not second.unfinished
        again = await engine.add(Content(png(), "a.png"))
        assert (again.documents[0].status, again.documents[0].unfinished) == ("unchanged", first.unfinished)
        (done,) = (await engine.retry()).documents
        assert (done.id, done.status, done.unfinished) == (first.id, "searchable", ())
        assert SEEN in (await engine.search("proxy", limit=1))[0].chunk.text


async def test_icons_cost_nothing(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        await engine.add(Content(png(size=16), "icon.png"))
    assert server.count("chat") == 0


async def test_without_a_model_a_picture_in_a_page_is_found_by_the_text_around_it(tmp_path: Path) -> None:
    data = base64.b64encode(png()).decode()
    text = f"# Storage\n\nThe write path of a segment, see Figure 7.\n\n![](data:image/png;base64,{data})\n"
    async with Engine.open(Settings(home=tmp_path)) as engine:
        await engine.add(Content(text, "page.md"), Content("Kites eat mice.", "kites.txt"))
        (hit,) = await engine.search("write path of a segment", types=["image"])
        assert hit.chunk.asset == hashlib.sha256(png()).hexdigest()
        index = engine.lines.store.index
        pictures = pictures_of("default")
        before = dumped(engine.catalogue, engine.blobs, canonical=True)
        assert index.ids(pictures, [hit.chunk.id]) == {hit.chunk.id}
        await engine.delete("page.md")
        assert index.ids(pictures, [hit.chunk.id]) == set()
        await engine.add(Content(text, "page.md"))
        assert dumped(engine.catalogue, engine.blobs, canonical=True) == before
