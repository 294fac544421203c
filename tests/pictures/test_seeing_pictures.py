"""A model that places texts and pictures in one space: words find pictures, and a picture finds texts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from glede import Content, Engine, Settings
from glede.answering.questions import Extras
from glede.care.trials import asked_models
from glede.errors import ModelMismatchError
from glede.testing.model_server import ModelServer
from glede.types import sha256_of

KEY = "sk-test"
MODEL = "tongyi-embedding-vision-plus"
TEXTS = {
    "kites.txt": "The red kite soars over the ridge in the evening.",
    "pasta.txt": "Boil the water with salt before the pasta goes in.",
}


def drawn(color: str, size: int = 120, kind: str = "PNG") -> bytes:
    picture = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((10, 10, size // 2, size // 2), fill=color)
    draw.rectangle((size // 3, size // 2, size - 9, size - 20), fill="navy")
    made = io.BytesIO()
    picture.save(made, kind)
    return made.getvalue()


KITE, PASTA, ASKED = drawn("red"), drawn("gold"), drawn("maroon")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    told = {KITE: "a red kite soars over a ridge", PASTA: "a pot of water and pasta"}
    told |= {ASKED: "a red kite soars in the evening"}
    with ModelServer(key=KEY) as running:
        running.describe = {sha256_of(data): words for data, words in told.items()}
        yield running


def settings(home: Path, server: ModelServer, **more: object) -> Settings:
    values = {
        "home": home,
        "embed": f"dashscope:{MODEL}",
        "dashscope_url": server.dashscope_url,
        "model_tries": 1,
    }
    return Settings.model_validate({**values, "dashscope_key": KEY, **more})


def contents() -> list[Content]:
    """Two texts, and two pictures whose names tell nothing."""
    texts = [Content(text, name) for name, text in TEXTS.items()]
    return [*texts, Content(KITE, "0001.png"), Content(PASTA, "0002.png")]


async def test_words_find_pictures_and_a_picture_finds_texts(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        report = await engine.add(*contents())
        assert {one.status for one in report.documents} == {"searchable"}
        hits = await engine.search("a kite over the ridge", types=["image"])
        assert hits[0].source == "0001.png"
        assert hits[0].ranks["image"] == 1
        hits = await engine.search("", extras=Extras(image=ASKED))
        assert {hit.source for hit in hits[:2]} == {"0001.png", "kites.txt"}
        both = await engine.search("pot of water", extras=Extras(image=ASKED), types=["image"])
        assert both[0].source in ("0001.png", "0002.png")


async def test_a_picture_is_embedded_once(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        await engine.add(*contents())
        pictures = [call for call in server.calls if "data:image" in str(call.body)]
        assert len(pictures) == 1  # both in one call
        server.clear()
        await engine.add(Content(KITE, "again.png"), Content(PASTA, "0002.png"))
        assert not [call for call in server.calls if "data:image" in str(call.body)]
        spent = await engine.usage("role")
        assert {one.name for one in spent} == {"embed"}


async def test_many_pictures_go_in_calls_of_eight(tmp_path: Path, server: ModelServer) -> None:
    many = [Content(drawn(f"#{number:02x}80a0"), f"{number}.png") for number in range(0, 200, 10)]
    async with Engine.open(settings(tmp_path, server)) as engine:
        report = await engine.add(*many)
        assert not report.failed
    sizes = [str(call.body).count("data:image") for call in server.calls]
    assert sum(sizes) == 20
    assert max(sizes) <= 8


async def test_what_the_model_does_not_take_is_scaled(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        (one,) = (await engine.add(Content(drawn("red", 1500, "BMP"), "large.bmp"))).documents
        assert one.status == "searchable"
        (hit,) = await engine.search("anything", types=["image"])
        assert hit.ranks["image"] == 1


async def test_a_picture_that_is_refused_is_found_by_its_words(tmp_path: Path, server: ModelServer) -> None:
    page = Content(drawn("red")[:300], "red kite.png")  # does not decode
    async with Engine.open(settings(tmp_path, server)) as engine:
        (one,) = (await engine.add(page)).documents
        assert one.status == "searchable"
        assert (await engine.search("red kite", types=["image"]))[0].source == "red kite.png"


async def test_an_endpoint_that_fails_pictures_fails_the_document_for_now(
    tmp_path: Path, server: ModelServer
) -> None:
    server.fault("server_error", times=None, route="multimodal")
    async with Engine.open(settings(tmp_path, server, embed_dimension=1152)) as engine:
        (one,) = (await engine.add(Content(KITE, "kite.png"))).documents
        assert one.error is not None
        assert one.error.retryable
        server.clear()
        (again,) = (await engine.add(Content(KITE, "kite.png"))).documents
        assert again.status == "searchable"


async def test_another_model_is_a_mismatch(tmp_path: Path, server: ModelServer) -> None:
    async with Engine.open(settings(tmp_path, server)) as engine:
        await engine.add(Content(KITE, "kite.png"))
    async with Engine.open(Settings(home=tmp_path)) as engine:
        with pytest.raises(ModelMismatchError):
            await engine.add(Content(PASTA, "pasta.png"))


async def test_the_doctor_says_what_pictures_are_found_by(tmp_path: Path, server: ModelServer) -> None:
    (seeing,) = [one async for one in asked_models(settings(tmp_path, server))]
    assert seeing.ok
    assert "sees pictures" in seeing.detail
    (blind,) = [one async for one in asked_models(Settings(home=tmp_path))]
    assert "sees no pictures" in blind.detail
