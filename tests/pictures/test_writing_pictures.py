"""Pictures go to a model that sees as pixels, with the numbers of their sources, under a budget."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from io import BytesIO

import pytest
from PIL import Image

from glede.adding.blob_keys import asset_key
from glede.answering.writing import Draft, Writing
from glede.endpoints import ChatModel
from glede.models.http import open_client
from glede.models.openai_chat import open_openai_chat
from glede.parsers.worker import ParseLimits, ParserPool
from glede.pictures.shown import KeptPictures, Showing, Shown
from glede.results import Hit
from glede.roles import ModelChoice
from glede.testing import MemoryBlobs, MemoryCatalogue
from glede.testing.model_server import ChatRequest, ModelServer
from glede.text.tokens import TokenCounter
from glede.types import Chunk, Modality, Span

KEY = "sk-test"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        yield running


@pytest.fixture
async def models(server: ModelServer) -> AsyncIterator[dict[str, ChatModel]]:
    async with open_client() as http:
        yield {
            name: open_openai_chat(ModelChoice("chat", "openai", name, server.url, KEY, seconds=5.0), http)
            for name in ("gpt-4o", "mistral-7b")
        }


@pytest.fixture
async def pool() -> AsyncIterator[ParserPool]:
    opened = ParserPool(ParseLimits(), 1, modules=["glede.parsers.look"])
    yield opened
    await opened.close()


def drawn(shade: int, size: tuple[int, int] = (300, 200)) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, (shade, 90, 120)).save(stream, "PNG")
    return stream.getvalue()


def hit(rank: int, text: str, asset: str | None = None, modality: Modality = "text") -> Hit:
    chunk = Chunk(f"c{rank}", f"d{rank}", 0, text, modality, spans=(Span(0, len(text), 0),), asset=asset)
    return Hit(rank, 1 / rank, chunk, f"{rank}.pdf", {})


def pictured(rank: int, text: str, blobs: MemoryBlobs, size: tuple[int, int] = (300, 200)) -> Hit:
    data = drawn(rank, size)
    asset = hashlib.sha256(data).hexdigest()
    blobs.put(asset_key(asset), data)
    return hit(rank, text, asset, "image")


def writing(chat: ChatModel, seeing: ChatModel | None, show: Showing | None, tokens: int = 3200) -> Writing:
    counter = TokenCounter()
    return Writing(chat, MemoryCatalogue(), counter, seeing=seeing, show=show, picture_tokens=tokens)


def pictures_in(request: ChatRequest) -> int:
    return sum(turn.pictures for turn in request.messages)


async def ask(about: Writing, *hits: Hit, stream: bool = False) -> Draft:
    return await about.write("What does the figure show?", "default", hits, stream)


@pytest.mark.parametrize("stream", [False, True])
async def test_pictures_are_shown_with_the_numbers_of_their_sources(
    server: ModelServer, models: dict[str, ChatModel], pool: ParserPool, stream: bool
) -> None:
    seen: list[ChatRequest] = []

    def answer(request: ChatRequest) -> str:
        seen.append(request)
        return 'Three nodes [2 "three query nodes"].'

    server.answer = answer
    blobs = MemoryBlobs()
    show = KeptPictures(blobs, pool, asset_key).show
    hits = [
        hit(1, "Kites eat mice."),
        pictured(2, "A diagram of three query nodes", blobs),
        hit(3, "| a | b |", "f" * 64, "table"),
        pictured(4, "A photo of a barn owl at night", blobs),
    ]
    draft = await ask(writing(models["gpt-4o"], models["gpt-4o"], show), *hits, stream=stream)
    assert [pictures_in(request) for request in seen] == [2]
    assert "picture 1 is of source 2, picture 2 is of source 4" in seen[0].text
    (citation,) = draft.checked.citations
    assert citation.verified
    assert citation.modality == "image"
    assert citation.asset == hits[1].chunk.asset


async def test_no_more_than_four_and_none_beyond_the_budget(
    server: ModelServer, models: dict[str, ChatModel], pool: ParserPool
) -> None:
    seen: list[int] = []

    def answer(request: ChatRequest) -> str:
        seen.append(pictures_in(request))
        return "NO ANSWER"

    server.answer = answer
    blobs = MemoryBlobs()
    names = ["kite", "owl", "heron", "swift", "stork", "falcon"]
    hits = [pictured(rank, name, blobs) for rank, name in enumerate(names, start=1)]
    show = KeptPictures(blobs, pool, asset_key).show
    sees = models["gpt-4o"]
    await ask(writing(sees, sees, show), *hits)
    await ask(writing(sees, sees, show, tokens=600), *hits)  # 255 each
    await ask(writing(sees, sees, show, tokens=100), *hits)
    await ask(writing(sees, None, show), *hits)
    assert seen == [4, 2, 0, 0]


async def test_the_vision_model_answers_where_the_chat_model_does_not_see(
    server: ModelServer, models: dict[str, ChatModel], pool: ParserPool
) -> None:
    server.answer = lambda _: "NO ANSWER"
    blobs = MemoryBlobs()
    about = writing(models["mistral-7b"], models["gpt-4o"], KeptPictures(blobs, pool, asset_key).show)
    await ask(about, pictured(1, "kite", blobs))
    await ask(about, hit(2, "owl"))
    assert [call.model for call in server.calls] == ["gpt-4o", "mistral-7b"]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_that_takes_no_pictures_is_asked_without(
    server: ModelServer, models: dict[str, ChatModel], pool: ParserPool, stream: bool
) -> None:
    server.answer = lambda _: 'Kites [1 "a red kite"].'
    blobs = MemoryBlobs()
    blind = models["mistral-7b"]
    about = writing(blind, blind, KeptPictures(blobs, pool, asset_key).show)
    draft = await ask(about, pictured(1, "Shows a red kite", blobs), stream=stream)
    assert draft.supported
    assert server.count("chat") == 2


async def test_what_cannot_be_shown_is_left_out(
    server: ModelServer, models: dict[str, ChatModel], pool: ParserPool
) -> None:
    blobs = MemoryBlobs()
    blobs.put(asset_key("a" * 64), b"\x89PNG\r\n\x1a\nbroken")
    show = KeptPictures(blobs, pool, asset_key).show
    assert await show("a" * 64) is None
    assert await show("b" * 64) is None
    large = pictured(1, "large", blobs, (3000, 1500))
    shown = await show(large.chunk.asset or "")
    assert shown is not None
    assert shown.tokens == 85 + 2 * 170
    assert Image.open(BytesIO(shown.picture.data)).size == (1024, 512)


async def test_questions_side_by_side_share_no_picture(
    server: ModelServer, models: dict[str, ChatModel], pool: ParserPool
) -> None:
    blobs = MemoryBlobs()
    keep = KeptPictures(blobs, pool, asset_key)
    assets: list[list[str]] = [[], []]

    def showing(number: int) -> Showing:
        async def show(asset: str) -> Shown | None:
            assets[number].append(asset)
            await asyncio.sleep(0.01)
            return await keep.show(asset)

        return show

    server.answer = lambda _: "NO ANSWER"
    sees = models["gpt-4o"]
    pairs = [
        [pictured(rank + 2 * number, f"bird {rank} {number}", blobs) for rank in (1, 2)] for number in (0, 1)
    ]
    await asyncio.gather(
        *(ask(writing(sees, sees, showing(number)), *pair) for number, pair in enumerate(pairs))
    )
    sent = [str(call.body["messages"][-1]["content"]).count("data:image/png") for call in server.calls]
    assert sent == [2, 2]
    assert [set(found) for found in assets] == [{one.chunk.asset for one in pair} for pair in pairs]
