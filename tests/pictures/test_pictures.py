"""Pictures through the processor: real looks in the parser process, a scripted vision model."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Iterator
from io import BytesIO

import orjson
import pytest
from PIL import Image, ImageDraw

from glede.adding.chunking import Chunking, cut
from glede.errors import LimitError
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions
from glede.pictures.features import vector_of
from glede.processors.image import GLANCE, LOOK, ImageProcessor
from glede.testing.fake_models import FakeChatModel, MemoryResponses, Script
from glede.types import Block, Box, Parsed, Picture

SEEN = "A diagram in which a proxy sends queries to three query nodes."


def drawn(seed: int = 1, size: tuple[int, int] = (240, 160)) -> bytes:
    """Boxes of many colours at places that follow from the seed."""
    chance = random.Random(seed)
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(6):
        left, top = chance.randrange(size[0]), chance.randrange(size[1])
        fill = (chance.randrange(256), chance.randrange(256), chance.randrange(256))
        pen.rectangle((left, top, left + size[0] // 4, top + size[1] // 4), fill=fill)
    stream = BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def flat(size: tuple[int, int] = (200, 100)) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, "white").save(stream, "PNG")
    return stream.getvalue()


def image(data: bytes, caption: str = "", page: int | None = None, box: Box | None = None) -> Block:
    width, height = Image.open(BytesIO(data)).size
    picture = Picture(hashlib.sha256(data).hexdigest(), "image/png", width, height)
    return Block("image", caption, ("Storage",), page=page, box=box, picture=picture, caption=caption or None)


def page_of(*blocks: Block | str, data: tuple[bytes, ...] = ()) -> Parsed:
    made = tuple(Block("text", one, ("Storage",)) if isinstance(one, str) else one for one in blocks)
    return Parsed("text/html", "fake", made, assets={hashlib.sha256(one).hexdigest(): one for one in data})


def said(description: str = SEEN, **more: object) -> str:
    fields = {"kind": "diagram", "meaning": "", "text": "", "objects": [], "relations": []}
    return orjson.dumps({**fields, "columns": [], "rows": [], "description": description, **more}).decode()


class CountedLook:
    """The parser pool, counting its jobs."""

    def __init__(self, pool: ParserPool) -> None:
        self.pool = pool
        self.jobs: list[str] = []

    async def parse(self, data: bytes, media_type: str, parser: str, options: ParseOptions) -> Parsed:
        self.jobs.append(parser)
        # OCR, where it is installed, would make these tests slow: it has tests of its own.
        return await self.pool.parse(data, media_type, GLANCE if parser == LOOK else parser, options)


class ReadingLook:
    """Sees in every picture the same words."""

    async def parse(self, data: bytes, media_type: str, parser: str, options: ParseOptions) -> Parsed:
        picture = Picture(hashlib.sha256(data).hexdigest(), media_type, 9, 9, kind="drawing")
        block = Block("image", "Query  Node 7", picture=picture, confidence=0.8)
        return Parsed(media_type, "look", (block,))


@pytest.fixture(scope="module")
def limits() -> Iterator[ParseLimits]:
    yield ParseLimits()


@pytest.fixture
async def look(limits: ParseLimits) -> AsyncIterator[CountedLook]:
    pool = ParserPool(limits, 1, modules=["glede.parsers.look"])
    yield CountedLook(pool)
    await pool.close()


async def test_without_a_model_a_picture_is_found_by_what_is_said_of_it(look: CountedLook) -> None:
    data = drawn()
    parsed = page_of(
        "The parts talk as Figure 2 shows.",
        "Then.",
        image(data, "Figure 2: The parts"),
        "After it.",
        data=(data,),
    )
    done = await ImageProcessor(look=look).process(parsed)
    block = done.blocks[2]
    assert block.text == "Figure 2: The parts"
    assert "The parts talk as Figure 2 shows." in block.aid
    assert "After it." in block.aid
    assert block.picture is not None
    assert vector_of(block.picture.feature) is not None
    (chunk,) = (chunk for chunk in cut(done.blocks, "d", "v", Chunking()) if chunk.modality == "image")
    assert "After it." in chunk.embedding_text()


async def test_words_read_in_it_stand_for_a_picture_that_has_none() -> None:
    data = drawn()
    done = await ImageProcessor(look=ReadingLook()).process(page_of(image(data), data=(data,)))
    assert (done.blocks[0].text, done.blocks[0].aid) == ("Query Node 7", "")
    assert done.blocks[0].confidence == 0.8
    named = await ImageProcessor(look=ReadingLook()).process(page_of(image(data, "The parts"), data=(data,)))
    assert (named.blocks[0].text, named.blocks[0].aid) == ("The parts", "Query Node 7")


async def test_a_picture_of_which_nothing_is_known_is_found_by_the_text_around(look: CountedLook) -> None:
    data = drawn()
    done = await ImageProcessor(look=look).process(
        page_of("The parts of a proxy:", image(data), data=(data,))
    )
    assert done.blocks[1].text == "Drawing: Storage"
    assert done.blocks[1].aid == "The parts of a proxy:"
    alone = Parsed("text/html", "fake", (done.blocks[1],), assets={})
    assert await ImageProcessor(look=look).process(alone) == alone


async def test_equal_pictures_are_looked_at_once_and_ornaments_cost_nothing(look: CountedLook) -> None:
    kite, icon, blank = drawn(), drawn(3, (24, 24)), flat()
    model = FakeChatModel(Script([said()]))
    parsed = page_of(image(kite), image(icon), image(blank), image(kite), data=(kite, icon, blank))
    done = await ImageProcessor(model, look).process(parsed)
    assert look.jobs == [LOOK] * 3
    assert model.script.calls == 1
    assert [block.picture.kind for block in done.blocks if block.picture] == [
        "diagram",
        "icon",
        "blank",
        "diagram",
    ]
    assert [block.text for block in done.blocks] == [SEEN, "", "", SEEN]


async def test_a_logo_that_comes_back_costs_nothing(look: CountedLook) -> None:
    logo = drawn(5)
    parsed = page_of(*(image(logo, page=number) for number in (1, 2, 3)), data=(logo,))
    model = FakeChatModel()
    done = await ImageProcessor(model, look).process(parsed)
    assert model.script.calls == 0
    assert {block.picture.kind for block in done.blocks if block.picture} == {"logo"}
    assert cut(done.blocks, "d", "v", Chunking()) == []


async def test_the_data_of_a_chart_are_a_table_after_it(look: CountedLook) -> None:
    data = drawn()
    answer = said(
        "A bar chart of pairs of kites.", kind="chart", text="Pairs 412", columns=["Year", "Pairs"],
        rows=[["2023", "398"], ["2024", "412"], ["2025"]], objects=["kite"],
        relations=[{"source": "kite", "relation": "counted in", "target": "2024"}],
    )  # fmt: skip
    parsed = page_of(image(data, "Figure 3: Kites", page=4), "After.", data=(data,))
    done = await ImageProcessor(FakeChatModel(Script([answer])), look).process(parsed)
    chart, table, after = done.blocks
    assert chart.text == "Figure 3: Kites\nA bar chart of pairs of kites.\nPairs 412"
    assert "kite counted in 2024" in chart.aid
    assert table.type == "table"
    assert table.caption == "Data of Figure 3, read by a model"
    assert table.table is not None
    assert table.table.grid() == [["Year", "Pairs"], ["2023", "398"], ["2024", "412"], ["2025", ""]]
    assert table.page == 4
    assert table.confidence < 1
    assert after.text == "After."


async def test_the_pieces_of_a_parser_keep_their_blocks(look: CountedLook) -> None:
    data = drawn()
    answer = said(kind="chart", columns=["a", "b"], rows=[["1", "2"]])
    parsed = page_of("One.", image(data, "Figure 1: x"), "Two.", data=(data,))
    parsed = Parsed("text/html", "fake", parsed.blocks, assets=parsed.assets, pieces=((0, 1), (2,)))
    done = await ImageProcessor(FakeChatModel(Script([answer])), look).process(parsed)
    assert done.pieces == ((0, 1), (2,), (3,))
    assert done.blocks[3].text == "Two."


@pytest.mark.parametrize(
    "answer", ["I'm sorry, I can't help with that.", "{}", said(""), said("I'm sorry, I cannot say.")]
)
async def test_what_no_model_says_is_kept_without_it(look: CountedLook, answer: str) -> None:
    data = drawn()
    parsed = page_of("See Figure 1.", image(data, "Figure 1: Parts", page=2), data=(data,))
    done = await ImageProcessor(FakeChatModel(Script([answer, answer])), look).process(parsed)
    assert done.blocks[1].text == "Figure 1: Parts"
    assert "See Figure 1." in done.blocks[1].aid
    (mark,) = done.unfinished
    assert (mark.kind, mark.block, mark.page, mark.code) == ("image", 1, 2, "model_reply")


async def test_another_language_is_searched_and_not_shown(look: CountedLook) -> None:
    data = drawn()
    foreign = (
        "Das Bild zeigt einen Proxy, der die Anfragen an drei Knoten weiterleitet und auf Antwort wartet."
    )
    around = "The proxy is the part that takes the queries of the users and sends them to the nodes."
    parsed = page_of(around, image(data, "Figure 1: The parts of it"), data=(data,))
    done = await ImageProcessor(FakeChatModel(Script([said(foreign)])), look).process(parsed)
    assert done.blocks[1].text == "Figure 1: The parts of it"
    assert foreign in done.blocks[1].aid
    assert "another language" in done.unfinished[0].message


async def test_the_same_picture_elsewhere_is_not_asked_for_again(look: CountedLook) -> None:
    data = drawn()
    model = FakeChatModel(Script([said(meaning="It is the heart of Alpha.")]))
    processor = ImageProcessor(model, look, MemoryResponses())
    first = page_of("About Alpha.", image(data), data=(data,))
    one = await processor.process(first)
    other = await processor.process(page_of(image(data), data=(data,)))
    again = await processor.process(first)
    assert model.script.calls == 1
    assert one.blocks[1].text == f"{SEEN} It is the heart of Alpha."
    assert other.blocks[0].text == SEEN  # nothing of what another document says
    assert again == one


async def test_documents_side_by_side_ask_once_about_the_same_picture(look: CountedLook) -> None:
    data = drawn()
    model = FakeChatModel(Script([said()], seconds=0.05))
    processor = ImageProcessor(model, look, MemoryResponses())
    pages = [page_of(f"About {name}.", image(data), data=(data,)) for name in ("Alpha", "Beta", "Gamma")]
    done = await asyncio.gather(*map(processor.process, pages))
    assert model.script.calls == 1
    assert {page.blocks[1].text for page in done} == {SEEN}


async def test_a_picture_that_cannot_be_decoded_is_kept_with_a_warning(look: CountedLook) -> None:
    data = drawn()
    broken = data[:60] + bytes(200)
    block = Block(
        "image", "A kite", picture=Picture(hashlib.sha256(broken).hexdigest(), "image/png", 240, 160)
    )
    model = FakeChatModel()
    done = await ImageProcessor(model, look).process(page_of(block, data=(broken,)))
    assert done.blocks[0].text == "A kite"
    (mark,) = done.unfinished
    assert (mark.code, mark.retryable) == ("malformed", False)
    assert model.script.calls == 0


async def test_a_large_picture_is_sent_small(look: CountedLook) -> None:
    data = drawn(size=(3000, 1500))
    model = FakeChatModel(Script([said()]))
    await ImageProcessor(model, look).process(page_of(image(data), data=(data,)))
    (picture,) = model.prompts[0].messages[0].pictures
    assert Image.open(BytesIO(picture.data)).size == (1024, 512)


async def test_too_many_pixels_are_refused(look: CountedLook) -> None:
    data = drawn()
    with pytest.raises(LimitError):
        await look.pool.parse(data, "image/png", GLANCE, ParseOptions(max_pixels=100))
    done = await ImageProcessor(look=look, max_pixels=100).process(
        page_of(image(data, "A kite"), data=(data,))
    )
    assert done.blocks[0].text == "A kite"
    assert "the limit is 100" in done.unfinished[0].message
