"""Tables that compute, equations that meet, pictures that look alike: through the real engine."""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image, ImageDraw

from glede import Content, Engine, Settings
from glede.answering.questions import Extras
from glede.errors import DocumentError, UsageError
from glede.tables.parquet import unpacked
from glede.testing.model_server import ModelServer
from glede.testing.model_wire import ChatRequest

PAIRS = """# Red kites

Breeding pairs by valley and year.

| Valley | 2019 | 2022 | 2025 |
| --- | --- | --- | --- |
| Aller | 7 | 10 | 14 |
| Wern | 12 | 9 | 11 |
| Tauber | 3 | 5 | 8 |
"""
FORMULAS = """# Geometry

In every right triangle the squares of the legs add up to that of the hypotenuse:

$$x^2 + y^2 = z^2$$

# Physics

The energy of a body at rest is

$$E = m c^2$$
"""


def drawn(color: str, width: int = 200, quality: int = 90) -> bytes:
    picture = Image.new("RGB", (width, width * 3 // 4), "white")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, 0), (width, width // 3), (width // 4, width // 2)], fill=color)
    draw.ellipse([width // 2, width // 4, width * 3 // 4, width // 2], fill="navy")
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=quality)
    return made.getvalue()


def striped() -> bytes:
    picture = Image.new("RGB", (200, 150), "white")
    draw = ImageDraw.Draw(picture)
    for place in range(0, 200, 20):
        draw.rectangle([place, 0, place + 9, 150], fill="darkgreen")
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with Engine.open(Settings(home=tmp_path)) as opened:
        await opened.add(
            Content(PAIRS, "pairs.md"),
            Content(FORMULAS, "formulas.md"),
            Content(drawn("firebrick"), "kite in flight.jpg"),
            Content(striped(), "fence.png"),
            Content("Kites soar over the ridge in the evening.", "note.txt"),
        )
        yield opened


async def test_a_table_computes(engine: Engine) -> None:
    answer = await engine.ask("How many pairs were there in Wern in 2022?")
    assert answer.answered
    assert answer.text.startswith("9")
    assert answer.computed is not None
    assert answer.computed.sql.upper().startswith("SELECT")
    assert answer.computed.rows
    (citation,) = answer.citations
    assert citation.verified
    assert citation.modality == "table"
    assert "Wern" in citation.quote


async def test_a_look_up_is_cited_by_its_row(engine: Engine) -> None:
    answer = await engine.ask("How many pairs were there in Wern in 2022?")
    assert answer.computed is not None
    assert answer.text.startswith("9")
    assert answer.citations[0].quote == "| Wern | 12 | 9 | 11 |"


async def test_what_no_table_is_asked_is_quoted(engine: Engine) -> None:
    answer = await engine.ask("Where do kites soar in the evening?")
    assert answer.answered
    assert answer.computed is None


async def test_the_meaning_of_a_term_is_told_in_words_and_by_no_cell(engine: Engine) -> None:
    options = "| Option | Default value |\n| --- | --- |\n| roost.password | Milvine |\n| roost.depth | 3 |\n"
    pages = [
        f"# Part {place}\n\nMilvine keeps its lists in part {place}. Set it up.\n" for place in range(150)
    ]
    await engine.add(
        Content(f"# Options of Milvine\n\n{options}", "options.md"),
        *(Content(page, f"part{place}.md") for place, page in enumerate(pages)),
        Content("# About\n\nOnce there were lists only. Milvine is a register of nests.", "about.md"),
    )
    answer = await engine.ask("What is Milvine?")
    assert answer.computed is None
    assert answer.text == "Milvine is a register of nests. [1]"
    assert answer.citations[0].verified
    found = await engine.search("What is Milvine?", mode="naive")
    assert found[0].source.endswith("about.md")
    assert found[0].ranks["definition"] == 1


async def test_no_single_row_is_quoted_for_a_question_about_all(engine: Engine) -> None:
    """What cannot be computed for sure is refused: the row that is quoted would be any."""
    answer = await engine.ask("Which of the valleys had the second most pairs in 2019?")
    assert answer.computed is None or answer.text.startswith("Aller")
    assert all(citation.modality != "table" for citation in answer.citations) or answer.computed


async def test_the_rows_of_a_table_are_kept(engine: Engine) -> None:
    (hit, *_) = await engine.search("breeding pairs by valley", types=["table"])
    assert hit.chunk.asset is not None
    rows = unpacked(await engine.asset(hit.chunk.asset))
    assert [column.name for column in rows.columns] == ["Valley", "2019", "2022", "2025"]
    assert rows.values[0] == ("Aller", 7.0, 10.0, 14.0)


@pytest.mark.parametrize("question", ["$a^2 + b^2 = c^2$", "Pythagorean theorem"])
async def test_an_equation_is_found_by_its_form_and_name(engine: Engine, question: str) -> None:
    hits = await engine.search(question, types=["equation"])
    assert "z^2" in hits[0].chunk.text


async def test_an_equation_is_part_of_a_question(engine: Engine) -> None:
    hits = await engine.search("", extras=Extras(equation="E = m v^2"))
    assert "m c^2" in hits[0].chunk.text
    assert hits[0].ranks["structure"] == 1


async def test_a_picture_finds_one_that_looks_alike(engine: Engine) -> None:
    """Another size, another quality."""
    hits = await engine.search("", extras=Extras(image=drawn("firebrick", 330, 60)))
    assert hits[0].source == "kite in flight.jpg"
    assert hits[0].ranks["image"] == 1
    answer = await engine.ask("", extras=Extras(image=drawn("firebrick", 330, 60)))
    assert answer.answered
    assert answer.citations[0].asset is not None
    assert answer.citations[0].source == "kite in flight.jpg"


async def test_a_table_is_part_of_a_question(engine: Engine) -> None:
    table = b"Valley,2019,2022\nAller,7,10\nWern,12,9\n"
    hits = await engine.search("", extras=Extras(table=table, table_name="given.csv"))
    assert hits[0].source == "pairs.md"


async def test_what_cannot_be_read_is_told(engine: Engine) -> None:
    with pytest.raises(DocumentError, match="no picture that can be read") as picture:
        await engine.search("kite", extras=Extras(image=b"no picture"))
    assert "--table" in picture.value.hint
    with pytest.raises(UsageError, match="no table") as table:
        await engine.search("kite", extras=Extras(table=b"Just words.", table_name="x.txt"))
    assert "--image" in table.value.hint
    with pytest.raises(UsageError, match="4,000"):
        await engine.search("kite", extras=Extras(equation="x" * 5000))


# With models


def asks_for_sql(request: ChatRequest) -> bool:
    return "SELECT statement for DuckDB" in request.messages[0].text


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        yield running


def with_models(home: Path, server: ModelServer, **more: str) -> Settings:
    models = {"chat": "openai:gpt-4o", "openai_url": server.url, "openai_key": "sk-test", **more}
    return Settings.model_validate({"home": home, "model_tries": 1, **models})


async def test_what_was_computed_is_told_beside_the_sources(tmp_path: Path, server: ModelServer) -> None:
    """A model that quotes the result itself has quoted no source."""
    seen: list[str] = []

    def answer(request: ChatRequest) -> str:
        seen.append(request.messages[-1].text)
        return 'Seven more [1 "| Aller | 7 | 10 | 14 |"], as computed [1 "A program has computed"].'

    server.answer = answer
    async with Engine.open(with_models(tmp_path, server)) as engine:
        await engine.add(Content(PAIRS, "pairs.md"))
        done = await engine.ask("What was the change in pairs in Aller between 2019 and 2025?")
    (prompt,) = seen
    sources, _, told = prompt.partition("Question: ")
    assert "A program has computed" not in sources
    assert re.search(r"source 1\..*\n==\w+==\n7\n==", told, re.DOTALL)
    assert [citation.verified for citation in done.citations] == [True, False]
    assert done.computed is not None
    assert done.computed.said == "7"


async def test_a_model_writes_the_statement_that_no_sure_form_fits(
    tmp_path: Path, server: ModelServer
) -> None:
    sql = """SELECT "valley" FROM rows ORDER BY "c_2019" DESC LIMIT 1 OFFSET 1"""
    server.answer = lambda request: (
        json.dumps({"sql": sql, "columns": ["valley", "c_2019"]})
        if asks_for_sql(request)
        else 'Aller [1 "| Aller | 7 | 10 | 14 |"].'
    )
    async with Engine.open(with_models(tmp_path, server)) as engine:
        await engine.add(Content(PAIRS, "pairs.md"))
        done = await engine.ask("Which valley had the second most pairs in 2019?")
    assert done.computed is not None
    assert (done.computed.sql, done.computed.rows) == (sql, (("Aller",),))
    assert done.citations[0].verified


SETTINGS = """# Settings

| Configuration item | Description | Default value |
| --- | --- | --- |
| proxy.pairs | Maximum number of breeding pairs that are counted in a visit | 512 |
| proxy.rings | Switch value to control whether rings are kept | false |
| proxy.visits | Maximum number of visits in a season | 8 |
"""


@pytest.mark.parametrize(
    "question", ["How do I set the breeding pairs of a visit?", "Which settings matter for visits?"]
)
async def test_a_table_that_hardly_answers_costs_no_call(
    tmp_path: Path, server: ModelServer, question: str
) -> None:
    asked: list[ChatRequest] = []

    def answer(request: ChatRequest) -> str:
        asked.append(request)
        return 'As listed [1 "proxy.visits"].'

    server.answer = answer
    async with Engine.open(with_models(tmp_path, server)) as engine:
        await engine.add(Content(SETTINGS, "settings.md"))
        await engine.ask(question)
    assert [asks_for_sql(request) for request in asked] == [False]


async def test_a_picture_of_the_question_is_shown_to_the_model(tmp_path: Path, server: ModelServer) -> None:
    asked: list[ChatRequest] = []

    def answer(request: ChatRequest) -> str:
        asked.append(request)
        return 'A kite [1 "Kites soar over the ridge in the evening."].'

    server.answer = answer
    async with Engine.open(with_models(tmp_path, server, vision="openai:gpt-4o")) as engine:
        await engine.add(Content("Kites soar over the ridge in the evening.", "note.txt"))
        done = await engine.ask("Where do such birds soar?", extras=Extras(image=drawn("firebrick")))
    assert done.citations[0].verified
    (turn,) = [turn for turn in asked[-1].messages if turn.pictures]
    assert turn.pictures == 1
    assert "picture 1 is of the question itself" in turn.text
