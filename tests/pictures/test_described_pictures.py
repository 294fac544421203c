"""What a model says of a picture is found, and never shown as a quote of the document it stands in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from glede import Answer, Engine, Hit, Settings
from glede.answering.citing import cite
from glede.answering.questions import Extras
from glede.shapes.results import answer as shape_of
from glede.stores.schema import chunk_details
from glede.testing.model_server import ModelServer
from glede.testing.model_wire import ChatRequest
from glede.types import Box, Chunk, Span
from tests.pictures.test_pictures import drawn

CAPTION = "Figure 2: The reservoir above Ellmau"
DESCRIPTION = "A concrete dam holds back a turquoise lake while two cranes stand on its crest."
DATA = {"columns": ["Year", "Level"], "rows": [["2021", "1408"], ["2022", "1397"]]}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        yield running


def settings(home: Path, server: ModelServer, **models: str) -> Settings:
    named = {"vision": "openai:gpt-4o", "openai_url": server.url, "openai_key": "sk-test", **models}
    return Settings.model_validate({"home": home, "model_tries": 1, **named})


def scripted(server: ModelServer, said: str, kind: str = "photo", **more: object) -> None:
    """The model describes pictures so, and answers questions with `said`."""
    described = json.dumps({"kind": kind, "description": DESCRIPTION, **more})

    def answer(request: ChatRequest) -> str:
        asked = request.messages[-1].text
        return said if "Question:" in asked else described

    server.answer = answer


def document() -> list[dict[str, object]]:
    return [
        {"type": "text", "text": "Water", "text_level": 1, "page_idx": 0},
        {"type": "text", "text": "The village drinks from it.", "page_idx": 0},
        {
            "type": "image",
            "img_path": "",
            "image_caption": [CAPTION],
            "page_idx": 2,
        },
    ]


async def asked(engine: Engine, folder: Path, question: str) -> Answer:
    picture = folder / "dam.png"
    picture.write_bytes(drawn())
    blocks = document()
    blocks[2]["img_path"] = str(picture)
    report = await engine.add_blocks(blocks, source="water.pdf")
    assert not report.failed
    return await engine.ask(question)


QUESTION = "What stands on the crest of the dam that holds the turquoise lake?"


async def test_without_a_chat_model_the_picture_is_cited_as_itself(
    tmp_path: Path, server: ModelServer
) -> None:
    scripted(server, "")
    async with Engine.open(settings(tmp_path / "home", server)) as engine:
        answer = await asked(engine, tmp_path, QUESTION)
    (citation,) = answer.citations
    assert (citation.quote, citation.verified, citation.described) == ("", False, DESCRIPTION)
    assert (citation.modality, citation.page) == ("image", 3)
    assert citation.asset is not None
    assert answer.answered
    assert answer.text.endswith("[1?]")


async def test_the_caption_is_the_documents_own(tmp_path: Path, server: ModelServer) -> None:
    scripted(server, "")
    async with Engine.open(settings(tmp_path / "home", server)) as engine:
        answer = await asked(engine, tmp_path, "Where is the reservoir of Figure 2?")
        cited = {citation.quote: citation for citation in answer.citations}
        assert cited[CAPTION].verified
        assert cited[CAPTION].described == ""


@pytest.mark.parametrize(
    ("said", "quote", "described", "verified"),
    [
        ('Cranes [1 "two cranes stand on its crest"].', "", "two cranes stand on its crest", False),
        ('Above Ellmau [1 "The reservoir above Ellmau"].', "The reservoir above Ellmau", "", True),
        ('Gulls [1 "three gulls sit on the wall"].', "three gulls sit on the wall", "", False),
        (f'All [1 "Ellmau {DESCRIPTION[:14]}"].', "", f"Ellmau\n{DESCRIPTION[:14]}", False),
    ],
)
async def test_what_a_model_quotes_of_a_description_is_no_quote(
    tmp_path: Path, server: ModelServer, said: str, quote: str, described: str, verified: bool
) -> None:
    scripted(server, said)
    async with Engine.open(settings(tmp_path / "home", server, chat="openai:gpt-4o")) as engine:
        answer = await asked(engine, tmp_path, QUESTION)
    (citation,) = answer.citations
    assert (citation.quote, citation.described, citation.verified) == (quote, described, verified)
    assert answer.answered == (verified or bool(described))
    assert ("[1]" in answer.text) == verified


async def test_a_description_that_does_not_bear_the_claim_out_is_none(
    tmp_path: Path, server: ModelServer
) -> None:
    scripted(server, 'It is 90 metres high [1 "two cranes stand on its crest"].')
    async with Engine.open(settings(tmp_path / "home", server, chat="openai:gpt-4o")) as engine:
        answer = await asked(engine, tmp_path, QUESTION)
    (citation,) = answer.citations
    assert (citation.verified, citation.described) == (False, "")
    assert not answer.answered


async def test_what_is_read_off_a_chart_is_no_quote_either(tmp_path: Path, server: ModelServer) -> None:
    scripted(server, '1,397 metres [1 "| 2022 | 1397 |"].', kind="chart", **DATA)
    async with Engine.open(settings(tmp_path / "home", server, chat="openai:gpt-4o")) as engine:
        await asked(engine, tmp_path, "Which Level was read in 2022?")
        hits = await engine.search("Level by Year", types=["table"])
        answer = await engine.ask("Which Level was read in 2022?", types=["table"])
    assert hits[0].chunk.own_text == ""
    assert not any(citation.verified for citation in answer.citations)
    assert any("1397" in citation.described for citation in answer.citations)


async def test_the_description_is_found_and_told_apart(tmp_path: Path, server: ModelServer) -> None:
    scripted(server, "")
    async with Engine.open(settings(tmp_path / "home", server)) as engine:
        answer = await asked(engine, tmp_path, QUESTION)
        (hit, *_) = await engine.search("turquoise lake cranes")
    assert hit.chunk.own_text == CAPTION
    assert hit.chunk.derived_text == DESCRIPTION
    assert DESCRIPTION in hit.chunk.embedding_text()
    shown = json.loads(json.dumps(shape_of(answer)))
    assert shown["citations"][0]["described"] == DESCRIPTION
    assert shown["citations"][0]["verified"] is False


async def test_what_stands_for_a_picture_without_words_is_no_quote(tmp_path: Path) -> None:
    """It is ours, and no words of the document."""
    picture = tmp_path / "dam.png"
    picture.write_bytes(drawn())
    image = {"type": "image", "img_path": str(picture), "page_idx": 0}
    async with Engine.open(Settings(home=tmp_path / "home")) as engine:
        await engine.add_blocks([*document()[:2], image], source="water.pdf")
        answer = await engine.ask("", extras=Extras(image=drawn()))
    (citation,) = answer.citations
    assert (citation.quote, citation.verified) == ("", False)
    assert citation.described.endswith("Water")
    assert citation.asset is not None


def test_a_citation_of_a_picture_has_its_page_and_box() -> None:
    box = Box(10, 20, 30, 40)
    spans = (Span(0, 3, 0, "image", 4, box), Span(4, 9, 0, "image", 4, box, derived=True))
    chunk = Chunk("c", "d", 0, "Dam\nA dam", "image", spans=spans, asset="a" * 64)
    cited = cite(1, Hit(1, 1.0, chunk, "water.pdf", {}), "A dam")
    assert (cited.page, cited.box, cited.asset) == (4, box, "a" * 64)
    assert (cited.quote, cited.described, cited.verified) == ("", "A dam", False)


def as_json(chunk: Chunk) -> list[object]:
    """The details of a chunk as they are kept, without their checksum."""
    details: list[object] = json.loads(chunk_details(chunk).rpartition(b"\n")[0])
    return details


def test_spans_that_are_derived_are_kept_and_others_as_before() -> None:
    plain = Chunk("c", "d", 0, "a b", "image", spans=(Span(0, 1, 0, "image"),))
    told = Chunk(
        "c", "d", 0, "a b", "image", spans=(Span(0, 1, 0, "image"), Span(2, 3, 0, "image", derived=True))
    )
    assert as_json(plain)[1] == [[0, 1, 0, "image", None, None, None]]
    assert as_json(told)[1] == [
        [0, 1, 0, "image", None, None, None],
        [2, 3, 0, "image", None, None, None, True],
    ]
    assert (told.own_text, told.derived_text) == ("a", "b")
